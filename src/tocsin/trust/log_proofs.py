"""A proof file checked without a node: an entry is in a log that its key, and witnesses, signed."""

from collections.abc import Sequence

import msgspec

from tocsin.kernel import BadInput
from tocsin.trust.merkle import leads, leaf_hash
from tocsin.trust.notes import opened
from tocsin.wire.tlog import (
    COSIGNATURE,
    ED25519,
    NoteKey,
    checkpoint_of,
    parse_note,
    parse_proof,
)
from tocsin.wire.tlog.opening import Opening, read_extra


class Cosigned(msgspec.Struct, frozen=True):
    """A witness whose cosignature holds, and when it cosigned, in seconds since 1970."""

    witness: str
    time: int


class Proved(msgspec.Struct, frozen=True):
    """What a proof file proves. `statement` is what was committed to, as canonical JSON; None where it is not shown."""

    origin: str
    size: int
    index: int
    entry: str
    statement: str | None
    cosigned: tuple[Cosigned, ...]


def verify_proof(data: bytes, keys: Sequence[NoteKey], *, need: int = 0) -> Proved:
    """Check a proof file against keys that were come by in another way. Raises BadInput saying what does not hold.

    1. The checkpoint is signed by a log's key of `keys`, under the log's own name. 2. Every cosignature by a
    witness's key of `keys` holds, and there are `need` of them at least. 3. The entry follows from what the file
    says of it. 4. The entry has its place under the checkpoint's root.
    """
    proof = parse_proof(data)
    note = parse_note(proof.checkpoint)
    checkpoint = checkpoint_of(note)
    signed = opened(note, keys)
    if not any(one.key.kind == ED25519 and one.key.name == checkpoint.origin for one in signed):  # 1
        raise BadInput(
            f"no key given here signed for the log {checkpoint.origin[:200]}: is --key that log's?"
        )
    cosigned = tuple(
        Cosigned(one.key.name, one.time)
        for one in signed
        if one.key.kind == COSIGNATURE and one.time is not None
    )
    if len({one.witness for one in cosigned}) < need:  # 2
        raise BadInput(f"{len(cosigned)} of the witnesses given here cosigned; {need} are asked for")
    said = read_extra(proof.extra)  # 3
    entry = said.entry if isinstance(said, Opening) else said
    if not leads(checkpoint.root, leaf_hash(entry), proof.index, checkpoint.size, proof.hashes):  # 4
        raise BadInput(
            "the entry is not at this place under the checkpoint: the file, or what it shows, was changed"
        )
    return Proved(
        checkpoint.origin,
        checkpoint.size,
        proof.index,
        entry.hex(),
        said.statement.decode() if isinstance(said, Opening) else None,
        cosigned,
    )
