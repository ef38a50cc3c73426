"""A customer due-diligence record: what a voluntary template asks, what was answered, a digest of the answers.

Enters: answers, in memory only. Leaves: the ids of what was answered and what is missing, and a salted digest. Refuses:
to keep an answer, to grade one, and a question that the template does not ask. It decides nothing.
"""

import hashlib
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput, NotFound, TooLarge
from tocsin.taxonomy.vocabulary import Said

FILE = "diligence.yaml"
MAX_ANSWERS_BYTES = 64 << 10
SALT_BYTES = 32
"""Answers can be guessed (a name, yes): without the salt nobody can try."""

Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,63}$")]


class TemplateStatus(StrEnum):
    VOLUNTARY = "voluntary"
    PROPOSED = "proposed"


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Id
    required: bool
    says: Said


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked, from where, and how far it is law: none of the packaged ones is."""

    id: Id
    title: Said
    source: Annotated[str, Meta(min_length=3, max_length=300)]
    status: TemplateStatus
    checked: date
    questions: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=64)]


class DiligenceRecord(msgspec.Struct, frozen=True):
    """What is kept. `digest` is SHA-256 of the salt and the answers in canonical JSON; the salt is with who asked."""

    template: str
    digest: str
    answered: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.missing


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    templates: tuple[Template, ...]


@cache
def templates() -> tuple[Template, ...]:
    """Those that come with Tocsin."""
    data = resources.files("tocsin.admit").joinpath(FILE).read_bytes()
    return msgspec.yaml.decode(data, type=_File).templates


def template(name: str) -> Template:
    """Raises NotFound, saying which there are."""
    for one in templates():
        if one.id == name:
            return one
    raise NotFound(
        f"there is no template {name[:64]!r}: it is one of {', '.join(one.id for one in templates())}"
    )


def read_answers(data: bytes) -> dict[str, str]:
    """Answers by question, from YAML or JSON. Raises BadInput that repeats none of them, TooLarge."""
    if len(data) > MAX_ANSWERS_BYTES:
        raise TooLarge(f"answers have at most {MAX_ANSWERS_BYTES >> 10} KiB")
    try:
        found = msgspec.yaml.decode(data, type=dict[str, str | bool | int | float])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        raise BadInput(
            "answers are texts by question, such as `purpose: teaching`; docs/compute.md"
        ) from None
    return {name: _plain(answer) for name, answer in found.items()}


def _plain(answer: str | float) -> str:
    """YAML reads a bare `no` as a truth value."""
    return ("no", "yes")[answer] if isinstance(answer, bool) else str(answer)


def record(asked: Template, answers: dict[str, str], salt: bytes) -> DiligenceRecord:
    """What was answered, and the digest by which it can be shown later. Raises BadInput for what is not asked."""
    known = [one.id for one in asked.questions]
    if set(answers) - set(known):
        raise BadInput(f"the template {asked.id} asks for nothing but {', '.join(known)}")
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    given = {name: answers[name].strip() for name in known if answers.get(name, "").strip()}
    said = msgspec.json.encode([asked.id, given], order="sorted")
    return DiligenceRecord(
        asked.id,
        hashlib.sha256(salt + said).hexdigest(),
        tuple(given),
        tuple(one.id for one in asked.questions if one.required and one.id not in given),
    )
