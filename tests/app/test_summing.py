"""A week of sums between five nodes in one process: real stores, the real protocol, messages handed over in memory."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.correlate.worlds import NOW, World, sentence
from tocsin.app.node import Node
from tocsin.app.sum_gathering import BAND, Gathering
from tocsin.app.sum_keys import SumKeys
from tocsin.app.sum_purse import SumPurse
from tocsin.app.sum_state import Desk, Gathered, look_at
from tocsin.app.summing import Summing
from tocsin.correlate.summed import Candidate, candidates
from tocsin.kernel import (
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    Peer,
    PeerFault,
    PeerStatus,
    Unavailable,
    WarningKind,
    micros,
)
from tocsin.kernel.sums import Held
from tocsin.trust.matching.terms import epoch_of
from tocsin.trust.summing import value_of
from tocsin.trust.summing.messages import Boxed, encode

HOLDERS = ("platform", "lab", "institute")
ADDING = ("press-council", "university")
NAMES = (*HOLDERS, *ADDING)
TEXT = sentence(random.Random(11), 40)
VIRAL = sentence(random.Random(12), 40)
ROUNDS = 40


def town(seed: int, *, thin: bool = True) -> tuple[Candidate, ...]:
    """What a node has: a harmless crowd that all have, and a campaign of three accounts where it is `thin`."""
    world = World(seed).people(30).protest(12, text=VIRAL, new=0.8)
    if thin:
        world.campaign(3, text=TEXT, new=1.0, tags=(("wallet", "w-1"),), tagged=1.0, each=3, other=0)
    return candidates(world.window(), now_us=NOW + 1)


def gathered(found: tuple[Candidate, ...]) -> Gathered:
    """Bands and identifiers as `Gathering` makes them, with a wallet that reads the same everywhere."""
    held: dict[bytes, Held] = {}
    owners: dict[bytes, int] = {}
    for at, one in enumerate(found):
        identifiers = tuple(value_of(shown.type, b"w-1") if shown else b"" for shown in one.identifiers)
        for band in one.bands:
            held[value_of(BAND, band)] = Held(one.counts, identifiers)
            owners[value_of(BAND, band)] = at
    return Gathered(held, owners, found)


class Side:
    """One node: its store and key store, and a service that can be begun anew."""

    def __init__(self, hall: "Hall", name: str, node: Node, found: tuple[Candidate, ...]) -> None:
        self.hall, self.name, self.found = hall, name, found
        self.me = f"identity--{name}"
        self.open(node)

    def open(self, node: Node) -> None:
        self.node, hall, found = node, self.hall, self.found
        self.gathering = Gathering(
            node.store, node.keys, node.access, node.exclusions, hall.clock, lambda: found
        )
        self.keys = SumKeys(node.keys.day_keys)
        self.summing = self.made()

    def made(self) -> Summing:
        return Summing(
            self.node.store, self.node.access, self.keys, self.me, self.hall.clock, self.desk, self.send
        )

    def begin(self) -> None:
        """A process of its own, which knows what lies in the store and nothing else."""
        self.summing.release()
        self.summing = self.made()

    def desk(self) -> Desk:
        return Desk(
            self.me,
            self.node.store.sums,
            self.keys,
            self.hall.clock,
            lambda: gathered(self.found),
            self.gathering.rang,
            self.gathering.note,
            SumPurse(self.node.counting.ledger, self.hall.clock),
        )

    def send(self, to: str, epoch: int, kind: str, body: bytes) -> None:
        """Over HTTP a refusal comes back as a status: what is final is told as such."""
        other = self.hall.sides[to.removeprefix("identity--")]
        if other.name in self.hall.down:
            raise PeerFault(other.name, "does not answer")
        self.hall.sent.append((self.name, other.name, kind))
        if (self.name, other.name, kind) in self.hall.lost:
            return
        other.summing.take(self.me, epoch, kind, body)

    def agree(self, **changes: int) -> None:
        def named(names: tuple[str, ...]) -> list[str]:
            return ["" if one == self.name else one for one in names]

        until = micros(self.hall.now + timedelta(days=30))
        self.summing.agree(self.node.access.operator(), named(HOLDERS), named(ADDING), until, **changes)

    def rang(self) -> list[str]:
        return [one.key for one in self.node.store.warnings.list(kind=WarningKind.SUM)]


def entered(side: Side) -> set[str]:
    """Acts of sums that lie in a node's log, or wait for their place in it."""
    side.node.transparency_log.tick()
    return {one.kind for one in side.node.store.log.entries() if one.kind.startswith("sum.")}


