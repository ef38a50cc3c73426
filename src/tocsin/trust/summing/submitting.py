"""What a node raises at one look: its counts, clipped, in two shares under tags, padded, a box for each aggregator."""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.sums import COMPONENTS, KINDS_SHARED, Held, SumRoster
from tocsin.trust.boxes import seal_to
from tocsin.trust.matching.sizes import padded, shuffled
from tocsin.trust.seal import Entropy
from tocsin.trust.summing.messages import (
    COUNT_BYTES,
    LABEL,
    LINK_BYTES,
    MAX_ENTRIES,
    TAG_BYTES,
    Boxed,
    Submission,
    box_label,
    encode,
)

ENTRY_SHARES = COMPONENTS * COUNT_BYTES


class Submitted(NamedTuple):
    """A look's submission: a message for each aggregator, in the roster's order; and what its entries stand for.

    `keys` has one for each entry, b"" for padding: with them `rung` reads the bits. Secret, and kept until then.
    """

    look: int
    boxes: tuple[bytes, bytes]
    keys: tuple[bytes, ...]


def value_of(kind: str, value: bytes) -> bytes:
    """A key or an identifier as it is evaluated: the kind in front, so that none of two kinds are the same.

    `kind` is a `MatchKind` or one of KINDS_SHARED; `value` the bytes that all nodes write alike.
    """
    return kind.encode() + b"\x00" + value


def values_of(held: Mapping[bytes, Held]) -> list[bytes]:
    """All that has to be evaluated before `submit`: the keys, and the identifiers of their accounts, each once."""
    identifiers = (one for each in held.values() for one in each.identifiers if one)
    return list(dict.fromkeys((*held, *identifiers)))


def tag_of(output: bytes, look: int) -> bytes:
    """What an aggregator sees of a key at one look: tags of two looks have nothing in common."""
    return sha256(LABEL + b"/tag" + bytes([look]) + output).digest()[:TAG_BYTES]


def link_of(output: bytes, identifier: bytes, look: int) -> bytes:
    """What an aggregator sees of an identifier under a key, by the outputs of both.

    It says that two nodes have the same one, under this key and at this look, and nothing beyond.
    """
    return sha256(LABEL + b"/link" + bytes([look]) + output + identifier).digest()[:LINK_BYTES]


def submit(
    roster: SumRoster,
    me: str,
    look: int,
    held: Mapping[bytes, Held],
    outputs: Mapping[bytes, bytes],
    entropy: Entropy,
) -> Submitted:
    """The submission of a look. A node that has nothing to raise sends one of padding alone.

    `outputs` are `Tagging.outputs` of `values_of(held)`. Raises BadInput for a look that the roster does not have, or a
    value without its output; TooLarge for too many keys.
    """
    roster.index(me)
    require_look(roster, look)
    if len(held) > MAX_ENTRIES:
        raise TooLarge(f"a node raises at most {MAX_ENTRIES} keys at one look")
    try:
        entries = [
            (
                key,
                tag_of(outputs[key], look),
                _links(one, outputs[key], outputs, look, entropy),
                one.counts.clipped().counts,
            )
            for key, one in held.items()
        ]
    except KeyError:
        raise BadInput("a key or an identifier has no output yet: have `values_of` evaluated first") from None
    size = padded(len(held))
    nothing = (0,) * COMPONENTS
    entries += [
        (b"", entropy(TAG_BYTES), _links(None, b"", outputs, look, entropy), nothing)
        for _ in range(size - len(held))
    ]
    entries = shuffled(entries, entropy)
    counts = np.array([one[3] for one in entries], "<u4")
    mask = np.frombuffer(entropy(size * ENTRY_SHARES), "<u4").reshape(size, COMPONENTS)
    tags, links = b"".join(one[1] for one in entries), b"".join(one[2] for one in entries)
    messages = []
    for aggregator, shares in zip(roster.aggregators, (mask, counts - mask), strict=True):
        submission = Submission(tags=tags, links=links, shares=shares.tobytes())
        label = box_label(roster, "submission", me, aggregator.name, look)
        box = seal_to(aggregator.box, encode(submission), label)
        messages.append(encode(Boxed(roster=roster.digest, look=look, box=box)))
    return Submitted(look, (messages[0], messages[1]), tuple(one[0] for one in entries))


def require_look(roster: SumRoster, look: int) -> None:
    """That a roster has such a look. Raises BadInput."""
    if not 0 <= look < roster.looks:
        raise BadInput(f"this epoch has {roster.looks} looks, from 0; there is none of number {look}")


def _links(
    held: Held | None, output: bytes, outputs: Mapping[bytes, bytes], look: int, entropy: Entropy
) -> bytes:
    identifiers = held.identifiers if held else (b"",) * len(KINDS_SHARED)
    return b"".join(
        link_of(output, outputs[one], look) if one else entropy(LINK_BYTES) for one in identifiers
    )
