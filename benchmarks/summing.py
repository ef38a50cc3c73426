"""A look of private sums: 1,000 keys from each of 10 nodes. CPU seconds of the busiest node, and of an aggregator.

Everything in one process, each node's calls measured by themselves. `python -m benchmarks.summing 200` for another
number of keys; `--noise` for how well one account can be guessed from an aggregator's view, by the scale of the noise.
"""

import secrets
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from benchmarks.psi import unit
from benchmarks.rows import Row, cpu_seconds
from tocsin.kernel.sums import COMPONENTS, MOST_ACTORS, Component, CountVector, Held, SumMember, SumRoster
from tocsin.trust.boxes import Box
from tocsin.trust.matching import epoch_of
from tocsin.trust.summing import (
    Aggregator,
    Evaluator,
    KeyMaking,
    KeyShare,
    Step,
    Submitted,
    Tagging,
    epsilon,
    rung,
    submit,
    value_of,
    values_of,
)

NODES, KEYS, COMMON = 10, 1_000, 500
"""So many keys at each node, of which so many are the same at all."""

PROMISED = 10.0
"""CPU seconds a node."""

SCALES = (0, 1, 2, 4, 8, 14, 28, 56)
GUESSES = 1_000

PROOF_MULTIPLICATIONS = 4
"""Of a verifier, for a proof that a committed number is a bit (two Schnorr proofs, one of them true)."""

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LEFT, RIGHT = "aggregator-0", "aggregator-1"


class _Unbounded:
    def spend(self, asker: str, epoch: int, serial: bytes, part: int, points: int, most: int) -> None:
        """A benchmark has no budget."""


