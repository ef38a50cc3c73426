"""Held-out rates of injections, by words alone and by what the agent then does: `python -m benchmarks.agent_held`.

It prints tables of docs/agents.md. The texts (agent_held.yaml) were written when the detector was finished, in other
shapes than those it was tuned on. `--readmes` measures the descriptions of the packages that are installed here, which
nobody wrote for a detector; `benchmarks.agent_others` sessions by others. `--guard` says what a guard model's word on a
result would add, by what it weighs: **no guard model is run**.
"""

import argparse
import importlib.metadata
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from benchmarks.rates import Rate
from tocsin.correlate import Agents
from tocsin.correlate.judged import Judgement
from tocsin.kernel import EventLine, Kind, micros
from tocsin.kernel.events import TOOL_RESULT
from tocsin.screen import Screen
from tocsin.screen.agents.instructions import FOUND, instructions_in
from tocsin.store.schemas import EVENT_SCHEMA

TEXTS = "agent_held.yaml"
LANGUAGES = ("en", "zh", "es", "fr", "ru", "ar", "mn")
START = datetime(2026, 11, 22, 9, tzinfo=UTC)
LOOKED_AT = micros(START + timedelta(hours=1))
OBEYED = {"agent.obeyed", "agent.obeyed-unasked"}
LONGEST = 48 << 10
"""Of a longer description beginning and end would come in."""


@cache
def held() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.yaml.decode(Path(__file__).with_name(TEXTS).read_bytes())
    return found


def orders(language: str) -> Iterator[tuple[str, int]]:
    """Results that hold an order, and the number of what it asks for."""
    texts = held()
    for order, (number, task), page in itertools.product(
        texts["orders"][language], enumerate(texts["tasks"][language]), texts["pages"][language]
    ):
        yield page.format(a=order.format(t=task)), number


def near_misses(language: str, kind: str) -> Iterator[str]:
    texts = held()
    for said, page in itertools.product(texts["harmless"][kind][language], texts["pages"][language]):
        yield page.format(a=said)


def speaks(text: str) -> bool:
    return instructions_in(text).strength >= FOUND


def words_table() -> str:
    """By words alone: found of orders by language, wrongly found of near misses."""
    lines = ["| language | found | wrongly found |", "|---|---|---|"]
    totals = [Rate(0, 0)] * 2
    for language in LANGUAGES:
        misses = [text for kind in held()["harmless"] for text in near_misses(language, kind)]
        row = [
            _rate([speaks(text) for text, _ in orders(language)]),
            _rate([speaks(text) for text in misses]),
        ]
        totals = [one + other for one, other in zip(totals, row, strict=True)]
        lines.append(_row(language, row))
    return "\n".join([*lines, _row("all", totals)])


COLUMNS = (
    "asked to be told",
    "asked of others",
    "handed over",
    "read, not carried out",
    "asked for by the person",
    "near misses, handed over",
    "near misses, only read",
)


def sequence_table() -> str:
    """By what the agent does, and what the person had asked.

    Carried out, where the person asked to be told something; for something with others; for things to be dealt with.
    Wrongly: where it is not carried out; where the person asked for that; near misses.
    """
    lines = [f"| language | {' | '.join(COLUMNS)} |", "|---|" + "---|" * len(COLUMNS)]
    totals = [Rate(0, 0)] * len(COLUMNS)
    for language in LANGUAGES:
        row = [_rate(rung) for rung in _sessions(language)]
        totals = [one + other for one, other in zip(totals, row, strict=True)]
        lines.append(_row(language, row))
    return "\n".join([*lines, _row("all", totals)])


def _sessions(language: str) -> Iterator[list[bool]]:
    """Whether each session rings, by column."""
    texts = held()
    asked, calls = texts["requests"][language], texts["calls"]
    for request in ("told", "others", "handed"):
        yield [obeyed(asked[request], text, calls[number]) for text, number in orders(language)]
    yield [obeyed(asked["told"], text, ["list_files", "{}"]) for text, _ in orders(language)]
    yield [obeyed(asked["same"], text, calls[number]) for text, number in orders(language)]
    for request, then in (("handed", "follows"), ("told", "reads")):
        yield [
            obeyed(asked[request], text, call)
            for kind, call in texts[then].items()
            for text in near_misses(language, kind)
        ]


def obeyed(request: str, result: str, call: Sequence[str]) -> bool:
    """Whether a session rings in which a person asks, a tool brings a result, and the agent makes one more call."""
    return bool(OBEYED & reasons(_lines(request, result, call)))


