"""A day's key is destroyed: with every file of the node and of all its backups at hand, nobody opens what it sealed.

Counts and warnings stay. The one file that is left out is a copy of the key store together with its passphrase: whoever
has both has the key (docs/sealed-text.md), and it is shown here that without the passphrase the copy is worth nothing.
"""

import contextlib
import shutil
from datetime import timedelta
from itertools import product
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.console import a_warning
from tests.fixtures import Made
from tocsin.app.accept import print_label, text_label
from tocsin.app.backup import read_backup, write_backup
from tocsin.app.key_backup import write_copy
from tocsin.app.key_store import KeyStore
from tocsin.app.keyring import Keyring
from tocsin.app.node import Node
from tocsin.kernel import BadInput, EventLine, Kind, NotFound, Observable, ObservableType, micros
from tocsin.trust.day_keys import HeldInFile, opened_entry, read_entry
from tocsin.trust.seal import KEY_BYTES, SealBroken, unwrap_key
from tocsin.wire.sketch import decode_batch

PHRASE = "your lottery refund waits for you, collector of green umbrellas"
ACCOUNT, WALLET = "amaryllis-the-collector", "0x00000000000000000000000000000000000000aa"


def say(made: Made, number: int, first: int) -> None:
    made.node.acceptor.accept(
        [
            EventLine(
                id=f"e{index}",
                time=made.now,
                source="chat",
                kind=Kind.POST,
                actor=f"{ACCOUNT}-{index}",
                text=f"{PHRASE}, said for the {index}th time today and for good",
                observables=(Observable(ObservableType.WALLET, WALLET),),
            )
            for index in range(first, first + number)
        ]
    )


def sealed_parts(node: Node) -> dict[str, tuple[bytes, bytes]]:
    """Event id → sealed text and sketch, as they lie."""
    texts = node.store.events.sealed([f"e{n}" for n in range(12)])
    prints = {
        row["id"]: row["fingerprint"]
        for batch in node.store.events.fingerprints()
        for row in batch.to_pylist()
    }
    return {name: (sealed, prints[name]) for name, (_, sealed) in texts.items()}


def every_byte(*folders: Path) -> list[bytes]:
    return [path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()]


def keys_within_reach(files: list[bytes]) -> set[bytes]:
    """Every key that can be had from these files without a passphrase.

    Each run of 32 bytes that is a whole file, and whatever any of those opens of any file, as an entry of a key
    store of today or as a wrapped key of an older version.
    """
    secrets = {content for content in files if len(content) == KEY_BYTES}
    found = set(secrets)
    for secret, content in product(secrets, files):
        with contextlib.suppress(SealBroken, OverflowError):
            found.add(unwrap_key(secret, content))
        if content.startswith(b'{"day":"') and len(content) < 1_000:
            day = content[8:18].decode()
            with contextlib.suppress(SealBroken):
                found.add(
                    opened_entry(HeldInFile(secret, lambda number: b"0" * number), read_entry(content, day))
                )
    return found


def opens(key: bytes, sealed: bytes, label: str) -> bool:
    try:
        AESGCM(key).decrypt(sealed[:12], sealed[12:], label.encode())
    except (InvalidTag, ValueError):
        return False
    return True


