"""Two nodes that pledge before they match, a witness whose clock counts, and an auditor at the command line."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fixtures import Made
from tests.matching_nodes import Pair, handles, keep
from tests.nodes import tocsin
from tocsin.kernel import micros
from tocsin.store.log_interface import KeptCheckpoint
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.matching import MatchKind
from tocsin.trust.notes import cosign
from tocsin.wire.tlog import COSIGNATURE, Note, NoteKey, note_bytes, parse_note

KIND = MatchKind.HANDLE
AGE = timedelta(days=15)
OURS, THEIRS = range(20), range(15, 40)
"""Handles that were taken up early, at the harbour and at the lighthouse: five in common."""

AUDIT = ("share", "match", "audit")


def seen(made: Made, witness: NodeIdentity) -> None:
    """The log is signed, and the witness cosigns it now."""
    log = made.node.transparency_log
    log.tick()
    kept = log.checkpoint()
    note = parse_note(kept.note)
    time = micros(made.now) // 1_000_000
    signature = cosign(note.text, "witness", witness, time=time)
    made.node.store.log.put_checkpoint(
        KeptCheckpoint(
            kept.size, kept.at, kept.root, note_bytes(Note(note.text, (*note.signatures, signature)))
        )
    )


def spelt(numbers: Sequence[int]) -> list[bytes]:
    """As they are taken up."""
    return [f"refund-{number}".encode() for number in numbers]


def prepare(pair: Pair, witness: NodeIdentity, now: datetime) -> None:
    """Both hold themselves to quotas and took up records when the pair was made; now they agree to pledge."""
    for made, numbers in zip(pair.both, (OURS, THEIRS), strict=True):
        by = made.node.access.operator()
        made.node.accountable.set_quota(by, KIND, records=200, points=200)
        made.node.accountable.take_up(by, KIND, spelt(numbers))
        seen(made, witness)
        made.now = now
    agree(pair)
    keep(pair.lighthouse, "handle", handles(*THEIRS, *range(200, 220)))


def agree(pair: Pair, **other: object) -> None:
    """Both ask for pledges."""
    for near, far in (pair.both, pair.both[::-1]):
        pair.agree(near, far.node.name, **({"kinds": ("handle",), "pledged": True} | other))


class Institute:
    """A third party with its key, whom both operators named; and the witness that it believes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.witness = NodeIdentity(secrets.token_bytes(32))
        self.secret = folder / "institute.key"
        said = tocsin(*AUDIT, "key", str(self.secret), "--name", "institute", "--json").stdout
        self.line = json.loads(said)["key"]

    def named(self, pair: Pair) -> None:
        for made in pair.both:
            tocsin(*AUDIT, "auditor", self.line, "--data", str(made.node.data))

    def verdict(self, audited: Made, other: Made, session: str, side: str) -> dict[str, Any]:
        """Challenge, the other side's account, the openings, and `verify`: each by the command line."""
        asked, account, openings = (
            str(self.folder / f"{session}-{word}") for word in ("asked", "account", "openings")
        )
        said = ("--session", session, "--side", side, "--name", "institute", "--secret", str(self.secret))
        tocsin(*AUDIT, "challenge", asked, *said, "--positions", "20")
        tocsin(*AUDIT, "answer", asked, account, "--data", str(other.node.data))
        tocsin(*AUDIT, "answer", asked, openings, "--account", account, "--data", str(audited.node.data))
        keys = [str(made.node.transparency_log.key()) for made in (audited, other)]
        witness = str(NoteKey("witness", COSIGNATURE, self.witness.public))
        done = tocsin(
            *(*AUDIT, "verify", openings, "--challenge", asked, "--auditor", self.line, "--values", "--json"),
            *("--audited", keys[0], "--other", keys[1], "--witness", witness),
            check=False,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        assert found["holds"] is (done.returncode == 0)
        return found
