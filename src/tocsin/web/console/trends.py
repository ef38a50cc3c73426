"""Trends: counts of conduct against what their own past leads to expect."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get

from tocsin.correlate.trends import ALL, NOWHERE, UNKNOWN, Judged
from tocsin.kernel import BadInput
from tocsin.taxonomy import category as conduct
from tocsin.web.console import acts
from tocsin.web.console.languages import N_, Language
from tocsin.web.console.render import render
from tocsin.web.console.trend_charts import HEIGHT, WIDTH, Chart, chart
from tocsin.web.console.visits import visit_of

MAX_CHARTS = 48
"""Pictures on one page, those that rang and the busiest first; the page says how many there are."""

TABLE_DAYS = 14

DETECTORS: Mapping[str, str] = {
    "ears-c1": N_("EARS C1: the week before"),
    "ears-c2": N_("EARS C2: a week, two days left between"),
    "ears-c3": N_("EARS C3: three days together"),
    "cusum": N_("CUSUM: small excesses that add up"),
    "farrington": N_("Farrington: the same weeks of past years"),
}


class Picture(msgspec.Struct, frozen=True):
    """One series: where it was counted in words, and its chart. `number` tells it from others on the page."""

    number: int
    category: str
    where: tuple[str, ...]
    judged: Judged
    chart: Chart


@get("/trends", sync_to_thread=True)
def trends_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Every conduct as a whole; with ?category= one conduct by language and region. Raises BadInput."""
    visit = visit_of(request)
    visit.require(acts.WARNINGS_READ)
    asked = visit.query.get("category", "")
    if asked and conduct(asked) is None:
        raise BadInput("there is no such conduct in the closed list: choose one in the form")
    every = [one for one in visit.node.trends.judged() if one.series.category != ALL]
    wanted = [
        one
        for one in every
        if (one.series.category == asked if asked else (one.series.language, one.series.region) == (ALL, ALL))
    ]
    wanted.sort(key=lambda one: (not one.alarms, -float(one.values[-28:].sum()), one.series.key))
    pictures = [
        Picture(number, one.series.category, where(one, visit.language), one, chart(one))
        for number, one in enumerate(wanted[:MAX_CHARTS])
    ]
    return render(
        visit,
        "trends.html",
        pictures=pictures,
        total=len(wanted),
        asked=asked,
        counted=sorted({one.series.category for one in every}),
        rate=visit.node.settings.trend_alarms_per_week,
        watched=sum(one.detectors > 0 for one in every),
        detectors=DETECTORS,
        width=WIDTH,
        height=HEIGHT,
        table_days=TABLE_DAYS,
    )


def where(judged: Judged, language: Language) -> tuple[str, ...]:
    """Language and region of a series in words; nothing where it is the whole."""
    series = judged.series
    words = []
    if series.language == UNKNOWN:
        words.append(language.say(N_("language not told")))
    elif series.language != ALL:
        words.append(str(language.locale.languages.get(series.language, series.language)))
    if series.region == NOWHERE:
        words.append(language.say(N_("region not told")))
    elif series.region != ALL:
        words.append(series.region)
    return tuple(words)
