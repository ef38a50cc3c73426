"""The pages of recognitions: the list with every draw, one with its samples, and an evaluation's own page."""

from pathlib import Path

from tests.console import Client, log_in, token_for
from tests.fixtures import Made
from tests.kept_recognitions import keep_recognitions
from tocsin.kernel import Role
from tocsin.kernel.recognition import RecognitionOutcome


def test_from_the_list_to_the_samples(client: Client, made: Made, tmp_path: Path) -> None:
    log_in(client, made.token)
    assert "Nothing was recognised yet" in client.get("/evaluations/recognitions?lang=en").text
    theirs, ours = keep_recognitions(made, tmp_path)
    assert "/evaluations/recognitions" in client.get("/evaluations").text
    page = client.get("/evaluations/recognitions").text
    for text in (
        "Contradicted",
        "Reproduced",
        "Not recognised",
        "Number 1",
        "Number 2",
        theirs[:16],
        ours[:16],
    ):
        assert text in page, text
    kept = {
        one.outcome: (seq, one)
        for seq, one in made.node.store.recognitions.listed()
        if one.subset or one.outcome is not RecognitionOutcome.NOT_RECOGNISED
    }
    seq, found = kept[RecognitionOutcome.CONTRADICTED]
    page = client.get(f"/evaluations/recognitions/{seq}").text
    assert "their machine was down" in page
    assert page.count('class="strip-interval"') == 2
    assert page.count("the environment or the model</td>") + page.count("the judges</td>") == len(
        found.disagreements
    )
    assert all(f">{one.sample}</bdi>" in page for one in found.disagreements)
    assert "was drawn. That" not in page
    assert "80 samples were drawn. That a difference of 5% is still the same" in page
    assert "Number 1" in page
    assert "This node computes another outcome" not in page
    chinese = client.get(f"/evaluations/recognitions/{seq}?lang=zh").text
    assert "相矛盾" in chinese
    assert "Run again" not in chinese

    seq, _ = kept[RecognitionOutcome.REPRODUCED]
    assert (
        "None: every drawn sample came out the same"
        in client.get(f"/evaluations/recognitions/{seq}?lang=en").text
    )
    page = client.get(f"/evaluations/{ours}").text
    for text in ("What others made of it", "Reproduced", f"/evaluations/recognitions/{seq}", "Opened"):
        assert text in page, text
    assert client.get("/evaluations/recognitions/999").status_code == 404
    assert client.get("/evaluations/recognitions?before=x").status_code == 200


def test_a_source_may_not_look(client: Client, made: Made) -> None:
    log_in(client, token_for(made, "feed", Role.SOURCE))
    for path in ("/evaluations/recognitions", "/evaluations/recognitions/1"):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")
