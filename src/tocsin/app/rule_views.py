"""What scripts and people are shown of a rule. Field names here are a contract (docs/reference.md)."""

from typing import Any

from tocsin.app.node import Node
from tocsin.app.rules import Listed
from tocsin.cases import Precision
from tocsin.kernel import micros

TALLY_DAYS = 30
DAY_US = 86_400_000_000


def rule_view(node: Node, one: Listed, precision: Precision | None) -> dict[str, Any]:
    """A rule with its last TALLY_DAYS in numbers. `would_warn` are warnings that it made, or would have in shadow."""
    tallies = node.rules.tallies(one.kept.id, since=micros(node.clock()) - TALLY_DAYS * DAY_US)
    found = precision or Precision(0, 0)
    return {
        "id": one.kept.id,
        "title": one.title,
        "category": one.rule.category if one.rule else "",
        "level": one.rule.level if one.rule else "",
        "version": one.rule.version if one.rule else "",
        "state": one.kept.state,
        "source": one.kept.source,
        "peer": one.kept.peer,
        "file": one.file,
        "fault": one.fault,
        "hits": sum(day.hits for day in tallies),
        "events": sum(day.events for day in tallies),
        "would_warn": sum(day.warnings for day in tallies),
        "decided": found.decided,
        "precision": found.share,
        "interval": found.interval,
    }
