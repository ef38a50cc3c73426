"""What lies behind a rules digest, so that a change of it can be named: rules that came, went or changed, examiners."""

from collections.abc import Collection, Mapping

from tocsin.assure import binding
from tocsin.kernel.artefacts import Inspection
from tocsin.kernel.models import BearingRules
from tocsin.taxonomy.artefact_rules import EVERY_FORMAT, ArtefactRule, digest_for

EXAMINER = "examiner:"


def behind(
    inspection: Inspection, rules: Mapping[str, ArtefactRule], *, formats: Collection[str] | None = None
) -> dict[str, BearingRules]:
    """Today's digest → rules and examiners that bear on each format (or on these) that the inspection met."""
    readers = binding.today(inspection)
    found = {}
    for name in inspection.rules if formats is None else formats:
        bearing = tuple(
            (rule.id, rule.version)
            for _, rule in sorted(rules.items())
            if name in rule.formats or EVERY_FORMAT in rule.formats
        )
        digest = digest_for(name, rules, readers.get(name, {}))
        found[digest] = BearingRules(bearing, tuple(sorted(readers.get(name, {}).items())))
    return found


def changes(then: BearingRules | None, now: BearingRules | None) -> tuple[str, ...]:
    """As in "+gguf.template" for a rule that is new, "-..." for one that is gone, "~gguf.header 1>2" for a change."""
    if then is None or now is None:
        return ()
    before = {**dict(then.rules), **{f"{EXAMINER}{name}": version for name, version in then.examiners}}
    after = {**dict(now.rules), **{f"{EXAMINER}{name}": version for name, version in now.examiners}}
    told = [f"+{name}" for name in after if name not in before]
    told += [f"-{name}" for name in before if name not in after]
    told += [
        f"~{name} {before[name]}>{after[name]}"
        for name in before
        if name in after and before[name] != after[name]
    ]
    return tuple(sorted(told))
