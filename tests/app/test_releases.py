"""Releases of a node: two people, days, and an end when what it rested on is no more."""

import hashlib
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.app.test_artefacts import lay
from tests.fixtures import Made
from tests.gate.making import BOTH, evaluation, line, red_line, signed
from tocsin.app.artefact_words import ArtefactWords, said
from tocsin.app.exempting import MAX_DAYS
from tocsin.app.release_key import release_key
from tocsin.app.releases import Releases
from tocsin.gate import Asked
from tocsin.gate.attesting import Accepted, verify
from tocsin.kernel import BadInput, Caller, Conflict, NotAllowed, NotFound, Role, micros
from tocsin.kernel.evaluations import Evaluation
from tocsin.kernel.models import NoticeCause, OpenCause, Reopening
from tocsin.kernel.recognition import Recognition, RecognitionOutcome
from tocsin.kernel.red_lines import RedLine
from tocsin.kernel.release import GroundKind, ReleaseDecision, ReleaseState, Tier, Told
from tocsin.trust.signing_keys import PublicKey, public_pem, read_private
from tocsin.wire.dsse import parse_envelope

ASKED = Asked(by="", benefits="students learn with it")


class Registers:
    """What the rooms of plans and of red lines will hold."""

    def __init__(self) -> None:
        self.evaluations: list[Evaluation] = []
        self.lines: list[RedLine] = []
        self.recognitions: list[Recognition] = []

    def for_artefact(self, digest: str) -> list[Evaluation]:
        return [one for one in self.evaluations if one.model_digest == f"sha256:{digest}"]

    def in_force(self) -> list[RedLine]:
        return self.lines

    def of(self, evaluations: Collection[str]) -> list[Recognition]:
        return [one for one in self.recognitions if one.evaluation in evaluations]

    def keys(self) -> tuple[PublicKey, ...]:
        return ()


class House:
    """A node with two reviewers, and a model that was looked at."""

    def __init__(self, made: Made, folder: Path) -> None:
        self.made, self.node, self.held = made, made.node, Registers()
        self.releases = Releases(
            self.node.store,
            self.node.access,
            self.node.data,
            made.clock,
            evaluations=self.held,
            red_lines=self.held,
            recognitions=self.held,
            node_id="home",
            words=ArtefactWords(self.node.store, made.clock),
        )
        self.folder = lay(folder, README_md=b"# a model of the weather\n")
        self.line = self.node.artefacts.record(self.operator, self.folder, name="weather").line
        self.ada, self.bo = self.person("ada", Role.REVIEWER), self.person("bo", Role.REVIEWER)

    @property
    def operator(self) -> Caller:
        return self.node.access.operator()

    def person(self, name: str, *roles: Role) -> Caller:
        self.node.access.add_user(self.operator, name, roles)
        found = self.node.access.authenticate(self.node.access.issue_token(self.operator, name))
        assert found is not None
        return found

    def measured(self, verdict: str = "below", **changes: Any) -> Evaluation:
        at = {"model_digest": f"sha256:{self.line.artefact}", "at": micros(self.made.now), "measured": BOTH}
        made = evaluation(line(verdict), **{**at, **changes})
        self.held.evaluations.append(made)
        return made

    def of_it(self, verdict: str = "below", **changes: Any) -> Evaluation:
        """An evaluation of these bytes that nobody keeps."""
        at = {"model_digest": f"sha256:{self.line.artefact}", "at": micros(self.made.now), "measured": BOTH}
        return evaluation(line(verdict), **{**at, **changes})

    def in_force(self, told: Told = Told(), **asked: Any) -> ReleaseDecision:  # noqa: B008
        wanted = msgspec.structs.replace(ASKED, **asked)
        proposed = self.releases.propose(self.ada, "weather", wanted, told)
        self.releases.approve(self.ada, proposed.id)
        return self.releases.approve(self.bo, proposed.id)


@pytest.fixture
def house(copied: Made, tmp_path: Path) -> House:
    return House(copied, tmp_path / "weather")


