"""Another's bill of materials: components within bounds, or an error with a sentence."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.cyclonedx import MAX_COMPONENTS, components_of


def one(data: bytes) -> None:
    for given in (data, b'{"bomFormat": "CycloneDX", "components": ' + data + b"}"):
        try:
            found = components_of(given)
        except BadInput:
            continue
        assert len(found) <= MAX_COMPONENTS


if __name__ == "__main__":
    fuzz(one)
