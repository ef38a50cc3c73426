"""Two nodes that match with each other: over loopback, or one's door called by the other without a socket."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.browser import served
from tests.fixtures import Made
from tests.joint_nodes import rename
from tocsin.app.match_asking import MATCH_PATH, Talk
from tocsin.app.match_results import Asked, Matched
from tocsin.kernel import Caller, Peer, PeerFault, PeerStatus, Role, User
from tocsin.web.server import create_app

PURPOSE = "refund swindle of November"


class Pair:
    """Harbour asks by its token, lighthouse answers; each trusts the other's key, and both agreed."""

    def __init__(self, folder: Path, now: datetime, port: int = 9, *, there: bool = False) -> None:
        """In a new folder, or in one where they are `there`; without a port the lighthouse never serves."""
        self.port = port
        self.harbour, self.lighthouse = (
            Made(folder / name, now, token="there" if there else "") for name in ("harbour", "lighthouse")
        )
        if not there:
            self._introduce()

    def _introduce(self) -> None:
        for made, name in ((self.harbour, "harbour"), (self.lighthouse, "lighthouse")):
            rename(made, name)
        for near, far in (self.both, self.both[::-1]):
            own, name = far.node.keys.identity, far.node.name
            near.node.store.peers.add(
                Peer(
                    name=name,
                    url=f"http://127.0.0.1:{self.port}",
                    status=PeerStatus.TRUSTED,
                    identity=own.stix_identity,
                    node_key=own.public,
                    allow_private=True,
                )
            )
            near.node.store.people.add_user(
                User(id=f"user_{name}", name=f"peer-{name}", roles=(Role.PEER,), created=0, peer=name)
            )
            near.node.access.add_user(near.node.access.operator(), "rita", (Role.REVIEWER,))
            self.agree(near, name)
        token = self.lighthouse.node.access.issue_token(
            self.lighthouse.node.access.operator(), "peer-harbour"
        )
        self.harbour.node.exchange.keep_credential(self.harbour.node.access.operator(), "lighthouse", token)

    @property
    def both(self) -> tuple[Made, Made]:
        return self.harbour, self.lighthouse

    @staticmethod
    def agree(near: Made, peer: str, **other: object) -> None:
        said = {
            "kinds": ("handle", "email", "band"),
            "questions": ("which", "how-many"),
            "reveals": ("client", "both"),
            "weekly": 1_000,
            "days": 30,
            "standing": True,
        } | other
        near.node.matching.agree(near.node.access.operator(), peer, **said)  # type: ignore[arg-type]

    @property
    def rita(self) -> Caller:
        """Who runs sessions at the harbour."""
        return self.harbour.node.access.operator("rita")

    @property
    def peer(self) -> Caller:
        """The harbour, as the lighthouse's door knows it."""
        return self.lighthouse.node.access.operator("peer-harbour")

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The lighthouse serves."""
        with served(create_app(self.lighthouse.node, jobs=False), self.port) as url:
            yield url

    def close(self) -> None:
        for made in self.both:
            made.node.close()


def handles(*numbers: int) -> list[bytes]:
    return [f"@Refund-{number}\n".encode() for number in numbers]


def keep(made: Made, kind: str, lines: list[bytes]) -> None:
    """What a node answers with."""
    folder = made.node.data / "match"
    folder.mkdir(exist_ok=True)
    (folder / f"{kind}.txt").write_bytes(b"".join(lines))


ASKED = Asked("handle", PURPOSE, lines=tuple(handles(*range(20))))
Spy = Callable[[int], None]


class Beside(Talk):
    """Talks to the lighthouse's service in this process, through whatever a test puts between."""

    def __init__(self, pair: Pair, between: Spy, twice: bool = False) -> None:
        super().__init__("lighthouse", lambda: None, sleep=lambda _: None)  # type: ignore[arg-type,return-value]
        self._pair = pair
        self._between = between
        self._twice = twice
        self.said: list[tuple[str, bytes]] = []

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        matching, peer = self._pair.lighthouse.node.matching, self._pair.peer
        if path.endswith("/ask"):
            return 204 if matching.ask(peer, body) else 202, b""
        self._between(len(self.said))
        session = path.removeprefix(f"{MATCH_PATH}/")
        self.said.append((session, body))
        name, _, offer = session.partition("/")
        answer = (matching.pledge if offer else matching.answer)(peer, name, body)
        if self._twice and self.said.count((session, body)) == 1:
            raise PeerFault(
                "lighthouse", "the connection to it failed"
            )  # after it was heard: the answer is lost
        return 200, answer


def held(
    pair: Pair, between: Spy = lambda _: None, *, twice: bool = False, asked: Asked = ASKED
) -> tuple[Matched, Beside]:
    talks: list[Beside] = []

    def talk(*_: object) -> Beside:
        talks.append(Beside(pair, between, twice))
        return talks[-1]

    return pair.harbour.node.matching.run(pair.rita, "lighthouse", asked, talk=talk), talks[0]
