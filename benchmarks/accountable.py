"""Who is caught by an audit of a match, and who escapes: `python -m benchmarks.accountable [--runs 1000] [--write]`.

Each run is a session of 100 points a side with 60 inputs, by the real protocol, in "which" and "how many" in turn, and
one challenge of its client. Then late inputs of share f against c positions: the closed form beside what was measured.
`--write` puts the tables into docs/accountable-matching.md, between its marks.
"""

import argparse
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from math import comb
from pathlib import Path
from typing import NamedTuple

from benchmarks import accountable_adversaries as adversaries
from benchmarks.accountable_world import POINTS, REAL, Auditor, Met, Node, meet
from tocsin.trust.matching import Question
from tocsin.trust.matching.accountable import Side, contradiction

PAGE = Path("docs/accountable-matching.md")
START, END = "<!-- measured -->", "<!-- end measured -->"
DRAWN = 10
SHARES = (0.05, 0.1, 0.2, 0.5)
CHALLENGES = (5, 10, 20)

Extra = Callable[[Met, Auditor], str]


class Row(NamedTuple):
    """One adversary over all runs. `expected` is the closed form for what an audit catches."""

    name: str
    caught: int
    silent: int
    proofs: int
    faults: Counter[str]
    expected: float
    runs: int


class Adversary(NamedTuple):
    """`expected` is 0 or 1, or None for the hypergeometric; `extra` looks for a proof outside the audit."""

    name: str
    node: type[Node]
    expected: float | None
    extra: Extra | None = None


def _two_pledges(met: Met, auditor: Auditor) -> str:
    client = met.client
    assert isinstance(client, adversaries.TwoPledges)
    assert client.other is not None
    return contradiction(met.told[0].note, client.signed(client.other), client.key)


def _spent_twice(met: Met, auditor: Auditor) -> str:
    assert isinstance(met.client, adversaries.SpendsTwice)
    return contradiction(*met.client.both, met.client.key)


def _two_heads(met: Met, auditor: Auditor) -> str:
    assert isinstance(met.client, adversaries.TwoHeads)
    return contradiction(*met.client.heads, met.client.key)


ADVERSARIES = (
    Adversary("honest", Node, 0.0),
    Adversary("late inputs, a fifth", adversaries.Late, None),
    Adversary("invents early and logs all", adversaries.LogsFirst, 0.0),
    Adversary("withholds late openings", adversaries.Withholds, None),
    Adversary("gives no answer when a late one is drawn", adversaries.Aborts, 0.0),
    Adversary("opens another value", adversaries.OtherValue, None),
    Adversary("sends other inputs than it pledged", adversaries.WrongProof, None),
    Adversary("guesses in the place of padding", adversaries.ForgedPadding, None),
    Adversary("back-dates", adversaries.BackDates, 1.0),
    Adversary("two heads of its log", adversaries.TwoHeads, 1.0, _two_heads),
    Adversary("two pledges for one session", adversaries.TwoPledges, 1.0, _two_pledges),
    Adversary("spends a budget twice", adversaries.SpendsTwice, 0.0, _spent_twice),
    Adversary("replays an old pledge", adversaries.Replays, 1.0),
    Adversary("beyond its quota", adversaries.OverQuota, 1.0),
    Adversary("hides a day of records", adversaries.HidesADay, None),
    Adversary("grinds its nonce after the challenge", adversaries.Grinds, 1.0),
    Adversary("grinds its nonce before the session", adversaries.GrindsEarly, None),
    Adversary("the other side lies with it", adversaries.Colludes, 0.0),
)


def late_caught(share: float, challenged: int) -> float:
    """The chance that of so many positions drawn without replacement one at least is late (hypergeometric)."""
    late = round(share * REAL)
    return 1 - comb(POINTS - late, challenged) / comb(POINTS, challenged)


