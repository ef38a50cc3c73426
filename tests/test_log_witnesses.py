"""Two nodes over HTTP: one witnesses the other's log, catches a fork at the next sync, stops one that was restored."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made, answering
from tests.hostile_peer import Asked, HostilePeer, answer
from tocsin.app.doctor import examine
from tocsin.app.witnessing import SEEN_PATH
from tocsin.kernel import BadInput, Conflict, NotFound, Peer, PeerStatus
from tocsin.store.log_tables import log_checkpoints, log_entries, log_head, log_tiles
from tocsin.trust.log_proofs import verify_proof
from tocsin.trust.notes import cosign, opened, sign
from tocsin.trust.tlog import EMPTY_ROOT
from tocsin.wire.tlog import Checkpoint, Note, note_bytes, parse_note

pytestmark = pytest.mark.net

CARRIED = ("authorization", "content-type", "accept")


class Pair:
    """`near` witnesses `far`, which is behind a real socket; each pinned the other's key and has its token."""

    def __init__(self, near: Made, far: Made, client: TestClient[Litestar]) -> None:
        self.near, self.far, self.client = near, far, client
        tokens = {}
        for one, other, name in ((far, near, "near"), (near, far, "far")):
            peer, tokens[name] = one.node.exchange.add_peer(
                one.node.access.operator(), name, "http://127.0.0.1:9", allow_private=True
            )
            keys = other.node.keys.identity
            one.node.store.peers.replace(
                msgspec.structs.replace(
                    peer, status=PeerStatus.TRUSTED, node_key=keys.public, identity=keys.stix_identity
                )
            )
        near.node.exchange.keep_credential(near.node.access.operator(), "far", tokens["near"])

    def script(self, asked: Asked) -> Iterable[bytes]:
        headers = {name: asked.headers[name] for name in CARRIED if name in asked.headers}
        got = self.client.request(asked.method, asked.path, content=asked.body, headers=headers)
        status = f"{got.status_code} {'OK' if got.status_code < 400 else 'Refused'}"
        return [answer(got.content, status=status, media_type=got.headers.get("content-type", "text/plain"))]

    def act(self, *subjects: str) -> None:
        """Far does something, and its log grows by it."""
        for subject in subjects:
            self.far.node.access.audit("user_1", "share.publish", subject=subject, purpose="")
        self.far.node.transparency_log.tick()

    def sync(self) -> list[str]:
        """One pull; the paths that were asked."""
        with HostilePeer(self.script) as it:
            row = self.peer(self.near, "far")
            self.near.node.store.peers.replace(msgspec.structs.replace(row, url=it.url))
            (told,) = self.near.node.exchange.pull_all(forced=True)
            assert told.error is None
            return [one.path.partition("?")[0] for one in it.asked]

    def seen(self) -> int:
        """How much of far's log near has seen."""
        (found,) = self.near.node.store.log.all_witnessed()
        return found.size

    def begin_again(self, *subjects: str) -> None:
        """Far's log as if it had been another: what whoever has key and database can do."""
        database = self.far.node.store._database  # type: ignore[attr-defined]
        with database.writing() as connection:
            for table in (log_entries, log_tiles, log_checkpoints):
                connection.execute(sa.delete(table))
            connection.execute(sa.update(log_head).values(size=0, root=EMPTY_ROOT))
        self.act(*subjects)

    @staticmethod
    def peer(made: Made, name: str) -> Peer:
        found = made.node.store.peers.get(name)
        assert found is not None
        return found


@pytest.fixture
def pair(made: Made, tmp_path: Path) -> Iterator[Pair]:
    with _far(made, tmp_path) as far, answering(far.node, raise_server_exceptions=True) as client:
        yield Pair(made, far, client)


@contextmanager
def _far(made: Made, tmp_path: Path) -> Iterator[Made]:
    far = Made(tmp_path / "far", made.now)
    yield far
    far.node.close()


def finding(made: Made) -> tuple[bool, str]:
    (found,) = (one for one in examine(made.node) if one.name == "log")
    return found.ok, found.detail


def test_a_log_that_only_grows_is_cosigned_and_the_proof_names_the_witness(pair: Pair) -> None:
    assert "/log/checkpoint" in pair.sync()  # nothing is signed yet, and that is no fault
    assert pair.near.node.store.log.all_witnessed() == ()
    pair.act("a", "b", "c")
    assert SEEN_PATH in pair.sync()
    pair.act("d")
    asked = pair.sync()
    assert "/v1/log/consistency" in asked
    assert pair.seen() == 4
    assert SEEN_PATH not in pair.sync()  # nothing new
    log = pair.far.node.transparency_log
    keys = [log.key(), pair.near.node.transparency_log.witness_key()]
    assert [one.key for one in opened(parse_note(log.checkpoint().note), keys)] == keys
    proved = verify_proof(log.prove(pair.far.node.access.operator(), 2), keys, need=1)
    assert [one.witness for one in proved.cosigned] == [pair.near.node.transparency_log.origin]
    assert finding(pair.near)[0]
    assert finding(pair.far)[0]


