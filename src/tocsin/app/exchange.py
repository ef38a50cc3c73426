"""Dealings with peers: naming them, releasing to them through the gate, pulling from them."""

import hmac
import os

import msgspec
import structlog

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.settings import Settings
from tocsin.app.telemetry import Telemetry
from tocsin.ingest.pull import pull
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    Clock,
    Conflict,
    Manifest,
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
from tocsin.net import Client
from tocsin.share import Gate
from tocsin.store.interface import Store
from tocsin.trust.identity import fingerprint, node_id, stix_identity
from tocsin.trust.policy import Policies
from tocsin.trust.signed_requests import RequestSigner

IDENTITY_PATH = "/v1/identity"
MAX_PEER_NAME_CHARS = 64
PIN_BYTES = 32

_log = structlog.get_logger("tocsin.exchange")


class About(msgspec.Struct, frozen=True):
    """A node's public names, as `GET /v1/identity` gives them; `public_key` hexadecimal."""

    node_id: str
    public_key: str
    identity: str
    name: str = ""

    @property
    def fingerprint(self) -> str:
        return fingerprint(bytes.fromhex(self.public_key))


class Pulled(msgspec.Struct, frozen=True):
    """What one pull brought. `error` names the peer and what to do; then nothing was kept."""

    peer: str
    records: int
    size: int
    error: str | None = None


class Exchange:
    """Every act here needs a role and leaves a trace; every release goes through the gate."""

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
        self._gate = Gate(policies)
        self._client = Client(signer=RequestSigner(keys.identity, clock, os.urandom))

    def about_me(self) -> About:
        """This node's public names."""
        public = self._keys.identity.public
        return About(
            node_id=node_id(public),
            public_key=public.hex(),
            identity=stix_identity(public),
            name=self._settings.name,
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
            answer = line.get(IDENTITY_PATH, accept="application/json")
        if answer.status != 200:
            raise PeerFault(name, f"answered {answer.status} to {IDENTITY_PATH}: is its token right?")
        try:
            about = msgspec.json.decode(answer.body, type=About)
            public = bytes.fromhex(about.public_key)
        except (msgspec.DecodeError, ValueError) as error:
            raise PeerFault(name, "did not answer as a Tocsin node does") from error
        if len(public) != 32 or about.identity != stix_identity(public) or about.node_id != node_id(public):
            raise PeerFault(name, "gave names that are not those of its key")
        return about

    def trust_peer(self, by: Caller, name: str, seen: About, compared: str) -> Peer:
        """Pin the key that was seen, if its fingerprint is the one that a person compared.

        Raises BadInput when it differs, Conflict when another key was pinned before.
        """
        self._access.require(by, "peer.manage")
        peer = self.peer(name)
        if not hmac.compare_digest(_plain(compared), _plain(seen.fingerprint)):
            self._access.audit(by.user, "peer.trust", subject=name, purpose="exchange", outcome="refused")
            raise BadInput(f"peer {name} shows another fingerprint than the one read to you: do not trust it")
        public = bytes.fromhex(seen.public_key)
        if peer.node_key is not None and peer.node_key != public:
            raise Conflict(f"peer {name} was trusted with another key: remove it first if it was made anew")
        if public == self._keys.identity.public:
            raise BadInput("that is this node itself")
        trusted = msgspec.structs.replace(
            peer, status=PeerStatus.TRUSTED, node_key=public, identity=seen.identity
        )
        self._store.peers.replace(trusted)
        self._access.audit(
            by.user, "peer.trust", subject=name, purpose="exchange", detail={"fingerprint": seen.fingerprint}
        )
        return trusted

    def preview(self, by: Caller, name: str, purpose: str) -> Manifest:
        """What would leave to a peer. Nothing leaves. Raises NotFound, NotAllowed, BadInput."""
        self._access.require(by, "share.preview")
        return self._gate.preview(
            self._store,
            self.peer(name),
            purpose,
            now=self._clock(),
            sighting_delay_seconds=self._settings.sighting_delay_seconds,
        ).manifest

    def publish(self, by: Caller, name: str, purpose: str, digest: str | None = None) -> Manifest:
        """Release exactly what the preview shows. Raises Conflict when `digest` is of another manifest."""
        self._access.require(by, "share.publish")
        manifest = self._gate.publish(
            self._store,
            self.peer(name),
            purpose,
            by=by.user,
            expected=digest,
            now=self._clock(),
            sighting_delay_seconds=self._settings.sighting_delay_seconds,
        )
        self._access.audit(
            by.user,
            "share.publish",
            subject=name,
            purpose=purpose,
            detail={"manifest": manifest.digest, "records": len(manifest.released)},
        )
        return manifest

    def pull_all(self, *, only: str | None = None, forced: bool = False) -> tuple[Pulled, ...]:
        """Pull from every trusted peer that is due; one that fails does not stop the others."""
        now = micros(self._clock())
        peers = [self.peer(only)] if only else self._store.peers.list()
        due = [
            peer
            for peer in peers
            if peer.status is PeerStatus.TRUSTED and (forced or peer.retry_at is None or peer.retry_at <= now)
        ]
        return tuple(self._pull(peer) for peer in due)

    def received(self, records: tuple[Record, ...], peer: str | None) -> None:
        """Records that came in over TAXII are in the store; the next look at events uses them."""
        if records:
            _log.info("records.received", peer=peer, records=len(records))

    def peer(self, name: str) -> Peer:
        """The peer of this name. Raises NotFound."""
        peer = self._store.peers.get(name)
        if peer is None:
            raise NotFound(f"there is no peer {name[:MAX_PEER_NAME_CHARS]}: `tocsin peer list` shows them")
        return peer

    def _pull(self, peer: Peer) -> Pulled:
        try:
            outcome = pull(peer, self._store, self._client, self._clock, self._credential(peer))
        except (PeerFault, NotAllowed) as error:  # suspended while it was asked, too
            self._telemetry.pulls.labels(peer.name, "failed").inc()
            _log.warning("pull.failed", peer=peer.name, reason=error.message)
            return Pulled(peer=peer.name, records=0, size=0, error=error.message)
        self._telemetry.pulls.labels(peer.name, "done").inc()
        return Pulled(peer=peer.name, records=len(outcome.records), size=outcome.size)

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


def _plain(text: str) -> bytes:
    return "".join(text.split()).replace("-", "").casefold().encode()
