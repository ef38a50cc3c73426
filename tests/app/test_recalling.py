"""Recalls from both sides, in one process: who gets one, what it does there, and what comes back."""

from pathlib import Path

import msgspec
import pytest

from tests.console import a_warning
from tests.fixtures import Made, answering
from tests.share.said import OTHER, PURPOSE, confirmed, of_type
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    NotAllowed,
    NotFound,
    Origin,
    Peer,
    PeerStatus,
    Reason,
    Receipt,
    Record,
    Role,
    WarningKind,
    WarningStatus,
    micros,
)
from tocsin.share import indicators_from
from tocsin.store.interface import ReleaseFilter
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.receipts import signed

SAID = confirmed()
INDICATOR = of_type(SAID, "indicator")
LAB = NodeIdentity(b"\x02" * 32)
assert LAB.stix_identity == OTHER


@pytest.fixture
def by(made: Made) -> Caller:
    """Two peers were given everything, a third nothing."""
    caller = made.node.access.operator()
    made.node.store.records.put(SAID)
    for name in ("lab", "institute", "stranger"):
        made.node.store.peers.add(
            Peer(
                name=name,
                url=f"https://{name}.example",
                status=PeerStatus.TRUSTED,
                identity=LAB.stix_identity if name == "lab" else f"identity--{name}",
                node_key=LAB.public,
            )
        )
        made.node.access.add_user(caller, f"peer-{name}", (Role.PEER,), peer=name)
    for name in ("lab", "institute"):
        made.node.exchange.publishing.publish(caller, name, PURPOSE)
    return caller


def newest(made: Made, peer: str) -> dict[str, bytes]:
    return {row.id: row.stix for row in made.node.store.releases.page(peer, ReleaseFilter()).rows}


def peer_of(made: Made, name: str) -> Peer:
    found = made.node.store.peers.get(name)
    assert found is not None
    return found


def receipt(made: Made, **changes: object) -> Receipt:
    kept = made.node.store.recalls.get(INDICATOR.id, "lab")
    assert kept is not None
    plain = Receipt(
        record=kept.record,
        version=kept.version,
        to=made.node.keys.identity.stix_identity,
        by=LAB.stix_identity,
        held=kept.held,
        done="withdrawn",
        at=micros(made.now),
    )
    return signed(msgspec.structs.replace(plain, **changes), LAB)


def test_a_recall_goes_to_exactly_those_who_had_it_whatever_the_policies_say_now(
    made: Made, by: Caller
) -> None:
    lab = peer_of(made, "lab")
    # no policy would let anything go to it now
    made.node.store.peers.replace(msgspec.structs.replace(lab, purposes=(), ceiling=TLP.CLEAR))
    before = {name: newest(made, name) for name in ("lab", "institute", "stranger")}
    made_of = made.node.exchange.recalling.recall(by, [INDICATOR.id], reason="sent in error")
    assert sorted(one.peer for one in made_of) == ["institute", "lab"]
    for name in ("lab", "institute"):
        changed = {key for key, stix in newest(made, name).items() if stix != before[name][key]}
        assert changed == {INDICATOR.id}
        assert msgspec.json.decode(newest(made, name)[INDICATOR.id])["revoked"] is True
    assert newest(made, "stranger") == {}
    own = made.node.store.records.get(INDICATOR.id)
    assert own is not None
    assert msgspec.json.decode(own.stix)["revoked"] is True
    assert own.origin is Origin.OWN
    for name in ("stranger", "institute"):
        preview = made.node.exchange.publishing.preview(by, name, PURPOSE)
        assert INDICATOR.id not in {entry.id for entry in preview.entries}, "it goes to nobody any more"
    logged = made.node.store.releases.manifests(peer="lab")[0][2]
    assert (logged.purpose, [entry.id for entry in logged.released]) == ("recall", [INDICATOR.id])
    assert made.node.store.audit.read(limit=1)[0].act == "share.recall"
    with pytest.raises(NotFound, match="nobody has"):
        made.node.exchange.recalling.recall(by, [INDICATOR.id], reason="again")


def test_a_recall_from_one_peer_leaves_the_others_theirs(made: Made, by: Caller) -> None:
    before = newest(made, "institute")
    (one,) = made.node.exchange.recalling.recall(by, [INDICATOR.id], reason="wrong peer", peer="lab")
    assert one.peer == "lab"
    assert newest(made, "institute") == before
    own = made.node.store.records.get(INDICATOR.id)
    assert own is not None
    assert own.stix == INDICATOR.stix
    told = made.node.exchange.publishing.preview(by, "lab", PURPOSE)
    assert INDICATOR.id not in {entry.id for entry in told.entries}
    (rest,) = made.node.exchange.recalling.recall(by, [INDICATOR.id], reason="wrong at all")
    assert rest.peer == "institute"


def test_a_whole_release_is_taken_back_by_its_hash(made: Made, by: Caller) -> None:
    _, _, manifest = made.node.store.releases.manifests(peer="lab")[0]
    wanted = made.node.exchange.recalling.released_under(manifest.digest)
    assert wanted
    made.node.exchange.recalling.recall(by, wanted, reason="all of it")
    for key, stix in newest(made, "lab").items():
        assert (msgspec.json.decode(stix).get("revoked") is True) == (key in wanted)
    with pytest.raises(NotFound, match="share log"):
        made.node.exchange.recalling.released_under("0" * 64)


