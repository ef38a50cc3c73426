"""The one spelling in which a rule leaves a node: what it asks and what it is called, and nothing else of its file.

Comments, author, references, dates, custom attributes and ids of its own stay at home; its id is that of the object
that carries it. The spelling is canonical, so that the gate can tell by its bytes whether something else was put in.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from tocsin.kernel import BadInput
from tocsin.wire.sigma.parsing import read_rule
from tocsin.wire.sigma.tree import Rule

KEPT = (
    "title",
    "id",
    "name",
    "status",
    "description",
    "tags",
    "logsource",
    "detection",
    "correlation",
    "level",
)
"""In this order."""


def travel_form(text: str, identifier: str) -> str:
    """A rule's canonical text under a UUID. Raises BadInput when it is no rule, or would be another one when read."""
    before = read_rule(text.encode(), "the rule")
    documents = [dict(document) for document in yaml.safe_load_all(text) if document]
    names: dict[str, str] = {}
    for document in documents:
        if "correlation" not in document and len(documents) > 1:
            own = str(document.get("name") or f"part-{len(names) + 1}")
            names |= {str(document[key]): own for key in ("id", "name") if key in document}
            document["name"] = own
            document.pop("id", None)
        else:
            document["id"] = identifier
            document.pop("name", None)
    for document in documents:
        if "correlation" in document:
            joined = document["correlation"]["rules"]
            joined = joined if isinstance(joined, list) else [joined]
            document["correlation"] = {
                **document["correlation"],
                "rules": [names.get(str(one), one) for one in joined],
            }
    said = yaml.safe_dump_all(
        [_kept(document) for document in documents],
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=1_000_000,
    )
    if _asked(read_rule(said.encode(), "the rule as it would leave")) != _asked(before):
        raise BadInput(
            "the rule would be another one in the form in which it leaves: write its values plainly"
        )
    return said


def _asked(rule: Rule) -> tuple[object, ...]:
    parts = tuple((base.condition, base.place) for base in rule.bases)
    return parts, rule.correlation, rule.category, rule.level, rule.title


def _kept(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(document[name]) for name in KEPT if name in document}


def _plain(value: Any) -> Any:
    """Values as YAML's plain types: what a loader made of a date or the like is text again."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
