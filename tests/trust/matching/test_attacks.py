"""Attacks on recorded sessions, over a domain of 1,000 values that the attacker has in full.

One harness, given what each attacker knows, against three builds: the protocol, a keyed hash whose key both sides
have, and the protocol without its blinding. It finds nothing in the first, and everything in the others.
"""

import hmac
import random
import secrets
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

import pytest

from tests.attacks import DOMAIN, TWO, Batch, Hashed, Images, by_equality, by_proof, by_relation, correlation
from tests.matching import ALICE, BOB, NOW, SEED, handles, pair, run
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching import MatchKind, Question, Reveal, epoch_of
from tocsin.trust.matching.messages import (
    Acceptance,
    Blinded,
    Evaluated,
    Tags,
    Transcript,
    context_of,
    decode,
)
from tocsin.trust.matching.tags import bound, key_of, mode_of, tag_of, token_of


class Recorded(NamedTuple):
    """What was on the line: what the client sent of its set in order, the answers, the server's tags, the proof."""

    context: bytes
    public: bytes
    sent: list[bytes]
    answers: list[bytes]
    tags: list[bytes]
    proof: bytes
    lengths: tuple[int, ...]


def record(ours: Iterable[int], theirs: Iterable[int], question: Question = Question.WHICH) -> Recorded:
    transcript = Transcript()
    context = public = proof = b""
    sent: list[bytes] = []
    answers: list[bytes] = []
    tags: list[bytes] = []
    said = [one for both in run(pair(handles(ours), handles(theirs), question)) for one in both]
    for raw in said:
        transcript.add(raw)
        message = decode(raw)
        if isinstance(message, Acceptance):
            context, public = context_of(transcript), message.public
        elif isinstance(message, Blinded):
            sent += split(message.points, 32)
        elif isinstance(message, Evaluated):
            answers += split(message.points, 32)
            proof = message.proof
        elif isinstance(message, Tags):
            tags += split(message.tags, 16)
    return Recorded(context, public, sent, answers, tags, proof, tuple(map(len, said)))


def split(joined: bytes, size: int) -> list[bytes]:
    return [joined[at : at + size] for at in range(0, len(joined), size)]


def hashed_with(context: bytes) -> Hashed:
    return lambda value: oprf.hash_to_group(oprf.Mode.VOPRF, bound(context, value))


def batch(recorded: Recorded) -> Batch:
    return Batch(recorded.public, recorded.sent, recorded.answers, recorded.proof)


def server_images(recorded: Recorded, question: Question = Question.WHICH) -> Images:
    """What the key's holder can compute of a guess: the session's own steps with its key, and digests of them."""
    key = key_of(SEED, ALICE, BOB, MatchKind.HANDLE, question, epoch_of(NOW))
    assert key.public == recorded.public

    def images(value: bytes) -> list[bytes]:
        said = bound(recorded.context, value)
        point = oprf.hash_to_group(mode_of(question), said)
        under = ristretto.multiply(key.secret, point)
        output = oprf.output(said, under)
        return [point, under, ristretto.multiply(key.secret, under), said, sha256(said).digest()] + [
            make(one) for make in (tag_of, token_of) for one in (output, under, point, value)
        ]

    return images


@pytest.mark.parametrize("question", Question)
def test_the_server_finds_nothing_of_the_clients_set(question: Question) -> None:
    recorded = record(range(0, 200, 2), range(100), question)
    images = server_images(recorded, question)
    assert len(recorded.sent) == 100
    assert by_equality(recorded.sent + recorded.answers, images) == set()
    # ... and the harness works: of its own tags it knows each, by the same images.
    assert by_equality(recorded.tags, images) == set(DOMAIN[:100])


def test_no_proof_and_no_relation_fits_a_guess() -> None:
    recorded = record(range(0, 200, 2), range(100))
    hashed = hashed_with(recorded.context)
    assert by_proof(batch(recorded), 0, hashed) == set()
    assert by_relation(batch(recorded), hashed) == set()


@pytest.mark.usefixtures("remembering")
def test_the_client_finds_nothing_of_the_servers_set_but_what_both_have() -> None:
    """With every output it got it tries every value of the domain against every tag."""
    ours, theirs = range(100), range(50, 350)
    parties = pair(handles(ours), handles(theirs), reveal=Reveal.BOTH)
    said = run(parties)
    tags = {
        tag
        for _, answer in said
        if isinstance(message := decode(answer), Tags)
        for tag in split(message.tags, 16)
    }
    client = parties.client
    answers = [
        point
        for _, answer in said
        if isinstance(message := decode(answer), Evaluated)
        for point in split(message.points, 32)
    ]
    elements = [
        ristretto.multiply(one.inverse, answer)
        for one, answer in zip(client._asked, answers, strict=True)
        if one.value
    ]
    assert len(elements) == 100

    def images(value: bytes) -> list[bytes]:
        said_ = bound(client._context, value)
        return [tag_of(oprf.output(said_, element)) for element in elements]

    assert by_equality(tags, images) == set(DOMAIN[50:100])


@pytest.fixture
def remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that forgets nothing of what it sent."""
    monkeypatch.setattr("tocsin.trust.matching.client.overwrite", lambda *_: None)


@pytest.mark.usefixtures("remembering")
def test_order_and_length_tell_nothing() -> None:
    present, absent = record(range(100), range(100)), record(range(100, 200), range(100))
    assert present.lengths == absent.lengths
    ranks = []
    for _ in range(3):
        parties = pair(handles(range(100)), handles(range(100)))
        run(parties)
        ranks += [abs(correlation([DOMAIN.index(one.value) for one in parties.client._asked if one.value]))]
    assert max(ranks) < 0.55  # of 100 in random order beyond .55 once in 10^8


def test_the_same_harness_breaks_a_keyed_hash() -> None:
    """Whoever shares the key reads the whole set from the record, order included."""
    shared = secrets.token_bytes(32)
    ours = sorted(random.Random(8).sample(range(1000), 100))
    sent = [hmac.digest(shared, DOMAIN[number], "sha256") for number in ours]
    found = by_equality(sent, lambda value: [hmac.digest(shared, value, "sha256")])
    assert found == {DOMAIN[number] for number in ours}
    places = {hmac.digest(shared, DOMAIN[number], "sha256"): rank for rank, number in enumerate(ours)}
    assert correlation([places[one] for one in sent]) == pytest.approx(1.0)


def test_the_same_harness_breaks_the_protocol_without_its_blinding() -> None:
    """Points as they are hashed: equality, proof and relation each give the input away."""
    context, key = secrets.token_bytes(32), oprf.derive_key(oprf.Mode.VOPRF, SEED, b"")
    point = oprf.hash_to_group(oprf.Mode.VOPRF, bound(context, DOMAIN[7]))
    answers = oprf.evaluate(key.secret, [point])
    proof = oprf.prove(key, [point], answers, ristretto.draw_scalar(secrets.token_bytes))
    double = ristretto.multiply(TWO, point)
    seen = Batch(key.public, [point, double], answers, proof)
    hashed = hashed_with(context)
    found = by_equality(seen.sent, lambda value: [hashed(value)])
    assert found == by_proof(seen, 0, hashed) == by_relation(seen, hashed) == {DOMAIN[7]}
