"""What a proof file says of its entry, in its `extra` line: the commitment alone, or what was committed to.

{"entry": 64 hexadecimal digits} or {"salt": 64 hexadecimal digits, "statement": the canonical JSON as a text}.
Nobody signed this line: the entry that follows from it is the one that has to be under the checkpoint.
"""

from hashlib import sha256

import msgspec

from tocsin.kernel import BadInput
from tocsin.wire.strict_json import decode
from tocsin.wire.tlog.proof import MAX_EXTRA_BYTES

SALT_BYTES = 32
"""As long as the hash: nobody tries salts, and two equal statements look like any two."""

ENTRY_BYTES = 32
_DOMAIN = b"tocsin log entry 1\n"


class Opening(msgspec.Struct, frozen=True):
    """`statement` is canonical JSON (RFC 8785) of one act."""

    salt: bytes
    statement: bytes

    @property
    def entry(self) -> bytes:
        """What the log holds: hides the statement while the salt is secret, and fits no other statement."""
        return sha256(_DOMAIN + self.salt + self.statement).digest()

    def to_bytes(self) -> bytes:
        """As the store keeps it."""
        return self.salt + self.statement


def kept_opening(data: bytes) -> Opening:
    """What `Opening.to_bytes` made."""
    return Opening(data[:SALT_BYTES], data[SALT_BYTES:])


def extra_of(said: "Opening | bytes") -> bytes:
    """The `extra` of a proof: an opening shows what was committed to, the entry's bytes show nothing."""
    if isinstance(said, bytes):
        return msgspec.json.encode({"entry": said.hex()})
    return msgspec.json.encode({"salt": said.salt.hex(), "statement": said.statement.decode()})


def read_extra(data: bytes) -> "Opening | bytes":
    """What `extra_of` made. Raises BadInput, TooLarge."""
    value = decode(data, "what the proof says of its entry", limit=MAX_EXTRA_BYTES, values=MAX_EXTRA_BYTES)
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise BadInput("the proof's extra line is no object of texts: it is another program's")
    if set(value) == {"entry"}:
        return _hexadecimal(value["entry"], ENTRY_BYTES)
    if set(value) == {"salt", "statement"}:
        try:
            return Opening(_hexadecimal(value["salt"], SALT_BYTES), value["statement"].encode())
        except UnicodeEncodeError:
            raise BadInput("the statement in the proof holds half a character") from None
    raise BadInput("the proof's extra line says neither an entry nor what it commits to")


def _hexadecimal(text: str, length: int) -> bytes:
    if len(text) != 2 * length or not set(text) <= set("0123456789abcdef"):
        raise BadInput(f"{2 * length} hexadecimal digits are wanted in the proof's extra line")
    return bytes.fromhex(text)
