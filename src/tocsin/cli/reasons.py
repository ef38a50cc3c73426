"""tocsin reasons: letters, statements, what is to be undone, and cases alike."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.callers import OrOperatorOption, opened_by
from tocsin.cli.opening import CaseArgument, DataOption, JsonOption
from tocsin.cli.output import say, show_json, show_table, when
from tocsin.kernel import BadInput
from tocsin.kernel.disposing import Appellant

app = typer.Typer(
    help="Reasons of decisions: letters, statement, complete, export, remedies, undone, similar, key-case.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def letters(
    data: DataOption,
    case: CaseArgument,
    audience: Annotated[Appellant | None, typer.Option(help="Only to this person.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="The newest of them as a PDF, into a new file.")] = None,
    token: OrOperatorOption = "",
    json: JsonOption = False,
) -> None:
    """Show what the persons concerned of a case were told."""
    with opened_by(data, token) as (node, by):
        found = [one for one in node.statements.letters(by, case) if audience in (None, one.audience)]
    if pdf is not None:
        from tocsin.app.letter_paper import letter_paper

        if not found:
            raise BadInput("there is no such letter: nothing was decided, or what was said is erased")
        _write(pdf, letter_paper(max(found, key=lambda one: one.at)))
    elif json:
        show_json(
            {"letters": [{"audience": one.audience, "lang": one.lang, "text": one.text} for one in found]}
        )
    else:
        for one in found:
            say(f"— {one.audience.value}, {one.lang}, {when(one.at)}\n{one.text}")
        if not found:
            typer.echo("No letters: nothing was decided, or what was said is erased.")


@app.command()
def statement(
    data: DataOption, case: CaseArgument, token: OrOperatorOption = "", json: JsonOption = False
) -> None:
    """Show the statement of reasons as the DSA database takes it, and what it lacks."""
    with opened_by(data, token) as (node, by):
        made, wrong = node.statements.statement(by, case)
    if json:
        show_json({"statement": made, "problems": wrong})
    else:
        show_table(("lacks", "what to do"), ((one.field, one.said) for one in wrong), empty="It is complete.")
    if wrong:
        raise typer.Exit(1)


@app.command()
def complete(
    data: DataOption,
    case: CaseArgument,
    content_type: Annotated[
        list[str], typer.Option(help="For example CONTENT_TYPE_TEXT; may be given often.")
    ],
    content_date: Annotated[str, typer.Option(help="The day it was put up, YYYY-MM-DD.")],
    language: Annotated[str, typer.Option(help="Of the content, two letters.")] = "",
    country: Annotated[
        list[str] | None, typer.Option(help="Where it has effect; may be given often.")
    ] = None,
    trusted_flagger: Annotated[
        bool, typer.Option("--trusted-flagger", help="A trusted flagger reported it.")
    ] = False,
    token: OrOperatorOption = "",
) -> None:
    """Add what the DSA database asks and no case knows."""
    from tocsin.cases.reasons import Circumstances

    told = Circumstances(
        content_type=tuple(content_type),
        content_date=content_date,
        content_language=language,
        territorial_scope=tuple(country or ()),
        trusted_flagger=trusted_flagger,
    )
    with opened_by(data, token) as (node, by):
        wrong = node.statements.complete(by, case, told)
    show_table(("lacks", "what to do"), ((one.field, one.said) for one in wrong), empty="It is complete.")


@app.command()
def export(
    data: DataOption,
    file: Annotated[Path, typer.Argument(help="The new file.")],
    case: Annotated[list[str], typer.Option(help="A case; may be given often.")],
    token: OrOperatorOption = "",
) -> None:
    """Write statements for the DSA database into a new file, masked; a person sends it."""
    with opened_by(data, token) as (node, by):
        _write(file, node.statements.export(by, tuple(case)))
    typer.echo(f"Wrote {len(case)} into {file}.")


@app.command()
def remedies(
    data: DataOption,
    every: Annotated[bool, typer.Option("--all", help="Those that were undone too.")] = False,
    token: OrOperatorOption = "",
    json: JsonOption = False,
) -> None:
    """Show measures of overturned decisions that are to be undone."""
    with opened_by(data, token) as (node, by):
        found = node.statements.remedies(by, still=not every)
    if json:
        show_json({"remedies": found})
        return
    show_table(
        ("id", "case", "measure", "since", "undone"),
        ((one.id, one.case, one.measure, when(one.since), when(one.done)) for one in found),
        empty="Nothing is to be undone.",
    )


@app.command()
def undone(
    data: DataOption,
    remedy: Annotated[str, typer.Argument(help="The id that `remedies` shows.")],
    token: OrOperatorOption = "",
) -> None:
    """Say that a measure was taken back."""
    with opened_by(data, token) as (node, by):
        done = node.statements.undone(by, remedy)
    typer.echo(f"Undone: {done.measure}.")


@app.command()
def similar(
    data: DataOption, case: CaseArgument, token: OrOperatorOption = "", json: JsonOption = False
) -> None:
    """Show decided cases that are like this one, with why, and key cases of its conduct."""
    with opened_by(data, token) as (node, by):
        found = node.similar_cases.beside(by, case)
        known = node.similar_cases.precedents(by, node.cases.get(by, case).category)
    rows = [
        {
            "case": one.case.id,
            "why": [f"{why.what} {why.value or why.share or ''}".strip() for why in one.why],
        }
        for one in found
    ]
    if json:
        show_json({"similar": rows, "precedents": known})
        return
    show_table(
        ("case", "alike in"),
        ((row["case"], ", ".join(row["why"])) for row in rows),
        empty="No decided case is like it.",
    )
    for one in known:
        say(f"  key case {one.case}: {one.stands_for}")


@app.command("key-case")
def key_case(
    data: DataOption,
    case: CaseArgument,
    stands_for: Annotated[str, typer.Option(help="What it is a case of; it names nobody.")],
    reasoning: Annotated[str, typer.Option(help="Why it came out so; it outlives the case's words.")],
    token: OrOperatorOption = "",
) -> None:
    """Put a decided case into the register of key cases."""
    with opened_by(data, token) as (node, by):
        made = node.similar_cases.add_precedent(by, case, reasoning=reasoning, stands_for=stands_for)
    typer.echo(f"Kept: {made.stands_for}")


def _write(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as out:
            out.write(content)
    except OSError as error:
        raise BadInput(f"cannot write {file}: {error.strerror}; name a new file") from error
