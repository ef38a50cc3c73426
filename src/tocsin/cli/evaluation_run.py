"""tocsin evaluation run, sheet and tasks: a plan through Inspect, what it will ask, and what there is to ask."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tocsin.cli.evaluation_import import show_results
from tocsin.cli.evaluation_plan import read
from tocsin.cli.opening import JsonOption, LanguageOption, opened
from tocsin.cli.output import chosen_language, show_json, show_table
from tocsin.kernel.errors import BadInput

if TYPE_CHECKING:
    from tocsin.evaluate.runs.running import Ran
    from tocsin.kernel.evaluations import Evaluation

PlanArgument = Annotated[Path, typer.Argument(help="The plan: YAML or JSON.")]


def run(
    file: PlanArgument,
    log_dir: Annotated[
        Path, typer.Option("--log-dir", help="Where Inspect's logs lie; give it again to go on.")
    ],
    registration: Annotated[
        str, typer.Option("--registration", help="The registration's id, or how it begins.")
    ] = "",
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The node's folder, with --registration.", envvar="TOCSIN_DATA"),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="So many samples a task, to try a plan.")
    ] = None,
    prices: Annotated[Path | None, typer.Option("--prices", help="Prices of tokens by model, YAML.")] = None,
    connections: Annotated[
        int, typer.Option("--connections", min=1, max=1000, help="Samples and calls at once.")
    ] = 8,
    sample_seconds: Annotated[
        int, typer.Option("--sample-seconds", min=1, help="A sample without an answer by then is invalid.")
    ] = 600,
    cache: Annotated[
        bool, typer.Option("--cache", help="Take answers that this model gave to the same before.")
    ] = False,
    language: LanguageOption = "",
    json: JsonOption = False,
) -> None:
    """Run a plan's tasks on its models, going on where it was left; nothing is decided unless it was registered."""
    language = chosen_language(language)
    if registration and data is None:
        raise BadInput("--registration is kept by a node: say --data DIR too")
    one_thread()
    from tocsin.app.evaluation_runs import results_of, run_registered, run_unregistered
    from tocsin.cli.run_progress import watching
    from tocsin.evaluate.runs.prices import read_prices

    plan = read(file)
    listed = None if prices is None else read_prices(prices)
    options: dict[str, Any] = {
        "limit": limit,
        "prices": listed,
        "connections": connections,
        "sample_seconds": sample_seconds,
        "cache": cache,
    }
    evaluation: Evaluation | None = None
    with watching(listed, quiet=json) as watcher:
        if registration and data is not None:
            with opened(data) as node:
                evaluation, ran = run_registered(
                    node.evaluations,
                    node.access.operator(),
                    registration,
                    plan,
                    log_dir,
                    watcher=watcher,
                    **options,
                )
            results = evaluation.results
        else:
            ran = run_unregistered(plan, log_dir, watcher=watcher, **options)
            results = results_of(plan, ran)
    if json:
        show_json(_document(evaluation, results, ran))
    else:
        show_results(results, language, undecided=_WORDS[language]["unregistered"])
        show_ran(ran, language)
        if evaluation is not None:
            _show_lines(evaluation, language)
    if code := _exit_code(evaluation):
        raise typer.Exit(code)


def sheet(
    file: PlanArgument,
    out: Annotated[Path, typer.Option("--out", help="A folder for the sheets, one file a task.")],
    json: JsonOption = False,
) -> None:
    """Write what a plan will ask, by digest, one JSON line a sample: for `evaluation plan register --sheet`."""
    one_thread()
    from tocsin.app.evaluation_runs import sheets_of

    written: dict[str, str] = {}
    for task, samples in sheets_of(read(file)).items():
        out.mkdir(parents=True, exist_ok=True)
        place = out / ("".join(letter if letter.isalnum() else "-" for letter in task) + ".jsonl")
        place.write_bytes(b"".join(msgspec.json.encode(sample) + b"\n" for sample in samples))
        written[task] = str(place)
    if json:
        show_json({"sheets": written})
        return
    for task, name in written.items():
        typer.echo(f"--sheet {task}={name}")


