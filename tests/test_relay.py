"""Author → relay → relay → reader, four real nodes: the author's signature arrives, with what each relay withheld."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from tests.nodes import Serving, make_node, serving, tocsin
from tests.share.said import review, warning
from tests.test_live import eventually
from tocsin.app.node import Node
from tocsin.app.signing import signed
from tocsin.kernel import TLP, Origin, Record
from tocsin.share import describe
from tocsin.store import AuditRow
from tocsin.trust.signed_fields import Verified, verify
from tocsin.wire.stix.labels import well_known

pytestmark = [pytest.mark.net, pytest.mark.slow]

CHAIN = ("author", "first", "second", "reader")
HOLDS_BACK = {"first": "sighting", "second": "relationship"}
"""What each relay's own policy keeps from going on, and with it a reference of the report."""

POLICY = """@id("ours.keep-{kind}")
forbid (principal, action == Action::"share.release", resource)
when {{ resource.type == "{kind}" }};
"""


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[dict[str, Serving]]:
    """Four serving nodes; each is acquainted with its neighbours in the chain and with nobody else."""
    with ExitStack() as stack:
        made = {}
        for name in CHAIN:
            token = make_node(tmp_path / name, pull_seconds=0, sighting_delay_seconds=0)
            if name in HOLDS_BACK:
                folder = tmp_path / name / "policies"
                folder.mkdir(exist_ok=True)
                (folder / "ours.cedar").write_text(POLICY.format(kind=HOLDS_BACK[name]), "utf-8")
            made[name] = stack.enter_context(serving(tmp_path / name, token))
        for one, other in pairwise(CHAIN):
            _meet(made[one], made[other])
        yield made


def _meet(one: Serving, other: Serving) -> None:
    """Each names the other, hands over its token, and pins its key."""
    here, there = Node(one.data), Node(other.data)
    try:
        tokens = {
            mine: mine.exchange.add_peer(mine.access.operator(), theirs.name, at.url, allow_private=True)[1]
            for mine, theirs, at in ((here, there, other), (there, here, one))
        }
        for mine, theirs in ((here, there), (there, here)):
            by = mine.access.operator()
            mine.exchange.keep_credential(by, theirs.name, tokens[theirs])
            seen = mine.exchange.ask_key(by, theirs.name)
            mine.exchange.trust_peer(by, theirs.name, seen, theirs.exchange.about_me().fingerprint)
    finally:
        here.close()
        there.close()


def _say(author: Path) -> tuple[Record, ...]:
    """What a reviewer of the author confirmed, signed and kept as `app.reviewing` keeps it."""
    node = Node(author)
    try:
        me = node.keys.identity.stix_identity
        records = describe(warning(), review(), author=me, name=node.name, tlp=TLP.GREEN, now=node.clock())
        records = signed(records, node.keys)
        node.store.records.put(records)
    finally:
        node.close()
    return tuple(record for record in records if well_known(record.id) is None)


def _kept(data: Path, identifier: str) -> Record | None:
    node = Node(data)
    try:
        return node.store.records.get(identifier)
    finally:
        node.close()


def _looked_back(data: Path) -> tuple[AuditRow, ...]:
    node = Node(data)
    try:
        node.watch.tick()
        return tuple(node.store.audit.read(act="look-back"))
    finally:
        node.close()


def test_a_signature_survives_two_relays_that_withhold(nodes: dict[str, Serving]) -> None:
    said = {record.type: record for record in _say(nodes["author"].data)}
    for giver, taker in pairwise(CHAIN):
        left = tocsin("share", "publish", "--data", str(nodes[giver].data), "--peer", taker, "--json")
        assert json.loads(left.stdout)["entries"]
        pulled = tocsin("share", "pull", "--data", str(nodes[taker].data), "--peer", giver, "--json")
        assert json.loads(pulled.stdout)["peers"][0]["error"] is None

    reader = nodes["reader"].data
    report = _kept(reader, said["report"].id)
    assert report is not None
    assert (report.origin, report.peer, report.author) == (Origin.PEER, "second", said["report"].author)
    value = msgspec.json.decode(report.stix)
    found = verify(value)
    assert isinstance(found, Verified)
    assert (found.author, found.root, found.withheld) == (said["report"].author, said["report"].root, 2)
    assert value["object_refs"] == sorted([said["indicator"].id, said["campaign"].id])
    assert _kept(reader, said["sighting"].id) is None
    assert _kept(reader, said["relationship"].id) is None
    whole = _kept(reader, said["indicator"].id)
    assert whole is not None
    assert whole.stix == said["indicator"].stix, "equal in canonical bytes after three hops"

    told = tocsin("share", "verify", "--data", str(reader), said["report"].id, "--json")
    (one,) = json.loads(told.stdout)["objects"]
    assert (one["signed"], one["author"], one["withheld"]) == (True, said["report"].author, 2)

    nothing = tocsin("share", "preview", "--data", str(nodes["second"].data), "--peer", "first", "--json")
    assert json.loads(nothing.stdout)["entries"] == [], "nothing goes back to who gave it"
    eventually("the served reader looks at what was pulled", lambda: bool(_looked_back(reader)))
    rows = _looked_back(reader)
    assert [(row.subject, row.detail["reason"]) for row in rows] == [
        (said["indicator"].id, "its author is not a trusted peer")
    ], "kept and readable, and not acted on"
