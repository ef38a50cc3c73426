"""The node's TLS key, made on first use and kept, so that peers can pin it."""

from pathlib import Path
from urllib.parse import urlsplit

from tocsin.app.node import Node
from tocsin.app.writing import write_once
from tocsin.net.tls import self_signed, spki_pin

CERTIFICATE = "tls.pem"
KEY = "tls.key"


def tls_files(node: Node) -> tuple[Path, Path]:
    """(certificate, key) as PEM files in the node's keys folder."""
    folder = node.data / "keys"
    certificate, key = folder / CERTIFICATE, folder / KEY
    if not key.exists():
        host = urlsplit(node.settings.public_url).hostname
        made = self_signed(node.name, ["localhost", "127.0.0.1", *([host] if host else [])], now=node.clock())
        # the key last: whoever sees it may rely on the certificate beside it
        write_once(certificate, made[0])
        write_once(key, made[1])
    return certificate, key


def tls_pin(node: Node) -> str | None:
    """Hexadecimal SHA-256 of the TLS key, for peers to pin; None while the node has none."""
    certificate = node.data / "keys" / CERTIFICATE
    return spki_pin(certificate.read_bytes()).hex() if certificate.exists() else None
