"""Labels read from an object's own bytes, and the objects that everybody has.

Release and receipt both decide by these, so that a sender and a receiver see the same labels.
"""

import msgspec

from tocsin.kernel import TLP, EvidenceStatus
from tocsin.wire.stix.extensions import (
    CampaignExtension,
    FingerprintExtension,
    RuleExtension,
    author,
    definition,
    read,
)
from tocsin.wire.stix.kinds import KINDS
from tocsin.wire.stix.objects import Extended, StixObject
from tocsin.wire.stix.tlp import TLP_EXTENSION, marking

_STANDARD: dict[str, StixObject] = {
    item.id: item for item in (*map(marking, TLP), author(), *map(definition, KINDS))
}

WELL_KNOWN = frozenset({*_STANDARD, TLP_EXTENSION})
"""Ids of objects that every node has: anything may refer to them."""


class Conduct(msgspec.Struct, frozen=True):
    """Of what conduct an object speaks, how far the claim has come, and on what basis."""

    category: str
    evidence_status: EvidenceStatus
    basis: str


def well_known(identifier: str) -> StixObject | None:
    """The TLP 2.0 marking, extension definition or project identity with this id, None for any other."""
    return _STANDARD.get(identifier)


def conduct_of(item: StixObject | Extended) -> Conduct | None:
    """The conduct that an extension of ours claims. Raises BadInput when the extension breaks its schema."""
    claim = read(item, FingerprintExtension) or read(item, CampaignExtension) or read(item, RuleExtension)
    return None if claim is None else Conduct(claim.category, claim.evidence_status, claim.basis)
