"""Phrase packs: what people agreed to listen for, as YAML. Docs: docs/phrases.md.

A pack names conduct from the closed list (`conduct.yaml`) and says how loud a hit is: `warn` makes a warning,
`note` is remembered of the account and rings nothing by itself.
"""

from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from tocsin.kernel import BadInput
from tocsin.taxonomy.conduct import category, refused_subject
from tocsin.taxonomy.yaml_files import FileKind, refuse_twice

MAX_PACK_BYTES = 4 << 20
MAX_PACKS = 256
MAX_PHRASES = 50_000
"""Phrases in one pack. 5,000 phrases search 63 MB/s; the automaton grows with them, not the time."""

MIN_PHRASE_LETTERS = 4
"""Letters in a phrase of a script with spaces; a shorter one is in every second text."""

MIN_PHRASE_IDEOGRAPHS = 3
MAX_PHRASE_CHARS = 200

FILES = FileKind("pack", "docs/phrases.md", MAX_PACK_BYTES, MAX_PACKS)
Phrases = dict[str, tuple[str, ...]]


class PackLevel(StrEnum):
    NOTE = "note"
    WARN = "warn"


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`phrases` maps a language (BCP 47; `und` for any) to phrases. A changed phrase list is a new `version`."""

    id: str
    version: int
    category: str
    level: PackLevel
    phrases: Phrases
    en: str = ""
    """What it listens for, in a few words, for people; `zh` the same in Chinese."""
    zh: str = ""

    def label(self, language: str) -> str:
        """What the pack listens for, in `language` (BCP 47), English where there is none."""
        return (self.zh if language.startswith("zh") else self.en) or self.en or self.id


def read_pack(data: bytes, name: str) -> Pack:
    """One pack from YAML. Raises BadInput naming the file, the field and what to do."""
    pack = FILES.read(data, name, Pack)
    refused = refused_subject(pack.category)
    if refused is not None:
        raise BadInput(
            f"pack {name}: category {pack.category!r} names {refused.en}, which is never a category;"
            " describe conduct addressed to someone instead (docs/phrases.md)"
        )
    if category(pack.category) is None:
        raise BadInput(
            f"pack {name}: category {pack.category!r} is not in the list of conduct (docs/phrases.md)"
        )
    if not pack.id or not all(char.isascii() and (char.isalnum() or char in "-.") for char in pack.id):
        raise BadInput(f"pack {name}: id {pack.id!r} may hold a-z, 0-9, - and . only")
    if pack.version < 1:
        raise BadInput(f"pack {name}: version {pack.version} is below 1")
    number = sum(map(len, pack.phrases.values()))
    if not number:
        raise BadInput(f"pack {name}: no phrases")
    if number > MAX_PHRASES:
        raise BadInput(f"pack {name}: {number} phrases; split it, {MAX_PHRASES} is the most")
    for language, phrases in pack.phrases.items():
        for at, phrase in enumerate(phrases):
            _check_phrase(phrase, f"pack {name}: phrases.{language}[{at}]")
    return pack


def _check_phrase(phrase: str, where: str) -> None:
    letters = [char for char in phrase if char.isalnum()]
    ideographs = sum(spaceless(char) for char in letters)
    if len(phrase) > MAX_PHRASE_CHARS:
        raise BadInput(f"{where} has {len(phrase)} characters; {MAX_PHRASE_CHARS} is the most")
    if ideographs < MIN_PHRASE_IDEOGRAPHS and len(letters) < MIN_PHRASE_LETTERS:
        raise BadInput(f"{where} {phrase!r} is too short: it would match texts that mean nothing by it")


def spaceless(char: str) -> bool:
    """Whether a character belongs to a script that writes words without spaces between them."""
    point = ord(char)
    return (
        0x0E00 <= point <= 0x0FFF  # Thai, Lao, Tibetan
        or 0x1000 <= point <= 0x109F  # Myanmar
        or 0x1780 <= point <= 0x17FF  # Khmer
        or 0x2E80 <= point <= 0x9FFF  # kana, Han
        or 0xAC00 <= point <= 0xD7A3  # Hangul: particles are written onto the word
        or 0xF900 <= point <= 0xFAFF
        or 0x20000 <= point <= 0x3FFFF
    )


@cache
def shipped_packs() -> tuple[Pack, ...]:
    """The packs that come with Tocsin, by id."""
    return _folder(resources.files("tocsin.taxonomy").joinpath("packs"))


def load_packs(folder: Path | None = None) -> tuple[Pack, ...]:
    """The shipped packs and those of a folder (*.yaml); one with a shipped id takes that one's place.

    Raises BadInput for the first pack that cannot be taken: a detector that is silently absent is worse.
    """
    packs = {pack.id: pack for pack in (*shipped_packs(), *_folder(folder))}
    return tuple(packs[key] for key in sorted(packs))


def _folder(folder: Path | Traversable | None) -> tuple[Pack, ...]:
    packs = [read_pack(data, name) for name, data in FILES.files(folder)]
    refuse_twice((pack.id for pack in packs), "packs")
    return tuple(sorted(packs, key=lambda pack: pack.id))
