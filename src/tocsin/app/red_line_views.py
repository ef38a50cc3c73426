"""Red lines, commitments and key cases as plain values, for scripts and pages."""

from collections.abc import Collection
from typing import Any

import msgspec

from tocsin.app.commitments import Disclosed
from tocsin.app.model_records import Heard
from tocsin.app.red_lines import Listed, Word
from tocsin.kernel import at_micros
from tocsin.kernel.precedents import Citation, Precedent, Relation
from tocsin.kernel.red_lines import Stance
from tocsin.taxonomy.red_lines import base_lines
from tocsin.wire.stix.kinds_model import ModelEvaluationExtension


def red_line_view(one: Listed, language: str = "en") -> dict[str, Any]:
    """A line with all that was said of it; of the base in the language asked for."""
    line = one.line
    base = base_lines().get(line.id)
    title, text = base.words(language) if base is not None else (line.title, line.text)
    return {
        "id": line.id,
        "base": line.base,
        "title": title,
        "text": text,
        "subject": line.subject,
        "domain": line.domain,
        "condition": line.condition,
        "method": line.method,
        "measure": line.measure,
        "protocol": line.protocol,
        "measurable": bool(line.protocol),
        "threshold": line.threshold if line.protocol else None,
        "crossed_when": line.crossed_when,
        "evidence_needed": line.evidence,
        "basis": line.basis,
        "in_force": day(line.in_force),
        "review_by": day(line.review_by),
        "overdue": one.overdue,
        "scope": line.scope,
        "supersedes": line.supersedes,
        "tightened_by": list(one.tightened_by),
        "author": one.author,
        "by": line.by,
        "given_by": one.given_by,
        "signed": one.signed,
        "binds": one.binds,
        "for": [_word(word) for word in one.of(Stance.ENDORSE)],
        "against": [_word(word) for word in one.of(Stance.OBJECT)],
        "withdrew": [_word(word) for word in one.of(Stance.WITHDRAW)],
        "asked": [{"key": key, "name": name, "spoke": spoke} for key, name, spoke in one.asked],
    }


def commitment_view(one: Disclosed) -> dict[str, Any]:
    """A commitment, and whose it is."""
    said = one.commitment
    return {
        "id": said.id,
        "area": said.area,
        "practice": said.practice,
        "evidence": said.evidence,
        "since": day(said.at),
        "review_by": day(said.review_by),
        "overdue": one.overdue,
        "author": one.author,
        "given_by": one.given_by,
        "signed": one.signed,
    }


def precedent_view(one: Precedent, citations: Collection[Citation]) -> dict[str, Any]:
    """A key case, and who cites it."""
    relations = [citation.relation for citation in citations]
    return {
        "id": one.id,
        "stands_for": one.stands_for,
        "tier": one.tier,
        "domain": one.domain,
        "name": one.name,
        "artefact": one.artefact,
        "rules": list(one.rules),
        "facts": list(one.facts),
        "reasoning": one.reasoning,
        "decided": day(one.decided),
        "added": day(one.at),
        "followed": relations.count(Relation.FOLLOWS),
        "departed_from": relations.count(Relation.DEPARTS),
        "citations": [
            {
                "decision": citation.decision,
                "relation": citation.relation.value,
                "because": citation.because,
                "at": day(citation.at),
            }
            for citation in citations
        ],
    }


def cited_view(case: Precedent, citation: Citation | None) -> dict[str, Any]:
    """A case as the decision that names it shows it; without a relation while nobody has said it."""
    return {
        "precedent": case.id,
        "stands_for": case.stands_for,
        "tier": case.tier,
        "relation": citation.relation.value if citation else "",
        "because": citation.because if citation else "",
    }


def heard_view(one: Heard) -> dict[str, Any]:
    """What somebody said of a model, whole, with one line that sums it up."""
    says = one.says
    if isinstance(says, ModelEvaluationExtension):
        rates = ", ".join(f"{rate.lower:.1%} to {rate.upper:.1%} of {rate.trials}" for rate in says.results)
        summary = f"{says.domain}, {says.condition}: {rates}"
    else:
        summary = f"{says.decision}, access {says.access}"
    return {
        "id": one.id,
        "kind": says.NAME,
        "summary": summary,
        "model": says.model,
        "review_by": says.review_by,
        "lapsed": one.lapsed,
        "author": one.author,
        "given_by": one.given_by,
        "signed": one.signed,
        "says": msgspec.to_builtins(says),
    }


def day(moment: int) -> str:
    """The day (UTC) of a moment in microseconds, as people write it."""
    return at_micros(moment).date().isoformat()


def _word(word: Word) -> dict[str, Any]:
    return {
        "party": word.party,
        "name": word.name,
        "reason": word.reason,
        "at": at_micros(word.at).isoformat(timespec="seconds"),
        "ours": word.ours,
        "counts": word.counts,
    }
