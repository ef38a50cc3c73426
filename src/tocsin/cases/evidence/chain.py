"""Chain of custody: each step bound by SHA-256 to all before it, the first to the exhibit, and every one signed.

    before the first step    SHA-256 of the facts, the JSON that says what the exhibit is
    after a step             SHA-256 of (before || the step as JSON)
    signature                Ed25519 (RFC 8032) of "tocsin custody v1\\n" and the chain after the step

The facts hold a salt: without them nobody can try whether an exhibit is a file that they have. So the steps lie in the
clear and outlive the exhibit, and name neither its digest, size nor kind.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.custody import CustodyStep

DOMAIN = b"tocsin custody v1\n"
"""Before the signed bytes, so that a signature over a step is a signature over nothing else."""

SALT_BYTES = 16

MAX_STEPS = 10_000
"""Of one exhibit: opened ten times a day for three years."""

_JSON = msgspec.json.Encoder(order="deterministic").encode


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What an exhibit is: fixed when it is taken in, never changed. Kept sealed. `salt` in hexadecimal."""

    exhibit: str
    case: str
    sha256: str
    size: int
    media_type: str
    name: str
    received: int
    by: str
    salt: str
    source: str = ""
    moment: str = ""
    tool: str = ""
    note: str = ""
    original: str | None = None
    received_sha256: str = ""
    stripped: tuple[str, ...] = ()


class Broken(msgspec.Struct, frozen=True):
    """What is wrong with a chain. `number` is the step where it shows; 0 is the exhibit itself."""

    number: int
    reason: str


def facts_bytes(facts: Facts) -> bytes:
    """The one JSON of the facts: sorted names, no spaces."""
    return _JSON(facts)


def read_facts(data: bytes) -> Facts:
    """Raises BadInput for what `facts_bytes` did not write."""
    try:
        facts = msgspec.json.decode(data, type=Facts)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"these are not the facts of an exhibit: {error}") from None
    if facts_bytes(facts) != data:
        raise BadInput("the facts of this exhibit are not written in their one form: they were changed")
    return facts


def extended(
    facts: bytes,
    last: CustodyStep | None,
    step: CustodyStep,
    *,
    key: bytes,
    sign: Callable[[bytes], bytes],
) -> CustodyStep:
    """`step` with its number, chain and signature, after `last`. Raises Conflict when the chain is full."""
    number = 1 if last is None else last.number + 1
    if number > MAX_STEPS:
        raise Conflict(
            f"this exhibit has {MAX_STEPS} steps of custody: export it, and take the export in anew"
        )
    before = hashlib.sha256(facts).digest() if last is None else last.chain
    numbered = msgspec.structs.replace(step, number=number, key=key)
    chain = _chain(before, numbered)
    return msgspec.structs.replace(numbered, chain=chain, signature=sign(DOMAIN + chain))


def verify(
    exhibit: str,
    facts: bytes,
    steps: Sequence[CustodyStep],
    keys: Collection[bytes],
    *,
    expected: int | None = None,
) -> Broken | None:
    """The first thing that is wrong, or None: dropped, reordered, changed, signed by none of `keys`.

    `facts` are empty of an exhibit that was destroyed: its first step is believed for its signature then. `expected`
    is how many steps there should be: who cuts off the last ones leaves a chain that holds.
    """
    if not steps:
        return Broken(1, "there is no step at all: this exhibit has no history")
    before = hashlib.sha256(facts).digest()
    for number, step in enumerate(steps, 1):
        if step.number != number:
            later = any(one.number == number for one in steps[number:])
            how = f"step {step.number} stands in its place" if later else "it was dropped"
            return Broken(number, f"step {number} is not where it belongs: {how}")
        if step.exhibit != exhibit:
            return Broken(number, f"step {number} belongs to another exhibit")
        if (facts or number > 1) and _chain(before, step) != step.chain:
            what = "the exhibit's facts or step 1" if number == 1 else f"step {number}"
            return Broken(number, f"{what} was changed after it was written")
        if step.key not in keys:
            return Broken(number, f"step {number} is signed by a key that is not this node's")
        if not _holds(step):
            return Broken(number, f"the signature of step {number} does not hold")
        before = step.chain
    if expected is not None and len(steps) != expected:
        return Broken(
            len(steps) + 1, f"{expected} steps were kept, and {len(steps)} are here: the last were dropped"
        )
    return None


def step_line(step: CustodyStep) -> bytes:
    """A step as a line of custody.jsonl, in its one form."""
    return _JSON(
        _plain(step) | {"chain": step.chain.hex(), "signature": step.signature.hex(), "key": step.key.hex()}
    )


def read_step(line: bytes) -> CustodyStep:
    """Raises BadInput for what `step_line` did not write."""
    try:
        value = msgspec.json.decode(line, type=dict[str, Any])
        for name in ("chain", "signature", "key"):
            value[name] = bytes.fromhex(value[name])
        step = msgspec.convert(value, CustodyStep)
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        raise BadInput("a line of the custody log cannot be read: the log was changed") from None
    if step_line(step) != line:
        raise BadInput("a line of the custody log is not in its one form: the log was changed")
    return step


def _plain(step: CustodyStep) -> dict[str, Any]:
    """What the chain covers of a step; the key is in, so that it cannot be exchanged."""
    whole: dict[str, Any] = msgspec.to_builtins(step)
    for name in ("chain", "signature"):
        del whole[name]
    return whole | {"key": step.key.hex()}


def _chain(before: bytes, step: CustodyStep) -> bytes:
    return hashlib.sha256(before + _JSON(_plain(step))).digest()


def _holds(step: CustodyStep) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(step.key).verify(step.signature, DOMAIN + step.chain)
    except (InvalidSignature, ValueError):
        return False
    return True
