"""AVID reports, package URLs, hash patterns and bills of materials: an item, facts, or a reason."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure import Held
    from tocsin.assure.components import Components
    from tocsin.assure.intelligence.avid import read_report
    from tocsin.assure.intelligence.file_hashes import hashes_in
    from tocsin.assure.intelligence.matching import component_of
    from tocsin.kernel.artefacts import Fact


def one(data: bytes) -> None:
    """The same bytes as each of them."""
    read_report(data, "fuzz", at=1)
    hashes_in(data.decode("utf-8", "replace"))
    component_of(Fact("requirement", "r.txt", {"purl": data.decode("utf-8", "replace")}))
    for told in Components().examine(Held("bom.json", data), "cyclonedx"):
        if isinstance(told, Fact):
            component_of(told)


if __name__ == "__main__":
    fuzz(one)
