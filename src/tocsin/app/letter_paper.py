"""A letter on a decision as a PDF, for a person who is written to on paper; made without a network.

Enters: a letter. Leaves: a PDF that screen readers can read (PDF/UA-1), the same bytes for the same letter. Refuses: to
be made without the fonts of its language.
"""

import json
from importlib import resources

import msgspec

from tocsin.cases.reasons import Letter, date_word
from tocsin.kernel import Unavailable, at_micros

SOURCE = "letter.typ"
FONTS = {
    "en": ("Libertinus Serif",),
    "mn": ("Libertinus Serif",),
    "zh": ("Noto Serif CJK SC", "Noto Sans CJK SC"),
}
"""In order of preference; Libertinus Serif, which Typst brings with it, has Cyrillic too."""


def letter_paper(letter: Letter) -> bytes:
    """The PDF. Raises Unavailable where Typst or a font of the language is not installed."""
    try:
        import typst
    except ImportError:
        raise Unavailable(
            "a PDF needs Typst: pip install 'tocsin[report]', or take the letter as text"
        ) from None
    there = set(typst.Fonts().families())
    fonts = [name for name in FONTS[letter.lang] if name in there]
    if not fonts:
        wanted = ", ".join(FONTS[letter.lang])
        raise Unavailable(f"no font for {letter.lang} is installed: install one of {wanted}")
    fallback = [name for names in FONTS.values() for name in names if name in there]
    data = {
        "title": letter.title,
        "node": letter.node,
        "lang": letter.lang,
        "date": date_word(letter.lang),
        "day": at_micros(letter.at).date().isoformat(),
        "fonts": list(dict.fromkeys([*fonts, *fallback])),
        "sections": msgspec.to_builtins(letter.sections),
    }
    made = typst.compile(
        resources.files("tocsin.app").joinpath("papers", SOURCE).read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards="ua-1",
        timestamp=letter.at // 1_000_000,
    )
    if not isinstance(made, bytes):
        raise Unavailable("Typst gave no document")
    return made
