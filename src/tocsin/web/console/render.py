"""Pages: Jinja templates, escaped always, in the visit's language.

Enters: a visit and plain values. Leaves: HTML. Refuses: markup from anybody: autoescape is on for every template,
an undefined name is an error, and no template marks a value as safe (tests/web/test_console_templates.py).
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response
from litestar.datastructures import Cookie

from tocsin.kernel import Login, Reason, at_micros
from tocsin.taxonomy import category
from tocsin.taxonomy.artefact_words import words
from tocsin.taxonomy.messages import sentence
from tocsin.taxonomy.vocabulary import vocabulary
from tocsin.web.console import acts
from tocsin.web.console.clocks import banner
from tocsin.web.console.labels import ARRANGED, BANDS, CASE_ACTS, DIMENSIONS, label
from tocsin.web.console.languages import N_, Language, languages
from tocsin.web.console.visits import LANGUAGE_COOKIE, Visit

WEB = Path(__file__).parent.parent
TEMPLATES = WEB / "templates"
STATIC = WEB / "static"
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
"""What a lang attribute may say of a stranger's text (BCP 47, 2.1)."""

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

STATIC_FILES = {
    "console.css": "text/css; charset=utf-8",
    "public.css": "text/css; charset=utf-8",
    "bell.svg": "image/svg+xml",
}

LANGUAGE_COOKIE_SECONDS = 365 * 86_400

PAGE_HEADERS = {
    # `no-referrer` would make browsers send `Origin: null` with our own forms (Fetch, 3.2.1)
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}

NAVIGATION = (
    ("/warnings", N_("Warnings"), acts.WARNINGS_READ),
    ("/cases", N_("Cases"), acts.CASES_READ),
    ("/incidents", N_("Incidents"), acts.INCIDENTS_READ),
    ("/trends", N_("Trends"), acts.WARNINGS_READ),
    ("/counts", N_("Counts"), acts.SHARE_PREVIEW),
    ("/rules", N_("Rules"), acts.RULES_READ),
    ("/actors", N_("Actors"), acts.WARNINGS_READ),
    ("/sessions", N_("Sessions"), acts.CONVERSATIONS_LIST),
    ("/models", N_("Models"), acts.MODELS_READ),
    ("/evaluations", N_("Evaluations"), acts.EVALUATIONS_READ),
    ("/releases", N_("Releases"), acts.RELEASES_READ),
    ("/red-lines", N_("Red lines"), acts.REDLINES_READ),
    ("/applicants", N_("Applicants"), acts.APPLICANTS_READ),
    ("/records", N_("Records"), acts.RECORDS_READ),
    ("/peers", N_("Peers"), acts.NODE_READ),
    ("/left", N_("What left"), acts.NODE_READ),
    ("/guards", N_("Guards"), acts.NODE_READ),
    ("/channels", N_("Channels"), acts.NODE_READ),
    ("/taxonomy", N_("Taxonomy"), acts.NODE_READ),
    ("/openings", N_("Openings"), acts.AUDIT_READ),
    ("/audit", N_("Audit"), acts.AUDIT_READ),
    ("/log", N_("Log"), acts.AUDIT_READ),
)
"""Path, name, and the act that it needs: the one list of the console's rooms, in their order."""


@cache
def static_file(name: str) -> tuple[bytes, str]:
    """Bytes of a file under static/ and its version, for addresses that may be cached for ever."""
    content = (STATIC / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:16]


def templates_in(folder: Path, language: Language) -> Environment:
    """A folder of templates in a language: escaped always, and an undefined name is an error. The one place that says
    so, for the console and for the public pages."""
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]
    return env


@cache
def environment(tag: str) -> Environment:
    """The templates as one language reads them: its words, its numbers, its dates."""
    language = languages()[tag]
    env = templates_in(TEMPLATES, language)
    env.filters.update(
        number=language.number,
        percent=language.percent,
        share=language.share,
        time=language.time,
        day=language.day,
        size=language.size,
        label=lambda value: language.say(label(value)),
        login=lambda value: language.say(label(Login(value))),
        isolated=isolated,
        sentence=lambda reason: said(reason, language),
        words=lambda finding: words(finding, language.tag, translate=language.say, number=language.number),
        category=lambda category_id: category_label(category_id, language),
        concept=lambda concept_id: concept_label(concept_id, language),
    )
    env.globals.update(
        ago=language.ago,
        iso=lambda moment: at_micros(moment).isoformat(timespec="seconds"),
        is_tag=lambda text: _LANGUAGE_TAG.fullmatch(text) is not None,
        dimensions=DIMENSIONS,
        bands=BANDS,
        arranged=ARRANGED,
        case_acts=CASE_ACTS,
        asset=lambda name: f"/static/{name}?v={static_file(name)[1]}",
        link=link,
    )
    return env


def render(
    visit: Visit, template: str, /, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> Response[str]:
    """One page."""
    others = [language for language in languages().values() if language is not visit.language]
    html = (
        environment(visit.language.tag)
        .get_template(template)
        .render(
            visit=visit,
            language=visit.language,
            others=[(other, link(visit.path, {**visit.query, "lang": other.tag})) for other in others],
            navigation=[(path, name) for path, name, act in NAVIGATION if visit.may(act)],
            may=visit.may,
            acts=acts,
            # a page that says what failed asks for nothing that could fail with it
            near_clocks=banner(visit) if status < 500 else (),
            **values,
        )
    )
    page = Response(
        html, status_code=status, media_type=MediaType.HTML, headers={**PAGE_HEADERS, **(headers or {})}
    )
    if visit.query.get("lang") == visit.language.tag:
        page.set_cookie(language_cookie(visit))
    return page


def language_cookie(visit: Visit) -> Cookie:
    """Keeps the language that was asked for by ?lang=, for a year."""
    return Cookie(
        key=LANGUAGE_COOKIE,
        value=visit.language.tag,
        max_age=LANGUAGE_COOKIE_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=visit.secure,
    )


def link(path: str, query: Mapping[str, str]) -> str:
    """A path with its query, empty values left out."""
    kept = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def said(reason: Reason, language: Language) -> str:
    """A reason as a sentence."""
    return sentence(
        reason, language.tag, translate=language.say, number=language.number, percent=language.percent
    )


def isolated(text: str) -> str:
    """A stranger's text inside a sentence: its direction ends with it (Unicode UAX 9, 2.4)."""
    return f"\u2068{_DIRECTION.sub('', text)}\u2069"


def category_label(category_id: str, language: Language) -> str:
    """A category's label; an id that is not in the closed list is shown as it is."""
    known = category(category_id)
    if known is None:
        return category_id
    own = known.label(language.tag)
    return language.say(own) if own == known.en else own


def concept_label(concept_id: str, language: Language) -> str:
    """A concept of the taxonomy by its label; one that is not known is shown as it is."""
    known = vocabulary().by_id.get(concept_id)
    if known is None:
        return concept_id
    return known.label.zh if language.tag == "zh" else language.say(known.label.en)
