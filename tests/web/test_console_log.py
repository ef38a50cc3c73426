"""The log at the console: what was signed and by whom, peers' logs, and what is wrong before everything else."""

import re

import msgspec
from litestar import Litestar
from litestar.testing import TestClient

from tests.console import furnish, log_in, token_for
from tests.fixtures import Made
from tocsin.kernel import PeerStatus, Role, micros
from tocsin.store.log_interface import LogFork, Witnessed
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.notes import cosign
from tocsin.wire.tlog import Note, note_bytes, parse_note

Client = TestClient[Litestar]
WITNESS = NodeIdentity(b"\x05" * 32)


def fill(made: Made) -> None:
    """Three entries, signed; cosigned by the peer "lab"; lab's own log as seen from here."""
    furnish(made)
    node = made.node
    lab = node.store.peers.get("lab")
    assert lab is not None
    node.store.peers.replace(
        msgspec.structs.replace(
            lab, status=PeerStatus.TRUSTED, node_key=WITNESS.public, identity=WITNESS.stix_identity
        )
    )
    for number in range(3):
        node.access.audit("user_1", "share.publish", subject=f"peer-{number}", purpose="")
    node.transparency_log.tick()
    kept = node.transparency_log.checkpoint()
    note = parse_note(kept.note)
    line = cosign(note.text, f"tocsin/{WITNESS.node_id}", WITNESS, time=1_790_000_000)
    more = note_bytes(Note(note.text, (*note.signatures, line)))
    node.store.log.put_checkpoint(msgspec.structs.replace(kept, note=more))
    seen = Witnessed(f"tocsin/{WITNESS.node_id}", "lab", micros(made.now), 1_234, bytes(32), kept.note)
    node.store.log.see(seen, before=0)


def test_an_auditor_sees_what_was_signed_and_who_cosigned(client: Client, made: Made) -> None:
    log_in(client, made.token)
    assert "Nothing was signed yet" in client.get("/log").text
    fill(made)
    log_in(client, token_for(made, "audrey", Role.AUDITOR))
    page = client.get("/log").text
    assert "3 entries" in page
    assert re.search(r"Cosigned by[^<]*<[^<]*<[^<]*<bdi>lab|<bdi>lab</bdi>", page)
    assert "1,234" in page
    assert made.node.transparency_log.checkpoint().root.hex()[:16] in page
    assert f"tocsin/{made.node.node_id}" in page
    assert "notice-bad" not in page
    assert 'role="alert"' not in page


def test_what_is_wrong_stands_first_until_it_is_settled(client: Client, made: Made) -> None:
    fill(made)
    store = made.node.store.log
    store.add_fork(LogFork("f", "lab", "tocsin/tn_1", micros(made.now), "its log has two roots", b"1", b"2"))
    store.stop("a peer has seen 9 entries")
    made.node.access.audit("user_1", "share.publish", subject="later", purpose="")
    log_in(client, made.token)
    page = client.get("/log").text
    assert page.count('class="notice notice-bad"') == 2
    assert "its log has two roots" in page
    assert "a peer has seen 9 entries" in page
    assert "1 entries wait" in page
    store.settle("tocsin/tn_1", at=1)
    store.go_on()
    assert "notice-bad" not in client.get("/log").text


def test_it_is_in_chinese_too(client: Client, made: Made) -> None:
    fill(made)
    log_in(client, made.token)
    page = client.get("/log?lang=zh").text
    assert "联署者" in page
    assert not re.search(r"\b(Entries|Cosigned|checked|Peer)\b", page)
