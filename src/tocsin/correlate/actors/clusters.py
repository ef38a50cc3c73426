"""Clusters: the connected parts of the graph of warned accounts and the identifiers that bind them, and their parts.

Components and communities are networkx's; nodes and edges go in by name, so that the same events give the same
clusters in whatever order they came. An account that no warning speaks of enters the picture in one case only: it
ties together what would otherwise be apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from tocsin.correlate.actors.forms import facts_of
from tocsin.correlate.actors.judging import judged, of_people
from tocsin.correlate.actors.profiles import Profile
from tocsin.correlate.actors.ties import Tie
from tocsin.correlate.actors.traits import Traits
from tocsin.kernel import Warning

if TYPE_CHECKING:
    import networkx as nx

MAX_BRIDGES = 200
"""Accounts from outside the warning that are drawn in; those that tie most come first."""

SEED = 20260401
"""Of the Louvain method's choices, so that a picture is the same twice."""


class Account(msgspec.Struct, frozen=True):
    """One account of a cluster under its pseudonym. `warned`: the warning speaks of it; `part` is its community."""

    name: str
    warned: bool
    events: int
    part: int


class Cluster(msgspec.Struct, frozen=True):
    """Accounts tied by what few others use; the ties, heaviest first; the profile."""

    accounts: tuple[Account, ...]
    ties: tuple[Tie, ...]
    profile: Profile
    parts: int

    @property
    def warned(self) -> int:
        return sum(account.warned for account in self.accounts)

    @property
    def linked(self) -> int:
        """Accounts from outside the warning."""
        return len(self.accounts) - self.warned


class Picture(msgspec.Struct, frozen=True):
    """Everything that one look at a warning's accounts shows. `alone` of the `found` accounts are in no cluster."""

    clusters: tuple[Cluster, ...]
    found: int
    alone: int
    people: Profile | None
    """Of those that are alone; None where there are none."""


def picture_of(warning: Warning, traits: Mapping[str, Traits], ties: Sequence[Tie]) -> Picture:
    """The clusters among a warning's accounts (`traits`), the largest first."""
    import networkx as nx

    binding = [tie for tie in ties if tie.binds]
    graph: nx.Graph[object] = nx.Graph()
    graph.add_nodes_from(sorted(traits))
    _join(graph, binding, {tie.key: tie.warned for tie in binding})
    bridges = _bridges(graph, binding)
    graph.add_nodes_from(bridges)
    _join(graph, binding, {tie.key: [name for name in tie.others if name in bridges] for tie in binding})
    parts = [
        sorted(node for node in part if isinstance(node, str)) for part in nx.connected_components(graph)
    ]
    tied = sorted((names for names in parts if len(names) > 1), key=lambda names: (-len(names), names[0]))
    clusters = tuple(_cluster(warning, graph, names, ties, traits) for names in tied)
    alone = len(traits) - sum(cluster.warned for cluster in clusters)
    return Picture(
        clusters=clusters,
        found=len(traits),
        alone=alone,
        people=of_people(alone) if alone else None,
    )


def _join(
    graph: "nx.Graph[object]", ties: Sequence[Tie], holders: Mapping[tuple[str, str], Sequence[str]]
) -> None:
    """Accounts hang on the identifier that they share: a clique of a thousand would have half a million edges."""
    for tie in sorted(ties, key=lambda tie: tie.key):
        graph.add_weighted_edges_from((name, tie.key, tie.weight) for name in holders[tie.key])


def _bridges(graph: "nx.Graph[object]", ties: Sequence[Tie]) -> frozenset[str]:
    """Accounts outside the warning that join what is apart without them."""
    import networkx as nx

    part_of = {node: at for at, part in enumerate(nx.connected_components(graph)) for node in part}
    reached: dict[str, set[int]] = {}
    for tie in ties:
        for name in tie.others:
            reached.setdefault(name, set()).add(part_of[tie.key])
    joining = sorted(
        (name for name, parts in reached.items() if len(parts) > 1),
        key=lambda name: (-len(reached[name]), name),
    )
    return frozenset(joining[:MAX_BRIDGES])


def _cluster(
    warning: Warning,
    graph: "nx.Graph[object]",
    names: Sequence[str],
    ties: Sequence[Tie],
    traits: Mapping[str, Traits],
) -> Cluster:
    inside = frozenset(names)
    own = tuple(_held_by_two(ties, inside))
    parts = _communities(graph, names, own)
    part_of = {name: at for at, part in enumerate(parts) for name in part}
    accounts = tuple(
        Account(
            name=name,
            warned=name in traits,
            events=traits[name].events if name in traits else 0,
            part=part_of[name],
        )
        for name in names
    )
    warned = [name for name in names if name in traits]
    return Cluster(
        accounts=accounts,
        ties=own,
        profile=judged(warning, facts_of(warned, own, traits), own),
        parts=len(parts),
    )


def _held_by_two(ties: Sequence[Tie], inside: frozenset[str]) -> Iterator[Tie]:
    """The ties that at least two of these accounts hold, as they are seen from inside."""
    for tie in ties:
        warned = tuple(name for name in tie.warned if name in inside)
        others = tuple(name for name in tie.others if name in inside)
        if len(warned) + len(others) > 1:
            outside = tie.elsewhere + len(tie.warned) - len(warned) - len(others)
            yield msgspec.structs.replace(tie, warned=warned, others=others, elsewhere=outside)


def _communities(graph: "nx.Graph[object]", names: Sequence[str], ties: Sequence[Tie]) -> list[list[str]]:
    """Parts of a cluster that hang together more closely (Louvain: Blondel et al. 2008), the largest first."""
    import networkx as nx

    nodes = [*names, *(tie.key for tie in sorted(ties, key=lambda tie: tie.key) if tie.binds)]
    # Rebuilt in order: a subgraph keeps the order of a set, and Louvain's outcome depends on it.
    ordered: nx.Graph[object] = nx.Graph()
    ordered.add_nodes_from(nodes)
    ordered.add_weighted_edges_from(
        (node, near, graph.edges[node, near]["weight"])
        for node in nodes
        if not isinstance(node, str)
        for near in sorted(near for near in graph[node] if isinstance(near, str))
    )
    found = nx.community.louvain_communities(ordered, seed=SEED)
    parts = [sorted(node for node in part if isinstance(node, str)) for part in found]
    return sorted((part for part in parts if part), key=lambda part: (-len(part), part[0]))