def test_two_people_put_it_in_force_and_another_node_verifies_it(house: House) -> None:
    house.measured()
    releases = house.releases
    proposed = releases.propose(house.ada, "weather", ASKED)
    assert (proposed.state, proposed.tier, proposed.by) == (
        ReleaseState.PROPOSED,
        Tier.OPEN_WEIGHTS,
        house.ada.user,
    )
    assert releases.propose(house.ada, house.line.artefact, ASKED) == proposed
    assert releases.current(house.ada, "weather") is None
    once = releases.approve(house.ada, proposed.id)
    twice = releases.approve(house.ada, proposed.id[:12])
    assert (once.state, twice.state, len(twice.approvals)) == (
        ReleaseState.PROPOSED,
        ReleaseState.PROPOSED,
        1,
    )
    done = releases.approve(house.bo, proposed.id)
    assert (done.state, len(done.approvals)) == (ReleaseState.IN_FORCE, 2)
    assert releases.current(house.ada, "weather") == done
    key = read_private((house.node.data / "keys" / "release.pem").read_bytes()).public_key()
    files = {"README.md": hashlib.sha256((house.folder / "README.md").read_bytes()).hexdigest()}
    told = verify(parse_envelope(done.statement), [key], at=house.made.now, files=files)
    assert isinstance(told, Accepted)
    assert told.decision.decision == done.id
    acts = [row.act for row in house.node.store.audit.read() if row.act.startswith("release.")]
    assert sorted(acts) == ["release.approve"] * 3 + ["release.propose"]
    with pytest.raises(Conflict, match="in-force"):
        releases.approve(house.ada, done.id)


def test_who_may_not_does_not(house: House) -> None:
    house.measured()
    proposed = house.releases.propose(house.ada, "weather", ASKED)
    analyst, auditor = house.person("cy", Role.ANALYST), house.person("di", Role.AUDITOR)
    with pytest.raises(NotAllowed, match="a person approves"):
        house.releases.approve(house.operator, proposed.id)
    with pytest.raises(NotAllowed):
        house.releases.approve(analyst, proposed.id)
    with pytest.raises(NotAllowed):
        house.releases.propose(auditor, "weather", ASKED)
    with pytest.raises(NotAllowed):
        house.releases.exempting.begin(analyst, "weather", "release.line-over", "for a study", days=3)
    assert house.releases.explain(auditor, "weather", ASKED).tier is Tier.OPEN_WEIGHTS
    assert house.releases.listed(auditor) == (proposed,)
    with pytest.raises(NotFound):
        house.releases.get(auditor, "0" * 64)
    with pytest.raises(NotFound):
        house.releases.propose(house.ada, "nobody", ASKED)
    with pytest.raises(BadInput, match="judged, not said"):
        house.releases.propose(house.ada, "weather", ASKED, Told(provenance="accepted"))


def test_two_accounts_of_one_human_are_one_approval(house: House) -> None:
    house.measured()
    proposed = house.releases.propose(house.ada, "weather", ASKED)
    bo = house.node.access.named("bo")
    house.node.store.people.replace_user(msgspec.structs.replace(bo, same_as=house.ada.user))
    house.releases.approve(house.ada, proposed.id)
    same = house.releases.approve(house.bo, proposed.id)
    assert (same.state, len(same.approvals)) == (ReleaseState.PROPOSED, 1)


def test_an_approval_of_somebody_who_left_counts_no_more(house: House) -> None:
    house.measured()
    proposed = house.releases.propose(house.ada, "weather", ASKED)
    house.releases.approve(house.ada, proposed.id)
    house.node.access.disable_user(house.operator, "ada")
    alone = house.releases.approve(house.bo, proposed.id)
    assert (alone.state, [user for user, _ in alone.approvals]) == (ReleaseState.PROPOSED, [house.bo.user])
    done = house.releases.approve(house.person("eve", Role.REVIEWER), proposed.id)
    assert done.state is ReleaseState.IN_FORCE


def test_what_would_be_another_decision_by_now_is_not_approved(house: House) -> None:
    house.measured()
    proposed = house.releases.propose(house.ada, "weather", ASKED)
    house.releases.approve(house.ada, proposed.id)
    house.measured("above", name="another")
    with pytest.raises(Conflict, match="propose it anew"):
        house.releases.approve(house.bo, proposed.id)


