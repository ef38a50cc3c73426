"""The node's log: what goes in with its act, what the public sees of it, proofs that need no node."""

import json

import msgspec
import pytest

from tests.fixtures import Made
from tocsin.app.log_entries import LOGGED, entry_of, is_logged
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, Role
from tocsin.store import AuditRow
from tocsin.store.log_interface import KeptCheckpoint
from tocsin.trust import merkle
from tocsin.trust.log_proofs import verify_proof
from tocsin.trust.notes import cosign, opened
from tocsin.wire.tlog import (
    COSIGNATURE,
    Note,
    NoteKey,
    Tile,
    checkpoint_of,
    note_bytes,
    parse_bundle,
    parse_note,
    parse_proof,
    proof_bytes,
    read_key,
)
from tocsin.wire.tlog.opening import Opening, kept_opening, read_extra


def act(made: Made, act: str = "share.publish", subject: str = "alpha", **detail: str | int) -> None:
    made.node.access.audit("user_1", act, subject=subject, purpose="why", detail={**detail})


def test_an_act_and_its_entry_are_kept_together_or_not_at_all(made: Made) -> None:
    store = made.node.store

    def failing() -> None:
        act(made)
        raise NotFound("what it is about")

    with pytest.raises(NotFound), store.together():
        failing()
    assert (store.log.waiting(), store.audit.read(act="share.publish")) == (0, ())
    act(made, manifest="0" * 64)
    assert store.log.waiting() == 1
    assert made.node.transparency_log.tick() == 1
    (row,) = store.audit.read(act="share.publish")
    (entry,) = store.log.entries()
    opening = kept_opening(entry.opening)
    assert opening.entry == entry.entry
    assert json.loads(opening.statement) == {
        key: value for key, value in msgspec.to_builtins(row).items() if key != "seq"
    }


def test_what_is_refused_or_of_no_account_is_not_logged(made: Made) -> None:
    made.node.access.audit("u", "share.publish", subject="", purpose="", outcome="refused")
    act(made, "session.open")
    assert made.node.store.log.waiting() == 0
    assert is_logged("release.withdrawn")
    assert is_logged("count.draw")
    assert not is_logged("releases")
    assert not is_logged("case.note")
    assert all(LOGGED.values())


def test_equal_acts_have_unequal_entries_that_tell_nothing() -> None:
    row = AuditRow(1, "user_1", "case.dispose", "case_1", "", "done", {"chain": "ab"})
    salts = iter((b"1" * 32, b"2" * 32))
    entries = [entry_of(row, lambda _: next(salts)) for _ in range(2)]
    assert entries[0] is not None
    assert entries[1] is not None
    assert entries[0].entry != entries[1].entry
    assert len(entries[0].entry) == 32
    assert b"case" not in entries[0].entry


def test_a_checkpoint_is_signed_when_the_log_grew_and_once_for_a_size(made: Made) -> None:
    log = made.node.transparency_log
    with pytest.raises(NotFound, match="no checkpoint"):
        log.checkpoint()
    log.tick()
    assert log.checkpoint().size == 0
    with made.node.store.together():
        for number in range(300):
            act(made, n=number)
    assert log.tick() == 300
    kept = log.checkpoint()
    log.tick()
    assert log.checkpoint() == kept
    note = parse_note(kept.note)
    assert [one.key for one in opened(note, [log.key()])] == [log.key()]
    found = checkpoint_of(note)
    assert (found.origin, found.size) == (f"tocsin/{made.node.node_id}", 300)
    entries = [one.entry for one in made.node.store.log.entries(limit=300)]
    assert found.root == merkle.root(entries)
    assert parse_bundle(log.tile(Tile(None, 1, 44))) == tuple(entries[256:])
    assert log.tile(Tile(0, 0))[:32] == merkle.leaf_hash(entries[0])
    assert log.tile(Tile(1, 0, 1)) == merkle.root(entries[:256])
    for tile in (Tile(0, 1, 45), Tile(0, 1), Tile(None, 2, 1), Tile(1, 0, 2), Tile(7, 0, 1)):
        with pytest.raises(NotFound):
            log.tile(tile)


def test_a_signed_checkpoint_that_is_ahead_of_the_log_ends_signing(made: Made) -> None:
    made.node.store.log.put_checkpoint(KeptCheckpoint(5, 0, bytes(32), b"note"))
    act(made)
    with pytest.raises(Conflict, match="newer backup"):
        made.node.transparency_log.tick()


