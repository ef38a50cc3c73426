"""The policy of signers as it lies on disk: signers.yaml, and the keys and roots beside it."""

from pathlib import Path

from tocsin.kernel import BadInput, Unavailable
from tocsin.trust.signing_policy import MAX_POLICY_BYTES, SigningPolicy, read_policy

FILE_NAME = "signers.yaml"
FOLDER_NAME = "signers"
"""Where the keys and roots that signers.yaml names are kept in a node's folder; backups take both."""

MAX_NAMED_BYTES = 1 << 20


def load_policy(file: Path) -> SigningPolicy:
    """The policy in `file`. What it names is read from its own folder and below alone. Raises BadInput, Unavailable."""
    folder = file.absolute().parent

    def beside(name: str) -> bytes:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise BadInput(
                f"{name!r} is not beside the policy: put it into {folder.name}/ or below, and name it so"
            )
        return _read(folder / name, MAX_NAMED_BYTES)

    return read_policy(_read(file, MAX_POLICY_BYTES + 1), beside)


def read_bounded(file: Path, limit: int) -> bytes:
    """At most `limit` + 1 bytes, so that what reads them can say it is too much. Raises BadInput, Unavailable."""
    return _read(file, limit + 1)


def _read(file: Path, limit: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(limit)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise BadInput(f"there is no file {file}") from None
    except OSError as error:
        raise Unavailable(f"{file} cannot be read: {error.strerror}") from error
