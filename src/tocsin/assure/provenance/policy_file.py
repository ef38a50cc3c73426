"""The policy of signers as it lies on disk: signers.yaml, and the keys and roots beside it."""

from pathlib import Path

from tocsin.assure.provenance.signed_files import read_bounded
from tocsin.kernel import BadInput
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
        return read_bounded(folder / name, MAX_NAMED_BYTES)

    return read_policy(read_bounded(file, MAX_POLICY_BYTES), beside)
