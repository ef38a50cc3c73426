"""The forest of a joint test: each institute's rate, and the pooled one where pooling is allowed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import repeat
from math import exp, log

import msgspec

from tocsin.evaluate.joint.lines import JointLine, joint_line, said_alike
from tocsin.evaluate.joint.pooling import Pooled, pool
from tocsin.evaluate.joint.tallies import SheetTally, Tallies
from tocsin.evaluate.recognition.policy import Reasons, Values
from tocsin.evaluate.statistics import Heterogeneity, clustered_rate, rate
from tocsin.kernel import BadInput
from tocsin.kernel.evaluations import Counts, Rate
from tocsin.kernel.plans import Condition

MAX_I_SQUARED = 0.75
"""Above it (and beyond chance) institutes measured different things: Higgins et al. 2003 (BMJ 327:557) call it high."""

BEYOND_CHANCE = 0.1
"""Of Cochran's Q, whose power is low among few institutes."""

MAX_INSTITUTES = 1_000
MAX_SHOWN_CHARS = 200
"""Of ids in a sentence."""

MAX_CLUSTERS = 1_000_000
"""Of one sheet, as they are counted out again."""


class ForestRow(msgspec.Struct, frozen=True):
    """One institute. `weight` is of the pooled rate, 0 where it is not pooled; `without` the pooled rate of the others
    with its interval. `why` says by a sentence's id what keeps the row out, "" for nothing."""

    institute: str
    rate: Rate
    counts: Counts
    agreement: dict[str, float]
    languages: dict[str, Rate]
    weight: float = 0.0
    why: str = ""
    values: Values = {}
    without: tuple[float, float, float] | None = None
    notes: str = ""


class Forest(msgspec.Struct, frozen=True):
    """One task under one condition. `pooled` is (rate, low, high), `expected` where another institute's would lie; None
    where pooling is not allowed, and `reasons` say why."""

    task: str
    condition: Condition
    version: str
    rows: tuple[ForestRow, ...]
    reasons: Reasons = ()
    pooled: tuple[float, float, float] | None = None
    expected: tuple[float, float] | None = None
    spread: Heterogeneity | None = None
    tau_squared: float = 0.0
    lines: tuple[JointLine, ...] = ()
    """The plan's lines for this task, answered; undecided where nothing is pooled."""


def forests(given: Sequence[Tallies]) -> tuple[Forest, ...]:
    """A forest for each task and condition, in the order of the first institute's sheets.

    Institutes pool on log odds, half a sample added to each side, with the variance that clusters give them. Raises
    BadInput when one institute is there twice: it would weigh twice.
    """
    if not 1 <= len(given) <= MAX_INSTITUTES:
        raise BadInput(f"a joint test has 1 to {MAX_INSTITUTES} institutes")
    nodes = [one.node for one in given]
    twice = sorted({one for one in nodes if nodes.count(one) > 1})
    if twice:
        raise BadInput(f"{twice[0][:100]} is there twice: name one evaluation of each institute")
    keys = dict.fromkeys((sheet.task, sheet.condition) for one in given for sheet in one.sheets)
    return tuple(_answered(_forest(given, task, condition), given) for task, condition in keys)


def _answered(found: Forest, given: Sequence[Tallies]) -> Forest:
    """With the lines as those say them who are not kept out: who ran another plan has no say in this one's."""
    said = {one.node: [line for line in one.lines if line.task == found.task] for one in given}
    alike, unlike = said_alike([said[row.institute] for row in found.rows if not row.why])
    reasons = found.reasons
    if unlike:
        reasons += (("joint.lines", {"lines": " ".join(unlike)[:MAX_SHOWN_CHARS]}),)
    answers = tuple(joint_line(line, found.condition, found.pooled) for line in alike)
    return msgspec.structs.replace(found, lines=answers, reasons=reasons)


