"""The measurements themselves: each a function that counts, so that tests hold what the page shows."""

from collections import Counter, defaultdict
from functools import cache
from random import Random
from typing import NamedTuple

from tests.languages.disguises import DISGUISES, FOLDED, splittable
from tests.languages.genuine import FOLDERS, LETTERS, Sentence, sentences, written
from tests.screen.said import lines
from tests.wire.test_apart import DECLARATION
from tests.wire.test_fold import expected
from tocsin.screen import PhraseSearch, prepare
from tocsin.screen.batch import strings
from tocsin.screen.language import language_of
from tocsin.taxonomy.packs import shipped_packs
from tocsin.wire import han
from tocsin.wire.fold import fold, fold_counting
from tocsin.wire.loose import loose

SEED = 20261122
SHARES = (0.2, 0.5, 0.9)
"""Of the letters that a disguise can change, how many it does."""

ROUNDS = 8
MOST = 250
"""Sentences in which a disguise is measured."""

SENTENCE_WORDS = 8
"""Words in a message that is a sentence; a shorter one often has nothing that tells a disguise."""

SHORT = 40
"""Characters below which a text is short; a Han character counts as two."""


class Harm(NamedTuple):
    """What folding did to genuine sentences: `changed` words of one alphabet, and `slips` that it mended."""

    sentences: int
    origins: dict[str, int]
    changed: tuple[str, ...]
    slips: tuple[str, ...]


class Told(NamedTuple):
    """How often a language was told: rightly, wrongly, not at all."""

    right: int
    wrong: int
    unknown: int
    taken_for: Counter[str]


class Found(NamedTuple):
    """Phrases made and found again: as read, and by sound alone."""

    made: int
    read: int
    heard: int


class Alike(NamedTuple):
    """Of runs of `length` Han characters in genuine sentences, those that sound like another that is there."""

    length: int
    runs: int
    alike: int


@cache
def harm(language: str) -> Harm:
    """What `fold` changes beyond width, case and spaces (`tests.wire.test_fold.expected`)."""
    said = [*sentences(language), *(Sentence(text, "this project") for text in written(language))]
    changed: list[str] = []
    slips: list[str] = []
    for text, _ in said:
        words, kept = fold(text).split(), expected(text).split()
        if len(words) != len(kept):
            changed.append(text)
            continue
        for word, plain in zip(words, kept, strict=True):
            if word != plain:
                (slips if _mixed(plain) else changed).append(f"{plain} → {word}")
    return Harm(len(said), Counter(origin for _, origin in said), tuple(changed), tuple(sorted(set(slips))))


def _mixed(word: str) -> bool:
    """Whether a word has letters of Latin and of another alphabet."""
    letters = [char for char in word if char.isalpha()]
    latin = sum(char < "\u0250" for char in letters)
    return 0 < latin < len(letters)


def declaration() -> tuple[int, int, int]:
    """Languages and spellings that have Article 1, those in which folding changes it, and finds a disguise."""
    changed = noted = 0
    for text in DECLARATION.values():
        folded = fold_counting(text)
        changed += folded.text != expected(text).replace("\u200b", "")
        noted += folded.repairs > 0
    return len(DECLARATION), changed, noted


@cache
def told(language: str, *, short: bool) -> Told:
    """How `language_of` does on the genuine sentences of a language."""
    texts = [text for text, _ in sentences(language) if (_length(text) < SHORT) == short]
    found = Counter(language_of(fold(text)) for text in texts)
    unknown = found.pop(None, 0)
    tags = {language, language.split("-")[0], f"{language}-Cyrl"}
    right = sum(number for tag, number in found.items() if tag in tags)
    wrong = Counter({str(tag): number for tag, number in found.items() if tag not in tags})
    return Told(right, wrong.total(), unknown, wrong)


def _length(text: str) -> int:
    return len(text) + sum(map(han.has_han, text))


@cache
def restored(language: str, disguise: str, *, short: bool = False) -> float:
    """Share of the words of genuine sentences (or shorter messages) in Latin script that folding gives back."""
    rng = Random(SEED)
    make = DISGUISES[language][disguise]
    kept = total = 0
    texts = [text for text, _ in sentences(language) if (len(text.split()) < SENTENCE_WORDS) == short]
    for text in rng.sample(texts, min(MOST, len(texts))):
        for share in SHARES:
            masked = make(text, rng, share)
            before, after = expected(text).split(), fold(masked).split()
            for word, plain, shown in zip(after, before, masked.split(), strict=True):
                # a word that became a number is a number, one letter is no word, and `merc!` may be called out
                if plain.isalpha() and len(plain) > 1 and any(map(str.isalpha, shown)) and shown[-1] != "!":
                    total += 1
                    kept += word == plain
    return kept / total


@cache
def recall(language: str, disguise: str | None) -> Found:
    """How many shipped phrases of a language are found in a disguise, each in many."""
    rng = Random(SEED)
    made = read = heard = 0
    for pack in shipped_packs():
        for number, phrase in enumerate(pack.phrases.get(language, ())):
            evidence = f"{pack.id}/{language}/{number}"
            for _ in range(ROUNDS):
                for share in SHARES:
                    text = DISGUISES[language][disguise](phrase, rng, share) if disguise else phrase
                    hits = _hits(text)
                    made += 1
                    read += evidence in hits
                    heard += evidence not in hits and f"{evidence}/sound" in hits
    return Found(made, read, heard)


@cache
def _search() -> PhraseSearch:
    return PhraseSearch(shipped_packs())


def _hits(text: str) -> set[str]:
    return set(strings(_search()(prepare(lines([f"« {text} »"]))), "evidence"))


@cache
def false_hits(language: str) -> tuple[int, int]:
    """Genuine sentences, and findings of the shipped packs in them."""
    texts = [text for text, _ in sentences(language)]
    return len(texts), _search()(prepare(lines(texts))).num_rows


@cache
def alike(length: int) -> Alike:
    """How often a run of Han characters of genuine sentences sounds like another one."""
    by_sound: dict[str, set[str]] = defaultdict(set)
    for language in ("zh-Hans", "zh-Hant"):
        for text, _ in sentences(language):
            form = loose(fold(text))
            for at in range(len(form) - length + 1):
                run = form[at : at + length]
                if all(map(han.has_han, run)):
                    by_sound[han.sounds(run)].add(run)
    runs = sum(map(len, by_sound.values()))
    return Alike(length, runs, sum(len(group) for group in by_sound.values() if len(group) > 1))


@cache
def splits_cover(language: str) -> float:
    """Share of the Han characters of genuine sentences that the table of splits has."""
    chars = [char for text, _ in sentences(language) for char in text if han.has_han(char)]
    return sum(map(splittable, chars)) / len(chars)


def joined_wrongly(language: str) -> float:
    """Share of genuine sentences in which characters that stand side by side are read as one."""
    forms = [loose(fold(text)) for text, _ in sentences(language)]
    return sum(han.joined(form) != form for form in forms) / len(forms)


NOT_LATIN = tuple(sorted(LETTERS))
"""Languages in whose genuine sentences folding must change nothing."""

LATIN = ("en", "es", "fr")
TELLABLE = tuple(FOLDERS)
FOLDED_AWAY = FOLDED
