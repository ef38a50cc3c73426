"""The one spelling in which a rule leaves a node: what it asks and what it is called, and nothing else of its file.

Comments, author, references, dates and custom attributes stay at home. The spelling is canonical, so that the gate can
tell by its bytes whether something else was put in.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from tocsin.kernel import BadInput
from tocsin.wire.sigma.parsing import read_rule

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
"""In this order. A base rule of a correlation travels with it, in the same text."""


def travel_form(text: str) -> str:
    """A rule's canonical text. Raises BadInput when it is no rule, or would be another one when read again."""
    before = read_rule(text.encode(), "the rule")
    said = yaml.safe_dump_all(
        [_kept(document) for document in yaml.safe_load_all(text) if document],
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=1_000_000,
    )
    after = read_rule(said.encode(), "the rule as it would leave")
    if (before.bases, before.correlation, before.category) != (
        after.bases,
        after.correlation,
        after.category,
    ):
        raise BadInput(
            "the rule would be another one in the form in which it leaves: write its values plainly"
        )
    return said


def _kept(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(document[name]) for name in KEPT if name in document}


def _plain(value: Any) -> Any:
    """Values as YAML's plain types: what a loader made of a date or the like is text again."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
