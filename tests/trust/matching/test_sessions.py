"""A session between honest parties: what each learns, and that nothing else shows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching import Pair, handles, pair, run
from tocsin.kernel import BadInput, Conflict
from tocsin.trust import ristretto
from tocsin.trust.matching import (
    Found,
    Learnt,
    MatchKind,
    Question,
    Reveal,
    bands,
    identifiers,
    sizes,
    texts_of,
)
from tocsin.trust.matching.kinds import UNWRITTEN
from tocsin.trust.matching.messages import Acceptance, Evaluated, Outcome, Proposal, Tags, decode
from tocsin.trust.matching.sizes import padded, rounded
from tocsin.wire import sketch

SAMPLES = {
    MatchKind.HANDLE: ("@Refund-{0}", "refund-{0}"),
    MatchKind.EMAIL: ("Refund.{0}@Example.ORG", "refund.{0}@example.org"),
    MatchKind.PHONE: ("+49 30 1000{0:04}", "0049301000{0:04}"),
    MatchKind.DOMAIN: ("Refund{0}.Example.", "refund{0}.example"),
    MatchKind.ADDRESS_PREFIX: ("10.{0}.7.9", "10.{0}.7.0/24"),
    MatchKind.WALLET: ("0x" + "AB" * 18 + "{0:04}", "0x" + "ab" * 18 + "{0:04}"),
    MatchKind.FILE_HASH: ("SHA256:" + "AB" * 30 + "{0:04}", "ab" * 30 + "{0:04}"),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_identifiers_meet_however_they_are_written(kind: MatchKind) -> None:
    one, other = SAMPLES[kind]
    ours = identifiers(kind, [one.format(number) for number in range(40)])
    theirs = identifiers(kind, [other.format(number) for number in range(30, 80)])
    parties = pair(ours, theirs)
    run(parties)
    assert parties.client.found.values == set(ours.values) & set(theirs.values)
    assert parties.client.found.number == 10


def test_each_kind_has_samples() -> None:
    assert set(SAMPLES) == set(MatchKind) - UNWRITTEN


@settings(max_examples=8, deadline=None)
@given(
    st.sets(st.integers(0, 60), min_size=10, max_size=40),
    st.sets(st.integers(0, 60), min_size=10, max_size=40),
    st.sampled_from(Question),
    st.sampled_from(Reveal),
)
def test_the_answer_is_the_intersection(a: set[int], b: set[int], question: Question, reveal: Reveal) -> None:
    parties = pair(handles(a), handles(b), question, reveal)
    run(parties)
    common = {f"refund-{number}".encode() for number in a & b}
    if question is Question.WHICH:
        assert parties.client.found == Found(frozenset(common), len(common))
    else:
        assert parties.client.found == Found(frozenset(), rounded(len(common)))
    told = parties.server.learnt
    if reveal is Reveal.CLIENT:
        assert told == Learnt(frozenset(), None)
    elif question is Question.WHICH:
        assert told == Learnt(frozenset(common), None)
    else:
        assert told == Learnt(frozenset(), rounded(len(common)))
    assert parties.client.over == parties.server.over == "it came to its end"


@pytest.mark.parametrize("question", Question)
def test_more_than_one_part_and_threads(question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "CHUNK", 270)
    parties = pair(handles(range(290)), handles(range(60, 360)), question, Reveal.BOTH, workers=2)
    said = [decode(answer) for _, answer in run(parties)]
    assert parties.client.found.number == 230
    assert [len(one.points) // 32 for one in said if isinstance(one, Evaluated)] == [270, 30]
    assert [len(one.tags) // 16 for one in said if isinstance(one, Tags)] == [270, 30]
    assert len(parties.server.learnt.values) == (230 if question is Question.WHICH else 0)


def test_what_travels_tells_sizes_in_steps_and_no_value() -> None:
    lengths = set()
    for ours, theirs in (
        (handles(range(12)), handles(range(50, 70))),
        (handles(range(99)), handles(range(99))),
    ):
        said = run(pair(ours, theirs))
        lengths.add(tuple(len(one) for both in said for one in both))
        assert not [one for both in said for one in both if b"refund-" in one]
    assert len(lengths) == 1


@pytest.mark.parametrize("question", Question)
def test_the_work_tells_no_size_either(question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    """Padding goes all the way: who measures the other's time learns the step, which it was told."""
    counts: list[int] = []
    multiply = ristretto.multiply

    def counted(scalar: bytes, point: bytes) -> bytes:
        counts[-1] += 1
        return multiply(scalar, point)

    monkeypatch.setattr(ristretto, "multiply", counted)
    for ours, theirs in ((12, 20), (99, 99)):
        counts.append(0)
        run(pair(handles(range(ours)), handles(range(theirs)), question))
    assert counts[0] == counts[1]


