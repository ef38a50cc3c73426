"""The page of trends: pictures with a table beside each, for those who may read warnings."""

from datetime import timedelta

import msgspec
import numpy as np

from tests.app.test_trends import quiet, rows
from tests.console import Client, Markup, log_in, token_for
from tests.fixtures import Made
from tocsin.correlate.trends import LATE, Series, judge
from tocsin.kernel import Role
from tocsin.web.console.trend_charts import HEIGHT, WIDTH, chart


def grow(made: Made) -> None:
    """A node with a quiet conduct, a rise of another in one language, and late reports."""
    store = made.node.store
    store.events.append(rows(made, quiet(mean=20, seed=4), category="cyber.phishing", name="steady"))
    store.events.append(rows(made, quiet(mean=12)))
    store.events.append(rows(made, [*quiet(97, mean=3, seed=6), 4, 30, 38], name="zh", lang="zh-Hans"))
    late = [
        msgspec.structs.replace(
            row,
            event=msgspec.structs.replace(
                row.event,
                received=row.event.time + int(timedelta(days=1 + n % 3) / timedelta(microseconds=1)),
            ),
        )
        for n, row in enumerate(rows(made, [*quiet(96, mean=5, seed=9), 5, 4, 2, 0], name="late"))
        if row.event.time + (1 + n % 3) * 86_400_000_000 <= int(made.now.timestamp() * 1_000_000)
    ]
    store.events.append(late)
    made.node.trends.tick()


def test_pictures_and_tables_for_who_may_read_warnings(made: Made, client: Client) -> None:
    grow(made)
    log_in(client, token_for(made, "ana", Role.ANALYST))
    page = client.get("/trends").text
    markup = Markup(page)
    charts = [tag for tag in markup.all("svg") if tag.get("class") == "trend-chart"]
    assert len(charts) == 2
    assert all(tag["role"] == "img" and tag["aria-label"] for tag in charts)
    assert len(markup.all("details")) == len(charts)
    assert any(tag.get("class") == "mark" for tag in markup.all("polygon"))
    assert any(tag.get("class") == "dashed" for tag in markup.all("polyline"))
    assert "rang on" in page
    assert "EARS C1" in page
    parts = client.get("/trends?category=fraud.scam").text
    assert "Chinese" in parts
    assert "English" in parts
    assert "中文" in client.get("/trends?category=fraud.scam&lang=zh").text


def test_an_unknown_conduct_and_a_stranger_are_refused(made: Made, client: Client) -> None:
    log_in(client, token_for(made, "ana", Role.ANALYST))
    assert client.get("/trends?category=political").status_code == 400
    assert "Nothing to count yet" in client.get("/trends").text
    client.cookies.clear()
    log_in(client, token_for(made, "adam", Role.ADMIN))
    assert client.get("/trends").status_code == 403


def test_a_chart_stays_within_its_frame_and_says_what_the_series_says() -> None:
    counts = np.random.default_rng(3).poisson(8, 120)
    counts[-1] = 40
    reported = np.zeros((56, LATE + 1), np.int64)
    reported[:, 0] = counts[-56:]
    (judged,) = judge([Series("fraud.scam", "", "", 20_000, counts, reported)], alarms_per_week=1.0)
    drawn = chart(judged)
    assert [day.count for day in drawn.days] == counts[-56:].tolist()
    assert drawn.alarms[-1].count == 40
    assert drawn.peak == 40
    for points in (drawn.band, drawn.expected, drawn.counted):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT


def test_a_young_series_has_a_line_and_no_band() -> None:
    counts = np.full(20, 5)
    reported = np.zeros((20, LATE + 1), np.int64)
    reported[:, 0] = counts
    (judged,) = judge([Series("fraud.scam", "", "", 20_000, counts, reported)], alarms_per_week=1.0)
    drawn = chart(judged)
    assert (drawn.band, drawn.expected, drawn.alarms) == ("", "", ())
    assert len(drawn.counted.split()) == 20
