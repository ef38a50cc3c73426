"""The page of private sums: off, agreed, with what left and what came back; in two languages; for who may read it."""

import pytest

from tests.console import Client, log_in, token_for
from tests.fixtures import Made
from tocsin.kernel import Peer, PeerStatus, Role, micros
from tocsin.store.sum_interface import SumAnswer

NAMES = ("lab", "press", "university", "council")


def furnish(made: Made) -> None:
    """An agreement of three participants, one of which adds up, and one look that rang."""
    node, now = made.node, micros(made.now)
    for name in NAMES:
        node.store.peers.add(
            Peer(name, "http://x.example", PeerStatus.TRUSTED, bytes(32), f"identity--{name}")
        )
    node.summing.agree(
        node.access.operator(), ("", "lab", "press"), ("press", "university"), now + 86_400_000_000
    )
    node.store.sums.post(2_968, "identity--lab", "submission", b"x" * 900, now)
    (mail,) = node.store.sums.due(now)
    node.store.sums.sent(mail.seq, now)
    node.store.sums.answer(SumAnswer(2_968, 3, now, 12, 3, ("a-warning",), now))


@pytest.mark.parametrize(
    ("language", "off", "words"),
    [
        (
            "en",
            "No sums are agreed to",
            ("Takes part and adds up", "Adds up, and has nothing", "/warnings/a-warning", "Shares of counts"),
        ),
        (
            "zh",
            "尚未同意任何求和",
            ("参与并负责相加", "负责相加，自身不参与", "/warnings/a-warning", "计数份额"),
        ),
    ],
)
def test_what_is_agreed_what_left_and_what_came_back(
    made: Made, client: Client, language: str, off: str, words: tuple[str, ...]
) -> None:
    log_in(client, token_for(made, "ana", Role.ANALYST))
    assert off in client.get(f"/sums?lang={language}").text
    furnish(made)
    page = client.get("/sums").text
    for word in words:
        assert word in page
    assert "<bdi>university</bdi>" in page
    assert ">900<" in page


def test_who_may_not_read_it(made: Made, client: Client) -> None:
    log_in(client, token_for(made, "adam", Role.ADMIN))
    assert client.get("/sums").status_code == 403
