"""Red lines as plain values, for scripts and pages."""

from typing import Any

from tocsin.app.red_lines import Listed, Word
from tocsin.kernel import at_micros
from tocsin.kernel.red_lines import Stance
from tocsin.taxonomy.red_lines import base_lines


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
