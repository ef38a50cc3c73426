"""A backup taken while the node works is a whole node; a restore never brings back a dead key."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures import Made
from tocsin.app.backup import read_backup, write_backup
from tocsin.app.cases import NewCase
from tocsin.app.key_backup import Sealed, read_copy, write_copy
from tocsin.app.node import Node
from tocsin.app.release_key import release_key
from tocsin.assure.provenance.policy_file import load_policy
from tocsin.kernel import BadInput, EventLine, Kind, NotFound, Role
from tocsin.kernel.cases import CaseOrigin, CaseWords
from tocsin.trust.signing_keys import key_id, public_pem


def take(made: Made, first: int, number: int) -> None:
    made.node.acceptor.accept(
        [
            EventLine(
                id=f"e{index}",
                time=made.now,
                source="chat",
                kind=Kind.POST,
                actor=f"account {index}",
                text=f"a harmless note with the number {index}",
            )
            for index in range(first, first + number)
        ]
    )


def copied_keys(made: Made, tmp_path: Path) -> Sealed:
    """A copy of the key store, as a restore takes it."""
    write_copy(made.node.keys, tmp_path / "copy", "long enough for keys", made.now)
    return read_copy(tmp_path / "copy", "long enough for keys")


def test_evidence_comes_back_with_the_node(made: Made, tmp_path: Path) -> None:
    case = made.node.cases.open(None, NewCase(origin=CaseOrigin.OWN, words=CaseWords(title="lottery refund")))
    with made.node.store.together():
        kept = made.node.exhibits.take(
            case.id, content=b"send the fee", media_type="text/plain", name="1.txt", by="report"
        )
    (made.node.data / "exhibits" / "ex_stray").write_bytes(b"of a transaction that was undone")
    write_backup(made.node, tmp_path / "node.tar")
    read_backup(tmp_path / "node.tar", tmp_path / "new", clock=made.clock, keys=copied_keys(made, tmp_path))
    node = Node(tmp_path / "new", clock=made.clock)
    node.access.add_user(node.access.operator(), "ana", (Role.ANALYST,))
    assert node.exhibits.open(node.access.operator("ana"), kept.id, "to look at it again") == b"send the fee"
    node.exhibits.tick()
    node.exhibits.tick()
    assert [path.name for path in (node.data / "exhibits").iterdir()] == [kept.id]
    node.close()


def test_a_restored_node_knows_what_the_first_knew(made: Made, tmp_path: Path) -> None:
    take(made, 0, 30)
    made.node.store.events.compact()
    take(made, 30, 12)
    written = write_backup(made.node, tmp_path / "node.tar")
    assert (written.events, written.days) == (42, 1)
    assert stat.S_IMODE((tmp_path / "node.tar").stat().st_mode) == 0o600
    take(made, 42, 5)  # after the backup: not in it

    restored = read_backup(
        tmp_path / "node.tar", tmp_path / "new", clock=made.clock, keys=copied_keys(made, tmp_path)
    )
    assert (restored.events, restored.keys_dropped, restored.node_id) == (42, 0, made.node.node_id)
    assert restored.days == 1
    node = Node(tmp_path / "new", clock=made.clock)
    assert node.access.authenticate(made.token) is not None
    day, sealed = node.store.events.sealed(["e7"])["e7"]
    assert b"harmless note with the number 7" in node.keys.opened(day).open(sealed, "event:e7")
    assert node.acceptor.accept([], ()).accepted == 0
    node.close()


def test_a_restored_node_signs_with_the_same_key_and_believes_the_same_signers(
    made: Made, tmp_path: Path
) -> None:
    key = key_id(release_key(made.node.data).public_key())
    (made.node.data / "signers").mkdir()
    (made.node.data / "signers" / "ana.pem").write_bytes(public_pem(release_key(made.node.data).public_key()))
    (made.node.data / "signers.yaml").write_text(
        "version: 1\nsigners: {ana: {key: signers/ana.pem}}\nrules: [{artefacts: ['*'], signers: [ana]}]"
    )
    write_backup(made.node, tmp_path / "node.tar")
    read_backup(tmp_path / "node.tar", tmp_path / "new", clock=made.clock, keys=copied_keys(made, tmp_path))
    assert key_id(release_key(tmp_path / "new").public_key()) == key
    assert load_policy(tmp_path / "new" / "signers.yaml").for_name("small-model")[0].signers == ("ana",)


def test_what_an_operator_wrote_comes_back(made: Made, tmp_path: Path) -> None:
    """Without their file a node would answer a match with what it holds itself, and believe no issuer."""
    written = ("applicants.yaml", "label-anchors.pem", "match/domain.txt", "access-overlays/own.yaml")
    for name in written:
        file = made.node.data / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("# an operator's own\n")
    write_backup(made.node, tmp_path / "node.tar")
    read_backup(tmp_path / "node.tar", tmp_path / "new", clock=made.clock)
    assert [name for name in written if not (tmp_path / "new" / name).is_file()] == []


def test_keys_past_their_retention_stay_dead(made: Made, tmp_path: Path) -> None:
    take(made, 0, 3)
    write_backup(made.node, tmp_path / "node.tar")
    keys = copied_keys(made, tmp_path)
    later = made.now + timedelta(days=made.node.settings.retention_text_days + 2)
    restored = read_backup(tmp_path / "node.tar", tmp_path / "new", clock=lambda: later, keys=keys)
    assert restored.keys_dropped == 1
    node = Node(tmp_path / "new", clock=lambda: later)
    with pytest.raises(NotFound, match="destroyed"):
        node.keys.opened(made.now.date().isoformat())
    node.close()


def test_without_the_key_store_events_stay_and_texts_do_not(made: Made, tmp_path: Path) -> None:
    take(made, 0, 3)
    write_backup(made.node, tmp_path / "node.tar")
    assert read_backup(tmp_path / "node.tar", tmp_path / "new", clock=made.clock).events == 3
    node = Node(tmp_path / "new", clock=made.clock)
    assert node.keys.days() == ()
    node.close()


def test_nothing_is_overwritten(made: Made, tmp_path: Path) -> None:
    write_backup(made.node, tmp_path / "node.tar")
    with pytest.raises(BadInput, match="exists"):
        write_backup(made.node, tmp_path / "node.tar")
    with pytest.raises(BadInput, match="not empty"):
        read_backup(tmp_path / "node.tar", made.node.data, clock=made.clock)


@pytest.mark.parametrize("damage", [b"", b"not an archive", None])
def test_a_damaged_archive_leaves_no_half_node(made: Made, tmp_path: Path, damage: bytes | None) -> None:
    file = tmp_path / "node.tar"
    write_backup(made.node, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 3] if damage is None else damage)
    with pytest.raises(BadInput):
        read_backup(file, tmp_path / "new", clock=made.clock)
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".*"))