class Hall:
    def __init__(self, folder: Path, prepared: Path, now: datetime) -> None:
        self.now = now
        self.down: set[str] = set()
        self.lost: set[tuple[str, str, str]] = set()
        self.sent: list[tuple[str, str, str]] = []
        self.sides: dict[str, Side] = {}
        for seed, name in enumerate(NAMES, 1):
            node = Node(shutil.copytree(prepared, folder / name), clock=self.clock)
            for other in NAMES:
                if other != name:
                    node.store.peers.add(
                        Peer(other, "http://x.example", PeerStatus.TRUSTED, bytes(32), f"identity--{other}")
                    )
            found = town(seed, thin=name != "institute") if name in HOLDERS else ()
            self.sides[name] = Side(self, name, node, found)

    def clock(self) -> datetime:
        return self.now

    def agree(self, *names: str) -> None:
        for name in names or NAMES:
            self.sides[name].agree()

    def look(self) -> None:
        for name in HOLDERS:
            self.sides[name].summing.look(self.sides[name].node.access.operator())

    def go_on(self, until: Callable[[], bool]) -> None:
        """Turns until something is so, in a shuffled order; time passes, so that what failed is sent again."""
        order = random.Random(1)
        for _ in range(ROUNDS):
            if until():
                return
            for name in order.sample(NAMES, len(NAMES)):
                if name not in self.down:
                    self.sides[name].summing.tick()
            self.now += timedelta(seconds=31)
        raise AssertionError("it does not go on")

    def answered(self, *names: str) -> bool:
        """Whether these have had an answer to a look."""
        return all(
            self.sides[name].node.store.audit.read(act="sum.heard", limit=1) for name in names or HOLDERS
        )

    def made(self) -> bool:
        return all(
            self.sides[name].summing.status(self.sides[name].node.access.operator()).stage == "looking"
            for name in NAMES
        )


@pytest.fixture
def hall(tmp_path: Path, prepared: tuple[Path, str], now: datetime) -> Iterator[Hall]:
    hall = Hall(tmp_path, prepared[0], now)
    yield hall
    for side in hall.sides.values():
        side.node.close()


def test_what_no_node_hears_alone_those_who_hold_it_hear_together(hall: Hall) -> None:
    """And nobody else hears anything, nor of the harmless crowd that all of them hold."""
    hall.agree()
    hall.look()
    hall.go_on(hall.answered)
    for name in ("platform", "lab"):
        side = hall.sides[name]
        (warning,) = side.node.store.warnings.list(kind=WarningKind.SUM)
        assert warning.key == side.found[0].warning.key
        assert warning.reasons[0].code == "sum.rang"
        assert warning.reasons[0].values == {"nodes": 3, "holders": 2}
        assert warning.actors == 3, "it says what this node knows, and not what others do"
    assert hall.sides["institute"].found
    assert hall.sides["institute"].rang() == []
    status = hall.sides["lab"].summing.status(hall.sides["lab"].node.access.operator())
    assert status.answers[0].warnings
    assert status.looks_done
    assert not any(mail.body for mail in status.left if mail.sent)
    assert {(one, other) for one, other, kind in hall.sent if kind == "submission"} == {
        (one, other) for one in HOLDERS for other in ADDING
    }
    took_part = {"sum.agree", "sum.epoch", "sum.look", "sum.submit", "sum.heard"}
    assert entered(hall.sides["lab"]) == took_part
    assert entered(hall.sides["university"]) == {"sum.agree", "sum.epoch", "sum.added"}
    agreed = {side.node.store.audit.read(act="sum.agree")[0].subject for side in hall.sides.values()}
    assert len(agreed) == 1, "all logs name the same terms"


def test_a_node_that_is_down_delays_and_one_that_starts_anew_goes_on(hall: Hall) -> None:
    hall.agree()
    hall.down.add("lab")
    with pytest.raises(AssertionError, match="does not go on"):
        hall.go_on(hall.made)
    hall.down.clear()
    hall.go_on(lambda: hall.sides["platform"].summing._now is not None)
    for name in ("platform", "university"):
        hall.sides[name].begin()  # in the midst of the making of the key, or before it
    hall.go_on(hall.made)
    hall.look()
    hall.sides["platform"].summing.tick()
    hall.sides["press-council"].begin()
    hall.sides["lab"].begin()
    hall.go_on(hall.answered)
    assert hall.sides["platform"].rang()
    assert hall.sides["lab"].rang()


def test_a_look_that_was_closed_stays_closed_after_a_restart(hall: Hall) -> None:
    """Else the other aggregator hears the sums twice, and takes one from the other: the latecomer's counts are left."""
    hall.agree()
    hall.go_on(hall.made)
    hall.look()
    hall.down.update(ADDING)
    hall.go_on(lambda: all(_submission(hall, name) for name in HOLDERS))
    late = _submission(hall, "institute")
    assert late is not None
    press, epoch = hall.sides["press-council"], epoch_of(hall.now)
    for name in ("platform", "lab"):
        body = _submission(hall, name)
        assert body is not None
        press.summing.take(f"identity--{name}", epoch, "submission", body)
    hall.now += timedelta(days=1)
    assert epoch_of(hall.now) == epoch
    press.summing.tick()
    assert [one.kind for one in press.node.store.sums.mail(limit=1)] == ["roll"]
    press.begin()
    with pytest.raises(Conflict, match="closed"):
        press.summing.take("identity--institute", epoch, "submission", late)


