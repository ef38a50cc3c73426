"""GET /transparency: reports that a person published, for anybody. Off unless the node's settings say otherwise."""

from collections.abc import Callable
from html import escape
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from tocsin.app.transparency import Kept
from tocsin.cases.transparency import Report, as_csv, as_html, as_json, as_markdown
from tocsin.kernel import NotFound, at_micros
from tocsin.web.auth import node_of

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/static/public.css"></head>
<body><main id="main"><h1>{title}</h1>{body}</main></body>
</html>
"""
FORMS: dict[str, tuple[Callable[[Report], str], str]] = {
    "json": (lambda report: as_json(report).decode(), "application/json"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "md": (as_markdown, "text/markdown; charset=utf-8"),
}


async def _public(request: Request[Any, Any, Any]) -> tuple[Kept, ...]:
    node = node_of(request)
    if not node.settings.transparency_public:
        raise NotFound("there is no such page here")
    return await sync_to_thread(node.transparency.public)


@get("/transparency", media_type=MediaType.HTML)
async def transparency(request: Request[Any, Any, Any]) -> str:
    """What is out, newest first, with each form of it."""
    found = await _public(request)
    name = node_of(request).name
    parts = []
    for one in found:
        links = " · ".join(f'<a href="/transparency/{one.id}.{form}">{form}</a>' for form in FORMS)
        day = at_micros(one.published or one.at).date().isoformat()
        parts.append(f"<section><p>{day} · {links}</p>{as_html(one.report)}</section>")
    body = "".join(parts) or "<p>No report was published yet.</p>"
    return PAGE.format(title=f"What {escape(name)} did", body=body)


@get("/transparency/{name:str}")
async def transparency_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[str]:
    """One report as JSON, CSV or Markdown. Raises NotFound."""
    report_id, _, form = name.rpartition(".")
    for one in await _public(request):
        if one.id == report_id and form in FORMS:
            write, media_type = FORMS[form]
            return Response(write(one.report), media_type=media_type)
    raise NotFound("there is no such report: /transparency lists those that are out")
