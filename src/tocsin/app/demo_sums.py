"""The demo's second act: what no node hears alone, those who hold it hear after a private sum.

Two more nodes add up and take no part. Every operator agrees, the key of the week is made, each node with a window
submits, and the bits come back: all over HTTP, and over the same recording lines as the first act.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tocsin.app.demo_nodes import DemoError, DemoNode
from tocsin.store import open_store

ADDING = ("university", "council")
"""Nodes that add up. They have no events."""

ANSWER_SECONDS = 120.0
PAUSE_SECONDS = 0.5
AGAIN_SECONDS = 15.0
"""A look's time may end meanwhile, once in a day: so often it is asked whether the node has submitted."""

Each = Callable[[str, Callable[[DemoNode], Any], tuple[str, ...]], dict[str, Any]]
"""Does one thing on each of some nodes, side by side: (name of the step, what, which nodes)."""


class Cost(msgspec.Struct, frozen=True):
    """What the session cost: seconds from the first consent to the last bit, messages and bytes of all, and keys."""

    seconds: float
    messages: int
    bytes: int
    keys: int


class ThinCampaign(msgspec.Struct, frozen=True):
    """Who had a warning of the thin campaign. `false_warnings` are those of sums about anything else.

    `candidates` are how many groups each node raised, the harmless text that all of them have among them.
    """

    held_by: tuple[str, ...]
    found_alone: tuple[str, ...]
    found_after_summing: tuple[str, ...]
    false_warnings: int
    aggregators: tuple[str, ...]
    candidates: dict[str, int]
    cost: Cost


class Summed(msgspec.Struct, frozen=True):
    """What came back: per node how many candidates it raised, and what it cost."""

    candidates: dict[str, int]
    cost: Cost


def play_sums(
    nodes: Mapping[str, DemoNode], adding: Mapping[str, DemoNode], each: Each, until: str
) -> Summed:
    """Agree, look, and wait until every participant has its answer. Raises DemoError."""
    began = time.monotonic()
    names = tuple(nodes)

    def agree(node: DemoNode) -> None:
        others = [word for name in names if name != node.name for word in ("--with", name)]
        adders = [word for name in adding if name != node.name for word in ("--aggregator", name)]
        own = ("--adds-up",) if node.name in adding else ()
        node.run("share", "sum", "agree", *others, *adders, *own, "--until", until)

    each("agree", agree, (*names, *adding))
    each("submit", lambda node: node.run("share", "sum", "look"), names)
    said = each("sum", _answered, names)
    helpers = each("ask", _status, tuple(adding))
    left = [row for view in (*said.values(), *helpers.values()) for row in view["left"]]
    answers = {name: view["looks"][0] for name, view in said.items()}
    return Summed(
        candidates={name: one["candidates"] for name, one in answers.items()},
        cost=Cost(
            seconds=round(time.monotonic() - began, 2),
            messages=sum(row["sent"] for row in left),
            bytes=sum(row["bytes"] for row in left),
            keys=sum(one["keys"] for one in answers.values()),
        ),
    )


def _status(node: DemoNode) -> Any:
    return node.run("share", "sum", "status")


def _answered(node: DemoNode) -> Any:
    """The node's status once both aggregators have answered it; a look whose time ended meanwhile is asked for anew.

    Whether they have is read from its store, as its own operator may: that starts no program.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    again = time.monotonic() + AGAIN_SECONDS
    store = open_store(node.data, None)
    try:
        while time.monotonic() < deadline:
            if any(one.answered for one in store.sums.answers(limit=1)):
                return _status(node)
            if time.monotonic() > again:
                again = time.monotonic() + AGAIN_SECONDS
                view = _status(node)
                if view["look"] not in view["looks_done"]:
                    node.run("share", "sum", "look")
            time.sleep(PAUSE_SECONDS)
    finally:
        store.close()
    raise DemoError(f"node {node.name}: had no answer to a private sum within {ANSWER_SECONDS:.0f} s")
