"""Attacks on recorded epochs, over a domain of 1,000 values that the attacker has in full.

The harness of matching (`tests.attacks`), given what a server, too few servers together, an aggregator, and an
aggregator with too few servers know. It finds nothing; the same functions break tags that are a keyed hash, tags of
enough servers together, and sums without noise.
"""

import hmac
import secrets
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import pytest

from tests.attacks import (
    DOMAIN,
    Batch,
    by_best_bit,
    by_equality,
    by_proof,
    by_relation,
    by_threshold,
    correlation,
)
from tests.summing import (
    adding,
    concluded,
    counts,
    epoch,
    evaluator,
    names,
    raised,
    tagged,
    unnoised,
    views,
)
from tocsin.kernel.sums import COMPONENTS, KINDS_SHARED, Component, Held
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching.tags import bound
from tocsin.trust.summing import Submitted, Tagging, epsilon, sharing, submit, value_of
from tocsin.trust.summing.messages import Asked, Boxed, Evaluated, Submission, box_label, decode
from tocsin.trust.summing.submitting import tag_of

PEOPLE = names(5)
A, B, C = PEOPLE[:3]
MADE = epoch(5)
GROUP = MADE.shares[A].group


def key(value: bytes) -> bytes:
    return value_of("handle", value)


def hashed(value: bytes) -> bytes:
    return oprf.hash_to_group(oprf.Mode.VOPRF, bound(GROUP.context, key(value)))


class Recorded(NamedTuple):
    """An evaluation at every server, and a look: what A sent, servers' answers, what aggregators got."""

    asked: list[bytes]
    batches: dict[str, Batch]
    values: list[bytes | None]
    submissions: dict[str, list[Submission]]
    lengths: dict[str, tuple[int, ...]]


def opened(submitted: Submitted, sender: str, place: int) -> Submission:
    to = MADE.roster.aggregators[place].name
    label = box_label(MADE.roster, "submission", sender, to, submitted.look)
    return decode(MADE.boxes[to].open(decode(submitted.boxes[place], Boxed).box, label), Submission)


def record(ours: range) -> Recorded:
    """A raises the domain's values of `ours`, B the first fifty."""
    tagging = Tagging(MADE.roster, GROUP, [key(DOMAIN[at]) for at in ours], entropy=secrets.token_bytes)
    (question,) = tagging.questions
    asked = split(decode(question, Asked).points, 32)
    batches, lengths = {}, [len(question)]
    for name in PEOPLE:
        raw = evaluator(MADE, name).answer(A, question)
        told = decode(raw, Evaluated)
        public = GROUP.shares[MADE.roster.index(name) - 1]
        batches[name] = Batch(public, asked, split(told.points, 32), told.proof)
        tagging.hear(name, raw)
        lengths.append(len(raw))
    what = {key(DOMAIN[at]): Held(counts(2 + at % 9)) for at in ours}
    one = submit(MADE.roster, A, 0, what, tagging.outputs(), secrets.token_bytes)
    other = raised(MADE, B, {key(DOMAIN[at]): Held(counts(3)) for at in range(50)})
    submissions = {
        name: [opened(each, name, place) for place in (0, 1)] for name, each in ((A, one), (B, other))
    }
    lengths += [len(raw) for raw in one.boxes]
    return Recorded(asked, batches, [each.value for each in tagging._sent], submissions, {A: tuple(lengths)})


@cache
def recorded() -> Recorded:
    return record(range(0, 200, 2))


def split(joined: bytes, size: int) -> list[bytes]:
    return [joined[at : at + size] for at in range(0, len(joined), size)]


def seen_by_an_aggregator(found: Recorded) -> list[bytes]:
    pieces = []
    for both in found.submissions.values():
        pieces += split(both[0].tags, 16) + split(both[0].links, 16) + split(both[0].shares, 4)
    return pieces


def images_of(servers: list[str], value: bytes) -> list[bytes]:
    """What servers that put their shares together, or nobody, make of a guess."""
    point = hashed(value)
    points = [point]
    if servers:
        answers = [[ristretto.multiply(MADE.shares[one].secret, point)] for one in servers]
        points += [one[0] for one in answers]
        points += sharing.combined([MADE.roster.index(one) for one in servers], answers)
    said = bound(GROUP.context, key(value))
    outputs = [oprf.output(said, one) for one in points]
    plain = [value, key(value), said, *points, *(sha256(one).digest() for one in (value, key(value), said))]
    return [*plain, *outputs, *(one[:16] for one in plain), *(tag_of(one, 0) for one in (*plain, *outputs))]


@pytest.mark.parametrize("servers", [[], [B], [B, C]], ids=["nobody", "one server", "two of three"])
def test_servers_find_nothing_of_what_is_asked_nor_raised(servers: list[str]) -> None:
    """... and a coalition of an aggregator with two servers, where three evaluate, tests no guess."""
    found = recorded()
    assert len(found.asked) == 100
    answers = [one for batch in found.batches.values() for one in batch.answers]
    seen = found.asked + answers + seen_by_an_aggregator(found)
    assert by_equality(seen, lambda value: images_of(servers, value)) == set()


def test_three_of_three_together_with_an_aggregator_test_every_guess() -> None:
    """Stated, not prevented; and it shows that the harness finds what there is to find."""
    raised_by_a_or_b = {*DOMAIN[0:200:2], *DOMAIN[:50]}
    found = by_equality(seen_by_an_aggregator(recorded()), lambda value: images_of([A, B, C], value))
    assert found == raised_by_a_or_b


