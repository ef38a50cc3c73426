"""Holding a confirmed fingerprint against this node's own past, within bounds that keep it from being a search.

What comes out stays here: no outcome, refusal or silence is told to the peer. Docs: docs/warnings.md.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec
import numpy as np

from tocsin.correlate.decay import LEAST, half_life, left
from tocsin.correlate.describing import confidence, refutations, risk, samples, timeline, warning_id
from tocsin.correlate.dismissals import SILENCE, Voices
from tocsin.correlate.evidence import Evidence, corroboration, weigh
from tocsin.correlate.exclusions import NONE, Exclusions
from tocsin.correlate.groups import DAY_US, Group
from tocsin.correlate.settings import DEFAULT_SETTINGS, CampaignSettings
from tocsin.correlate.survey import I32, I64, Survey, by_time, survey
from tocsin.correlate.window import Window
from tocsin.kernel import (
    EvidenceStatus,
    Indicator,
    Reason,
    Warning,
    WarningKind,
    WarningStatus,
)
from tocsin.taxonomy import category, refused_subject
from tocsin.wire.sketch import MIN_SHARED_SHINGLES, SLOTS, signature_array, similarity

MATCH = 0.25
"""Similarity of signatures from which a text matches: two copies, each with a fifth of its words changed, reach .3;
unrelated texts (.08) reach it once in 100,000. What a text here is tied to (`clusters`) matches with it."""

MIN_ACTORS = 2
LEAST_CORROBORATION = 1.5
"""Evidence of conduct (`evidence.corroboration`) without which nothing else counts."""

MAX_COMPARED = 256
"""Wordings of one match that are compared with the indicator, to show the most like it."""

MIN_BASIS_CHARS = 12
"""A basis is a sentence, not a full stop."""


class Outcome(StrEnum):
    WARNING = "warning"
    NOTHING = "nothing"
    REFUSED = "refused"


class LookBackResult(msgspec.Struct, frozen=True):
    """What became of one indicator: for the audit here, never for the peer."""

    indicator: str
    peer: str | None
    outcome: Outcome
    reason: Reason
    warning: Warning | None = None


def look_back(
    window: Window,
    indicators: Sequence[Indicator],
    *,
    now_us: int,
    settings: CampaignSettings = DEFAULT_SETTINGS,
    dismissals: Voices = SILENCE,
    confirmed: Sequence[bytes] = (),
    exclusions: Exclusions = NONE,
) -> tuple[LookBackResult, ...]:
    """One result per indicator, in order.

    1. An indicator is refused unless its category is conduct from the closed list, its claim was tested or
       observed, its basis is stated, it is in force and has not faded, its text was long enough not to be guessed,
       and is on no exclusion list.
    2. Events match by similarity of signatures. How many match, and how popular the text is, is no evidence.
    3. At least MIN_ACTORS accounts are behind them, and this node itself knows of conduct of theirs
       (`evidence.corroboration`); and
    4. all the evidence, what speaks for a crowd included, reaches the floor.
    """
    refusals = [refusal(indicator, now_us, exclusions) for indicator in indicators]
    wanted = [one for one, reason in zip(indicators, refusals, strict=True) if reason is None]
    matches: dict[str, I32] = {}
    seen: Survey | None = None
    if wanted:
        since = now_us - settings.look_back_days * DAY_US
        seen = survey(window, since=since, until=now_us + 1, confirmed=confirmed)
        like = seen.view.texts.like([one.fingerprint.signature for one in wanted], MATCH)
        matches = dict(zip((one.id for one in wanted), like, strict=True))
    results = []
    for indicator, reason in zip(indicators, refusals, strict=True):
        if reason is not None or seen is None:
            results.append(
                LookBackResult(indicator.id, indicator.peer, Outcome.REFUSED, reason or Reason("look-back"))
            )
            continue
        results.append(_one(seen, matches[indicator.id], indicator, now_us, settings, dismissals))
    return tuple(results)


def refusal(indicator: Indicator, now_us: int, exclusions: Exclusions = NONE) -> Reason | None:
    """Why an indicator is not looked for at all, or None."""
    subject = refused_subject(indicator.category)
    if subject is not None:
        return Reason("look-back.refused-subject", {"category": indicator.category, "subject": subject.id})
    if category(indicator.category) is None:
        return Reason("look-back.refused-category", {"category": indicator.category})
    if indicator.status is EvidenceStatus.THEORETICAL:
        return Reason("look-back.refused-status", {"status": indicator.status.value})
    if len(indicator.basis.strip()) < MIN_BASIS_CHARS:
        return Reason("look-back.refused-basis")
    if len(indicator.fingerprint.signature) != 4 * SLOTS:
        return Reason("look-back.refused-form")
    if indicator.fingerprint.shingles < MIN_SHARED_SHINGLES:
        return Reason(
            "look-back.refused-short",
            {"shingles": indicator.fingerprint.shingles, "least": MIN_SHARED_SHINGLES},
        )
    if indicator.valid_until is not None and indicator.valid_until <= now_us:
        return Reason("look-back.refused-expired")
    if indicator.valid_from > now_us:
        return Reason("look-back.refused-early")
    if what_is_left(indicator, now_us) < LEAST:
        return Reason("look-back.refused-faded")
    listed = exclusions.of_fingerprint(indicator.fingerprint.signature)
    return Reason("look-back.refused-excluded", {"list": listed}) if listed else None


def what_is_left(indicator: Indicator, now_us: int) -> int:
    """Confidence that is left of an indicator, 0 to 100 (`decay`)."""
    renewed = now_us if indicator.said is None else indicator.said
    days = half_life("indicator", "[x-tocsin-text:")
    return left(
        indicator.confidence, days=days, renewed=renewed, now=now_us, valid_until=indicator.valid_until
    ).now


def _one(
    seen: Survey,
    close: I32,
    indicator: Indicator,
    now_us: int,
    settings: CampaignSettings,
    dismissals: Voices,
) -> LookBackResult:
    def nothing(code: str) -> LookBackResult:
        return LookBackResult(indicator.id, indicator.peer, Outcome.NOTHING, Reason(code))

    view = seen.view
    if not len(close):
        return nothing("look-back.no-match")
    matches = seen.cluster_of_text.holding(seen.cluster_of_text[close])
    rows: I64 = np.flatnonzero(np.append(matches, False)[view.text])
    if not len(rows):
        return nothing("look-back.no-match")
    rows = rows[np.argsort(view.time[rows], kind="stable")]
    of_texts = frozenset(int(cluster) for cluster in np.unique(seen.cluster_of_text[view.text[rows]]))
    group = seen.ledger.group(rows, of_texts)
    if len(group.actors) < MIN_ACTORS:
        return nothing("look-back.too-few")
    evidence = weigh(group, seen.ledger)
    known = corroboration(group, seen.ledger, evidence)
    if known < LEAST_CORROBORATION or evidence.score < settings.floor:
        return nothing("look-back.no-corroboration")
    group = group._replace(rows=by_time(view, rows))
    text = _closest(seen, close, indicator.fingerprint.signature, group.rows)
    warning = _warning(seen, indicator, group, evidence, text, settings, now_us, dismissals)
    return LookBackResult(
        indicator.id, indicator.peer, Outcome.WARNING, Reason("look-back.corroborated"), warning
    )


def _closest(seen: Survey, close: I32, signature: bytes, rows: I64) -> int:
    """The text most like the indicator among those that some rows use, the earliest of several."""
    used = seen.view.text[rows]
    used = used[np.sort(np.unique(used, return_index=True)[1])]
    alike = used[np.isin(used, close)]
    texts = (alike if len(alike) else used)[:MAX_COMPARED].tolist()
    return int(
        max(
            texts,
            key=lambda text: similarity(seen.view.texts.sketch(text).signature, signature_array(signature)),
        )
    )


def _warning(
    seen: Survey,
    indicator: Indicator,
    group: Group,
    evidence: Evidence,
    text: int,
    settings: CampaignSettings,
    now_us: int,
    dismissals: Voices,
) -> Warning:
    view, rows = seen.view, group.rows
    times = view.time[rows]
    sketch = view.texts.sketch(text)
    signature = sketch.signature
    # Peers do not quiet it: another peer's reviewer confirmed it, and conduct that this node knows corroborates it.
    heard = dismissals.on(
        signature, score=evidence.score, threshold=settings.threshold, strong=settings.strong, hard=True
    )
    values: dict[str, str | int | float] = {
        "peer": indicator.peer or "",
        "actors": len(group.actors),
        "events": len(rows),
    }
    head = Reason("look-back.matches" if indicator.peer else "look-back.matches-own", values)
    basis = Reason("look-back.basis", {"basis": indicator.basis, "status": indicator.status.value})
    return Warning(
        id=warning_id(WarningKind.LOOK_BACK, indicator.id),
        kind=WarningKind.LOOK_BACK,
        key=indicator.id,
        category=indicator.category,
        actors=len(group.actors),
        events=len(rows),
        first_seen=int(times[0]),
        last_seen=int(times[-1]),
        score=evidence.score,
        threshold=settings.floor,
        confidence=confidence(evidence.score, settings.threshold, seen.ledger.present - len(group.actors)),
        risk=risk(group, seen, indicator.category),
        reasons=(
            head,
            basis,
            *(term.reason for term in evidence.terms),
            *((heard.reason,) if heard.reason else ()),
        ),
        refutations=(Reason("refute.peer-wrong"), *refutations(evidence)),
        status=WarningStatus.QUIETED if heard.quiet else WarningStatus.OPEN,
        signature=signature.astype("<u4").tobytes(),
        shingle_count=sketch.shingles,
        samples=samples(view, rows),
        timeline=timeline(times),
        indicator=indicator.id,
        peer=indicator.peer,
        updated=now_us,
    )
