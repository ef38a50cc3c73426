"""tocsin duty: whom an incident must be reported to, and by when, as packs say it. Needs no node; nothing is kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.opening import JsonOption, LanguageOption
from tocsin.cli.output import chosen_language, say, show_json, show_table
from tocsin.kernel import BadInput

if TYPE_CHECKING:
    from tocsin.cases.duties import Duty, Pack
    from tocsin.cases.duties.models import Rule
    from tocsin.cases.duties.side_by_side import SideRow
    from tocsin.kernel.duties import ClockStart, Deadline, FactValue, Incident

app = typer.Typer(
    help="Duties to report incidents: packs, figures, clocks, forms.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

OwnDataOption = Annotated[
    Path | None,
    typer.Option("--data", help="A node's folder, for its own packs too.", envvar="TOCSIN_DATA"),
]


@app.command("list")
def list_packs(data: OwnDataOption = None, lang: LanguageOption = "", json: JsonOption = False) -> None:
    """List every duty: its status, from when it applies, and whether a named person verified it."""
    from tocsin.cases.duties import said

    language = chosen_language(lang)
    rows = [_summary(duty, pack, language) for pack in _packs(data) for duty in pack.duties]
    if json:
        show_json({"duties": rows})
        return
    show_table(
        ("duty", "title", "status", "applies from", "known", "verified", ""),
        (
            (
                row["id"],
                row["title"],
                row["status"],
                row["applies_from"] or "-",
                row["confirmed"],
                f"{row['verified_by']}, {row['verified_on']}" if row["verified"] else "UNVERIFIED",
                "OVERRIDDEN" if row["weaker"] else "own" if row["own"] else "",
            )
            for row in rows
        ),
        empty="No duties.",
    )
    for pack in _packs(data):
        if pack.replaces is not None and pack.weaker:
            say(f"{said(pack.title, language)} asks for less than the packaged one: {'; '.join(pack.weaker)}")
            say(f"  {pack.replaces.by}, {pack.replaces.day}: {pack.replaces.reason}")


@app.command()
def show(
    duty: Annotated[str, typer.Argument(help="A duty's id, as `list` shows it.")],
    data: OwnDataOption = None,
    lang: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Show one duty: its figures, clocks and form, each with how far it is known and from where."""
    import msgspec

    from tocsin.cases.duties import duty_of

    language = chosen_language(lang)
    packs = _packs(data)
    found = duty_of(packs, duty)
    pack = next(one for one in packs if one.id == found.pack)
    if json:
        view = {**msgspec.to_builtins(found), **_summary(found, pack, language)}
        show_json({**view, "hotline": pack.hotline, "retention": pack.retention})
        return
    _show_head(found, pack, language)
    _show_figures(found, language)
    _show_steps(found, language)
    _show_form(found, language)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A pack of your own, YAML.")],
    json: JsonOption = False,
) -> None:
    """Check a pack of your own: is it read, and does it ask for less than the packaged one?"""
    from tocsin.cases.duties import read_own

    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    pack = read_own(data, file.name)
    view = {
        "id": pack.id,
        "edition": pack.edition,
        "sha256": pack.digest,
        "duties": [one.id for one in pack.duties],
        "verified": pack.verified,
        "overrides": pack.overrides,
        "weaker": list(pack.weaker),
    }
    if json:
        show_json(view)
        return
    say(f"{file.name}: {pack.id}, edition {pack.edition}: {', '.join(one.id for one in pack.duties)}")
    say(
        f"Verified by {pack.verified_by}, {pack.verified_on}."
        if pack.verified
        else "UNVERIFIED: no named person."
    )
    if pack.overrides:
        less = "; ".join(pack.weaker)
        say(
            f"It takes the place of the packaged {pack.id}"
            + (f", and asks for less: {less}" if less else ".")
        )


@app.command("facts")
def list_facts(lang: LanguageOption = "", json: JsonOption = False) -> None:
    """List the facts that duties ask: the list is closed, and holds counts, choices and moments alone."""
    from tocsin.cases.duties import facts, said

    language = chosen_language(lang)
    rows = [
        {
            "id": one.id,
            "kind": one.kind.value,
            "unit": one.unit,
            "question": said(one.question, language),
            "choices": {name: said(words, language) for name, words in one.choices.items()},
        }
        for one in facts().values()
    ]
    if json:
        show_json({"facts": rows})
        return
    show_table(
        ("fact", "kind", "unit", "question"),
        ((row["id"], row["kind"], row["unit"], row["question"]) for row in rows),
        empty="No facts.",
    )


