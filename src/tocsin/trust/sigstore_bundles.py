"""Sigstore bundles, checked offline by the sigstore library under a trusted root that the operator supplied.

The library checks the certificate's chain and its timestamp in the certificate log, the entry's place in the
transparency log, and the time that the log or a timestamping authority states. It is handed everything: no trust
root is fetched, no TUF client is made, and nothing here opens a socket (tests/trust/test_sigstore_bundles.py).
"""

from datetime import UTC, datetime

import msgspec

from tocsin.kernel import BadInput
from tocsin.trust.certificates import Doubted

MAX_TRUSTED_ROOT_BYTES = 1 << 20
"""The public one is about 10 KB."""

MISSING = "the `provenance` extra is not installed: install tocsin[provenance] to check Sigstore bundles"


class Logged(msgspec.Struct, frozen=True):
    """The envelope's signature holds, by `identity` as `issuer` knew it. `at` is what the log promised, if it did."""

    payload_type: str
    payload: bytes
    at: datetime | None


class NoLibrary(Exception):
    """The sigstore library is not there; what it would check was not."""


def check_logged(bundle: bytes, trusted_root: bytes, *, identity: str, issuer: str) -> Logged | Doubted:
    """Whether `identity`, as `issuer` knew it, signed the envelope. Raises NoLibrary; BadInput for the root."""
    try:
        from pydantic import ValidationError
        from sigstore.errors import Error
        from sigstore.models import Bundle, TrustedRoot
        from sigstore.verify import Verifier
        from sigstore.verify.policy import Identity
        from sigstore_models.trustroot.v1 import TrustedRoot as Root
    except ImportError:
        raise NoLibrary(MISSING) from None
    if len(trusted_root) > MAX_TRUSTED_ROOT_BYTES:
        raise BadInput(f"the trusted root is over {MAX_TRUSTED_ROOT_BYTES} bytes: name a trusted_root.json")
    try:
        verifier = Verifier(trusted_root=TrustedRoot(Root.from_json(trusted_root)))
    except (Error, ValidationError, ValueError) as error:
        raise BadInput(f"the trusted root cannot be used: {str(error)[:200]}") from None
    try:
        read = Bundle.from_json(bundle)
        payload_type, payload = verifier.verify_dsse(read, Identity(identity=identity, issuer=issuer))
    except Exception as error:  # noqa: BLE001 - whatever a foreign bundle makes the library raise, it is not accepted
        return Doubted("sigstore", f"{type(error).__name__}: {str(error)[:200]}")
    entry = read.log_entry._inner
    promised = entry.integrated_time if entry.inclusion_promise is not None else None
    return Logged(payload_type, payload, datetime.fromtimestamp(promised, UTC) if promised else None)