def one(adversary: Adversary, number: int) -> tuple[Met, Auditor]:
    """A session of the adversary, as client, with an honest server, or with a friend."""
    auditor = Auditor()
    client = adversary.node("alice", Side.CLIENT, auditor.witness)
    friend = adversary.node is adversaries.Colludes
    server = (adversaries.Vouches if friend else Node)("bob", Side.SERVER, auditor.witness)
    met = meet(client, server, list(Question)[number % 2])
    if isinstance(server, adversaries.Vouches):
        server.friend = met.materials[0].laid
    return met, auditor


def row(adversary: Adversary, runs: int) -> Row:
    """So many sessions, one challenge each."""
    caught = silent = proofs = 0
    faults: Counter[str] = Counter()
    for number in range(runs):
        met, auditor = one(adversary, number)
        found = auditor.examine(met, DRAWN)
        silent += found is None
        caught += found is not None and not found.holds
        faults.update({finding.fault.value for finding in found.findings} if found else ())
        proofs += bool(adversary.extra and adversary.extra(met, auditor))
    expected = late_caught(0.2, DRAWN) if adversary.expected is None else adversary.expected
    return Row(adversary.name, caught, silent, proofs, faults, expected, runs)


def sweep(share: float, runs: int) -> dict[tuple[float, int], int]:
    """How often late inputs of a share were caught, by (share, positions)."""
    caught: Counter[tuple[float, int]] = Counter()
    kind = type("Late", (adversaries.Late,), {"share": share})
    for number in range(runs):
        met, auditor = one(Adversary("late", kind, None), number)
        for positions in CHALLENGES:  # the auditor's nonce is new each time, and so is the draw
            found = auditor.examine(met, positions)
            caught[share, positions] += found is not None and not found.holds
    return dict(caught)


def page(rows: Sequence[Row], found: dict[tuple[float, int], int], runs: int, cpu: float) -> str:
    """What stands between the marks."""
    lines = [
        f"{runs:,} sessions of each, {POINTS} points a side with {REAL} inputs, {DRAWN} positions challenged;"
        f" {cpu:,.0f} CPU seconds: `python -m benchmarks.accountable --runs {runs} --write`.",
        "",
        "| who | caught | expected | escapes | gives no answer | found as | proof without an audit |",
        "|---|---|---|---|---|---|---|",
    ]
    for one_row in rows:
        escaped = one_row.runs - one_row.caught - one_row.silent
        said = ", ".join(f"`{name}` {count}" for name, count in one_row.faults.most_common())
        proofs = str(one_row.proofs) if one_row.proofs else "-"
        lines.append(
            f"| {one_row.name} | {one_row.caught} | {one_row.expected * one_row.runs:.0f} | {escaped} |"
            f" {one_row.silent} | {said or '-'} | {proofs} |"
        )
    lines += [
        "",
        "Late inputs of share f of the inputs against c challenged positions: the chance of being caught, closed form"
        " / measured.",
        "",
        "| f | " + " | ".join(f"c = {positions}" for positions in CHALLENGES) + " |",
        "|---" * (len(CHALLENGES) + 1) + "|",
    ]
    lines += [
        f"| {share:g} | "
        + " | ".join(
            f"{late_caught(share, positions):.3f} / {found[share, positions] / runs:.3f}"
            for positions in CHALLENGES
        )
        + " |"
        for share in SHARES
    ]
    return "\n".join(lines)


def measured(runs: int, workers: int) -> tuple[list[Row], dict[tuple[float, int], int], float]:
    """Every adversary, every share, and CPU seconds of all of it."""
    if workers == 1:
        began = time.process_time()
        rows = [row(adversary, runs) for adversary in ADVERSARIES]
        swept = [sweep(share, runs) for share in SHARES]
        spent = time.process_time() - began
    else:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with ProcessPoolExecutor(workers) as pool:
            rows = list(pool.map(row, ADVERSARIES, repeat(runs)))
            swept = list(pool.map(sweep, SHARES, repeat(runs)))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return rows, {key: count for one_share in swept for key, count in one_share.items()}, spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="into the page")
    given = parser.parse_args()
    rows, found, cpu = measured(given.runs, given.workers)
    text = page(rows, found, given.runs, cpu)
    print(text)
    if given.write:
        before, rest = PAGE.read_text("utf-8").split(START)
        after = rest.split(END)[1]
        PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
