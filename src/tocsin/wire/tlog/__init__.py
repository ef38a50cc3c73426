"""The public forms of a transparency log (C2SP): notes, checkpoints, cosignatures, tiles, proof files.

Enters: bytes. Leaves: frozen values, and the bytes that a signature covers. Refuses: a second spelling of anything,
and more than the bounds. Whether a signature or a proof holds is `trust`'s to say.

| file | form |
|---|---|
| `note` | c2sp.org/signed-note: text, keys, signatures |
| `checkpoint` | c2sp.org/tlog-checkpoint: a log's name, size and root |
| `cosignature` | c2sp.org/tlog-cosignature: what a witness signs, and when |
| `tiles` | c2sp.org/tlog-tiles: hashes and entries by 256 |
| `proof` | c2sp.org/tlog-proof: an entry's place under a checkpoint, in one file |
"""

from tocsin.wire.tlog.checkpoint import Checkpoint, checkpoint_of, read_checkpoint
from tocsin.wire.tlog.cosignature import Cosignature, cosigned, read_cosignature
from tocsin.wire.tlog.note import (
    COSIGNATURE,
    ED25519,
    Note,
    NoteKey,
    NoteSignature,
    note_bytes,
    parse_note,
    read_key,
)
from tocsin.wire.tlog.proof import Proof, parse_proof, proof_bytes
from tocsin.wire.tlog.tiles import Tile, bundle_bytes, parse_bundle, parse_tile_path, tile_path

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "Checkpoint",
    "Cosignature",
    "Note",
    "NoteKey",
    "NoteSignature",
    "Proof",
    "Tile",
    "bundle_bytes",
    "checkpoint_of",
    "cosigned",
    "note_bytes",
    "parse_bundle",
    "parse_note",
    "parse_proof",
    "parse_tile_path",
    "proof_bytes",
    "read_checkpoint",
    "read_cosignature",
    "read_key",
    "tile_path",
]