def _forest(given: Sequence[Tallies], task: str, condition: Condition) -> Forest:
    found = [
        (one, sheet)
        for one in given
        for sheet in one.sheets
        if (sheet.task, sheet.condition) == (task, condition)
    ]
    # what most of them ran is what the others are compared with; among equals, what comes first
    ran = Counter((one.plan, sheet.version, sheet.model_digest) for one, sheet in found)
    usual = ran.most_common(1)[0][0]
    first, reference = next(
        (one, sheet) for one, sheet in found if (one.plan, sheet.version, sheet.model_digest) == usual
    )
    # one plan has one limit: who says a laxer one is held to the others'
    limit = min(one.invalid_limit for one, _ in found if one.plan == first.plan)
    rows = [
        _row(msgspec.structs.replace(one, invalid_limit=limit), sheet, first, reference)
        for one, sheet in found
    ]
    places = [place for place, row in enumerate(rows) if not row.why]
    made = Forest(task, condition, reference.version, tuple(rows))
    if len(places) < 2:
        return msgspec.structs.replace(made, reasons=(("joint.few", {"institutes": len(places)}),))
    scaled = [_scaled(rows[place].rate) for place in places]
    together = _pool(scaled)
    spread = together.spread
    if spread.i_squared > MAX_I_SQUARED and spread.p < BEYOND_CHANCE:
        values: Values = {"share": spread.i_squared, "limit": MAX_I_SQUARED}
        return msgspec.structs.replace(
            made, spread=spread, tau_squared=together.tau_squared, reasons=(("joint.apart", values),)
        )
    for number, place in enumerate(places):
        rest = scaled[:number] + scaled[number + 1 :]
        rows[place] = msgspec.structs.replace(
            rows[place],
            weight=together.weights[number],
            without=_interval(_pool(rest)) if len(rest) > 1 else None,
        )
    expected = None
    if together.expected_low is not None and together.expected_high is not None:
        expected = (_share(together.expected_low), _share(together.expected_high))
    return msgspec.structs.replace(
        made,
        rows=tuple(rows),
        pooled=_interval(together),
        expected=expected,
        spread=spread,
        tau_squared=together.tau_squared,
    )


def _row(one: Tallies, sheet: SheetTally, first: Tallies, reference: SheetTally) -> ForestRow:
    found = _rate(sheet)
    why, values = next(_unlike(one, sheet, first, reference, found), ("", {}))
    return ForestRow(
        institute=one.node,
        rate=found,
        counts=sheet.counts,
        agreement=one.agreement,
        languages={
            language: rate(counts.failed, counts.counted) for language, counts in sheet.languages.items()
        },
        why=why,
        values=values,
        notes=one.notes,
    )


def _unlike(
    one: Tallies, sheet: SheetTally, first: Tallies, reference: SheetTally, found: Rate
) -> Iterator[tuple[str, Values]]:
    """Why a row is not pooled with the first, weightiest reason first."""
    if sheet.version != reference.version:
        yield "joint.version", {"theirs": sheet.version, "first": reference.version}
    if one.plan != first.plan:
        yield "joint.plan", {"theirs": one.plan[:12], "first": first.plan[:12]}
    if sheet.model_digest != reference.model_digest:
        yield "joint.model", {"theirs": sheet.model_digest[:20], "first": reference.model_digest[:20]}
    if sheet.counts.invalid_share > one.invalid_limit:
        yield "joint.invalid", {"share": sheet.counts.invalid_share, "limit": one.invalid_limit}
    if not found.enough:
        yield "joint.clusters", {"clusters": found.clusters}


def _rate(sheet: SheetTally) -> Rate:
    if sum(clusters for _, _, clusters in sheet.clusters) > MAX_CLUSTERS:
        raise BadInput(f"{sheet.task[:100]} has over {MAX_CLUSTERS:,} clusters; that is more than is read")
    return clustered_rate(
        pair for failed, counted, clusters in sheet.clusters for pair in repeat((failed, counted), clusters)
    )


def _scaled(found: Rate) -> tuple[float, float]:
    """Log odds and their variance, under the design effect that the clusters show."""
    failed, passed = found.failed + 0.5, found.counted - found.failed + 0.5
    effect = max(1.0, (found.error / found.naive_error) ** 2) if found.naive_error else 1.0
    return log(failed / passed), (1 / failed + 1 / passed) * effect


def _pool(scaled: Sequence[tuple[float, float]]) -> Pooled:
    return pool([value for value, _ in scaled], [variance for _, variance in scaled])


def _interval(pooled: Pooled) -> tuple[float, float, float]:
    return _share(pooled.estimate), _share(pooled.low), _share(pooled.high)


def _share(odds: float) -> float:
    """Of log odds, without overflow at the ends."""
    return 1 / (1 + exp(-odds)) if odds > 0 else exp(odds) / (1 + exp(odds))
