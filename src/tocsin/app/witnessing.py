"""Peers as witnesses: each looks at the other's log when it pulls, cosigns what only grew, and keeps what did not.

Both sides are here. The witness asks for the checkpoint, compares it with what it saw before, and tells the log what it
has seen, cosigned. A log that is told of more than it has, or of another past, was restored from an older backup or
rewritten: it stops until a person has settled it.
"""

from hashlib import sha256

import structlog

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.transparency_log import origin_of
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, Peer, PeerFault, micros
from tocsin.net import Line
from tocsin.store.interface import Store
from tocsin.store.log_interface import KeptCheckpoint, LogFork, Witnessed
from tocsin.trust.identity import node_id
from tocsin.trust.key_history import keys_of
from tocsin.trust.notes import cosign, opened
from tocsin.trust.tlog import Tree, extends
from tocsin.wire.tlog import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Note,
    NoteKey,
    checkpoint_of,
    note_bytes,
    parse_note,
)
from tocsin.wire.tlog.proof import parse_hash_lines

CHECKPOINT_PATH = "/log/checkpoint"
CONSISTENCY_PATH = "/v1/log/consistency"
SEEN_PATH = "/v1/log/seen"

MAX_COSIGNATURES = 64
"""On one checkpoint: more peers than a node is likely to have; the note stays within its bound."""

MIN_REASON_CHARS, MAX_REASON_CHARS = 8, 400
MANAGE = "peer.manage"
_SECOND = 1_000_000

_log = structlog.get_logger("tocsin.witness")


class _Inconsistent(Exception):
    """Two checkpoints under one signature that no one log has; `str` says how."""


