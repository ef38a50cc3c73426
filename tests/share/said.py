"""A confirmed warning, and the records it becomes: what the tests of this room begin with."""

import random
from datetime import UTC, datetime

import msgspec

from tocsin.kernel import (
    TLP,
    Level,
    Origin,
    Peer,
    PeerStatus,
    Reason,
    Record,
    Review,
    RiskVector,
    Warning,
    WarningKind,
    WarningStatus,
    micros,
)
from tocsin.share import Standing, describe, describe_dismissal
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.signed_fields import Verified, sign, verify
from tocsin.wire.stix import canonical
from tocsin.wire.stix.labels import well_known
from tocsin.wire.stix.opinions import make_opinion, opinion_id

NOW = datetime(2026, 3, 5, 10, 20, 30, 123456, tzinfo=UTC)
DAY = 86_400_000_000
AUTHOR = NodeIdentity(b"\x01" * 32).stix_identity
OTHER = NodeIdentity(b"\x02" * 32).stix_identity
PURPOSE = "misuse-defence"

PEER = Peer(
    name="lab",
    url="https://lab.example",
    status=PeerStatus.TRUSTED,
    identity=OTHER,
    ceiling=TLP.GREEN,
    purposes=(PURPOSE,),
)
CANARIES = ("ps_0123456789abcdef0123456789abcdef", "evt-000123456", "wallet-9f8e7d", "a secret sentence")


def signature(seed: int = 1) -> bytes:
    """256 bytes that look like a signature."""
    return random.Random(seed).randbytes(256)


def warning(**changes: object) -> Warning:
    """A campaign whose every local detail is a canary."""
    plain = Warning(
        id="8f14e45f-ceea-5e6f-8f14-e45fceea5e6f",
        kind=WarningKind.CAMPAIGN,
        key=CANARIES[1],
        category="fraud.scam",
        actors=23,
        events=317,
        first_seen=micros(NOW) - 9 * DAY,
        last_seen=micros(NOW) - DAY // 3,
        score=5.5,
        threshold=4.0,
        confidence=80,
        risk=RiskVector(scale=Level.HIGH),
        reasons=(Reason("campaign.text", {"actor": CANARIES[0], "wallet": CANARIES[2]}),),
        refutations=(),
        status=WarningStatus.CONFIRMED,
        signature=signature(),
        shingle_count=200,
        samples=(CANARIES[1],),
    )
    return msgspec.structs.replace(plain, **changes)


def review(**changes: object) -> Review:
    """A confirmation, with a canary in what is not for peers."""
    plain = Review(
        warning=warning().id,
        by="user_00112233",
        at=micros(NOW) - 5_000_000,
        verdict=WarningStatus.CONFIRMED,
        category="fraud.scam",
        statement=CANARIES[3],
        basis="terms of use, section 4",
    )
    return msgspec.structs.replace(plain, **changes)


def confirmed(**changes: object) -> tuple[Record, ...]:
    """What a confirmed warning becomes."""
    return describe(warning(**changes), review(), author=AUTHOR, name="platform", tlp=TLP.GREEN, now=NOW)


def dismissed(**changes: object) -> tuple[Record, ...]:
    """What a dismissed warning becomes."""
    verdict = review(verdict=WarningStatus.DISMISSED, expires=micros(NOW) + 30 * DAY, **changes)
    return describe_dismissal(warning(), verdict, author=AUTHOR, name="platform", tlp=TLP.GREEN, now=NOW)


def judged(about: Record, opinion: str = "disagree") -> Record:
    """This node's opinion on a record, with words that are not for peers."""
    stix = make_opinion(
        about.id,
        opinion,
        author=AUTHOR,
        tlp=about.tlp,
        explanation=CANARIES[3],
        created=micros(NOW) - micros(NOW) % 1_000,
        modified=micros(NOW) - micros(NOW) % 1_000,
    )
    return msgspec.structs.replace(
        about,
        id=opinion_id(AUTHOR, about.id),
        type="opinion",
        stix=stix,
        version=micros(NOW) - micros(NOW) % 1_000,
    )


def of_type(records: tuple[Record, ...], kind: str) -> Record:
    """The first record of a type."""
    return next(record for record in records if record.type == kind)


def changed(record: Record, **properties: object) -> Record:
    """The record with properties of its object set, or taken away by None; its row as it was."""
    value = msgspec.json.decode(record.stix)
    value.update(properties)
    kept = {name: inner for name, inner in value.items() if inner is not None}
    return msgspec.structs.replace(record, stix=canonical(kept))


def with_basis(record: Record, basis: str) -> Record:
    """The record with another basis in its extension: what a person wrote for peers, the one free text."""
    extensions = msgspec.json.decode(record.stix)["extensions"]
    (only,) = extensions
    return changed(record, extensions={only: {**extensions[only], "basis": basis}})


def standing(**changes: object) -> Standing:
    """A trusted peer's standing."""
    return msgspec.structs.replace(Standing(peer=PEER, purpose=PURPOSE, now=micros(NOW)), **changes)


def signed(record: Record) -> Record:
    """The record signed by AUTHOR, field by field; as it is when that is not its author or everybody has it."""
    if record.author != AUTHOR or well_known(record.id) is not None:
        return record
    value = sign(msgspec.json.decode(record.stix), NodeIdentity(b"\x01" * 32), b"\x05" * 32)
    found = verify(value)
    assert isinstance(found, Verified)
    return msgspec.structs.replace(record, stix=canonical(value), root=found.root)


def foreign(record: Record, peer: str | None = "third") -> Record:
    """The same record as somebody else's."""
    return msgspec.structs.replace(record, origin=Origin.PEER if peer else Origin.IMPORT, peer=peer)
