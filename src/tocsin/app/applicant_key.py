"""The key that signs questions to wallets, made on first use and kept; its certificate's hash is this verifier's name.

It signs nothing else: a wallet that is tricked into an answer tells nothing of the node's other keys. An operator who
has a certificate that wallets know puts it and its key (P-256) in their place.
"""

from pathlib import Path

from tocsin.app.writing import write_once
from tocsin.kernel import BadInput, Clock
from tocsin.net.tls import self_signed
from tocsin.trust.presentations import Signer

CERTIFICATE, KEY = "verifier.pem", "verifier.key"


def signer_of(data: Path, name: str, clock: Clock) -> Signer:
    """Raises BadInput for files that are no certificate and key."""
    folder = data / "keys"
    certificate, key = folder / CERTIFICATE, folder / KEY
    if not key.exists():
        made = self_signed(name, ["localhost"], now=clock())  # wallets go by its hash, not by a host
        # the key last: whoever sees it may rely on the certificate beside it
        write_once(certificate, made[0])
        write_once(key, made[1])
    try:
        return Signer(certificate.read_bytes(), key.read_bytes())
    except (ValueError, OSError) as error:
        raise BadInput(
            f"keys/{CERTIFICATE} and keys/{KEY} are a certificate and its P-256 key, both PEM"
        ) from error