def test_who_may_recall_and_what(made: Made, by: Caller) -> None:
    recalling = made.node.exchange.recalling
    with pytest.raises(NotAllowed):
        recalling.recall(msgspec.structs.replace(by, roles=frozenset()), [INDICATOR.id], reason="x")
    with pytest.raises(BadInput, match="why"):
        recalling.recall(by, [INDICATOR.id], reason=" ")
    with pytest.raises(BadInput, match="1 to"):
        recalling.recall(by, [], reason="x")
    with pytest.raises(BadInput, match="who speaks"):
        recalling.recall(by, [of_type(SAID, "identity").id], reason="x")
    with pytest.raises(NotFound):
        recalling.recall(by, [INDICATOR.id, "indicator--none"], reason="x")
    assert made.node.store.recalls.list() == ()
    assert newest(made, "lab")[INDICATOR.id] == INDICATOR.stix, "all of it, or nothing"


def post(made: Made, body: bytes, peer: str = "lab") -> int:
    token = made.node.access.issue_token(made.node.access.operator(), f"peer-{peer}")
    with answering(made.node, raise_server_exceptions=True) as client:
        answer = client.post("/v1/receipts", content=body, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def test_a_receipt_counts_once_and_only_from_who_had_it(made: Made, by: Caller) -> None:
    recalling = made.node.exchange.recalling
    recalling.recall(by, [INDICATOR.id], reason="sent in error")
    good = msgspec.json.encode(receipt(made))
    for body, peer, status in (
        (b"{}", "lab", 400),
        (good, "stranger", 400),
        (good[:-3] + (b'1"}' if good[-3:-2] == b"0" else b'0"}'), "lab", 400),
        (msgspec.json.encode(receipt(made, to="identity--else")), "lab", 400),
        (msgspec.json.encode(receipt(made, at=micros(made.now) + 10**12)), "lab", 400),
        (msgspec.json.encode(receipt(made, record=SAID[0].id)), "lab", 404),
        (msgspec.json.encode(receipt(made, version=1)), "lab", 404),
    ):
        assert post(made, body, peer) == status
        kept = made.node.store.recalls.get(INDICATOR.id, "lab")
        assert kept is not None
        assert kept.receipt is None
    assert post(made, good) == 204
    assert post(made, msgspec.json.encode(receipt(made, held=()))) == 204  # a second one changes nothing
    told = {one.peer: one for one in made.node.store.recalls.list()}
    assert told["lab"].receipt == receipt(made)
    assert told["lab"].same_bytes
    assert told["institute"].receipt is None


def test_a_receipt_of_other_bytes_is_seen_as_such(made: Made, by: Caller) -> None:
    recalling = made.node.exchange.recalling
    recalling.recall(by, [INDICATOR.id], reason="sent in error")
    for held in ((), ("00" * 32,)):
        other = receipt(made, held=held)
        assert not recalling.confirm(peer_of(made, "lab"), other).same_bytes
    gone = msgspec.structs.replace(peer_of(made, "lab"), status=PeerStatus.REVOKED)
    with pytest.raises(NotFound):
        recalling.confirm(gone, receipt(made))


def theirs(record: Record, **changes: object) -> Record:
    return msgspec.structs.replace(record, origin=Origin.PEER, peer="lab", **changes)


def test_what_a_peer_takes_back_is_looked_for_no_more_and_flagged(
    made: Made, by: Caller, tmp_path: Path
) -> None:
    made.node.exchange.recalling.recall(by, [INDICATOR.id], reason="sent in error")
    other = Made(tmp_path / "other", made.now)
    node, peer = other.node, Peer(name="lab", url="https://lab.example", status=PeerStatus.TRUSTED)
    node.store.peers.add(peer)
    node.store.records.put([theirs(INDICATOR)])
    raised = a_warning(0, now=other.now, kind=WarningKind.LOOK_BACK, indicator=INDICATOR.id)
    bystander = a_warning(1, now=other.now, kind=WarningKind.LOOK_BACK, indicator="indicator--else")
    for warning in (raised, bystander):
        node.store.warnings.upsert(warning)
    assert len(indicators_from(node.store.records.list())) == 1
    assert node.exchange.recalling.apply(peer) == 0
    revoked = newest(made, "lab")[INDICATOR.id]
    kept = made.node.store.records.get(INDICATOR.id)
    assert kept is not None
    node.store.records.put([theirs(kept, stix=revoked, added=INDICATOR.added + 9)])
    assert node.exchange.recalling.apply(peer) == 1
    assert node.exchange.recalling.apply(peer) == 0, "once"
    assert indicators_from(node.store.records.list()) == ()
    flagged = node.store.warnings.get(raised.id)
    assert flagged is not None
    assert flagged.reasons[0] == Reason("look-back.recalled", {"peer": "lab"})
    assert flagged.status is WarningStatus.OPEN, "a person decides"
    assert node.store.warnings.get(bystander.id) == bystander
    (owed,) = node.store.recalls.owed("lab")
    given = made.node.store.recalls.get(INDICATOR.id, "lab")
    assert given is not None
    assert (owed.held, owed.version) == (given.held, given.version)
    assert (owed.to, owed.by) == (INDICATOR.author, node.keys.identity.stix_identity)
    node.close()
