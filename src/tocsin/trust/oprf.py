"""Oblivious pseudorandom functions: RFC 9497, ristretto255-SHA512, modes OPRF and VOPRF. Unaudited.

One side has a key, the other inputs; the second learns the function's outputs, the first nothing, and a guess can be
tested by nobody who lacks the key. In the verifiable mode the key's holder proves that all elements of a batch were
multiplied by the one key of a public key (DLEQ). Section numbers are the RFC's; the group is `trust.ristretto`.

Enters: inputs, points and proofs. Leaves: points, proofs, outputs of 64 bytes. Refuses: what is no canonical encoding,
the identity, a batch whose sizes differ, a proof that does not hold.
"""

from collections.abc import Sequence
from enum import IntEnum
from hashlib import sha512
from typing import NamedTuple

from tocsin.kernel import BadInput
from tocsin.trust import ristretto
from tocsin.trust.ristretto import SCALAR_BYTES, in_parts
from tocsin.trust.seal import Entropy

SEED_BYTES = 32
PROOF_BYTES = 2 * SCALAR_BYTES
MAX_INPUT_BYTES = MAX_INFO_BYTES = (1 << 16) - 1
"""Their lengths are written in two bytes."""

MAX_BATCH = (1 << 16) - 1
"""Elements under one proof: their numbers are written in two bytes (2.2.1)."""

_BLOCK = bytes(128)
_DERIVATIONS = 256


class Mode(IntEnum):
    """Section 3.1. The partially oblivious mode is not here: nothing needs it."""

    OPRF = 0
    VOPRF = 1


class KeyPair(NamedTuple):
    """A scalar that never leaves its holder, and the point by which the others know it."""

    secret: bytes
    public: bytes


class Blinding(NamedTuple):
    """What the client keeps of its inputs (the inverse blinds), and the points that it sends, in one order."""

    inverses: list[bytes]
    points: list[bytes]


def context(mode: Mode) -> bytes:
    """Section 3.1, CreateContextString."""
    return b"OPRFV1-" + bytes([mode]) + b"-ristretto255-SHA512"


def derive_key(mode: Mode, seed: bytes, info: bytes) -> KeyPair:
    """The pair of a seed of SEED_BYTES and public words (3.2.1). Raises BadInput for other lengths."""
    if len(seed) != SEED_BYTES or len(info) > MAX_INFO_BYTES:
        raise BadInput(
            f"a key is derived from {SEED_BYTES} bytes and at most {MAX_INFO_BYTES} of information"
        )
    domain = b"DeriveKeyPair" + context(mode)
    for counter in range(_DERIVATIONS):
        secret = ristretto.reduced(_expand(seed + _sized(info) + bytes([counter]), domain))
        if secret != ristretto.ZERO:
            return KeyPair(secret, ristretto.multiply_base(secret))
    raise BadInput("this seed derives no key; draw another")  # one in 2^64512


def hash_to_group(mode: Mode, value: bytes) -> bytes:
    """The point of an input (RFC 9380, expand_message_xmd with SHA-512, then the map of libsodium).

    Raises BadInput for an input that is too long.
    """
    if len(value) > MAX_INPUT_BYTES:
        raise BadInput(f"an input has at most {MAX_INPUT_BYTES} bytes")
    return ristretto.from_uniform(_expand(value, b"HashToGroup-" + context(mode)))


def blind(mode: Mode, inputs: Sequence[bytes], entropy: Entropy, workers: int = 1) -> Blinding:
    """Each input under a blind of its own (3.3.1, Blind). Raises BadInput as `hash_to_group`."""
    blinds = [ristretto.draw_scalar(entropy) for _ in inputs]
    return blind_by(mode, inputs, blinds, workers)


