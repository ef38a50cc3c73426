"""Sign a release: a bundle that OpenSSF's model-signing verifies, over every file of the artefact.

Left out are the signature itself and what that standard leaves out (.git and its like); the bundle says so.
"""

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from tocsin.assure.provenance.signed_files import Moved, Tree, hash_tree, survey, under
from tocsin.kernel import BadInput, Unavailable
from tocsin.trust.signing_keys import PrivateKey, public_pem, sealed
from tocsin.wire.dsse import IN_TOTO_TYPE
from tocsin.wire.model_bundle import chain_bundle, key_bundle
from tocsin.wire.model_signature import GIT_PATHS, Manifest, Stretch, statement_of


def hashed_release(path: Path, *, without: Collection[str] = ()) -> dict[str, str]:
    """sha256 by path of what a signature of the artefact covers. Raises BadInput for what cannot be signed."""
    tree = survey(path)
    left_out = {*without, *GIT_PATHS}
    for one in (*tree.links, *tree.odd):
        if not under(one, left_out):
            raise BadInput(
                f"{one} is a link or no plain file: copy the artefact with `cp -rL` and sign the copy"
            )
    files = {name: size for name, size in tree.files.items() if not under(name, left_out)}
    if not files:
        raise BadInput(f"{path} holds no file that a signature covers")
    try:
        return hash_tree(Tree(path, files)).sha256
    except Moved as error:
        raise Unavailable(f"{error.path} changed while it was read: sign where nothing else writes") from None


def sign_release(
    path: Path,
    key: PrivateKey,
    *,
    name: str | None = None,
    without: Collection[str] = (),
    chain: Sequence[bytes] = (),
) -> bytes:
    """The bytes of a bundle, by a key that the published tool knows too. `without`: where the bundle will lie, inside.

    `chain` (`trust.certificates.signing_chain`) goes with it when the key has a certificate.

    Raises BadInput, Unavailable.
    """
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise BadInput("OpenSSF model signatures are made with ECDSA keys: P-256, P-384 or P-521")
    files = hashed_release(path, without=without)
    statement = statement_of(
        Manifest(
            name=name or path.resolve().name,
            digests={Stretch(one): digest for one, digest in files.items()},
            ignored=(*sorted(without), *GIT_PATHS) if path.is_dir() else (),
        )
    )
    envelope = sealed(key, IN_TOTO_TYPE, statement.to_bytes())
    if chain:
        return chain_bundle(envelope, chain)
    # the hint is the published tool's: the digest of the PEM, not of the DER
    hint = hashlib.sha256(public_pem(key.public_key())).hexdigest()
    return key_bundle(envelope, hint)