def test_a_destroyed_day_is_closed_to_everybody(made: Made, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    day = made.now.date().isoformat()
    say(made, 6, 0)
    made.node.store.events.compact()  # six in Parquet
    say(made, 6, 6)  # and six in the journal
    warning = a_warning(
        1, now=made.now, samples=("e1", "e7"), signature=b"\x07" * 64, last_seen=micros(made.now)
    )
    made.node.store.warnings.upsert(warning)
    made.node.watch.tick()
    lying = sealed_parts(made.node)
    assert len(lying) == 12

    write_backup(made.node, backups / "node.tar")
    write_copy(made.node.keys, backups / "keys.copy", "a passphrase nobody wrote down", made.now)
    unpacked = tmp_path / "unpacked"
    shutil.unpack_archive(backups / "node.tar", unpacked)
    before = made.node.keys.day_keys.key(day)
    assert before in keys_within_reach(every_byte(made.node.data)), "the search finds a key that is there"
    assert opens(before, lying["e1"][0], text_label("e1"))
    generation = made.node.keys.generation

    made.now += timedelta(days=made.node.settings.retention_text_days + 1)
    made.node.expire()

    # 1. No key is left in any file of the node or of its backups, nor anything that makes one.
    everything = every_byte(made.node.data, backups, unpacked)
    assert not any(before in content for content in everything)
    for key in keys_within_reach(everything):
        assert key != before
        for name, (text, sketch) in lying.items():
            assert not opens(key, text, text_label(name))
            assert not opens(key, sketch, print_label(name))
    # 2. Nothing raw ever lay open, and no ciphertext of that day is served any more.
    for content in everything:
        for raw in (PHRASE, ACCOUNT, WALLET):
            assert raw.encode() not in content
    assert sealed_parts(made.node) == {}
    assert not list((made.node.data / "sealed").rglob("*.parquet"))
    # 3. Nobody opens it through the node, nor through one made from the backup.
    with pytest.raises(NotFound):
        made.node.keys.opened(day)
    restored = read_backup(backups / "node.tar", tmp_path / "restored", clock=made.clock)
    assert restored.days == 0
    again = Node(tmp_path / "restored", clock=made.clock)
    with pytest.raises(NotFound):
        again.keys.opened(day)
    again.close()
    # 4. Who holds what was made from the texts can see that it must go, and the window has let go of it.
    assert made.node.keys.destroyed_since(generation) == (day,)
    made.node.watch.tick()
    assert len(made.node.watch._window) == 0
    # 5. Counts and warnings stay; the fingerprint that a warning carried does not.
    assert made.node.store.events.count() == 12
    kept = made.node.store.warnings.get(warning.id)
    assert kept is not None
    assert (kept.events, kept.actors, kept.timeline) == (warning.events, warning.actors, warning.timeline)
    assert kept.signature is None
    samples = made.node.reviewing.samples(made.node.access.operator(), warning.id, "looking for what is left")
    assert samples == ()


def test_the_window_forgets_a_day_inside_its_horizon(made: Made) -> None:
    """Where texts live for a shorter time than campaigns are looked for, the sketches in memory go as well."""
    say(made, 8, 0)
    made.node.watch.tick()
    assert len(made.node.watch._window.view().texts) > 0
    made.node.keys.day_keys.destroy([made.now.date().isoformat()], 1)
    made.node.watch.tick()
    window = made.node.watch._window
    assert len(window) == 8  # the events stay, and count
    assert (window.view().text == -1).all()


def test_derived_files_tell_their_age_by_the_generation(made: Made) -> None:
    """What another room persists under a day's key: sealed as texts are, and gone with them."""
    day = made.now.date().isoformat()
    snapshot = made.node.keys.seal_for(day).close(b"an index of sketches", f"index:{day}")
    generation = made.node.keys.generation
    assert made.node.keys.opened(day).open(snapshot, f"index:{day}") == b"an index of sketches"
    other = Keyring(made.node.data / "keys")
    KeyStore(made.node.data / "keystore").destroy([day], 1)  # another process
    for ring in (made.node.keys, other):
        assert ring.generation == generation + 1
        with pytest.raises(NotFound):
            ring.opened(day)
        with pytest.raises(NotFound):
            ring.seal_for(day)


def test_the_sketches_in_parquet_are_sealed_too(made: Made) -> None:
    say(made, 6, 0)
    made.node.store.events.compact()
    (file,) = (made.node.data / "sealed").rglob("*.parquet")
    for sketch in pq.read_table(file).column("fingerprint").to_pylist():
        assert isinstance(sketch, bytes)
        with pytest.raises(BadInput, match="sketch"):
            decode_batch([sketch])
