"""tocsin access patrol: what is submitted for admission to a platform, looked at and later drawn for another look."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.callers import TokenOption, opened_by
from tocsin.cli.opening import DataOption, JsonOption, LanguageOption
from tocsin.cli.output import chosen_language, say, show_json, show_table, when

if TYPE_CHECKING:
    from tocsin.kernel.patrol import PatrolCheck

app = typer.Typer(
    help="Apps, listings, tutorials that are submitted: submit, check, sample, show. Nothing follows by itself.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FolderArgument = Annotated[Path, typer.Argument(help="A folder with submission.yaml in it.")]
MAX_LISTED = 1_000


@app.command()
def submit(
    data: DataOption,
    folder: FolderArgument,
    token: TokenOption = "",
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Take a submission and look at it: labels, models, bill of materials. Exit 1 when there is a fault."""
    with opened_by(data, token) as (node, by):
        look = node.patrol.submit(by, folder)
    _tell(look, language, json=json)


@app.command()
def check(
    data: DataOption,
    submission: Annotated[str, typer.Argument(help="Its id.")],
    folder: FolderArgument,
    token: TokenOption = "",
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Look at what a submission is now; a draw of it is answered by that. Exit 1 when there is a fault."""
    with opened_by(data, token) as (node, by):
        look = node.patrol.check(by, submission, folder)
    _tell(look, language, json=json)


@app.command()
def sample(data: DataOption, token: TokenOption = "", json: JsonOption = False) -> None:
    """Make this week's draw, and list the submissions that wait for another look."""
    with opened_by(data, token) as (node, by):
        waiting = node.patrol.sample(by)
    if json:
        show_json({"waiting": waiting})
        return
    show_table(
        ("week", "submission", "drawn"),
        ((one.week, one.submission, when(one.at)) for one in waiting),
        empty="Nothing waits for a look.",
    )


@app.command()
def show(
    data: DataOption,
    submission: Annotated[str, typer.Argument(help="One of them, with every look; all otherwise.")] = "",
    token: TokenOption = "",
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Show submissions, newest first, or one with every look at it."""
    with opened_by(data, token) as (node, by):
        if submission:
            looks = node.patrol.show(by, submission)
        else:
            looks = tuple(one.latest for one in node.patrol.listed(by, limit=MAX_LISTED))
    if json:
        show_json({"looks" if submission else "submissions": [_row(one) for one in looks]})
    elif submission:
        for look in looks:
            _say(look, chosen_language(language))
    else:
        show_table(
            ("submission", "what", "reference", "looked", "found", "case"),
            (
                (
                    one.submission,
                    one.declaration.kind.value,
                    one.declaration.reference,
                    when(one.at),
                    one.verdict.value,
                    one.case,
                )
                for one in looks
            ),
            empty="Nothing was submitted: `tocsin access patrol submit FOLDER`.",
        )


def _tell(look: "PatrolCheck", language: str, *, json: bool) -> None:
    from tocsin.kernel.patrol import PatrolVerdict

    if json:
        show_json(_row(look))
    else:
        _say(look, chosen_language(language))
    if look.verdict is PatrolVerdict.FOUND:
        raise typer.Exit(1)


def _say(look: "PatrolCheck", language: str) -> None:
    from tocsin.admit.patrol import change, sentence

    say(f"{look.submission}, look {look.number} at {when(look.at)}: {look.verdict.value}")
    for one in look.findings:
        say(f"  {'fault' if one.fault else 'open'}: {sentence(one, language)} {change(one, language)}")
    if look.left_out:
        say(f"  and {look.left_out} more")
    if look.case:
        say(f"  a person decides in {look.case}")


def _row(look: "PatrolCheck") -> dict[str, Any]:
    from tocsin.admit.patrol import change, sentence

    return {
        "submission": look.submission,
        "look": look.number,
        "at": when(look.at),
        "verdict": look.verdict,
        "declaration": look.declaration,
        "findings": [
            {
                "rule": one.rule,
                "about": one.about,
                "fault": one.fault,
                "values": one.values,
                "says": {"en": sentence(one), "zh": sentence(one, "zh")},
                "change": {"en": change(one), "zh": change(one, "zh")},
            }
            for one in look.findings
        ],
        "left_out": look.left_out,
        "drawn": look.drawn,
        "case": look.case,
        "files": look.files,
    }