def test_a_newer_one_takes_the_place_of_the_older(house: House) -> None:
    house.measured()
    first = house.in_force()
    house.made.now += timedelta(minutes=1)
    second = house.in_force()
    ended = house.releases.get(house.ada, first.id)
    assert (ended.state, second.id[:12] in ended.why_ended) == (ReleaseState.WITHDRAWN, True)
    assert house.releases.current(house.ada, "weather") == second
    gone = house.releases.withdraw(house.bo, second.id, "a report of misuse")
    assert (gone.state, gone.why_ended) == (ReleaseState.WITHDRAWN, "a report of misuse")
    assert house.releases.current(house.ada, "weather") is None
    notices = house.node.store.artefact_notices.listed()
    assert [one.cause for one in notices] == [NoticeCause.RELEASE_ENDED]
    assert "open-weights counts no more" in said(notices[0])
    with pytest.raises(Conflict, match="already"):
        house.releases.withdraw(house.bo, second.id, "a report of misuse")
    with pytest.raises(BadInput, match="say why"):
        house.releases.withdraw(house.bo, first.id, "no")


def test_it_ends_when_what_it_rests_on_changes(house: House) -> None:
    house.measured()
    causes: dict[str, Callable[[], object]] = {
        "lies past its day": lambda: setattr(house.made, "now", house.made.now + timedelta(days=200)),
        "crossed": lambda: house.measured("above", name="another"),
        "red line": lambda: house.held.lines.append(red_line()),
        "files are clean": lambda: house.node.store.inspections.reopen(
            {house.line.id: Reopening(micros(house.made.now), OpenCause.RULES, ("texts.new",))}
        ),
    }
    words = {
        "lies past its day": "days ended",
        "crossed": "crossed",
        "red line": "no scams",
        "files are clean": "clean",
    }
    begun = house.made.now
    for name, change in causes.items():
        house.made.now = begun
        house.held.evaluations = [house.measured()]
        house.held.lines = []
        decision = house.in_force()
        assert house.releases.recheck() == ()
        change()
        (ended,) = house.releases.recheck()
        assert (ended.id, ended.state) == (decision.id, ReleaseState.EXPIRED), name
        assert words[name] in ended.why_ended
        assert house.releases.recheck() == ()
        begun += timedelta(minutes=1)


def test_what_the_proposer_brought_is_asked_again(house: House) -> None:
    own = signed(house.of_it(), release_key(house.node.data))
    decision = house.in_force(Told(evaluations=(own,), compute=3e24), jurisdictions=("EU",))
    assert decision.tier is Tier.OPEN_WEIGHTS, (
        "below the computation from which the base's red lines bear on it"
    )
    assert house.releases.recheck() == ()
    assert house.node.aftercare.check().ended == ()


def words(decision: ReleaseDecision) -> set[Any]:
    return {ground.values["word"] for ground in decision.grounds if "word" in ground.values}


def test_what_nobody_signed_is_refused_or_marked_and_opens_little(house: House) -> None:
    bare = house.of_it()
    with pytest.raises(BadInput, match="nobody signed"):
        house.releases.propose(house.ada, "weather", ASKED, Told(evaluations=(bare,)))
    told = house.releases.propose(house.ada, "weather", ASKED, Told(evaluations=(bare,), unsigned=True))
    assert (told.tier, told.grounds[0].rule) == (Tier.RESTRICTED, "release.unsigned-evidence")
    assert "unsigned, taken on the proposer's word" in told.grounds[0].why
    house.measured(name="another")
    own = house.releases.propose(house.ada, "weather", ASKED, Told(evaluations=(bare,), unsigned=True))
    assert words(own) == {"unsigned", "measured-here"}
    with pytest.raises(BadInput, match="not signed"):
        house.releases.evidence(msgspec.json.encode(bare))
    with pytest.raises(Conflict, match="id is not that of its content"):
        house.releases.evidence(msgspec.json.encode(bare), unsigned=True)


