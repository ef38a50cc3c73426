"""tocsin model compare: what the weights of two models say of each other. Needs no node."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.opening import JsonOption, SentencesOption, opened
from tocsin.cli.output import show_json, show_table

if TYPE_CHECKING:
    from tocsin.assure.lineage import Comparison
    from tocsin.kernel.artefacts import Finding

SHOWN_UNREAD = 10
MAX_SEED = 2**53 - 1
"""What every reader of JSON keeps whole."""

SEED_BYTES = 6
"""Of a drawn one. `secrets` would draw it as well, and costs each command of this program 9 ms."""

HEAT = " ░▒▓█"
"""A layer's largest relative delta, from none to FULL_HEAT, by the root: small deltas matter."""

FULL_HEAT = 0.5


def compare(
    base: Annotated[Path, typer.Argument(help="The base: a file of weights, or a folder of shards.")],
    derived: Annotated[Path, typer.Argument(help="The model that is said, or thought, to come from it.")],
    also: Annotated[
        list[Path] | None,
        typer.Option("--also", help="Another model that may be in the mixture; repeatable."),
    ] = None,
    language: SentencesOption = "en",
    tensors: Annotated[
        bool, typer.Option("--tensors", help="A row for each tensor, not for each layer.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=MAX_SEED, help="Draw the sample as an earlier run did; otherwise anew."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Keep what was measured in this node, with the derived one.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare two models by their weights: descent, kind of change, ablation signature. Loads and runs nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    # numpy reads this when it is loaded: threads of its own would wait for ours
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tocsin.assure import lineage
    from tocsin.assure.lineage.telling import findings_of

    bar = Progress(
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=json,
        transient=True,
    )
    with ExitStack() as stack:
        node = stack.enter_context(opened(data)) if data else None
        looked_at = node.descents.begin(node.access.operator(), base, derived) if node else None
        stack.enter_context(bar)
        task = bar.add_task("Comparing", total=None)
        found = lineage.compare(
            base,
            derived,
            also or (),
            lambda done, total: bar.update(task, completed=done, total=total),
            # who makes a file must not know which rows and columns will be looked at
            seed=int.from_bytes(os.urandom(SEED_BYTES)) if seed is None else seed,
        )
        if node and looked_at:
            node.descents.keep(node.access.operator(), looked_at, found)
    told = findings_of(found)
    if json:
        show_json({"comparison": found, "findings": told})
    else:
        _show(found, told, "zh" if language.startswith("zh") else "en", by_tensor=tensors)
    if any(one.verdict == "found" for one in told):
        raise typer.Exit(1)
    if any(one.verdict == "inconclusive" for one in told):
        raise typer.Exit(3)


def _show(found: "Comparison", told: "tuple[Finding, ...]", language: str, *, by_tensor: bool) -> None:
    from tocsin.taxonomy.artefact_words import words as said

    for one in told:
        why, do = said(one, language)
        typer.echo(why)
        typer.echo(f"  {do}")
    words = _WORDS[language]
    typer.echo(f"{words['confidence']}: {_CONFIDENCE[language][found.confidence]}")
    for name, value in found.claims.items():
        typer.echo(f"{words['claim']}: {name} = {_plain(value)}")
    for key, listed in (("added", found.added), ("missing", found.missing), ("unread", found.unread)):
        if listed:
            typer.echo(f"{words[key]} ({len(listed)}): {', '.join(map(_plain, listed[:SHOWN_UNREAD]))}")
    if found.added_rows:
        typer.echo(f"{words['rows']}: {found.added_rows:,}")
    places = [f"{_plain(one.name)} ({one.changed_rows:,})" for one in found.tensors if one.changed_rows]
    if places:
        typer.echo(f"{words['places']} ({len(places)}): {', '.join(places[:SHOWN_UNREAD])}")
    if found.duplicated_layers:
        typer.echo(f"{words['duplicated']}: {', '.join(map(str, found.duplicated_layers))}")
    if by_tensor:
        rows = (_tensor_row(change, language) for change in found.tensors)
        show_table(words["tensors"].split("|"), rows, empty="")
    else:
        show_table(words["layers"].split("|"), _layer_rows(found, language), empty="")
    typer.echo(f"{words['seed']}: {found.seed}")
    typer.echo(words["limits"])


def _tensor_row(change: Any, language: str) -> tuple[str, ...]:
    return (
        _plain(change.name),
        _CHANGES[language][change.change],
        _CONFIDENCE[language][change.confidence],
        f"{change.relative:.4f}",
        f"{change.cosine:.4f}",
        str(change.rank),
        str(change.bits or ""),
    )


def _layer_rows(found: "Comparison", language: str) -> list[tuple[str, ...]]:
    """One row a layer: what most of its entries are, and how large its deltas are."""
    from collections import Counter, defaultdict

    from tocsin.assure.lineage import layer_of

    layers: dict[int, list[Any]] = defaultdict(list)
    for change in found.tensors:
        layers[layer_of(change.base)].append(change)
    changes_in = _CHANGES[language]
    carriers = Counter(layer_of(name) for name in (found.signature.names if found.signature else ()))
    rows: list[tuple[str, ...]] = []
    for layer, changes in sorted(layers.items()):
        counted: Counter[str] = Counter()
        for change in changes:
            # a layer is named by what changed in it, however little that is
            counted[change.change] += change.entries if change.change != "same" else 0
        largest = max(change.relative for change in changes)
        heat = HEAT[min(len(HEAT) - 1, int((largest / FULL_HEAT) ** 0.5 * (len(HEAT) - 1) + 0.999))]
        rows.append(
            (
                "-" if layer < 0 else str(layer),
                str(len(changes)),
                changes_in[counted.most_common(1)[0][0]],
                f"{heat * 2} {largest:.4f}",
                f"{min(change.cosine for change in changes):.4f}",
                str(max(change.rank for change in changes)),
                str(carriers[layer] or ""),
            )
        )
    return rows


def _plain(text: str) -> str:
    """A name from a file, without what would move a terminal's cursor."""
    return "".join(character if character.isprintable() else "?" for character in text)


_WORDS = {
    "en": {
        "confidence": "Confidence",
        "claim": "Claimed, not measured",
        "added": "Not in the base",
        "missing": "Only in the base",
        "unread": "Not read",
        "rows": "Rows added (a larger vocabulary)",
        "places": "Changed in some rows, the rest byte for byte the same",
        "seed": "Seed of what was drawn (--seed draws the same again)",
        "limits": "What this cannot see: refusals that training unlearned, edits hidden below rounding, weights in "
        "another basis, and what a model does. What is said is a signature in weights, never a verdict of intent "
        "(docs/compare.md).",
        "duplicated": "Layers of the base that are there more than once",
        "layers": "layer|tensors|change|largest delta|least cosine|largest rank|signature",
        "tensors": "tensor|change|confidence|delta|cosine|rank|bits",
    },
    "zh": {
        "confidence": "置信度",
        "claim": "声称（未测量）",
        "added": "基础模型中没有",
        "missing": "仅在基础模型中",
        "unread": "未读取",
        "rows": "新增行数（更大的词表）",
        "places": "仅部分行有改动，其余逐字节相同",
        "seed": "抽样种子（用 --seed 可重复同一抽样）",
        "limits": "无法看到的：通过训练忘记的拒绝、隐藏在舍入之下的改动、换了基的权重，以及模型的行为。"
        "所述只是权重中的特征，绝不是对意图的判定（见 docs/compare.md）。",
        "duplicated": "基础模型中出现多次的层",
        "layers": "层|张量|变化|最大差|最小余弦|最大秩|特征",
        "tensors": "张量|变化|置信度|差|余弦|秩|位",
    },
}
_CONFIDENCE = {
    "en": {"high": "high", "medium": "medium", "low": "low"},
    "zh": {"high": "高", "medium": "中", "low": "低"},
}
_CHANGES = {
    "en": {
        "same": "same",
        "fine-tuned": "tuned",
        "adapter-merged": "low rank",
        "quantised": "rounded",
        "tuned-quantised": "more than rounded",
        "pruned": "pruned",
        "merged": "merged",
        "unrelated": "unrelated",
    },
    "zh": {
        "same": "相同",
        "fine-tuned": "微调",
        "adapter-merged": "低秩",
        "quantised": "量化",
        "tuned-quantised": "不止量化",
        "pruned": "剪枝",
        "merged": "合并",
        "unrelated": "无关",
    },
}
