"""The columns of events and of counts, in Arrow: apart from `interface`, so that who asks for neither loads none."""

import pyarrow as pa

_Columns = list[tuple[str, pa.DataType]]

OBSERVABLE_TYPE = pa.struct([("type", pa.string()), ("value", pa.string())])
SIGNAL_TYPE = pa.struct(
    [
        ("detector", pa.string()),
        ("version", pa.string()),
        ("category", pa.string()),
        ("strength", pa.float32()),
        ("evidence", pa.string()),
    ]
)
_EVENT_COLUMNS: _Columns = [
    ("seq", pa.int64()),
    ("id", pa.string()),
    ("time", pa.int64()),
    ("received", pa.int64()),
    ("source", pa.string()),
    ("kind", pa.string()),
    ("actor", pa.string()),
    ("seal_day", pa.string()),
    ("session", pa.string()),
    ("model", pa.string()),
    ("lang", pa.string()),
    ("tool", pa.string()),
    ("actor_created", pa.int64()),
    ("observables", pa.list_(OBSERVABLE_TYPE)),
    ("signals", pa.list_(SIGNAL_TYPE)),
]
EVENT_SCHEMA = pa.schema(_EVENT_COLUMNS)
"""Events without text, as the journal and the Parquet files both give them."""

_SEALED_COLUMNS: _Columns = [
    ("seq", pa.int64()),
    ("id", pa.string()),
    ("seal_day", pa.string()),
    ("sealed", pa.binary()),
    ("fingerprint", pa.binary()),
]
SEALED_SCHEMA = pa.schema(_SEALED_COLUMNS)
"""Sealed text and sealed fingerprints, kept apart so that they can be dropped by day."""

_CELL_COLUMNS: _Columns = [
    ("width", pa.int64()),
    ("bin", pa.int64()),
    ("category", pa.string()),
    ("language", pa.string()),
    ("region", pa.string()),
    ("delay", pa.int64()),
    ("count", pa.int64()),
]
TREND_SCHEMA = pa.schema(_CELL_COLUMNS)
"""Counts: `width` is the length of a bin in seconds, `bin` its number since 1970, `delay` how many bins later the
events were received (capped, see `correlate.trends.counting`)."""
