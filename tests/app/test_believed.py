"""A record of an author whom this node has not come to trust is kept and not acted on, in either direction."""

import msgspec

from tests.fixtures import Made
from tests.share.said import AUTHOR, OTHER, PEER, confirmed, dismissed, foreign, of_type, signed
from tocsin.kernel import PeerStatus, micros


def test_look_back_acts_on_trusted_authors_alone_and_says_so_once(made: Made) -> None:
    relay = msgspec.structs.replace(PEER, name="relay", identity=OTHER)
    author = msgspec.structs.replace(PEER, name="author", identity=AUTHOR, status=PeerStatus.ADDED)
    made.node.store.peers.add(relay)
    made.node.store.peers.add(author)
    indicator = foreign(signed(of_type(confirmed(), "indicator")), peer="relay")
    benign = foreign(signed(of_type(dismissed(), "indicator")), peer="relay")
    made.node.store.records.put([indicator, benign])
    for _ in range(2):
        made.node.watch.tick()
    told = made.node.store.audit.read(act="look-back")
    assert {(row.subject, row.detail["reason"]) for row in told} == {
        (one.id, "its author is not a trusted peer") for one in (indicator, benign)
    }
    assert len(told) == 2

    made.node.store.peers.replace(msgspec.structs.replace(author, status=PeerStatus.TRUSTED))
    later = msgspec.structs.replace(
        benign, id=benign.id[:-1] + ("0" if benign.id[-1] != "0" else "1"), added=micros(made.now) + 1
    )
    made.node.store.records.put([later])
    made.node.watch.tick()
    newest = {
        row.subject: row.detail["reason"] for row in reversed(made.node.store.audit.read(act="look-back"))
    }
    assert newest[indicator.id] != "its author is not a trusted peer"
