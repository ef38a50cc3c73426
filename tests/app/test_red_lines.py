"""The register of red lines: what binds, who stands for it and who does not; the base is nobody's to weaken."""

import json
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation_plans import PLAN
from tests.fixtures import Made
from tests.share.agreed import a_line
from tocsin.app.lines_in_force import in_force, not_tighter
from tocsin.app.red_line_views import red_line_view
from tocsin.app.red_lines import MAX_OF_AUTHOR
from tocsin.app.signing import signed
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    Conflict,
    NotAllowed,
    NotFound,
    Origin,
    Peer,
    PeerStatus,
    Record,
    Role,
    micros,
)
from tocsin.kernel.red_lines import Endorsement, RedLine, Stance
from tocsin.share import introduction
from tocsin.share.describe_agreed import Speaker, describe_red_line, describe_stance
from tocsin.taxonomy.red_lines import base_lines
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.key_history import party_of
from tocsin.trust.signed_fields import Verified, sign, verify
from tocsin.wire.stix import canonical
from tocsin.wire.stix.kinds_model import CONDITIONS_MEASURED, DOMAINS, MEASURES, METHODS, SUBJECTS

LAB, SHOP = NodeIdentity(b"\x02" * 32), NodeIdentity(b"\x03" * 32)
OWN = "identity--own"
DAY = 86_400_000_000
BASE = frozenset(base_lines())


def operator(made: Made) -> Caller:
    return made.node.access.operator()


def trust(made: Made, who: NodeIdentity = LAB, name: str = "lab", **changes: object) -> None:
    peer = Peer(
        name=name,
        url=f"https://{name}.example",
        status=PeerStatus.TRUSTED,
        identity=who.stix_identity,
        node_key=who.public,
    )
    made.node.store.peers.add(msgspec.structs.replace(peer, **changes))


def voice(made: Made, who: NodeIdentity = LAB, later: int = 0) -> Speaker:
    return Speaker(
        author=who.stix_identity,
        tlp=TLP.GREEN,
        now=made.now + timedelta(seconds=later),
        before=made.node.store.records.get,
    )


def received(made: Made, record: Record, who: NodeIdentity = LAB, peer: str = "lab") -> Record:
    """The record as its author signed it, kept as pulled from a peer."""
    value = sign(msgspec.json.decode(record.stix), who, b"\x05" * 32)
    found = verify(value)
    assert isinstance(found, Verified)
    kept = msgspec.structs.replace(
        record, stix=canonical(value), root=found.root, origin=Origin.PEER, peer=peer
    )
    made.node.store.records.put([kept])
    return kept


def their_line(made: Made, **changes: object) -> Record:
    return received(made, describe_red_line(a_line(**changes), voice(made))[-1])


def test_a_proposed_line_binds_its_author_who_may_take_it_back(copied: Made) -> None:
    lines = copied.node.red_lines
    assert {one.line.id for one in lines.listed(operator(copied))} == BASE
    record = lines.propose(operator(copied), a_line())
    assert record.root is not None, "signed by its author"
    now = micros(copied.now)
    assert record.id in {one.id for one in lines.in_force("domain.cyber", "as-shipped", now)}
    assert record.id not in {one.id for one in lines.in_force("domain.cbrn", "as-shipped", now)}
    shown = lines.show(operator(copied), record.id)
    assert [(word.ours, word.counts) for word in shown.of(Stance.ENDORSE)] == [(True, True)]
    with pytest.raises(Conflict, match="proposed already"):
        lines.propose(operator(copied), a_line())
    copied.now += timedelta(minutes=1)
    lines.say(operator(copied), record.id, Stance.WITHDRAW, "measured with too few languages")
    assert {one.id for one in lines.in_force("", "", now)} == BASE
    shown = lines.show(operator(copied), record.id)
    assert (shown.binds, len(shown.of(Stance.ENDORSE)), len(shown.of(Stance.WITHDRAW))) == (False, 0, 1)
    audit = copied.node.store.audit.read(act="redline.say")
    assert [row.subject for row in audit] == [record.id]


