"""Genuine sentences: translated messages of installed packages, and the everyday sentences of tests/vectors."""

import gettext
import re
from collections.abc import Iterator
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

import yaml

PACKAGES = {"django": "Django", "wtforms": "WTForms"}
"""Packages of the dev group whose translations are read, and the names that they go by."""

FOLDERS = {
    "ar": ("ar", "ar_DZ"), "el": ("el",), "en": ("en",), "es": ("es", "es_AR", "es_CO", "es_MX", "es_VE"),
    "fr": ("fr",), "mn": ("mn",), "ru": ("ru",), "zh-Hans": ("zh_Hans", "zh"), "zh-Hant": ("zh_Hant", "zh_TW"),
}  # fmt: skip
"""Language → the folders of its translations. Traditional Mongolian has none in any package that was looked at."""

WRITTEN = {
    "ar": "arabic", "el": "greek", "fr": "french", "mn": "mongolian_cyrillic", "mn-Mong": "mongolian_traditional",
    "ru": "russian", "zh-Hans": "chinese_simplified", "zh-Hant": "chinese_traditional",
}  # fmt: skip

LETTERS = {
    "ar": "\u0600-\u06ff", "el": "\u0370-\u03ff\u1f00-\u1fff", "mn": "\u0400-\u04ff", "ru": "\u0400-\u04ff",
    "zh-Hans": "\u4e00-\u9fff", "zh-Hant": "\u4e00-\u9fff",
}  # fmt: skip

_PLACES = re.compile(r"%(?:\(\w+\))?[-+#0-9.]*[a-z%]|\{[^{}]*\}|<[^<>]*>|&\w+;|https?://\S+")


class Sentence(NamedTuple):
    """`text` is the message without the places where a program puts words in; `origin` the package."""

    text: str
    origin: str


@cache
def sentences(language: str) -> tuple[Sentence, ...]:
    """The messages of all packages in a language, each once; `en` are the ones that are translated."""
    found: dict[str, Sentence] = {}
    for package in PACKAGES:
        origin = f"{PACKAGES[package]} {metadata.version(package)}"
        for said, message in _messages(package, "fr" if language == "en" else language):
            text = " ".join(_PLACES.sub(" ", said if language == "en" else message).split())
            if said != message and _whole(text, language):
                found.setdefault(text, Sentence(text, origin))
    return tuple(found.values())


def written(language: str) -> tuple[str, ...]:
    """Everyday sentences that this project wrote itself."""
    path = Path(__file__).parents[1] / "vectors" / "genuine_sentences.yaml"
    groups: dict[str, list[str]] = yaml.safe_load(path.read_text("utf-8"))["sentences"]
    return tuple(groups[WRITTEN[language]]) if language in WRITTEN else ()


def _whole(text: str, language: str) -> bool:
    """Whether a message has a letter of its language: some are codes, names and addresses alone."""
    letters = LETTERS.get(language, "A-Za-z\u00c0-\u024f")
    return re.search(f"[{letters}]", text) is not None


def _messages(package: str, language: str) -> Iterator[tuple[str, str]]:
    for folder in FOLDERS.get(language, ()):
        for path in _catalogues(resources.files(package), folder):
            with path.open("rb") as stream:
                catalogue = gettext.GNUTranslations(stream)
            for key, message in catalogue._catalog.items():  # type: ignore[attr-defined]
                said = key if isinstance(key, str) else key[0]
                if said:
                    yield said.rpartition("\x04")[2], message


def _catalogues(folder: Traversable, language: str) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if not entry.is_dir():
            continue
        if entry.name == language and (entry / "LC_MESSAGES").is_dir():
            yield from (e for e in (entry / "LC_MESSAGES").iterdir() if e.name.endswith(".mo"))
        else:
            yield from _catalogues(entry, language)
