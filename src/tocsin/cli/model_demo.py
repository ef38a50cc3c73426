"""tocsin model demo: two tiny models before one gate, and another node that checks what was said of them."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.opening import JsonOption
from tocsin.cli.output import chosen_language, show_json, show_table

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from tocsin.app.release_demo import Outcome


def demo(
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Keep the nodes, models and logs in this new folder.")
    ] = None,
    language: Annotated[
        str, typer.Option("--language", help="en or zh; otherwise that of the environment.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Train two tiny models, evaluate both by a registered plan, and let the gate decide. Offline, half a minute."""
    language = chosen_language(language)
    if folder is not None:
        _run(folder, language, json)
        return
    with tempfile.TemporaryDirectory(prefix="tocsin-model-demo-") as temporary:
        _run(Path(temporary), language, json)


def _run(folder: Path, language: str, json: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tocsin.app.logs import configure_logging
    from tocsin.app.release_demo import run_release_demo
    from tocsin.kernel import system_clock

    configure_logging(json=False, level="WARNING")
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bars:
        outcome = run_release_demo(folder, clock=system_clock, tell=_on(bars, _WORDS[language]))
    if json:
        show_json(outcome)
    else:
        _show(outcome, language)
    if not (all(one.verified for one in outcome.models) and outcome.refused_when_changed):
        raise typer.Exit(1)


def _on(bars: "Progress", words: dict[str, str]) -> Callable[[str, int, int], None]:
    """One bar for each step; a step that begins again has a bar of its own."""
    tasks: dict[str, TaskID] = {}

    def tell(step: str, done: int, total: int) -> None:
        if step not in tasks or done == 0:
            tasks[step] = bars.add_task(words[step], total=total)
        bars.update(tasks[step], completed=done, total=total)

    return tell


def _show(outcome: "Outcome", language: str) -> None:
    words = _WORDS[language]
    show_table(
        words["columns"].split("|"),
        (
            (
                one.model,
                f"{one.failed:.1%} ({one.low:.1%} - {one.high:.1%}) / {one.counted}",
                f"{one.line:.0%}",
                words[one.verdict.value],
                words[one.tier.value],
                words["yes"] if one.verified else words["no"],
            )
            for one in outcome.models
        ),
        empty="",
    )
    for one in outcome.models:
        typer.echo(f"{one.model}: {one.why_zh if language == 'zh' else one.why}")
    typer.echo(words["changed" if outcome.refused_when_changed else "not changed"])


_WORDS = {
    "en": {
        "nodes": "Making two nodes",
        "train": "Training a model, and taking its refusal out",
        "inspect": "Looking at its files",
        "register": "Registering a plan",
        "run": "Asking it",
        "decide": "Deciding how far it goes out",
        "approve": "Two people approve",
        "verify": "Checking on the other node",
        "columns": "model|failed (95 %) / answers|line|verdict|goes out|checked by the other node",
        "below": "below",
        "above": "above",
        "inconclusive": "inconclusive",
        "invalid": "invalid",
        "withheld": "not at all",
        "restricted": "to verified end users",
        "staged-api": "behind an API",
        "limited": "to a class of users, weights kept",
        "open-weights": "with open weights",
        "yes": "yes",
        "no": "NO",
        "changed": "A statement that was changed was refused by the other node.",
        "not changed": "A statement that was changed was TAKEN by the other node.",
    },
    "zh": {
        "nodes": "建立两个节点",
        "train": "训练模型，并移除其拒绝能力",
        "inspect": "检查其文件",
        "register": "登记计划",
        "run": "提问",
        "decide": "决定可开放到何种程度",
        "approve": "两人批准",
        "verify": "在另一节点核验",
        "columns": "模型|失败率（95 %）/ 回答数|界限|结论|发布范围|另一节点已核验",
        "below": "低于",
        "above": "高于",
        "inconclusive": "无法定论",
        "invalid": "无效",
        "withheld": "不予发布",
        "restricted": "仅限经核实的用户",
        "staged-api": "经由接口",
        "limited": "限一类用户，权重不外流",
        "open-weights": "开放权重",
        "yes": "是",
        "no": "否",
        "changed": "被改动的声明遭另一节点拒绝。",
        "not changed": "被改动的声明被另一节点接受！",
    },
}
