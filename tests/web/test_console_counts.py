"""The page of counts: ours beside a peer's with intervals, what is left, in two languages, for who may preview."""

import msgspec
import pytest

from tests.app.test_counting import WEEK, counting
from tests.app.test_red_lines import LAB, received, trust, voice
from tests.console import Client, Markup, log_in, token_for
from tests.fixtures import Made
from tocsin.app.key_settling import COUNTS_UNSURE
from tocsin.kernel import Role
from tocsin.kernel.counts import CountList
from tocsin.share.describe_counts import describe_count
from tocsin.taxonomy import categories
from tocsin.taxonomy.counted import cells


def furnish(made: Made) -> None:
    """Our three lists of the week, the first beside a peer's whose first cell lies below zero."""
    counts, by = counting(made.node, made), made.node.access.operator()
    ours = counts.draw(by, WEEK, CountList.CATEGORIES)
    counts.draw(by, WEEK, CountList.LANGUAGES)
    counts.draw(by, WEEK, CountList.TRENDS)
    trust(made)
    values = (-4, *range(30, 29 + len(ours.values)))
    theirs = describe_count(msgspec.structs.replace(ours, values=values), voice(made))[-1]
    received(made, theirs, LAB)


@pytest.mark.parametrize(
    ("language", "words", "languages"),
    [
        ("en", ("-22 to 14", "0.5 of 2 epsilon"), "Mongolian"),
        ("zh", ("-22 至 14", "剩余 ε 0.5"), "蒙古"),
    ],
)
def test_ours_and_theirs_side_by_side(
    made: Made, client: Client, language: str, words: tuple[str, ...], languages: str
) -> None:
    furnish(made)
    log_in(client, token_for(made, "ana", Role.ANALYST))
    page = client.get(f"/counts?lang={language}").text
    for word in (*words, categories()[0].label(language)):
        assert word in page
    heads = [tag for tag in Markup(page).all("th") if tag.get("scope") == "col"]
    assert len(heads) == 1 + 2 + 3, "conduct, this node, the peer; and the table of what was paid"
    assert languages in client.get(f"/counts?week={WEEK}&list=languages").text
    days = client.get("/counts?list=trends").text
    assert days.count('<th scope="row">') >= len(cells(CountList.TRENDS))


def test_an_empty_week_says_how_to_draw_and_a_ledger_in_doubt_how_to_settle(
    made: Made, client: Client
) -> None:
    made.node.store.jobs.set_cursor(COUNTS_UNSURE, "1")
    log_in(client, token_for(made, "ana", Role.AUDITOR))
    page = client.get("/counts").text
    assert f"tocsin share count --release --week {WEEK}" in page
    assert "tocsin share count --settle DAY" in page
    made.node.keys.day_keys.folder.rename(made.node.data / "away")
    assert "ledger of counts is away" in client.get("/counts").text
    (made.node.data / "away").rename(made.node.keys.day_keys.folder)


def test_what_is_no_week_or_list_and_who_may_not(made: Made, client: Client) -> None:
    log_in(client, token_for(made, "ana", Role.ANALYST))
    assert client.get("/counts?week=2026-W99").status_code == 400
    assert client.get("/counts?list=actors").status_code == 400
    client.cookies.clear()
    log_in(client, token_for(made, "adam", Role.ADMIN))
    assert client.get("/counts").status_code == 403
