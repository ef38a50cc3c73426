"""The public pages: Jinja templates, escaped always, in the visitor's language; no cookie, no script.

The language is `?lang=`, which every link carries on, else what the browser accepts, else English: nothing is kept.
"""

from functools import cache
from typing import Any

import msgspec
from babel.units import format_unit
from jinja2 import Environment
from litestar import MediaType, Request, Response

from tocsin.app.node import Node
from tocsin.kernel import at_micros
from tocsin.web.auth import node_of
from tocsin.web.console.languages import PUBLIC, Language, choose, languages
from tocsin.web.console.render import TEMPLATES, isolated, link, static_file, templates_in
from tocsin.web.public.bodies import MAX_FILE_BYTES, MAX_FILES, MAX_FILES_BYTES
from tocsin.web.public.words import CATEGORIES, MEASURES, OUTCOMES, SAID, STATES

PAGE_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept-Language"}


class Visitor(msgspec.Struct, frozen=True):
    """Somebody: a language, and nothing more."""

    node: Node
    language: Language
    path: str
    asked: str
    """The language that the address names; "" where the browser was believed."""


def visitor(request: Request[Any, Any, Any]) -> Visitor:
    """Whoever asks."""
    asked = str(request.query_params.get("lang", ""))
    language = choose(asked=asked, kept=None, accept=request.headers.get("accept-language"), domain=PUBLIC)
    return Visitor(node_of(request), language, request.url.path, language.tag if asked else "")


@cache
def environment(tag: str) -> Environment:
    """The public templates as one language reads them."""
    language = languages(PUBLIC)[tag]
    env = templates_in(TEMPLATES / "public", language)
    env.filters.update(
        number=language.number,
        time=language.time,
        day=language.day,
        size=language.size,
        megabytes=lambda count: format_unit(
            count >> 20, "digital-megabyte", length="short", locale=language.locale
        ),
        isolated=isolated,
    )
    env.globals.update(
        categories=CATEGORIES,
        states=STATES,
        outcomes=OUTCOMES,
        measures=MEASURES,
        said=SAID,
        iso=lambda moment: at_micros(moment).isoformat(timespec="seconds"),
        asset=lambda name: f"/static/{name}?v={static_file(name)[1]}",
        most_files=MAX_FILES,
        most_bytes=MAX_FILE_BYTES,
        most_together=MAX_FILES_BYTES,
    )
    return env


def render(
    seen: Visitor, template: str, /, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> Response[str]:
    """One page."""
    every = languages(PUBLIC).values()
    # the page after a form has no address of its own to go to in another language
    page = values.pop("page", seen.path)
    values.setdefault("home", "")  # of the pages for applicants; the others begin at /report
    html = (
        environment(seen.language.tag)
        .get_template(template)
        .render(
            node_name=seen.node.name,
            language=seen.language,
            every=every,
            others=[(one, link(page, {"lang": one.tag})) for one in every if one is not seen.language],
            to=lambda path: link(path, {"lang": seen.asked}),
            **values,
        )
    )
    return Response(
        html, status_code=status, media_type=MediaType.HTML, headers={**PAGE_HEADERS, **(headers or {})}
    )
