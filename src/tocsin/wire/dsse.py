"""DSSE envelopes: a payload, what it is, and signatures over both (Dead Simple Signing Envelope v1.0.2).

Enters: bytes. Leaves: an `Envelope`, and the bytes that a signature covers (`pae`). Refuses: a key twice, loose
base64, more than the bounds. Whether a signature holds is `trust`'s to say.
"""

import base64
import binascii
from typing import Any

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.strict_json import decode

IN_TOTO_TYPE = "application/vnd.in-toto+json"

MAX_ENVELOPE_BYTES = 32 << 20
"""A statement that lists 50,000 files by digest is about 10 MB, and base64 adds a third."""

MAX_SIGNATURES = 8
"""Each is tried with each signer of a rule, over the whole payload; a wider m of n is kept as several envelopes."""

MAX_SIGNATURE_BYTES = 4_096
"""RSA of 16,384 bits is 2,048; everything else named here is far below."""

MAX_TYPE_CHARS = 256

MAX_VALUES = 20_000
"""Around the payload there are some dozens, and some hundreds of hashes of a log's proofs."""


class EnvelopeSignature(msgspec.Struct, frozen=True):
    """One signature. `keyid` is a hint that nothing signs: it chooses a key to try, never one to believe."""

    sig: bytes
    keyid: str = ""


class Envelope(msgspec.Struct, frozen=True):
    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]

    @property
    def signed(self) -> bytes:
        """The bytes under every signature."""
        return pae(self.payload_type, self.payload)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding (DSSE protocol, section "signature definition"); lengths are in bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sig: str
    keyid: str | None = None


class _Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]


def read_envelope(value: Any) -> Envelope:
    """An envelope from its decoded JSON. Raises BadInput, TooLarge."""
    try:
        wire = msgspec.convert(value, _Wire)
    except msgspec.ValidationError as error:
        raise BadInput(f"the envelope is not DSSE: {error}") from None
    if not 1 <= len(wire.signatures) <= MAX_SIGNATURES:
        raise BadInput(
            f"the envelope carries {len(wire.signatures)} signatures; 1 to {MAX_SIGNATURES} are read"
        )
    if len(wire.payload_type) > MAX_TYPE_CHARS:
        raise TooLarge(f"the payload type is over {MAX_TYPE_CHARS} characters")
    signatures = tuple(
        EnvelopeSignature(base64_bytes(one.sig, "a signature", limit=MAX_SIGNATURE_BYTES), one.keyid or "")
        for one in wire.signatures
    )
    payload = base64_bytes(wire.payload, "the payload", limit=MAX_ENVELOPE_BYTES)
    return Envelope(wire.payload_type, payload, signatures)


def parse_envelope(data: bytes) -> Envelope:
    """An envelope from bytes. Raises BadInput, TooLarge."""
    return read_envelope(decode(data, "the envelope", limit=MAX_ENVELOPE_BYTES, values=MAX_VALUES))


def envelope_value(envelope: Envelope) -> dict[str, Any]:
    """What `read_envelope` reads; the base64 is the standard one, padded."""
    return {
        "payload": base64.b64encode(envelope.payload).decode(),
        "payloadType": envelope.payload_type,
        "signatures": [
            {"sig": base64.b64encode(one.sig).decode(), "keyid": one.keyid} for one in envelope.signatures
        ],
    }


def envelope_bytes(envelope: Envelope) -> bytes:
    """What `parse_envelope` reads."""
    return msgspec.json.encode(envelope_value(envelope))


def base64_bytes(text: str, what: str, *, limit: int) -> bytes:
    """Standard, padded base64 in its one spelling. Raises BadInput, TooLarge."""
    if len(text) > 4 * (limit // 3 + 1):
        raise TooLarge(f"{what} is over {limit} bytes")
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(f"{what} is not base64; send the standard alphabet, padded") from None
    if not found or base64.b64encode(found).decode() != text:
        # bits after the last byte that no decoder looks at: one signature would have several spellings
        raise BadInput(f"{what} is empty or not in the one spelling that base64 has for it")
    return found


def base64_text(data: bytes) -> str:
    """What `base64_bytes` reads."""
    return base64.b64encode(data).decode()