@app.command("try")
def try_duties(
    duties: Annotated[
        list[str], typer.Argument(help="Ids of duties; `all` for every one.", metavar="DUTY...")
    ],
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", help="NAME=VALUE; yes and no for what is either. Repeatable."),
    ] = None,
    moment: Annotated[
        list[str] | None,
        typer.Option("--moment", help="NAME=RFC3339, as awareness=2026-11-20T09:00:00+01:00. Repeatable."),
    ] = None,
    data: OwnDataOption = None,
    lang: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Reckon grades and deadlines side by side for facts and moments that you give; nothing is kept."""
    import msgspec

    from tocsin.cases.duties import duties_of, duty_of
    from tocsin.cases.duties.side_by_side import side_by_side
    from tocsin.kernel import micros, system_clock

    language = chosen_language(lang)
    packs = _packs(data)
    chosen = list(duties_of(packs).values()) if duties == ["all"] else [duty_of(packs, one) for one in duties]
    rows = side_by_side(chosen, _incident(fact or [], moment or []), {}, micros(system_clock()), language)
    if json:
        show_json({"duties": msgspec.to_builtins(rows)})
        return
    for row in rows:
        _show_row(row)


def _packs(data: Path | None) -> "tuple[Pack, ...]":
    from tocsin.app.extensions import duties_of

    return duties_of(data)


def _summary(duty: "Duty", pack: "Pack", language: str) -> dict[str, Any]:
    from tocsin.cases.duties import said

    return {
        "id": duty.id,
        "pack": duty.pack,
        "edition": pack.edition,
        "sha256": duty.digest,
        "title": said(duty.title, language),
        "who": said(duty.who, language),
        "status": duty.status.value,
        "applies_from": duty.applies_from.isoformat() if duty.applies_from else None,
        "confirmed": duty.confirmed.value,
        "verified": duty.verified,
        "verified_by": duty.verified_by,
        "verified_on": duty.verified_on.isoformat() if duty.verified_on else None,
        "own": pack.own,
        "weaker": list(pack.weaker),
    }


def _show_head(duty: "Duty", pack: "Pack", language: str) -> None:
    from tocsin.cases.duties import said

    verified = (
        f"by {duty.verified_by} on {duty.verified_on}"
        if duty.verified
        else "UNVERIFIED: no named person stands for it"
    )
    rows = [
        ("duty", duty.id),
        ("title", said(duty.title, language)),
        ("who", said(duty.who, language)),
        ("status", f"{duty.status.value} ({duty.confirmed.value}: {duty.source})"),
        ("applies from", str(duty.applies_from or "-")),
        ("verified", verified),
        ("zone", duty.zone),
        (
            "days are counted",
            f"{duty.period.reading.value} ({duty.period.confirmed.value}: {duty.period.source})",
        ),
        ("pack", f"{pack.id}, edition {pack.edition}, sha256 {pack.digest[:16]}"),
        *([("hotline", pack.hotline)] if pack.hotline else []),
        *([("retention", said(pack.retention, language))] if pack.retention else []),
        *(("overridden", one) for one in pack.weaker),
        *(("note", said(one, language)) for one in duty.notes),
        *([("no clock", said(duty.no_clock, language))] if duty.no_clock else []),
    ]
    show_table(("", ""), rows, empty="")


def _show_figures(duty: "Duty", language: str) -> None:
    from tocsin.cases.duties import facts, said

    labelled: list[tuple[str, Rule]] = [("scope", rule) for rule in duty.scope]
    labelled += [(said(grade.label, language), rule) for grade in duty.grades for rule in grade.rules]
    if labelled:
        show_table(
            ("grade", "fact", "from", "known", "source"),
            (
                (
                    name,
                    said(facts()[rule.fact].label, language),
                    _figure(rule.at_least, facts()[rule.fact].unit),
                    rule.confirmed.value,
                    rule.source,
                )
                for name, rule in labelled
            ),
            empty="",
        )


def _figure(figure: float | bool | str | None, unit: str) -> str:
    if figure is None:
        return "unknown: no source gives it"
    if isinstance(figure, bool | str):
        return "yes" if figure is True else str(figure)
    return f"{figure:g} {unit}" if figure >= 1e15 else f"{figure:,.10g} {unit}"


def _show_steps(duty: "Duty", language: str) -> None:
    from tocsin.cases.duties import said
    from tocsin.cases.duties.sentences import told

    show_table(
        ("step", "within", "from grade", "counted from", "to", "known"),
        (
            (
                said(step.label, language) + (" (again and again)" if step.repeats else ""),
                told(clock.within, language),
                clock.grade or step.from_grade or "-",
                f"{step.start.moment.value} {step.start.after}".strip() + f" ({step.start.confirmed.value})",
                "; ".join(said(one.name, language) for one in step.to),
                clock.confirmed.value,
            )
            for step in duty.steps
            for clock in step.clocks
        ),
        empty="It has no steps.",
    )


def _show_form(duty: "Duty", language: str) -> None:
    from tocsin.cases.duties import said

    show_table(
        ("form", "field", "filled in from", "in the first report", "known"),
        (
            (
                said(section.label, language),
                said(field.label, language) + ("" if field.required else " (if any)"),
                field.answer,
                "yes" if field.first else "may follow",
                field.confirmed.value,
            )
            for section in duty.sections
            for field in section.fields
        ),
        empty="No form was found.",
    )


def _incident(given: list[str], moments: list[str]) -> "Incident":
    from tocsin.kernel.duties import Incident

    return Incident(
        id="",
        case="",
        opened=0,
        updated=0,
        facts=dict(_fact(one) for one in given),
        moments=dict(_moment(one) for one in moments),
    )


def _fact(given: str) -> "tuple[str, FactValue]":
    from tocsin.cases.duties import accepted, fact
    from tocsin.kernel.duties import FactKind

    name, _, text = given.partition("=")
    value: FactValue = text
    if fact(name).kind is FactKind.YES_NO:
        value = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    elif fact(name).kind is FactKind.NUMBER:
        try:
            value = float(text)
        except ValueError:
            raise BadInput(f"--fact {given[:60]}: {name} takes a number") from None
    return name, accepted(name, value)


def _moment(given: str) -> "tuple[ClockStart, int]":
    from datetime import datetime

    from tocsin.kernel import micros
    from tocsin.kernel.duties import ClockStart

    name, _, text = given.partition("=")
    try:
        start, at = ClockStart(name), datetime.fromisoformat(text)
    except ValueError:
        known = ", ".join(one.value for one in ClockStart if one is not ClockStart.PREVIOUS)
        raise BadInput(f"--moment {given[:60]}: one of {known}, =, and RFC 3339 with its offset") from None
    if at.tzinfo is None:
        raise BadInput(
            f"--moment {given[:60]}: add the offset from UTC, as +01:00; without it, it is no moment"
        )
    return start, micros(at)


def _show_row(row: "SideRow") -> None:
    from tocsin.cases.duties.zones import zone_of
    from tocsin.kernel import at_micros

    word = {True: "is reported", False: "is not reported", None: "nobody knows yet whether it is reported"}
    unverified = "" if row.verified else ", UNVERIFIED"
    say(f"{row.duty}: {row.title} ({row.status.value}{unverified})")
    say(f"  grade: {row.grade or 'none reached'}; {word[row.graded.reportable]}")
    for one in row.deadlines:
        due = "waits" if one.due is None else at_micros(one.due).astimezone(zone_of(one.zone)).isoformat()
        say(f"  {one.step}: {due}{_marks(one)}, to {'; '.join(one.to)}")
        for line in one.why:
            say(f"      {line}")
    if row.no_clock:
        say(f"  {row.no_clock}")
    if row.missing:
        say(f"  find out: {', '.join(row.missing)}")
    if row.moments:
        say(f"  say when: {', '.join(one.value for one in row.moments)}")


def _marks(deadline: "Deadline") -> str:
    marks = [
        "" if deadline.certain else "if it is asked for",
        "" if deadline.applies else "does not apply yet",
        "PAST" if deadline.past else "",
    ]
    told = ", ".join(filter(None, marks))
    return f" ({told})" if told else ""