class _Meter:
    """CPU seconds and bytes sent, by node."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = defaultdict(float)
        self.sent: dict[str, int] = defaultdict(int)
        self.parts: dict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, node: str, part: str) -> Iterator[None]:
        started = cpu_seconds()
        yield
        used = cpu_seconds() - started
        self.cpu[node] += used
        self.parts[part] += used / NODES


def cast() -> tuple[SumRoster, dict[str, Box]]:
    """Ten participants and two aggregators that are none."""
    people = [f"node-{number:02d}" for number in range(NODES)]
    boxes = {name: Box(secrets.token_bytes(32)) for name in (*people, LEFT, RIGHT)}
    members = {name: SumMember(name, box.public) for name, box in boxes.items()}
    roster = SumRoster(
        epoch=epoch_of(NOW),
        participants=tuple(members[one] for one in people),
        aggregators=(members[LEFT], members[RIGHT]),
        threshold=NODES // 2 + 1,
        ring_at=5_000,
    )
    return roster, boxes


def _keyed(roster: SumRoster, boxes: dict[str, Box], meter: _Meter) -> dict[str, KeyShare]:
    making: dict[str, KeyMaking] = {}
    for name in roster.names:
        with meter.of(name, "key"):
            making[name] = KeyMaking(roster, name, boxes[name], secrets.token_bytes)
    for _ in range(Step.DONE):
        said = {name: one.message() for name, one in making.items()}
        for name, one in making.items():
            meter.sent[name] += len(said[name]) * (NODES - 1)
            with meter.of(name, "key"):
                for other, raw in said.items():
                    one.hear(other, raw)
                one.proceed()
    return {name: one.share for name, one in making.items()}


def _outputs(
    roster: SumRoster, shares: dict[str, KeyShare], me: str, values: list[bytes], meter: _Meter
) -> dict[bytes, bytes]:
    with meter.of(me, "tags"):
        tagging = Tagging(roster, shares[me].group, values, entropy=secrets.token_bytes)
        tagging.own(shares[me])
        questions = tagging.questions
    first = roster.names.index(me)
    for step in range(1, roster.threshold):  # the next ones in the ring, so that all serve alike
        server = roster.names[(first + step) % NODES]
        for question in questions:
            with meter.of(server, "serving"):
                serving = Evaluator(
                    roster,
                    shares[server],
                    spending=_Unbounded(),
                    clock=lambda: NOW,
                    entropy=secrets.token_bytes,
                )
                answer = serving.answer(me, question)
            meter.sent[me] += len(question)
            meter.sent[server] += len(answer)
            with meter.of(me, "tags"):
                tagging.hear(server, answer)
    with meter.of(me, "tags"):
        return tagging.outputs()


def _held(number: int, keys: int) -> dict[bytes, Held]:
    vector = CountVector((3, 3, 2, 3, *[1] * (COMPONENTS - 4)))
    common = keys * COMMON // KEYS
    names = [at if at < common else (number + 1) * keys + at for at in range(keys)]
    return {value_of("band", b"\x00" + at.to_bytes(8)): Held(vector) for at in names}


def _twelve(total: CountVector, _: int) -> bool:
    return total.counts[Component.ACTORS] >= 12


def look(keys: int) -> tuple[_Meter, int, int]:
    """A key is made, and one look is had. The meter, tags that were summed, keys that rang at a node."""
    meter = _Meter()
    roster, boxes = cast()
    shares = _keyed(roster, boxes, meter)
    pair = [
        Aggregator(
            roster, name, boxes[name], 0, noise=lambda many, _: [0] * many, rings=_twelve, clock=lambda: NOW
        )
        for name in (LEFT, RIGHT)
    ]
    submitted: dict[str, Submitted] = {}
    for number, name in enumerate(roster.names):
        held = _held(number, keys)
        outputs = _outputs(roster, shares, name, values_of(held), meter)
        with meter.of(name, "submission"):
            submitted[name] = submit(roster, name, 0, held, outputs, secrets.token_bytes)
        meter.sent[name] += sum(map(len, submitted[name].boxes))
        for adding, raw in zip(pair, submitted[name].boxes, strict=True):
            with meter.of(adding._me, "adding"):
                adding.take(name, raw)
    one, other = pair
    for say, hear in ((Aggregator.close, Aggregator.hear_roll), (Aggregator.sums, Aggregator.hear_sums)):
        said = []
        for adding in pair:
            with meter.of(adding._me, "adding"):
                said.append(say(adding))
            meter.sent[adding._me] += len(said[-1])
        for adding, raw in zip((other, one), said, strict=True):
            with meter.of(adding._me, "adding"):
                hear(adding, raw)
    rang = 0
    for name in roster.names:
        answers = {}
        for adding in pair:
            with meter.of(adding._me, "adding"):
                answers[adding._me] = adding.bits(name)
            meter.sent[adding._me] += len(answers[adding._me])
        with meter.of(name, "submission"):
            rang = len(rung(roster, name, boxes[name], submitted[name], answers).ringing)
    return meter, one.summed, rang


def _rows(keys: int) -> list[Row]:
    meter, summed, rang = look(keys)
    assert summed == rang == keys * COMMON // KEYS
    nodes = {name: cpu for name, cpu in meter.cpu.items() if name not in (LEFT, RIGHT)}
    busiest = max(nodes, key=lambda name: nodes[name])
    adding = max((LEFT, RIGHT), key=lambda name: meter.cpu[name])
    parts = ", ".join(f"{part} {meter.parts[part]:.2f}" for part in ("key", "tags", "serving", "submission"))
    each = unit().multiply
    bits = COMPONENTS * MOST_ACTORS.bit_length()
    proofs = NODES * keys * bits * PROOF_MULTIPLICATIONS * each
    promised = PROMISED * keys / KEYS
    return [
        Row(
            f"{keys:,} keys from each of {NODES} nodes, the busiest node, against what is promised",
            *(nodes[busiest], promised, promised / nodes[busiest], "CPU-s"),
            1.0 if keys == KEYS else None,
            f"a mean node: {parts}; it sends {meter.sent[busiest] / 1e6:.2f} MB",
        ),
        Row(
            "... an aggregator",
            *(meter.cpu[adding], promised, promised / meter.cpu[adding], "CPU-s"),
            1.0 if keys == KEYS else None,
            f"{summed:,} tags with enough holders summed; it sends {meter.sent[adding] / 1e6:.2f} MB",
        ),
        Row(
            "... what proofs of ranges would cost an aggregator (not built)",
            *(proofs, promised, promised / proofs, "CPU-s", None),
            f"{bits} bits a key, {PROOF_MULTIPLICATIONS} multiplications each, {each * 1e6:.1f} us measured",
        ),
    ]


def run() -> list[Row]:
    """The promised size."""
    return _rows(KEYS)


def guesses() -> None:
    """How often the best guess whether an account with every trait is there is right, by the scale of the noise."""
    from tests.attacks import by_threshold
    from tests.summing import epoch, views

    print("| scale on each count | epsilon, a key and look | right guesses |\n|---|---|---|")
    for scale in SCALES:
        cost = epsilon(epoch(noise=scale).roster, looks=1, keys=1)
        told = "unbounded" if cost is None else f"{cost:.3g}"
        print(f"| {scale} | {told} | {by_threshold(*views(scale, GUESSES)):.3f} |", flush=True)


if __name__ == "__main__":
    if "--noise" in sys.argv:
        guesses()
    else:
        for size in tuple(map(int, sys.argv[1:])) or (KEYS,):
            for row in _rows(size):
                print(row.line(), flush=True)
