"""What a person arranges at the console; guards, looks and channels as it shows them."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.app.test_guards import line
from tests.console import TEXTS, furnish, log_in, send, token_for
from tests.fixtures import Made
from tocsin.app.channels import Place
from tocsin.kernel import (
    ChannelKind,
    GuardOutcome,
    GuardVerdict,
    Look,
    Notice,
    NoticeState,
    Role,
    RoutingRule,
    WarningStatus,
    micros,
)
from tocsin.taxonomy.guard_files import read_guard

Client = TestClient[Litestar]
FIRST = "/warnings/00000000-0000-5000-8000-000000000000"
SECOND_ID = "00000000-0000-5000-8000-000000000001"
WHY = "the same people under two names"


def status(made: Made, path: str) -> WarningStatus:
    warning = made.node.store.warnings.get(path.rpartition("/")[2])
    assert warning is not None
    return warning.status


def test_the_score_is_shown_with_how_it_came_about(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    page = client.get(FIRST).text
    weighed = made.node.weighing.of(made.node.store.warnings.list())[FIRST.rpartition("/")[2]]
    assert f"<strong>{weighed.combined.score}</strong>" in page
    assert "pairs of dimensions come together" in page
    assert "10 对维度中有" in client.get(f"{FIRST}?lang=zh").text


def test_merge_and_take_it_back(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    answer = send(client, f"{FIRST}/merge", FIRST, part=SECOND_ID, statement=WHY)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{FIRST}?done=merge")
    page = client.get(answer.headers["location"]).text
    assert "speaks for both" in page
    assert f'href="/warnings/{SECOND_ID}"' in page
    second = f"/warnings/{SECOND_ID}"
    assert status(made, second) is WarningStatus.MERGED
    assert "It is one thing with" in client.get(second).text
    assert f'action="{second}/review"' not in client.get(second).text
    answer = send(client, f"{second}/unmerge", second, statement="they are two after all")
    assert answer.status_code == 303
    assert status(made, second) is WarningStatus.OPEN


def test_split_by_ticking_samples(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    wrong = send(client, f"{FIRST}/split", FIRST, statement=WHY)
    assert wrong.status_code == 422
    assert "name samples of this warning" in wrong.text
    assert WHY in wrong.text, "what was written is not lost"
    answer = send(client, f"{FIRST}/split", FIRST, statement=WHY, **{"sample-sample-2": "1"})
    assert answer.status_code == 303
    warning = made.node.store.warnings.get(FIRST.rpartition("/")[2])
    assert warning is not None
    assert warning.samples == ("sample-1", "sample-3")


def test_snooze_and_wake(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    for days in ("", "x", "1000", "nan"):
        wrong = send(client, f"{FIRST}/snooze", FIRST, statement=WHY, days=days, factor="2")
        assert wrong.status_code == 422
        assert "<details open>" in wrong.text
    answer = send(client, f"{FIRST}/snooze", FIRST, statement="the shop will answer", days="3", factor="2")
    assert answer.status_code == 303
    page = client.get(FIRST).text
    assert "It waits until" in page
    assert "the shop will answer" in page
    assert "14.26" in page, "twice the score of now"
    assert send(client, f"{FIRST}/wake", FIRST).status_code == 303
    assert status(made, FIRST) is WarningStatus.OPEN
    assert send(client, f"{FIRST}/wake", FIRST).status_code == 422


@pytest.mark.parametrize("act", ["merge", "unmerge", "split", "snooze", "wake"])
def test_who_may_not_review_arranges_nothing(client: Client, made: Made, act: str) -> None:
    furnish(made)
    log_in(client, token_for(made, "eva", Role.AUDITOR))
    page = client.get(FIRST).text
    assert f'action="{FIRST}/{act}"' not in page
    answer = client.get(f"{FIRST}/{act}", follow_redirects=False)
    assert answer.headers["location"] == FIRST
    assert send(client, f"{FIRST}/{act}", "/account", statement=WHY).status_code == 403


def test_the_guards_page_without_any_says_so(client: Client, made: Made) -> None:
    log_in(client, made.token)
    page = client.get("/guards").text
    assert "None is named" in page
    assert "sample_share is 0" in page


def with_a_guard(made: Made) -> None:
    """A guard that has said things, and looks that were drawn."""
    from tocsin.app.guard_line import GuardLine

    guard = read_guard(b"url: https://guard.example/v1\ntemplate: qwen3guard\n", "house.yaml")
    made.node.guards.lines = (GuardLine(guard, made.node.store.jobs, made.node.keys),)
    furnished = furnish(made)
    now = micros(made.now)
    made.node.store.verdicts.put(
        [
            GuardVerdict(event, "house", guard.version, GuardOutcome.FLAGGED, now, b"t", lang=lang)
            for event, (_, lang) in TEXTS.items()
        ]
    )
    made.node.acceptor.accept(
        [line(made, number, f"a plain text, write to clerk@lottery.example {number}") for number in range(3)]
    )
    made.node.store.looks.draw(
        [Look(f"event-{number}", "2026-11-20", number, now, "en") for number in range(3)], a_day=9
    )
    made.node.reviewing.review(
        made.node.access.operator(),
        furnished[0].id,
        WarningStatus.DISMISSED,
        category="",
        statement="a game that everybody plays",
        basis="",
    )


def test_a_look_is_opened_for_a_purpose_and_judged(client: Client, made: Made) -> None:
    with_a_guard(made)
    log_in(client, made.token)
    page = client.get("/guards").text
    assert "house" in page
    assert "https://guard.example" in page
    assert "3 texts were drawn" in page
    assert "Guard alone" in page
    wrong = send(client, "/guards/samples", "/guards", event="event-0", purpose="")
    assert wrong.status_code == 422
    opened = send(client, "/guards/samples", "/guards", event="event-0", purpose="quality of detection").text
    assert "a plain text" in opened
    assert "clerk@lottery.example" not in opened
    (row,) = made.node.store.audit.read(act="sample.open")
    assert (row.subject, row.purpose) == ("event-0", "quality of detection")
    assert send(client, "/guards/looks", "/guards", event="event-0", outcome="maybe").status_code == 422
    assert send(client, "/guards/looks", "/guards", event="event-0", outcome="missed").status_code == 422
    done = send(client, "/guards/looks", "/guards", event="event-0", outcome="missed", category="fraud.scam")
    assert done.headers["location"] == "/guards?done=judged"
    page = client.get("/guards?done=judged").text
    assert "2 texts were drawn" in page
    assert "Counted." in page
    assert "100.0 %" in page
    assert client.get("/guards/looks", follow_redirects=False).headers["location"] == "/guards"


def test_an_auditor_sees_figures_and_opens_nothing(client: Client, made: Made) -> None:
    with_a_guard(made)
    log_in(client, token_for(made, "eva", Role.AUDITOR))
    page = client.get("/guards").text
    assert "3 texts wait for a look" in page
    assert 'action="/guards/samples' not in page
    assert send(client, "/guards/samples", "/account", event="event-0", purpose="curious").status_code == 403


def test_the_channels_page_says_what_nobody_was_told(client: Client, made: Made) -> None:
    log_in(client, made.token)
    assert "Nobody is told of a warning" in client.get("/channels").text
    warning = furnish(made)[0]
    by, outbox = made.node.access.operator(), made.node.store.outbox
    made.node.channels.add(
        by,
        "desk",
        ChannelKind.SLACK,
        Place(url="https://hooks.slack.example/services/secretpath"),
        RoutingRule(risk=7.0),
    )
    now = micros(made.now)
    outbox.offer(
        [
            Notice("n1", "desk", warning.id, "opened", now, NoticeState.DEAD, done=now, why="risk 8 is high"),
            Notice("n2", "desk", "", "digest", now, NoticeState.SENT, done=now, digest=("a", "b")),
        ]
    )
    page = client.get("/channels").text
    for text in (
        "risk is at least 7",
        "https://hooks.slack.example",
        "nobody was told",
        "2 warnings together",
    ):
        assert text in page
    assert "secretpath" not in page
    assert f'href="/warnings/{warning.id}"' in page
    assert "未能发出" in client.get("/channels?lang=zh").text
