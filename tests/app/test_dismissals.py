"""What arrives from peers takes effect at the next tick: dismissals, revocations, indicators; and own withdrawals."""

import json
from datetime import timedelta

import msgspec
import pytest

from tests.app.test_watch import dated, take
from tests.fixtures import Made
from tocsin.app.heard import Heard
from tocsin.app.settings import DismisserSetting
from tocsin.app.watch import NOT_COUNTED
from tocsin.ingest.foreign import foreign_record
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    Conflict,
    EvidenceStatus,
    Fingerprint,
    NotAllowed,
    Origin,
    Peer,
    PeerStatus,
    Record,
    Role,
    Warning,
    WarningStatus,
    micros,
)
from tocsin.share import dismissals_from
from tocsin.trust.identity import NodeIdentity
from tocsin.wire.stix import make_dismissal, make_indicator

DAY = 86_400_000_000
PEERS = ("lab", "platform", "institute")
NUMBERS = dict(zip(PEERS, range(2, 5), strict=True))


def identity(peer: str) -> str:
    return NodeIdentity(bytes([NUMBERS[peer]]) * 32).stix_identity


def name_peers(made: Made, status: PeerStatus = PeerStatus.TRUSTED) -> None:
    for name in PEERS:
        made.node.store.peers.add(
            Peer(name=name, url=f"https://{name}.example", status=status, identity=identity(name))
        )