def test_no_proof_and_no_relation_fits_a_guess() -> None:
    found = recorded().batches[B]
    assert by_proof(found, 0, hashed) == set()
    assert by_relation(found, hashed) == set()


def test_order_and_length_tell_nothing() -> None:
    found = recorded()
    few, shifted = record(range(1)), record(range(200, 400, 2))
    assert found.lengths == few.lengths == shifted.lengths
    ranks = []
    for each in (found, shifted):
        ranks.append(
            abs(correlation([sorted(filter(None, each.values)).index(one) for one in each.values if one]))
        )
        outputs = tagged(MADE, A, [one for one in each.values if one])
        place = {tag: at for at, tag in enumerate(split(each.submissions[A][0].tags, 16))}
        order = [place[tag_of(outputs[one], 0)] for one in sorted(outputs)]
        ranks.append(abs(correlation(order)))
    assert max(ranks) < 0.6  # of 100 in random order beyond .6 once in 10^9


def pieces(found: Submission) -> list[bytes]:
    """Entry by entry, all that there is of one."""
    return [
        b"".join(parts)
        for parts in zip(
            split(found.tags, 16),
            split(found.links, 16 * len(KINDS_SHARED)),
            split(found.shares, 4 * COMPONENTS),
            strict=True,
        )
    ]


def test_presence_and_absence_of_a_key_look_alike() -> None:
    """Of an entry that one node alone has, no bit tells an aggregator whether it is a key or padding."""
    outputs = {key(one): secrets.token_bytes(64) for one in (*DOMAIN, b"card")}
    card = (key(b"card"), *[b""] * 4)
    what = {key(one): Held(counts(9, PAYMENT=9, NEW=0), card) for one in DOMAIN[:500]}
    there = submit(MADE.roster, A, 0, what, outputs, secrets.token_bytes)
    empty = [submit(MADE.roster, A, 0, {}, {}, secrets.token_bytes) for _ in range(5)]
    absent = [one for each in empty for one in pieces(opened(each, A, 0))]
    for place in (0, 1):
        present = pieces(opened(there, A, place))
        assert by_best_bit(present, absent) < 0.65  # of 500 judged entries chance reaches it once in 10^10


def test_the_same_harness_breaks_tags_that_are_a_keyed_hash() -> None:
    """Any node of the roster would read all tags, and an aggregator with it: equality finds each."""
    shared = secrets.token_bytes(32)
    tags = [hmac.digest(shared, key(DOMAIN[at]), "sha256")[:16] for at in range(0, 200, 2)]
    found = by_equality(tags, lambda value: [hmac.digest(shared, key(value), "sha256")[:16]])
    assert found == set(DOMAIN[0:200:2])
    places = {hmac.digest(shared, DOMAIN[at], "sha256"): at for at in range(100)}
    assert correlation(list(places.values())) == pytest.approx(1.0)


def test_the_same_harness_breaks_shares_that_are_not_masked() -> None:
    shares = [counts(9).counts] * 50
    present = [b"".join(one.to_bytes(4, "little") for one in each) for each in shares]
    absent = [bytes(4 * COMPONENTS)] * 50
    assert by_best_bit(present, absent) == 1.0


def test_presence_and_absence_of_an_account_in_a_noisy_sum() -> None:
    """At an accounted epsilon of .1 a key and look the best guess is right in .525 of cases at most."""
    present, absent = views(140, 300)
    assert epsilon(epoch(noise=140).roster, looks=1, keys=1) == pytest.approx(0.1)
    assert by_threshold(present, absent) < 0.64  # chance goes .115 beyond the bound once in five thousand


def test_the_same_harness_breaks_sums_without_noise() -> None:
    assert epsilon(epoch().roster) is None
    assert by_threshold(*views(0, 50)) == 1.0
    assert by_threshold(*views(140, 50, drawn=0)) == 1.0


def test_a_holder_that_adds_learns_the_others_sum_by_taking_away_its_own() -> None:
    """Stated, not prevented: with two holders it is one node's counts."""
    made = epoch(outside=False)
    me, other = (one.name for one in made.roster.aggregators)
    pair = adding(made)
    for name, vector in ((me, counts(2, NEW=1)), (other, counts(4, NEW=3))):
        sent = raised(made, name, {key(DOMAIN[0]): Held(vector)})
        for aggregator, raw in zip(pair, sent.boxes, strict=True):
            aggregator.take(name, raw)
    concluded(*pair)
    (sums,) = unnoised(made, *pair).values()
    less = [one - own for one, own in zip(sums, counts(2, NEW=1).counts, strict=False)]
    assert less == list(counts(4, NEW=3).counts[: len(less)])
    assert len(less) == Component.PAYMENT  # no identifier was common to two


def test_two_exact_looks_differ_by_who_raised_between_them() -> None:
    """Stated, not prevented without noise: tags differ, and an aggregator that finds the key again reads the vector."""
    people = {A: counts(3), B: counts(4), C: counts(5, NEW=2)}
    known = []
    for number, who in enumerate(([A, B], [A, B, C])):
        pair = adding(MADE, look=number)
        for name in who:
            sent = raised(MADE, name, {key(DOMAIN[1]): Held(people[name])}, look=number)
            for aggregator, raw in zip(pair, sent.boxes, strict=True):
                aggregator.take(name, raw)
        concluded(*pair)
        known.append(unnoised(MADE, *pair))
    (first,), (second,) = known[0].values(), known[1].values()
    assert known[0].keys().isdisjoint(known[1])
    assert [more - less for more, less in zip(second, first, strict=True)] == list(people[C].counts[:9])
