"""Two nodes: one evaluated a model, the other takes its word by policy, or runs a drawn subset again. And liars."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests.evaluation_plans import SHIPPED, digest
from tests.fixtures import Made
from tests.two_nodes import DRAWN, SHEET, F, P, Two, broken, real
from tocsin.app.release_key import release_key
from tocsin.evaluate.recognition.attesting import attest, verify_recognition
from tocsin.evaluate.recognition.messages import (
    Acceptance,
    Challenge,
    Fault,
    OpenedSample,
    Opening,
    ProtocolFault,
    Reveal,
    read,
    write,
)
from tocsin.gate import Asked
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, Role
from tocsin.kernel.evaluations import Outcome, Run
from tocsin.kernel.recognition import DrawState, RecognitionOutcome
from tocsin.kernel.release import Told

replace = msgspec.structs.replace
X = Outcome.INVALID


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Another node's folder and token, to be copied."""
    other = Made(tmp_path_factory.mktemp("peer") / "node", datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    other.node.close()
    return other.node.data, other.token


@pytest.fixture
def two(peer: tuple[Path, str], copied: Made, tmp_path: Path, now: datetime) -> Iterator[Two]:
    data, token = peer
    theirs = Made(shutil.copytree(data, tmp_path / "peer"), now, token)
    yield Two(copied, theirs)
    theirs.node.close()


def refused(fault: Fault, act: Callable[[], object]) -> None:
    with pytest.raises(ProtocolFault, match=rf"^{fault.value}: ") as told:
        act()
    assert told.value.fault is fault


def test_a_broken_environment_is_contradicted_and_the_samples_are_named(two: Two) -> None:
    """Must show 5."""
    two.evaluated(broken)
    draw, reveal = two.revealed()
    found = two.recognise(two.answer(reveal))
    assert found.outcome is RecognitionOutcome.CONTRADICTED
    assert found.reasons[0][0] == "recognition.apart"
    drawn = two.drawn(two.ours.node.recognitions.draws(two.by(two.ours))[0].messages[1])
    wrong = {sample for sample in drawn if real(int(sample[1:])) is not broken(int(sample[1:]))}
    assert {one.sample for one in found.disagreements} == wrong
    assert {(one.theirs, one.ours) for one in found.disagreements} == {(P, F)}
    assert (found.sheet, found.draw, len(found.subset)) == (SHEET, 1, 64)
    # anybody with the key finds the same from the statement alone
    key = release_key(two.ours.node.data).public_key()
    again, evidence = verify_recognition(found.statement, key)
    assert again == found
    assert evidence is not None
    assert {row.id for row in evidence.theirs} == set(drawn)
    kept = two.ours.node.recognitions.listed(two.by(two.ours))
    assert [one for _, one in kept] == [found]
    assert two.ours.node.store.recognitions.draw(draw.id).state is DrawState.CLOSED  # type: ignore[union-attr]
    assert two.theirs.node.store.recognitions.draw(draw.id).state is DrawState.OPENED  # type: ignore[union-attr]
    # both sides' decisions on these bytes know of it, theirs once they took the recognition
    decided = two.theirs.node.releases.explain
    before = decided(two.by(two.theirs), SHIPPED, Asked(by=""))
    two.theirs.node.recognitions.take(two.by(two.theirs), found.statement)
    assert two.theirs.node.recognitions.of([found.evaluation]) == (found,)
    after = decided(two.by(two.theirs), SHIPPED, Asked(by=""))
    rules = [{one.rule for one in decision.grounds} for decision in (before, after)]
    assert ["release.contradicted" in one for one in rules] == [False, True]
    told = Told(evaluations=(two.ours.node.releases.evidence(two.evaluation),))
    ours = two.ours.node.releases.explain(two.by(two.ours), SHIPPED, Asked(by=""), told)
    assert {"held.not-recognised", "release.contradicted"} <= {one.rule for one in ours.grounds}


def test_an_honest_evaluation_is_reproduced_and_nobody_saw_first(two: Two) -> None:
    two.evaluated(real)
    _, reveal = two.revealed()
    found = two.recognise(two.answer(reveal))
    assert found.outcome is RecognitionOutcome.REPRODUCED
    assert found.disagreements == ()
    acts = {row.act for row in two.theirs.node.store.audit.read()}
    assert {"evaluation.accept-draw", "evaluation.open-draw"} <= acts


def test_an_evaluation_is_taken_by_policy_or_every_lack_is_named(two: Two) -> None:
    two.evaluated(lambda _: P)
    judge, by = two.ours.node.recognitions.judge, two.by(two.ours)
    found = judge(by, two.evaluation, two.plan)
    assert (found.outcome, found.draw) == (RecognitionOutcome.ACCEPTED, 0)
    assert verify_recognition(found.statement, release_key(two.ours.node.data).public_key())[1] is None
    codes = {code for code, _ in judge(by, two.evaluation, None).reasons}
    assert codes == {"recognition.not-registered", "recognition.no-plan"}
    (two.ours.node.data / "recognition.yaml").unlink()
    codes = {code for code, _ in judge(by, two.evaluation, two.plan).reasons}
    assert codes == {"recognition.not-signed", "recognition.no-rule"}
    with pytest.raises(Conflict, match="policy names"):
        two.challenge()
    (two.ours.node.data / "recognition.yaml").write_text("version: 1\nnodes: {tn_x: ../key.pem}")
    with pytest.raises(BadInput, match="not in the node's folder"):
        two.ours.node.recognitions.policy()


def test_a_second_draw_says_that_it_is_one(two: Two) -> None:
    two.evaluated(real)
    first = two.challenge()
    two.answer(first.messages[0])
    with pytest.raises(Conflict, match="--again"):
        two.challenge()
    second = two.challenge(again="their machine was down")
    two.drawn(two.answer(second.messages[0]))
    found = two.recognise(two.answer(two.reveal(second)))
    assert found.draw == 2
    notes = dict(found.reasons[1:])
    assert notes["recognition.draw-again"] == {"number": 2, "again": "their machine was down"}
    assert notes["recognition.unfinished"] == {"draws": 1}


def test_a_draw_that_is_hidden_from_who_saw_it_is_refused(two: Two) -> None:
    """We fish: a second challenge that calls itself the first."""
    two.evaluated(real)
    first = two.challenge()
    two.answer(first.messages[0])
    second = two.challenge(again="?")
    hidden = two.forged(
        two.ours, second.messages[0], Challenge, lambda one: replace(one, number=1, earlier=(), again="")
    )
    refused(Fault.HIDDEN_DRAW, lambda: two.answer(hidden))


def test_the_same_message_gets_the_same_answer(two: Two) -> None:
    two.evaluated(real)
    draw = two.challenge()
    with pytest.raises(Conflict, match="asks for 80 outcomes"):
        two.theirs.node.recognitions.answer(two.by(two.theirs), draw.messages[0], most=79)
    acceptance = two.answer(draw.messages[0])
    assert two.answer(draw.messages[0]) == acceptance
    assert two.drawn(acceptance) == two.drawn(acceptance)
    assert len(two.drawn(acceptance)) == DRAWN
    reveal = two.reveal(draw)
    assert two.answer(reveal) == two.answer(reveal)
    with pytest.raises(Conflict, match="is revealed: only one"):
        two.reveal(draw)


OPENINGS: dict[Fault, Callable[[Opening], Opening]] = {
    Fault.NOT_COMMITTED: lambda one: replace(
        one,
        samples=(replace(one.samples[0], outcome=F if one.samples[0].outcome is P else P), *one.samples[1:]),
    ),
    Fault.OMITTED: lambda one: replace(one, samples=one.samples[1:]),
    Fault.OTHER_SAMPLES: lambda one: replace(one, samples=(*one.samples, OpenedSample("s999", P, ""))),
    Fault.REPLAYED: lambda one: replace(one, reveal="0" * 64),
    Fault.NOT_FOR_US: lambda one: replace(one, by="tn_somebody"),
    Fault.OTHER_EVALUATION: lambda one: replace(one, evaluation="0" * 64),
}


def test_an_opening_that_is_not_what_was_committed_to(two: Two) -> None:
    two.evaluated(broken)
    draw, reveal = two.revealed()
    opening = two.answer(reveal)
    for fault, change in OPENINGS.items():
        refused(fault, lambda change=change: two.recognise(two.forged(two.theirs, opening, Opening, change)))  # type: ignore[misc]
    refused(Fault.OTHER_MESSAGE, lambda: two.recognise(two.answer(draw.messages[0])))
    found = two.ours.node.recognitions.give_up(two.by(two.ours), draw.id)
    assert found.outcome is RecognitionOutcome.NOT_RECOGNISED
    assert found.reasons[0] == ("recognition.not-opened", {})
    assert found.reasons[1:] == tuple(("recognition.fault", {"fault": fault.value}) for fault in OPENINGS)


def test_outcomes_changed_after_the_fact_do_not_hold(two: Two) -> None:
    """They doctor answers before they open, or open one sample as another, with that one's true path."""
    two.evaluated(broken)
    _, reveal = two.revealed()
    opening = two.answer(reveal)

    def doctored(one: Opening) -> Opening:
        return replace(one, samples=tuple(replace(each, answer=digest("other")) for each in one.samples))

    def swapped(one: Opening) -> Opening:
        first = one.samples[0]
        other = next(each for each in one.samples if each.outcome is not first.outcome)
        return replace(one, samples=(replace(other, id=first.id), *one.samples[1:]))

    for lie in (doctored, swapped):
        forged = two.forged(two.theirs, opening, Opening, lie)
        refused(Fault.NOT_COMMITTED, lambda forged=forged: two.recognise(forged))  # type: ignore[misc]


def test_a_challenger_that_reveals_another_nonce_gets_no_outcome(two: Two) -> None:
    two.evaluated(real)
    _, reveal = two.revealed()
    lie = two.forged(two.ours, reveal, Reveal, lambda one: replace(one, nonce="1" * 64))
    refused(Fault.OTHER_NONCE, lambda: two.answer(lie))
    lie = two.forged(two.ours, reveal, Reveal, lambda one: replace(one, acceptance="1" * 64))
    refused(Fault.REPLAYED, lambda: two.answer(lie))
    assert two.answer(reveal)


def test_old_messages_do_not_fit_a_new_draw(two: Two) -> None:
    two.evaluated(real)
    first = two.challenge()
    old = two.answer(first.messages[0])
    two.drawn(old)
    old_opening = two.answer(two.reveal(first))
    second = two.challenge(again="to be sure")
    replayed = two.forged(
        two.theirs, old, Acceptance, lambda one: replace(one, challenge=second.id, by="tn_x")
    )
    refused(Fault.NOT_FOR_US, lambda: two.drawn(replayed))
    two.drawn(two.answer(second.messages[0]))
    another = two.forged(two.theirs, old, Acceptance, lambda one: replace(one, challenge=second.id))
    refused(Fault.REPLAYED, lambda: two.drawn(another))
    two.recognise(old_opening)
    refused(Fault.REPLAYED, lambda: two.recognise(old_opening))
    two.reveal(second)
    replayed = two.forged(two.theirs, old_opening, Opening, lambda one: replace(one, challenge=second.id))
    refused(Fault.REPLAYED, lambda: two.recognise(replayed))


def test_another_key_says_nothing(two: Two) -> None:
    two.evaluated(real)
    draw = two.challenge()
    acceptance = two.answer(draw.messages[0])
    message, _ = read(acceptance, Acceptance, release_key(two.theirs.node.data).public_key())
    ours = write(message, release_key(two.ours.node.data)).envelope
    refused(Fault.NOT_SIGNED, lambda: two.drawn(ours))
    assert two.ours.node.store.recognitions.draw(draw.id).faults == ()  # type: ignore[union-attr]
    with pytest.raises(BadInput, match="for the challenger"):
        two.answer(acceptance)
    with pytest.raises(NotFound):
        two.recognise(
            two.forged(two.theirs, acceptance, Acceptance, lambda one: replace(one, challenge="2" * 64))
        )


RERUNS: dict[str, Callable[[Run], Run]] = {
    "version": lambda one: replace(one, task_version="2"),
    "model": lambda one: replace(one, model_digest="sha256:" + "c" * 64),
    "task": lambda one: replace(one, task="tocsin/other"),
    "was not run": lambda one: replace(one, samples=one.samples[:10]),
    "asked something else": lambda one: replace(
        one, samples=tuple(replace(sample, prompt=digest("x")) for sample in one.samples)
    ),
}


def test_a_rerun_is_of_what_they_ran(two: Two) -> None:
    two.evaluated(real)
    draw = two.challenge()
    two.drawn(two.answer(draw.messages[0]))
    for told, change in RERUNS.items():
        with pytest.raises(ProtocolFault, match=told):
            two.reveal(draw, change(two.truth()))


def test_who_gives_up_is_told_apart(two: Two) -> None:
    two.evaluated(real)
    recognitions, by = two.ours.node.recognitions, two.by(two.ours)
    silent = two.challenge()
    assert recognitions.give_up(by, silent.id).reasons[0][0] == "recognition.not-answered"
    ours = two.challenge(again="once more")
    two.drawn(two.answer(ours.messages[0]))
    gave_up = recognitions.give_up(by, ours.id)
    assert (gave_up.outcome, gave_up.reasons[0][0]) == (
        RecognitionOutcome.INCONCLUSIVE,
        "recognition.given-up",
    )
    with pytest.raises(Conflict, match="nothing to give up"):
        recognitions.give_up(by, ours.id)


def test_a_reader_reads_and_a_stranger_does_not(two: Two) -> None:
    recognitions = two.ours.node.recognitions
    auditor = replace(two.by(two.ours), roles=(Role.AUDITOR,))
    assert recognitions.listed(auditor) == ()
    assert recognitions.draws(auditor) == ()
    with pytest.raises(NotAllowed):
        recognitions.judge(auditor, b"", None)
    with pytest.raises(NotAllowed):
        recognitions.listed(replace(auditor, roles=(Role.SOURCE,)))


def test_a_statement_that_was_edited_does_not_follow_from_its_evidence(two: Two) -> None:
    from tocsin.evaluate.recognition.attesting import attest

    two.evaluated(broken)
    _, reveal = two.revealed()
    found = two.recognise(two.answer(reveal))
    key = release_key(two.ours.node.data)
    _, evidence = verify_recognition(found.statement, key.public_key())
    assert evidence is not None
    softened = attest(replace(found, outcome=RecognitionOutcome.COMPATIBLE), evidence, key)
    refused(Fault.NOT_COMMITTED, lambda: verify_recognition(softened.envelope, key.public_key()))
    ours = tuple(tuple(replace(row, outcome=P) for row in rows) for rows in evidence.ours)
    altered = attest(found, replace(evidence, ours=ours), key)
    refused(Fault.NOT_COMMITTED, lambda: verify_recognition(altered.envelope, key.public_key()))
    other = attest(found, replace(evidence, theirs_nonce="3" * 64), key)
    refused(Fault.OTHER_SAMPLES, lambda: verify_recognition(other.envelope, key.public_key()))
    own = attest(found, replace(evidence, nonce="3" * 64), key)
    refused(Fault.OTHER_NONCE, lambda: verify_recognition(own.envelope, key.public_key()))
    refused(
        Fault.NOT_SIGNED,
        lambda: verify_recognition(found.statement, release_key(two.theirs.node.data).public_key()),
    )


def test_another_s_word_on_our_evaluation_is_computed_again_and_kept(two: Two) -> None:
    two.evaluated(broken)
    _, reveal = two.revealed()
    found = two.recognise(two.answer(reveal))
    known, by = two.theirs.node.recognitions, two.by(two.theirs)
    for _ in range(2):
        assert known.take(by, found.statement) == found
    ((seq, kept),) = known.listed(by, evaluation=found.evaluation)
    assert (kept, known.get(by, seq)[2]) == (found, True)
    assert "evaluation.take-recognition" in {row.act for row in two.theirs.node.store.audit.read()}
    with pytest.raises(NotFound, match="number"):
        known.get(by, seq + 5)
    # what does not follow from its evidence, or shows none, is not kept
    key = release_key(two.ours.node.data)
    evidence = verify_recognition(found.statement, key.public_key())[1]
    better = attest(replace(found, our_rate=found.their_rate), evidence, key)
    refused(Fault.NOT_COMMITTED, lambda: known.take(by, better.envelope))
    with pytest.raises(BadInput, match="no evidence"):
        known.take(by, attest(found, None, key).envelope)
    assert len(known.listed(by)) == 1
