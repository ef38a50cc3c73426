"""tocsin evaluation tallies, joint: what an institute gives to a joint test, and what several say together."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.model_sign import write_whole
from tocsin.cli.opening import DataOption, JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, say, show_json, show_table
from tocsin.evaluate.files import read_file

if TYPE_CHECKING:
    from tocsin.evaluate.joint import Forest, ForestRow
    from tocsin.kernel.evaluations import Rate

MAX_FILE_BYTES = 32 << 20


def tallies(
    evaluation: Annotated[str, typer.Argument(help="The evaluation's id.")],
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Where to write.")],
    notes: Annotated[str, typer.Option("--notes", help="What is peculiar to your environment.")] = "",
    json: JsonOption = False,
) -> None:
    """Write our counts of an evaluation, signed, for a joint test: no item, no id of one, no answer."""
    with opened(data) as node:
        by = node.access.operator()
        found = node.evaluations.get(by, evaluation)
        written = node.joint_tests.tallies(by, found.id, notes=notes)
    write_whole(out, written)
    if json:
        show_json({"tallies": str(out), "evaluation": found.id, "plan": found.plan})
    else:
        typer.echo(f"{out} is written, of evaluation {found.id[:12]}")


def joint(
    files: Annotated[list[Path], typer.Argument(help="Signed tallies, one of each institute.")],
    data: DataOption,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """What several institutes found together: each one's rate, the pooled one, and how far they differ.

    Exit 0 when every task was pooled, 3 when one cannot be.
    """
    spoken = chosen_language(language)
    given = [read_file(file, MAX_FILE_BYTES) for file in files]
    with opened(data) as node:
        found = node.joint_tests.forests(node.access.operator(), given)
    if json:
        show_json({"forests": found})
    else:
        for forest in found:
            _show(forest, spoken)
    if any(forest.pooled is None for forest in found):
        raise typer.Exit(3)


def _show(forest: "Forest", language: str) -> None:
    say(f"{forest.task} {forest.version}, {forest.condition.value}")
    rows = [_row(row, language) for row in forest.rows]
    if forest.pooled is not None:
        rows.append(("pooled", _interval(*forest.pooled), "", "", "100%", "", ""))
    show_table(("institute", "failed", "of", "invalid", "weight", "without it", ""), rows, empty="")
    for code, values in forest.reasons:
        say(f"  {_sentence(code, values, language)}")
    if forest.spread is not None:
        typer.echo(f"  I2 {forest.spread.i_squared:.0%}, Q {forest.spread.q:.1f} (p {forest.spread.p:.3f})")
    if forest.expected is not None:
        typer.echo(
            f"  another institute would come out at {forest.expected[0]:.1%} to {forest.expected[1]:.1%}"
        )


def _row(row: "ForestRow", language: str) -> tuple[str, ...]:
    return (
        row.institute,
        _rate(row.rate),
        str(row.counts.counted),
        f"{row.counts.invalid_share:.1%}",
        f"{row.weight:.0%}" if row.weight else "-",
        _interval(*row.without) if row.without else "-",
        _sentence(row.why, row.values, language) if row.why else row.notes,
    )


def _rate(found: "Rate") -> str:
    return _interval(found.share, found.low, found.high)


def _interval(share: float, low: float, high: float) -> str:
    return f"{share:.1%} ({low:.1%} to {high:.1%})"


def _sentence(code: str, values: dict[str, str | int | float], language: str) -> str:
    from tocsin.kernel import Reason
    from tocsin.taxonomy.messages import sentence

    return sentence(Reason(code, values), language)
