"""Nodes that count together: with real stores, ledgers and key stores, over loopback or handed over in memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tests.browser import served
from tests.fixtures import Made
from tests.joint_nodes import introduce, rename
from tests.nodes import free_port
from tocsin.app.count_ledger import CountLedger
from tocsin.app.distinct_services import distinct_counts_of
from tocsin.app.node import Node
from tocsin.kernel import Caller, EventLine, Kind, Observable, ObservableType, PeerFault, Role, User
from tocsin.store.distinct_interface import DistinctCount
from tocsin.web.server import create_app

NAMES = ("ash", "birch", "cedar")
SETS = {"ash": range(30), "birch": range(20, 50), "cedar": range(25, 60)}
"""Held by one: 0-19, 50-59; by two: 20-24, 30-49; by all three: 25-29."""

WEEK = "2026-W46"
SEEN = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PURPOSE = "refund campaigns of the autumn"
ROUNDS = 40


def no_noise(values: Sequence[int], bound: int, cost: int) -> tuple[int, ...]:
    return tuple(values)


class Side:
    """One node, and its service begun anew where a test wants that."""

    def __init__(self, hall: "Hall", made: Made) -> None:
        self.hall, self.made, self.node = hall, made, made.node
        self.name = made.node.name
        self.begin()

    def open(self) -> None:
        """A node that was closed."""
        self.node = self.made.node = Node(self.node.data, clock=self.made.clock)
        self.begin()

    def begin(self) -> None:
        """As a process begins: it knows what lies in the store, and nothing else."""
        if "distinct_counts" in vars(self.node):
            self.node.distinct_counts.release()
            del self.node.distinct_counts
        self.node.distinct_counts = self.counts = distinct_counts_of(self.node)
        self.counts.running._noise = no_noise
        if self.hall.in_memory:
            self.counts.running._outbox._send = self.send

    @property
    def by(self) -> Caller:
        return self.node.access.operator()

    @property
    def ledger(self) -> CountLedger:
        return self.node.counting.ledger

    @property
    def me(self) -> str:
        return self.node.keys.identity.stix_identity

    def send(self, to: str, session: str, kind: str, body: bytes) -> None:
        other = next(one for one in self.hall.sides.values() if one.me == to)
        if other.name in self.hall.down:
            raise PeerFault(other.name, "does not answer")
        body = self.hall.between(self.name, other.name, kind, body)
        other.counts.take(self.me, session, kind, body)

    def agree(self, *peers: str, epsilon: float = 8.0, kinds: Sequence[str] = ("handle",)) -> None:
        for peer in peers:
            self.counts.agree(self.by, peer, kinds=kinds, epsilon=epsilon, days=30)

    def propose(self, **changed: object) -> str:
        given: dict[str, object] = {
            "kind": "handle",
            "purpose": PURPOSE,
            "epsilon": 4.0,
            "week": WEEK,
            "capacity": 140,
        }
        peers = [name for name in self.hall.sides if name != self.name]
        return self.counts.propose(self.by, peers, **given | changed).session  # type: ignore[arg-type]

    def count(self, session: str) -> DistinctCount:
        return self.counts.count(self.by, session)

    def state(self, session: str) -> str:
        """Empty where it is not known here yet."""
        found = self.node.store.distinct.count(session)
        return found.state.value if found else ""


class Hall:
    def __init__(self, folder: Path, *, in_memory: bool = True) -> None:
        """Of nodes that lie in a folder (`furnish`)."""
        self.in_memory = in_memory
        self.down: set[str] = set()
        self.between: Callable[[str, str, str, bytes], bytes] = lambda near, far, kind, body: body
        self.now = NOW
        made = {name: Made(folder / name, NOW, token="there") for name in NAMES}
        self.sides = {name: Side(self, one) for name, one in made.items()}

    def later(self, **by: float) -> None:
        for side in self.sides.values():
            side.made.now += timedelta(**by)

    def turn(self) -> None:
        for name, side in self.sides.items():
            if name not in self.down:
                side.counts.tick()
        self.later(seconds=1)

    def go_on(self, until: Callable[[], bool]) -> None:
        for _ in range(ROUNDS):
            if until():
                return
            self.turn()
        raise AssertionError("it does not go on")

    def over(self, session: str, *names: str) -> Callable[[], bool]:
        return lambda: all(self.sides[name].state(session) in ("done", "ended") for name in names or NAMES)

    @contextmanager
    def serving(self) -> Iterator[list[str]]:
        """All over loopback, by signed requests; gives their addresses."""
        urls = []
        with ExitStack() as stack:
            for side in self.sides.values():
                port = free_port()
                urls.append(stack.enter_context(served(create_app(side.node, jobs=False), port)))
                for other in self.sides.values():
                    if other is not side:
                        peer = other.node.store.peers.get(side.name)
                        assert peer is not None
                        url = f"http://127.0.0.1:{port}"
                        other.node.store.peers.replace(
                            msgspec.structs.replace(peer, url=url, allow_private=True)
                        )
            yield urls

    def close(self) -> None:
        for side in self.sides.values():
            side.node.close()


def furnish(folder: Path) -> Path:
    """Three nodes that trust each other, each with its accounts of a week."""
    made = [Made(folder / name, NOW) for name in NAMES]
    for one, name in zip(made, NAMES, strict=True):
        rename(one, name)
    for near in made:
        for far in made:
            if far is not near:
                introduce(near, far)
                near.node.store.people.add_user(
                    User(
                        id=f"user_{far.node.name}",
                        name=f"peer-{far.node.name}",
                        roles=(Role.PEER,),
                        created=0,
                        peer=far.node.name,
                    )
                )
        near.node.acceptor.accept(seen(SETS[near.node.name]))
    for one in made:
        one.node.close()
    return folder


def seen(numbers: range, at: datetime = SEEN) -> list[EventLine]:
    return [
        EventLine(
            id=f"event-{number}-{at.day}",
            time=at,
            source="forum",
            kind=Kind.POST,
            actor=f"actor-{number}",
            text="Your lottery refund is ready.",
            observables=(Observable(ObservableType.HANDLE, f"refund-{number}"),),
        )
        for number in numbers
    ]
