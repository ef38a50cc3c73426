"""tocsin model sign: a signature over every file of an artefact, as OpenSSF's tools verify it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import JsonOption, opened
from tocsin.cli.output import show_json
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from tocsin.trust.signing_keys import PrivateKey

PASSWORD = "TOCSIN_KEY_PASSWORD"
"""An option would show in the list of processes."""

PathArgument = Annotated[Path, typer.Argument(help="A folder or a file.")]
KeyOption = Annotated[
    Path | None, typer.Option("--key", help=f"A private key in PEM. Its password, if any: {PASSWORD}.")
]
NodeOption = Annotated[
    Path | None, typer.Option("--data", help="Sign with the key of this node.", envvar="TOCSIN_DATA")
]


def sign(
    path: PathArgument,
    key: KeyOption = None,
    data: NodeOption = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="The key's certificate and its issuers, in PEM.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What it is called; its own last name otherwise.")] = None,
    signature: Annotated[
        Path | None, typer.Option("--signature", help="Where to write; PATH/model.sig or PATH.sig otherwise.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an older signature.")] = False,
    json: JsonOption = False,
) -> None:
    """Sign a release: OpenSSF model signing, every file listed by digest. ECDSA keys; inspect before you sign."""
    from tocsin.assure.provenance.signed_files import beside, inside
    from tocsin.assure.provenance.signing import sign_release
    from tocsin.trust.signing_keys import key_id, public_pem

    signer = chosen_key(key, data)
    called = name or path.resolve().name
    target = signature or beside(path)
    if target.exists() and not force:
        raise BadInput(f"{target} exists: say --force to replace it, or name another with --signature")
    bundle = sign_release(
        path, signer, name=called, without=inside(path, [target]), chain=_chain(certificate, signer)
    )
    record_use(key, data, "model.sign", called)
    write_whole(target, bundle)
    public = signer.public_key()
    if json:
        show_json(
            {
                "signature": str(target),
                "name": called,
                "key_id": key_id(public),
                "public_key": public_pem(public).decode(),
            }
        )
        return
    if certificate is not None:
        typer.echo(f"{target} is written. Whoever verifies names the root and whom the certificate is for.")
        return
    typer.echo(f"{target} is written. Whoever verifies needs this key, over another channel:")
    typer.echo(f"{key_id(public)}\n{public_pem(public).decode().strip()}")


def _chain(certificate: Path | None, key: "PrivateKey") -> tuple[bytes, ...]:
    if certificate is None:
        return ()
    from tocsin.assure.provenance.signed_files import read_bounded
    from tocsin.trust.certificates import MAX_ROOTS_BYTES, signing_chain

    return signing_chain(read_bounded(certificate, MAX_ROOTS_BYTES), key.public_key())


def chosen_key(key: Path | None, data: Path | None) -> "PrivateKey":
    """The key of --key, or of the node in --data. Raises BadInput when there is neither."""
    if key is not None:
        from tocsin.assure.provenance.signed_files import read_bounded
        from tocsin.trust.signing_keys import MAX_PEM_BYTES, read_private

        password = os.environ.get(PASSWORD)
        return read_private(read_bounded(key, MAX_PEM_BYTES), password.encode() if password else None)
    if data is not None:
        from tocsin.app.release_key import release_key

        return release_key(data)
    raise BadInput("say whose key: --key FILE, or --data DIR for this node's")


def record_use(key: Path | None, data: Path | None, act: str, subject: str) -> None:
    """A line in the node's audit trail, when it was the node's key; before anything that it signed is written."""
    if key is None and data is not None:
        with opened(data) as node:
            node.access.audit(node.access.operator().user, act, subject=subject, purpose="release")


def write_whole(target: Path, content: bytes) -> None:
    """Whole or not at all."""
    pending = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        pending.write_bytes(content)
        pending.replace(target)
    except OSError as error:
        raise BadInput(f"{target} cannot be written: {error.strerror}") from error
    finally:
        pending.unlink(missing_ok=True)
