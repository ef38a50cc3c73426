"""Accounts of one warning that are tied by what few others use, and a guarded word on what such a cluster may be.

Enters: the accounts of a warning, what they did, who else holds their identifiers; pseudonyms throughout. Leaves:
clusters, each with a profile that names its evidence, its alternatives and what would refute it. Refuses: a profile
of accounts that no warning speaks of, a profile without a harmless and a false-flag alternative, and any name,
nationality, belief or language: they are not read. See docs/actors.md.
"""

from tocsin.correlate.actors.clusters import Account, Cluster, Picture, picture_of
from tocsin.correlate.actors.gathering import Gathered, gathered
from tocsin.correlate.actors.profiles import (
    Alternative,
    Capability,
    Explanation,
    Form,
    Profile,
)
from tocsin.correlate.actors.ties import CONDUCT, LINK, Tie, candidates, ties_of
from tocsin.correlate.actors.traits import Traits, traits_of

__all__ = [
    "CONDUCT",
    "LINK",
    "Account",
    "Alternative",
    "Capability",
    "Cluster",
    "Explanation",
    "Form",
    "Gathered",
    "Picture",
    "Profile",
    "Tie",
    "Traits",
    "candidates",
    "gathered",
    "picture_of",
    "ties_of",
    "traits_of",
]
