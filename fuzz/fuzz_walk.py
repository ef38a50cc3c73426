"""Any bytes as an artefact: the look ends, no examiner raises, and a zip called clean is what Python's reader sees."""

import io
import zipfile

import atheris

from fuzz.harness import clock, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure import Bounds, inspect
    from tocsin.assure.examiners import examiners
    from tocsin.assure.names import shown
    from tocsin.kernel.artefacts import ArtefactVerdict

    examiners()  # their modules are imported here, to be instrumented

BOUNDS = Bounds(members=500, unpacked_bytes=32 << 20, spooled_bytes=32 << 20)
"""Small, so that many inputs are tried: the bounds themselves are what is under test."""


def one(data: bytes) -> None:
    """The first byte chooses a name; the rest is the artefact."""
    name = ("model.bin", "README.md", "model.tar.gz", "model.pt")[data[0] % 4] if data else "model"
    seen = inspect(io.BytesIO(data[1:]), clock=clock, name=name, bounds=BOUNDS)
    assert all(found.rule != "walker.examiner-failed" for found in seen.findings), seen.findings
    assert all(shown(part.path) == part.path for part in seen.parts)
    zipped = seen.verdict is ArtefactVerdict.CLEAN and seen.parts[0].format in ("zip", "npz", "torch-zip")
    if zipped:
        members = {part.path.split("!/")[1] for part in seen.parts[1:]}
        with zipfile.ZipFile(io.BytesIO(data[1:])) as archive:
            assert {each for each in archive.namelist() if not each.endswith("/")} <= members


if __name__ == "__main__":
    fuzz(one)
