"""What scripts are shown of a look at accounts. Field names here are a contract (docs/reference.md)."""

from typing import Any

from tocsin.app.actors import Look
from tocsin.correlate.actors import Cluster, Profile
from tocsin.taxonomy.messages import sentence


def look_view(look: Look, language: str) -> dict[str, Any]:
    """One look: pseudonyms, counts, and what is said of each cluster in `language`."""
    people = look.picture.people
    return {
        "warning": look.warning.id,
        "accounts": look.accounts,
        "looked_at": look.sampled,
        "alone": look.picture.alone,
        "excluded_identifiers": look.excluded,
        "unchecked_identifiers": look.unchecked,
        "people": None if people is None else profile_view(people, language),
        "clusters": [cluster_view(cluster, language) for cluster in look.picture.clusters],
    }


def cluster_view(cluster: Cluster, language: str) -> dict[str, Any]:
    """Its accounts under their pseudonyms, its ties with how many hold them, its profile."""
    return {
        "accounts": [
            {"actor": one.name, "in_warning": one.warned, "events": one.events, "part": one.part}
            for one in cluster.accounts
        ],
        "ties": [
            {
                "type": tie.type,
                "value": tie.value,
                "in_warning": len(tie.warned),
                "outside": len(tie.others),
                "elsewhere": tie.elsewhere,
                "weight": tie.weight,
                "binds": tie.binds,
            }
            for tie in cluster.ties
        ],
        "parts": cluster.parts,
        "profile": profile_view(cluster.profile, language),
    }


def profile_view(profile: Profile, language: str) -> dict[str, Any]:
    """The statement, its evidence and everything that speaks against it."""
    return {
        "form": profile.form,
        "confidence": profile.confidence,
        "harmless": profile.harmless,
        "harmless_likelier": profile.harmless_likelier,
        "capability": profile.capability,
        "domain": profile.domain,
        "risk": None if profile.risk is None else str(profile.risk),
        "evidence": [sentence(reason, language) for reason in profile.evidence],
        "alternatives": [
            {
                "explanation": one.explanation,
                "form": one.form,
                "confidence": one.confidence,
                "would_decide": sentence(one.would_decide, language),
            }
            for one in profile.alternatives
        ],
        "refutations": [sentence(reason, language) for reason in profile.refutations],
        "way_in": sentence(profile.way_in, language),
        "automatic_action": "none",
    }
