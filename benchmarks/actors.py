"""How well clusters find the hands behind accounts, and what a look costs. Writes the tables of docs/actors.md.

`python -m benchmarks.actors` measures on SEEDS, which nothing was tuned on, and rewrites the page between its marks;
`python -m benchmarks.actors cost [EVENTS ACCOUNTS]` measures a look over many events.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tocsin.correlate.actors import Form, Picture, gathered, picture_of
from tocsin.correlate.actors.profiles import HARMLESS
from tocsin.kernel import RiskVector, Warning, WarningKind
from tocsin.sandbox.operators import DAY, REUSES, Hand, Township, Warned, township
from tocsin.store import JournalRow, Store, open_store

PAGE = Path(__file__).parents[1] / "docs" / "actors.md"
SEEDS = range(920_000, 920_040)
"""Chosen before the first run on them. The terms were written and mended on seeds below 100; a run on 910,000 to
910,039 then showed families of three and four called a group, which was mended: those seeds are spent."""

NOW = 1_800_000_000_000_000
DRAWS = 2_000
ONE_HAND = ("operator", "program")


class Seen(NamedTuple):
    """One warning of one town, and what a look made of it."""

    town: int
    kind: str
    reuse: str
    picture: Picture
    hands: dict[str, Hand]
    """Of the warned accounts."""


def warning_of(warned: Warned, times: Sequence[int]) -> Warning:
    return Warning(
        id="w", kind=WarningKind.CAMPAIGN, key="k", category="influence.inauthentic", actors=len(warned.accounts),
        events=len(times), first_seen=min(times), last_seen=max(times), score=7.0, threshold=6.0, confidence=70,
        risk=RiskVector(), reasons=(), refutations=(),
    )  # fmt: skip


def looks(seed: int) -> Iterator[Seen]:
    """Every warning of one town, looked at through a real store."""
    town = township(seed, now=NOW)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        store.migrate()
        store.events.append([JournalRow(event, (), b"", None) for event in town.events])
        store.events.compact(keep_rows=500)
        yield from (_look(seed, town, store, warned) for warned in town.warnings)
        store.close()


def _look(seed: int, town: Township, store: Store, warned: Warned) -> Seen:
    times = {event.id: event.time for event in town.events}
    ids = {event for events in warned.accounts.values() for event in events}
    seen = gathered(store.links, warned.accounts, ids, since=NOW - 90 * DAY, until=NOW)
    picture = picture_of(warning_of(warned, [times[one] for one in ids]), seen.traits, seen.ties)
    hands = {name: town.hands[name] for name in warned.accounts}
    reuse = next((hand.reuse for hand in hands.values() if hand.reuse), "")
    return Seen(seed, warned.kind, reuse, picture, hands)


class Count(NamedTuple):
    """A share, as right of all, in one town."""

    town: int
    right: int
    all: int


def linked_pairs(seen: Seen) -> Iterator[tuple[Hand, Hand]]:
    """Hands of every two warned accounts of one cluster."""
    for cluster in seen.picture.clusters:
        names = [account.name for account in cluster.accounts if account.warned]
        yield from ((seen.hands[one], seen.hands[two]) for one, two in combinations(names, 2))


def recall(seen: Seen) -> Count:
    """Of the pairs of one operator's accounts, those that are in one cluster."""
    sizes = Counter(hand.name for hand in seen.hands.values() if hand.kind in ONE_HAND)
    pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    found = sum(one == two and one.kind in ONE_HAND for one, two in linked_pairs(seen))
    return Count(seen.town, found, pairs)


def precision(seen: Seen) -> Count:
    """Of the pairs in one cluster, those of one hand or one household."""
    pairs = list(linked_pairs(seen))
    return Count(seen.town, sum(one == two for one, two in pairs), len(pairs))


def called(seen: Seen, *, operated: bool, harmless: bool, least: int = 2, most: int = 10_000) -> Count:
    """Clusters of a size that are (not) mostly one operator's, and how many were (not) called harmless."""
    right = every = 0
    for cluster in seen.picture.clusters:
        kinds = Counter(seen.hands[account.name].kind for account in cluster.accounts if account.warned)
        one_hand = sum(kinds[kind] for kind in ONE_HAND) * 2 > kinds.total()
        if one_hand is operated and least <= kinds.total() <= most:
            every += 1
            right += cluster.profile.harmless_likelier is harmless
    return Count(seen.town, right, every)


