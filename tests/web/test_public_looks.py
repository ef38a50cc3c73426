"""The public pages' languages and look: complete, legible, small, and whole in a narrow window."""

import re
from collections import Counter

import pytest
from babel.messages.pofile import read_po

from tests.browser import chromium, served, watched
from tests.fixtures import Made
from tests.public_reporters import open_door
from tocsin.kernel.cases import CaseState
from tocsin.kernel.disposing import Measure, Outcome
from tocsin.kernel.reports import ReportWordKind
from tocsin.taxonomy import category
from tocsin.web.console import extract
from tocsin.web.console.languages import PUBLIC, languages
from tocsin.web.console.render import STATIC, TEMPLATES
from tocsin.web.public import words

PLACE = re.compile(r"%\((\w+)\)s|%(?!\()")
SCRIPT = {"zh": re.compile(r"[\u4e00-\u9fff]"), "mn": re.compile(r"[а-яөүё]", re.IGNORECASE)}
STYLE = (STATIC / "public.css").read_text("utf-8")
MAX_STYLE_BYTES = 8_000
TEXT, GRAPHIC = 4.5, 3.0
PAIRS = [
    *((fore, "ground", TEXT) for fore in ("ink", "muted", "link", "danger")),
    *((fore, "ground", GRAPHIC) for fore in ("edge", "focus", "button")),
    ("danger", "danger-ground", TEXT),
    ("good", "good-ground", TEXT),
    ("button-ink", "button", TEXT),
    ("mast-ink", "mast", TEXT),
]


def strings(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(part) for part in value]  # type: ignore[attr-defined]


def test_they_speak_english_chinese_and_mongolian() -> None:
    assert list(languages(PUBLIC)) == ["en", "mn", "zh"]
    assert "mn" not in languages(), "the console does not"


@pytest.mark.parametrize("tag", ["mn", "zh"])
def test_every_text_is_translated_and_no_value_is_lost(tag: str) -> None:
    path = extract.po_path(tag, PUBLIC)
    assert path.read_text("utf-8") == extract.text_of(extract.merged(tag, PUBLIC)), "run the extraction"
    with path.open("rb") as file:
        catalogue = read_po(file)
    for text in extract.collect(PUBLIC):
        if not text.id:
            continue
        kept = catalogue.get(strings(text.id)[0])
        assert kept, text.id
        assert not kept.fuzzy
        for said in strings(kept.string):
            assert SCRIPT[tag].search(said), f"{text.id!r} is not translated"
            assert Counter(PLACE.findall(said)) == Counter(PLACE.findall(strings(text.id)[-1])), text.id
            assert "<" not in said
    assert extract.template_path(PUBLIC).read_text("utf-8") == extract.text_of(extract.collect(PUBLIC))


def test_every_state_outcome_measure_and_word_has_a_sentence() -> None:
    assert set(words.STATES) == set(CaseState)
    assert set(words.OUTCOMES) == set(Outcome)
    assert set(words.MEASURES) == set(Measure)
    assert set(words.SAID) == set(ReportWordKind)
    assert all(category(name) for name in words.CATEGORIES)


def test_templates_hold_no_words_style_script_or_host() -> None:
    for path in (TEMPLATES / "public").glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"\bstyle=|\bon[a-z]+=|<script|<style|https?:|\|\s*safe|autoescape", text), (
            path.name
        )
        plain = re.sub(r"{% macro described.*?endmacro %}|{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)
        assert [word for word in re.findall(r">([^<>]*[A-Za-z]{3}[^<>]*)<", plain) if word.strip()] == [], (
            path.name
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("fore", "ground", "least"), PAIRS)
def test_contrast(scheme: str, fore: str, ground: str, least: float) -> None:
    blocks = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    ]
    named = blocks[0] if scheme == "light" else blocks[0] | blocks[1]
    bright, dark = sorted((luminance(named[fore]), luminance(named[ground])), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= least


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_style_is_small_and_fetches_nothing() -> None:
    assert len(STYLE.encode()) < MAX_STYLE_BYTES
    assert not re.search(r"url\(|@import|@font-face|outline: 0", STYLE)


_SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
  .filter(e => !e.classList.contains('skip'))
  .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
  .filter(([_, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
_BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.net
def test_in_a_browser_they_are_whole_at_320_pixels_with_targets_of_24(copied: Made) -> None:
    """320 CSS pixels are 1280 at 400 % (WCAG 2.2, 1.4.10); targets as in 2.5.8."""
    from tocsin.app.node import Node
    from tocsin.web.server import create_app

    open_door(copied.node.data)
    copied.node.close()
    copied.node = Node(copied.node.data, clock=copied.clock)
    with (
        served(create_app(copied.node, jobs=False)) as origin,
        chromium() as browser,
        watched(browser, origin, viewport={"width": 320, "height": 640}, java_script_enabled=True) as visit,
    ):
        for tag in ("en", "zh", "mn"):
            for path in ("/report", "/report/new", "/report/follow"):
                visit.open(f"{path}?lang={tag}")
                assert visit.page.evaluate(_BEYOND) <= 0, (tag, path)
                assert visit.page.evaluate(_SMALL_TARGETS) == [], (tag, path)
        visit.open("/report/new?lang=mn")
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
