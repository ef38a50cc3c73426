"""A Sigstore of one's own: authority, certificate log and transparency log with keys made here, and bundles by them.

Formats: the Sigstore bundle and trusted root (protobuf-specs v0.5, JSON), Rekor's `dsse` entry 0.0.1, RFC 6962 for the
certificate's timestamp and the log's tree (of one leaf), the signed note of C2SP for the checkpoint.
"""

import base64
import hashlib
import json
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.signed_models import issue
from tocsin.trust.signing_keys import sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, Envelope, envelope_value

ISSUER = "https://accounts.example"
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_FULCIO_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")


class PrivateSigstore:
    """`began` is when the authority, the logs and their keys begin to count."""

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._authority = issue(
            "private authority", None, authority=True, begins=began, ends=began + timedelta(days=3650)
        )
        self._certificate_log = ec.generate_private_key(ec.SECP256R1())
        self._log = ec.generate_private_key(ec.SECP256R1())

    def trusted_root(self) -> bytes:
        """What an operator would be given as trusted_root.json."""
        start = {"start": self._began.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [self._instance(self._log, "https://log.example", start)],
                "ctlogs": [self._instance(self._certificate_log, "https://ct.example", start)],
                "certificateAuthorities": [
                    {
                        "subject": {"organization": "example", "commonName": "private authority"},
                        "uri": "https://ca.example",
                        "certChain": {"certificates": [{"rawBytes": _b64(_der(self._authority[0]))}]},
                        "validFor": start,
                    }
                ],
                "timestampAuthorities": [],
            }
        ).encode()

    def bundle(
        self, payload: bytes, identity: str, *, at: datetime, logged: datetime | None = None
    ) -> dict[str, Any]:
        """A bundle over an in-toto payload: a certificate of ten minutes from `at`, an entry in the log at `logged`."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(key, identity, at)
        envelope = sealed(key, IN_TOTO_TYPE, payload)
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": _b64(_der(certificate))},
                "tlogEntries": [self._entry(envelope, certificate, logged or at + timedelta(minutes=1))],
            },
            "dsseEnvelope": envelope_value(envelope),
        }

    def _certificate(self, key: ec.EllipticCurvePrivateKey, identity: str, at: datetime) -> x509.Certificate:
        authority, signer = self._authority
        bare = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at)
            .not_valid_after(at + timedelta(minutes=10))
            .add_extension(
                x509.KeyUsage(True, False, False, False, False, False, False, False, False), critical=True
            )
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(identity)]), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
            .add_extension(x509.UnrecognizedExtension(_FULCIO_ISSUER, ISSUER.encode()), critical=False)
        )

        def with_timestamp(signature: bytes) -> x509.Certificate:
            log_id = hashlib.sha256(_spki(self._certificate_log)).digest()
            stamp = struct.pack("!B32sQHBBH", 0, log_id, stamped, 0, 4, 3, len(signature)) + signature
            listed = struct.pack("!HH", len(stamp) + 2, len(stamp)) + stamp
            # DER: an OCTET STRING of fewer than 256 bytes
            octets = b"\x04" + (b"\x81" if len(listed) > 127 else b"") + bytes([len(listed)]) + listed
            extension = x509.UnrecognizedExtension(_SCT_LIST, octets)
            return bare.add_extension(extension, critical=False).sign(signer, hashes.SHA256())

        stamped = int(at.timestamp() * 1000)
        body = with_timestamp(b"\x00" * 71).tbs_precertificate_bytes
        issuer = hashlib.sha256(_spki(signer)).digest()
        entry = issuer + struct.pack("!I", len(body))[1:] + body
        said = struct.pack("!BBQH", 0, 0, stamped, 1) + entry + struct.pack("!H", 0)
        return with_timestamp(_sign(self._certificate_log, said))

    def _entry(self, envelope: Envelope, certificate: x509.Certificate, at: datetime) -> dict[str, Any]:
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        body = rfc8785.dumps(
            {
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                    "payloadHash": {
                        "algorithm": "sha256",
                        "value": hashlib.sha256(envelope.payload).hexdigest(),
                    },
                    "signatures": [{"signature": _b64(envelope.signatures[0].sig), "verifier": _b64(pem)}],
                },
            }
        )
        log_id = hashlib.sha256(_spki(self._log)).digest()
        root = hashlib.sha256(b"\x00" + body).digest()
        note = f"log.example - 1\n1\n{_b64(root)}\n"
        signed = _b64(log_id[:4] + _sign(self._log, note.encode()))
        seconds = int(at.astimezone(UTC).timestamp())
        promise = rfc8785.dumps(
            {"body": _b64(body), "integratedTime": seconds, "logID": log_id.hex(), "logIndex": 0}
        )
        return {
            "logIndex": "0",
            "logId": {"keyId": _b64(log_id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(seconds),
            "inclusionPromise": {"signedEntryTimestamp": _b64(_sign(self._log, promise))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": _b64(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.example {signed}\n"},
            },
            "canonicalizedBody": _b64(body),
        }

    @staticmethod
    def _instance(key: ec.EllipticCurvePrivateKey, url: str, start: dict[str, str]) -> dict[str, Any]:
        spki = _spki(key)
        return {
            "baseUrl": url,
            "hashAlgorithm": "SHA2_256",
            "publicKey": {"rawBytes": _b64(spki), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": start},
            "logId": {"keyId": _b64(hashlib.sha256(spki).digest())},
        }


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    return key.sign(message, ec.ECDSA(hashes.SHA256()))
