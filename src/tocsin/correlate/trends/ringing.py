"""From alarms to warnings: one a conduct and rise, however many languages, regions and detectors show it."""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.correlate.describing import MAX_SAMPLES, SCALE, warning_id
from tocsin.correlate.trends.counting import ALL, DAY, where_counted
from tocsin.correlate.trends.judging import Judged
from tocsin.correlate.trends.tails import quantile
from tocsin.kernel import Level, Reason, RiskVector, Warning, WarningKind, at_micros
from tocsin.taxonomy import category as conduct

DAY_US = DAY * 1_000_000

SAME_RISE_DAYS = 7
"""Alarms of one conduct at most so far apart are one rise."""

CONFIDENCE_ONE, CONFIDENCE_MORE, CONFIDENCE_MOST = 30, 15, 75
"""A count says that something rose, not what: no trend is surer than this."""

CONFIDENCE_WITH_TRAFFIC = 20
WITH_TRAFFIC = 0.7
"""From this share of the rise on, the rise of all traffic explains it."""

LEVEL = 0.95
"""Upper end of what a day is expected to bring, one-sided: for the eye, no threshold."""

SHOWN_DAYS = 56


class Rise(NamedTuple):
    """Days on which a series rang, from `start` to `end` (day numbers), and what was seen and expected on them."""

    judged: Judged
    start: int
    end: int
    seen: float
    expected: float
    high: float
    detectors: tuple[str, ...]
    strength: float
    clearness: float
    """How far what was seen is above what was expected, in standard deviations."""


class Witnesses(NamedTuple):
    """What events still tell of a rise: how many accounts, and a few events that a reviewer may open."""

    actors: int
    samples: tuple[str, ...]


def rises(judged: Iterable[Judged]) -> tuple[tuple[Rise, ...], ...]:
    """The newest rise of each conduct: every series that shows it, the clearest first."""
    by_category: dict[str, list[Rise]] = {}
    for one in judged:
        if one.alarms:
            by_category.setdefault(one.series.category, []).append(_newest(one))
    groups = []
    for _, found in sorted(by_category.items()):
        last = max(rise.end for rise in found)
        together = [rise for rise in found if last - rise.end <= SAME_RISE_DAYS]
        groups.append(tuple(sorted(together, key=lambda rise: -rise.clearness)))
    return tuple(groups)


def warning_of(
    group: Sequence[Rise],
    *,
    known: Iterable[Warning],
    traffic: Judged | None,
    witnesses: Witnesses,
    alarms_per_week: float,
    number_of_series: int,
    now_us: int,
) -> Warning:
    """The warning of one rise. One that is known and touches it is brought up to date under its own id."""
    best = group[0]
    series = best.judged.series
    start = min(rise.start for rise in group)
    before = next((one for one in known if _same(one, series.category, start, best.end)), None)
    key = before.key if before is not None else f"{series.category}:{start}"
    agree = tuple(dict.fromkeys(name for rise in group for name in rise.detectors))
    ratio = _with_traffic(best, traffic)
    listed = conduct(series.category)
    return Warning(
        id=warning_id(WarningKind.TREND, key),
        kind=WarningKind.TREND,
        key=key,
        category=series.category,
        actors=witnesses.actors,
        events=round(best.seen),
        first_seen=min(start * DAY_US, before.first_seen if before else start * DAY_US),
        last_seen=min((best.end + 1) * DAY_US - 1, now_us),
        score=best.strength,
        threshold=1.0,
        confidence=_confidence(len(agree), ratio),
        risk=RiskVector(
            scale=next((level for least, level in SCALE if witnesses.actors >= least), Level.LOW),
            coupling=Level.HIGH if listed is not None and listed.floor else Level.NONE,
        ),
        reasons=tuple(_reasons(best, group, agree, ratio, alarms_per_week, number_of_series)),
        refutations=_refutations(ratio),
        samples=witnesses.samples,
        timeline=_timeline(best.judged),
        updated=now_us,
    )


def witnesses_of(batches: Iterable[pa.RecordBatch], rise: Rise, regions: Mapping[str, str]) -> Witnesses:
    """Accounts and samples of the events (EVENT_SCHEMA) that a rise counts, of those that are still kept."""
    series = rise.judged.series
    actors: set[str] = set()
    samples: list[str] = []
    for batch in batches:
        days = batch.column("time").to_numpy() // DAY_US
        signals = batch.column("signals")
        said = pc.equal(pc.struct_field(pc.list_flatten(signals), "category"), pa.scalar(series.category))
        wanted = np.zeros(batch.num_rows, bool)
        wanted[pc.list_parent_indices(signals).filter(said).to_numpy()] = True
        languages, language, places, place = where_counted(batch, regions)
        for names, which, name in ((languages, language, series.language), (places, place, series.region)):
            wanted &= np.array([name in (ALL, one) for one in names], bool)[which]
        found = batch.filter(pa.array(wanted & (days >= rise.start) & (days <= rise.end)))
        for one in found.select(["actor", "id"]).to_pylist():
            actor, event = one["actor"], one["id"]
            if actor not in actors and len(samples) < MAX_SAMPLES:
                samples.append(event)
            actors.add(actor)
    return Witnesses(len(actors), tuple(samples))


