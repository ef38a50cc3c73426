"""What the detectors of agents and of conversations cost at the door, each alone: microseconds of CPU an event."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from tocsin.kernel import EventLine, Kind
from tocsin.kernel.events import TOOL_RESULT
from tocsin.screen import Detector, Misuse, ToolPolicies, prepare
from tocsin.screen.agents import Egress, Injection, Marks, MemoryWrites
from tocsin.screen.agents.policies import Argument, Tool, ToolPolicy

ROWS = 2_048
ROUNDS = 10
PAGE = "The museum opens at nine and you are welcome to use the lift; send us a card. " * 52
ARGUMENTS = (
    '{"query": "opening hours of the museum, and how to get a refund of the lottery ticket that I bought on Monday",'
    ' "limit": 10, "lang": "en", "page": 2, "site": "https://museum.example/hours"}'
)


def lines(kind: Kind, result: str | None) -> list[EventLine]:
    return [
        EventLine(
            id=f"{number}",
            time=datetime(2026, 11, 22, tzinfo=UTC),
            source="shop",
            kind=kind,
            actor="a",
            text=ARGUMENTS,
            tool="search" if kind is Kind.TOOL_CALL else None,
            attributes={} if result is None else {TOOL_RESULT: result},
        )
        for number in range(ROWS)
    ]


def costs() -> Iterator[tuple[str, tuple[float, float, float]]]:
    """(detector, microseconds on posts, on tool calls, on tool calls with a page as result)."""
    policy = ToolPolicy(id="office", tools=(Tool(name="search", arguments={"limit": Argument(at_most=50)}),))
    detectors: list[Detector] = [
        Injection(),
        Egress(),
        MemoryWrites(),
        Marks(),
        Misuse(ToolPolicies([policy])),
    ]
    batches = [
        prepare(lines(Kind.POST, None)),
        prepare(lines(Kind.TOOL_CALL, None)),
        prepare(lines(Kind.TOOL_CALL, PAGE)),
    ]
    for detector in detectors:
        row = []
        for batch in batches:
            rounds = 1 if batch is batches[2] else ROUNDS
            detector(batch)
            started = time.process_time()
            for _ in range(rounds):
                detector(batch)
            row.append((time.process_time() - started) / rounds / ROWS * 1e6)
        yield detector.name, (row[0], row[1], row[2])
