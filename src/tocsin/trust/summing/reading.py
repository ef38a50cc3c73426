"""What comes back to a node that raised keys: a bit for each, from both aggregators."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.sums import SumRoster
from tocsin.trust.boxes import Box
from tocsin.trust.seal import SealBroken
from tocsin.trust.summing.messages import Bits, Boxed, box_label, decode, require_roster
from tocsin.trust.summing.submitting import Submitted


class Heard(NamedTuple):
    """The keys that ring, and those of which the two aggregators say different things: one of them lies or fails."""

    ringing: frozenset[bytes]
    differing: frozenset[bytes]


def rung(roster: SumRoster, me: str, box: Box, submitted: Submitted, answers: Mapping[str, bytes]) -> Heard:
    """What both aggregators say of a submission; `answers` is by the aggregator's name, one from each.

    A key rings where both say so. Raises BadInput, Conflict.
    """
    if set(answers) != {one.name for one in roster.aggregators}:
        raise BadInput("a bit counts when both aggregators have said it; ask the other one too")
    one, other = (_bits(roster, me, box, submitted, *answer) for answer in sorted(answers.items()))
    keys = submitted.keys
    ringing = frozenset(key for at, key in enumerate(keys) if key and one[at] and other[at])
    return Heard(ringing, frozenset(key for at, key in enumerate(keys) if key and one[at] != other[at]))


def _bits(
    roster: SumRoster, me: str, box: Box, submitted: Submitted, aggregator: str, raw: bytes
) -> list[bool]:
    boxed = decode(raw, Boxed)
    require_roster(boxed, roster)
    if boxed.look != submitted.look:
        raise Conflict("a message belongs to another look")
    try:
        plain = box.open(boxed.box, box_label(roster, "bits", aggregator, me, submitted.look))
    except SealBroken:
        raise BadInput(
            "a box does not open: it is for another node, look or roster, or another node sealed it"
        ) from None
    told = decode(plain, Bits)
    size = len(submitted.keys)
    if told.entries != size or len(told.bits) != -(-size // 8):
        raise BadInput("an aggregator did not say one bit for each entry")
    bits: list[bool] = np.unpackbits(np.frombuffer(told.bits, np.uint8), count=size).astype(bool).tolist()
    return bits
