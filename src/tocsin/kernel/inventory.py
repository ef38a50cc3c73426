"""Inventory: what an artefact is made of and what is claimed of it, apart from any format it is written in."""

from enum import StrEnum

import msgspec

from tocsin.kernel.artefacts import ArtefactVerdict


class InventoryForm(StrEnum):
    """What an inventory is written as."""

    CYCLONEDX_1_6 = "cyclonedx-1.6"
    CYCLONEDX_1_7 = "cyclonedx-1.7"
    SPDX_3 = "spdx-3"


class ListedFile(msgspec.Struct, frozen=True):
    """One file or member, as `kernel.artefacts.Part` has it. Digests are hex, or empty."""

    path: str
    size: int
    format: str
    verdict: ArtefactVerdict
    sha256: str = ""
    blake3: str = ""


class Licence(msgspec.Struct, frozen=True):
    """`spdx` an id or expression of SPDX, "" where the name is none. Always a claim of the artefact's own files."""

    name: str
    spdx: str = ""
    url: str = ""


class Ancestor(msgspec.Struct, frozen=True):
    """A model that this one comes from. `measured` by the weights, else `said_by` a file ("card", a key)."""

    name: str
    relation: str = ""
    said_by: str = ""
    measured: bool = False
    digest: str = ""


class Template(msgspec.Struct, frozen=True):
    """A chat template and where it stands."""

    path: str
    sha256: str


class Requirement(msgspec.Struct, frozen=True):
    """What must be installed beside the model. `version` only where it is held to one."""

    name: str
    version: str = ""
    specifier: str = ""
    url: str = ""
    ecosystem: str = "pypi"


class Inventory(msgspec.Struct, frozen=True):
    """One artefact at one look. `artefact`, `at` and `scanner` as in `Inspection`; `told` counts findings by rule."""

    name: str
    artefact: str
    is_file: bool
    size: int
    at: int
    scanner: str
    verdict: ArtefactVerdict
    version: str = ""
    files: tuple[ListedFile, ...] = ()
    licences: tuple[Licence, ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    datasets: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    family: str = ""
    architecture: str = ""
    task: str = ""
    languages: tuple[str, ...] = ()
    parameters: dict[str, str] = {}
    """Facts of the architecture and the quantisation, by name: "hidden_size", "quantisation.bits"."""
    claims: dict[str, str] = {}
    """What the card says of use and limits, in its words: "intended_use", "limitations", "bias", "out_of_scope"."""
    told: dict[str, int] = {}


class BomComponent(msgspec.Struct, frozen=True):
    """One component of another's bill of materials: enough to match a vulnerability, or a file by its digest."""

    kind: str
    name: str
    version: str = ""
    purl: str = ""
    hashes: dict[str, str] = {}
    """Lower-case hex by the algorithm's name as CycloneDX has it ("SHA-256")."""
