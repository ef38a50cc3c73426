"""What scripts and people are shown of guard models and of what is missed. Field names are a contract."""

from typing import Any

import msgspec

from tocsin.app.guard_line import GuardLine
from tocsin.app.node import Node
from tocsin.app.sampling import ALL, Misses
from tocsin.correlate.agreement import Agreement
from tocsin.kernel import GuardOutcome
from tocsin.taxonomy.guard_files import of_results


def guard_view(node: Node, line: GuardLine) -> dict[str, Any]:
    """One guard: where, how far, what it said, what it cost today, and how often people agreed, by language."""
    guard = line.guard
    counts, of_tools = (
        node.store.verdicts.counts(one.name, one.version) for one in (guard, of_results(guard))
    )
    spent = line.spent(node.clock())
    agreements = node.sampling.agreements(guard.name, guard.version)
    return {
        "name": guard.name,
        "version": guard.version,
        "model": guard.model,
        "at": line.origin,
        "waiting": node.guards.waiting(guard),
        "verdicts": {outcome.value: counts.get(outcome, 0) for outcome in GuardOutcome},
        "results": {outcome.value: of_tools.get(outcome, 0) for outcome in GuardOutcome},
        "today": {
            "requests": spent.requests,
            "characters": spent.characters,
            "requests_a_day": guard.file.requests_a_day,
        },
        "agreement": [agreement_view(lang, one) for lang, one in agreements.items()],
    }


def agreement_view(lang: str, one: Agreement) -> dict[str, Any]:
    """Agreement in one language; `lang` is null for all of them."""
    return {
        "lang": lang or None,
        "pairs": one.pairs.number,
        **msgspec.to_builtins(one.pairs),
        "alpha": one.alpha,
        "low": one.low,
        "high": one.high,
        "kappa": one.kappa,
    }


def misses_view(one: Misses) -> dict[str, Any]:
    """A share that is missed; `lang` and `category` are null for all of them."""
    return {
        "lang": one.lang if one.lang != ALL else None,
        "category": one.category if one.category != ALL else None,
        "missed": one.missed.number,
        "looked_at": one.missed.of,
        "low": round(one.missed.low, 4),
        "high": round(one.missed.high, 4),
    }
