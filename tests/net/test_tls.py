"""A node's certificate and its pin."""

import hashlib
import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tocsin.net import self_signed, spki_pin

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_certificate_names_its_hosts_and_lasts() -> None:
    pem, _ = self_signed("node", ["node.example", "127.0.0.1", "::1"], now=NOW)
    certificate = x509.load_pem_x509_certificate(pem)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["node.example"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]
    assert certificate.not_valid_before_utc < NOW
    assert certificate.not_valid_after_utc > NOW + timedelta(days=3000)


def test_the_pin_names_the_key_and_only_the_key() -> None:
    pem, key_pem = self_signed("node", ["node.example"], now=NOW)
    key = load_pem_private_key(key_pem, None)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert spki_pin(pem) == hashlib.sha256(spki).digest()
    assert spki_pin(x509.load_pem_x509_certificate(pem)) == spki_pin(pem)
    other, _ = self_signed("node", ["node.example"], now=NOW)
    assert spki_pin(other) != spki_pin(pem)
