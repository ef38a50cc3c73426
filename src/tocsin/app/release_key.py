"""The key that this node signs releases with: ECDSA on P-256, as OpenSSF's tools read it. DATA/keys/release.pem.

Apart from the node's identity (Ed25519, which those tools do not take) and made when it is first needed.
"""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tocsin.app.writing import write_once
from tocsin.kernel import BadInput, Unavailable
from tocsin.trust.signing_keys import PrivateKey, read_private

FILE_NAME = "release.pem"


def release_key(data: Path) -> PrivateKey:
    """The node's release key, made on first use. Raises BadInput when `data` is no node, Unavailable."""
    folder = data / "keys"
    if not folder.is_dir():
        raise BadInput(f"{data} is not a node: run `tocsin init --data {data}`, or sign with --key FILE")
    file = folder / FILE_NAME
    if not file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        write_once(
            file,
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
    try:
        return read_private(file.read_bytes())
    except OSError as error:
        raise Unavailable(f"the key {FILE_NAME} cannot be read: restore keys/ from a backup") from error