def test_a_fork_is_caught_at_the_next_sync_with_both_signed_heads(pair: Pair) -> None:
    pair.act("a", "b", "c")
    pair.sync()
    pair.begin_again("a", "b", "other", "d", "e")
    pair.sync()
    (fork,) = pair.near.node.store.log.forks()
    assert "does not begin with the 3" in fork.why
    key = pair.far.node.transparency_log.key()
    for note in (fork.first, fork.second):
        assert opened(parse_note(note), [key])  # each signed by far itself
    assert pair.seen() == 3
    (row,) = pair.near.node.store.audit.read(act="log.fork")
    assert row.subject == fork.origin
    ok, detail = finding(pair.near)
    assert (ok, "does not begin" in detail) == (False, True)
    # far was told of what it had signed before, and stops
    assert "other entries" in pair.far.node.store.log.head().stopped
    assert not finding(pair.far)[0]
    pair.sync()
    assert len(pair.near.node.store.log.forks()) == 1, "evidence is kept once"


@pytest.mark.parametrize("size", [2, 3])
def test_a_log_that_shrank_or_has_two_roots_for_a_size(pair: Pair, size: int) -> None:
    pair.act("a", "b", "c")
    pair.sync()
    pair.begin_again(*(f"other-{n}" for n in range(size)))
    pair.sync()
    (fork,) = pair.near.node.store.log.forks()
    assert ("and had 3" if size == 2 else "two roots") in fork.why


def test_a_node_restored_from_an_older_backup_stops_until_a_person_settles_it(pair: Pair) -> None:
    pair.act("a", "b")
    store = pair.far.node.store
    kept = store.log.entries()
    pair.act("c", "d")
    pair.sync()
    database = store._database  # type: ignore[attr-defined]
    with database.writing() as connection:  # as it was after the first two
        for table in (log_entries, log_tiles, log_checkpoints):
            connection.execute(sa.delete(table))
        connection.execute(sa.update(log_head).values(size=0, root=EMPTY_ROOT))
    store.log.add(kept)
    pair.far.node.transparency_log.tick()
    assert store.log.head().size == 2
    pair.sync()
    assert "seen 4 entries of this log, which has 2" in store.log.head().stopped
    with pytest.raises(Conflict, match="stopped"):
        pair.act("e")
    assert store.log.waiting() > 0, "what is done meanwhile is kept"
    by, near = pair.far.node.access.operator(), pair.near.node
    with pytest.raises(BadInput, match="say in"):
        pair.far.node.exchange.witnessing.settle(by, "")
    pair.far.node.exchange.witnessing.settle(by, "restored the backup of Friday; two entries are lost")
    assert pair.far.node.transparency_log.tick() > 2
    with pytest.raises(NotFound, match="nothing to settle"):
        pair.far.node.exchange.witnessing.settle(by, "once more, for no reason")
    # the witness still refuses, until its own person has asked
    pair.sync()
    assert pair.seen() == 4
    near.exchange.witnessing.settle(
        near.access.operator(), "its operator restored a backup", pair.peer(pair.near, "far")
    )
    assert near.store.log.all_witnessed() == ()
    pair.sync()
    assert pair.seen() > 2
    assert finding(pair.near)[0]
    assert store.log.head().stopped == "", "what was settled does not stop it again"
    assert [fork.settled > 0 for fork in near.store.log.forks()] == [True]


def test_what_far_did_not_sign_or_near_did_not_cosign_is_refused(pair: Pair) -> None:
    pair.act("a")
    log = pair.far.node.transparency_log
    note = parse_note(log.checkpoint().note)
    near, stranger = pair.near.node.keys.identity, pair.far.node.keys.identity
    origin = pair.near.node.transparency_log.origin
    told = pair.far.node.exchange.witnessing.told
    peer = pair.peer(pair.far, "near")
    bigger = Checkpoint(log.origin, 99, bytes(32)).text
    for bad in (
        log.checkpoint().note,  # nobody cosigned
        note_bytes(Note(note.text, (*note.signatures, cosign(note.text, "tocsin/tn_x", near, time=1)))),
        note_bytes(Note(bigger, (cosign(bigger, origin, near, time=1),))),  # far never signed that
        note_bytes(Note(bigger, (sign(bigger, log.origin, near), cosign(bigger, origin, near, time=1)))),
        note_bytes(Note(note.text, (*note.signatures, cosign(note.text, origin, stranger, time=1)))),
        b"nothing",
    ):
        with pytest.raises(BadInput):
            told(peer, bad)
    assert pair.far.node.store.log.head().stopped == ""
    assert pair.client.post(SEEN_PATH, content=b"x").status_code == 401
    assert pair.client.post(SEEN_PATH, content=b"x", headers=pair.far.bearer).status_code == 404


def test_who_names_another_log_or_proves_nothing_is_not_cosigned(pair: Pair) -> None:
    """A checkpoint under another name, or without an answer to the question for a proof, changes nothing."""
    pair.act("a", "b")
    pair.sync()
    far = pair.far.node.keys.identity
    text = Checkpoint("tocsin/tn_other", 5, bytes(32)).text
    other = note_bytes(Note(text, (sign(text, "tocsin/tn_other", far),)))
    real = pair.script

    def answering(checkpoint: bytes) -> None:
        def script(asked: Asked) -> Iterable[bytes]:
            if asked.path == "/log/checkpoint":
                return [answer(checkpoint, media_type="text/plain")]
            return real(asked)

        pair.script = script  # type: ignore[method-assign]

    answering(other)
    pair.sync()
    text = Checkpoint(pair.far.node.transparency_log.origin, 50, bytes(32)).text
    answering(note_bytes(Note(text, (sign(text, pair.far.node.transparency_log.origin, far),))))
    pair.sync()  # it has no such sizes, and answers 404
    answering(b"junk")
    pair.sync()
    assert pair.seen() == 2
    assert pair.near.node.store.log.forks() == ()
