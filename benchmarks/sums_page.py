"""The tables of docs/evaluation-sharing.md."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from benchmarks.sums_plan import EPSILON, KEYS_AN_ACTOR, WIDTH, Study
from benchmarks.sums_study import HIGHEST, Gain, Result, gain
from tocsin.sandbox.sums import COMPONENTS, DAYS

HEAD = Path(__file__).with_name("sums.head.md")
BASELINE, LOW, INTERSECTION, ANSWER = 2, 3, 4, 8
"""Places in `sums_plan.REGIMES`; a test holds them there."""

DAILY_INTERSECTION, DAILY_ANSWER, DAILY_LOW = 14, 15, 16


def page(study: Study) -> str:
    """The page, in Markdown."""
    middle = _middle(study)
    lines = [
        HEAD.read_text("utf-8").rstrip(),
        "",
        f"Each column: {study.seeds} worlds to report on, {study.tuning} others to set thresholds on; {DAYS} days,"
        " 30 campaigns a world.",
        "",
        "## Found, days, harm",
        "",
        "Share of campaigns found by anybody / median days until then, of those found / share of their harm done"
        " before the node where it happens knows. At .1 harmless texts a node and day that somebody is called for.",
        "",
        *_results(study.ordinary),
        "",
        "## What is gained over the baseline, in harm",
        "",
        "Less is better. Differences world by world, with Student's interval of 95 % over worlds; bold where it"
        " leaves out 0.",
        "",
        *_gains(study.ordinary, BASELINE),
        "",
        "The same at a strict rate, .02 a node and day:",
        "",
        *_gains(study.strict, BASELINE),
        "",
        "## What of it is the sum",
        "",
        "Harm, one regime less another, at the ordinary rate and at the strict one.",
        "",
        *_against(study),
        "",
        f"## Where it is hard, and where it must fail ({middle} nodes, ordinary rate)",
        "",
        "Harm of the baseline, and what is gained over it.",
        "",
        *_settings(study),
        "",
        f"## Noise ({middle} nodes, ordinary rate)",
        "",
        *_noise(study),
        "",
        "## How far one account moves the score",
        "",
        *_moves(study),
        "",
        f"## Thresholds, and the false alarms that came of them ({middle} nodes)",
        "",
        *_thresholds(study, middle),
    ]
    return "\n".join(lines) + "\n"


def _middle(study: Study) -> int:
    return 5 if 5 in study.ordinary else next(iter(study.ordinary))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _said(one: Gain) -> str:
    text = f"{one.mean:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
    return f"**{text}**" if one.sure else text


def _results(by_nodes: dict[int, list[Result]]) -> list[str]:
    rows = [
        [
            some[0].regime.name,
            *(f"{_two(one.found.share)} / {one.median_days:.0f} / {_two(one.harm.mean())}" for one in some),
        ]
        for some in zip(*by_nodes.values(), strict=True)
    ]
    return _table(["", *(f"{count} nodes" for count in by_nodes)], rows)


def _two(share: float) -> str:
    return f"{share:.2f}".removeprefix("0") if share < 0.995 else "1.0"


def _gains(by_nodes: dict[int, list[Result]], over: int) -> list[str]:
    columns = list(by_nodes.values())
    rows = [
        [columns[0][at].regime.name, *(_said(gain(some[at].harm, some[over].harm)) for some in columns)]
        for at in range(len(columns[0]))
        if at != over
    ]
    return _table(["", *(f"{count} nodes" for count in by_nodes)], rows)


def _against(study: Study) -> list[str]:
    rows = []
    for name, ours, theirs in (
        ("sum (raise and answer) less bare intersection", ANSWER, INTERSECTION),
        ("sum each day less intersection each day", DAILY_ANSWER, DAILY_INTERSECTION),
        ("sum less the baseline with a minimum of 2", ANSWER, LOW),
        ("sum each day less the baseline with a minimum of 2", DAILY_ANSWER, LOW),
        ("sum each day, minimum of 2 everywhere, less the same baseline", DAILY_LOW, LOW),
    ):
        for rate, by_nodes in (("ordinary", study.ordinary), ("strict", study.strict)):
            cells = [_said(gain(some[ours].harm, some[theirs].harm)) for some in by_nodes.values()]
            rows.append([f"{name}, {rate}", *cells])
    return _table(["", *(f"{count} nodes" for count in study.ordinary)], rows)


def _settings(study: Study) -> list[str]:
    shown = (LOW, INTERSECTION, ANSWER, DAILY_ANSWER)
    rows = []
    for name, some in {"as above": study.ordinary[_middle(study)], **study.settings}.items():
        base = some[BASELINE]
        cells = [_said(gain(some[at].harm, base.harm)) for at in (*shown, len(some) - 1)]
        rows.append([name, _two(base.harm.mean()), *cells])
    head = ["", "baseline", "minimum of 2", "intersection", "sum", "sum each day", "pooled each day"]
    return _table(head, rows)


def _noise(study: Study) -> list[str]:
    base, *others = study.ordinary[_middle(study)][ANSWER], *study.ladder[1:]
    silent = study.ladder[0]
    first = ["0", "none", _said(gain(base.harm, silent.harm))]
    rows = [first]
    for one in others:
        scale = one.regime.score_noise
        epsilon = KEYS_AN_ACTOR * WIDTH / scale
        rows.append([f"{scale:g}", f"{epsilon:.0f}", _said(gain(one.harm, silent.harm))])
    some = study.ordinary[_middle(study)]
    scale = KEYS_AN_ACTOR * WIDTH / EPSILON
    last = next(one for one in some if one.regime.score_noise == scale)
    rows.append([f"{scale:g}", f"{EPSILON:.0f}", _said(gain(last.harm, some[BASELINE].harm))])
    return [
        f"One account counts in {KEYS_AN_ACTOR} keys an epoch at most. It moves a clipped score by {WIDTH:.0f} at most,"
        " which is the width of the clip and all that is proved; so the noise of an epsilon is"
        f" {KEYS_AN_ACTOR} × {WIDTH:.0f} / epsilon. It moves each of {COMPONENTS} counts by 1, so their noise is"
        f" {KEYS_AN_ACTOR} × {COMPONENTS} / epsilon on each. Epsilon is that of one account at one node over one epoch"
        " of a week; a year is 52 of them. It covers the score alone, not for which texts there is one (enough"
        " holders, enough accounts).",
        "",
        *_table(
            [
                "Laplace's scale on the clipped score",
                "epsilon an account and epoch",
                "harm against the baseline",
            ],
            rows,
        ),
    ]


def _moves(study: Study) -> list[str]:
    rows = [
        [
            name,
            f"{np.median(some):.2f}",
            f"{np.quantile(some, 0.9):.2f}",
            f"{np.quantile(some, 0.99):.2f}",
            f"{some.max():.2f}",
        ]
        for name, some in (
            ("an account that is there, taken away", study.moves.removed),
            ("one made up by a liar, with every trait and the shared identifier", study.moves.added),
        )
    ]
    return [
        *_table(["", "median", "p90", "p99", "most"], rows),
        "",
        f"A node raises {study.moves.raised:.2f} harmless texts a day.",
    ]


def _thresholds(study: Study, middle: int) -> list[str]:
    rows = []
    for ours, strict in zip(study.ordinary[middle], study.strict[middle], strict=True):
        cells = [ours.regime.name]
        for one in (ours, strict):
            joint = _threshold(one.thresholds.joint)
            cells += [
                f"{one.thresholds.local:.2f}",
                joint,
                f"{one.thresholds.share:.2f}",
                f"{one.alarms:.3f}",
            ]
        rows.append(cells)
    head = [
        "",
        "local, at .1",
        "joint",
        "joint's part",
        "alarms",
        "local, at .02",
        "joint",
        "joint's part",
        "alarms",
    ]
    return _table(head, rows)


def _threshold(value: float) -> str:
    """Without end: the channel is silent. Lower than a score can be: whatever is computed rings."""
    if not isfinite(value):
        return "–"
    return "any" if value <= -HIGHEST + 1 else f"{value:.2f}"
