"""A cluster as a picture: accounts as circles, what ties them as squares; above FEW accounts its parts as circles.

The layout is networkx's spring model (Fruchterman and Reingold 1991) from a fixed seed: the same cluster is drawn the
same way each time. A table beside it holds everything that it shows.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.correlate.actors import Cluster, Tie

WIDTH, HEIGHT = 900.0, 600.0
MARGIN = 60.0
FEW = 50
"""Accounts up to which each is drawn: with more, labels lie on each other."""

MAX_TIES = 60
"""Ties drawn, the heaviest; the table has all."""

MAX_PARTS = 24
SHORT = 6
SEED = 7
ROUNDS = 200
BOX = 26.0
GAP = 16.0
"""Between two things: the height of a label."""

PUSHES = 120

Places = npt.NDArray[np.float64]


class Dot(msgspec.Struct, frozen=True):
    """A circle for an account or for a part of `number` accounts. `shade` 0 to 3 tells parts apart."""

    x: float
    y: float
    radius: float
    label: str
    warned: bool
    shade: int
    number: int = 1


class Box(msgspec.Struct, frozen=True):
    """A square for an identifier, or for `number` of one type that join the same parts."""

    x: float
    y: float
    type: str
    elsewhere: int
    binds: bool
    number: int = 1


class Wire(msgspec.Struct, frozen=True):
    """A line between a dot and a box; `width` grows with the weight, dashed where the type never ties."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    binds: bool


class Drawing(msgspec.Struct, frozen=True):
    dots: tuple[Dot, ...]
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    by_parts: bool
    left_out: int
    """Ties that are in the table alone."""
    width: float = WIDTH
    height: float = HEIGHT


def drawing(cluster: Cluster) -> Drawing:
    """The picture of a cluster."""
    return _parts(cluster) if len(cluster.accounts) > FEW else _accounts(cluster)


def _accounts(cluster: Cluster) -> Drawing:
    """Each account, each tie: the binding ones, and of the others the heaviest that still fit."""
    shown = sorted(cluster.ties, key=lambda tie: (not tie.binds, -tie.weight, tie.key))[:MAX_TIES]
    lines = [(name, tie.key, tie) for tie in shown for name in (*tie.warned, *tie.others)]
    radius = 13.0 if len(cluster.accounts) <= 24 else 10.0
    radii = {one.name: radius for one in cluster.accounts}
    places = _places(list(radii), [tie.key for tie in shown], lines, radii)
    dots = tuple(
        Dot(*places[one.name], radius, one.name.removeprefix("ps_")[:SHORT], one.warned, one.part % 4)
        for one in cluster.accounts
    )
    boxes = tuple(Box(*places[tie.key], tie.type, tie.elsewhere, tie.binds) for tie in shown)
    wires = tuple(
        Wire(*places[name], *places[key], _width(tie.weight), tie.binds) for name, key, tie in lines
    )
    return Drawing(dots, boxes, wires, by_parts=False, left_out=len(cluster.ties) - len(shown))


def _parts(cluster: Cluster) -> Drawing:
    """Parts with how many accounts each has; ties of one type that join the same parts are one box."""
    part_of = {one.name: one.part for one in cluster.accounts}
    sizes: dict[int, list[bool]] = {}
    for one in cluster.accounts:
        sizes.setdefault(one.part, []).append(one.warned)
    drawn = sorted(sizes)[:MAX_PARTS]
    joined: dict[tuple[str, tuple[int, ...]], list[Tie]] = {}
    for tie in cluster.ties:
        parts = tuple(sorted({part_of[name] for name in (*tie.warned, *tie.others)} & set(drawn)))
        if tie.binds and len(parts) > 1:  # what ties one part within itself is in the table
            joined.setdefault((tie.type, parts), []).append(tie)
    shown = sorted(joined, key=lambda key: (-len(key[1]), -len(joined[key]), key))[:MAX_TIES]
    lines = [(part, key, joined[key][0]) for key in shown for part in key[1]]
    most = max(len(sizes[part]) for part in drawn)
    sizes_of = {part: round(14 + 22 * sqrt(len(sizes[part]) / most), 1) for part in drawn}
    places = _places(drawn, list(shown), lines, sizes_of)
    dots = tuple(
        Dot(
            *places[part],
            sizes_of[part],
            str(part + 1),
            any(sizes[part]),
            part % 4,
            len(sizes[part]),
        )
        for part in drawn
    )
    boxes = tuple(
        Box(*places[key], key[0], max(tie.elsewhere for tie in joined[key]), True, len(joined[key]))
        for key in shown
    )
    wires = tuple(
        Wire(*places[part], *places[key], _width(max(one.weight for one in joined[key])), True)
        for part, key, _ in lines
    )
    drawn_ties = sum(len(joined[key]) for key in shown)
    return Drawing(dots, boxes, wires, by_parts=True, left_out=len(cluster.ties) - drawn_ties)


def _width(weight: float) -> float:
    return round(0.8 + weight / 2, 2)


def _places(
    dots: list[Any], boxes: list[Any], lines: list[tuple[Any, Any, Tie]], radii: Mapping[Any, float]
) -> Mapping[Any, tuple[float, float]]:
    """A place for each, spread over the whole picture, with room for labels between them."""
    import networkx as nx

    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from([*dots, *boxes])
    graph.add_edges_from((dot, box) for dot, box, _ in lines)
    found = nx.spring_layout(graph, seed=SEED, iterations=ROUNDS, k=1.6 / sqrt(len(graph)), weight=None)
    nodes = list(graph)
    at = np.array([found[node] for node in nodes], np.float64)
    low, span = at.min(axis=0), np.ptp(at, axis=0)
    inner = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN])
    at = MARGIN + inner * np.where(span > 0, (at - low) / np.where(span > 0, span, 1.0), 0.5)
    at = _apart(at, np.array([radii.get(node, BOX) for node in nodes]))
    return {node: (round(float(x), 1), round(float(y), 1)) for node, (x, y) in zip(nodes, at, strict=True)}


def _apart(at: Places, radii: Places) -> Places:
    """Push apart what lies on each other, a little at a time and never off the picture."""
    least = radii[:, None] + radii[None, :] + GAP
    for _ in range(PUSHES):
        away = at[:, None, :] - at[None, :, :]
        distance = np.sqrt((away**2).sum(axis=2)) + np.eye(len(at)) * least.max()
        push = np.clip(least - distance, 0.0, None)
        if not push.any():
            break
        at = at + (away / np.maximum(distance, 1.0)[:, :, None] * push[:, :, None]).sum(axis=1) * 0.35
        at = np.clip(at, MARGIN, np.array([WIDTH - MARGIN, HEIGHT - MARGIN]))
    return at