def test_a_submission_for_a_look_to_come_is_not_kept(hall: Hall) -> None:
    hall.agree()
    hall.go_on(hall.made)
    press, epoch = hall.sides["press-council"], epoch_of(hall.now)
    kept = press.desk().load(epoch)
    assert kept is not None
    roster = kept[0].roster
    assert roster is not None
    far = encode(Boxed(roster=roster.digest, look=look_at(roster, micros(hall.now)) + 2, box=bytes(48)))
    with pytest.raises(Unavailable, match="to come"):
        press.summing.take("identity--lab", epoch, "submission", far)
    assert press.node.store.sums.heard(epoch) == ()


def test_an_aggregator_that_was_silent_at_one_look_is_heard_at_the_next(hall: Hall) -> None:
    hall.agree()
    hall.lost.add(("university", "lab", "bits"))
    hall.look()
    hall.go_on(lambda: ("university", "lab", "bits") in hall.sent)
    assert not hall.answered("lab")
    hall.lost.clear()
    hall.now += timedelta(days=1)
    hall.look()
    hall.go_on(lambda: hall.answered("lab"))
    assert hall.sides["lab"].rang()


def _submission(hall: Hall, name: str) -> bytes | None:
    """What a node would give the one aggregator, while that does not answer."""
    mail = hall.sides[name].node.store.sums.mail()
    waiting = (one for one in mail if one.kind == "submission" and one.peer == "identity--press-council")
    return next((one.body for one in waiting if not one.sent), None)


def test_without_consent_nothing_is_taken_and_other_terms_do_not_meet(hall: Hall) -> None:
    hall.agree("platform")
    epoch = epoch_of(hall.now)
    with pytest.raises(NotAllowed):
        hall.sides["lab"].summing.take("identity--platform", epoch, "hello", b"")
    hall.sides["lab"].agree(looks=14)
    for name in ("platform", "lab"):
        hall.sides[name].summing.tick()
    assert not hall.sides["platform"].summing.status(hall.sides["platform"].node.access.operator()).looks_done
    assert hall.sides["platform"].node.store.sums.due(micros(hall.now + timedelta(hours=1)))
    with pytest.raises(NotAllowed):
        hall.sides["lab"].summing.take("identity--stranger", epoch, "hello", b"")
    with pytest.raises(Conflict):
        hall.sides["lab"].summing.take("identity--platform", epoch - 1, "hello", b"")
    for kind in ("hello", "making", "submission", "nonsense"):
        with pytest.raises((BadInput, Unavailable)):
            hall.sides["lab"].summing.take("identity--platform", epoch, kind, b"\xc1")


def test_consent_that_is_taken_back_ends_the_week_at_once_and_a_stopped_log_holds_it(hall: Hall) -> None:
    hall.agree()
    hall.go_on(hall.made)
    lab, epoch = hall.sides["lab"], epoch_of(hall.now)
    lab.keys.opened(epoch)
    lab.summing.withdraw(lab.node.access.operator())
    with pytest.raises(NotFound):
        lab.keys.opened(epoch)
    lab.summing.tick()
    assert lab.node.store.sums.epochs() == ()
    with pytest.raises(NotAllowed):
        lab.summing.take("identity--platform", epoch, "hello", b"")
    with pytest.raises(NotFound):
        lab.summing.withdraw(lab.node.access.operator())
    press = hall.sides["press-council"]
    press.node.store.log.stop("a peer has seen more")
    hall.sent.clear()
    press.summing.tick()
    assert hall.sent == []
    with pytest.raises(NotAllowed, match="log is stopped"):
        press.summing.take("identity--platform", epoch, "hello", b"")


def test_a_week_ends_with_its_key(hall: Hall) -> None:
    hall.agree()
    hall.go_on(hall.made)
    lab, epoch = hall.sides["lab"], epoch_of(hall.now)
    hall.now += timedelta(days=7)
    lab.summing.tick()
    with pytest.raises(NotFound):
        lab.keys.opened(epoch)
    assert lab.node.store.sums.epochs() == (epoch + 1,)


def test_who_may_agree_and_to_what(hall: Hall) -> None:
    lab = hall.sides["lab"]
    by, until = lab.node.access.operator(), micros(hall.now + timedelta(days=30))
    with pytest.raises(BadInput, match="two nodes alone"):
        lab.summing.agree(by, ["", "platform"], ADDING, until)
    with pytest.raises(BadInput, match="two different"):
        lab.summing.agree(by, ["", "platform", "institute"], ["university"], until)
    with pytest.raises(BadInput, match="this node"):
        lab.summing.agree(by, ["university", "platform", "institute"], ["press-council", "platform"], until)
    with pytest.raises(BadInput, match="within"):
        lab.summing.agree(by, ["", "platform", "institute"], ADDING, until + 400 * 86_400_000_000)
    with pytest.raises(NotFound):
        lab.summing.agree(by, ["", "platform", "nobody"], ADDING, until)
    peer = lab.node.store.peers.get("platform")
    assert peer is not None
    lab.node.store.peers.replace(msgspec.structs.replace(peer, status=PeerStatus.ADDED))
    with pytest.raises(NotAllowed, match="not trusted"):
        lab.summing.agree(by, ["", "platform", "institute"], ADDING, until)
    with pytest.raises(Conflict):
        lab.summing.look(by)
