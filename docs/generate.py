"""Writes docs/reference.md, and what else is made from the code or the data. `make docs` runs it."""

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import get_args

import msgspec
import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

import tocsin
from tocsin.app.settings import Settings
from tocsin.cli.main import app
from tocsin.kernel import Kind, ObservableType, Role, TocsinError, limits
from tocsin.taxonomy import categories, prepared

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference.md"
OVERLAYS = HERE / "overlays.md"
DUTIES = HERE / "duties.md"
PACKAGED = "## Packaged\n"


def reference() -> str:
    """The whole page."""
    opening = (HERE / "reference.head.md").read_text("utf-8")
    parts = [opening.rstrip(), _commands(), _settings(), _errors(), _limits(), _lists()]
    return "\n\n".join(parts) + "\n"


def _commands() -> str:
    rows = [
        "## Commands",
        "",
        "Every command has `--help`.",
        "",
        "| command | what it does | options |",
        "|---|---|---|",
    ]
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    for path, command in _walk(root, "tocsin"):
        options = ", ".join(
            f"`{parameter.opts[0]}`" for parameter in command.params if isinstance(parameter, TyperOption)
        )
        arguments = "".join(
            f" {p.name.upper()}" for p in command.params if isinstance(p, TyperArgument) and p.name
        )
        rows.append(f"| `{path}{arguments}` | {_cell(command.help)} | {options} |")
    return "\n".join(rows)


def _walk(group: TyperGroup, path: str) -> list[tuple[str, TyperCommand | TyperGroup]]:
    found: list[tuple[str, TyperCommand | TyperGroup]] = []
    for name in group.list_commands(typer.Context(group)):
        command = group.get_command(typer.Context(group), name)
        if isinstance(command, TyperGroup):
            if command.invoke_without_command:  # it says something by itself, too
                found.append((f"{path} {name}", command))
            found += _walk(command, f"{path} {name}")
        elif isinstance(command, TyperCommand):
            found.append((f"{path} {name}", command))
    return found


