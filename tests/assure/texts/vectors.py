"""The chat templates of tests/vectors/chat_templates, and what is told of a text."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from tocsin.assure.examining import Told
from tocsin.kernel.artefacts import ArtefactVerdict, Fact, Finding

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "chat_templates"


class Vector(msgspec.Struct, frozen=True):
    name: str
    text: str
    rule: str = ""


def vectors(name: str) -> list[Vector]:
    return msgspec.yaml.decode((FOLDER / f"{name}.yaml").read_bytes(), type=list[Vector])


def findings(told: Iterable[Told]) -> list[Finding]:
    """Without notes."""
    return [one for one in told if isinstance(one, Finding) and one.verdict is not ArtefactVerdict.CLEAN]


def rules(told: Iterable[Told]) -> set[str]:
    return {one.rule for one in findings(told)}


def facts(told: Iterable[Told], kind: str) -> list[Fact]:
    return [one for one in told if isinstance(one, Fact) and one.kind == kind]
