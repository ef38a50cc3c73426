"""Whom to tell of suspected material of child abuse, and where, by jurisdiction: data, in English and Chinese.

None of it is legal advice. An entry that nobody here read in the law itself says `unconfirmed`, and whoever shows it
says that too. Telling a hotline or the police is a person's act, outside this program.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources

import msgspec

from tocsin.taxonomy import prepared

FILE = "child_material.yaml"
NEUTRAL = "neutral"
"""What holds wherever one is."""


class GuidanceStatus(StrEnum):
    IN_FORCE = "in-force"
    UNCONFIRMED = "unconfirmed"
    """Written from memory or from a second hand: read the source before you rely on it."""


class Guidance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One jurisdiction: `whom` is told, `where`; what the law asks (`duty`) and what to keep (`keep`).

    `verified_on` is the day on which somebody read the source; None while nobody did.
    """

    id: str
    name: dict[str, str]
    whom: dict[str, str]
    where: tuple[str, ...]
    duty: dict[str, str]
    keep: dict[str, str]
    source: str
    status: GuidanceStatus
    verified_on: str | None = None

    def said(self, words: Mapping[str, str], language: str) -> str:
        """Words in Chinese for `zh` and in English otherwise."""
        return words["zh" if language.startswith("zh") else "en"]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    entries: tuple[Guidance, ...]


@cache
def guidance() -> Mapping[str, Guidance]:
    """Every entry by its id, the neutral one first."""
    found = prepared.read(resources.files("tocsin.taxonomy"), FILE, _File).entries
    return {one.id: one for one in found}
