"""Phrase warnings: every rule that rings by itself, with how many accounts and events it spoke of."""

import numpy as np

from tocsin.correlate.describing import samples, timeline, warning_id
from tocsin.correlate.groups import DAY_US
from tocsin.correlate.settings import DEFAULT_SETTINGS, CampaignSettings
from tocsin.correlate.survey import by_time
from tocsin.correlate.window import I64, View, Window
from tocsin.kernel import Level, Reason, RiskVector, Warning, WarningKind
from tocsin.taxonomy import category as conduct

PHRASE_DETECTOR = "phrases"
CONFIDENCE_ONE = 30
CONFIDENCE_MORE = 10
CONFIDENCE_MOST = 60
"""A phrase is heard surely and says little: who quotes, asks about or warns of it uses it too."""


def find_phrases(
    window: Window, *, now_us: int, settings: CampaignSettings = DEFAULT_SETTINGS
) -> tuple[Warning, ...]:
    """One warning per loud rule over the window, most accounts first. Rules that only note make none."""
    view = window.view()
    said_at = view.time[view.signal_row]
    recent = (said_at >= now_us - settings.window_days * DAY_US) & (said_at <= now_us)
    rules: dict[tuple[str, str], list[int]] = {}
    for number, rule in enumerate(view.rules):
        if rule.loud:
            rules.setdefault((rule_key(rule.detector, rule.evidence), rule.category), []).append(number)
    found = []
    for (key, category), numbers in rules.items():
        rows = np.unique(view.signal_row[recent & np.isin(view.signal, numbers)]).astype(np.int64)
        if len(rows):
            found.append(_warning(view, by_time(view, rows), key, category, now_us))
    return tuple(sorted(found, key=lambda warning: (-warning.actors, warning.key)))


def rule_key(detector: str, evidence: str) -> str:
    """What people call the rule: a pack's id, or the detector with its rule."""
    return evidence.split("/")[0] if detector == PHRASE_DETECTOR else f"{detector}:{evidence}"


def _warning(view: View, rows: I64, key: str, category: str, now: int) -> Warning:
    actors = len(np.unique(view.actor[rows]))
    times = view.time[rows]
    listed = conduct(category)
    scale = Level.HIGH if actors >= 50 else Level.MEDIUM if actors >= 10 else Level.LOW
    return Warning(
        id=warning_id(WarningKind.PHRASE, f"{key}:{category}"),
        kind=WarningKind.PHRASE,
        key=key,
        category=category,
        actors=actors,
        events=len(rows),
        first_seen=int(times[0]),
        last_seen=int(times[-1]),
        score=1.0,
        threshold=1.0,
        confidence=min(CONFIDENCE_ONE + CONFIDENCE_MORE * (actors - 1), CONFIDENCE_MOST),
        risk=RiskVector(
            scale=scale, coupling=Level.HIGH if listed is not None and listed.floor else Level.NONE
        ),
        reasons=(Reason("phrase.heard", {"rule": key, "actors": actors, "events": len(rows)}),),
        refutations=(Reason("refute.quotation"), Reason("refute.fiction")),
        samples=samples(view, rows),
        timeline=timeline(times),
        updated=now,
    )
