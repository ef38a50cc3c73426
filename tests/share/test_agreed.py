"""Red lines, words on them, evaluations, decisions and commitments leave by the gate: closed, bound, to parties."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.share.agreed import (
    MODEL,
    READING,
    VOICE,
    a_decision,
    a_line,
    all_said,
    an_evaluation,
    said_line,
    said_stance,
)
from tests.share.said import CANARIES, OTHER, PEER, signed, standing
from tests.share.test_decision import decided, entry, forbidden
from tocsin.kernel import BadInput, Record, Verdict
from tocsin.kernel.red_lines import Stance
from tocsin.kernel.release import ReleaseState, Tier
from tocsin.share import decide
from tocsin.share.candidate import RULE_NOT_A_PARTY
from tocsin.share.describe_agreed import commitment_in, red_line_in, stance_in
from tocsin.share.describe_models import (
    WORDS_OF,
    decision_in,
    describe_decision,
    describe_evaluation,
    evaluation_in,
)
from tocsin.share.promise import ReleaseStopped
from tocsin.trust.policy import Policies
from tocsin.wire.stix import canonical, check, extension_id
from tocsin.wire.stix.kinds import MODEL_KINDS, kind_of

POLICIES = Policies.load()
KINDS = {extension_id(kind): kind.NAME for kind in MODEL_KINDS}


def of_kind(records: tuple[Record, ...], kind: str) -> Record:
    return next(one for one in records if kind_of(json.loads(one.stix)) == kind)


def bent(record: Record, bend: Callable[[dict[str, Any], dict[str, Any]], object]) -> Record:
    """The record with its object and its extension changed, unsigned: as if it had been made so."""
    value = json.loads(record.stix)
    for key in [key for key in value["extensions"] if key not in KINDS]:
        del value["extensions"][key]
    (held,) = value["extensions"].values()
    bend(value, held)
    return msgspec.structs.replace(record, id=value["id"], stix=canonical(value), root=None)


def with_one(changed: Record, kind: str) -> tuple[Record, ...]:
    return tuple(changed if kind_of(json.loads(one.stix)) == kind else one for one in all_said())


def test_one_of_each_leaves_whole_and_is_read_again() -> None:
    records = all_said()
    draft = decided(records)
    assert {one.verdict for one in draft.manifest.entries} == {Verdict.RELEASE}, draft.manifest.entries
    for record in records:
        assert draft.final[record.id] == record.stix
        assert not check(record.stix).problems
    line = of_kind(records, "red-line")
    read = red_line_in(line)
    assert (read.title, read.threshold, read.scope) == ("No lottery letters on demand", 0.1, "open")
    word = stance_in(of_kind(records, "red-line-stance"), line)
    assert word is not None
    assert (word.stance, word.party) == (Stance.ENDORSE, line.author)
    evaluation = evaluation_in(of_kind(records, "model-evaluation"))
    assert evaluation is not None
    assert evaluation.results[0].lower == 0.0055
    decision = decision_in(of_kind(records, "release-decision"))
    assert decision is not None
    assert (decision.decision, decision.access, decision.model) == ("staged", "limited", MODEL)
    assert [answer.line for answer in decision.red_lines] == [line.id], "the base has no record"
    commitment = commitment_in(of_kind(records, "commitment"))
    assert commitment is not None
    assert commitment.area == "model-testing"


BENDS: dict[str, tuple[str, Callable[[dict[str, Any], dict[str, Any]], object]]] = {
    "loosened under its id": ("red-line", lambda _, held: held.update(threshold=0.4)),
    "another title under its id": ("red-line", lambda _, held: held.update(title="Nothing")),
    "an hour": ("red-line", lambda _, held: held.update(in_force="2026-01-24T11:22:33.000Z")),
    "many decimals": ("red-line", lambda _, held: held.update(threshold=0.10203040506)),
    "a name of one's own": ("red-line", lambda value, _: value.update(name="Ask Anna")),
    "hidden letters": ("red-line-stance", lambda _, held: held.update(reason="we\u200b agree with it")),
    "says yes and no": ("red-line-stance", lambda value, _: value.update(opinion="strongly-disagree")),
    "about a campaign": (
        "red-line-stance",
        lambda value, _: value.update(object_refs=["campaign--5d2c6f1e-8a34-5b7d-9c60-3f1b7a0e4d28"]),
    ),
    "more than the schema": ("model-evaluation", lambda _, held: held.update(prompt="a lottery letter")),
    "named after another domain": (
        "model-evaluation",
        lambda value, _: value.update(name="Model evaluation: domain.cbrn"),
    ),
    "as if confirmed by a reviewer": ("model-evaluation", lambda v, _: v.update(report_types=["campaign"])),
    "a mail address": ("model-evaluation", lambda _, held: held.update(limits="ask ana@refund.example")),
    "a decision of another name": (
        "release-decision",
        lambda value, _: value.update(name="Release decision: open"),
    ),
    "a telephone number": ("release-decision", lambda _, held: held.update(benefits="call +49 30 901820")),
    "an address with a query": (
        "commitment",
        lambda _, held: held.update(evidence="https://lab.example/?who=me"),
    ),
    "for somebody else": ("commitment", lambda value, _: value.update(object_refs=[OTHER])),
}


@pytest.mark.parametrize("bend", BENDS)
def test_what_is_bent_stays(bend: str) -> None:
    kind, change = BENDS[bend]
    plain = of_kind(all_said(), kind)
    assert entry(decided(with_one(bent(plain, lambda *_: None), kind)), plain).verdict is Verdict.RELEASE
    changed = bent(plain, change)
    assert entry(decided(with_one(changed, kind)), changed).verdict is Verdict.REFUSE


def test_an_explanation_of_a_stance_stays_and_its_reason_leaves() -> None:
    plain = of_kind(all_said(), "red-line-stance")
    told = bent(plain, lambda value, _: value.update(explanation="between us: we had to"))
    draft = decided(with_one(told, "red-line-stance"))
    assert entry(draft, told).fields["explanation"].startswith("withheld")
    assert b"between us" not in draft.final[told.id]
    assert b"We hold ourselves to it." in draft.final[told.id]


def test_a_pseudonym_in_a_free_text_stops_the_release() -> None:
    told = bent(
        of_kind(all_said(), "red-line-stance"), lambda _, held: held.update(reason=f"see {CANARIES[0]}")
    )
    with pytest.raises(ReleaseStopped):
        decided(with_one(told, "red-line-stance"))


@pytest.mark.parametrize("scope", ["bilateral", "group"])
def test_a_line_between_named_parties_goes_to_them_alone(scope: str) -> None:
    party = "sha256:" + "0a" * 32
    others = tuple(one for one in all_said() if not kind_of(json.loads(one.stix)))
    line = signed(said_line(scope=scope, parties=(party,))[-1])
    word = signed(said_stance(line))
    for other in ("", "sha256:" + "0b" * 32):
        draft = decided((*others, line, word), standing(party=other))
        assert entry(draft, line).rule == RULE_NOT_A_PARTY
        assert entry(draft, word).verdict is Verdict.REFUSE, "a word on a line tells of the line"
    draft = decided((*others, line, word), standing(party=party))
    assert {entry(draft, one).rule for one in (line, word)} == {"share.known-type"}


def test_without_the_policies_word_for_it_none_of_them_leaves() -> None:
    """An operator's own file refuses a kind by name, and the packaged permit is what lets it go at all."""
    own = 'forbid (principal, action == Action::"share.release", resource) when { resource.kind == "red-line" };'
    closed = POLICIES.beside({"own/lines.cedar": f'@id("ours.lines") {own}'})
    draft = decide(closed, all_said(), standing(), forbidden)
    left = {kind_of(json.loads(one)) for one in draft.final.values()}
    assert left == {"", "model-evaluation", "commitment"}, (
        "nor what names it: the word on it, and the decision"
    )
    untrusted = decided(all_said(), standing(peer=msgspec.structs.replace(PEER, purposes=())))
    assert untrusted.manifest.released == ()


