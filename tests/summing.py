"""An epoch of sums in one process: participants, two aggregators, their boxes, and a record of spending in memory."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from tocsin.app.noise import discrete_laplace
from tocsin.kernel import Conflict, NotAllowed
from tocsin.kernel.sums import COMPONENTS, KINDS_SHARED, Component, CountVector, Held, SumMember, SumRoster
from tocsin.trust.boxes import Box
from tocsin.trust.matching import epoch_of
from tocsin.trust.summing import (
    Aggregator,
    Evaluator,
    Heard,
    KeyMaking,
    KeyShare,
    Noise,
    Rings,
    Step,
    Submitted,
    Tagging,
    rung,
    submit,
    value_of,
    values_of,
)
from tocsin.trust.summing.messages import Boxed, Sums, box_label, decode
from tocsin.trust.summing.submitting import tag_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EPOCH = epoch_of(NOW)


_OUTPUTS: dict[tuple[bytes, bytes], bytes] = {}
"""Of values that some test had evaluated: they are the same for every participant of an epoch."""


def clock() -> datetime:
    return NOW


class Spent:
    """The record of one server, as the store is to keep it."""

    def __init__(self) -> None:
        self.parts: set[tuple[str, bytes, int]] = set()
        self.points: dict[tuple[str, int], int] = {}

    def spend(self, asker: str, epoch: int, serial: bytes, part: int, points: int, most: int) -> None:
        if (asker, serial, part) in self.parts:
            raise Conflict("this part was evaluated before")
        used = self.points.get((asker, epoch), 0) + points
        if used > most:
            raise NotAllowed(f"the peer has used its {most} points of this week")
        self.parts.add((asker, serial, part))
        self.points[asker, epoch] = used


class Epoch(NamedTuple):
    roster: SumRoster
    boxes: dict[str, Box]
    shares: dict[str, KeyShare]


def names(number: int) -> list[str]:
    return [f"identity--{one:02d}" for one in range(number)]


def cast(number: int = 3, outside: bool = True, **more: Any) -> tuple[SumRoster, dict[str, Box]]:
    """A roster of so many participants; its aggregators are two others, or the first two of them."""
    people = names(number)
    adding = ["identity--left", "identity--right"] if outside else people[:2]
    boxes = {one: Box(sha256(one.encode()).digest()) for one in dict.fromkeys([*people, *adding])}
    members = {one: SumMember(one, box.public) for one, box in boxes.items()}
    more = {"threshold": number // 2 + 1, "ring_at": 5_000, "epoch": EPOCH} | more
    roster = SumRoster(
        participants=tuple(members[one] for one in people),
        aggregators=(members[adding[0]], members[adding[1]]),
        **more,
    )
    return roster, boxes


def makings(roster: SumRoster, boxes: Mapping[str, Box]) -> dict[str, KeyMaking]:
    return {one: KeyMaking(roster, one, boxes[one], secrets.token_bytes) for one in roster.names}


def talk(
    making: Mapping[str, KeyMaking], listeners: Sequence[str] = (), without_silent: bool = False
) -> None:
    """One step, in which all, or these, hear all who are not out, and go on."""
    said = {name: one.message() for name, one in making.items()}
    for name in listeners or making:
        for speaker, raw in said.items():
            if speaker not in making[name].out:
                making[name].hear(speaker, raw)
        making[name].proceed(without_silent)


def keyed(roster: SumRoster, boxes: Mapping[str, Box]) -> dict[str, KeyShare]:
    """Each participant's share of a key that they made together."""
    making = makings(roster, boxes)
    while next(iter(making.values())).step is not Step.DONE:
        talk(making)
    return {name: one.share for name, one in making.items()}


@cache
def epoch(number: int = 3, outside: bool = True, noise: int = 0, holders: int = 2) -> Epoch:
    """Made once for all tests that change nothing in it."""
    roster, boxes = cast(number, outside, noise=noise, holders=holders)
    return Epoch(roster, boxes, keyed(roster, boxes))


def evaluator(made: Epoch, name: str, spent: Spent | None = None) -> Evaluator:
    return Evaluator(
        made.roster, made.shares[name], spending=spent or Spent(), clock=clock, entropy=secrets.token_bytes
    )


def tagged(made: Epoch, me: str, values: Sequence[bytes]) -> dict[bytes, bytes]:
    """The outputs of a node's values, with its own share and as many others as it takes."""
    tagging = Tagging(made.roster, made.shares[me].group, values, entropy=secrets.token_bytes)
    tagging.own(made.shares[me])
    for server in made.roster.names:
        if server != me and tagging.waiting:
            serving = evaluator(made, server)
            for question in tagging.questions:
                tagging.hear(server, serving.answer(me, question))
    return tagging.outputs()


def counts(actors: int, **more: int) -> CountVector:
    """So many accounts, and so many of them with each trait that is named."""
    found = [0] * COMPONENTS
    found[Component.ACTORS] = actors
    for name, number in more.items():
        found[Component[name]] = number
    return CountVector(tuple(found))


def text(number: int) -> bytes:
    """The key of a made-up text."""
    return value_of("band", b"lottery refund %d" % number)


