"""The page of matches: what is agreed and waits, sessions and points, in two languages; a yes; what was told."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.console import Client, log_in, send, token_for
from tests.fixtures import answering
from tests.matching import NOW
from tests.matching_nodes import ASKED, PURPOSE, Pair, handles, held, keep
from tests.pledged_nodes import AGE, prepare
from tocsin.kernel import NotAllowed, Role
from tocsin.trust.identity import NodeIdentity


@pytest.fixture(scope="module")
def prepared_pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One session that both learnt, and one that waits for a yes."""
    folder = tmp_path_factory.mktemp("pair") / "nodes"
    Pair(folder, NOW).close()
    return folder


@pytest.fixture
def pair(tmp_path: Path, prepared_pair: Path) -> Iterator[Pair]:
    pair = Pair(shutil.copytree(prepared_pair, tmp_path / "nodes"), NOW, there=True)
    keep(pair.lighthouse, "handle", handles(*range(15, 40)))
    yield pair
    pair.close()


@pytest.fixture
def lighthouse(pair: Pair) -> Iterator[Client]:
    held(pair, asked=msgspec.structs.replace(ASKED, reveal="both"))
    pair.agree(pair.lighthouse, "harbour", standing=False)
    with pytest.raises(NotAllowed):
        held(pair, asked=msgspec.structs.replace(ASKED, question="how-many", purpose="<b>harmless</b> words"))
    with answering(pair.lighthouse.node, raise_server_exceptions=True) as client:
        yield client


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Waiting for a yes", "after a yes", "came to its end", "Account handle", "100", "1,000")),
        ("zh", ("等待同意", "经同意后", "已完成", "账号名", "我方应答")),
    ],
)
def test_what_is_agreed_waits_and_was_held(
    pair: Pair, lighthouse: Client, language: str, words: tuple[str, ...]
) -> None:
    log_in(lighthouse, token_for(pair.lighthouse, "ines", Role.AUDITOR))
    page = lighthouse.get(f"/matches?lang={language}").text
    for word in (*words, PURPOSE, "&lt;b&gt;harmless&lt;/b&gt; words", "harbour"):
        assert word in page
    assert "refund-" not in page
    assert 'action="/matches/' not in page, "an auditor says no yes, and is shown no value"


def test_an_administrator_says_yes_once(pair: Pair, lighthouse: Client) -> None:
    log_in(lighthouse, token_for(pair.lighthouse, "adam", Role.ADMIN))
    (wish,) = pair.lighthouse.node.store.matches.wishes()
    assert 'href="/matches"' in lighthouse.get("/matches").text
    answer = send(lighthouse, "/matches/allow", "/matches", wish=wish.id)
    assert answer.headers["location"] == "/matches?done=allowed"
    assert "until 22 Nov 2026" in lighthouse.get("/matches?done=allowed").text
    assert send(lighthouse, "/matches/allow", "/matches", wish=wish.id).status_code == 409
    assert send(lighthouse, "/matches/allow", "/matches", wish="0").status_code == 404
    assert send(lighthouse, "/matches/show", "/matches", session="0" * 32).status_code == 403
    assert lighthouse.get("/matches/allow", follow_redirects=False).headers["location"] == "/matches"


def test_a_reviewer_sees_what_was_told_and_each_look_is_logged(pair: Pair, lighthouse: Client) -> None:
    node = pair.lighthouse.node
    log_in(lighthouse, token_for(pair.lighthouse, "rosa", Role.REVIEWER))
    (session,) = node.matching.answering.sessions
    answer = send(lighthouse, "/matches/show", "/matches", session=session)
    assert answer.text.count("<li><bdi>refund-") == 5
    (row,) = node.store.audit.read(act="match.show")
    assert (row.subject, row.detail) == (session, {"found": 5})
    assert send(lighthouse, "/matches/show", "/matches", session="0" * 32).status_code == 404
    assert lighthouse.get("/matches/show", follow_redirects=False).headers["location"] == "/matches"


def test_a_pledged_session_is_shown_as_one(tmp_path: Path) -> None:
    pair = Pair(tmp_path, NOW - AGE)
    prepare(pair, NodeIdentity(secrets.token_bytes(32)), NOW)
    held(pair)
    with answering(pair.lighthouse.node, raise_server_exceptions=True) as client:
        log_in(client, token_for(pair.lighthouse, "ines", Role.AUDITOR))
        for language, words in (
            ("en", ("pledged by both sides", "pledged: a third party can check it")),
            ("zh", ("双方事先承诺", "已承诺：第三方可核查")),
        ):
            page = client.get(f"/matches?lang={language}").text
            assert [page.count(word) for word in words] == [1, 1]
    pair.close()


def test_others_are_refused_and_an_empty_page_says_how(pair: Pair, lighthouse: Client) -> None:
    log_in(lighthouse, token_for(pair.lighthouse, "dora", Role.DUTY_OFFICER))
    assert lighthouse.get("/matches").status_code == 403
    pair.lighthouse.node.matching.withdraw(pair.lighthouse.node.access.operator(), "harbour")
    lighthouse.cookies.clear()
    log_in(lighthouse, token_for(pair.lighthouse, "ana", Role.ANALYST))
    assert "tocsin share match agree" in lighthouse.get("/matches").text