def test_nothing_is_the_same_in_two_sessions_of_one_week() -> None:
    seen: set[bytes] = set()
    for _ in range(2):
        said = [decode(one) for pair_ in run(pair(handles(range(20)), handles(range(20)))) for one in pair_]
        points = [
            one.points[at : at + 32]
            for one in said
            if isinstance(one, Evaluated)
            for at in range(0, len(one.points), 32)
        ]
        tags = [
            one.tags[at : at + 16]
            for one in said
            if isinstance(one, Tags)
            for at in range(0, len(one.tags), 16)
        ]
        assert len(points) == len(tags) == 100
        assert seen.isdisjoint({*points, *tags})
        seen |= {*points, *tags}


def test_the_key_is_one_for_a_peer_kind_and_week() -> None:
    publics = set()
    for kind_of in (MatchKind.HANDLE, MatchKind.WALLET, MatchKind.HANDLE):
        inputs = identifiers(kind_of, [f"refund-{number}" for number in range(10)])
        (_, answer), *_ = run(pair(inputs, inputs))
        acceptance = decode(answer)
        assert isinstance(acceptance, Acceptance)
        publics.add(acceptance.public)
    assert len(publics) == 2


def test_tags_are_made_ahead_and_a_lost_answer_is_given_again() -> None:
    parties = pair(handles(range(20)), handles(range(10, 30)))
    for number, message in enumerate(parties.client.speak()):
        answer = parties.server.answer(message)
        assert parties.server.answer(message) == answer
        if not number:
            parties.server.prepare()
        parties.client.hear(answer)
    assert parties.client.found.number == 10


def test_the_outcome_is_told_only_where_both_learn_it() -> None:
    for reveal in Reveal:
        said = [
            decode(message) for message, _ in run(pair(handles(range(20)), handles(range(20)), reveal=reveal))
        ]
        assert isinstance(said[0], Proposal)
        assert [type(one) for one in said if isinstance(one, Outcome)] == [Outcome] * (reveal is Reveal.BOTH)


def test_alike_texts_meet_by_their_bands() -> None:
    def text(number: int, ending: str) -> str:
        words = " ".join(
            f"lottery{number * 31 + word} refund{(number * 17 + word) % 97}" for word in range(12)
        )
        return f"{words} {ending}"

    def sketches(texts: list[str]) -> list[sketch.Sketch]:
        return [sketch.decode(blob) for blob in sketch.sketch_batch(texts) if blob is not None]

    ours = sketches([text(number, "now") for number in range(6)])
    theirs = sketches([text(number, "today") for number in range(3, 9)])
    our_inputs, owners = bands(ours)
    parties = pair(our_inputs, bands(theirs)[0])
    run(parties)
    assert set(texts_of(parties.client.found.values, owners)) == {3, 4, 5}
    assert all(number >= 2 for number in texts_of(parties.client.found.values, owners).values())
    assert texts_of([our_inputs.values[0]], owners) == {}


def test_short_texts_have_no_bands() -> None:
    short = sketch.Sketch(np.arange(64, dtype=np.uint32), np.arange(47, dtype=np.uint32), 47)
    with pytest.raises(BadInput, match="a set of 0"):
        bands([short])


def test_small_sets_and_no_answer_yet() -> None:
    with pytest.raises(BadInput, match="single persons"):
        handles(range(9))
    with pytest.raises(BadInput, match="single persons"):
        identifiers(MatchKind.HANDLE, ["one"] * 50)
    with pytest.raises(BadInput, match="not of words"):
        identifiers(MatchKind.BAND, ["x"] * 50)
    parties: Pair = pair(handles(range(10)), handles(range(10)))
    with pytest.raises(Conflict, match="no answer"):
        _ = parties.client.found
    with pytest.raises(BadInput, match="no session"):
        parties.server.prepare()


def test_sizes() -> None:
    assert [padded(size) for size in (0, 1, 100, 101, 4097, 10_000, 100_000, 800_001, 1_000_000)] == [
        *(100, 100, 100, 120, 5000, 10_000, 100_000, 1_000_000, 1_000_000)
    ]
    assert all(padded(size) < size * 1.34 for size in range(100, 5000))
    with pytest.raises(BadInput, match="1000000"):
        padded(1_000_001)
    assert [rounded(number) for number in (0, 9, 10, 19, 101)] == [0, 0, 10, 10, 100]
