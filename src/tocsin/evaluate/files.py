"""A file that somebody named, read within a bound."""

from pathlib import Path

from tocsin.kernel.errors import BadInput, TooLarge


def read_file(file: Path, limit: int) -> bytes:
    """The file's bytes. Raises BadInput when it cannot be read, TooLarge when there are more than `limit`."""
    try:
        with file.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from None
    if len(data) > limit:
        raise TooLarge(f"{file} is over {limit:,} bytes; this is not one that we can read")
    return data
