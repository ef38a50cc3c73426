"""A neighbourhood as a picture: where circles and lines lie. Templates draw it as SVG, with a table beside it."""

import math
from itertools import pairwise

import msgspec

from tocsin.app.neighbourhood import Neighbourhood, Node

WIDTH, HEIGHT = 900.0, 620.0
MARGIN = 70.0
MAX_LABEL_CHARS = 22


class Spot(msgspec.Struct, frozen=True):
    """A node with its place in drawing units, its label cut to fit, and where the label stands."""

    node: Node
    x: float
    y: float
    label: str
    label_y: float
    anchor: str


class Line(msgspec.Struct, frozen=True):
    """An edge between two spots."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


class Picture(msgspec.Struct, frozen=True):
    spots: tuple[Spot, ...]
    lines: tuple[Line, ...]
    rings: tuple[tuple[float, float], ...]
    """Half axes of the ellipse of each step."""
    width: float = WIDTH
    height: float = HEIGHT


def picture(found: Neighbourhood) -> Picture:
    """The middle in the middle, each step on an ellipse around it; neighbours stand near what they hang on."""
    steps = max((node.step for node in found.nodes), default=0)
    places: dict[str, tuple[float, float, float]] = {}
    for step in range(steps + 1):
        ring = [node for node in found.nodes if node.step == step]
        ring.sort(key=lambda node: (_parent_angle(node, found, places), node.type, node.id))
        for at, node in enumerate(ring):
            angle = 2 * math.pi * (at + 0.5 * (step % 2)) / len(ring) - math.pi / 2
            reach = step / max(steps, 1)
            x = WIDTH / 2 + reach * (WIDTH / 2 - MARGIN) * math.cos(angle)
            y = HEIGHT / 2 + reach * (HEIGHT / 2 - MARGIN) * math.sin(angle)
            places[node.id] = (round(x, 1), round(y, 1), angle)
    spots = tuple(_spot(node, *places[node.id]) for node in found.nodes)
    lines = tuple(
        Line(*places[edge.source][:2], *places[edge.target][:2], edge.kind)
        for edge in found.edges
        if edge.source in places and edge.target in places
    )
    rings = tuple(
        (round(step / steps * (WIDTH / 2 - MARGIN), 1), round(step / steps * (HEIGHT / 2 - MARGIN), 1))
        for _, step in pairwise(range(steps + 1))
    )
    return Picture(spots, lines, rings)


def _spot(node: Node, x: float, y: float, angle: float) -> Spot:
    name = node.name or node.id.partition("--")[2][:8]
    label = name if len(name) <= MAX_LABEL_CHARS else name[: MAX_LABEL_CHARS - 1] + "…"
    edge = MARGIN * 2.2
    anchor = "start" if x < edge else "end" if x > WIDTH - edge else "middle"
    below = y < HEIGHT - MARGIN or node.step == 0
    return Spot(node, x, y, label, y + 26 if below else y - 18, anchor)


def _parent_angle(node: Node, found: Neighbourhood, places: dict[str, tuple[float, float, float]]) -> float:
    """The angle of the first nearer node that it hangs on; so few lines cross."""
    for edge in found.edges:
        if node.id in (edge.source, edge.target):
            other = edge.target if edge.source == node.id else edge.source
            if other in places:
                return places[other][2]
    return 0.0