def test_a_word_is_bound_to_what_the_line_says() -> None:
    line, other = said_line()[-1], said_line(threshold=0.4)[-1]
    assert line.id != other.id, "another threshold is another line"
    word = signed(said_stance(line))
    assert stance_in(word, line) is not None
    assert stance_in(word, other) is None
    assert stance_in(said_stance(line), line) is None, "unsigned: nobody knows whose word it is"
    under_its_id = bent(line, lambda _, held: held.update(threshold=0.4))
    assert stance_in(word, under_its_id) is None
    with pytest.raises(BadInput, match="id is not made of what it says"):
        red_line_in(under_its_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold": 1.5},
        {"subject": "lottery"},
        {"domain": "domain.weather"},
        {"protocol": "none"},
        {"text": ""},
    ],
)
def test_what_is_no_measurable_line_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="red-line-1"):
        said_line(**changes)


def test_a_decision_in_the_words_of_the_record() -> None:
    for tier, words in WORDS_OF.items():
        told = decision_in(describe_decision(a_decision(tier=tier), VOICE, basis="none")[-1])
        assert told is not None
        assert (told.decision, told.access) == words
        assert (told.approvals, told.conditions) == (2, ["api-only", "monitoring"])
    many = {f"course-of-action--{number:08x}-0000-4000-8000-000000000000": "clear" for number in range(30)}
    first, last = min(many), max(many)
    over = many | {last: "crossed", "base.human-control": "not-measured"}
    told = decision_in(
        describe_decision(a_decision(tier=Tier.WITHHELD, red_lines=over), VOICE, basis="none")[-1]
    )
    assert told is not None
    outcomes = {one.line: one.outcome for one in told.red_lines}
    assert (len(outcomes), outcomes[last], outcomes[first]) == (20, "crossed", "clear"), (
        "the crossed one stays"
    )


def test_only_bytes_with_a_name_and_a_decision_in_force_are_said() -> None:
    with pytest.raises(BadInput, match="name alone"):
        describe_evaluation(an_evaluation(model_digest="tiny-1"), READING, VOICE)
    with pytest.raises(BadInput, match="answers no line"):
        describe_evaluation(an_evaluation(lines=()), READING, VOICE)
    with pytest.raises(BadInput, match="in force"):
        describe_decision(a_decision(state=ReleaseState.PROPOSED), VOICE, basis="none yet")
    with pytest.raises(BadInput, match="crossed red line blocks"):
        describe_decision(a_decision(red_lines={said_line()[-1].id: "crossed"}), VOICE, basis="none")
    with pytest.raises(BadInput, match="--benefits"):
        describe_decision(a_decision(benefits=""), VOICE, basis="none")
    assert red_line_in(said_line()[-1]).text == a_line().text
