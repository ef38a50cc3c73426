"""Checkpoints (c2sp.org/tlog-checkpoint): a log's name, how many entries, the root over them; a note's text."""

import msgspec

from tocsin.kernel import BadInput
from tocsin.wire.dsse import base64_bytes, base64_text
from tocsin.wire.tlog.note import Note

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
"""What a database's whole number holds."""


class Checkpoint(msgspec.Struct, frozen=True):
    """`extensions` are lines that the log signed too and nobody can check; a log of ours has none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text of its note."""
        return "".join(
            f"{line}\n" for line in (self.origin, str(self.size), base64_text(self.root), *self.extensions)
        )


def read_checkpoint(text: str) -> Checkpoint:
    """From a note's text. Raises BadInput."""
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < 3 or not all(lines):
        raise BadInput("a checkpoint has three lines or more and none that is empty: name, size, root")
    root = base64_bytes(lines[2], "the checkpoint's root", limit=HASH_BYTES)
    if len(root) != HASH_BYTES:
        raise BadInput(f"the checkpoint's root is {len(root)} bytes; SHA-256 has {HASH_BYTES}")
    return Checkpoint(
        lines[0], whole_number(lines[1], "the checkpoint's size", most=MAX_SIZE), root, tuple(lines[3:])
    )


def checkpoint_of(note: Note) -> Checkpoint:
    """Of a note; no signature was looked at. Raises BadInput."""
    return read_checkpoint(note.text)


def whole_number(text: str, what: str, *, most: int) -> int:
    """ASCII digits without a leading nought. Raises BadInput."""
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(most)) or str(int(text)) != text:
        raise BadInput(f"{what} is not a whole number in plain digits")
    if int(text) > most:
        raise BadInput(f"{what} is over {most}")
    return int(text)
