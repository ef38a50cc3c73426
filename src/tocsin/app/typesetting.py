"""Paper: data and one of this room's Typst sources in, a PDF that screen readers can read (PDF/UA-1) out.

Without a network, and the same bytes for the same data. Refuses: to be made without the fonts of its language, for a
page of boxes says nothing.
"""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal

from tocsin.kernel import Unavailable

FONTS = {"en": ("Libertinus Serif",), "zh": ("Noto Serif CJK SC", "Noto Sans CJK SC")}
"""In order of preference; the first is what Typst brings with it."""

PNG_PIXELS_AN_INCH = 110.0


def typeset(source: str, data: Mapping[str, Any], *, language: str, at: int) -> bytes:
    """The PDF of a source of `papers/`. `at` (microseconds) is the date that the file carries.

    Raises Unavailable where Typst or the language's font is not installed.
    """
    made = _compiled(source, data, language, at, "pdf")
    if not isinstance(made, bytes):
        raise Unavailable("Typst gave no document")
    return made


def pictures(source: str, data: Mapping[str, Any], *, language: str, at: int) -> tuple[bytes, ...]:
    """The same pages as PNG, for people who look at them. Raises as `typeset`."""
    made = _compiled(source, data, language, at, "png")
    return (made,) if isinstance(made, bytes) else tuple(page for page in made if page is not None)


def _compiled(
    source: str, data: Mapping[str, Any], language: str, at: int, form: Literal["pdf", "png"]
) -> bytes | list[bytes | None]:
    try:
        import typst
    except ImportError:
        raise Unavailable(
            "a PDF needs Typst: pip install 'tocsin[report]', or take the page itself"
        ) from None
    there = set(typst.Fonts().families())
    fonts = [name for name in FONTS[language] if name in there]
    if not fonts:
        raise Unavailable(f"no font for {language} is installed: install one of {', '.join(FONTS[language])}")
    fallback = [name for names in FONTS.values() for name in names if name in there]
    given = {**data, "fonts": list(dict.fromkeys([*fonts, *fallback]))}
    paper = resources.files("tocsin.app").joinpath("papers", source).read_bytes()
    inputs = {"data": json.dumps(given, ensure_ascii=False)}
    if form == "png":
        return typst.compile(paper, format="png", ppi=PNG_PIXELS_AN_INCH, sys_inputs=inputs)
    return typst.compile(
        paper, format="pdf", sys_inputs=inputs, pdf_standards="ua-1", timestamp=at // 1_000_000
    )
