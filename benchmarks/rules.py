"""100 Sigma rules over prepared batches: our matcher beside one DuckDB query; and a correlation over history."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pyarrow as pa

from benchmarks.rows import Row, cpu_seconds
from tocsin.kernel import EventLine, Kind
from tocsin.screen.batch import prepare
from tocsin.screen.rules import RuleSearch
from tocsin.screen.service import CHUNK_TEXTS
from tocsin.store.sigma import HITS, SigmaEngine
from tocsin.wire.sigma import Correlation, CorrelationKind, read_rule
from tocsin.wire.sigma.fields import field_of

RULES = 100
EVENTS = 8 * CHUNK_TEXTS
HIT_ROWS = 100_000
HOUR = 3_600_000_000
AT = datetime(2026, 9, 1, tzinfo=UTC)
FLOOR = 5.0
"""Below this the query would be worth its own simplicity."""

DETECTIONS: tuple[Callable[[Random, list[str]], str], ...] = (
    lambda rng, words: f"text|contains: '{rng.choice(words)} {rng.choice(words)}'",
    lambda rng, words: f"text|contains|all: ['{rng.choice(words)}', '{rng.choice(words)}']",
    lambda rng, words: f"text|contains: ['{rng.choice(words)} a', '{rng.choice(words)} b']\n    lang: en",
    lambda rng, words: f"text: '*{rng.choice(words)}*{rng.choice(words)}*'\n    kind: content.post",
    lambda rng, words: f"model|startswith: '{rng.choice(words)}'\n    tool|exists: true",
    lambda rng, words: (
        f"text|contains: '{rng.choice(words)}'\n    attributes.gen_ai.request.temperature|gt: 1"
    ),
    lambda rng, words: (
        f"text|contains: '{rng.choice(words)}'\n    text|re: '{rng.choice(words)} [a-z]+ [0-9]+'"
    ),
    lambda rng, words: f"text|re: '{rng.choice(words)} ({rng.choice(words)}|{rng.choice(words)})'",
)
"""What rules ask, each equally often; the last is looked at in every text."""


def run() -> list[Row]:
    """Microseconds an event and rule set, both ways on the same batches; both find the same."""
    rng = Random(5)
    words = ["".join(rng.choices("etaoinshrdlucmfwypvbgk", k=rng.randint(3, 9))) for _ in range(8_000)]
    rules = [read_rule(rule_text(rng, words, n).encode(), f"bench {n}") for n in range(RULES)]
    batches = [prepare(_lines(rng, words, first)) for first in range(0, EVENTS, CHUNK_TEXTS)]
    search, engine = RuleSearch((rule, True) for rule in rules), SigmaEngine()
    conditions = [rule.bases[0].condition for rule in rules]
    search(batches[0]), engine.matching(batches[0], conditions)
    started = cpu_seconds()
    found = sum(search(batch).num_rows for batch in batches)
    ours = (cpu_seconds() - started) / EVENTS * 1e6
    started = cpu_seconds()
    by_query = sum(len(rows) for batch in batches for rows in engine.matching(batch, conditions))
    peer = (cpu_seconds() - started) / EVENTS * 1e6
    assert found == by_query, (found, by_query)
    hits = _hits(rng)
    many = Correlation(
        CorrelationKind.VALUE_COUNT, (0,), (field_of("model", ""),), HOUR, 5, field_of("actor", "")
    )
    started = cpu_seconds()
    rung = engine.ringing(hits, many).num_rows
    joined = cpu_seconds() - started
    return [
        Row(
            f"{RULES} Sigma rules at the door, against DuckDB",
            1e6 / ours,
            1e6 / peer,
            peer / ours,
            "events/CPU-s",
            FLOOR,
            f"{ours:.1f} against {peer:.1f} us an event of 300 characters; both find {found}",
        ),
        Row(
            "a Sigma correlation over history",
            HIT_ROWS / joined,
            None,
            None,
            "hits/CPU-s",
            None,
            f"value_count over an hour, {HIT_ROWS:,} hits, {rung:,} ring",
        ),
    ]


def rule_text(rng: Random, words: list[str], number: int) -> str:
    """A rule as a person writes it, of the kind that `number` says."""
    detection = DETECTIONS[number % len(DETECTIONS)](rng, words)
    return f"""title: bench {number}
id: {uuid.UUID(int=number + 1)}
tags: [conduct.fraud.scam]
logsource: {{product: tocsin}}
detection:
  selection:
    {detection}
  condition: selection
"""


def _lines(rng: Random, words: list[str], first: int) -> list[EventLine]:
    return [
        EventLine(
            id=str(number),
            time=AT,
            source="forum",
            kind=rng.choice(list(Kind)),
            actor="a",
            text=" ".join(rng.choices(words, k=45)),
            lang="en",
            model=rng.choice(words[:20]),
            attributes={"gen_ai.request.temperature": rng.random() * 2},
        )
        for number in range(first, first + CHUNK_TEXTS)
    ]


def _hits(rng: Random) -> pa.Table:
    size = range(HIT_ROWS)
    columns: dict[str, object] = {
        **{name: [None] * HIT_ROWS for name in HITS.names},
        "step": [0] * HIT_ROWS,
        "seq": list(size),
        "id": [str(number) for number in size],
        "time": [rng.randrange(14 * 24 * HOUR) for _ in size],
        "actor": [f"a{rng.randrange(20_000)}" for _ in size],
        "model": [f"m{rng.randrange(200)}" for _ in size],
    }
    return pa.table(columns, schema=HITS)
