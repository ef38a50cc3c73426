"""Signed notes (c2sp.org/signed-note): a text, a blank line, and lines of signatures by named keys."""

from hashlib import sha256

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.dsse import base64_bytes, base64_text

ED25519 = 0x01
"""Signature type: Ed25519 over the text."""

COSIGNATURE = 0x04
"""Signature type: a witness's Ed25519 over time and text (c2sp.org/tlog-cosignature)."""

MAX_NOTE_BYTES = 256 << 10
"""The standard wants 16 signatures read, and one of the coming kinds has nearly 5 kB; this is some 40 of those."""

MAX_SIGNATURES = 100
"""As the first implementation has it (golang.org/x/mod/sumdb/note)."""

MAX_SIGNATURE_BYTES = 16 << 10
MAX_NAME_CHARS = 256
KEY_ID_BYTES = 4
ED25519_BYTES = 32
_DASH = "\u2014 "


class NoteKey(msgspec.Struct, frozen=True):
    """A key under a name. `kind` is a signature type of the standard; `public` is 32 bytes for the kinds known here."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that say which key a signature is by; a hint, never a proof."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """The key in one line ("vkey"), as `read_key` takes it."""
        return f"{self.name}+{self.id.hex()}+{base64_text(bytes([self.kind]) + self.public)}"


class NoteSignature(msgspec.Struct, frozen=True):
    name: str
    key_id: bytes
    signature: bytes

    def by(self, key: NoteKey) -> bool:
        """Whether it says that this key made it."""
        return self.name == key.name and self.key_id == key.id


class Note(msgspec.Struct, frozen=True):
    """`text` ends in a newline. Nothing of it counts until a signature by a known key was found to hold."""

    text: str
    signatures: tuple[NoteSignature, ...]


def read_key(line: str) -> NoteKey:
    """A key from its line. Raises BadInput for a kind that is not named here, and for an id not its own."""
    name, _, rest = line.partition("+")
    given, _, encoded = rest.partition("+")
    if not _is_name(name) or len(encoded) > MAX_NAME_CHARS:
        raise BadInput("a log's key is one line: its name, +, eight hexadecimal digits, +, base64")
    material = base64_bytes(encoded, "the key", limit=MAX_NAME_CHARS)
    key = NoteKey(name, material[0], material[1:])
    if key.kind not in (ED25519, COSIGNATURE) or len(key.public) != ED25519_BYTES:
        raise BadInput("this key is of another kind than Ed25519: ask the log for that one")
    if given != key.id.hex():
        raise BadInput("the eight digits in this key are not of it: it was not copied whole")
    return key


def parse_note(data: bytes) -> Note:
    """A note from bytes; every signature is kept, whoever made it. Raises BadInput, TooLarge."""
    if len(data) > MAX_NOTE_BYTES:
        raise TooLarge(f"the note is over {MAX_NOTE_BYTES} bytes")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise BadInput("the note is not UTF-8") from None
    _check_characters(whole)
    text, blank, signed = whole.rpartition("\n\n")
    if not blank or not signed.endswith("\n"):
        raise BadInput("the note has no text, blank line and lines of signatures, each ended")
    lines = signed[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise TooLarge(f"the note has over {MAX_SIGNATURES} signatures")
    return Note(text + "\n", tuple(map(_signature, lines)))


def note_bytes(note: Note) -> bytes:
    """What `parse_note` reads. Raises BadInput, TooLarge for what it would not read."""
    _check_text(note.text)
    if not 1 <= len(note.signatures) <= MAX_SIGNATURES:
        raise BadInput(f"a note has 1 to {MAX_SIGNATURES} signatures")
    lines = "".join(_line(one) for one in note.signatures)
    made = f"{note.text}\n{lines}".encode()
    if len(made) > MAX_NOTE_BYTES:
        raise TooLarge(f"the note is over {MAX_NOTE_BYTES} bytes")
    return made


def _signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not _is_name(name):
        raise BadInput("a line of the note is no signature: a dash, a name without + or spaces, base64")
    found = base64_bytes(encoded, "a signature of the note", limit=MAX_SIGNATURE_BYTES)
    if len(found) <= KEY_ID_BYTES:
        raise BadInput("a signature of the note is a key's id and nothing more")
    return NoteSignature(name, found[:KEY_ID_BYTES], found[KEY_ID_BYTES:])


def _line(one: NoteSignature) -> str:
    if not _is_name(one.name) or len(one.key_id) != KEY_ID_BYTES or not one.signature:
        raise BadInput("a signature of the note has no name without + or spaces, id of four bytes, and bytes")
    return f"{_DASH}{one.name} {base64_text(one.key_id + one.signature)}\n"


def _check_text(text: str) -> None:
    _check_characters(text)
    if not text.endswith("\n"):
        raise BadInput("a note's text ends in a newline")


def _check_characters(text: str) -> None:
    if any(one < " " and one != "\n" for one in text):
        raise BadInput("the note holds a control character")


def _is_name(name: str) -> bool:
    return (
        0 < len(name) <= MAX_NAME_CHARS
        and "+" not in name
        and not any(one.isspace() or one < " " for one in name)
    )
