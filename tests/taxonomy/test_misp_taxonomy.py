"""The vocabulary as MISP's own library reads it, and under MISP's own schema."""

import json
from pathlib import Path

import jsonschema
import pytaxonomies
from pytaxonomies.api import Taxonomy

from tocsin.taxonomy.export import concept_of_tag, misp_taxonomy
from tocsin.taxonomy.vocabulary import vocabulary

SCHEMA = Path(pytaxonomies.__file__).parent.joinpath("data", "misp-taxonomies", "schema.json")


def test_misp_s_library_loads_it_and_gives_it_back_equal() -> None:
    ours = json.loads(misp_taxonomy("en"))
    loaded = Taxonomy(ours)
    assert json.loads(loaded.to_json()) == ours
    tags = list(loaded.machinetags())
    assert {concept_of_tag(tag).id for tag in tags} == set(vocabulary().by_id)


def test_it_keeps_misp_s_schema() -> None:
    validator = jsonschema.Draft4Validator(json.loads(SCHEMA.read_text("utf-8")))
    for language in ("en", "zh"):
        assert [error.message for error in validator.iter_errors(json.loads(misp_taxonomy(language)))] == []
