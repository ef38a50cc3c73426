"""Random sequences of what may befall events, against a model that is a list."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.store.places import Place, Places
from tests.contracts.store.samples import HOUR, START, as_read, day_of, row, rows_of
from tocsin.store import Appended, JournalRow, Store, compaction, journal, parquet

Step = tuple[str, int, int]

NUMBERS = st.integers(0, 40)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), NUMBERS, st.integers(0, 12)),
        st.tuples(st.just("compact"), st.integers(0, 4), st.just(0)),
        st.tuples(st.just("expire"), st.integers(0, 100), st.integers(0, 6)),
        st.tuples(st.just("reopen"), st.just(0), st.just(0)),
    ),
    min_size=1,
    max_size=14,
)


class Model:
    """What must be kept: rows in order, and which of them still have their sealed part."""

    def __init__(self) -> None:
        self.now = START
        self.rows: list[JournalRow] = []
        self.sealed: set[str] = set()
        self.seqs: dict[int, str] = {}
        """Every seq ever seen, and whose it was."""

    def append(self, store: Store, first: int, size: int) -> None:
        self.now += 5 * HOUR
        # Times run backwards inside a batch, and receipt is not strictly in order either.
        wanted = [
            row(n % 41, received=self.now - n % 3 * HOUR, time=self.now - n * HOUR)
            for n in range(first, first + size)
        ]
        have = {kept.event.id for kept in self.rows}
        new = [kept for kept in wanted if kept.event.id not in have]
        assert store.events.append(wanted) == Appended(len(new), len(wanted) - len(new))
        self.rows += new
        self.sealed |= {kept.event.id for kept in new}

    def expire(self, store: Store, hours: int, days: int) -> None:
        before = START + hours * HOUR
        day = day_of(START + days * 24 * HOUR)
        kept = [one for one in self.rows if one.event.received >= before]
        sealed = {one.event.id for one in kept if one.event.id in self.sealed and one.event.seal_day >= day}
        deleted = len(self.rows) - len(kept) + len(self.sealed) - len(sealed)
        assert store.events.expire(events_before=before, sealed_days_before=day) == deleted
        self.rows, self.sealed = kept, sealed

    def check(self, store: Store) -> None:
        found = rows_of(store)
        seqs = [event.pop("seq") for event in found]
        ids = [kept.event.id for kept in self.rows]
        assert found == [as_read(kept) for kept in self.rows]
        assert seqs == sorted(set(seqs))
        for seq, event_id in zip(seqs, ids, strict=True):
            fresh = seq > max(self.seqs, default=0)
            assert self.seqs.get(seq) == event_id or fresh, (
                "a seq appeared behind a reader, or was used again"
            )
        self.seqs |= dict(zip(seqs, ids, strict=True))
        assert store.events.count() == len(ids)
        assert store.events.newest() == max(seqs, default=0)
        every = [f"event-{n}" for n in range(41)]
        assert store.events.known(every) == set(ids)
        assert store.events.facts(every) == {kept.event.id: kept.event for kept in self.rows}
        texts = {
            one.event.id: (one.event.seal_day, one.sealed) for one in self.rows if one.event.id in self.sealed
        }
        assert store.events.sealed(every) == texts
        prints = [line for batch in store.events.fingerprints() for line in batch.to_pylist()]
        assert [(line["seq"], line["id"], line["fingerprint"]) for line in prints] == [
            (seq, one.event.id, one.fingerprint)
            for seq, one in zip(seqs, self.rows, strict=True)
            if one.fingerprint is not None and one.event.id in self.sealed
        ]
        middle = seqs[len(seqs) // 2] if seqs else 0
        since, until = START, self.now - 7 * HOUR
        some = rows_of(store, after=middle, since=since, until=until)
        assert [event["id"] for event in some] == [
            one.event.id
            for seq, one in zip(seqs, self.rows, strict=True)
            if seq > middle and since <= one.event.time < until
        ]


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
def test_whatever_happens_events_are_as_in_the_model(places: Places, steps: list[Step]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # So small that a few events cross every edge: pages, rounds, row groups, merges.
        patch.setattr(journal, "PAGE_ROWS", 3)
        patch.setattr(compaction, "ROUND_ROWS", 5)
        patch.setattr(compaction, "MERGE_AT", 3)
        patch.setattr(parquet, "ROW_GROUP", dict.fromkeys(parquet.ROW_GROUP, 4))
        patch.setattr(parquet, "BATCH_ROWS", 3)
        place = places.fresh()
        try:
            _run(place, steps)
        finally:
            place.close()


def _run(place: Place, steps: list[Step]) -> None:
    model = Model()
    store = place.open()
    for what, first, second in steps:
        if what == "append":
            model.append(store, first, second)
        elif what == "compact":
            moved = store.events.compact(keep_rows=first)
            assert moved >= 0
            assert store.events.pending() <= first
        elif what == "expire":
            model.expire(store, first, second)
        else:
            place.close()
            store = place.open()
            store.migrate()
        model.check(store)
