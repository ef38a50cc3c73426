"""Notebooks: cells that run what they fetch, and answers that carry scripts into the reader's browser."""

import re
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Told, finding
from tocsin.assure.texts.code_files import FETCH_AND_RUN, told_of
from tocsin.assure.texts.python_code import NotPython, reached_by
from tocsin.kernel.artefacts import Finding

MAX_CELLS = 20_000
_ESCAPE = re.compile(r"^\s*(?:[!]|%%?(?:bash|sh|script|system|sx)\b|%pip|%conda)", re.MULTILINE)
_INSTALL = re.compile(r"(?m)^\s*[!%]{1,2}\s*(?:pip|conda|apt|apt-get|npm)\b[^\n]*\binstall\b([^\n]*)")
_FOREIGN_SOURCE = re.compile(r"(?:git\+|https?://|--(?:extra-)?index-url|--trusted-host|\s-i\s)")
_SCRIPT = re.compile(
    r"(?i)<\s*(?:script|iframe|object|embed)\b|\bon(?:load|error|click|mouseover)\s*=|javascript:"
)
_MAGIC = re.compile(r"(?m)^(\s*)(?:[!%?].*|.*\?\s*)$")


def is_notebook(value: Any) -> bool:
    """By its shape: nbformat and cells (version 4), or worksheets (3)."""
    return isinstance(value, dict) and "nbformat" in value and ("cells" in value or "worksheets" in value)


def told_by_notebook(value: dict[str, Any], path: str) -> Iterator[Told]:
    """Findings on each cell and its outputs."""
    cells = value.get("cells")
    if not isinstance(cells, list):
        sheets = value.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        cells = [cell for one in sheets if isinstance(one, dict) for cell in _list(one.get("cells"))]
    if len(cells) > MAX_CELLS:
        yield finding("notebook.too-large", path, cells=len(cells), bound=MAX_CELLS)
        return
    for at, cell in enumerate(cells):
        if not isinstance(cell, dict):
            yield finding("json.not-parsed", path, why=f"cell {at} is no object")
            return
        if cell.get("cell_type") == "code":
            yield from _code(_text(cell.get("source", cell.get("input"))), f"cell {at}", path)
            yield from _outputs(cell.get("outputs"), f"cell {at}", path)


def _code(source: str, place: str, path: str) -> Iterator[Finding]:
    run = FETCH_AND_RUN.search(source)
    if run is not None:
        yield finding("notebook.fetches-and-runs", path, field=place, said=run[0][:80])
    for install in _INSTALL.finditer(source):
        if _FOREIGN_SOURCE.search(install[1]):
            yield finding("notebook.installs-elsewhere", path, field=place, said=install[0].strip()[:120])
    if _ESCAPE.search(source):
        yield finding("notebook.shell", path, field=place)
        if re.match(r"\s*%%(?!time|timeit|capture|prun)", source):
            return  # another language: a person reads it
    try:
        reached = reached_by(_MAGIC.sub(r"\1pass", source))
    except NotPython:
        yield finding("notebook.not-parsed", path, field=place)
        return
    for one in told_of(reached, path):
        if one.rule == "python.encoded-code":
            yield finding("python.encoded-code", path, field=place, named=str(one.values["named"]))
        elif one.rule == "python.runs-at-import" and one.values["kind"] == "trust":
            yield finding("notebook.trusts", path, field=place, named=str(one.values["named"]))
        elif one.rule == "python.runs-at-import":
            kind, named = str(one.values["kind"]), str(one.values["named"])
            yield finding("notebook.reaches", path, field=place, kind=kind, named=named)


def _outputs(outputs: Any, place: str, path: str) -> Iterator[Finding]:
    for output in _list(outputs):
        data = output.get("data") if isinstance(output, dict) else None
        if not isinstance(data, dict):
            continue
        if "application/javascript" in data:
            yield finding("notebook.script", path, field=place, manner="application/javascript")
            return
        for kind in ("text/html", "image/svg+xml", "text/markdown"):
            if kind in data and _SCRIPT.search(_text(data[kind])):
                yield finding("notebook.script", path, field=place, manner=kind)
                return


def _text(held: Any) -> str:
    if isinstance(held, list):
        return "".join(one for one in held if isinstance(one, str))
    return held if isinstance(held, str) else ""


def _list(held: Any) -> list[Any]:
    return held if isinstance(held, list) else []