def programs(seen: Seen) -> Count:
    """Clusters of five accounts or more of a program, and how many were called an automated network."""
    right = every = 0
    for cluster in seen.picture.clusters:
        kinds = Counter(seen.hands[account.name].kind for account in cluster.accounts if account.warned)
        if kinds["program"] * 2 > kinds.total() >= 5:
            every += 1
            right += cluster.profile.form is Form.NETWORK
    return Count(seen.town, right, every)


def interval(counts: Sequence[Count]) -> str:
    """The share over all towns with a 95 % interval, by drawing towns (bootstrap): accounts of one are not alone."""
    towns = sorted({count.town for count in counts})
    right = np.array([sum(c.right for c in counts if c.town == town) for town in towns])
    every = np.array([sum(c.all for c in counts if c.town == town) for town in towns])
    if not every.sum():
        return "none"
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, len(towns), (DRAWS, len(towns)))
    sums = every[drawn].sum(axis=1)
    shares = right[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.quantile(shares, (0.025, 0.975))
    return f"{right.sum() / every.sum():.3f} ({low:.3f}–{high:.3f}; {every.sum():,})"


def table(every: Sequence[Seen]) -> str:
    """The page's table."""
    lines = ["| | share (95 % interval; of how many) |", "|---|---|"]

    def row(what: str, measure: Callable[[Seen], Count], wanted: Callable[[Seen], bool]) -> None:
        lines.append(f"| {what} | {interval([measure(seen) for seen in every if wanted(seen)])} |")

    for reuse in REUSES:
        row(
            f"**recall**: pairs of one operator's accounts linked, {reuse} reused",
            recall,
            lambda seen, reuse=reuse: seen.reuse == reuse,  # type: ignore[misc]
        )
    row("**precision**: linked pairs that are one hand or one household, operators' warnings", precision,
        lambda seen: seen.kind == "operator")  # fmt: skip
    row("the same in viral warnings", precision, lambda seen: seen.kind == "viral")
    row("the same for an office", precision, lambda seen: seen.kind == "office")
    row("the same in protests", precision, lambda seen: seen.kind == "protest")
    row("an operator's clusters of five accounts or more called a group or a network",
        lambda seen: called(seen, operated=True, harmless=False, least=5), lambda _: True)  # fmt: skip
    row("an operator's clusters of two to four called so: they look like a household",
        lambda seen: called(seen, operated=True, harmless=False, most=4), lambda _: True)  # fmt: skip
    row("a program's clusters of five or more called automated", programs, lambda _: True)
    for kind in ("operator", "viral", "office", "protest"):
        row(
            f"people's clusters called harmless, {kind} warnings",
            lambda seen: called(seen, operated=False, harmless=True),
            lambda seen, kind=kind: seen.kind == kind,  # type: ignore[misc]
        )
    said = [seen.picture.people for seen in every if seen.kind == "protest"]
    apart = sum(seen.picture.alone for seen in every if seen.kind == "protest")
    whole = sum(seen.picture.found for seen in every if seen.kind == "protest")
    lines.append(f"| accounts of a protest that nothing ties | {apart / whole:.3f} (of {whole:,}) |")
    assert all(one is None or one.form in HARMLESS for one in said)
    return "\n".join(lines)


def rewrite(mark: str, text: str) -> None:
    """Put `text` between the page's marks."""
    page = PAGE.read_text("utf-8")
    start, end = f"<!-- {mark} -->", f"<!-- end {mark} -->"
    before, opened, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    assert opened, f"{PAGE.name} has lost its marks of {mark}"
    assert closed, f"{PAGE.name} has lost its mark of where {mark} ends"
    PAGE.write_text(f"{before}{start}\n{text}\n{end}{after}", "utf-8")


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["cost"]:
        from benchmarks.actors_cost import cost

        rewrite("cost", cost(*(int(one) for one in arguments[1:])))
        return 0
    seeds = range(int(arguments[0]), int(arguments[1])) if arguments else SEEDS
    every = []
    for seed in seeds:
        every += list(looks(seed))
        print(f"town {seed}", file=sys.stderr, flush=True)
    print(table(every))
    if not arguments:
        rewrite("quality", table(every))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
