"""tocsin evaluation tallies, joint: what an institute gives to a joint test, and what several say together."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.model_sign import write_whole
from tocsin.cli.opening import DataOption, JsonOption, LanguageOption, SentencesOption, opened
from tocsin.cli.output import chosen_language, say, show_json, show_table
from tocsin.evaluate.files import read_file

if TYPE_CHECKING:
    from tocsin.evaluate.joint import Forest, ForestRow, JointLine
    from tocsin.kernel.evaluations import Rate

MAX_FILE_BYTES = 32 << 20


def tallies(
    evaluation: Annotated[str, typer.Argument(help="The evaluation's id.")],
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Where to write.")],
    notes: Annotated[str, typer.Option("--notes", help="What is peculiar to your environment.")] = "",
    language: SentencesOption = "",
    json: JsonOption = False,
) -> None:
    """Write our counts of an evaluation, signed, for a joint test: no item, no id of one, no answer."""
    spoken = chosen_language(language)
    with opened(data) as node:
        by = node.access.operator()
        found = node.evaluations.get(by, evaluation)
        written = node.joint_tests.tallies(by, found.id, notes=notes)
    write_whole(out, written)
    if json:
        show_json({"tallies": str(out), "evaluation": found.id, "plan": found.plan})
    else:
        typer.echo(_WORDS[spoken]["written"].format(out=out, id=found.id[:12]))


def joint(
    files: Annotated[list[Path], typer.Argument(help="Signed tallies, one of each institute.")],
    data: DataOption,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """What several institutes found together: each one's rate, the pooled one, and how far they differ.

    Exit 1 when they are over a line of the plan; 0 when they are below each, or where there is none every task was
    pooled; else 3.
    """
    from tocsin.evaluate.joint import worst

    spoken = chosen_language(language)
    given = [read_file(file, MAX_FILE_BYTES) for file in files]
    with opened(data) as node:
        found = node.joint_tests.forests(node.access.operator(), given)
    answers = worst(line for forest in found for line in forest.lines)
    if json:
        show_json({"forests": found, "lines": answers})
    else:
        for forest in found:
            _show(forest, spoken)
        _show_lines(answers, spoken)
    verdicts = {one.verdict.value for one in answers}
    if "above" in verdicts:
        raise typer.Exit(1)
    if "inconclusive" in verdicts or any(forest.pooled is None or _unlike(forest) for forest in found):
        raise typer.Exit(3)


def _unlike(forest: "Forest") -> bool:
    return any(code == "joint.lines" for code, _ in forest.reasons)


def _show_lines(answers: "Sequence[JointLine]", language: str) -> None:
    if answers:
        show_table(
            _WORDS[language]["lines"].split("|"),
            (
                (one.line, one.task, one.condition.value, f"{one.limit:.1%}", one.verdict.value)
                for one in answers
            ),
            empty="",
        )


def _show(forest: "Forest", language: str) -> None:
    words = _WORDS[language]
    say(f"{forest.task} {forest.version}, {forest.condition.value}")
    rows = [_row(row, language) for row in forest.rows]
    if forest.pooled is not None:
        rows.append((words["pooled"], _interval(*forest.pooled), "", "", "100%", "", ""))
    show_table(words["columns"].split("|"), rows, empty="")
    for code, values in forest.reasons:
        say(f"  {_sentence(code, values, language)}")
    if forest.spread is not None:
        typer.echo(f"  I2 {forest.spread.i_squared:.0%}, Q {forest.spread.q:.1f} (p {forest.spread.p:.3f})")
    if forest.expected is not None:
        low, high = forest.expected
        typer.echo(words["expected"].format(low=low, high=high))


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


_WORDS = {
    "en": {
        "written": "{out} is written, of evaluation {id}",
        "columns": "institute|failed|of|invalid|weight|without it|",
        "pooled": "pooled",
        "expected": "  another institute would come out at {low:.1%} to {high:.1%}",
        "lines": "line|task|worst condition|limit|verdict",
    },
    "zh": {
        "written": "已写入 {out}，取自评估 {id}",
        "columns": "机构|失败率|样本数|无效|权重|除去该机构|",
        "pooled": "合并",
        "expected": "  另一机构的结果预计在 {low:.1%} 至 {high:.1%} 之间",
        "lines": "界线|任务|最差状态|上限|结论",
    },
}