class Witnessing:
    """What this node saw of its peers' logs, and what they say of its own."""

    def __init__(self, store: Store, access: Access, keys: Keyring, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._keys = keys
        self._clock = clock

    def look(self, peer: Peer, line: Line) -> None:
        """See how a peer's log has grown, and tell it. Never a fault of the pull: what is wrong is kept and told.

        1. The checkpoint is of that peer's log and signed by its pinned key. 2. It is no shorter than what was seen,
        and at the same size the same. 3. The log proves that it begins with what was seen. 4. What was verified is
        kept, and only then cosigned. 5. Otherwise both notes are kept, and the log is told of the one seen before.
        """
        try:
            self._look(peer, line)
        except (PeerFault, BadInput, Conflict) as error:
            _log.warning("log.not-witnessed", peer=peer.name, reason=error.message)

    def told(self, peer: Peer, body: bytes) -> None:
        """What a peer has seen of this node's log. Raises BadInput for what one of the two did not sign.

        1. Both signatures hold. 2. If the log does not have it, the log stops, once for each such note. 3. Otherwise
        the cosignature is kept with the checkpoint.
        """
        note = parse_note(body)
        checkpoint = checkpoint_of(note)
        own = origin_of(self._keys.identity.node_id)
        witness = NoteKey(self.origin_of(peer), COSIGNATURE, peer.node_key or b"")
        signed = opened(note, [*self._own_keys(own), witness])  # 1
        theirs = next((one for one in signed if one.key == witness), None)
        if checkpoint.origin != own or theirs is None or len(signed) < 2:
            raise BadInput("send a checkpoint of this node's log with its signature and your cosignature")
        why = self._lacks(checkpoint)
        if why:  # 2
            self._stop(peer, checkpoint, note, why)
            return
        kept = self._store.log.checkpoint(checkpoint.size)  # 3
        if kept is None:
            return
        lines = parse_note(kept.note).signatures
        others = [line for line in lines if not line.by(witness)]
        if len(others) < MAX_COSIGNATURES:
            more = note_bytes(Note(checkpoint.text, (*others, theirs.signature)))
            self._store.log.put_checkpoint(KeptCheckpoint(kept.size, kept.at, kept.root, more))

    def settle(self, by: Caller, reason: str, peer: Peer | None = None) -> None:
        """A person's word: this node's log goes on, or a peer's is witnessed from anew. The evidence stays.

        Raises NotAllowed, BadInput, NotFound when there is nothing to settle.
        """
        self._access.require(by, MANAGE)
        if not MIN_REASON_CHARS <= len(reason.strip()) <= MAX_REASON_CHARS:
            raise BadInput(f"say in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters what was found out")
        origin = origin_of(self._keys.identity.node_id) if peer is None else self.origin_of(peer)
        with self._store.together():
            stopped = peer is None and bool(self._store.log.head().stopped)
            if not self._store.log.settle(origin, at=micros(self._clock())) and not stopped:
                raise NotFound("there is nothing to settle: `tocsin share log witness` shows what was found")
            if peer is None:
                self._store.log.go_on()
            self._access.audit(by.user, "log.settle", subject=origin, purpose=reason.strip())

    def origin_of(self, peer: Peer) -> str:
        """The name of a peer's log. Raises BadInput for a peer whose key is not pinned."""
        if peer.node_key is None or peer.identity is None:
            raise BadInput(f"peer {peer.name} has no pinned key: `tocsin peer trust {peer.name}`")
        spans = keys_of(peer.identity, self._store.keys.statements(peer.identity)).spans
        return origin_of(node_id(spans[0].key if spans else peer.node_key))

    def _look(self, peer: Peer, line: Line) -> None:
        answer = line.get(CHECKPOINT_PATH, accept="text/plain")
        if answer.status == 404:  # no log, or nothing signed yet: nothing to hold against it
            return
        if answer.status != 200:
            raise PeerFault(peer.name, f"answered {answer.status} to {CHECKPOINT_PATH}")
        note, origin = parse_note(answer.body), self.origin_of(peer)
        now = checkpoint_of(note)
        signed = opened(note, [NoteKey(origin, ED25519, peer.node_key or b"")])  # 1
        if now.origin != origin or now.extensions:
            raise PeerFault(peer.name, "signed another log than its own")
        plain = Note(note.text, (signed[0].signature,))
        seen = self._store.log.witnessed(origin)
        if seen is not None and (seen.size, seen.root) == (now.size, now.root):
            return
        try:
            self._check(peer, line, seen, now)
        except _Inconsistent as error:  # 5
            self._keep(peer, origin, str(error), seen, plain)
            if seen is not None:
                self._tell(line, parse_note(seen.note))
            return
        kept = Witnessed(origin, peer.name, micros(self._clock()), now.size, now.root, note_bytes(plain))
        self._store.log.see(kept, before=seen.size if seen else 0)  # 4
        self._tell(line, plain)

    def _check(self, peer: Peer, line: Line, seen: Witnessed | None, now: Checkpoint) -> None:
        if seen is None:
            return
        if now.size < seen.size:  # 2
            raise _Inconsistent(f"its log has {now.size} entries, and had {seen.size}")
        if now.size == seen.size:
            raise _Inconsistent(f"its log has two roots for {now.size} entries")
        if seen.size == 0:
            return
        query = {"old": str(seen.size), "new": str(now.size)}
        answer = line.get(CONSISTENCY_PATH, accept="text/plain", query=query)
        if answer.status != 200:
            raise PeerFault(peer.name, f"answered {answer.status} to {CONSISTENCY_PATH}")
        if not extends(seen.size, seen.root, now.size, now.root, parse_hash_lines(answer.body)):  # 3
            raise _Inconsistent(
                f"its log of {now.size} entries does not begin with the {seen.size} seen before"
            )

    def _tell(self, line: Line, note: Note) -> None:
        """The log what this node has seen of it, cosigned now."""
        identity = self._keys.identity
        time = micros(self._clock()) // _SECOND
        mine = cosign(note.text, origin_of(identity.node_id), identity, time=time)
        body = note_bytes(Note(note.text, (*note.signatures, mine)))
        line.post(SEEN_PATH, body, content_type="text/plain", accept="application/json")

    def _keep(self, peer: Peer, origin: str, why: str, seen: Witnessed | None, note: Note) -> None:
        """Evidence, once for what was seen before; loud."""
        first = b"" if seen is None else seen.note
        name = sha256(origin.encode() + b"\n" + first).hexdigest()
        fork = LogFork(name, peer.name, origin, micros(self._clock()), why, first, note_bytes(note))
        with self._store.together():
            if self._store.log.add_fork(fork):
                self._access.audit(
                    f"peer:{peer.name}", "log.fork", subject=origin, purpose="witness", detail={"why": why}
                )
        _log.error("log.fork", peer=peer.name, origin=origin, why=why)

    def _lacks(self, checkpoint: Checkpoint) -> str:
        """Why this node's log cannot have signed it as it is now; "" when it can."""
        head = self._store.log.head()
        if checkpoint.size > head.size:
            return f"a peer has seen {checkpoint.size} entries of this log, which has {head.size}"
        if Tree(checkpoint.size, self._store.log.tile).root() != checkpoint.root:
            return f"a peer has seen other entries among the first {checkpoint.size} of this log"
        return ""

    def _stop(self, peer: Peer, checkpoint: Checkpoint, note: Note, why: str) -> None:
        last = self._store.log.checkpoint()
        fork = LogFork(
            sha256(checkpoint.text.encode()).hexdigest(),
            peer.name,
            checkpoint.origin,
            micros(self._clock()),
            why,
            b"" if last is None else last.note,
            note_bytes(note),
        )
        with self._store.together():
            if self._store.log.add_fork(fork):
                self._store.log.stop(f"{why}; was an older backup restored? `tocsin share log settle`")
                self._access.audit(
                    f"peer:{peer.name}",
                    "log.fork",
                    subject=checkpoint.origin,
                    purpose="own",
                    detail={"why": why},
                )
        _log.error("log.stopped", peer=peer.name, why=why)

    def _own_keys(self, origin: str) -> list[NoteKey]:
        own = self._keys.identity
        publics = {own.public, own.first, *(bytes.fromhex(one.new) for one in self._keys.history())}
        return [NoteKey(origin, ED25519, public) for public in sorted(publics)]
