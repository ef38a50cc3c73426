"""Members of restricted queues in the console: a key made, opened, let in; a case that is shut says what to do."""

import pytest

from tests.console import Client, log_in, send, token_for
from tests.fixtures import Made
from tests.member_queue import PASSPHRASE, QUEUE, name_members, quick_keys
from tocsin.app.cases import NewCase
from tocsin.app.doctor import examine
from tocsin.app.node import Node
from tocsin.kernel import Role
from tocsin.kernel.cases import Case, CaseFlag, CaseOrigin, CaseWords
from tocsin.web.server import create_app

__all__ = ["quick_keys"]
pytestmark = pytest.mark.usefixtures("quick_keys")
PAGE = "/cases/keys"
WORDS = "A letter promises a lottery refund."


@pytest.fixture
def tokens(made: Made) -> dict[str, str]:
    found = {name: token_for(made, name, Role.REVIEWER) for name in ("ana", "bold", "cleo", "olga")}
    name_members(made.node.data, "ana", "bold", "cleo")
    made.node.close()
    made.node = Node(made.node.data, clock=made.clock)
    return found


def a_case(made: Made) -> Case:
    words = CaseWords(title="Lottery refund", what=WORDS)
    return made.node.cases.open(
        None, NewCase(origin=CaseOrigin.OWN, words=words, flags=(CaseFlag.CHILD_MATERIAL,))
    )


def browsers(made: Made, tokens: dict[str, str]) -> dict[str, Client]:
    app = create_app(made.node, jobs=False)
    found = {}
    for name, token in tokens.items():
        found[name] = Client(app, raise_server_exceptions=False)
        log_in(found[name], token)
    return found


def test_from_no_key_to_a_case_that_opens(made: Made, tokens: dict[str, str]) -> None:
    case, by = a_case(made), browsers(made, tokens)
    path = f"/cases/{case.id}"
    page = by["ana"].get(f"{path}?lang=en").text
    assert "its key lies with this node" in page
    assert "Waits for members' keys" in page
    assert "waits for members' keys" in by["ana"].get("/cases").text
    for name in ("ana", "bold"):
        twice = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
        assert send(by[name], f"{PAGE}/add", PAGE, **twice | {"again": "another"}).status_code == 422
        assert send(by[name], f"{PAGE}/add", PAGE, passphrase="short", again="short").status_code == 400
        assert send(by[name], f"{PAGE}/add", PAGE, **twice).status_code == 303
    assert send(by["ana"], f"{PAGE}/hand-over", PAGE, queue=QUEUE).status_code == 303

    page = by["ana"].get(path).text
    assert "its key lies with this node" not in page
    assert "yours is not open" in page
    assert send(by["ana"], f"{path}/words", path).status_code == 403
    assert send(by["ana"], f"{path}/claim", path).status_code == 303
    page = by["ana"].get(path).text
    assert "yours is not open" in page
    assert WORDS not in page

    answer = send(by["ana"], f"{PAGE}/unlock", PAGE, passphrase="wrong and long enough")
    assert answer.status_code == 403
    assert "did not open your key" in answer.text
    assert "wrong and long enough" not in answer.text
    assert send(by["ana"], f"{PAGE}/unlock", PAGE, passphrase=PASSPHRASE).status_code == 303
    assert "open until" in by["ana"].get(PAGE).text
    assert WORDS in by["ana"].get(path).text

    assert send(by["cleo"], f"{PAGE}/add", PAGE, passphrase=PASSPHRASE, again=PASSPHRASE).status_code == 303
    assert send(by["cleo"], f"{PAGE}/unlock", PAGE, passphrase=PASSPHRASE).status_code == 303
    assert "yours is not among them" in by["cleo"].get(f"{path}?lang=en").text
    assert send(by["bold"], f"{PAGE}/give", PAGE, queue=QUEUE, member="cleo").status_code == 403
    assert send(by["ana"], f"{PAGE}/give", PAGE, queue=QUEUE, member="cleo").status_code == 303
    assert WORDS in send(by["cleo"], f"{path}/words", path).text
    assert send(by["ana"], f"{PAGE}/lock", PAGE).status_code == 303
    assert WORDS not in by["ana"].get(path).text
    assert "受限队列的密钥" in by["ana"].get(f"{PAGE}?lang=zh").text


def test_who_is_in_no_restricted_queue_learns_of_none(made: Made, tokens: dict[str, str]) -> None:
    a_case(made)
    by = browsers(made, tokens)["olga"]
    page = by.get(f"{PAGE}?lang=en").text
    assert "You are in no restricted queue" in page
    for word in (QUEUE, "Child safety", "ana", "bold"):
        assert word not in page
    said = [
        send(by, f"{PAGE}/{act}", PAGE, queue=queue, member="ana")
        for act in ("give", "hand-over")
        for queue in (QUEUE, "none", "general")
    ]
    assert {(answer.status_code, answer.text.replace("give", "hand-over")) for answer in said} == {
        (404, said[0].text.replace("give", "hand-over"))
    }
    assert PAGE not in by.get("/cases").text


def test_the_doctor_says_that_a_queue_s_file_is_gone(made: Made) -> None:
    folder = made.node.data / "queues"
    folder.mkdir(exist_ok=True)
    (folder / "letters.yaml").write_text("name: {en: Letters, zh: 信件}\n", "utf-8")
    made.node.close()
    made.node = Node(made.node.data, clock=made.clock)
    made.node.cases.open(
        None, NewCase(origin=CaseOrigin.OWN, words=CaseWords(title="A letter"), queue="letters")
    )
    assert {one.name: one.ok for one in examine(made.node)}["queue files"]
    (folder / "letters.yaml").unlink()
    made.node.close()
    made.node = Node(made.node.data, clock=made.clock)
    (told,) = [one for one in examine(made.node) if one.name == "queue files"]
    assert not told.ok
    assert "letters" in told.detail
    made.node.case_escalation.tick()
