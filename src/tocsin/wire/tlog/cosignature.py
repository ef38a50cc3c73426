"""Cosignatures (c2sp.org/tlog-cosignature, Ed25519): at a moment, this is the longest that a witness saw of a log."""

import msgspec

from tocsin.kernel import BadInput

SIGNATURE_BYTES = 64
TIME_BYTES = 8
MAX_TIME = 2**63 - 1


class Cosignature(msgspec.Struct, frozen=True):
    """`time` in whole seconds since 1970; the signature is over `cosigned(time, text)`."""

    time: int
    signature: bytes

    def to_bytes(self) -> bytes:
        """As a note's signature carries it."""
        return self.time.to_bytes(TIME_BYTES, "big") + self.signature


def cosigned(time: int, text: str) -> bytes:
    """The bytes that a witness signs: of the whole text, extension lines included."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def read_cosignature(data: bytes) -> Cosignature:
    """From a note's signature. Raises BadInput."""
    time = int.from_bytes(data[:TIME_BYTES], "big")
    if len(data) != TIME_BYTES + SIGNATURE_BYTES or time > MAX_TIME:
        raise BadInput("a cosignature is a time of eight bytes and a signature of 64")
    return Cosignature(time, data[TIME_BYTES:])