def _newest(judged: Judged) -> Rise:
    days = [alarm.day for alarm in judged.alarms]
    start = days[-1]
    for day in reversed(days):
        if start - day > SAME_RISE_DAYS:
            break
        start = day
    alarms = [alarm for alarm in judged.alarms if alarm.day >= start]
    span = slice(start - judged.first, days[-1] - judged.first + 1)
    mean = judged.expected.mean[span]
    dispersion = judged.expected.dispersion[span]
    expected = float(mean.sum())
    variance = float((mean * dispersion).sum())
    seen = float(judged.values[span].sum())
    return Rise(
        judged=judged,
        start=start,
        end=days[-1],
        seen=seen,
        expected=expected,
        high=float(quantile(LEVEL, expected, max(1.0, variance / expected))),
        detectors=tuple(dict.fromkeys(name for alarm in alarms for name in alarm.detectors)),
        strength=max(alarm.strength for alarm in alarms),
        clearness=(seen - expected) / sqrt(variance),
    )


def _same(one: Warning, category: str, start: int, end: int) -> bool:
    if one.kind is not WarningKind.TREND or one.category != category:
        return False
    first, last = one.first_seen // DAY_US, one.last_seen // DAY_US
    return start - SAME_RISE_DAYS <= last and first <= end + SAME_RISE_DAYS


def _with_traffic(best: Rise, traffic: Judged | None) -> float | None:
    """What part of the rise the rise of all traffic of the same language and region explains; None when unknown."""
    if traffic is None or best.expected <= 0:
        return None
    span = slice(best.start - traffic.first, best.end - traffic.first + 1)
    expected = float(traffic.expected.mean[span].sum())
    if not expected > 0:
        return None
    rise = best.seen / best.expected - 1
    return max(0.0, float(traffic.values[span].sum()) / expected - 1) / rise if rise > 0 else None


def _reasons(
    best: Rise,
    group: Sequence[Rise],
    agree: Sequence[str],
    ratio: float | None,
    alarms_per_week: float,
    number_of_series: int,
) -> Iterable[Reason]:
    series = best.judged.series
    yield Reason(
        "trend.risen",
        {
            "category": series.category,
            "since": at_micros(best.start * DAY_US).date().isoformat(),
            "seen": round(best.seen),
            "expected": round(best.expected, 1),
            "high": round(best.high),
        },
    )
    if series.language != ALL:
        yield Reason("trend.language", {"language": series.language})
    if series.region != ALL:
        yield Reason("trend.region", {"region": series.region})
    yield Reason(
        "trend.detectors",
        {"agree": len(agree), "of": best.judged.detectors, "names": ", ".join(agree), "series": len(group)},
    )
    late = [cast for day, cast in best.judged.late.items() if best.start <= day <= best.end]
    if late:
        yield Reason(
            "trend.late",
            {
                "heard": sum(cast.heard for cast in late),
                "estimate": round(sum(cast.estimate for cast in late), 1),
            },
        )
    if ratio is not None and ratio > 0:
        yield Reason("trend.traffic", {"share": round(min(ratio, 1.0), 2)})
    yield Reason("trend.rate", {"rate": alarms_per_week, "series": number_of_series})


def _refutations(ratio: float | None) -> tuple[Reason, ...]:
    codes = ["refute.trend-viral", "refute.trend-holiday", "refute.trend-rules", "refute.trend-source"]
    if ratio is not None and ratio >= WITH_TRAFFIC:
        codes.insert(0, "refute.trend-traffic")
    return tuple(Reason(code) for code in codes)


def _confidence(agree: int, ratio: float | None) -> int:
    if ratio is not None and ratio >= WITH_TRAFFIC:
        return CONFIDENCE_WITH_TRAFFIC
    return min(CONFIDENCE_ONE + CONFIDENCE_MORE * (agree - 1), CONFIDENCE_MOST)


def _timeline(judged: Judged) -> tuple[tuple[int, int], ...]:
    counts = judged.series.counts[-SHOWN_DAYS:]
    first = judged.series.today - len(counts) + 1
    return tuple(((first + at) * DAY_US, int(number)) for at, number in enumerate(counts) if number)