def tasks(json: JsonOption = False) -> None:
    """The tasks of our own: what each asks, in which languages, with how many items."""
    from tocsin.evaluate.families import families

    found: list[dict[str, Any]] = []
    for name, family in families().items():
        items = list(family.items())
        found.append(
            {
                "task": f"tocsin/{name}",
                "version": family.version,
                "items": len(items),
                "clusters": len({item.cluster for item in items}),
                "languages": sorted({item.language for item in items}),
                "wants": sorted({item.wants for item in items}),
                "asks": " ".join((type(family).__doc__ or "").split()),
            }
        )
    if json:
        show_json({"tasks": found})
        return
    show_table(
        ("task", "version", "items", "clusters", "languages", "what it asks"),
        (
            (
                row["task"],
                row["version"],
                row["items"],
                row["clusters"],
                " ".join(row["languages"]),
                row["asks"],
            )
            for row in found
        ),
        empty="No families.",
    )


def one_thread() -> None:
    """For what is run here."""
    # numpy reads this when it is loaded: threads of its own would be of no use here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _document(
    evaluation: "Evaluation | None", results: Sequence[Any], ran: "Sequence[Ran]"
) -> dict[str, Any]:
    kept = None
    if evaluation is not None:
        kept = {
            "id": evaluation.id,
            "registration": evaluation.registration,
            "attempt": evaluation.attempt,
            "lines": evaluation.lines,
        }
    return {"evaluation": kept, "results": results, "runs": ran_document(ran)}


def ran_document(ran: "Sequence[Ran]") -> list[dict[str, Any]]:
    """Each run, without its samples."""
    return [
        {
            "task": one.run.task,
            "condition": one.run.condition,
            "model": one.run.model,
            "model_digest": one.run.model_digest,
            "samples": len(one.run.samples),
            "log": one.log,
            "log_digest": one.run.log,
            "reused": one.reused,
            "cached": one.cached,
            "spent": one.run.spent,
        }
        for one in ran
    ]


def show_ran(ran: "Sequence[Ran]", language: str) -> None:
    """A line for each run."""
    words = _WORDS[language]
    for one in ran:
        spent = one.run.spent
        cost = "" if spent.cost is None else f", {spent.cost:.2f} {spent.currency}"
        typer.echo(
            words["ran"].format(
                task=one.run.task,
                condition=one.run.condition.value,
                samples=len(one.run.samples),
                reused=one.reused,
                cached=one.cached,
                tokens_in=spent.tokens_in,
                tokens_out=spent.tokens_out,
                seconds=spent.seconds,
                cost=cost,
                log=one.log,
            )
        )


def _show_lines(evaluation: "Evaluation", language: str) -> None:
    words = _WORDS[language]
    typer.echo(words["kept"].format(id=evaluation.id, attempt=evaluation.attempt))
    show_table(
        words["lines"].split("|"),
        (
            (line.line, line.task, line.condition.value, f"{line.limit:.1%}", line.verdict.value, line.why)
            for line in evaluation.lines
        ),
        empty="",
    )


def _exit_code(evaluation: "Evaluation | None") -> int:
    """0 when all lines hold; 1 when one is passed; 3 when one is undecided, or nothing was registered."""
    verdicts = {line.verdict.value for line in evaluation.lines} if evaluation is not None else set()
    if "above" in verdicts:
        return 1
    return 0 if verdicts == {"below"} else 3


_WORDS = {
    "en": {
        "unregistered": "The plan was not registered before its run: nothing is decided. --registration ID --data DIR.",
        "ran": "{task} {condition}: {samples} samples, {reused} lay there already, {cached} answers from the cache;"
        " {tokens_in} tokens in, {tokens_out} out, {seconds:.0f} s{cost}. Log: {log}",
        "kept": "Kept as evaluation {id}, attempt {attempt}.",
        "lines": "line|task|worst condition|limit|verdict|why",
    },
    "zh": {
        "unregistered": "计划在运行前未登记，因此不作结论：--registration 编号 --data 目录。",
        "ran": "{task} {condition}：{samples} 个样本，其中 {reused} 个此前已有，{cached} 个回答来自缓存；"
        "输入 {tokens_in} 个词元，输出 {tokens_out} 个，{seconds:.0f} 秒{cost}。日志：{log}",
        "kept": "已保存为评估 {id}，第 {attempt} 次。",
        "lines": "界线|任务|最差状态|上限|结论|原因",
    },
}