def blind_by(mode: Mode, inputs: Sequence[bytes], blinds: Sequence[bytes], workers: int = 1) -> Blinding:
    """`blind` with scalars that the caller drew, none of them zero."""

    def work(part: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        return [ristretto.multiply(scalar, hash_to_group(mode, value)) for value, scalar in part]

    points = in_parts(work, list(zip(inputs, blinds, strict=True)), workers)
    return Blinding(ristretto.inverses(blinds), points)


def evaluate(secret: bytes, points: Sequence[bytes], workers: int = 1) -> list[bytes]:
    """Each point times the key (3.3.1, BlindEvaluate). Raises BadInput for one that is no element, or the identity."""
    return in_parts(lambda part: [ristretto.multiply(secret, point) for point in part], points, workers)


def unblind(inverse_blinds: Sequence[bytes], evaluated: Sequence[bytes], workers: int = 1) -> list[bytes]:
    """The elements under the key alone. Raises BadInput as `evaluate`, and where the numbers differ."""
    if len(inverse_blinds) != len(evaluated):
        raise BadInput("there are not as many answers as questions; the peer's program is broken or hostile")

    def work(part: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        return [ristretto.multiply(inverse, point) for inverse, point in part]

    return in_parts(work, list(zip(inverse_blinds, evaluated, strict=True)), workers)


def output(value: bytes, element: bytes) -> bytes:
    """64 bytes of an input and its element under the key (3.3.1, the end of Finalize)."""
    return sha512(_sized(value) + _sized(element) + b"Finalize").digest()


def finalize(
    inputs: Sequence[bytes], inverse_blinds: Sequence[bytes], evaluated: Sequence[bytes], workers: int = 1
) -> list[bytes]:
    """The outputs (3.3.1, Finalize); in the verifiable mode `require_one_key` comes first. Raises BadInput."""
    elements = unblind(inverse_blinds, evaluated, workers)
    return [output(value, element) for value, element in zip(inputs, elements, strict=True)]


def own_elements(mode: Mode, secret: bytes, inputs: Sequence[bytes], workers: int = 1) -> list[bytes]:
    """What the key's holder computes of inputs of its own: their elements under the key. Raises BadInput."""

    def work(part: Sequence[bytes]) -> list[bytes]:
        return [ristretto.multiply(secret, hash_to_group(mode, value)) for value in part]

    return in_parts(work, inputs, workers)


def own_outputs(mode: Mode, secret: bytes, inputs: Sequence[bytes], workers: int = 1) -> list[bytes]:
    """The outputs of the key holder's own inputs (3.3.1, Evaluate). Raises BadInput."""
    elements = own_elements(mode, secret, inputs, workers)
    return [output(value, element) for value, element in zip(inputs, elements, strict=True)]


def prove(
    key: KeyPair, points: Sequence[bytes], evaluated: Sequence[bytes], nonce: bytes, workers: int = 1
) -> bytes:
    """PROOF_BYTES that `evaluated` are `points` times the key (2.2.1). `nonce` is a fresh scalar, used once.

    `points` went through `evaluate`. Raises BadInput for an empty batch or one above MAX_BATCH.
    """
    middle = _sum([one for one, _ in _weighted(key.public, points, evaluated, False, workers)])
    image = ristretto.multiply(key.secret, middle)
    commitments = ristretto.multiply_base(nonce), ristretto.multiply(nonce, middle)
    challenge = _challenge(key.public, middle, image, *commitments)
    return challenge + ristretto.scalar_difference(nonce, ristretto.scalar_product(challenge, key.secret))


def require_one_key(
    public: bytes, points: Sequence[bytes], evaluated: Sequence[bytes], proof: bytes, workers: int = 1
) -> None:
    """That one key, `public`'s, led from each point to its answer (2.2.2). Raises BadInput where it did not."""
    ristretto.checked_point(public)
    if len(proof) != PROOF_BYTES:
        raise BadInput(f"a proof has {PROOF_BYTES} bytes")
    challenge, response = (ristretto.checked_scalar(proof[at : at + 32]) for at in (0, SCALAR_BYTES))
    weighted = _weighted(public, points, evaluated, True, workers)
    try:
        middle, image = _sum([one for one, _ in weighted]), _sum([other for _, other in weighted])
        seen = (
            ristretto.add(ristretto.multiply_base(response), ristretto.multiply(challenge, public)),
            ristretto.add(ristretto.multiply(response, middle), ristretto.multiply(challenge, image)),
        )
    except BadInput:  # a zero in the proof, or a sum that is the identity: no honest prover meets either
        seen = (ristretto.IDENTITY, ristretto.IDENTITY)
        middle = image = ristretto.IDENTITY
    if _challenge(public, middle, image, *seen) != challenge:
        raise BadInput(
            "the proof does not show that one key answered all points; the peer changed its key or lies:"
            " end the session"
        )


def _weighted(
    public: bytes, points: Sequence[bytes], evaluated: Sequence[bytes], both: bool, workers: int
) -> list[tuple[bytes, bytes]]:
    """Each point and, where `both`, its answer times a weight that the batch decides (2.2.1, ComputeComposites)."""
    if len(points) != len(evaluated) or not 0 < len(points) <= MAX_BATCH:
        raise BadInput(f"a batch has as many answers as points, from 1 to {MAX_BATCH}")
    name = context(Mode.VOPRF)
    seed = sha512(_sized(public) + _sized(b"Seed-" + name)).digest()
    domain = b"HashToScalar-" + name

    def work(part: Sequence[tuple[int, bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        found = []
        for at, point, answer in part:
            said = _sized(seed) + at.to_bytes(2) + _sized(point) + _sized(answer) + b"Composite"
            weight = ristretto.reduced(_expand(said, domain))
            first = ristretto.multiply(weight, point)
            found.append((first, ristretto.multiply(weight, answer) if both else ristretto.IDENTITY))
        return found

    triples = [(at, *pair) for at, pair in enumerate(zip(points, evaluated, strict=True))]
    return in_parts(work, triples, workers)


def _sum(points: Sequence[bytes]) -> bytes:
    total = points[0]
    for point in points[1:]:
        total = ristretto.add(total, point)
    return ristretto.checked_point(total)


def _challenge(public: bytes, middle: bytes, image: bytes, first: bytes, second: bytes) -> bytes:
    said = b"".join(map(_sized, (public, middle, image, first, second))) + b"Challenge"
    return ristretto.reduced(_expand(said, b"HashToScalar-" + context(Mode.VOPRF)))


def _expand(message: bytes, domain: bytes) -> bytes:
    """64 uniform bytes: RFC 9380, section 5.3.1, with SHA-512, whose one block of output is enough."""
    named = domain + bytes([len(domain)])
    first = sha512(_BLOCK + message + b"\x00\x40\x00" + named).digest()
    return sha512(first + b"\x01" + named).digest()


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(2) + part
