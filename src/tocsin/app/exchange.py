"""Dealings with peers: naming them, pulling from them, and what hangs on each. What goes to them is `publishing`'s."""

import os
from collections.abc import Iterable

import msgspec
import structlog

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.lag import ask_waiting, still_waiting
from tocsin.app.peer_history import About, PeerHistory, read_about
from tocsin.app.peer_trust import PeerTrust
from tocsin.app.publishing import Publishing
from tocsin.app.recalling import Recalling
from tocsin.app.settings import Settings
from tocsin.app.telemetry import Telemetry
from tocsin.app.witnessing import Witnessing
from tocsin.ingest.pull import PeerEquivocated, failed, pull
from tocsin.ingest.pull_preview import PullPreview, preview_pull
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    Clock,
    Conflict,
    Equivocation,
    NotAllowed,
    NotFound,
    Peer,
    PeerFault,
    PeerStatus,
    Record,
    Role,
    User,
    micros,
)
from tocsin.net import Client, Line
from tocsin.store.interface import Store
from tocsin.trust.policy import Policies
from tocsin.trust.signed_requests import RequestSigner
from tocsin.wire.stix.handling import PAP

IDENTITY_PATH = "/v1/identity"
MAX_PEER_NAME_CHARS = 64
PIN_BYTES = 32
MAX_ROUNDS = 50
"""Pulls of one peer in a row: a million objects, then the job's pause."""

_log = structlog.get_logger("tocsin.exchange")


class Pulled(msgspec.Struct, frozen=True):
    """What one pull brought. `error` names the peer and what to do; what came before it was kept.

    `more`: there is more to come, and the next pull goes on from there.
    """

    peer: str
    records: int
    size: int
    error: str | None = None
    more: bool = False

    def and_then(self, following: "Pulled") -> "Pulled":
        """This pull and the one after it, as one."""
        return msgspec.structs.replace(
            following, records=self.records + following.records, size=self.size + following.size
        )