def held(numbers: Mapping[int, int]) -> dict[bytes, Held]:
    """So many accounts by the number of the text."""
    return {text(one): Held(counts(actors)) for one, actors in numbers.items()}


def five(sum_: CountVector, holders: int) -> bool:
    """A score that rings at five accounts."""
    return sum_.counts[Component.ACTORS] >= 5


def no_noise(number: int, scale: int) -> Sequence[int]:
    raise AssertionError("no noise is drawn at scale 0")


def adding(
    made: Epoch, look: int = 0, noise: Noise = no_noise, rings: Rings = five
) -> tuple[Aggregator, Aggregator]:
    one, other = (
        Aggregator(made.roster, each.name, made.boxes[each.name], look, noise=noise, rings=rings, clock=clock)
        for each in made.roster.aggregators
    )
    return one, other


def raised(made: Epoch, me: str, what: Mapping[bytes, Held], look: int = 0) -> Submitted:
    outputs = {one: _OUTPUTS.get((made.roster.digest, one), b"") for one in values_of(what)}
    if not all(outputs.values()):
        outputs = tagged(made, me, values_of(what))
        _OUTPUTS.update({(made.roster.digest, one): output for one, output in outputs.items()})
    return submit(made.roster, me, look, what, outputs, secrets.token_bytes)


def concluded(one: Aggregator, other: Aggregator) -> None:
    """Both close, tell each other what they have, and score."""
    first, second = one.close(), other.close()
    one.hear_roll(second)
    other.hear_roll(first)
    first, second = one.sums(), other.sums()
    one.hear_sums(second)
    other.hear_sums(first)


def unnoised(made: Epoch, one: Aggregator, other: Aggregator) -> dict[bytes, list[int]]:
    """All sums as the first aggregator knows them, by tag: without its own noise, which it can take away."""
    boxed = decode(other.sums(), Boxed)
    label = box_label(made.roster, "sums", other._me, one._me, other.look)
    told = decode(made.boxes[one._me].open(boxed.box, label), Sums)
    found: dict[bytes, list[int]] = {}
    for column, value in zip(one._columns, np.frombuffer(told.values, "<u4").tolist(), strict=True):
        whole = (one._sum(column) + value + 2**31) % 2**32 - 2**31
        found.setdefault(column.tag, []).append(whole)
    return found


def look(
    made: Epoch, what: Mapping[str, Mapping[bytes, Held]], noise: Noise = no_noise, rings: Rings = five
) -> dict[str, Heard]:
    """A whole look of these nodes."""
    submitted = {name: raised(made, name, keys) for name, keys in what.items()}
    pair = adding(made, noise=noise, rings=rings)
    for name, one in submitted.items():
        for aggregator, raw in zip(pair, one.boxes, strict=True):
            aggregator.take(name, raw)
    concluded(*pair)
    return {
        name: rung(
            made.roster,
            name,
            made.boxes[name],
            one,
            {
                each.name: aggregator.bits(name)
                for each, aggregator in zip(made.roster.aggregators, pair, strict=True)
            },
        )
        for name, one in submitted.items()
    }


EVERY = CountVector((3,) * COMPONENTS)
FEWER = CountVector((2,) * COMPONENTS)
CARD = tuple(value_of(kind, b"1") for kind in KINDS_SHARED)


def views(scale: int, number: int, drawn: int | None = None) -> tuple[list[int], list[int]]:
    """How far the sums that one aggregator knows speak for an account with every trait, under so many keys each.

    The attacker knows everybody else's counts, and which keys are which. `drawn` is the scale of a build that draws
    other noise than its roster says.
    """
    made = epoch(noise=scale)
    me, other = names(2)
    keys = [value_of("handle", b"%d" % at) for at in range(2 * number)]
    outputs = {one: secrets.token_bytes(64) for one in (*keys, *CARD)}
    with_one = {one: Held(EVERY if at < number else FEWER, CARD) for at, one in enumerate(keys)}
    others = dict.fromkeys(keys, Held(counts(2), CARD))
    rest = [2 + 2 * (at == Component.ACTORS) for at in range(COMPONENTS)]
    noise_of = scale if drawn is None else drawn
    pair = adding(
        made,
        noise=lambda many, _: discrete_laplace([0] * many, noise_of, 1_000) if noise_of else [0] * many,
        rings=lambda *_: False,
    )
    for name, what in ((me, with_one), (other, others)):
        sent = submit(made.roster, name, 0, what, outputs, secrets.token_bytes)
        for aggregator, raw in zip(pair, sent.boxes, strict=True):
            aggregator.take(name, raw)
    concluded(*pair)
    known = unnoised(made, *pair)
    speaks = [
        sum(
            abs(value - low) - abs(value - low - 1)
            for value, low in zip(known[tag_of(outputs[one], 0)], rest, strict=True)
        )
        for one in keys
    ]
    return speaks[:number], speaks[number:]


def _speaks(sums: Sequence[int], without: Sequence[int]) -> int:
    """For one more of everything, against the counts that are without it: the likelihoods' ratio, times the scale."""
    return sum(abs(value - low) - abs(value - low - 1) for value, low in zip(sums, without, strict=True))
