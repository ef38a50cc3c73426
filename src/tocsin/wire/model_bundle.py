"""Sigstore bundles as model signatures use them: an envelope and what its signature can be checked with.

Three kinds: signed by a bare key, by a certificate with its chain (both OpenSSF Model Signing), and by a certificate of
the hour with an entry in a log (Sigstore). A bare DSSE envelope, as attestations come, is read too. Enters: bytes.
Leaves: a `Bundle`. Refuses: two kinds of material at once, fields that the bundle's schema does not have, a key twice.
"""

import base64
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.dsse import (
    MAX_ENVELOPE_BYTES,
    MAX_VALUES,
    Envelope,
    base64_bytes,
    envelope_value,
    read_envelope,
)
from tocsin.wire.strict_json import decode

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MEDIA_TYPES = frozenset(
    {
        MEDIA_TYPE,
        "application/vnd.dev.sigstore.bundle.v0.3.1+json",
        *(f"application/vnd.dev.sigstore.bundle+json;version=0.{minor}" for minor in (1, 2, 3)),
    }
)

MAX_BUNDLE_BYTES = MAX_ENVELOPE_BYTES + (1 << 20)
"""An envelope and a megabyte of material."""

MAX_CERTIFICATE_BYTES = 32 << 10
MAX_CERTIFICATES = 8
"""A leaf, its issuers and room for cross-signing; path building stays small."""

MAX_LOG_ENTRIES = 32
"""As the sigstore clients bound timestamps; each is checked with public-key arithmetic."""

Kind = Literal["key", "certificate", "sigstore", "bare"]


class Bundle(msgspec.Struct, frozen=True):
    """A signature as it came. `hint` names a key and is signed by nobody; `chain` is DER, the signer's first.

    `raw` are the bytes, for the library that checks what only Sigstore has.
    """

    kind: Kind
    envelope: Envelope
    raw: bytes
    hint: str = ""
    chain: tuple[bytes, ...] = ()


class _PublicKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    hint: str | None = None
    raw_bytes: str = ""
    """Before 1.0 the key itself was here: whoever signs says with which key, so it is never believed."""
    key_details: Any = None
    valid_for: Any = None


class _Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    raw_bytes: str


class _Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    certificates: tuple[_Certificate, ...]


class _Material(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    public_key: _PublicKey | None = None
    x509_certificate_chain: _Chain | None = msgspec.field(name="x509CertificateChain", default=None)
    certificate: _Certificate | None = None
    tlog_entries: tuple[dict[str, Any], ...] | None = None
    timestamp_verification_data: Any = None


class _Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    media_type: str
    verification_material: _Material
    dsse_envelope: dict[str, Any]


def parse_bundle(data: bytes) -> Bundle:
    """A model signature or an attestation from bytes. Raises BadInput, TooLarge."""
    value = decode(data, "the signature", limit=MAX_BUNDLE_BYTES, values=MAX_VALUES)
    if isinstance(value, dict) and "payloadType" in value:
        return Bundle("bare", read_envelope(value), data)
    try:
        wire = msgspec.convert(value, _Wire)
    except msgspec.ValidationError as error:
        raise BadInput(f"the signature is not a bundle around a DSSE envelope: {error}") from None
    if wire.media_type not in MEDIA_TYPES:
        raise BadInput(f"the signature is a {wire.media_type[:80]!r}; {MEDIA_TYPE} is read")
    material = wire.verification_material
    given = [material.public_key, material.x509_certificate_chain, material.certificate]
    if sum(one is not None for one in given) != 1:
        raise BadInput("the signature states a key, a chain or a certificate: exactly one of them")
    logged = material.tlog_entries or ()
    if len(logged) > MAX_LOG_ENTRIES:
        raise TooLarge(f"the signature carries over {MAX_LOG_ENTRIES} log entries")
    chain = _chain(material)
    kind: Kind = "key" if material.public_key is not None else "certificate"
    if material.certificate is not None or (chain and logged):
        kind = "sigstore"
    hint = (material.public_key.hint or "") if material.public_key is not None else ""
    return Bundle(kind, read_envelope(wire.dsse_envelope), data, hint, chain)


def _chain(material: _Material) -> tuple[bytes, ...]:
    found = (material.certificate,) if material.certificate is not None else ()
    if material.x509_certificate_chain is not None:
        found = material.x509_certificate_chain.certificates  # type: ignore[assignment]
        if not 1 <= len(found) <= MAX_CERTIFICATES:
            raise BadInput(
                f"the signature carries {len(found)} certificates; 1 to {MAX_CERTIFICATES} are read"
            )
    return tuple(base64_bytes(one.raw_bytes, "a certificate", limit=MAX_CERTIFICATE_BYTES) for one in found)


def key_bundle(envelope: Envelope, hint: str) -> bytes:
    """The bytes of a bundle that a bare key signed, as the published tool writes them."""
    return _bundle(envelope, {"publicKey": {"hint": hint}, "tlogEntries": []})


def chain_bundle(envelope: Envelope, chain: Sequence[bytes]) -> bytes:
    """The bytes of a bundle that a certificate's key signed: `chain` is DER, that certificate first."""
    listed = [{"rawBytes": base64.b64encode(one).decode()} for one in chain]
    return _bundle(envelope, {"x509CertificateChain": {"certificates": listed}, "tlogEntries": []})


def _bundle(envelope: Envelope, material: dict[str, Any]) -> bytes:
    return msgspec.json.encode(
        {"mediaType": MEDIA_TYPE, "verificationMaterial": material, "dsseEnvelope": envelope_value(envelope)}
    )
