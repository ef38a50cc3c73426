"""The page of distinct counts: nothing yet, what waits, numbers with intervals, what ended; in two languages."""

import msgspec
import pytest

from tests.console import Client, log_in, token_for
from tests.fixtures import Made
from tocsin.kernel import Peer, PeerStatus, Role, micros
from tocsin.kernel.distinct import Distinct, DistinctRoster, Shared
from tocsin.store.distinct_interface import DistinctCount, DistinctState, DistinctWhy

NAMES = ("lab", "press")


def furnish(made: Made) -> None:
    """Consent, a count that is done, one that waits, and one of each way to end."""
    node, now = made.node, micros(made.now)
    for name in NAMES:
        node.store.peers.add(
            Peer(name, "http://x.example", PeerStatus.TRUSTED, bytes(32), f"identity--{name}")
        )
    node.distinct_counts.agree(node.access.operator(), "lab", kinds=("handle", "band"), epsilon=8.0, days=30)
    roster = DistinctRoster(
        session=bytes(16),
        kind="handle",
        purpose="refund campaigns of the autumn",
        members=(node.keys.identity.stix_identity, "identity--lab", "identity--press"),
        capacity=2_000,
        cost=1_000,
        week="2026-W45",
    )
    shared = (Shared(1, 1_204), Shared(2, 231), Shared(3, -4))
    count = DistinctCount(
        session="",
        roster=roster,
        proposer="identity--lab",
        at=now,
        state=DistinctState.DONE,
        agreed=roster.members,
        step=5,
        begun=now,
        ended=now,
        spend="paid",
        counted=1_616,
        left_out=12,
        result=Distinct(inputs=1_431, margin=33, shared=shared, margin_each=19),
    )
    replace = msgspec.structs.replace
    waits = replace(count, state=DistinctState.WAITING, agreed=("identity--lab",), result=None, spend="")
    agreed = replace(waits, state=DistinctState.AGREED, roster=replace(roster, kind="band"))
    broken = replace(
        waits, state=DistinctState.ENDED, why=DistinctWhy.BROKEN.value, who="identity--press", spend="x"
    )
    told = replace(broken, why=DistinctWhy.REPEATED.value, who="", told_by="identity--lab")
    for number, one in enumerate((count, waits, agreed, broken, told)):
        assert node.store.distinct.propose(replace(one, session=f"{number:032x}"))


@pytest.mark.parametrize(
    ("language", "off", "words"),
    [
        (
            "en",
            "Nothing was counted yet",
            (
                "In all, each once",
                "exactly 3 nodes",
                "1,398 to 1,464",
                "had no room for 12 more",
                "agree --count 00000000000000000000000000000001",
                "Not yet:",
                "message did not hold",
                "Who did it is not seen",
                "a new one costs anew",
                "Campaigns, by a band",
            ),
        ),
        (
            "zh",
            "尚无统计",
            ("合计（每个只计一次）", "恰好 3 个节点", "1,398 至 1,464", "12 项放不下", "无法看出是谁所为"),
        ),
    ],
)
def test_numbers_what_waits_and_what_ended(
    made: Made, client: Client, language: str, off: str, words: tuple[str, ...]
) -> None:
    log_in(client, token_for(made, "ana", Role.ANALYST))
    assert off in client.get(f"/distinct?lang={language}").text
    furnish(made)
    page = client.get("/distinct").text
    for word in words:
        assert word in page, word
    assert "<bdi>press</bdi>" in page


def test_who_may_not_read_it_sees_nothing(made: Made, client: Client) -> None:
    log_in(client, token_for(made, "adam", Role.ADMIN))
    assert client.get("/distinct").status_code == 403
