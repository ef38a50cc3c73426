"""Another's bill of materials: components within bounds, or an error with a sentence."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.bills import components_in
    from tocsin.wire.cyclonedx import MAX_COMPONENTS


def one(data: bytes) -> None:
    for given in (
        data,
        b'{"bomFormat": "CycloneDX", "components": ' + data + b"}",
        b'{"spdxVersion": "SPDX-2.3", "packages": ' + data + b"}",
        b'{"@graph": ' + data + b"}",
    ):
        try:
            found = components_in(given)
        except BadInput:
            continue
        assert len(found) <= MAX_COMPONENTS


if __name__ == "__main__":
    fuzz(one)
