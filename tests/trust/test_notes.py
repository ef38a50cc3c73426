"""Signatures on notes: the published one made again, cosignatures checked without our code, what does not hold."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tocsin.kernel import BadInput
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.notes import cosign, opened, sign
from tocsin.wire.tlog import COSIGNATURE, ED25519, Note, NoteKey, note_bytes, parse_note, read_key

PUBLISHED = json.loads(
    (Path(__file__).resolve().parents[1] / "vectors" / "tlog" / "published.json").read_text("utf-8")
)["note"]
TEXT, LINE, OTHER = PUBLISHED["text"], PUBLISHED["line"], PUBLISHED["other_line"]
PETER, ENOCH = read_key(PUBLISHED["key"]), read_key(PUBLISHED["other"])
SECRET = base64.b64decode(PUBLISHED["private"].split("+", 4)[4])[1:]


def note_of(*lines: str) -> Note:
    return parse_note(f"{TEXT}\n{''.join(lines)}".encode())


def test_the_published_signature_is_made_again() -> None:
    made = Note(TEXT, (sign(TEXT, "PeterNeumann", NodeIdentity(SECRET)),))
    assert note_bytes(made).decode() == f"{TEXT}\n{LINE}"


def test_who_signed_and_who_is_unknown() -> None:
    both = note_of(LINE, OTHER)
    assert [one.key for one in opened(both, [PETER])] == [PETER]
    assert [one.key for one in opened(both, [ENOCH, PETER])] == [PETER, ENOCH]
    assert [one.key for one in opened(note_of(LINE, LINE, OTHER, OTHER), [PETER])] == [PETER]


def test_what_nobody_trusted_signed_is_refused() -> None:
    with pytest.raises(BadInput, match="no key"):
        opened(note_of(LINE), [ENOCH])
    with pytest.raises(BadInput, match="no key"):
        opened(note_of(LINE), [])
    with pytest.raises(BadInput, match="one name"):
        opened(note_of(LINE), [PETER, PETER])


def test_a_trusted_key_whose_signature_does_not_hold_ends_it() -> None:
    longer = note_of(LINE[:60] + "ABCD" + LINE[60:], OTHER)
    with pytest.raises(BadInput, match="does not hold"):
        opened(longer, [PETER, ENOCH])
    other = Note(TEXT.replace("answer", "Answer"), note_of(LINE).signatures)
    with pytest.raises(BadInput, match="does not hold"):
        opened(other, [PETER])


def test_a_cosignature_as_the_standard_words_it() -> None:
    """Key id and message are made here from the standard's words, the signature by `cryptography`."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = private.public_key().public_bytes_raw()
    text = "example.com/log\n7\n" + base64.b64encode(hashlib.sha256(b"x").digest()).decode() + "\n"
    time = 1_790_000_000
    made = cosign(text, "witness.example/w", NodeIdentity(bytes(range(32))), time=time)
    assert made.key_id == hashlib.sha256(b"witness.example/w\n\x04" + public).digest()[:4]
    assert made.signature[:8] == time.to_bytes(8, "big")
    message = b"cosignature/v1\ntime 1790000000\n" + text.encode()
    Ed25519PublicKey.from_public_bytes(public).verify(made.signature[8:], message)
    assert made.signature[8:] == private.sign(message)
    key = NoteKey("witness.example/w", COSIGNATURE, public)
    assert opened(Note(text, (made,)), [key])[0].time == time


def test_a_logs_key_is_no_witness_and_a_witness_no_log() -> None:
    holder = NodeIdentity(bytes(range(32)))
    log, witness = (NoteKey("a", kind, holder.public) for kind in (ED25519, COSIGNATURE))
    assert log.id != witness.id
    for made, wrong in ((sign("t\n", "a", holder), witness), (cosign("t\n", "a", holder, time=1), log)):
        with pytest.raises(BadInput, match="no key"):
            opened(Note("t\n", (made,)), [wrong])