def soft(made: Made, disguised: int = 4) -> Warning:
    """A campaign without shared identifiers; more accounts in disguise are more evidence, none of it conduct."""
    rows = [json.loads(line) for line in dated(made).splitlines()]
    left = disguised
    for row in rows:
        if row.pop("observables", None) and left:
            left -= 1
            for plain, alike in (
                ("refund", "r\u0435fund"),
                ("lottery", "l\u043ettery"),
                ("desk", "d\u0435sk"),
            ):
                row["text"] = row["text"].replace(plain, alike)
    take(made, "\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    (found,) = made.node.watch.tick()
    assert found.status is WarningStatus.OPEN
    return found


def prints(warning: Warning) -> Fingerprint:
    assert warning.signature is not None
    return Fingerprint(warning.signature, max(warning.shingle_count, 60))


def dismissal(
    made: Made, warning: Warning, peer: str, *, later: int = 0, revoked: bool = False, days: int = 30
) -> Record:
    """What a peer says of this template; `later` versions in seconds."""
    at = micros(made.now) - 3_600_000_000
    item = make_dismissal(
        prints(warning),
        author=identity(peer),
        tlp=TLP.GREEN,
        category=warning.category,
        reason="a raffle that the town library announced",
        created=at,
        modified=at + later * 1_000_000,
        expires=at + days * DAY,
        revoked=revoked,
    )
    return foreign_record(item, origin=Origin.PEER, peer=peer, received=micros(made.now))


def status(made: Made, warning: Warning) -> WarningStatus:
    """After one tick."""
    made.node.watch.tick()
    kept = made.node.store.warnings.get(warning.id)
    assert kept is not None
    return kept.status


def last_reason(made: Made, warning: Warning) -> str:
    kept = made.node.store.warnings.get(warning.id)
    assert kept is not None
    return kept.reasons[-1].code


def test_a_peers_dismissal_counts_at_the_next_tick_and_so_does_its_revocation(made: Made) -> None:
    name_peers(made)
    found = soft(made)
    made.node.store.records.put([dismissal(made, found, "lab")])
    assert status(made, found) is WarningStatus.QUIETED
    assert last_reason(made, found) == "dismissed.peers"
    made.node.store.records.put([dismissal(made, found, "lab", later=5, revoked=True)])
    assert status(made, found) is WarningStatus.OPEN
    assert not last_reason(made, found).startswith("dismissed.")


def test_a_revocation_reaches_what_left_the_window_too(made: Made) -> None:
    name_peers(made)
    found = soft(made)
    made.node.store.records.put([dismissal(made, found, "lab", days=170)])
    assert status(made, found) is WarningStatus.QUIETED
    made.now += timedelta(days=60)
    assert status(made, found) is WarningStatus.QUIETED, "nothing new, and the dismissal is in force"
    made.node.store.records.put([dismissal(made, found, "lab", later=9, revoked=True)])
    assert status(made, found) is WarningStatus.OPEN


def test_a_dismissal_ends_by_itself(made: Made) -> None:
    name_peers(made)
    found = soft(made)
    made.node.store.records.put([dismissal(made, found, "lab", days=3)])
    assert status(made, found) is WarningStatus.QUIETED
    made.now += timedelta(days=4)
    made.node.store.records.put([dismissal(made, found, "platform", days=0)])  # news, and itself over already
    assert status(made, found) is WarningStatus.OPEN


def test_above_the_margin_two_organisations_are_needed(made: Made) -> None:
    name_peers(made)
    found = soft(made, disguised=10)
    made.node.store.records.put([dismissal(made, found, "lab")])
    assert status(made, found) is WarningStatus.OPEN
    assert last_reason(made, found) == "dismissed.few"
    made.node.store.records.put([dismissal(made, found, "institute")])
    assert status(made, found) is WarningStatus.QUIETED
    roof = {name: DismisserSetting(organisation="acme") for name in ("lab", "institute")}
    settings = msgspec.structs.replace(made.node.settings, dismissers=roof)
    heard = Heard(made.node.store, settings, made.node.keys.identity.stix_identity)
    assert {by.organisation for by in heard.dismissers(micros(made.now)).values()} == {
        "",
        "acme",
        "peer:platform",
    }


def test_only_trusted_peers_count_and_only_while_they_are_trusted(made: Made) -> None:
    name_peers(made, PeerStatus.ADDED)
    found = soft(made)
    made.node.store.records.put([dismissal(made, found, "lab")])
    assert status(made, found) is WarningStatus.OPEN
    lab = made.node.store.peers.get("lab")
    assert lab is not None
    made.node.store.peers.replace(msgspec.structs.replace(lab, status=PeerStatus.TRUSTED))
    assert status(made, found) is WarningStatus.QUIETED
    made.node.store.peers.replace(msgspec.structs.replace(lab, status=PeerStatus.SUSPENDED))
    assert status(made, found) is WarningStatus.OPEN


def test_what_was_imported_dismisses_nothing(made: Made) -> None:
    name_peers(made)
    found = soft(made)
    said = msgspec.structs.replace(dismissal(made, found, "lab"), origin=Origin.IMPORT, peer=None)
    made.node.store.records.put([said])
    assert status(made, found) is WarningStatus.OPEN


def test_a_flood_is_told_to_the_auditor_once(made: Made) -> None:
    name_peers(made)
    found = soft(made)
    short = Fingerprint(prints(found).signature, 60)
    flood = []
    for number in range(60):
        other = msgspec.structs.replace(found, signature=number.to_bytes(2, "big") + short.signature[2:])
        flood.append(dismissal(made, other, "lab"))
    made.node.store.records.put(flood)
    made.node.watch.tick()
    made.node.store.records.put([dismissal(made, found, "platform")])
    made.node.watch.tick()
    (row,) = made.node.store.audit.read(act=NOT_COUNTED)
    assert (row.subject, row.detail) == ("lab", {"reason": "dismissal.flood", "dismissals": 10})


def test_an_indicator_that_arrives_is_looked_for_at_the_next_tick(made: Made) -> None:
    name_peers(made)
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    at = micros(made.now) - 3_600_000_000
    claim = make_indicator(
        prints(found),
        author=identity("lab"),
        tlp=TLP.GREEN,
        category="fraud.scam",
        status=EvidenceStatus.OBSERVED,
        basis="Terms of use: no recruiting into a scam",
        confidence=80,
        created=at,
        modified=at,
    )
    made.node.store.records.put(
        [foreign_record(claim, origin=Origin.PEER, peer="lab", received=micros(made.now))]
    )
    (heard,) = made.node.watch.tick()
    assert (heard.peer, heard.kind.value) == ("lab", "look-back")


def dismiss(made: Made, warning: Warning) -> None:
    made.node.reviewing.review(
        made.node.access.operator(),
        warning.id,
        WarningStatus.DISMISSED,
        category="",
        statement="a raffle of the town, run by its library",
        basis="",
        days=30,
    )


def own_dismissals(made: Made) -> list[Record]:
    kept = made.node.store.records.list(types=("indicator",), origin=Origin.OWN)
    return [record for record in kept if b'"benign"' in record.stix]


def test_an_own_dismissal_is_withdrawn_revoked_and_may_be_said_anew(made: Made) -> None:
    found = soft(made)
    by = made.node.access.operator()
    with pytest.raises(Conflict, match="only a dismissal"):
        made.node.reviewing.withdraw(by, found.id, statement="it was no raffle at all")
    dismiss(made, found)
    assert status(made, found) is WarningStatus.DISMISSED
    with pytest.raises(BadInput, match="say why"):
        made.node.reviewing.withdraw(by, found.id, statement="no")
    made.now += timedelta(minutes=5)
    assert made.node.reviewing.withdraw(by, found.id, statement="it was no raffle at all").status == "open"
    (revoked,) = own_dismissals(made)
    assert b'"revoked":true' in revoked.stix
    assert dismissals_from([revoked]) == ()
    assert status(made, found) is WarningStatus.OPEN
    assert made.node.store.audit.read(act="warning.withdraw")[0].purpose == "it was no raffle at all"
    made.now += timedelta(minutes=5)
    dismiss(made, found)
    first, second = own_dismissals(made)
    assert first.id != second.id, "revoking an id is for good"
    assert len(dismissals_from([first, second])) == 1


def test_withdrawing_needs_a_reviewer(made: Made) -> None:
    found = soft(made)
    dismiss(made, found)
    with pytest.raises(NotAllowed):
        made.node.reviewing.withdraw(
            Caller(user="user_1", name="x", roles=frozenset({Role.ANALYST})), found.id, statement="a reason"
        )
