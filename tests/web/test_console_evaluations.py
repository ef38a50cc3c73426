"""The pages of evaluations: the list, one with its lines drawn, its plan, two compared, in two languages."""

from tests.console import Client, log_in, token_for
from tests.fixtures import Made
from tests.kept_evaluations import keep_evaluations
from tocsin.kernel import Role


def test_from_the_list_to_the_plan(client: Client, made: Made) -> None:
    log_in(client, made.token)
    assert "Nothing was measured yet" in client.get("/evaluations?lang=en").text
    over, held, invalid = keep_evaluations(made)
    page = client.get("/evaluations").text
    assert page.count("Over the line") == page.count("Below the line") == page.count("Invalid") == 1
    for one in (over, held, invalid):
        assert f"/evaluations/{one.id}" in page

    page = client.get(f"/evaluations/{over.id}").text
    for text in (
        "A line is over",
        "22.7% to 45.9% of 60 failed; the line is 20.0%",
        "Safeguards removed",
        'class="strip-line"',
        'aria-label="refusal: 33% (23% to 46%)"',
        "0.9",
        over.registration,
    ):
        assert text in page, text
    page = client.get(f"/evaluations/{held.id}").text
    assert "Every line was held" in page
    assert "Run number 2 of this plan; 1 of this model before it" in page
    page = client.get(f"/evaluations/{invalid.id}").text
    assert "neither safe nor unsafe" in page
    assert "blank-answer" in page

    plan = client.get(f"/evaluations/plans/{over.registration}").text
    for text in ("The whole interval must lie under", "20%", "Safeguards removed", "Nothing goes out"):
        assert text in plan, text
    assert "所有界限" in client.get(f"/evaluations/{held.id}?lang=zh").text


def test_two_are_compared_sample_by_sample(client: Client, made: Made) -> None:
    log_in(client, made.token)
    over, held, invalid = keep_evaluations(made)
    page = client.get(f"/evaluations/compare?a={over.id}&b={held.id}&lang=en").text
    assert "A fails more" in page
    assert "&lt; 0.001" in page
    assert "20 not judged in both" in client.get(f"/evaluations/compare?a={held.id}&b={invalid.id}").text
    assert client.get(f"/evaluations/compare?a={over.id}&b={'0' * 64}").status_code == 404


def test_a_source_may_not_look(client: Client, made: Made) -> None:
    over, _, _ = keep_evaluations(made)
    log_in(client, token_for(made, "feed", Role.SOURCE))
    for path in ("/evaluations", f"/evaluations/{over.id}", f"/evaluations/plans/{over.registration}"):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")
