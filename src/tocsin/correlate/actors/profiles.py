"""A profile: what a cluster of accounts may be, and everything that speaks against it. It names nobody.

There is no field for a name, a nationality, a belief, a language or a place, and no way to make a profile without a
harmless reading and the false flag beside it.
"""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from tocsin.kernel import Reason, RiskVector
from tocsin.taxonomy import category

MAX_CONFIDENCE = 80
"""Shared identifiers alone: who knows another's card, telephone or wallet can use it to be taken for them."""


class Form(StrEnum):
    """By form and by nothing else: non-state does not mean malicious, and neither does coordinated."""

    LONE = "lone-account"
    PEOPLE = "people-together"
    """Coordinated people whom nothing rare ties: a protest, a class, a fandom, an office."""
    SHARED = "household-or-shared-device"
    SERVICE = "service-or-reseller"
    GROUP = "coordinated-group"
    NETWORK = "automated-network"


HARMLESS = frozenset({Form.LONE, Form.PEOPLE, Form.SHARED, Form.SERVICE})
"""Forms of which nothing follows: no capability and no risk is said of them."""


class Capability(StrEnum):
    """As `AttributionExtension` has it, without "expert": events alone never show one."""

    UNKNOWN = "unknown"
    NOVICE = "novice"
    SKILLED = "skilled"


class Explanation(StrEnum):
    """As `kinds_actor.Alternative` has them, so that an attribution can be said in records without translation."""

    ANOTHER_ACTOR = "another-actor"
    FALSE_FLAG = "false-flag"
    SHARED_TOOLING = "shared-tooling"
    COINCIDENCE = "coincidence"
    HARMLESS_USE = "harmless-use"
    INSUFFICIENT_DATA = "insufficient-data"


class Alternative(msgspec.Struct, frozen=True):
    """Another explanation, how likely it is (0 to 100), and what would decide."""

    explanation: Explanation
    confidence: int
    would_decide: Reason
    form: Form | None = None


class Profile(msgspec.Struct, frozen=True):
    """A statement about a cluster, with confidence (0 to MAX_CONFIDENCE). Nothing follows from it without a person.

    `domain` is the warning's category of conduct, from the closed list; None, as are capability and risk, where the
    likeliest form is harmless. `way_in` says how one might speak with whoever it is.
    """

    form: Form
    confidence: int
    capability: Capability
    domain: str | None
    risk: RiskVector | None
    evidence: tuple[Reason, ...]
    alternatives: tuple[Alternative, ...]
    refutations: tuple[Reason, ...]
    way_in: Reason

    def __post_init__(self) -> None:
        for wrong in _faults(self):
            raise ValueError(f"a profile {wrong}")

    @property
    def harmless(self) -> int:
        """Confidence in all harmless readings together."""
        own = self.confidence if self.form in HARMLESS else 0
        return own + sum(
            one.confidence for one in self.alternatives if one.explanation is Explanation.HARMLESS_USE
        )

    @property
    def harmless_likelier(self) -> bool:
        return self.form in HARMLESS or self.harmless >= self.confidence


def _faults(profile: Profile) -> Iterator[str]:
    listed = {one.explanation for one in profile.alternatives}
    if Explanation.FALSE_FLAG not in listed:
        yield "always lists the false flag among its alternatives"
    if profile.form not in HARMLESS and Explanation.HARMLESS_USE not in listed:
        yield "of conduct always lists a harmless reading among its alternatives"
    if not profile.evidence or not profile.refutations:
        yield "names its evidence and what would refute it"
    if not 0 < profile.confidence <= MAX_CONFIDENCE:
        yield f"has a confidence of 1 to {MAX_CONFIDENCE}"
    if sum(one.confidence for one in profile.alternatives) + profile.confidence > 100:
        yield "shares out no more than 100 between itself and its alternatives"
    if profile.domain is not None and category(profile.domain) is None:
        yield "speaks of a category of conduct from the closed list, or of none"
    if profile.form in HARMLESS and (
        profile.domain is not None or profile.risk is not None or profile.capability is not Capability.UNKNOWN
    ):
        yield "of a harmless form says no capability, domain or risk"