class Exchange:
    """Every act here needs a role and leaves a trace."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        settings: Settings,
        access: Access,
        policies: Policies,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        self._store = store
        self._keys = keys
        self._settings = settings
        self._access = access
        self._telemetry = telemetry
        self._clock = clock
        # asked for at each line: another process may rotate the key
        self._client = Client(signer=lambda: RequestSigner(keys.identity, clock, os.urandom))
        self.publishing = Publishing(store, settings, access, policies, clock, self.peer)
        self.trust = PeerTrust(store, keys, access, clock)
        self.recalling = Recalling(store, keys, access, policies, clock)
        self.key_history = PeerHistory(store, access, self.trust, clock)
        self.witnessing = Witnessing(store, access, keys, clock)

    def about_me(self) -> About:
        """This node's public names."""
        own = self._keys.identity
        return About(
            node_id=own.node_id,
            public_key=own.public.hex(),
            identity=own.stix_identity,
            name=self._settings.name,
            statements=self._store.keys.statements(own.stix_identity),
        )

    def add_peer(
        self,
        by: Caller,
        name: str,
        url: str,
        *,
        token: str | None = None,
        pin: str | None = None,
        ceiling: TLP = TLP.GREEN,
        allow_private: bool = False,
    ) -> tuple[Peer, str]:
        """Name a peer; returns it and the token to give to it. Raises BadInput, Conflict, NotAllowed."""
        self._access.require(by, "peer.manage")
        if not (name.isprintable() and 0 < len(name) <= MAX_PEER_NAME_CHARS and not set(name) & set(' :/"')):
            raise BadInput(
                f"a peer's name has 1 to {MAX_PEER_NAME_CHARS} characters and no space, colon, slash"
            )
        peer = Peer(
            name=name,
            url=url.rstrip("/"),
            tls_pin=None if pin is None else _pin(pin),
            credential=None if token is None else self._sealed(name, token),
            ceiling=ceiling,
            allow_private=allow_private,
            created=micros(self._clock()),
        )
        try:
            with self._client.line(peer):
                pass  # an address that cannot be used is refused now, not at the first pull
        except PeerFault as fault:
            raise BadInput(fault.message) from fault
        user = User(
            id=f"user_{os.urandom(8).hex()}",
            name=f"peer-{name}",
            roles=(Role.PEER,),
            created=peer.created,
            peer=name,
        )
        self._store.peers.add(peer)
        self._store.people.add_user(user)
        self._access.audit(by.user, "peer.add", subject=name, purpose="exchange", detail={"url": peer.url})
        return peer, self._access.issue_token(by, user.name, label=f"for peer {name}")

    def keep_credential(self, by: Caller, name: str, token: str) -> None:
        """Keep, sealed, the token that a peer gave us."""
        self._access.require(by, "peer.manage")
        peer = self.peer(name)
        self._store.peers.replace(msgspec.structs.replace(peer, credential=self._sealed(name, token)))
        self._access.audit(by.user, "peer.credential", subject=name, purpose="exchange")

    def ask_key(self, by: Caller, name: str) -> About:
        """What the peer says its names are, checked for agreement with its key. Raises PeerFault."""
        self._access.require(by, "peer.manage")
        peer = self.peer(name)
        with self._client.line(peer, self._credential(peer)) as line:
            answer = self._ask_names(peer, line)
        if answer is None:
            raise PeerFault(name, f"answered 404 to {IDENTITY_PATH}: is its token right?")
        try:
            return read_about(answer)[0]
        except BadInput as error:
            raise PeerFault(name, error.message) from error

    def trust_peer(self, by: Caller, name: str, seen: About, compared: str, until: int | None = None) -> Peer:
        """Pin the key that was seen, if what a person compared is this key; see `PeerTrust.pin`."""
        public = bytes.fromhex(seen.public_key)
        trusted = self.trust.pin(by, self.peer(name), public, seen.identity, compared, until)
        self.key_history.keep(seen)
        return trusted

    def terms(
        self,
        by: Caller,
        name: str,
        *,
        jurisdiction: str | None,
        stores: tuple[str, ...] | None,
        pap: str | None,
    ) -> Peer:
        """Note what a peer's operator said of it; None leaves a thing as it is. Raises BadInput, NotFound."""
        self._access.require(by, "peer.manage")
        peer = self.peer(name)
        said = {"jurisdiction": jurisdiction, "stores": stores, "pap": pap}
        codes = (*([jurisdiction] if jurisdiction else []), *(stores or ()))
        if not all(len(code) == 2 and code.isascii() and code.isupper() for code in codes):
            raise BadInput("name countries by their ISO 3166-1 code of two capitals, for example DE")
        if pap is not None and pap not in PAP:
            raise BadInput(f"a level of PAP is one of: {', '.join(PAP)}")
        changed = msgspec.structs.replace(
            peer, **{key: value for key, value in said.items() if value is not None}
        )
        self._store.peers.replace(changed)
        self._access.audit(
            by.user,
            "peer.terms",
            subject=name,
            purpose="exchange",
            detail={
                "jurisdiction": changed.jurisdiction,
                "stores": " ".join(changed.stores),
                "pap": changed.pap,
            },
        )
        return changed

    def pull_all(self, *, only: str | None = None, forced: bool = False) -> tuple[Pulled, ...]:
        """Pull from every trusted peer that is due; one that fails does not stop the others."""
        now = micros(self._clock())
        peers = [self.peer(only)] if only else self._store.peers.list()
        due = [
            peer
            for peer in peers
            if peer.status is PeerStatus.TRUSTED
            and (only or peer.status_at(now) is PeerStatus.TRUSTED)
            and (forced or peer.retry_at is None or peer.retry_at <= now)
        ]
        first = {peer.name: self._pull(peer) for peer in due}
        for _ in range(MAX_ROUNDS):  # one pull each in turn: nobody waits behind a peer that has a million
            more = [pulled for pulled in first.values() if pulled.more and pulled.error is None]
            for pulled in more:
                first[pulled.peer] = pulled.and_then(self._pull(self.peer(pulled.peer)))
        return tuple(first.values())

    def line(self, name: str) -> Line:
        """A line to a trusted peer, to be used in a `with`. Raises NotFound, NotAllowed, PeerFault."""
        peer = self.peer(name)
        if peer.status_at(micros(self._clock())) is not PeerStatus.TRUSTED:
            raise NotAllowed(f"peer {name} is not trusted: compare its key with its operator first")
        return self._client.line(peer, self._credential(peer))

    def pull_preview(self, *, only: str | None = None) -> tuple[PullPreview, ...]:
        """What `pull_all` would change now, peer by peer; asks each trusted one, and keeps nothing of it."""
        peers = [self.peer(only)] if only else self._store.peers.list()
        return tuple(
            preview_pull(peer, self._store, self._client, self._clock, self._credential(peer))
            for peer in peers
            if peer.status_at(micros(self._clock())) is PeerStatus.TRUSTED
        )

    def received(self, records: tuple[Record, ...], peer: str | None) -> None:
        """Records that came in over TAXII are in the store; the next look at events uses them."""
        if records:
            _log.info("records.received", peer=peer, records=len(records))

    def left_out(self, conflicts: Iterable[Conflict], peer: str | None) -> None:
        """Records that were not kept: equivocation goes into the audit, with what proves it."""
        for conflict in conflicts:
            _log.warning("record.left-out", peer=peer, reason=conflict.message)
            if isinstance(conflict, Equivocation):
                self._access.audit(
                    "node" if peer is None else f"peer:{peer}",
                    "record.equivocation",
                    subject=conflict.record,
                    purpose="exchange",
                    outcome="refused",
                    detail={**conflict.detail},
                )

    def peer(self, name: str) -> Peer:
        """The peer of this name. Raises NotFound."""
        peer = self._store.peers.get(name)
        if peer is None:
            raise NotFound(f"there is no peer {name[:MAX_PEER_NAME_CHARS]}: `tocsin peer list` shows them")
        return peer

    def _pull(self, peer: Peer) -> Pulled:
        try:
            peer, waiting = self._followed(peer)
            outcome = pull(peer, self._store, self._client, self._clock, self._credential(peer))
        except (PeerFault, NotAllowed) as error:  # suspended while it was asked, too
            self._telemetry.pulls.labels(peer.name, "failed").inc()
            _log.warning("pull.failed", peer=peer.name, reason=error.message)
            if isinstance(error, PeerEquivocated):
                self.left_out((error.equivocation,), peer.name)
            return Pulled(peer=peer.name, records=0, size=0, error=error.message)
        self.left_out(outcome.left_out, peer.name)
        self._telemetry.pulls.labels(peer.name, "done").inc()
        self._answer_recalls(peer)
        left = still_waiting(waiting, outcome.objects, outcome.more)
        if (row := self._store.peers.get(peer.name)) is not None and row.waiting != left:
            self._store.peers.replace(msgspec.structs.replace(row, waiting=left))
        return Pulled(peer=peer.name, records=len(outcome.records), size=outcome.size, more=outcome.more)

    def _answer_recalls(self, peer: Peer) -> None:
        self.recalling.apply(peer)
        if self._store.recalls.owed(peer.name, limit=1):
            with self._client.line(peer, self._credential(peer)) as line:
                self.recalling.post_owed(peer, line)

    def _followed(self, peer: Peer) -> tuple[Peer, int | None]:
        """The peer's row after a look at its keys, before anything of it is believed; and what it says is waiting.

        A peer without a pinned key, and one that does not know the question (another TAXII server), has no history.
        """
        if peer.node_key is None or peer.status_at(micros(self._clock())) is not PeerStatus.TRUSTED:
            return peer, None
        try:
            with self._client.line(peer, self._credential(peer)) as line:
                about = self._ask_names(peer, line)
                if about is None:
                    return peer, None
                followed = self.key_history.follow(peer, about)
                self.witnessing.look(followed, line)
                return followed, ask_waiting(line, peer.cursor)
        except PeerFault as fault:
            row = self._store.peers.get(peer.name)
            if row is not None:
                self._store.peers.replace(failed(row, fault.message, micros(self._clock())))
            raise

    def _ask_names(self, peer: Peer, line: Line) -> bytes | None:
        """What it answers; None from a server that does not know the question and never did."""
        answer = line.get(IDENTITY_PATH, accept="application/json")
        if answer.status == 200:
            return answer.body
        if answer.status == 404 and not self._store.keys.statements(peer.identity or ""):
            return None
        raise PeerFault(peer.name, f"answered {answer.status} to {IDENTITY_PATH}: is its token right?")

    def _credential(self, peer: Peer) -> str | None:
        if peer.credential is None:
            return None
        return self._keys.secrets.open(peer.credential, f"peer:{peer.name}").decode()

    def _sealed(self, name: str, token: str) -> bytes:
        return self._keys.secrets.close(token.encode(), f"peer:{name}")


def _pin(text: str) -> bytes:
    try:
        pin = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        pin = b""
    if len(pin) != PIN_BYTES:
        raise BadInput("a pin is the SHA-256 of the peer's TLS key: 64 hexadecimal digits")
    return pin
