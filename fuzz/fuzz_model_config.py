"""Everything small beside the weights: whatever the bytes and the name, each examiner ends and raises nothing."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.assure.texts"]):
    from tocsin.assure.pieces import Held
    from tocsin.assure.texts.cards import Cards
    from tocsin.assure.texts.code_files import CodeFiles
    from tocsin.assure.texts.json_files import JsonFiles
    from tocsin.assure.texts.requirements import Requirements
    from tocsin.assure.texts.vocabularies import Vocabularies
    from tocsin.assure.texts.yaml_files import YamlFiles

NAMES = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "a.ipynb",
    "config.yaml",
    "environment.yml",
    "requirements.txt",
    "pyproject.toml",
    "modeling_own.py",
    "run.sh",
    "README.md",
    "METADATA",
    "tokenizer.model",
)
EXAMINERS = (JsonFiles(), YamlFiles(), CodeFiles(), Requirements(), Cards(), Vocabularies())


def one(data: bytes) -> None:
    if not data:
        return
    piece = Held(NAMES[data[0] % len(NAMES)], data[1:])
    for examiner in EXAMINERS:
        name = examiner.recognises(piece)
        if name:
            list(examiner.examine(piece, name))


if __name__ == "__main__":
    fuzz(one)
