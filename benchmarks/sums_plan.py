"""What the study of sums compares, in which worlds, at which rates and at which price in privacy."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import NamedTuple

import msgspec

from benchmarks.sums_moves import Moves, moves
from benchmarks.sums_regimes import Joint, Regime, Words
from benchmarks.sums_scoring import Scorer
from benchmarks.sums_study import Result, compare
from tocsin.correlate.evidence import FLOOR, STRONG
from tocsin.sandbox.sums import COMPONENTS, Setting

FIRST_TUNING, FIRST_REPORTING = 820_000, 930_000
NODES = (2, 3, 5, 10, 20)
ORDINARY, STRICT = 0.1, 0.02
"""Harmless texts that somebody is called for, a node and day."""

KEYS_AN_ACTOR = 4
"""Texts and identifiers in which one account counts in one epoch, at most."""

EPSILON = 1.0
"""What one account may cost in one epoch, over all its keys."""

WIDTH = STRONG - FLOOR
"""What one account can move a score clipped to [FLOOR, STRONG] at most; the only bound that is proved."""

LADDER = (0.25, 0.5, 1.0, 2.0, 4.0, 7.0)
BASELINE = Regime("confirmed indicators and dismissals, at once: **the baseline**")
LOW = Regime("the baseline, with a node's own minimum of 2 accounts in place of 5", least=2)
INTERSECTION = Regime("bare intersection of candidates, 2 holders", Joint.INTERSECTION)
ANSWER = Regime("sum, raise and answer, 2 holders", Joint.ANSWER)
REGIMES = (
    Regime("alone", words=Words.NONE),
    Regime("confirmed indicators, at once", words=Words.CONFIRMED),
    BASELINE,
    LOW,
    INTERSECTION,
    Regime("bare intersection, 3 holders", Joint.INTERSECTION, holders=3),
    Regime("sum, raise only, 2 holders", Joint.RAISE),
    Regime("sum, raise only, 3 holders", Joint.RAISE, holders=3),
    ANSWER,
    Regime("sum, raise and answer, 3 holders", Joint.ANSWER, holders=3),
    Regime("... noise of scale 1 on each count, no bound", Joint.ANSWER, count_noise=1.0),
    Regime("... noise of scale 1 on the clipped score, no bound", Joint.ANSWER, score_noise=1.0),
    Regime(
        "... noise on each count, epsilon 1 proved",
        Joint.ANSWER,
        count_noise=COMPONENTS * KEYS_AN_ACTOR / EPSILON,
    ),
    Regime(
        "... noise on the clipped score, epsilon 1 proved",
        Joint.ANSWER,
        score_noise=WIDTH * KEYS_AN_ACTOR / EPSILON,
    ),
    Regime("bare intersection, 2 holders, each day", Joint.INTERSECTION, every=1),
    Regime("sum, raise and answer, 2 holders, each day", Joint.ANSWER, every=1),
    Regime(
        "sum, raise and answer, 2 holders, each day, minimum of 2 everywhere", Joint.ANSWER, every=1, least=2
    ),
    Regime("bare intersection of sightings, 2 holders", Joint.SIGHTINGS),
    Regime("all counts pooled, each day (the bound)", Joint.POOLED, every=1),
)
FAILS = "no account features"
SETTINGS = (
    Setting("identifiers differ at each node", reuse=0.0),
    Setting("nothing reused: another text and other identifiers at each node", same_text=False, reuse=0.0),
    Setting(FAILS, features=False),
    Setting("campaign accounts look like anybody's", plain=True),
    Setting("three times as many harmless groups that act together", coordinated=3.0),
    Setting("10 % of harmless people are at other nodes too", on_many=0.1),
    Setting("12 accounts of a campaign at a node, not 4", size=12.0),
    Setting("no households", households=0.0),
)


class Study(NamedTuple):
    """Everything that the page says. By number of nodes, by setting, by scale of noise."""

    seeds: int
    tuning: int
    ordinary: dict[int, list[Result]]
    strict: dict[int, list[Result]]
    settings: dict[str, list[Result]]
    ladder: list[Result]
    moves: Moves


class _Job(NamedTuple):
    """One column of the study: worlds of one setting, at some rates."""

    setting: Setting
    regimes: Sequence[Regime]
    rates: Sequence[float]
    tuning: range
    reporting: range


def _run(job: _Job) -> list[list[Result]]:
    return compare(*job[:2], rates=job.rates, tuning=job.tuning, reporting=job.reporting, scorer=Scorer())


def study(
    seeds: int,
    nodes: Sequence[int] = NODES,
    *,
    workers: int = 1,
    said: Callable[[float], None] = lambda done: None,
) -> Study:
    """The whole study with `seeds` worlds to report on and half as many to tune on; columns in several processes."""
    tuning = range(FIRST_TUNING, FIRST_TUNING + max(seeds // 2, 2))
    reporting = range(FIRST_REPORTING, FIRST_REPORTING + seeds)
    middle = 5 if 5 in nodes else nodes[0]
    plain = {count: Setting(f"{count} nodes", nodes=count) for count in nodes}
    settings = [msgspec.structs.replace(one, nodes=middle) for one in SETTINGS]
    ladder = (BASELINE, *(Regime(f"{b}", Joint.ANSWER, score_noise=b) for b in LADDER))
    jobs = [
        *(_Job(one, REGIMES, (ORDINARY, STRICT), tuning, reporting) for one in plain.values()),
        *(_Job(one, REGIMES, (ORDINARY,), tuning, reporting) for one in settings),
        _Job(plain[middle], ladder, (ORDINARY,), tuning, reporting),
    ]
    found: list[list[list[Result]]] = [[] for _ in jobs]
    largest = sorted(range(len(jobs)), key=lambda at: -jobs[at].setting.nodes)
    done = 0

    def keep(at: int, results: list[list[Result]]) -> None:
        nonlocal done
        found[at] = results
        done += jobs[at].setting.nodes
        said(done / sum(job.setting.nodes for job in jobs))

    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            waiting = {pool.submit(_run, jobs[at]): at for at in largest}
            for future in as_completed(waiting):
                keep(waiting[future], future.result())
    else:
        for at in largest:
            keep(at, _run(jobs[at]))
    counted, hard = found[: len(nodes)], found[len(nodes) : -1]
    return Study(
        seeds=seeds,
        tuning=len(tuning),
        ordinary={count: some[0] for count, some in zip(nodes, counted, strict=True)},
        strict={count: some[1] for count, some in zip(nodes, counted, strict=True)},
        settings={one.name: some[0] for one, some in zip(settings, hard, strict=True)},
        ladder=found[-1][0],
        moves=moves(plain[middle], reporting, Scorer()),
    )