def test_a_peers_evaluation_counts_once_this_node_recognised_it(house: House) -> None:
    theirs = ec.generate_private_key(ec.SECP256R1())
    peer = signed(house.of_it(node="lab"), theirs)
    with pytest.raises(Conflict, match="none of the keys"):
        house.releases.evidence(peer.statement)
    assert house.releases.evidence(peer.statement, [theirs.public_key()]) == peer
    told = Told(evaluations=(peer,), keys=(public_pem(theirs.public_key()),))

    def asked(*outcomes: RecognitionOutcome, by: str = "home") -> ReleaseDecision:
        house.held.recognitions = [
            Recognition(peer.id, "lab", by, at, outcome, ()) for at, outcome in enumerate(outcomes)
        ]
        return house.releases.explain(house.ada, "weather", ASKED, told)

    alone = asked()
    assert (alone.tier, words(alone)) == (Tier.WITHHELD, {"not-recognised"})
    assert {"release.nothing-measured", "held.not-recognised"} <= {one.rule for one in alone.grounds}
    good = asked(RecognitionOutcome.NOT_RECOGNISED, RecognitionOutcome.REPRODUCED)
    assert (good.tier, words(good)) == (Tier.OPEN_WEIGHTS, {"recognised"})
    assert "the same sample for sample" in next(o.why for o in good.grounds if o.rule == "held.recognised")
    assert asked(RecognitionOutcome.ACCEPTED, RecognitionOutcome.NOT_RECOGNISED).tier is Tier.WITHHELD
    assert asked(RecognitionOutcome.REPRODUCED, by="another").tier is Tier.WITHHELD
    house.measured()
    against = asked(RecognitionOutcome.CONTRADICTED, RecognitionOutcome.ACCEPTED)
    assert (against.tier, against.grounds[0].rule) == (Tier.RESTRICTED, "release.contradicted")
    over = signed(
        house.of_it("above", node="lab"), theirs
    )  # what speaks against a model needs no recognition
    worse = house.releases.explain(house.ada, "weather", ASKED, Told(evaluations=(over,), keys=told.keys))
    assert (worse.tier, worse.grounds[0].rule) == (Tier.RESTRICTED, "release.line-over")


def test_a_decision_ends_when_a_peer_contradicts_what_it_rests_on(house: House) -> None:
    mine = house.measured()
    done = house.in_force()
    house.held.recognitions = [
        Recognition(mine.id, "home", "lab", 1, RecognitionOutcome.CONTRADICTED, ()),
    ]
    (ended,) = house.releases.recheck()
    assert (ended.id, ended.why_ended) == (done.id, "lab ran it again and found otherwise.")


def test_an_exemption_counts_once_two_people_signed(house: House) -> None:
    house.measured("above")
    exempting = house.releases.exempting
    made = exempting.begin(house.ada, "weather", "release.line-over", "forty known clinicians", days=30)
    assert house.releases.explain(house.ada, "weather", ASKED).tier is Tier.RESTRICTED
    with pytest.raises(Conflict, match="another person"):
        exempting.sign(house.ada, made.id)
    signed = exempting.sign(house.bo, made.id)
    assert signed.statement
    decision = house.in_force()
    assert decision.tier is Tier.OPEN_WEIGHTS
    assert GroundKind.EXEMPTION in {one.kind for one in decision.grounds}
    assert exempting.listed(house.ada) == (signed,)
    house.made.now += timedelta(days=30)
    (ended,) = house.releases.recheck()
    assert ended.id == decision.id
    for rule in (
        "release.catastrophic-crossed",
        "release.overlay",
        "release.nothing",
        "release.line-unproven",
    ):
        with pytest.raises(BadInput, match="no exemption lifts"):
            exempting.begin(house.ada, "weather", rule, "we would like to", days=3)
    with pytest.raises(BadInput, match="days"):
        exempting.begin(house.ada, "weather", "release.line-over", "we would like to", days=MAX_DAYS + 1)
    with pytest.raises(NotFound):
        exempting.sign(house.bo, "no")
