"""POST /v1/label/write and /verify: for those who may, whole answers, and whatever comes is the sender's fault."""

from contextlib import ExitStack

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.console import token_for
from tests.fixtures import Made
from tests.label.making import encoded, gradient
from tocsin.app.content_labels import FILES_A_PARSER
from tocsin.kernel import Role

MARKDOWN = {"Content-Type": "text/markdown; charset=utf-8"}


@pytest.fixture
def made(copied: Made) -> Made:
    return copied


def test_a_file_goes_in_and_comes_out_labelled_and_is_judged(
    client: TestClient[Litestar], made: Made
) -> None:
    picture = encoded(gradient(), "PNG")
    answer = client.post(
        "/v1/label/write", params={"id": "n 1", "notice": "zh"}, content=picture, headers=made.bearer
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["tocsin-content-id"] == "n%201"
    report = client.post("/v1/label/verify", content=answer.content, headers=made.bearer).json()
    assert [one["standing"] for one in report["findings"]] == ["valid"] * 3
    assert report["findings"][0]["said"]["content_id"] == "n 1"
    text = client.post("/v1/label/write", content=b"# A refund\n", headers=made.bearer | MARKDOWN)
    assert text.headers["tocsin-left-out"] == "c2pa"
    assert text.content.startswith(b"---\nAIGC:")
    judged = client.post("/v1/label/verify", content=text.content, headers=made.bearer | MARKDOWN).json()
    assert judged["format"] == "markdown"
    assert judged["findings"][0]["standing"] == "valid"
    assert {row.act for row in made.node.store.audit.read(limit=9)} >= {"label.write"}


@pytest.mark.parametrize(
    "params",
    [{"scheme": "other"}, {"notice": "fr"}, {"certainty": "sure"}, {"notice": "none", "metadata": "false"}],
)
def test_wrong_words_are_told(params: dict[str, str], client: TestClient[Litestar], made: Made) -> None:
    answer = client.post("/v1/label/write", params=params, content=b"x", headers=made.bearer)
    assert (answer.status_code, answer.json()["type"].endswith("bad-input")) == (400, True), answer.text


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='x'><script/></svg>", b"\x89PNG\r\n\x1a\n", b"\0\0"])
def test_what_is_no_file_to_label_is_the_senders_fault(
    content: bytes, client: TestClient[Litestar], made: Made
) -> None:
    assert client.post("/v1/label/write", content=content, headers=made.bearer).status_code == 400


def test_files_do_not_take_all_threads_of_a_node(client: TestClient[Litestar], made: Made) -> None:
    labels = made.node.content_labels
    with ExitStack() as held:
        for _ in range(made.node.parsers.keepers * FILES_A_PARSER):
            held.enter_context(labels.place())
        for path in ("/v1/label/write", "/v1/label/verify"):
            assert (
                client.post(path, content=b"# A refund\n", headers=made.bearer | MARKDOWN).status_code == 503
            )
    answer = client.post("/v1/label/write", content=b"# A refund\n", headers=made.bearer | MARKDOWN)
    assert answer.status_code == 200


def test_who_may_not_is_refused(client: TestClient[Litestar], made: Made) -> None:
    assert client.post("/v1/label/verify", content=b"x").status_code == 401
    token = token_for(made, "lab", Role.PEER, peer="lab")
    for path in ("/v1/label/write", "/v1/label/verify"):
        answer = client.post(path, content=b"x", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403
