"""The key that this node labels content with, and who vouches for it: an authority of its own. DATA/keys/.

    label-authority.pem   the authority: its key, and the certificate that others take as an anchor
    label.pem             the key that signs, its certificate, the authority's behind it

Apart from the node's identity and from the key of releases: C2PA takes neither. Made when it is first needed, renewed
by a command. DATA/label-anchors.pem is whom else an operator believes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509

from tocsin.app.writing import sync_folder, write_once
from tocsin.kernel import BadInput, Clock, Unavailable
from tocsin.label.signing import LabelKey, key_in_file
from tocsin.label.tokens import SCHEME, address_of, key_in_token
from tocsin.label.verifying import Anchors, anchors
from tocsin.trust.certificates import MAX_ROOTS_BYTES
from tocsin.trust.label_certificates import Authority, LeafKey, new_authority, new_leaf
from tocsin.trust.signing_keys import MAX_PEM_BYTES, read_private

AUTHORITY_NAME, KEY_NAME, ANCHORS_NAME = "label-authority.pem", "label.pem", "label-anchors.pem"
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


class LabelKeyFile(msgspec.Struct, frozen=True):
    """The node's key for labels: what signs, the authority's certificate in PEM, and until when the key counts."""

    key: LabelKey
    authority: str
    until: datetime


def label_key(data: Path, name: str, clock: Clock, *, renew: bool = False) -> LabelKeyFile:
    """The node's key, made on first use, or made anew. Raises BadInput when `data` is no node, Unavailable."""
    folder = data / "keys"
    if not folder.is_dir():
        raise BadInput(f"{data} is not a node: run `tocsin init --data {data}`, or sign with --key FILE")
    authority_file, file = folder / AUTHORITY_NAME, folder / KEY_NAME
    if not authority_file.exists():
        made = new_authority(name, clock())
        write_once(authority_file, made.key + made.certificate)
    key, certificate = _apart(_read(authority_file))
    authority = Authority(key, certificate)
    if renew or not file.exists():
        leaf = new_leaf(authority, name, clock())
        if renew:
            _replace(file, leaf)
        else:
            write_once(file, leaf.key + leaf.chain)
    key, chain = _apart(_read(file))
    until = x509.load_pem_x509_certificate(chain).not_valid_after_utc
    return LabelKeyFile(key_in_file(read_private(key), chain), certificate.decode(), until)


def key_of(key: Path, chain: Path, password: bytes | None) -> LabelKey:
    """A key and its certificates from an operator's own files. Raises BadInput."""
    return key_in_file(read_private(_read(key), password), _read(chain))


@contextmanager
def chosen_key(key: str, certificate: Path, password: str | None) -> Iterator[LabelKey]:
    """A file in PEM with its password, or a token's key (`pkcs11:...`) with its PIN. Raises BadInput, Unavailable."""
    if not key.startswith(SCHEME):
        yield key_of(Path(key), certificate, password.encode() if password else None)
        return
    with key_in_token(address_of(key), password, _read(certificate)) as held:
        yield held


def believed(data: Path | None, named: Path | None = None) -> Anchors:
    """Whom this node believes: its own authority, DATA/label-anchors.pem, and the file that was named."""
    files = [] if named is None else [named]
    if data is not None:
        files += [one for one in (data / "keys" / AUTHORITY_NAME, data / ANCHORS_NAME) if one.exists()]
    found = []
    for file in files:
        content = _read(file)
        found.append(content[max(content.find(_CERTIFICATE), 0) :])
    return anchors(b"".join(found))


def _apart(content: bytes) -> tuple[bytes, bytes]:
    """The key, and the certificates behind it."""
    at = content.find(_CERTIFICATE)
    if at <= 0:
        raise BadInput("the key of labels is damaged: restore keys/ from a backup")
    return content[:at], content[at:]


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_ROOTS_BYTES + MAX_PEM_BYTES)
    except OSError as error:
        raise Unavailable(f"{file} cannot be read: {error.strerror}") from error
    return content


def _replace(file: Path, leaf: LeafKey) -> None:
    """Whole or not at all; a reader sees the old key or the new one."""
    pending = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        pending.unlink(missing_ok=True)
        write_once(pending, leaf.key + leaf.chain)
        pending.replace(file)
        sync_folder(file.parent)
    finally:
        pending.unlink(missing_ok=True)
