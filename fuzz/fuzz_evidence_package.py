"""Packages of evidence: read whole, or BadInput; what is read is the one tar of its files."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.cases.evidence", "tarfile"]):
    from tocsin.cases.evidence.checking import check_package
    from tocsin.cases.evidence.package import allowed, read_tar, write_tar
    from tocsin.kernel import BadInput


def one(data: bytes) -> None:
    """As a tar, and as a package that is believed only where all of it holds."""
    try:
        base, files = read_tar(data)
    except BadInput:
        return
    assert write_tar(base, files) == data
    assert all(allowed(path) for path in files)
    try:
        check_package(data)
    except BadInput:
        return


if __name__ == "__main__":
    fuzz(one)