def test_who_signs_and_who_objects_and_why_stand_beside_each_other(copied: Made) -> None:
    trust(copied)
    trust(copied, SHOP, "shop")
    stranger = NodeIdentity(b"\x04" * 32)
    line = their_line(copied)
    lines = copied.node.red_lines
    assert not lines.show(operator(copied), line.id).binds, "another's line binds nobody who did not sign it"
    for who, peer, stance, reason in (
        (LAB, "lab", Stance.ENDORSE, "We hold ourselves to it."),
        (SHOP, "shop", Stance.OBJECT, "A twentieth would be signed."),
        (stranger, "lab", Stance.OBJECT, "Nobody knows me here."),
    ):
        received(copied, describe_stance(line, stance, reason, voice(copied, who))[-1], who, peer)
    lines.say(operator(copied), line.id, Stance.ENDORSE, "it fits what we do already")
    one = lines.show(operator(copied), line.id)
    assert one.binds
    assert [(word.party, word.counts) for word in one.of(Stance.OBJECT)] == [
        (SHOP.stix_identity, True),
        (stranger.stix_identity, False),
    ]
    view = red_line_view(one)
    assert [word["reason"] for word in view["against"]] == [
        "A twentieth would be signed.",
        "Nobody knows me here.",
    ]
    assert len(view["for"]) == 2
    assert (view["given_by"], view["signed"]) == ("lab", True)


def test_the_last_word_of_a_party_counts(copied: Made) -> None:
    trust(copied)
    line = their_line(copied)
    received(copied, describe_stance(line, Stance.ENDORSE, "We agree with it.", voice(copied))[-1])
    received(copied, describe_stance(line, Stance.OBJECT, "We looked again.", voice(copied, later=60))[-1])
    one = copied.node.red_lines.show(operator(copied), line.id)
    assert [(word.stance, word.reason) for word in one.words] == [(Stance.OBJECT, "We looked again.")]


def test_parties_are_named_by_key_and_those_who_are_silent_are_told(copied: Made) -> None:
    trust(copied)
    with pytest.raises(BadInput, match="name the parties"):
        copied.node.red_lines.propose(operator(copied), a_line(scope="group"))
    with pytest.raises(BadInput, match="no peer whose key is known"):
        copied.node.red_lines.propose(operator(copied), a_line(scope="group"), parties=["shop"])
    record = copied.node.red_lines.propose(operator(copied), a_line(scope="bilateral"), parties=["lab"])
    one = copied.node.red_lines.show(operator(copied), record.id)
    assert one.asked == ((party_of(LAB.public), "lab", False),)
    received(copied, describe_stance(record, Stance.ENDORSE, "We hold ourselves to it.", voice(copied))[-1])
    assert copied.node.red_lines.show(operator(copied), record.id).asked[0][2]


def test_a_line_is_tightened_and_never_loosened(copied: Made) -> None:
    lines = copied.node.red_lines
    first = lines.propose(operator(copied), a_line())
    with pytest.raises(BadInput, match="looser"):
        lines.propose(operator(copied), a_line(threshold=0.2, supersedes=first.id))
    other = a_line(threshold=0.05, supersedes=first.id, protocol="sha256:" + "c4" * 32)
    with pytest.raises(BadInput, match="differs in protocol"):
        lines.propose(operator(copied), other)
    with pytest.raises(NotFound):
        lines.propose(operator(copied), a_line(supersedes=first.id.replace("--", "--0")[:54]))
    second = lines.propose(operator(copied), a_line(threshold=0.05, supersedes=first.id))
    held = {one.id for one in lines.in_force("", "", micros(copied.now))}
    assert {first.id, second.id} <= held, "both hold: a withdrawn tightening leaves what it tightened"
    assert lines.show(operator(copied), first.id).tightened_by == (second.id,)


def test_the_base_and_what_nobody_signed_take_no_word(copied: Made) -> None:
    lines = copied.node.red_lines
    with pytest.raises(BadInput, match="holds at every node"):
        lines.say(operator(copied), "base.human-control", Stance.OBJECT, "we would rather not")
    unsigned = msgspec.structs.replace(
        describe_red_line(a_line(), voice(copied))[-1], origin=Origin.PEER, peer="lab"
    )
    copied.node.store.records.put([unsigned])
    with pytest.raises(BadInput, match="did not sign it"):
        lines.say(operator(copied), unsigned.id, Stance.ENDORSE, "we hold ourselves to it")
    assert not lines.show(operator(copied), unsigned.id).signed
    signed_line = their_line(copied, threshold=0.3)
    with pytest.raises(BadInput, match="without naming anybody"):
        lines.say(operator(copied), signed_line.id, Stance.ENDORSE, "anna@mail.example wants it")
    with pytest.raises(BadInput, match="tocsin redline"):
        copied.node.library.judge(operator(copied), signed_line.id, "agree", "we hold ourselves to it")


def test_only_a_reviewer_speaks_for_the_node(copied: Made) -> None:
    analyst = Caller(user="u", name="ana", roles=frozenset({Role.ANALYST}))
    assert copied.node.red_lines.listed(analyst)
    with pytest.raises(NotAllowed):
        copied.node.red_lines.propose(analyst, a_line())
    with pytest.raises(NotAllowed):
        copied.node.red_lines.say(analyst, "base.human-control", Stance.ENDORSE, "we agree with it")
    with pytest.raises(NotAllowed):
        copied.node.red_lines.listed(Caller(user="m", name="m", roles=frozenset({Role.SOURCE})))


