"""What is compared: inputs in their one spelling, each once, by kind. Docs: docs/matching.md.

Enters: identifiers as a node keeps them, or sketches of texts. Leaves: bytes that two nodes write alike, and the way
back to what they were made of. Refuses: a kind that is not matched, a set so small that its answer is about somebody.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from tocsin.kernel import BadInput, ObservableType
from tocsin.trust.matching.sizes import MAX_POINTS
from tocsin.wire import sketch
from tocsin.wire.observables import canonical

LEAST_INPUTS = 10
"""Distinct inputs of a set: the answer about a set of one is an answer about one person."""

BANDS, BAND_ROWS = 16, 4
"""All 64 slots of a fingerprint. Texts of similarity .8 share two bands or more in .997 of cases, of .3 in .007."""

HANDLE_BYTES = 32
"""Of an end user: a SHA-256 digest."""

LEAST_BANDS = 2
"""Bands that two texts share before they are told as alike: one alone meets by chance, and tells of a common phrase."""


class MatchKind(StrEnum):
    """What a session compares; one kind a session, so that caps and consent are by kind."""

    HANDLE = "handle"
    EMAIL = "email"
    PHONE = "phone"
    DOMAIN = "domain"
    ADDRESS_PREFIX = "address-prefix"
    WALLET = "wallet"
    FILE_HASH = "file-hash"
    BAND = "band"
    END_USER = "end-user"
    """A vetted end user who agreed, as 32 bytes of their issuer's name for them (docs/end-users.md)."""


UNWRITTEN = frozenset({MatchKind.BAND, MatchKind.END_USER})
"""Kinds whose inputs nobody writes down: a node makes them of what it has."""


class Inputs(NamedTuple):
    """Distinct inputs of one kind, as bytes that a peer writes alike."""

    kind: MatchKind
    values: tuple[bytes, ...]


def identifiers(kind: MatchKind, values: Iterable[str]) -> Inputs:
    """The inputs of identifiers, in their one spelling, each once. Raises BadInput, which never holds a value."""
    if kind in UNWRITTEN:
        raise BadInput(f"inputs of kind {kind} are made by a node, and not of words")
    spelt = dict.fromkeys(canonical(ObservableType(kind.value), value).encode() for value in values)
    return enough(Inputs(kind, tuple(spelt)))


def end_users(handles: Iterable[bytes]) -> Inputs:
    """The inputs of vetted end users' handles. Raises BadInput."""
    distinct = tuple(dict.fromkeys(handles))
    if any(len(one) != HANDLE_BYTES for one in distinct):
        raise BadInput(f"an end user's handle has {HANDLE_BYTES} bytes")
    return enough(Inputs(MatchKind.END_USER, distinct))


def bands(sketches: Sequence[sketch.Sketch]) -> tuple[Inputs, dict[bytes, tuple[int, ...]]]:
    """The inputs of texts (band index, value), and which of the texts have each. Raises BadInput.

    Texts too short for a shared fingerprint are left out: who holds a band of one could guess it.
    """
    owners: dict[bytes, list[int]] = {}
    for text, one in enumerate(sketches):
        if one.shingles < sketch.MIN_SHARED_SHINGLES:
            continue
        for index, value in enumerate(sketch.bands(one.signature[None, :], BANDS, BAND_ROWS)[0].tolist()):
            owners.setdefault(bytes([index]) + value.to_bytes(8), []).append(text)
    inputs = enough(Inputs(MatchKind.BAND, tuple(owners)))
    return inputs, {value: tuple(texts) for value, texts in owners.items()}


def texts_of(matched: Iterable[bytes], owners: dict[bytes, tuple[int, ...]]) -> dict[int, int]:
    """The texts that share LEAST_BANDS bands or more with the peer's, and how many."""
    shared: dict[int, int] = {}
    for value in matched:
        for text in owners.get(value, ()):
            shared[text] = shared.get(text, 0) + 1
    return {text: number for text, number in sorted(shared.items()) if number >= LEAST_BANDS}


def enough(inputs: Inputs) -> Inputs:
    """The same, if its answer is not about single persons, and it is no larger than any. Raises BadInput."""
    if len(inputs.values) < LEAST_INPUTS:
        raise BadInput(
            f"a set of {len(inputs.values)} is not matched: its answer would be about single persons; at least"
            f" {LEAST_INPUTS} distinct inputs"
        )
    if len(inputs.values) > MAX_POINTS:
        raise BadInput(f"a set has at most {MAX_POINTS} inputs; match a part of it")
    return inputs
