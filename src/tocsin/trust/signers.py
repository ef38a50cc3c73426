"""Whether one named signer made one bundle: the three kinds of signer, and the check of each.

Enters: a bundle, a signer, a moment. Leaves: a `Made` (what was signed, and when, where that is known) or a `Doubted`.
Nothing in the bundle chooses who is believed: the signer does, and says which kind of material is looked at.
"""

from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tocsin.trust.certificates import Doubted, read_chain, vouch
from tocsin.trust.signing_keys import PublicKey, holds, key_id, signed_by
from tocsin.trust.sigstore_bundles import check_logged
from tocsin.wire.dsse import Envelope
from tocsin.wire.model_bundle import Bundle
from tocsin.wire.model_signature import OLDER_PREDICATE


class KeySigner(msgspec.Struct, frozen=True):
    """Whoever holds this key."""

    key: PublicKey


class CertificateSigner(msgspec.Struct, frozen=True):
    """Whoever one of these roots vouches for under this name."""

    identity: str
    roots: tuple[x509.Certificate, ...]


class SigstoreSigner(msgspec.Struct, frozen=True):
    """Whoever the issuer knew as this identity when the log took the signature; `trusted_root` as Sigstore's file."""

    identity: str
    issuer: str
    trusted_root: bytes


Proof = KeySigner | CertificateSigner | SigstoreSigner


class Made(msgspec.Struct, frozen=True):
    """The signer made it. `who` says who in one way for one signer, however often the policy names them.

    `at` is a time that someone other than the signer vouches for; None without one.
    `older`: the signature holds only as the versions before 1.0 computed it.
    """

    who: str
    at: datetime | None = None
    older: bool = False


def made_by(bundle: Bundle, proof: Proof, at: datetime) -> Made | Doubted:
    """Check `bundle` against one signer, as of `at` where nothing better vouches for a time. Raises NoLibrary."""
    if isinstance(proof, KeySigner):
        return _by_key(bundle, proof)
    if isinstance(proof, CertificateSigner):
        return _by_certificate(bundle, proof, at)
    return _by_log(bundle, proof)


def compat_pae(envelope: Envelope) -> bytes:
    """What model-signing 0.2 signed: the payload as Python prints bytes, under another capital letter."""
    kind = envelope.payload_type
    return f"DSSEV1 {len(kind)} {kind} {len(envelope.payload)} {envelope.payload!r}".encode()


def _by_key(bundle: Bundle, proof: KeySigner) -> Made | Doubted:
    if bundle.kind not in ("key", "bare"):
        return Doubted("unknown-signer", "the signature was not made by a bare key")
    if signed_by(bundle.envelope, proof.key):
        return Made(key_id(proof.key))
    if bundle.kind == "key" and _older(bundle.envelope, proof.key):
        return Made(key_id(proof.key), older=True)
    return Doubted("unknown-signer", "the key did not make the signature")


def _by_certificate(bundle: Bundle, proof: CertificateSigner, at: datetime) -> Made | Doubted:
    if bundle.kind != "certificate":
        return Doubted("unknown-signer", "the signature carries no chain of certificates")
    vouched = vouch(read_chain(bundle.chain), proof.roots, at)
    if isinstance(vouched, Doubted):
        return vouched
    if proof.identity not in vouched.names:
        return Doubted(
            "wrong-identity", f"the certificate is for {', '.join(vouched.names)[:120] or 'nobody'}"
        )
    who = f"certificate:{proof.identity}"
    if signed_by(bundle.envelope, vouched.key):
        return Made(who)
    if _older(bundle.envelope, vouched.key):
        return Made(who, older=True)
    return Doubted("unknown-signer", "the certificate's key did not make the signature")


def _by_log(bundle: Bundle, proof: SigstoreSigner) -> Made | Doubted:
    if bundle.kind != "sigstore":
        return Doubted("unknown-signer", "the signature is not in a transparency log")
    logged = check_logged(bundle.raw, proof.trusted_root, identity=proof.identity, issuer=proof.issuer)
    if isinstance(logged, Doubted):
        return logged
    if (logged.payload_type, logged.payload) != (bundle.envelope.payload_type, bundle.envelope.payload):
        return Doubted("sigstore", "the library read another payload than we did")
    return Made(f"sigstore:{proof.issuer} {proof.identity}", logged.at)


def _older(envelope: Envelope, key: PublicKey) -> bool:
    if OLDER_PREDICATE.encode() not in envelope.payload:
        return False  # from 0.3 on the encoding was the specification's
    message = compat_pae(envelope)
    # that version hashed with SHA-256 whatever the curve
    return any(holds(key, one.sig, message, hashes.SHA256()) for one in envelope.signatures)
