"""The rules that artefacts are judged by, as data: one YAML file an examiner in artefact_rules/.

A verdict is bound to the digest of the rules that bear on a format (`digest_for`): a rule that is added, or raised to a
new version, opens exactly the verdicts on formats it names.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from tocsin.kernel.artefacts import ArtefactVerdict, Severity
from tocsin.taxonomy import prepared

EVERY_FORMAT = "*"
"""A rule on containers, names or sizes bears on whatever is in them."""


class ArtefactRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule. `en` and `zh` say why, in a sentence that takes a finding's values as `{name}`; `do_en` and `do_zh`
    say what to do next. `formats` are those it bears on, or "*". `source` names where it comes from.
    """

    id: str
    version: int
    formats: tuple[str, ...]
    verdict: ArtefactVerdict
    severity: Severity
    en: str
    zh: str
    do_en: str
    do_zh: str
    source: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    rules: tuple[ArtefactRule, ...]


@cache
def artefact_rules() -> Mapping[str, ArtefactRule]:
    """Every rule by its id. Raises ValueError when two files give one id."""
    found: dict[str, ArtefactRule] = {}
    folder = resources.files("tocsin.taxonomy").joinpath("artefact_rules")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            for rule in prepared.read(folder, file.name, _File).rules:
                if rule.id in found:
                    raise ValueError(f"the rule {rule.id} is given twice; rename one")
                found[rule.id] = rule
    return found


def digest_for(format_name: str, rules: Mapping[str, ArtefactRule], examiners: Mapping[str, int]) -> str:
    """sha256, hex, of the rules that bear on one format and of the examiners (name and version) that read it."""
    bearing = [
        (rule.id, rule.version)
        for _, rule in sorted(rules.items())
        if format_name in rule.formats or EVERY_FORMAT in rule.formats
    ]
    return hashlib.sha256(msgspec.json.encode([bearing, sorted(examiners.items())])).hexdigest()
