"""The package in which evidence leaves: a signed BagIt bag (RFC 8493) in a tar, for `sha256sum` and `openssl`.

    NAME/bagit.txt                     what RFC 8493 asks for
    NAME/bag-info.txt
    NAME/manifest-sha256.txt           digests of everything under data/
    NAME/signer.pem                    the node's public key (Ed25519, RFC 8410)
    NAME/statement.dsse.json           the same digests as a signed in-toto statement, for tools that read those
    NAME/tagmanifest-sha256.txt        digests of the files above
    NAME/tagmanifest-sha256.txt.sig    raw Ed25519 signature (64 bytes) of the file above
    NAME/data/case.json                what the exporter chose to tell, each exhibit, the node's keys
    NAME/data/custody.jsonl            every step of custody, one a line
    NAME/data/facts/ID.json            what an exhibit is; its SHA-256 begins the exhibit's chain
    NAME/data/exhibits/SHA256.ENDING   the bytes
    NAME/data/README.en.txt, README.zh.txt

There is one tar for given contents: order, names, times and padding are fixed. Whoever reads one makes it anew and
compares, so that no byte of a package is outside what is checked.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Mapping

from tocsin.kernel import BadInput, TooLarge

MAX_PACKAGE_BYTES = 256 << 20
"""It is made and read in memory. More evidence goes out in several packages."""

MAX_FILES = 2_000

SIGNATURE = "tagmanifest-sha256.txt.sig"
TAG_MANIFEST = "tagmanifest-sha256.txt"
MANIFEST = "manifest-sha256.txt"
BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
SIGNER = "signer.pem"
STATEMENT = "statement.dsse.json"
CASE = "data/case.json"
CUSTODY = "data/custody.jsonl"

BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_TAG_FILES = frozenset({BAGIT, BAG_INFO, MANIFEST, SIGNER, STATEMENT, TAG_MANIFEST, SIGNATURE})
_BASE = re.compile(r"evidence-[0-9a-f]{16}\Z")
_DATA = re.compile(
    r"data/(case\.json|custody\.jsonl|README\.(en|zh)\.txt|facts/ex_[0-9a-f]{20}\.json"
    r"|exhibits/[0-9a-f]{64}\.[a-z]{3})\Z"
)
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)\Z")


def allowed(path: str) -> bool:
    """Whether a package may hold a file of this name: none leads out of it, none is another's in disguise."""
    return path in _TAG_FILES or _DATA.match(path) is not None


def base_of(export_id: str) -> str:
    """The name of the bag's folder."""
    return f"evidence-{export_id}"


def manifest(files: Mapping[str, bytes]) -> bytes:
    """Digests by path, in the order of their names, as `sha256sum` writes and reads them."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(files.items()))
    return "".join(lines).encode()


def read_manifest(content: bytes, what: str) -> dict[str, str]:
    """Path → digest. Raises BadInput for anything but `manifest`'s form, a path twice or not allowed."""
    found: dict[str, str] = {}
    try:
        lines = content.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadInput(f"{what} holds bytes that no manifest has: it was changed") from None
    if lines.pop() != "":
        raise BadInput(f"the last line of {what} does not end: it was cut")
    for line in lines:
        matched = _LINE.match(line)
        if matched is None or not allowed(matched[2]):
            raise BadInput(f"{what} has a line that is no digest and path of a package: it was changed")
        if matched[2] in found:
            raise BadInput(f"{what} names {matched[2]} twice")
        found[matched[2]] = matched[1]
    return found


def write_tar(base: str, files: Mapping[str, bytes]) -> bytes:
    """The one tar of these files (ustar, POSIX.1-1988), sorted by name. Raises TooLarge."""
    if sum(map(len, files.values())) + 1024 * len(files) > MAX_PACKAGE_BYTES or len(files) > MAX_FILES:
        raise TooLarge(
            f"a package has {MAX_PACKAGE_BYTES >> 20} MB and {MAX_FILES} files at most: export some exhibits at a time"
        )
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(f"{base}/{path}")
            member.size = len(content)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


def read_tar(data: bytes) -> tuple[str, dict[str, bytes]]:
    """Folder and files of a package. Raises BadInput, TooLarge for whatever `write_tar` did not make.

    Nothing is unpacked: names are compared with those that a package has, never used as paths.
    """
    if len(data) > MAX_PACKAGE_BYTES:
        raise TooLarge(f"a package has {MAX_PACKAGE_BYTES >> 20} MB at most")
    files: dict[str, bytes] = {}
    base = ""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errorlevel=2) as archive:
            for member in archive:
                folder, _, path = member.name.partition("/")
                base = base or folder
                if member.type != tarfile.REGTYPE or member.issparse():
                    raise BadInput(f"the package holds what is no plain file: {member.name[:80]!r}")
                if folder != base or not _BASE.match(folder) or not allowed(path):
                    raise BadInput(f"the package holds a file that none has: {member.name[:80]!r}")
                if path in files:
                    raise BadInput(f"the package holds {path} twice")
                if len(files) >= MAX_FILES:
                    raise TooLarge(f"a package has {MAX_FILES} files at most")
                taken = archive.extractfile(member)
                files[path] = taken.read() if taken else b""
    except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError) as error:
        raise BadInput("this is not a package of evidence, or it was cut") from error
    if not files or write_tar(base, files) != data:
        raise BadInput("the package has bytes outside its files that none has: it was changed")
    return base, files
