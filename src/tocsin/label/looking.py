"""Works that run apart (`label.apart`): what their arguments and answers are crosses as JSON."""

import hashlib
from pathlib import Path

from tocsin.kernel import BadInput
from tocsin.label.formats import HEAD_BYTES, Format, sniff

_BLOCK_BYTES = 1 << 20


def looked_at(file: Path) -> tuple[Format, str]:
    """A file's format and SHA-256. Raises BadInput for a format that is not labelled here."""
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            format_ = sniff(stream.read(HEAD_BYTES), file.suffix)
            stream.seek(0)
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise BadInput(f"{file.name} cannot be read: {error.strerror}") from error
    return format_, digest.hexdigest()
