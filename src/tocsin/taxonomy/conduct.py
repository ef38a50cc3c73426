"""The closed list of conduct, and the subjects that are refused as a category."""

from functools import cache
from importlib import resources

import msgspec


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of conduct. `floor` marks outcomes that a score may never average away."""

    id: str
    en: str
    zh: str
    floor: bool = False

    def label(self, language: str) -> str:
        """The label in `language` (BCP 47), English where there is none."""
        return self.zh if language.startswith("zh") else self.en


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A subject that is speech, belief or organising, never a category."""

    id: str
    en: str
    zh: str


class _Conduct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    categories: tuple[Category, ...]
    refused: tuple[Refused, ...]


@cache
def _conduct() -> _Conduct:
    data = resources.files("tocsin.taxonomy").joinpath("conduct.yaml").read_bytes()
    return msgspec.yaml.decode(data, type=_Conduct)


def categories() -> tuple[Category, ...]:
    """The closed list, in order."""
    return _conduct().categories


@cache
def category(category_id: str) -> Category | None:
    """The category with this id, or None: what is not listed is refused."""
    return next((entry for entry in categories() if entry.id == category_id), None)


def refused_subject(category_id: str) -> Refused | None:
    """The refused subject that an id names as any of its dotted parts, or None."""
    parts = set(category_id.casefold().replace("_", "-").split("."))
    return next((entry for entry in _conduct().refused if entry.id in parts), None)
