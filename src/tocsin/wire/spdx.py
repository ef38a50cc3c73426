"""SPDX 3.0.1, AI profile, as JSON-LD: an inventory out. The same inventory gives the same bytes.

Ids are URNs of UUIDs made from the artefact's digest. Source: SPDX 3.0.1, AI, Dataset, Software and SimpleLicensing
profiles; the tests read every document with SPDX's own model.
"""

import uuid
from typing import Any

import msgspec

from tocsin.kernel.clock import at_micros
from tocsin.kernel.inventory import Inventory, Licence

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
_IDS = uuid.UUID("6a0f6f0e-8f0c-5b6e-9a55-1a9d5fb0c9d1")
_CREATION = "_:creation"


def ai_bom(inventory: Inventory) -> bytes:
    """The inventory as one document, indented, with a last newline."""
    graph = _Graph(inventory)
    document = {"@context": CONTEXT, "@graph": graph.elements()}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


class _Graph:
    def __init__(self, inventory: Inventory) -> None:
        self._of = inventory
        self._elements: list[dict[str, Any]] = []

    def elements(self) -> list[dict[str, Any]]:
        inventory = self._of
        tool = self._add("Agent", "SoftwareAgent", name=inventory.scanner)
        model = self._model()
        files = [
            self._add(
                f"file {file.path}",
                "software_File",
                name=file.path,
                **({"verifiedUsing": _hash(file.sha256, file.blake3)} if file.sha256 else {}),
                comment=f"tocsin: format {file.format or 'unknown'}, {file.size} bytes, {file.verdict.value}",
            )
            for file in inventory.files
        ]
        self._related("contains", model, files)
        templates = [
            self._add(
                f"template {one.path}",
                "software_File",
                name=f"chat template of {one.path}",
                software_primaryPurpose="configuration",
                verifiedUsing=_hash(one.sha256, ""),
            )
            for one in inventory.templates
        ]
        self._related("contains", model, templates, "templates")
        datasets = [
            self._add(
                f"dataset {name}",
                "dataset_DatasetPackage",
                name=name,
                dataset_datasetType=["noAssertion"],
                comment="claimed by the model's card",
            )
            for name in inventory.datasets
        ]
        self._related("trainedOn", model, datasets)
        ancestors = [
            self._add(
                f"ancestor {at}",
                "ai_AIPackage",
                name=one.name,
                comment="measured from the weights"
                if one.measured
                else f"claimed by {one.said_by or 'a file'}",
                **({"verifiedUsing": _hash(one.digest, "")} if one.digest else {}),
            )
            for at, one in enumerate(inventory.ancestors)
        ]
        self._related("descendantOf", model, ancestors)
        needed = [
            self._add(
                f"requirement {at}",
                "software_Package",
                name=one.name,
                **({"software_packageVersion": one.version} if one.version else {}),
                **({"comment": f"{one.specifier} {one.url}".strip()} if one.specifier or one.url else {}),
            )
            for at, one in enumerate(inventory.requirements)
        ]
        self._related("dependsOn", model, needed)
        licences = [self._licence(at, one) for at, one in enumerate(inventory.licences)]
        self._related("hasDeclaredLicense", model, licences)
        self._add(
            "document",
            "SpdxDocument",
            name=f"Inventory of {inventory.name}",
            rootElement=[model],
            element=[one["spdxId"] for one in self._elements],
            profileConformance=["core", "software", "ai", "dataset", "simpleLicensing"],
        )
        creation = {
            "type": "CreationInfo",
            "@id": _CREATION,
            "specVersion": "3.0.1",
            "created": at_micros(inventory.at).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "createdBy": [tool],
        }
        return [creation, *self._elements]

    def _model(self) -> str:
        inventory = self._of
        values: dict[str, Any] = {"name": inventory.name, "software_primaryPurpose": "model"}
        if inventory.version:
            values["software_packageVersion"] = inventory.version
        if inventory.is_file:
            values["verifiedUsing"] = _hash(inventory.artefact, inventory.files[0].blake3)
        kinds = [kind for kind in (inventory.family, inventory.architecture) if kind]
        if kinds:
            values["ai_typeOfModel"] = kinds
        if inventory.task:
            values["ai_domain"] = [inventory.task]
        if inventory.parameters:
            values["ai_hyperparameter"] = [
                {"type": "DictionaryEntry", "key": name, "value": value}
                for name, value in inventory.parameters.items()
            ]
        for field, names in (
            ("ai_limitation", ("limitations", "out_of_scope", "bias")),
            ("ai_informationAboutApplication", ("intended_use",)),
        ):
            said = [inventory.claims[name] for name in names if name in inventory.claims]
            if said:
                values[field] = "Claimed by the model's card: " + " ".join(said)
        told = ", ".join(f"{rule} {count}" for rule, count in inventory.told.items())
        values["comment"] = f"tocsin: {inventory.verdict.value}; artefact sha256 {inventory.artefact}" + (
            f"; {told}" if told else ""
        )
        return self._add("model", "ai_AIPackage", **values)

    def _licence(self, at: int, one: Licence) -> str:
        if one.spdx:
            return self._add(
                f"licence {at}",
                "simplelicensing_LicenseExpression",
                simplelicensing_licenseExpression=one.spdx,
            )
        return self._add(
            f"licence {at}",
            "simplelicensing_SimpleLicensingText",
            name=one.name,
            simplelicensing_licenseText=one.url or one.name,
        )

    def _related(self, kind: str, whence: str, to: list[str], what: str = "") -> None:
        if to:
            self._add(
                f"relationship {kind} {what}",
                "Relationship",
                relationshipType=kind,
                **{"from": whence, "to": to},
            )

    def _add(self, what: str, kind: str, **values: Any) -> str:
        number = len(self._elements)  # two files of one name in an archive are two elements
        name = f"urn:uuid:{uuid.uuid5(_IDS, f'{self._of.artefact} {number} {what}')}"
        self._elements.append({"type": kind, "spdxId": name, "creationInfo": _CREATION, **values})
        return name


def _hash(sha256: str, blake3: str) -> list[dict[str, str]]:
    both = (("sha256", sha256), ("blake3", blake3))
    return [{"type": "Hash", "algorithm": name, "hashValue": digest} for name, digest in both if digest]
