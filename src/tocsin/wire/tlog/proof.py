"""Proof files (c2sp.org/tlog-proof): an entry's index, the hashes beside its way, the checkpoint as signed."""

from collections.abc import Sequence

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.dsse import base64_bytes, base64_text
from tocsin.wire.tlog.checkpoint import HASH_BYTES, MAX_SIZE, checkpoint_of, whole_number
from tocsin.wire.tlog.note import MAX_NOTE_BYTES, parse_note

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
"""Hashes beside the way in a tree of 2^63 entries."""

HASH_LINE_BYTES = 45
"""Base64 of 32 bytes, and its newline."""

MAX_EXTRA_BYTES = 64 << 10
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES


class Proof(msgspec.Struct, frozen=True):
    """`checkpoint` is a note, byte for byte. Nobody signs `extra`: it helps to make the entry, and proves nothing."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""


def proof_bytes(proof: Proof) -> bytes:
    """What `parse_proof` reads."""
    lines = [HEADER]
    if proof.extra:
        lines.append(f"extra {base64_text(proof.extra)}")
    lines += [f"index {proof.index}", *map(base64_text, proof.hashes), "", ""]
    return "\n".join(lines).encode() + proof.checkpoint


def hash_lines(hashes: Sequence[bytes]) -> bytes:
    """Hashes, one a line, as a proof of consistency travels (c2sp.org/tlog-witness writes them so)."""
    return "".join(f"{base64_text(one)}\n" for one in hashes).encode()


def parse_hash_lines(data: bytes) -> tuple[bytes, ...]:
    """What `hash_lines` makes. Raises BadInput, TooLarge."""
    if len(data) > 2 * MAX_HASHES * HASH_LINE_BYTES:
        raise TooLarge(f"the proof has over {2 * MAX_HASHES} hashes")
    if data and (not data.isascii() or not data.endswith(b"\n")):
        raise BadInput("a proof is base64, a hash a line")
    lines = data.decode().split("\n")[:-1]
    return tuple(_hash(line) for line in lines)


def parse_proof(data: bytes) -> Proof:
    """From a file's bytes; its checkpoint is one, and nothing was verified. Raises BadInput, TooLarge."""
    if len(data) > MAX_PROOF_BYTES:
        raise TooLarge(f"the proof is over {MAX_PROOF_BYTES} bytes")
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError:
        raise BadInput("the proof is not UTF-8") from None
    if lines.pop(0) != HEADER or not blank:
        raise BadInput(
            f"this is no proof file: it begins with {HEADER}, and a checkpoint follows a blank line"
        )
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = base64_bytes(lines.pop(0).removeprefix("extra "), "the proof's extra", limit=MAX_EXTRA_BYTES)
    if not lines or not lines[0].startswith("index "):
        raise BadInput("the proof does not say which entry it is of: a line with index and a number")
    index = whole_number(lines.pop(0).removeprefix("index "), "the proof's index", most=MAX_SIZE)
    if len(lines) > MAX_HASHES:
        raise TooLarge(f"the proof has over {MAX_HASHES} hashes")
    hashes = tuple(map(_hash, lines))
    checkpoint_of(parse_note(checkpoint))
    return Proof(index, hashes, checkpoint, extra)


def _hash(line: str) -> bytes:
    found = base64_bytes(line, "a hash of the proof", limit=HASH_BYTES)
    if len(found) != HASH_BYTES:
        raise BadInput(f"a hash of the proof is not of {HASH_BYTES} bytes")
    return found