def _settings() -> str:
    rows = [
        "## Settings",
        "",
        "`settings.toml` in the node's folder.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    for field in msgspec.structs.fields(Settings):
        meta = next(part for part in get_args(field.type) if isinstance(part, msgspec.Meta))
        default = getattr(Settings(), field.name)
        rows.append(f"| `{field.name}` | `{msgspec.to_builtins(default)}` | {_cell(meta.description)} |")
    rows += [
        "",
        "`TOCSIN_DATA` names the folder where `--data` is not given; `TOCSIN_DATABASE_URL` a PostgreSQL database.",
    ]
    return "\n".join(rows)


def _errors() -> str:
    for module in pkgutil.walk_packages(tocsin.__path__, "tocsin."):  # an error exists once its module does
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    rows = [
        "## Errors",
        "",
        "Over HTTP `application/problem+json` (RFC 9457) with `type` = `urn:tocsin:problem:CODE`; TAXII answers with",
        "its own error body. On the command line a sentence and the exit code.",
        "",
        "| code | HTTP | exit | when |",
        "|---|---|---|---|",
    ]
    rows += [
        f"| `{error.code}` | {error.status} | {error.exit_code} | {_cell(error.__doc__)} |"
        for error in sorted(_subclasses(TocsinError), key=lambda kind: (kind.status, kind.code))
    ]
    return "\n".join(rows)


def _subclasses(kind: type[TocsinError]) -> list[type[TocsinError]]:
    found: dict[str, type[TocsinError]] = {}
    for child in kind.__subclasses__():
        for entry in (child, *_subclasses(child)):
            found.setdefault(entry.code, entry)
    return list(found.values())


def _limits() -> str:
    rows = ["## Limits", "", "| limit | value |", "|---|---|"]
    rows += [f"| `{name}` | {value:,} |" for name, value in vars(limits).items() if name.isupper()]
    return "\n".join(rows)


def _lists() -> str:
    rows = [
        "## Lists",
        "",
        f"Event kinds: {_ticked(Kind)}.",
        "",
        f"Observable types: {_ticked(ObservableType)}.",
    ]
    rows += ["", f"Roles: {_ticked(Role)}.", "", "| category of conduct | English | 中文 |", "|---|---|---|"]
    rows += [f"| `{entry.id}` | {entry.en} | {entry.zh} |" for entry in categories()]
    return "\n".join(rows)


def _ticked(values: object) -> str:
    return ", ".join(f"`{value}`" for value in values)  # type: ignore[attr-defined]


def _cell(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split()).replace("|", "\\|")


def schemas() -> None:
    """Write the published JSON Schemas beside the code that decodes them."""
    from tocsin.wire.schemas import published, schema_bytes

    folder = HERE.parent / "src" / "tocsin" / "wire" / "schemas"
    for name, schema in published().items():
        (folder / name).write_bytes(schema_bytes(schema))


def overlays() -> str:
    """docs/overlays.md: its head as it was written, and the table of what is packaged."""
    from tocsin.gate import packaged_overlays

    rows = [
        OVERLAYS.read_text("utf-8").partition(PACKAGED)[0] + PACKAGED,
        "| overlay | jurisdiction | source | status | known from | bears when | demands (held at, until met) |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in packaged_overlays():
        status = one.status.value + (f" from {one.applies_from}" if one.applies_from else "")
        when = [
            f"{one.applies.compute_at_least:.0e} operations or more" if one.applies.compute_at_least else "",
            f"it would go out at {one.applies.from_tier.value} or more" if one.applies.from_tier else "",
        ]
        demands = [f"`{d.id}`" + (f" ({d.until.value})" if d.until else "") for d in one.demands]
        source = f"{one.source}, {one.article}".rstrip(", ")
        rows.append(
            f"| `{one.id}`: {one.title.en} | {one.jurisdiction} | {source} | {status} |"
            f" {one.confirmed.value}, {one.checked} | {'; '.join(filter(None, when)) or 'always'} |"
            f" {', '.join(demands)} |"
        )
    return "\n".join(rows) + "\n"


def duties() -> str:
    """docs/duties.md: its head as it was written, and the table of what is packaged."""
    from tocsin.cases.duties import packaged
    from tocsin.cases.duties.sentences import told

    rows = [
        DUTIES.read_text("utf-8").partition(PACKAGED)[0] + PACKAGED,
        "| duty | status | known | step | within (known) | counted from (known) | to |",
        "|---|---|---|---|---|---|---|",
    ]
    for duty in (one for pack in packaged() for one in pack.duties):
        status = duty.status.value + (f", from {duty.applies_from}" if duty.applies_from else "")
        head = f"| `{duty.id}`: {duty.title['en']} | {status} | {duty.confirmed.value} |"
        if not duty.steps:
            rows.append(f"{head} - | {duty.no_clock['en']} | - | - |")
        for step in duty.steps:
            within = [
                told(clock.within)
                + (f" from {clock.grade}" if clock.grade else "")
                + f" ({clock.confirmed.value})"
                for clock in step.clocks
            ]
            asked = f" (from {step.from_grade})" if step.from_grade else ""
            start = (
                f"{step.start.moment.value} {step.start.after}".strip() + f" ({step.start.confirmed.value})"
            )
            to = "; ".join(f"{one.name['en']} ({one.confirmed.value})" for one in step.to)
            again = ", again and again" if step.repeats else ""
            rows.append(f"{head} {step.label['en']}{asked}{again} | {'; '.join(within)} | {start} | {to} |")
    return "\n".join(rows) + "\n"


def starts() -> None:
    """Prepare the YAML that is read at each start (`taxonomy.prepared`)."""
    for file in prepared.sources(HERE.parent / "src" / "tocsin"):
        file.with_name(file.name + prepared.SUFFIX).write_bytes(prepared.prepared(file.read_bytes()))


def translations() -> int:
    """Bring the console's .pot and .po files up to date; 1 while a sentence is not translated."""
    from tocsin.web.console import extract

    return extract.main([])


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(REFERENCE.read_text("utf-8") != reference())
    REFERENCE.write_text(reference(), "utf-8")
    OVERLAYS.write_text(overlays(), "utf-8")
    DUTIES.write_text(duties(), "utf-8")
    schemas()
    starts()
    sys.exit(translations())
