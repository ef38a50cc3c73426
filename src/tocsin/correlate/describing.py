"""From evidence to a Warning that a person can weigh: counts, timeline, samples, risk, confidence, refutations."""

import uuid
from collections import Counter
from math import exp

import numpy as np
import numpy.typing as npt

from tocsin.correlate.evidence import Evidence
from tocsin.correlate.groups import DAY_US, Group
from tocsin.correlate.settings import CampaignSettings
from tocsin.correlate.survey import Survey
from tocsin.correlate.window import View
from tocsin.kernel import Level, Reason, RiskVector, Warning, WarningKind
from tocsin.taxonomy import category as conduct
from tocsin.wire.sketch import U32

NAMESPACE = uuid.UUID("6f0a9c1e-5a3b-5b7e-8d55-0c7b3f1f7a10")
"""Of warning ids: UUIDv5 over kind and key. A node's own; warnings are not exchanged, records are."""

UNSPECIFIED = "influence.inauthentic"
"""Conduct of a campaign of which nothing else is known: coordinated accounts, whatever they say."""

MAX_SAMPLES = 8
MAX_CONFIDENCE = 95
THIN_HISTORY = 50
THIN_CONFIDENCE = 80
"""With fewer other accounts than this the usual shares are guesses, and no warning is surer than this."""

SCALE = ((50, Level.HIGH), (10, Level.MEDIUM), (1, Level.LOW))

I64 = npt.NDArray[np.int64]

_REFUTATIONS = {
    "campaign.new-accounts": "refute.moved-accounts",
    "campaign.made-together": "refute.one-intake",
    "campaign.devoted": "refute.automation",
    "campaign.flagged": "refute.flags-wrong",
    "campaign.evasion": "refute.style",
    "campaign.guarded": "refute.guards-wrong",
    "campaign.tempo": "refute.public-event",
    "campaign.shared-payment": "refute.one-organisation",
    "campaign.shared-wallet": "refute.public-wallet",
    "campaign.shared-device": "refute.shared-device",
    "campaign.shared-email": "refute.one-organisation",
    "campaign.shared-phone": "refute.one-organisation",
    "campaign.shared-invitation": "refute.one-intake",
    "campaign.shared-address-prefix": "refute.one-place",
    "campaign.same-other-text": "refute.community",
}


def describe(
    kind: WarningKind,
    seen: Survey,
    group: Group,
    evidence: Evidence,
    head: Reason,
    *,
    signature: U32,
    shingles: int,
    settings: CampaignSettings,
) -> Warning:
    """The warning that a group makes, its rows by time. `head` says what it did, before the terms of its evidence."""
    view, rows = seen.view, group.rows
    category, times, key = category_of(view, rows), view.time[rows], view.ids(rows[:1])[0]
    return Warning(
        id=warning_id(kind, key),
        kind=kind,
        key=key,
        category=category,
        actors=len(group.actors),
        events=len(rows),
        first_seen=int(times[0]),
        last_seen=int(times[-1]),
        score=evidence.score,
        threshold=settings.threshold,
        confidence=confidence(evidence.score, settings.threshold, seen.ledger.present - len(group.actors)),
        risk=risk(group, seen, category),
        reasons=(head, *(term.reason for term in evidence.terms)),
        refutations=refutations(evidence),
        signature=signature.astype("<u4").tobytes(),
        shingle_count=shingles,
        samples=samples(view, rows),
        timeline=timeline(times),
    )


def warning_id(kind: WarningKind, key: str) -> str:
    """The same for the same thing, whenever and however often it is found."""
    return str(uuid.uuid5(NAMESPACE, f"{kind.value}:{key}"))


def timeline(times: I64) -> tuple[tuple[int, int], ...]:
    """(start of the UTC day in microseconds, events) for each day that has any."""
    days, counts = np.unique(times // DAY_US, return_counts=True)
    return tuple((int(day) * DAY_US, int(count)) for day, count in zip(days, counts, strict=True))


def samples(view: View, rows: I64) -> tuple[str, ...]:
    """Event ids of different accounts and wordings, spread over the time; `rows` by time."""
    seen_actors: set[int] = set()
    seen_texts: set[int] = set()
    first: list[int] = []
    later: list[int] = []
    for row, actor, text in zip(
        rows.tolist(), view.actor[rows].tolist(), view.text[rows].tolist(), strict=True
    ):
        if actor in seen_actors:
            continue
        seen_actors.add(actor)
        (later if text in seen_texts and text >= 0 else first).append(row)
        seen_texts.add(text)
    chosen = _spread(first, MAX_SAMPLES)
    chosen += _spread(later, MAX_SAMPLES - len(chosen))
    return tuple(view.ids(np.array(chosen, np.int64)))


def _spread(rows: list[int], number: int) -> list[int]:
    if len(rows) <= number:
        return rows
    return [rows[at * (len(rows) - 1) // max(number - 1, 1)] for at in range(number)]


def category_of(view: View, rows: I64) -> str:
    """The conduct that rules which ring by themselves name for at least half of the events, or UNSPECIFIED."""
    at = np.isin(view.signal_row, rows)
    said = zip(*_pairs(view, at), strict=True)
    loud = {(row, view.rules[rule].category) for row, rule in said if view.rules[rule].loud}
    if not loud:
        return UNSPECIFIED
    name, count = min(Counter(name for _, name in loud).items(), key=lambda item: (-item[1], item[0]))
    return name if count * 2 >= len(rows) else UNSPECIFIED


def _pairs(view: View, at: npt.NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    return view.signal_row[at].tolist(), view.signal[at].tolist()


def risk(group: Group, survey: Survey, category: str) -> RiskVector:
    """The five dimensions, from what is known; what is not known stays N. See docs/warnings.md."""
    number = len(group.actors)
    scale = next(level for least, level in SCALE if number >= least)
    evading = float(np.mean(group.is_evading))
    new = float(np.mean(group.is_new))
    hiding = (evading >= 0.3) + (new >= 0.5)
    unheard = not survey.ledger.heard(group.rows)
    listed = conduct(category)
    return RiskVector(
        uplift=Level.NONE,
        scale=scale,
        attribution=(Level.LOW, Level.MEDIUM, Level.HIGH)[hiding],
        coupling=Level.HIGH if listed is not None and listed.floor else Level.NONE,
        gaps=Level.HIGH if unheard and evading >= 0.3 else Level.MEDIUM if unheard else Level.LOW,
    )


def confidence(score: float, threshold: float, others: int) -> int:
    """0 to 100: even odds at the threshold, capped, lower where the node's history is thin."""
    odds = 100.0 / (1.0 + exp(threshold - score))
    return round(min(odds, MAX_CONFIDENCE if others >= THIN_HISTORY else THIN_CONFIDENCE))


def refutations(evidence: Evidence) -> tuple[Reason, ...]:
    """What would show that it is none, for each term that speaks for it, and always the two plainest."""
    codes = ["refute.template", "refute.collective"]
    for term in evidence.terms:
        code = _REFUTATIONS.get(term.reason.code)
        if term.value > 0 and code is not None and code not in codes:
            codes.append(code)
    return tuple(Reason(code) for code in codes)
