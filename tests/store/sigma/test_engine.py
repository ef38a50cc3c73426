"""Correlations over history: windows at their edges, late events, groups; and a database that reaches nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.store import EVENT_SCHEMA
from tocsin.store.sigma import HITS, SigmaEngine
from tocsin.store.sigma.engine import DAY_US
from tocsin.wire.sigma import Compare, Correlation, CorrelationKind, Exists, Field, Is, Like, Place, Wild
from tocsin.wire.sigma.fields import field_of

HOUR = 3_600_000_000
ENGINE = SigmaEngine()
ACTOR, WALLET, SESSION = (field_of(name, "") for name in ("actor", "observables.wallet", "session"))


def hits(*rows: Mapping[str, Any]) -> pa.Table:
    """Hits of step 0 and actor `a` where a row does not say otherwise, in the order of arrival."""
    plain = dict.fromkeys(HITS.names) | {"step": 0, "actor": "a", "observables": []}
    return pa.Table.from_pylist(
        [{**plain, "seq": at, "id": f"e{at}", **row} for at, row in enumerate(rows)], schema=HITS
    )


def at(*times: int, **also: Any) -> pa.Table:
    return hits(*({"time": time, **also} for time in times))


def correlation(
    kind: CorrelationKind,
    *,
    steps: int = 1,
    by: Sequence[Field] = (ACTOR,),
    least: int = 3,
    counted: Field | None = None,
) -> Correlation:
    return Correlation(kind, tuple(range(steps)), tuple(by), HOUR, least, counted)


def rung(table: pa.Table, wanted: Correlation) -> list[int]:
    """Rows that ring, each once."""
    return sorted({row["row"] for row in ENGINE.ringing(table, wanted).to_pylist()})


COUNT = correlation(CorrelationKind.EVENT_COUNT)


def test_both_ends_of_a_span_belong_to_it() -> None:
    assert rung(at(0, 1, HOUR), COUNT) == [0, 1, 2]
    assert rung(at(0, 1, HOUR + 1), COUNT) == []
    assert rung(at(0, 0, 0), COUNT) == [0, 1, 2]


def test_what_lies_outside_every_full_span_does_not_ring() -> None:
    assert rung(at(0, 10 * HOUR, 10 * HOUR + 1, 10 * HOUR + 2, 11 * HOUR + 3), COUNT) == [1, 2, 3]


def test_a_late_event_completes_an_earlier_span() -> None:
    assert rung(at(0, 5 * HOUR, 2), COUNT) == []
    assert rung(at(0, 5 * HOUR, 2, 1), COUNT) == [0, 2, 3]


def test_each_group_counts_for_itself_and_what_has_no_group_rings_nowhere() -> None:
    table = hits(*({"time": 0, "actor": one} for one in "abab"), {"time": 1, "actor": "a"})
    assert rung(table, COUNT) == [0, 2, 4]
    assert rung(at(0, 1, 2, actor=None), COUNT) == []
    assert rung(at(0, 1, 2, actor=None), correlation(CorrelationKind.EVENT_COUNT, by=())) == [0, 1, 2]


def test_an_event_that_two_rules_hold_of_is_counted_once() -> None:
    both = hits(*({"time": 0, "seq": 7, "step": step} for step in (0, 1)), {"time": 1, "seq": 8})
    assert rung(both, correlation(CorrelationKind.EVENT_COUNT, steps=2)) == []


def test_different_values_are_counted() -> None:
    wanted = correlation(CorrelationKind.VALUE_COUNT, by=(), counted=ACTOR)
    assert rung(hits(*({"time": 0, "actor": one} for one in ("a", "a", "b"))), wanted) == []
    assert rung(hits(*({"time": 0, "actor": one} for one in ("a", "c", "b"))), wanted) == [0, 1, 2]
    assert rung(hits(*({"time": 0, "actor": one} for one in ("a", None, "b"))), wanted) == []


def test_groups_by_observables() -> None:
    def wallets(*values: str) -> list[dict[str, str]]:
        return [{"type": "wallet", "value": value} for value in values] + [{"type": "device", "value": "d"}]

    table = hits(
        {"time": 0, "actor": "a", "observables": wallets("w", "w")},
        {"time": 1, "actor": "b", "observables": wallets("v", "w")},
        {"time": 2, "actor": "c", "observables": wallets("w")},
        {"time": 3, "actor": "d", "observables": wallets()},
    )
    wanted = correlation(CorrelationKind.VALUE_COUNT, by=(WALLET,), counted=ACTOR)
    found = ENGINE.ringing(table, wanted).to_pylist()
    assert [(row["row"], row["g0"]) for row in found] == [(0, "w"), (1, "w"), (2, "w")]


def test_temporal_wants_every_rule_in_any_order() -> None:
    wanted = correlation(CorrelationKind.TEMPORAL, steps=2)
    assert rung(hits({"time": 5, "step": 0}, {"time": 3, "step": 1}), wanted) == [0, 1]
    assert rung(hits({"time": 5, "step": 0}, {"time": 3, "step": 0}), wanted) == []
    assert rung(hits({"time": HOUR + 1, "step": 0}, {"time": 0, "step": 1}), wanted) == []


def test_temporal_ordered_wants_each_strictly_later() -> None:
    wanted = correlation(CorrelationKind.TEMPORAL_ORDERED, steps=3)

    def steps(*said: tuple[int, int]) -> pa.Table:
        return hits(*({"time": time, "step": step} for step, time in said))

    assert rung(steps((0, 0), (1, 1), (2, HOUR)), wanted) == [0, 1, 2]
    assert rung(steps((0, 0), (1, 1), (2, HOUR + 1)), wanted) == []
    assert rung(steps((0, 0), (2, 1), (1, 2)), wanted) == []
    assert rung(steps((0, 0), (1, 0), (2, 1)), wanted) == []
    # the chain that begins last is the shortest
    assert rung(steps((0, 0), (0, HOUR), (1, HOUR + 1), (2, HOUR + 2)), wanted) == [1, 2, 3]


def test_the_day_is_that_of_the_first_moment_that_fulfils() -> None:
    table = at(DAY_US - 3, DAY_US - 2, DAY_US + 1)
    assert {row["day"] for row in ENGINE.ringing(table, COUNT).to_pylist()} == {DAY_US}


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 12), st.sampled_from("ab")), min_size=1, max_size=12
)


@settings(max_examples=120, deadline=None)
@given(STEPS, st.sampled_from(CorrelationKind), st.integers(1, 4), st.randoms(use_true_random=False))
def test_as_a_plain_reading_of_the_definition_finds(
    said: list[tuple[int, int, str]], kind: CorrelationKind, least: int, random: Any
) -> None:
    """In units of a quarter of the span, whatever the order of arrival."""
    quarter = HOUR // 4
    steps = {"temporal": 3, "temporal_ordered": 3}.get(kind.value, 1)
    said = [(step % steps, time, actor) for step, time, actor in said]
    random.shuffle(said)
    counted = SESSION if kind is CorrelationKind.VALUE_COUNT else None
    wanted = correlation(kind, steps=steps, least=least, counted=counted)
    table = hits(
        *(
            {"time": time * quarter, "step": step, "actor": actor, "session": f"s{time % 3}"}
            for step, time, actor in said
        )
    )
    expected = set()
    for actor in "ab":
        mine = [(row, step, time) for row, (step, time, who) in enumerate(said) if who == actor]
        for end in {time for _, _, time in mine}:
            span = [one for one in mine if end - 4 <= one[2] <= end]
            if _fulfils(kind, span, end, least):
                expected |= {row for row, _, _ in span}
    assert rung(table, wanted) == sorted(expected)


def _fulfils(kind: CorrelationKind, span: list[tuple[int, int, int]], end: int, least: int) -> bool:
    match kind:
        case CorrelationKind.EVENT_COUNT:
            return len(span) >= least
        case CorrelationKind.VALUE_COUNT:
            return len({time % 3 for _, _, time in span}) >= least
        case CorrelationKind.TEMPORAL:
            return {step for _, step, _ in span} == {0, 1, 2}
        case CorrelationKind.TEMPORAL_ORDERED:
            first, second, third = ([time for _, step, time in span if step == one] for one in range(3))
            return any(a < b < end for a in first for b in second) and end in third


@pytest.mark.parametrize(
    "field",
    [
        Field("model'); DROP TABLE events; --", Place.HISTORY),
        Field("observables.x", Place.HISTORY, only_exists=True, path=("x' OR '1'='1",)),
        Field("attributes.x", Place.DOOR, path=("x' || 1 || '",)),
    ],
)
def test_a_field_name_never_becomes_sql(field: Field) -> None:
    """The allow-list stands before this; even without it a name is a bound value, or nothing is made of it."""
    events = pa.RecordBatch.from_pylist(
        [dict.fromkeys(EVENT_SCHEMA.names) | {"observables": [], "signals": []}], schema=EVENT_SCHEMA
    ).append_column("attributes", pa.array(['{"x": 1}']))
    (rows,) = ENGINE.matching(events, [Exists(field)])
    assert not len(rows)
    assert not len(ENGINE.matching(events, [Like(field, (Wild.MANY, "'; --", Wild.MANY))])[0])
    with pytest.raises(KeyError):
        ENGINE.ringing(at(0), correlation(CorrelationKind.EVENT_COUNT, by=(Field("id; --", Place.HISTORY),)))


def test_signals_of_weight_nothing_are_not_seen() -> None:
    def signal(category: str, strength: float) -> dict[str, Any]:
        return {"detector": "d", "version": "1", "category": category, "strength": strength, "evidence": "e"}

    rows = [
        dict.fromkeys(EVENT_SCHEMA.names) | {"signals": signals}
        for signals in ([signal("fraud.scam", 0.2)], [signal("fraud.scam", 0.0)], [], None)
    ]
    events = pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA)
    field = field_of("signals.category", "")
    for condition in (Like(field, ("fraud.scam",)), Exists(field)):
        assert ENGINE.matching(events, [condition])[0].tolist() == [0]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "ATTACH '/tmp/x.db'",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM COUNT",  # a variable of this module
    ],
)
def test_the_database_reaches_nothing_but_what_it_is_given(query: str) -> None:
    with pytest.raises(duckdb.Error):
        SigmaEngine()._connection.execute(query).fetchall()


def test_numbers_are_asked_of_attributes_alone() -> None:
    for leaf in (Is(ACTOR, 1.0), Compare(ACTOR, ">", 1.0)):
        with pytest.raises(AssertionError):
            ENGINE.matching(pa.RecordBatch.from_pylist([{"actor": "a"}]), [leaf])
