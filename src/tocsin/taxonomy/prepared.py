"""YAML that is read at a start, prepared as JSON beside it: reading YAML takes longer than a look at a small file.

The YAML is what people write and what counts. docs/generate.py prepares it; what was prepared of other bytes than lie
there now is passed over, and the YAML is read.
"""

import hashlib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

import msgspec

Read = TypeVar("Read")

SUFFIX = ".prepared.json"
FILES = ("taxonomy/artefact_rules/*.yaml", "assure/pickles/allowed.yaml")
"""What is prepared, below the package: nothing else is read at each start."""


class _Prepared(msgspec.Struct, frozen=True):
    """`of` is the sha256 of the YAML, hex."""

    of: str
    value: msgspec.Raw


def read(folder: Traversable, name: str, kind: type[Read]) -> Read:
    """The YAML file `name` of a folder, as `kind`. Raises msgspec.ValidationError when it is not one."""
    source = folder.joinpath(name).read_bytes()
    try:
        prepared = msgspec.json.decode(folder.joinpath(name + SUFFIX).read_bytes(), type=_Prepared)
    except (OSError, msgspec.DecodeError):
        return msgspec.yaml.decode(source, type=kind)
    if prepared.of != hashlib.sha256(source).hexdigest():
        return msgspec.yaml.decode(source, type=kind)
    return msgspec.json.decode(prepared.value, type=kind)


def prepared(source: bytes) -> bytes:
    """What is to lie beside a YAML file with these bytes."""
    value = msgspec.Raw(msgspec.json.encode(msgspec.yaml.decode(source)))
    made = _Prepared(hashlib.sha256(source).hexdigest(), value)
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


def sources(package: Path) -> list[Path]:
    """The files that are prepared, in the package's folder."""
    return [path for pattern in FILES for path in sorted(package.glob(pattern))]
