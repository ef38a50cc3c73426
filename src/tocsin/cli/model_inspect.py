"""tocsin model inspect: what an artefact is, and what is wrong in it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import msgspec
import typer

from tocsin.cli.opening import LanguageOption
from tocsin.cli.output import chosen_language, show_json
from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection, Severity
from tocsin.kernel.clock import system_clock
from tocsin.kernel.errors import BadInput

if TYPE_CHECKING:  # heavy: only a look that lasts needs it
    from collections.abc import Callable

    from tocsin.assure import Progress

EXIT_CODES = {
    ArtefactVerdict.CLEAN: 0,
    ArtefactVerdict.FOUND: 1,
    ArtefactVerdict.NOT_EXAMINED: 3,
    ArtefactVerdict.INCONCLUSIVE: 3,
}
LONG_BYTES = 256 << 20
LONG_FILES = 2_000
"""From here on a look lasts long enough to show how far it is."""

MAX_SHOWN = 200
"""Findings and parts in the table for people; `--json` and `--sarif` have all."""

_WORDS = {
    "clean": ("clean", "洁净"),
    "found": ("FOUND", "发现问题"),
    "not-examined": ("not examined", "未检查"),
    "inconclusive": ("inconclusive", "无法判定"),
    "note": ("note", "提示"),
    "low": ("low", "低"),
    "medium": ("medium", "中"),
    "high": ("high", "高"),
    "critical": ("critical", "严重"),
    "at": ("byte", "字节"),
    "size": ("bytes", "字节数"),
    "parts": ("files and members", "文件与成员"),
    "more": ("and {count} more; --json has all", "另有 {count} 项；--json 列出全部"),
    "unknown": ("unknown", "未知"),
}
_COLOURS = {
    ArtefactVerdict.CLEAN: "green",
    ArtefactVerdict.FOUND: "bold red",
    ArtefactVerdict.NOT_EXAMINED: "yellow",
    ArtefactVerdict.INCONCLUSIVE: "yellow",
}


def inspect(
    path: Annotated[str, typer.Argument(help="A folder, an archive or a file; - for a stream.")],
    parts: Annotated[bool, typer.Option("--parts", help="List every file and member as well.")] = False,
    name: Annotated[str, typer.Option(help="What it is called, where it comes as a stream.")] = "",
    language: LanguageOption = "",
    sarif: Annotated[str, typer.Option("--sarif", help="Write SARIF 2.1.0 to this file; - for output.")] = "",
    data: Annotated[
        Path | None, typer.Option("--data", help="Keep it in this node, with what the node knows of it.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Say what a model's files are and what is wrong in them. Nothing is loaded or run.

    Exit 0 when clean, 1 when something was found, 3 when anything was not examined or could not be judged.
    """
    language = chosen_language(language)
    if json and sarif == "-":
        raise BadInput("--json and --sarif - both write to standard output; give --sarif a file.")
    seen = _look(path, name)
    if data is not None:
        seen = _kept(seen, path, data)
    if sarif:
        _write_sarif(seen, sarif, language)
    if json:
        show_json(document(seen, language))
    elif sarif != "-":
        _show(seen, language, parts=parts)
    raise typer.Exit(EXIT_CODES[seen.verdict])


def document(seen: Inspection, language: str) -> dict[str, Any]:
    """The inspection's own fields; each finding with its sentences (`why`, `do`) in `language`."""
    from tocsin.taxonomy.artefact_words import words

    told: dict[str, Any] = msgspec.to_builtins(seen)
    for found, row in zip(seen.findings, told["findings"], strict=True):
        row["why"], row["do"] = words(found, language)
    return told


def _look(path: str, name: str) -> Inspection:
    from tocsin.assure import inspect as look

    source: Path | BinaryIO = sys.stdin.buffer if path == "-" else Path(path)
    with _bar() as progress:
        return look(source, clock=system_clock, name=name, progress=progress)