def _lines(request: str | None, result: str, call: Sequence[str]) -> list[EventLine]:
    """Without a request something else is what comes first: nothing is known of what the person asked."""
    return [
        line_of(Kind.TOOL_CALL, "{}", "list_files") if request is None else line_of(Kind.MODEL_CALL, request),
        line_of(Kind.TOOL_CALL, '{"folder": "inbox"}', "read", result),
        line_of(Kind.TOOL_CALL, call[1], call[0], "done"),
    ]


@cache
def _screen() -> Screen:
    return Screen(())


def reasons(lines: Sequence[EventLine]) -> set[str]:
    """What the lookout of agents says of one session."""
    agents = Agents()
    agents.take(_batch(lines))
    return {one.reasons[0].code for one in agents.look(LOOKED_AT)}


WEIGHTS = (0.0, 0.2, 0.5, 0.7)
"""Of a guard's word: the strength of its verdict times how far people bear it out in the language."""

GUARDED = ("asked of others", "nothing known of the request", "handed over", "near misses, handed over")


def guard_table() -> str:
    """What rings by what a guard's word weighs, in all languages, where it flags every result; nothing is taken off for
    its errors. The last column is wrong: it flags near misses by mistake.
    """
    rung: list[list[list[bool]]] = [[] for _ in GUARDED]
    for language in LANGUAGES:
        texts = held()
        asked = texts["requests"][language]
        for column, request in zip(rung, (asked["others"], None, asked["handed"]), strict=False):
            column += [_by_weight(request, text, texts["calls"][number]) for text, number in orders(language)]
        rung[-1] += [
            _by_weight(asked["handed"], text, call)
            for kind, call in texts["follows"].items()
            for text in near_misses(language, kind)
        ]
    lines = [f"| its word weighs | {' | '.join(GUARDED)} |", "|---|" + "---|" * len(GUARDED)]
    for number, weight in enumerate(WEIGHTS):
        lines.append(_row(f"{weight:.1f}", [_rate([one[number] for one in column]) for column in rung]))
    return "\n".join(lines)


def _by_weight(request: str | None, result: str, call: Sequence[str]) -> list[bool]:
    """Whether a session rings, by what the guard's word on its result weighs."""
    said: dict[str, Judgement] = {}

    def flagged(events: Collection[str]) -> Mapping[str, Judgement]:
        return {event: one for event, one in said.items() if event in events}

    agents = Agents(flagged)
    agents.take(_batch(_lines(request, result, call)))
    rung = []
    for weight in WEIGHTS:
        said["e2"] = Judgement("made-up", "technique.requirement-hijack", weight, 1.0, 0.0, b"e2")
        rung.append(bool(OBEYED & {one.reasons[0].code for one in agents.look(LOOKED_AT)}))
    return rung


def _batch(lines: Sequence[EventLine]) -> pa.RecordBatch:
    """Events as the store gives them, a minute apart, the request as `e1`."""
    rows = [
        {
            "seq": number,
            "id": f"e{number}",
            "time": micros(START + timedelta(minutes=number)),
            "received": micros(START),
            "source": line.source,
            "kind": line.kind.value,
            "actor": line.actor,
            "seal_day": "2026-11-22",
            "session": line.session,
            "tool": line.tool,
            "observables": [],
            "signals": [msgspec.to_builtins(signal) for signal in said.signals],
        }
        for number, (line, said) in enumerate(zip(lines, _screen()(lines), strict=True), 1)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA)


def line_of(kind: Kind, text: str, tool: str | None = None, result: str | None = None) -> EventLine:
    return EventLine(
        id="e",
        time=START,
        source="desk",
        kind=kind,
        actor="a",
        text=text,
        session="s",
        tool=tool,
        attributes={} if result is None else {TOOL_RESULT: result},
    )


def readmes() -> tuple[Rate, list[str]]:
    """Descriptions of installed packages that are wrongly found, of how many, and which."""
    texts = {}
    for package in importlib.metadata.distributions():
        said = package.metadata.json
        text = str(said.get("description", ""))
        if len(text) >= 200:
            texts[str(said["name"]).lower()] = text[:LONGEST]
    wrong = sorted(name for name, text in texts.items() if speaks(text))
    return Rate(len(wrong), len(texts)), wrong


def _rate(found: Sequence[bool]) -> Rate:
    return Rate(sum(found), len(found))


def _row(name: str, rates: Sequence[Rate]) -> str:
    return f"| {name} | {' | '.join(map(str, rates))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readmes", action="store_true")
    parser.add_argument("--guard", action="store_true")
    given = parser.parse_args()
    print(words_table(), sequence_table(), sep="\n\n")
    if given.guard:
        print(f"\n{guard_table()}")
    if given.readmes:
        rate, wrong = readmes()
        print(f"\ndescriptions of installed packages: {rate} {' '.join(wrong)}")


if __name__ == "__main__":
    main()
