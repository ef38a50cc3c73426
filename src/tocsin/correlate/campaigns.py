"""Campaigns: near-duplicates over distinct accounts in a sliding window, scored by who repeats them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from tocsin.correlate.describing import describe
from tocsin.correlate.dismissals import HARD_EVIDENCE, SILENCE, Voices
from tocsin.correlate.evidence import Evidence, corroboration, weigh
from tocsin.correlate.groups import DAY_US, Group, densest
from tocsin.correlate.settings import DEFAULT_SETTINGS, CampaignSettings
from tocsin.correlate.shortlist import bounds
from tocsin.correlate.survey import I64, NOTHING_SAID, Survey, by_time, survey
from tocsin.correlate.window import Window
from tocsin.kernel import Reason, Warning, WarningKind, WarningStatus
from tocsin.wire.sketch import similarity

SAME_CAMPAIGN = 0.5
"""Similarity of the typical texts from which a cluster is a campaign that already has a name."""


class Campaign(NamedTuple):
    """A warning, the accounts that make it, and the rows of their whole cluster."""

    warning: Warning
    group: Group
    rows: I64


def find_campaigns(
    window: Window,
    *,
    now_us: int,
    dismissals: Voices = SILENCE,
    settings: CampaignSettings = DEFAULT_SETTINGS,
    known: Sequence[Warning] = (),
    confirmed: Sequence[bytes] = (),
    guarded: Mapping[str, float] = NOTHING_SAID,
) -> tuple[Warning, ...]:
    """Warnings for every cluster whose evidence reaches the threshold, strongest first.

    `known` are the campaign warnings so far: a cluster that grew keeps its id. `confirmed` are the
    signatures of texts that a person here confirmed: whoever used one is suspect for it in every other group.
    `guarded` are events that a guard model flagged, with what its word weighs here.
    The result depends on the events, not on the order in which they came.
    """
    since = now_us - settings.look_back_days * DAY_US
    seen = survey(window, since=since, until=now_us + 1, confirmed=confirmed, guarded=guarded)
    found = campaigns_of(seen, now_us=now_us, dismissals=dismissals, settings=settings, known=known)
    return tuple(one.warning for one in found)


def campaigns_of(
    seen: Survey,
    *,
    now_us: int,
    dismissals: Voices = SILENCE,
    settings: CampaignSettings = DEFAULT_SETTINGS,
    known: Sequence[Warning] = (),
) -> tuple[Campaign, ...]:
    """As `find_campaigns`, of what was seen already, with the accounts."""
    found = []
    view = seen.view
    repeated = seen.repeated.used_by(settings.min_actors)
    able = bounds(seen.ledger, repeated, settings.window_days) >= settings.threshold
    for cluster, whole in repeated.each(able):
        rows = whole[densest(view.time[whole], view.actor[whole], settings.window_days * DAY_US)]
        group = seen.ledger.group(rows, frozenset((cluster,)))
        if len(group.actors) < settings.min_actors:
            continue
        evidence = weigh(group, seen.ledger)
        if evidence.score >= settings.threshold:
            group = group._replace(rows=by_time(view, rows))
            warning = _warning(seen, cluster, group, evidence, dismissals, settings, now_us)
            found.append(Campaign(warning, group, whole))
    named = _keep_names(seen, found, known)
    return tuple(sorted(named, key=lambda one: (-one.warning.score, one.warning.key)))


def _warning(
    seen: Survey,
    cluster: int,
    group: Group,
    evidence: Evidence,
    dismissals: Voices,
    settings: CampaignSettings,
    now_us: int,
) -> Warning:
    sketch = seen.view.texts.sketch(typical_text(seen, cluster, group))
    signature = sketch.signature
    heard = dismissals.on(
        signature,
        score=evidence.score,
        threshold=settings.threshold,
        strong=settings.strong,
        hard=corroboration(group, seen.ledger, evidence) >= HARD_EVIDENCE,
    )
    counted: dict[str, str | int | float] = {
        "actors": len(group.actors),
        "events": len(group.rows),
        "days": settings.window_days,
    }
    warning = describe(
        WarningKind.CAMPAIGN,
        seen,
        group,
        evidence,
        Reason("campaign.repeats", counted),
        signature=signature,
        shingles=sketch.shingles,
        settings=settings,
    )
    tail = (heard.reason,) if heard.reason is not None else ()
    status = WarningStatus.QUIETED if heard.quiet else WarningStatus.OPEN
    return msgspec.structs.replace(warning, reasons=(*warning.reasons, *tail), status=status, updated=now_us)


def typical_text(seen: Survey, cluster: int, group: Group) -> int:
    """The cluster's typical text if the group used it, else its own most used (of several the least signature)."""
    used, counts = np.unique(seen.view.text[group.rows], return_counts=True)
    if cluster in used:
        return cluster
    most = used[counts == counts.max()]
    return int(min(most.tolist(), key=lambda text: seen.view.texts.sketch(text).signature.tolist()))


def _keep_names(seen: Survey, found: Sequence[Campaign], known: Sequence[Warning]) -> list[Campaign]:
    """Give each cluster the key of the campaign it continues.

    1. A cluster continues a campaign whose key or sample is among its events; 2. or whose typical text is its
    own. Older campaigns choose first, stronger clusters are chosen first, and nothing is chosen twice.
    """
    left = sorted(found, key=lambda one: (-one.warning.score, one.warning.key))
    named: list[Campaign] = []
    older = sorted(
        (warning for warning in known if warning.kind is WarningKind.CAMPAIGN),
        key=lambda w: (w.first_seen, w.id),
    )
    if not left or not older:
        return left
    names = {name for campaign in older for name in (campaign.key, *campaign.samples)}
    row_of = seen.view.rows_of(names)
    events = {one.warning.key: frozenset(one.rows.tolist()) for one in left}
    for by_events in (True, False):
        waiting = []
        for campaign in older:
            rows = {row_of[name] for name in (campaign.key, *campaign.samples) if name in row_of}
            match = next(
                (
                    one
                    for one in left
                    if (
                        not rows.isdisjoint(events[one.warning.key])
                        if by_events
                        else _alike(campaign, one.warning)
                    )
                ),
                None,
            )
            if match is None:
                waiting.append(campaign)
                continue
            left = [one for one in left if one is not match]
            warning = msgspec.structs.replace(
                match.warning,
                id=campaign.id,
                key=campaign.key,
                first_seen=min(match.warning.first_seen, campaign.first_seen),
            )
            named.append(match._replace(warning=warning))
        older = waiting
    return named + left


def _alike(campaign: Warning, warning: Warning) -> bool:
    return (
        campaign.signature is not None
        and warning.signature is not None
        and similarity(campaign.signature, warning.signature) >= SAME_CAMPAIGN
    )
