"""Releases to peers: shown, approved by people where that is asked, published, explained. All through one gate."""

from collections.abc import Callable

import msgspec

from tocsin.app.access import Access
from tocsin.app.settings import Settings
from tocsin.kernel import (
    Approval,
    Caller,
    Clock,
    Conflict,
    Group,
    Manifest,
    Means,
    NotAllowed,
    NotFound,
    Origin,
    Peer,
    micros,
)
from tocsin.share import PEOPLE, Explanation, Gate, approvers, asked_by, may_approve, spoken
from tocsin.store.interface import Store
from tocsin.trust.policy import Policies


class Considered(msgspec.Struct, frozen=True):
    """A preview. `asks` are the rules that want PEOPLE to approve it, `approved_by` the names of those who did."""

    manifest: Manifest
    asks: tuple[str, ...]
    approved_by: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.asks or len(self.approved_by) >= PEOPLE


class Publishing:
    """Every act here needs a role and leaves a trace; every release goes through the gate."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        access: Access,
        policies: Policies,
        clock: Clock,
        peer: Callable[[str], Peer],
    ) -> None:
        self._store = store
        self._settings = settings
        self._access = access
        self._policies = policies
        self._clock = clock
        self._peer = peer
        self._gate = Gate(policies)

    def preview(self, by: Caller, name: str, purpose: str) -> Manifest:
        """What would leave to a peer. Nothing leaves. Raises NotFound, NotAllowed, BadInput."""
        return self.considered(by, name, purpose).manifest

    def considered(self, by: Caller, name: str, purpose: str, *, group: Group | None = None) -> Considered:
        """A preview, and whose approval it has and still needs. Raises as `preview`."""
        self._access.require(by, "share.preview")
        now = self._clock()
        draft = self._gate.preview(
            self._store,
            self._peer(name),
            purpose,
            now=now,
            sighting_delay_seconds=self._settings.sighting_delay_seconds,
            group=group,
        )
        asks = asked_by(draft, self._settings.two_person_from)
        people = (
            approvers(self._store, self._policies, draft.manifest.digest, now=micros(now)) if asks else ()
        )
        return Considered(manifest=draft.manifest, asks=asks, approved_by=tuple(user.name for user in people))

    def approve(self, by: Caller, digest: str) -> Considered:
        """A person's approval of the manifest with this digest, which must be what a preview shows now.

        Raises NotAllowed for a peer or a source, Conflict when no release has this digest now.
        """
        self._access.require(by, "share.approve")
        if by.means is Means.OPERATOR or not may_approve(self._policies, by.roles, by.peer):
            raise NotAllowed(
                "a person approves a release: in the console, or with a token of their own; not a peer, a source, "
                "or whoever can read the folder"
            )
        for peer in self._store.peers.list():
            groups = [group for group in self._store.groups.list() if group.open_to(peer.name)]
            for purpose, group in [
                *((purpose, None) for purpose in peer.purposes),
                *((group.purpose, group) for group in groups),
            ]:
                found = self.considered(by, peer.name, purpose, group=group)
                if found.manifest.digest == digest:
                    now = micros(self._clock())
                    self._store.approvals.add(Approval(digest, by.user, peer.name, now))
                    self._access.audit(
                        by.user,
                        "share.approve",
                        subject=peer.name,
                        purpose=purpose,
                        detail={"manifest": digest, "records": len(found.manifest.released)},
                    )
                    return self.considered(by, peer.name, purpose, group=group)
        raise Conflict("no release has this digest now: look at the preview again")

    def publish(self, by: Caller, name: str, purpose: str, digest: str | None = None) -> Manifest:
        """Release exactly what the preview shows. Raises Conflict when `digest` is of another manifest."""
        self._access.require(by, "share.publish")

        def logged(manifest: Manifest) -> None:
            self._access.audit(
                by.user,
                "share.publish",
                subject=name,
                purpose=purpose,
                detail={"manifest": manifest.digest, "records": len(manifest.released)},
            )

        return self._gate.publish(
            self._store,
            self._peer(name),
            purpose,
            by=by.user,
            expected=digest,
            now=self._clock(),
            sighting_delay_seconds=self._settings.sighting_delay_seconds,
            two_person_from=self._settings.two_person_from,
            beside=logged,
        )

    def explain(self, by: Caller, record_id: str, name: str, purpose: str) -> Explanation:
        """Why a record would or would not go to a peer now. Raises NotFound, NotAllowed, BadInput."""
        self._access.require(by, "share.preview")
        peer = self._peer(name)
        record = self._store.records.get(record_id)
        if record is None:
            raise NotFound("there is no record of this id here")
        spoke = spoken(self._policies, record, peer, purpose, micros(self._clock()))
        manifest = self.preview(by, name, purpose)
        entry = next((one for one in manifest.entries if one.id == record_id), None)
        why = ""
        if entry is None:
            why = (
                "the peer has this version already"
                if record.origin is Origin.OWN
                else "it is another author's: only records of this node's own are offered"
            )
        return Explanation(record=record_id, peer=name, purpose=purpose, spoke=spoke, entry=entry, why=why)