def _kept(seen: Inspection, path: str, data: Path) -> Inspection:
    """The same with the node's own findings, durable in its memory."""
    from tocsin.cli.opening import opened

    with opened(data) as node:
        source = "" if path == "-" else str(Path(path).resolve())
        return node.artefacts.keep_for(node.access.operator(), seen, source=source).inspection


@contextmanager
def _bar() -> "Iterator[Callable[[Progress], None] | None]":
    """A bar on standard error, where a person sees it and once it is known that the look will last."""
    if not sys.stderr.isatty():
        yield None
        return
    running: list[Any] = []

    def heard(now: "Progress") -> None:
        if not running:
            if now.total < LONG_BYTES and now.of < LONG_FILES:
                return
            running.append(_started())
        bar = running[0]
        bar.update(bar.task_ids[0], total=now.total or None, completed=now.done, description=now.path[-40:])

    try:
        yield heard
    finally:
        for bar in running:
            bar.stop()


def _started() -> Any:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        BarColumn(),
        DownloadColumn(binary_units=True),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task(escape(""))
    bar.start()
    return bar


def _write_sarif(seen: Inspection, where: str, language: str) -> None:
    from tocsin.wire.sarif import sarif

    told = sarif(seen, language)
    if where == "-":
        show_json(told)
        return
    try:
        Path(where).write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    except OSError as error:
        raise BadInput(f"{where} cannot be written ({error.strerror}); name another file.") from error


def _show(seen: Inspection, language: str, *, parts: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    heading = Text(f"{seen.name}: ")
    heading.append(_word(seen.verdict, language), style=_COLOURS[seen.verdict])
    console.print(heading)
    console.print(Text(f"sha256 {seen.artefact}  {seen.size:,} {_word('size', language)}"), soft_wrap=True)
    counted = {verdict: sum(part.verdict is verdict for part in seen.parts) for verdict in ArtefactVerdict}
    told = ", ".join(f"{count:,} {_word(verdict, language)}" for verdict, count in counted.items() if count)
    console.print(Text(f"{len(seen.parts):,} {_word('parts', language)}: {told or '-'}"))
    ranks = list(Severity)
    findings = sorted(seen.findings, key=lambda found: -ranks.index(found.severity))
    if findings:
        show_findings(console, findings, language)
    if parts:
        _show_parts(console, seen, language)


def show_findings(console: Any, findings: list[Finding], language: str) -> None:
    """Each with its place, its sentence, and what to do."""
    from rich.text import Text

    from tocsin.taxonomy.artefact_words import words

    for found in findings[:MAX_SHOWN]:
        place = found.place
        heading = Text(_word(found.verdict, language), style=_COLOURS[found.verdict])
        heading.append(f" ({_word(found.severity, language)})  ", style="default")
        heading.append(place.path, style="bold default")
        if place.field:
            heading.append(f" [{place.field}]", style="default")
        if place.offset is not None:
            heading.append(f" {_word('at', language)} {place.offset:,}", style="default")
        console.print()
        console.print(heading, soft_wrap=True)
        why, do = words(found, language)
        console.print(Text(f"  {why}"), soft_wrap=True)
        console.print(Text(f"  → {do}"), soft_wrap=True)
    _more(console, len(findings), language)


def _show_parts(console: Any, seen: Inspection, language: str) -> None:
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(Text(seen.name))
    branches: dict[str, Any] = {}
    for part in seen.parts[:MAX_SHOWN]:
        around, inside, last = part.path.rpartition("!/")
        label = Text(
            f"{last if inside else part.path}  {part.format or _word('unknown', language)}  {part.size:,}  "
        )
        label.append(_word(part.verdict, language), style=_COLOURS[part.verdict])
        branches[part.path] = branches.get(around, root).add(label)
    console.print()
    console.print(root)
    _more(console, len(seen.parts), language)


def _more(console: Any, count: int, language: str) -> None:
    if count > MAX_SHOWN:
        console.print(_word("more", language).format(count=count - MAX_SHOWN))


def _word(word: str, language: str) -> str:
    en, zh = _WORDS[word]
    return zh if language == "zh" else en
