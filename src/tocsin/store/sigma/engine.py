"""DuckDB as an arithmetic unit: in memory, locked down before a rule is near, fed with Arrow and nothing else."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tocsin.store.schemas import OBSERVABLE_TYPE
from tocsin.store.sigma.sql import COLUMNS, compiled
from tocsin.wire.sigma import Correlation, CorrelationKind, Field, Node

MEMORY = "1GB"
"""A query that needs more fails and is told; it does not take the node with it."""

DAY_US = 86_400_000_000
Rows = npt.NDArray[np.int64]

_HITS: list[tuple[str, pa.DataType]] = [
    ("step", pa.int32()),
    ("seq", pa.int64()),
    ("id", pa.string()),
    ("time", pa.int64()),
    *((name, pa.string()) for name in ("kind", "source", "actor", "session", "model", "lang", "tool")),
    ("observables", pa.list_(OBSERVABLE_TYPE)),
]
HITS = pa.schema(_HITS)
"""Events that a step of a rule holds of, one row for each step. `step` is a place in `Rule.bases`."""

LOCK = (
    "SET threads = 1",  # two cores are shared with the door
    f"SET memory_limit = '{MEMORY}'",
    "SET temp_directory = ''",
    "SET python_enable_replacements = false",  # or a table's name could be a variable of ours
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


class SigmaEngine:
    """One locked connection; calls queue."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:")
        for statement in LOCK:
            self._connection.execute(statement)
        self._turn = threading.Lock()

    def matching(self, events: pa.RecordBatch, conditions: Sequence[Node]) -> list[Rows]:
        """For each condition the rows of `events` it holds of: one query for all."""
        if not conditions or not events.num_rows:
            return [np.empty(0, np.int64) for _ in conditions]
        parts = [compiled(one) for one in conditions]
        # A name of each column that no rule can choose.
        query = f"SELECT {', '.join(f'{part.sql} AS c{at}' for at, part in enumerate(parts))} FROM events"  # noqa: S608
        found = self._run(query, [value for part in parts for value in part.values], events)
        return [np.flatnonzero(column.to_numpy()).astype(np.int64) for column in found.columns]

    def ringing(self, hits: pa.Table, correlation: Correlation) -> pa.Table:
        """The rows of `hits` (HITS) that ring together: `row`, `day` and the group as `g0`, `g1`...

        A row rings with its group when it lies in a span that fulfils the correlation; `day` is the UTC day (start, in
        microseconds) of the first moment at which such a span ended. Rows without a value to group by are in no group.
        """
        numbered = hits.append_column("row", pa.array(np.arange(hits.num_rows, dtype=np.int64)))
        query, values = ringing_sql(correlation)
        return self._run(query, values, numbered)

    def _run(self, query: str, values: Sequence[Any], events: "pa.RecordBatch | pa.Table") -> pa.Table:
        table = pa.Table.from_batches([events]) if isinstance(events, pa.RecordBatch) else events
        with self._turn:
            self._connection.register("events", table)
            try:
                return cast(pa.Table, self._connection.sql(query, params=list(values)).to_arrow_table())
            finally:
                self._connection.unregister("events")


def ringing_sql(correlation: Correlation) -> tuple[str, list[Any]]:
    """The query over `events` (HITS with `row`), and its values.

    1. `hit`: each row with its group; one with several observables of a type is in several groups. 2. `rung`: whether
    the span that ends with this row fulfils the correlation. 3. Every row from which such a span's end can be reached.
    """
    span = correlation.span
    unnested = [field for field in (*correlation.group_by, *_counted(correlation)) if field.path]
    values: list[Any] = [value for field in unnested for value in field.path]
    names = {field: f"u{at}.v" for at, field in enumerate(unnested)}
    groups = [_column(field, names) for field in correlation.group_by]
    groups_as = "".join(f", {column} AS g{at}" for at, column in enumerate(groups))
    keys = ", ".join(f"g{at}" for at in range(len(groups)))
    by = f"PARTITION BY {keys} " if keys else ""
    counted = [_column(field, names) for field in _counted(correlation)]
    known = " AND ".join(f"{column} IS NOT NULL" for column in (*groups, *counted)) or "true"
    lateral = "".join(
        # one row a value; a LEFT JOIN would make rows without one
        f', unnest(list_distinct(list_transform(list_filter(observables, lambda one: one."type" = ?),'
        f' lambda one: one."value"))) AS u{at}(v)'
        for at, _ in enumerate(unnested)
    )
    rung, more = _rung(correlation, by)
    values += more
    query = f"""
        WITH hit AS (
            SELECT row, seq, step, time{groups_as}{"".join(f", {column} AS counted" for column in counted)}
            FROM events{lateral} WHERE {known}
        ), {rung},
        reached AS (
            SELECT *, min(CASE WHEN rings THEN time END)
                OVER ({by}ORDER BY time RANGE BETWEEN CURRENT ROW AND ? FOLLOWING) AS ended
            FROM rung
        )
        SELECT DISTINCT row, ended // {DAY_US} * {DAY_US} AS day{"".join(f", g{at}" for at in range(len(groups)))}
        FROM reached WHERE ended IS NOT NULL ORDER BY ALL
    """  # noqa: S608  # names are ours, values are bound
    return query, [*values, span]


def _counted(correlation: Correlation) -> tuple[Field, ...]:
    return () if correlation.counted is None else (correlation.counted,)


def _column(field: Field, unnested: dict[Field, str]) -> str:
    return unnested.get(field) or COLUMNS[field.name]


def _rung(correlation: Correlation, by: str) -> tuple[str, list[Any]]:
    """`rung`: the hits with `rings`."""
    window = f"OVER ({by}ORDER BY time RANGE BETWEEN ? PRECEDING AND CURRENT ROW)"
    if correlation.kind is CorrelationKind.TEMPORAL_ORDERED:
        return _in_order(correlation, by)
    temporal = correlation.kind is CorrelationKind.TEMPORAL
    least = len(correlation.steps) if temporal else correlation.least
    counts = f"count(DISTINCT {_DIFFERENT[correlation.kind]})"
    return (
        f"rung AS (SELECT *, {counts} {window} >= ? AS rings FROM hit)",  # noqa: S608
        [correlation.span, least],
    )


_DIFFERENT: Mapping[CorrelationKind, str] = {
    CorrelationKind.EVENT_COUNT: "seq",  # an event that two joined rules hold of is one event
    CorrelationKind.VALUE_COUNT: "counted",
    CorrelationKind.TEMPORAL: "step",
}


def _in_order(correlation: Correlation, by: str) -> tuple[str, list[Any]]:
    """Step by step the latest moment at which a chain could have begun that reaches this row.

    A chain that begins later is never longer, so the latest decides. Rows of one moment have no order.
    """
    before = f"OVER ({by}ORDER BY time RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    first, *rest = correlation.steps
    tables = ["chain0 AS (SELECT *, CASE WHEN step = ? THEN time END AS begun FROM hit)"]
    values: list[Any] = [first]
    for at, step in enumerate(rest):
        tables.append(
            f"chain{at + 1} AS (SELECT * REPLACE (CASE WHEN step = ? THEN"  # noqa: S608
            f" max(CASE WHEN step = ? THEN begun END) {before} ELSE begun END AS begun) FROM chain{at})"
        )
        values += [step, correlation.steps[at]]
    tables.append(
        f"rung AS (SELECT *, coalesce(step = ? AND time - begun <= ?, false) AS rings FROM chain{len(rest)})"  # noqa: S608
    )
    return ", ".join(tables), [*values, correlation.steps[-1], correlation.span]
