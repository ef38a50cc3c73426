"""The page of labels: one file goes in, a standing for each scheme comes out, and nothing of it stays."""

from tests.console import ORIGIN, Client, csrf_of, log_in, token_for
from tests.fixtures import Made
from tests.label.making import encoded, gradient
from tocsin.app.case_opening import NewCase
from tocsin.kernel import Role
from tocsin.kernel.cases import CaseOrigin, CaseWords
from tocsin.kernel.labels import ContentLabel, Scheme
from tocsin.label.carrying import Ask
from tocsin.web.console.forms import MAX_UPLOAD_BYTES


def sent(client: Client, path: str, content: bytes | None, **fields: str) -> tuple[int, str]:
    """Send a form with a file, as a browser does."""
    files = {} if content is None else {"files": ("a name of somebody.png", content, "image/png")}
    data = {"csrf": csrf_of(client.get("/labels").text), **fields}
    answer = client.post(path, data=data, files=files or {"none": (None, b"")}, headers=ORIGIN)
    return answer.status_code, answer.text


def test_a_file_is_judged_by_scheme_and_recognised_in_a_case(made: Made, client: Client) -> None:
    plain = encoded(gradient(), "PNG")
    reviewer = token_for(made, "rolf", Role.REVIEWER)
    log_in(client, reviewer)
    page = client.get("/labels").text
    assert "Nothing was labelled yet" in page
    assert not (made.node.data / "keys" / "label-authority.pem").exists(), "a look makes no key"
    status, page = sent(client, "/labels/verify", plain)
    assert (status, page.count("That says nothing about who made it, or with what.")) == (200, 3)
    by = made.node.access.authenticate(reviewer)
    assert by is not None
    ask = Ask(ContentLabel("node", "lottery-1"), frozenset(Scheme))
    labelled = made.node.content_labels.write_bytes(by, plain, ".png", ask).content
    status, page = sent(client, "/labels/verify", labelled)
    assert (status, page.count('class="chip chip-done"')) == (200, 3)
    assert "lottery-1" in page
    assert "a name of somebody" not in page
    assert "sha256" in client.get("/labels").text.partition('id="h-authority"')[2]
    status, page = sent(client, "/labels/verify", labelled[:-40] + b"0" * 40)
    assert 'chip chip-done">valid<' not in page
    words = CaseWords(title="lottery refund")
    case = made.node.cases.open(None, NewCase(origin=CaseOrigin.OWN, words=words)).id
    status, page = sent(client, "/labels/recognise", labelled, case=case, purpose="Was this picture ours?")
    assert (status, "these very bytes" in page) == (200, True)
    (row,) = made.node.store.audit.read(act="label.recall")
    assert (row.subject, row.purpose) == (case, "Was this picture ours?")
    assert (
        "完全相同的字节"
        in sent(client, "/labels/recognise?lang=zh", labelled, case=case, purpose="是我们的吗？是")[1]
    )


def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(made: Made, client: Client) -> None:
    log_in(client, token_for(made, "rolf", Role.REVIEWER))
    for content in (b"<svg xmlns='x'><script/></svg>", None):
        status, page = sent(client, "/labels/verify", content)
        assert (status, 'id="file-wrong"' in page) == (422, True)
    status, page = sent(client, "/labels/recognise", None, case="case-none", purpose="why")
    assert status == 422
    assert {f'id="{name}-wrong"' in page for name in ("purpose", "asked")} == {True}
    assert 'value="case-none"' in page
    status, page = sent(client, "/labels/recognise", b"x", case="case-none", purpose="Was this ours?")
    assert (status, 'id="case-wrong"' in page, 'value="Was this ours?"' in page) == (422, True, True)


def test_who_may_not_sends_no_file(made: Made, client: Client) -> None:
    refused = client.post("/labels/verify", files={"files": b"x"}, headers=ORIGIN, follow_redirects=False)
    assert refused.headers["location"] == "/login"
    log_in(client, token_for(made, "ann", Role.ANALYST))
    assert "/labels/recognise" not in client.get("/labels").text
    assert sent(client, "/labels/recognise", b"x", case="x", purpose="Was this ours?")[0] == 403
    assert sent(client, "/labels/verify", b"x" * MAX_UPLOAD_BYTES)[0] == 413
    assert client.post("/labels/verify", files={"files": b"x"}, headers=ORIGIN).status_code == 403
    assert client.get("/labels/verify", follow_redirects=False).headers["location"] == "/labels"
    client.cookies.clear()
    log_in(client, token_for(made, "ines", Role.AUDITOR))
    assert client.get("/labels").status_code == 403
