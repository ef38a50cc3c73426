"""What the demo plays: events for each node, what is true of them, and the raw values that must not leave."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tocsin.app.demo_input import divided, raw_values_of
from tocsin.kernel import Clock
from tocsin.sandbox import generate, to_json_line
from tocsin.sandbox.thin import thin, thin_seed


class Plot(msgspec.Struct, frozen=True):
    """The events to play, what is true of them (None: unknown), and the raw values to look for."""

    lines: Mapping[str, Sequence[bytes]]
    labels: Mapping[str, str] | None
    raw_values: Sequence[str]
    refused: int = 0
    thin_at: tuple[str, ...] = ()
    """Nodes that have the thin campaign; where none is told of, there is no second act."""

    def is_mostly(self, label: str, samples: Sequence[str]) -> bool:
        """Whether most of some events are of one kind."""
        labels = self.labels or {}
        return 2 * sum(labels.get(event) == label for event in samples) > len(samples)


def plot_of(seed: int, own: Path | None, clock: Clock) -> Plot:
    """The invented world of a seed, or the user's own events. Raises BadInput."""
    if own is not None:
        parts, refused = divided(own, clock)
        lines = {name: [to_json_line(line) for line in part] for name, part in parts.items()}
        return Plot(lines=lines, labels=None, raw_values=raw_values_of(parts), refused=refused)
    scenario = generate(random.Random(seed), clock())  # noqa: S311  # an invented world
    more = thin(random.Random(thin_seed(seed)), clock())  # noqa: S311  # an invented world
    merged = {
        name: sorted((*part, *more.nodes[name]), key=lambda line: (line.time, line.id))
        for name, part in scenario.nodes.items()
    }
    return Plot(
        lines={name: [to_json_line(line) for line in part] for name, part in merged.items()},
        labels={**scenario.labels, **more.labels},
        raw_values=[*(canary.value for canary in scenario.canaries), *more.raw_values],
        thin_at=more.holders,
    )
