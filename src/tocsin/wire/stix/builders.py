"""The STIX objects that a node makes of what its reviewers confirmed. Times in microseconds since 1970.

Fingerprints stand in an extension. The standard wants a pattern besides: `[x-tocsin-text:minhash_1 = '...']`
names the signature by its SHA-256 and parses in every STIX tool, and matches only in one that knows fingerprints.
A `pattern_type` of our own would be as legal, but several tools refuse what is not in the open vocabulary.
"""

import hashlib
from collections.abc import Callable, Sequence

from msgspec import UNSET

from tocsin.kernel import TLP, EvidenceStatus, Fingerprint, RiskVector
from tocsin.wire.stix import wording
from tocsin.wire.stix.extensions import (
    CampaignExtension,
    DismissalExtension,
    FingerprintExtension,
    RuleExtension,
    ScoreBand,
    SightingExtension,
    attach,
    bucket,
    encode_signature,
)
from tocsin.wire.stix.ids import own_id
from tocsin.wire.stix.objects import Campaign, Identity, Indicator, Relationship, Report, Sighting
from tocsin.wire.stix.times import timestamp
from tocsin.wire.stix.tlp import marking_id


def fingerprint_pattern(fingerprint: Fingerprint) -> str:
    """A STIX pattern that names a fingerprint."""
    return f"[x-tocsin-text:minhash_1 = '{hashlib.sha256(fingerprint.signature).hexdigest()}']"


def make_identity(identifier: str, name: str, *, at: int, tlp: TLP = TLP.CLEAR) -> Identity:
    """A node as an author. `identifier` is derived from its key, so that nobody writes under another's name."""
    return Identity(
        id=identifier,
        created=timestamp(at),
        modified=timestamp(at),
        object_marking_refs=[marking_id(tlp)],
        name=name,
        description=wording.IDENTITY,
        identity_class="organization",
    )


def make_indicator(
    fingerprint: Fingerprint,
    *,
    author: str,
    tlp: TLP,
    category: str,
    status: EvidenceStatus,
    basis: str,
    confidence: int,
    created: int,
    modified: int,
    valid_until: int | None = None,
) -> Indicator:
    """A fingerprint that a reviewer confirmed."""
    extension = FingerprintExtension(
        signature=encode_signature(fingerprint),
        shingles=fingerprint.shingles,
        category=category,
        evidence_status=status,
        basis=basis,
    )
    pattern = fingerprint_pattern(fingerprint)
    return Indicator(
        id=own_id("indicator", author, pattern, category),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        confidence=confidence,
        name=wording.indicator_name(category),
        description=wording.INDICATOR,
        indicator_types=["malicious-activity"],
        pattern=pattern,
        pattern_type="stix",
        pattern_version="2.1",
        valid_from=timestamp(created),
        valid_until=timestamp(valid_until) if valid_until is not None else UNSET,
        extensions=attach(extension),
    )


def make_rule(
    text: Callable[[str], str],
    *,
    key: str,
    author: str,
    tlp: TLP,
    category: str,
    status: EvidenceStatus,
    basis: str,
    created: int,
    modified: int,
    valid_until: int,
) -> Indicator:
    """A Sigma rule. `text` gives its travelling form under this object's UUID; `key` is its id at home, so that a
    changed text is a new version of the same object."""
    identifier = own_id("indicator", author, "sigma", key)
    return Indicator(
        id=identifier,
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        name=wording.rule_name(category),
        description=wording.RULE,
        indicator_types=["malicious-activity"],
        pattern=text(identifier.rpartition("--")[2]),
        pattern_type="sigma",
        valid_from=timestamp(created),
        valid_until=timestamp(valid_until),
        extensions=attach(RuleExtension(category=category, evidence_status=status, basis=basis)),
    )


def make_dismissal(
    fingerprint: Fingerprint,
    *,
    author: str,
    tlp: TLP,
    category: str,
    reason: str,
    created: int,
    modified: int,
    expires: int,
    revoked: bool = False,
    edition: int = 1,
) -> Indicator:
    """A reviewer found a template harmless: an indicator of type benign that expires. `category` as suspected.

    `edition` rises each time one is said anew after it was revoked: revoking an id is for good (STIX 2.1, 3.6).
    """
    pattern = fingerprint_pattern(fingerprint)
    return Indicator(
        id=own_id("indicator", author, pattern, "benign", *([str(edition)] if edition > 1 else [])),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        revoked=True if revoked else UNSET,
        name=wording.DISMISSAL_NAME,
        description=wording.DISMISSAL,
        indicator_types=["benign"],
        pattern=pattern,
        pattern_type="stix",
        pattern_version="2.1",
        valid_from=timestamp(created),
        valid_until=timestamp(expires),
        extensions=attach(
            FingerprintExtension(
                signature=encode_signature(fingerprint),
                shingles=fingerprint.shingles,
                category=category,
                evidence_status=EvidenceStatus.OBSERVED,
                basis=reason,
            ),
            DismissalExtension(reason=reason, expires=timestamp(expires)),
        ),
    )


def make_campaign(
    key: str,
    *,
    author: str,
    tlp: TLP,
    name: str,
    category: str,
    risk: RiskVector,
    status: EvidenceStatus,
    basis: str,
    actors: int,
    events: int,
    score_band: ScoreBand,
    confidence: int,
    first_seen: int,
    last_seen: int,
    created: int,
    modified: int,
) -> Campaign:
    """A confirmed campaign, counts in ranges. `key` is what singles it out at its author (the warning's id)."""
    extension = CampaignExtension(
        category=category,
        risk=str(risk),
        actors=bucket(actors),
        events=bucket(events),
        score_band=score_band,
        evidence_status=status,
        basis=basis,
    )
    return Campaign(
        id=own_id("campaign", author, key),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        confidence=confidence,
        name=name,
        description=wording.CAMPAIGN,
        first_seen=timestamp(first_seen),
        last_seen=timestamp(last_seen),
        extensions=attach(extension),
    )


def make_sighting(
    indicator: str, *, author: str, tlp: TLP, actors: int, events: int, created: int, modified: int
) -> Sighting:
    """A node saw an indicator at work: counts in ranges, no times of its own, one per author and indicator."""
    return Sighting(
        id=own_id("sighting", author, indicator),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        sighting_of_ref=indicator,
        where_sighted_refs=[author],
        summary=True,
        extensions=attach(SightingExtension(actors=bucket(actors), events=bucket(events))),
    )


def make_relationship(
    kind: str, source: str, target: str, *, author: str, tlp: TLP, created: int, modified: int
) -> Relationship:
    """`source` `kind` `target`: an indicator `indicates` a campaign."""
    return Relationship(
        id=own_id("relationship", author, kind, source, target),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        relationship_type=kind,
        source_ref=source,
        target_ref=target,
    )


def make_report(
    key: str,
    *,
    author: str,
    tlp: TLP,
    name: str,
    description: str,
    objects: Sequence[str],
    created: int,
    modified: int,
) -> Report:
    """What belongs together. `key` as for the campaign."""
    return Report(
        id=own_id("report", author, key),
        created=timestamp(created),
        modified=timestamp(modified),
        created_by_ref=author,
        object_marking_refs=[marking_id(tlp)],
        name=name,
        description=description,
        report_types=["campaign"],
        published=timestamp(created),
        object_refs=sorted(objects),
    )