def test_a_proof_convinces_without_a_node(made: Made) -> None:
    log, by = made.node.transparency_log, made.node.access.operator()
    with made.node.store.together():
        for number in range(20):
            act(made, subject=f"peer-{number}", manifest=f"{number:064}")
    log.tick()
    subject = made.node.store.log.entries(start=7, limit=1)[0].subject
    key = read_key(str(log.key()))
    closed, shown = log.prove(by, 7), log.prove(by, 7, open_it=True)
    assert (verify_proof(closed, [key]).statement, verify_proof(closed, [key]).index) == (None, 7)
    assert b"peer" not in closed
    proved = verify_proof(shown, [key])
    assert proved.statement is not None
    assert json.loads(proved.statement)["subject"] == subject
    assert proved.entry == verify_proof(closed, [key]).entry
    with pytest.raises(NotFound, match="no signed checkpoint"):
        log.prove(by, 500)
    assert [row.purpose for row in made.node.store.audit.read(act="log.prove")] == ["opened", "closed"]


def test_what_is_changed_in_a_proof_convinces_nobody(made: Made) -> None:
    log, by = made.node.transparency_log, made.node.access.operator()
    for number in range(9):
        act(made, n=number)
    log.tick()
    key, other = log.key(), NoteKey("tocsin/tn_other", 1, bytes(range(32)))
    proof = parse_proof(log.prove(by, 3, open_it=True))
    said = read_extra(proof.extra)
    assert isinstance(said, Opening)
    lie = msgspec.structs.replace(said, statement=said.statement.replace(b"alpha", b"other"))
    from tocsin.wire.tlog.opening import extra_of

    for changed in (
        msgspec.structs.replace(proof, index=4),
        msgspec.structs.replace(proof, hashes=proof.hashes[:-1]),
        msgspec.structs.replace(proof, hashes=proof.hashes[::-1]),
        msgspec.structs.replace(proof, extra=extra_of(lie)),
        msgspec.structs.replace(proof, checkpoint=proof.checkpoint.replace(b"\n9\n", b"\n8\n")),
    ):
        with pytest.raises(BadInput):
            verify_proof(proof_bytes(changed), [key])
    with pytest.raises(BadInput, match="no key"):
        verify_proof(proof_bytes(proof), [other])
    with pytest.raises(BadInput, match="asked for"):
        verify_proof(proof_bytes(proof), [key], need=1)


def test_a_cosigned_proof_names_its_witness(made: Made) -> None:
    log, by = made.node.transparency_log, made.node.access.operator()
    act(made)
    log.tick()
    witness = made.node.keys.identity  # any Ed25519 key will do
    proof = parse_proof(log.prove(by, 0))
    note = parse_note(proof.checkpoint)
    line = cosign(note.text, "tocsin/witness", witness, time=1_790_000_000)
    more = msgspec.structs.replace(proof, checkpoint=note_bytes(Note(note.text, (*note.signatures, line))))
    keys = [log.key(), NoteKey("tocsin/witness", COSIGNATURE, witness.public)]
    proved = verify_proof(proof_bytes(more), keys, need=1)
    assert [(one.witness, one.time) for one in proved.cosigned] == [("tocsin/witness", 1_790_000_000)]
    with pytest.raises(BadInput, match="signed for the log"):
        verify_proof(proof_bytes(more), keys[1:])


def test_only_who_may_read_the_audit_sees_what_entries_commit_to(made: Made) -> None:
    act(made, subject="case_1")
    access = made.node.access
    access.add_user(access.operator(), "chen", (Role.ANALYST,))
    with pytest.raises(NotAllowed):
        made.node.transparency_log.shown(access.operator("chen"))
    assert [one.place for one in made.node.transparency_log.shown(access.operator(), about="case_1")] == [-1]
    made.node.transparency_log.tick()
    assert [one.place for one in made.node.transparency_log.shown(access.operator())] == [0]


def test_a_consistency_proof_of_any_two_sizes_that_were_signed(made: Made) -> None:
    from tocsin.trust.tlog import extends

    log, roots = made.node.transparency_log, {}
    for number in range(12):
        act(made, n=number)
        size = log.tick()
        roots[size] = log.checkpoint().root
    assert extends(5, roots[5], 12, roots[12], log.consistency(5, 12))
    for old, new in ((-1, 3), (4, 3), (3, 13)):
        with pytest.raises(NotFound):
            log.consistency(old, new)
