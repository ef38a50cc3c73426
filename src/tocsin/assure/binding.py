"""What a verdict is bound to: for each format met, the rules that bear on it and the examiners that read it.

When one of them changes, the digest here changes, and the verdict is open again.
"""

from collections.abc import Mapping

from tocsin.assure.examiners import examiners, tree_examiners
from tocsin.kernel.artefacts import Inspection
from tocsin.taxonomy.artefact_rules import ArtefactRule, artefact_rules, digest_for

UNKNOWN = ""
"""The format of what nobody knew: bound to every examiner there is, for a new one may know it."""

GONE = 0
"""The version of an examiner that this node no longer has."""

TREE = "tree"
"""Bound to the examiners of several files together; stands in every inspection of a folder."""


def bound(met: Mapping[str, Mapping[str, int]], rules: Mapping[str, ArtefactRule]) -> dict[str, str]:
    """The digest for each format, by the examiners (name and version) that looked at it."""
    return {name: digest_for(name, rules, readers) for name, readers in sorted(met.items())}


def opened_again(inspection: Inspection, rules: Mapping[str, ArtefactRule] | None = None) -> tuple[str, ...]:
    """The formats of an earlier inspection whose rules or examiners are others today; none: the verdict stands."""
    now = bound(_today(inspection), artefact_rules() if rules is None else rules)
    return tuple(name for name, digest in inspection.rules.items() if now.get(name) != digest)


def _today(inspection: Inspection) -> dict[str, dict[str, int]]:
    """Who looked at each format then, in their versions of now. One that is gone has none, so its format differs."""
    versions = {examiner.name: examiner.version for examiner in examiners()}
    met: dict[str, dict[str, int]] = {name: {} for name in inspection.rules}
    if UNKNOWN in met:
        met[UNKNOWN] = dict(versions)
    if TREE in met:
        met[TREE] = {examiner.name: examiner.version for examiner in tree_examiners()}
    for part in inspection.parts:
        for looked in part.examiners:
            name, _, read_as = looked.partition(":")
            met.setdefault(read_as or part.format, {})[name] = versions.get(name, GONE)
    return met