def test_a_peer_cannot_fill_the_register(copied: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.app.red_lines.MAX_OF_AUTHOR", 2)
    assert MAX_OF_AUTHOR > 2
    for number in range(4):
        their_line(copied, threshold=0.1 + number / 100)
    assert len(copied.node.red_lines.listed(operator(copied))) == len(BASE) + 2


def test_a_course_of_action_of_others_is_no_red_line(copied: Made) -> None:
    record = describe_red_line(a_line(), voice(copied))[-1]
    value = json.loads(record.stix)
    (held,) = value["extensions"].values()
    held["threshold"] = 0.9  # under the same id
    copied.node.store.records.put(
        [msgspec.structs.replace(record, stix=canonical(value), origin=Origin.PEER)]
    )
    assert {one.line.id for one in copied.node.red_lines.listed(operator(copied))} == BASE
    assert signed(introduction(author="a", name="b", now=copied.now), copied.node.keys)


_IDS = st.sampled_from([*sorted(BASE), "course-of-action--a", "course-of-action--b", "course-of-action--c"])
_PARTIES = st.sampled_from([OWN, "identity--lab", "base"])
_LINES = st.builds(
    RedLine,
    id=_IDS,
    title=st.just("A line"),
    text=st.just("No letters."),
    subject=st.sampled_from(SUBJECTS),
    domain=st.sampled_from(DOMAINS),
    condition=st.sampled_from(CONDITIONS_MEASURED),
    method=st.sampled_from(METHODS),
    protocol=st.sampled_from(["", "sha256:" + "b2" * 32]),
    threshold=st.floats(0, 1),
    evidence=st.just("none"),
    by=_PARTIES,
    at=st.integers(0, 9),
    in_force=st.integers(0, 9),
    review_by=st.integers(0, 9),
    supersedes=st.one_of(st.just(""), _IDS),
    measure=st.sampled_from(MEASURES),
)
_WORDS = st.builds(
    Endorsement,
    red_line=_IDS,
    party=_PARTIES,
    stance=st.sampled_from(Stance),
    text=st.just("because"),
    at=st.integers(0, 9),
)


@given(
    st.lists(_LINES, max_size=6),
    st.lists(_WORDS, max_size=8),
    st.lists(_LINES, max_size=3),
    st.lists(_WORDS, max_size=4),
    st.sampled_from(["", *DOMAINS]),
    st.sampled_from(["", *CONDITIONS_MEASURED]),
)
def test_nothing_that_is_said_takes_a_line_of_the_base_away(
    lines: list[RedLine],
    words: list[Endorsement],
    more: list[RedLine],
    more_words: list[Endorsement],
    domain: str,
    condition: str,
) -> None:
    at = 2_000_000_000_000_000

    def bound(lines: list[RedLine], words: list[Endorsement]) -> tuple[RedLine, ...]:
        return in_force(lines, words, own=OWN, domain=domain, condition=condition, at=at)

    base = set(map(repr, bound([], [])))
    assert base <= set(map(repr, bound(lines, words))), "the very lines: not others under their ids"
    others = [word for word in more_words if word.party != OWN]
    before, after = bound(lines, words), bound([*lines, *more], [*words, *others])
    assert set(map(repr, before)) <= set(map(repr, after)), "others' lines and words take nothing away"


def test_every_line_of_the_base_is_sound() -> None:
    for one in base_lines().values():
        assert one.subject in SUBJECTS
        assert (one.domain in DOMAINS, one.condition in CONDITIONS_MEASURED) == (True, True)
        assert one.method in METHODS
        assert one.measure in MEASURES
        assert one.line.base
        assert one.line.in_force < one.line.review_by
        assert all((*one.words("en"), *one.words("zh"), one.evidence, one.source))
        assert one.words("zh") != one.words("en")
        assert not_tighter(one.line, one.line) == ""
    assert {"base.human-control", "base.nuclear-command"} <= BASE


def test_a_plan_may_name_only_a_line_that_is_known_here(copied: Made) -> None:
    lines = PLAN.measurement.lines
    for named, known in (
        (copied.node.red_lines.in_force()[0].id, True),
        (f"course-of-action--{uuid4()}", False),
    ):
        bound = msgspec.structs.replace(lines[0], red_line=named)
        plan = msgspec.structs.replace(
            PLAN, measurement=msgspec.structs.replace(PLAN.measurement, lines=(bound, lines[1]))
        )
        fields = [field for field, _ in copied.node.evaluations.check(plan).problems]
        assert any(field.endswith(".red_line") for field in fields) is not known
