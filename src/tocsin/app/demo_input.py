"""The user's own events in the demo: divided over nodes by their source, and what of them is raw."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tocsin.ingest import read_file
from tocsin.kernel import BadInput, Clock, EventLine
from tocsin.sandbox.scenario import MIN_CANARY_CHARS, SLICE_CHARS

MAX_NODES = 6
"""Nodes on one machine: each is two processes' worth of memory, and every two of them meet."""

MAX_EVENTS = 200_000
"""Of a file in the demo; for more, run a node and use `tocsin watch ingest`."""

MAX_RAW_VALUES = 20_000
"""Values that the recordings are searched for; spread evenly over the file when it has more."""

_NAME_CHARS = 40


def divided(file: Path, clock: Clock) -> tuple[dict[str, list[EventLine]], int]:
    """Events by node, and how many lines were refused. One node a source, at most MAX_NODES of them.

    An event id that comes again is the same event and is passed over.
    With more sources the largest come first and the rest go to the node that has least. Raises BadInput for a
    file that is missing, holds no event, or is too large.
    """
    if not file.is_file():
        raise BadInput(f"there is no file {file}: name a file of events as JSON lines")
    by_source: defaultdict[str, list[EventLine]] = defaultdict(list)
    known: set[str] = set()
    refused = 0
    for batch in read_file(file, now=clock):
        refused += len(batch.refused)
        fresh = [line for line in batch.lines if line.id not in known]
        known.update(line.id for line in fresh)
        if len(known) > MAX_EVENTS:
            raise BadInput(f"{file} holds more than {MAX_EVENTS:,} events: give the demo a part of it")
        for line in {line.id: line for line in fresh}.values():
            by_source[line.source].append(line)
    if not by_source:
        raise BadInput(f"{file} holds no event that can be taken ({refused} lines refused)")
    nodes: dict[str, list[EventLine]] = {}
    for source, lines in sorted(by_source.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(nodes) < MAX_NODES:
            nodes[_name(source, nodes)] = lines
        else:
            min(nodes.values(), key=len).extend(lines)
    return nodes, refused


def _name(source: str, taken: Mapping[str, object]) -> str:
    """A node's name after its source, fit for a folder's neighbour, a peer's name and a table."""
    plain = "".join(char if char.isalnum() or char in "-_." else "-" for char in source)[:_NAME_CHARS]
    plain = plain.lstrip("-") or "source"
    return plain if plain not in taken else f"{plain}-{len(taken) + 1}"


def raw_values_of(nodes: Mapping[str, Sequence[EventLine]]) -> list[str]:
    """Actors, observables and a piece of each text that are long enough to tell from chance."""
    found = dict.fromkeys(value for lines in nodes.values() for line in lines for value in _raw(line))
    values = [value for value in found if len(value) >= MIN_CANARY_CHARS]
    step = -(-len(values) // MAX_RAW_VALUES) or 1
    return values[::step]


def _raw(line: EventLine) -> Iterable[str]:
    yield line.actor
    for seen in line.observables:
        yield seen.value
    middle = max(0, (len(line.text) - SLICE_CHARS) // 2)
    yield line.text[middle : middle + SLICE_CHARS]
