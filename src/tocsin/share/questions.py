"""What the policies are asked of a record: its labels, the peer's standing, and nothing else."""

from msgspec import UNSET, UnsetType

from tocsin.kernel import Peer, Record
from tocsin.taxonomy import category, refused_subject
from tocsin.trust.policy import Decision, Policies, ShareQuestion
from tocsin.wire.stix import HandlingExtension
from tocsin.wire.stix.handling import PAP, countries, under_embargo
from tocsin.wire.stix.labels import Conduct


class Questions:
    """Asks once for each distinct combination of labels; one for each release."""

    def __init__(self, policies: Policies, peer: Peer, purpose: str, now: int) -> None:
        self._policies = policies
        self.peer = peer
        self._purpose = purpose
        self._now = now
        self._known: dict[object, Decision] = {}

    def decide(
        self, record: Record, conduct: Conduct | None, labels: HandlingExtension | None, kind: str = ""
    ) -> Decision:
        """What the policies say of a record with this conduct and these handling labels; `kind` as `Look` has it."""
        evidence = conduct.evidence_status.value if conduct else ""
        basis = bool(conduct and conduct.basis.strip())
        asked = (record.type, record.tlp, record.origin, record.category, evidence, basis, labels, kind)
        known = self._known.get(asked)
        if known is None:
            known = self._known[asked] = self._policies.may_share(
                self.question(record, conduct, labels, kind)
            )
        return known

    def question(
        self, record: Record, conduct: Conduct | None, labels: HandlingExtension | None, kind: str = ""
    ) -> ShareQuestion:
        """The question itself."""
        said = labels or HandlingExtension()
        peer = self.peer
        return ShareQuestion(
            status=peer.status,
            ceiling=peer.ceiling,
            purposes=peer.purposes,
            purpose=self._purpose,
            type=record.type,
            marking=record.tlp,
            origin=record.origin,
            category=record.category,
            listed=category(record.category) is not None,
            refused=refused_subject(record.category) is not None,
            evidence=conduct.evidence_status if conduct else "",
            basis=bool(conduct and conduct.basis.strip()),
            jurisdiction=peer.jurisdiction,
            stores=peer.stores,
            honours=PAP.index(peer.pap) if peer.pap in PAP else 0,
            pap=0 if said.pap is UNSET else PAP.index(str(said.pap)),
            only_to=_places(said.only_to),
            stays_in=_places(said.stays_in),
            embargoed=under_embargo(said, self._now),
            only_for=None if isinstance(said.purposes, UnsetType) else said.purposes,
            kind=kind,
        )


def _places(said: tuple[str, ...] | UnsetType) -> tuple[str, ...] | None:
    return None if isinstance(said, UnsetType) else countries(said)
