"""Nodes that are parties of a joint case: real ones, which trust each other and release through their gates."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from tests.fixtures import Made
from tocsin.app.cases import NewCase
from tocsin.app.joint_cases import Terms
from tocsin.ingest.foreign import foreign_record
from tocsin.ingest.known_keys import KnownKeys
from tocsin.kernel import (
    TLP,
    Caller,
    EvidenceStatus,
    Manifest,
    Means,
    Origin,
    Peer,
    PeerStatus,
    Role,
    micros,
)
from tocsin.kernel.cases import Case, CaseFlag, CaseOrigin, CaseWords, Urgency
from tocsin.kernel.disposing import Measure
from tocsin.kernel.joint_cases import Fact, JointMessage, JointRule, Part
from tocsin.share.describe_joint import message_in
from tocsin.store.interface import ReleaseFilter
from tocsin.wire.stix import parse

PURPOSE = "misuse-defence"
DAY = 86_400_000_000
SEALED = CaseWords(
    title="A lottery letter to pensioners",
    what="Somebody using the handle LuckyKite wrote that the prize is released once a fee is paid.",
    where="kitelottery.example",
    notes=("Ingrid at the desk spoke to the reporter on the telephone.",),
)
REVIEWERS = ("ingrid", "tomas")


def people(made: Made, *names: str) -> tuple[Caller, ...]:
    """Reviewers of a node who are there; made on the way where they are not."""
    known = {user.name for user in made.node.store.people.users()}
    for name in names:
        if name not in known:
            made.node.access.add_user(made.node.access.operator(), name, (Role.ANALYST, Role.REVIEWER))
    found = (made.node.access.operator(name) for name in names)
    return tuple(msgspec.structs.replace(one, means=Means.SESSION, mfa=True) for one in found)


def reviewer(made: Made) -> Caller:
    return people(made, *REVIEWERS)[0]


def introduce(near: Made, far: Made, *, ceiling: TLP = TLP.AMBER_STRICT, url: str = "") -> None:
    """`far` is a trusted peer of `near`, whose operator compared its key."""
    own = far.node.keys.identity
    near.node.store.peers.add(
        Peer(
            name=far.node.name,
            url=url or f"https://{far.node.name}.example",
            status=PeerStatus.TRUSTED,
            identity=own.stix_identity,
            node_key=own.public,
            ceiling=ceiling,
            purposes=(PURPOSE,),
        )
    )


@contextmanager
def nodes(folder: Path, now: datetime, *names: str) -> Iterator[tuple[Made, ...]]:
    """Nodes of these names, each a trusted peer of each other one."""
    with ExitStack() as stack:
        made = []
        for name in names:
            one = Made(folder / name, now)
            stack.callback(one.node.close)
            rename(one, name)
            made.append(one)
        for near in made:
            for far in made:
                if near is not far:
                    introduce(near, far)
        yield tuple(made)


def rename(made: Made, name: str) -> None:
    """Call the node so, as `tocsin init --name` would have."""
    from tocsin.app.node import Node

    file = made.node.data / "settings.toml"
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("name = ")]
    made.node.close()
    file.write_text("\n".join([f'name = "{name}"', *lines]) + "\n", "utf-8")
    made.node = Node(made.node.data, clock=made.clock)


def a_case(made: Made, *flags: CaseFlag, queue: str | None = None) -> Case:
    """A case of a lottery letter, triaged."""
    by = reviewer(made)
    new = NewCase(origin=CaseOrigin.OWN, words=SEALED, flags=flags, queue=queue, category="fraud.scam")
    case = made.node.cases.open(None if flags else by, new)
    if flags:
        return case
    made.node.cases.claim(by, case.id)
    return made.node.cases.triage(
        by, case.id, category="fraud.scam", urgency=Urgency.NORMAL, reasons="It asks for a fee."
    )


def terms(made: Made) -> Terms:
    return Terms(purpose="Lottery letters on several platforms.", until=micros(made.now) + 30 * DAY)


def opened(made: Made, rule: JointRule, *peers: str) -> tuple[Case, str]:
    """A case, and the id of the joint case to which these peers are invited about it."""
    case = a_case(made)
    state = made.node.joint_cases.open(reviewer(made), case.id, peers, rule, terms(made))
    return case, state.id


def fact(statement: str = "Forty accounts sent near-duplicates of one letter.") -> Fact:
    return Fact(
        statement=statement,
        evidence=EvidenceStatus.OBSERVED,
        confidence=70,
        basis="Two reviewers read their own samples.",
    )


def part(party: str, measure: Measure = Measure.VISIBILITY_LABELLED) -> Part:
    return Part(party=party, measures=[measure])


def release(near: Made, far: str) -> Manifest:
    """What the preview shows leaves to a peer, once two people approved it; an empty one needs nobody."""
    by = people(near, *REVIEWERS)
    exchange = near.node.exchange
    shown = exchange.publishing.considered(by[0], far, PURPOSE)
    if shown.asks and shown.manifest.released:
        for one in by:
            exchange.publishing.approve(one, shown.manifest.digest)
    if not shown.manifest.released:
        return shown.manifest
    return exchange.publishing.publish(by[0], far, PURPOSE, shown.manifest.digest)


def wire(near: Made, far: str) -> tuple[bytes, ...]:
    """The very bytes that a peer may fetch."""
    wanted = ReleaseFilter(limit=10_000, versions=("all",))
    return tuple(row.stix for row in near.node.store.releases.page(far, wanted, ceiling=TLP.RED).rows)


def post(near: Made, far: Made) -> Manifest:
    """Release to a peer, which takes in what it may fetch, as a pull does."""
    manifest = release(near, far.node.name)
    now = micros(far.now)
    keys = KnownKeys(far.node.store, now)
    records = [
        foreign_record(
            parse(data), origin=Origin.PEER, peer=near.node.name, received=now, data=data, keys=keys
        )
        for data in wire(near, far.node.name)
    ]
    far.node.store.records.put([one for one in records if one.author != far.node.keys.identity.stix_identity])
    return manifest


def meet(*made: Made) -> None:
    """Everybody hears everybody."""
    for near in made:
        for far in made:
            if near is not far:
                post(near, far)


def messages(made: Made) -> tuple[JointMessage, ...]:
    found = (message_in(one) for one in made.node.store.records.list(types=("note",)))
    return tuple(one for one in found if one is not None)
