"""A queue's page among many cases: `python -m benchmarks.cases [CASES] [URL]`, SQLite, or PostgreSQL by its URL.

Cases lie in three queues, one of them restricted and not asked for; seven in ten are over. Each question is a page of
50 with its numbers, as an analyst's console asks for it, through the store. Median and worst of 40 warm runs, by the
clock, in milliseconds; `limit` is what the project promises.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tocsin.cases import timeline
from tocsin.kernel.cases import RANK, Case, CaseAct, CaseOrigin, CaseState, Claim, Urgency
from tocsin.store import Store, open_store
from tocsin.store.case_interface import CaseFilter, KeptAct, NewCaseRow

START = 1_795_000_000_000_000
MINUTE = 60_000_000
SEEN = ("general", "urgent")
LIMIT_MS = 100.0
RUNS = 40
WORDS = bytes(600)
"""As long as a short report's ciphertext."""


def rows(number: int) -> Iterator[NewCaseRow]:
    """Made-up cases, each with its first act."""
    rng = random.Random(7)
    live, over = (
        (CaseState.RECEIVED, CaseState.TRIAGED, CaseState.VERIFIED, CaseState.DISPOSED),
        CaseState.CLOSED,
    )
    for one in range(number):
        state = over if rng.random() < 0.7 else rng.choice((*live, CaseState.APPEALED))
        at = START + one * MINUTE
        case = Case(
            id=f"case_{rng.getrandbits(128):032x}",
            queue=rng.choice((*SEEN, "general", "child-safety")),
            state=state,
            origin=CaseOrigin.REPORT,
            received=at,
            updated=at,
            category="fraud.scam",
            urgency=rng.choice(list(Urgency)),
            report=f"R-{one}",
            due=at + 1_440 * MINUTE,
            tell=0 if state is over else at + 1_440 * MINUTE,
            claim=Claim(f"user_{one % 20}", at, at + 10**15) if state is CaseState.TRIAGED else None,
        )
        act = CaseAct(case=case.id, number=1, at=at, by="public", act="received", was=None, now=state)
        yield NewCaseRow(case, KeptAct(timeline.chained(act, b"")), {"words": WORDS})


def questions(store: Store) -> dict[str, Callable[[], int]]:
    """What a console asks."""
    place = (RANK[Urgency.NORMAL], START + 5_000 * MINUTE, "")

    def asked(wanted: CaseFilter) -> Callable[[], int]:
        return lambda: len(store.cases.page(SEEN, wanted)) + len(store.cases.counts(SEEN))

    return {
        "the queue's first page": asked(CaseFilter()),
        "a page further on": asked(CaseFilter(after=place)),
        "one state": asked(CaseFilter(state=CaseState.CLOSED)),
        "appeals": asked(CaseFilter(appeals=True)),
        "what is mine": asked(CaseFilter(holder="user_3", now=START)),
    }


def run(label: str, store: Store, number: int) -> bool:
    """Fill, ask; whether each median is within the limit."""
    store.migrate()
    began = time.perf_counter()
    kept = store.cases.add(rows(number))
    print(f"{label}: {kept:,} cases made and kept in {time.perf_counter() - began:.1f} s")
    within = True
    for name, ask in questions(store).items():
        found, took = ask(), []
        for _ in range(RUNS):
            began = time.perf_counter()
            ask()
            took.append((time.perf_counter() - began) * 1_000)
        median = statistics.median(took)
        within &= median < LIMIT_MS
        print(f"  {name:24} {median:6.1f} ms, worst {max(took):6.1f} ({found} rows), limit {LIMIT_MS:.0f}")
    return within


def main() -> int:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    url = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), url)
        try:
            return 0 if run("PostgreSQL" if url else "SQLite", store, number) else 1
        finally:
            store.close()


if __name__ == "__main__":
    sys.exit(main())
