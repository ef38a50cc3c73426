"""What a person does: opens samples for a purpose, confirms, dismisses, publishes what was previewed."""

import pytest

from tests.console import TEXTS, Client, Markup, a_warning, furnish, log_in, send
from tests.fixtures import Made
from tocsin.kernel import WarningKind, WarningStatus, micros

FIRST = "/warnings/00000000-0000-5000-8000-000000000000"


def test_samples_open_for_a_purpose_and_are_audited(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    assert "lottery refund is ready" not in client.get(FIRST).text
    assert made.node.store.audit.read(act="sample.open") == ()
    page = send(client, f"{FIRST}/samples", FIRST, purpose="To judge this warning").text
    assert "lottery refund is ready" in page
    assert "clerk@lottery.example" not in page, "identifiers are masked"
    for name, (text, lang) in TEXTS.items():
        assert name in page
        if lang != "en":
            assert f'<bdi lang="{lang}">{text}' in page
    (row,) = made.node.store.audit.read(act="sample.open")
    assert (row.purpose, row.subject, row.outcome) == (
        "To judge this warning",
        FIRST.rpartition("/")[2],
        "done",
    )
    assert client.get(f"{FIRST}/samples", follow_redirects=False).headers["location"] == FIRST


@pytest.mark.parametrize("purpose", ["", "    ", "x", "x" * 5_000])
def test_no_purpose_opens_nothing(client: Client, made: Made, purpose: str) -> None:
    furnish(made)
    log_in(client, made.token)
    answer = send(client, f"{FIRST}/samples", FIRST, purpose=purpose)
    assert answer.status_code == 422
    assert "lottery refund is ready" not in answer.text
    assert 'aria-describedby="samples-purpose-wrong"' in answer.text
    assert made.node.store.audit.read(act="sample.open") == ()


def test_a_confirmation_is_kept_with_its_reasons(client: Client, made: Made) -> None:
    made.node.store.warnings.upsert(a_warning(0, now=made.now, kind=WarningKind.PHRASE))
    log_in(client, made.token)
    answer = send(
        client,
        f"{FIRST}/review",
        FIRST,
        verdict="confirmed",
        category="fraud.scam",
        basis="Terms 4.2",
        statement="The same refund text from new accounts.",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{FIRST}?done=confirmed")
    (review,) = made.node.store.warnings.reviews(FIRST.rpartition("/")[2])
    assert (review.verdict, review.basis) == (WarningStatus.CONFIRMED, "Terms 4.2")
    page = client.get(answer.headers["location"]).text
    assert "Its records are made" in page
    assert "The same refund text from new accounts." in page
    assert f'action="{FIRST}/review"' not in page


def test_a_dismissal_ends(client: Client, made: Made) -> None:
    made.node.store.warnings.upsert(a_warning(0, now=made.now, kind=WarningKind.PHRASE))
    log_in(client, made.token)
    send(
        client,
        f"{FIRST}/review",
        FIRST,
        verdict="dismissed",
        statement="A game that everybody plays.",
        days="30",
    )
    (review,) = made.node.store.warnings.reviews(FIRST.rpartition("/")[2])
    assert review.expires == micros(made.now) + 30 * 86_400_000_000


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"verdict": "confirmed"}, {"confirmed-statement", "confirmed-category", "confirmed-basis"}),
        (
            {"verdict": "confirmed", "category": "political", "basis": "b", "statement": "long enough"},
            {"confirmed-category"},
        ),
        ({"verdict": "dismissed", "statement": "long enough", "days": "9999"}, {"dismissed-days"}),
        ({"verdict": "dismissed", "statement": "long enough", "days": "٣"}, {"dismissed-days"}),
        ({"verdict": "dismissed", "statement": " " * 50, "days": "3"}, {"dismissed-statement"}),
    ],
)
def test_a_form_with_something_missing_comes_back(
    client: Client, made: Made, fields: dict[str, str], wrong: set[str]
) -> None:
    furnish(made)
    log_in(client, made.token)
    answer = send(client, f"{FIRST}/review", FIRST, **fields)
    assert answer.status_code == 422
    invalid = {
        tag["id"] for tag in Markup(answer.text).all("input", "textarea", "select") if "aria-invalid" in tag
    }
    assert invalid == wrong
    assert {
        tag["href"][1:] for tag in Markup(answer.text).all("a") if tag["href"].startswith(("#c", "#d"))
    } == wrong
    assert made.node.store.warnings.reviews(FIRST.rpartition("/")[2]) == ()


def test_a_warning_is_not_decided_twice(client: Client, made: Made) -> None:
    made.node.store.warnings.upsert(a_warning(0, now=made.now, kind=WarningKind.PHRASE))
    log_in(client, made.token)
    form = {"verdict": "dismissed", "statement": "A game that everybody plays.", "days": "30"}
    assert send(client, f"{FIRST}/review", FIRST, **form).status_code == 303
    assert send(client, f"{FIRST}/review", FIRST, **form).status_code == 409
    assert send(client, f"{FIRST}/review", FIRST, **{**form, "verdict": "quieted"}).status_code in (400, 422)


def test_what_is_published_is_what_was_previewed(client: Client, made: Made) -> None:
    furnish(made)
    made.node.store.warnings.upsert(
        a_warning(50, now=made.now, samples=tuple(TEXTS), signature=bytes(256), shingle_count=40)
    )
    log_in(client, made.token)
    path = "/warnings/00000000-0000-5000-8000-000000000050"
    form = {
        "verdict": "confirmed",
        "category": "fraud.scam",
        "basis": "Terms",
        "statement": "The same refund text.",
    }
    assert send(client, f"{path}/review", path, **form).status_code == 303
    preview = "/share?peer=lab&purpose=misuse-defence"
    page = client.get(preview).text
    digests = [tag["value"] for tag in Markup(page).all("input") if tag.get("name") == "digest"]
    assert len(digests) == 1, "one form, one digest"
    wrong = {"peer": "lab", "purpose": "misuse-defence", "digest": "ab" * 32}
    assert send(client, "/share", preview, **wrong).status_code == 409
    assert send(client, "/share", preview, **{**wrong, "digest": "latest"}).status_code == 400
    answer = send(client, "/share", preview, **{**wrong, "digest": digests[0]})
    assert answer.headers["location"] == f"/left/lab/{digests[0]}?done=1"
    left = client.get(answer.headers["location"]).text
    assert digests[0] in left
    assert "Published." in left
    assert digests[0][:16] in client.get("/left").text


def test_a_dismissal_is_withdrawn_with_a_reason(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    assert "Withdraw the dismissal" not in client.get(FIRST).text
    send(client, f"{FIRST}/review", FIRST, verdict="dismissed", statement="a raffle of the library", days="9")
    assert "Withdraw the dismissal" in client.get(FIRST).text
    short = send(client, f"{FIRST}/withdrawal", FIRST, statement="no")
    assert short.status_code == 422
    assert "withdrawn-statement-wrong" in short.text or "Say why" in short.text
    done = send(client, f"{FIRST}/withdrawal", FIRST, statement="it was no raffle at all")
    assert done.headers["location"].endswith("?done=withdrawn")
    page = client.get(done.headers["location"]).text
    assert "The dismissal is withdrawn" in page
    assert "Confirm it" in page
