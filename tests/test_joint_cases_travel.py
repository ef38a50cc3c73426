"""Two nodes decide one case together over HTTP, one of them down in between; a third peer sees nothing of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from tests.browser import served
from tests.fixtures import Made
from tests.joint_nodes import fact, opened, part, release, rename, reviewer
from tests.nodes import free_port
from tocsin.kernel import TLP, system_clock
from tocsin.kernel.joint_cases import Choice, JointOutcome, JointRule, JointStanding
from tocsin.web.server import create_app
from tocsin.wire.stix import JointMessageExtension, extension_id

pytestmark = pytest.mark.net
REASON = "We saw the same letters."


class Two:
    """Harbour and lighthouse, which know each other's addresses and have compared keys; and how to serve one."""

    def __init__(self, folder: Path) -> None:
        now = system_clock()
        self.harbour, self.lighthouse = (Made(folder / name, now) for name in ("harbour", "lighthouse"))
        self._port = {}
        for made, name in ((self.harbour, "harbour"), (self.lighthouse, "lighthouse")):
            rename(made, name)
            self._port[name] = free_port()
        tokens = {}
        for near, far in self.pairs:
            tokens[near.node.name] = near.node.exchange.add_peer(
                near.node.access.operator(),
                far.node.name,
                f"http://127.0.0.1:{self._port[far.node.name]}",
                allow_private=True,
                ceiling=TLP.AMBER_STRICT,
            )[1]
        for near, far in self.pairs:
            by, exchange = near.node.access.operator(), near.node.exchange
            exchange.keep_credential(by, far.node.name, tokens[far.node.name])
            with self.serving(far):
                exchange.trust_peer(
                    by,
                    far.node.name,
                    exchange.ask_key(by, far.node.name),
                    far.node.exchange.about_me().fingerprint,
                )

    @property
    def pairs(self) -> tuple[tuple[Made, Made], ...]:
        return (self.harbour, self.lighthouse), (self.lighthouse, self.harbour)

    @contextmanager
    def serving(self, made: Made) -> Iterator[str]:
        with served(create_app(made.node, jobs=False), self._port[made.node.name]) as url:
            yield url


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.harbour.node.close()
    made.lighthouse.node.close()


def pulled(made: Made) -> str | None:
    """Pull once from the other; why it failed, where it did."""
    (outcome,) = made.node.exchange.pull_all(forced=True)
    return outcome.error


def test_two_nodes_dispose_one_case_together_with_one_down_in_between(two: Two) -> None:
    harbour, lighthouse = two.harbour, two.lighthouse
    ours, theirs = harbour.node.joint_cases, lighthouse.node.joint_cases
    here, there = reviewer(harbour), reviewer(lighthouse)
    _, joint = opened(harbour, JointRule.UNANIMOUS, "lighthouse")
    release(harbour, "lighthouse")
    with two.serving(harbour), two.serving(lighthouse):
        assert pulled(lighthouse) is None
        theirs.accept(there, joint)
        found = theirs.share_fact(there, joint, fact("Ninety letters within two days.")).facts[0]
        release(lighthouse, "harbour")
        assert pulled(harbour) is None
    assert {one.standing for one in ours.state(here, joint).members} == {JointStanding.JOINED}

    # the lighthouse is down; the harbour goes on, and hears nothing of it
    with two.serving(harbour):
        assert pulled(harbour) is not None
        ours.share_fact(here, joint, fact())
        put = ours.propose(
            here,
            joint,
            title="Label the letters",
            parts=[part("harbour"), part("lighthouse")],
            reason="They ask for a fee.",
            facts=[found.id],
        ).proposals[0]
        ours.vote(here, joint, put.id, Choice.YES, REASON)
        release(harbour, "lighthouse")
        before = ours.state(here, joint)
        assert before.proposals[0].decided is None, "one yes is not all"
        assert theirs.state(there, joint).digest != before.digest

        # and comes back
        with two.serving(lighthouse):
            assert pulled(lighthouse) is None
            assert theirs.state(there, joint).digest == before.digest
            theirs.vote(there, joint, put.id, Choice.YES, REASON)
            theirs.decide(there, joint, put.id, JointOutcome.ADOPTED, "Both of us say yes.")
            release(lighthouse, "harbour")
            assert pulled(harbour) is None

    one, other = ours.state(here, joint), theirs.state(there, joint)
    assert one.digest == other.digest
    assert (one.missing, one.refused, one.forks) == ((), (), ())
    decided = one.proposals[0].decided
    assert decided is not None
    assert (decided.outcome, decided.party) == (JointOutcome.ADOPTED, theirs.party)
    assert [cast.counts for cast in one.proposals[0].votes] == [True, True]


def test_a_third_peers_views_are_those_of_a_node_without_joint_cases(two: Two) -> None:
    """The same answers, byte for byte but for ids of requests, for what is there and for what never was."""
    harbour = two.harbour
    by = harbour.node.access.operator()
    _, token = harbour.node.exchange.add_peer(
        by, "ferry", "http://127.0.0.1:9", allow_private=True, ceiling=TLP.AMBER_STRICT
    )
    with two.serving(harbour) as url:
        before = views(url, token, "note--5d2c6f1e-8a34-5b7d-9c60-3f1b7a0e4d28")
        _, joint = opened(harbour, JointRule.UNANIMOUS, "lighthouse")
        release(harbour, "lighthouse")
        own = next(one.id for one in harbour.node.store.records.list(types=("note",)))
        after = views(url, token, own)
        assert after == before
        token_of_party = harbour.node.access.issue_token(by, "peer-lighthouse", label="for the test")
        seen = b"".join(body for _, body in views(url, token_of_party, own))
    assert extension_id(JointMessageExtension).encode() in seen
    assert joint.encode() in seen


def views(url: str, token: str, record: str) -> list[tuple[int, bytes]]:
    """What TAXII answers a holder of this token about everything, and about one record; its id taken out."""
    with urllib3.PoolManager(retries=False, timeout=30) as pool:

        def get(path: str) -> tuple[int, bytes]:
            answer = pool.request(
                "GET",
                url + path,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Accept": "application/taxii+json;version=2.1",
                },
            )
            return answer.status, answer.data.replace(record.encode(), b"RECORD")

        root = json.loads(get("/taxii2/")[1])["api_roots"][0]
        root = root.removeprefix(url)
        names = [one["id"] for one in json.loads(get(f"{root}collections/")[1])["collections"]]
        return [
            get(path)
            for name in sorted(names)
            for path in (
                f"{root}collections/{name}/",
                f"{root}collections/{name}/objects/",
                f"{root}collections/{name}/objects/?match[type]=note",
                f"{root}collections/{name}/manifest/",
                f"{root}collections/{name}/objects/{record}/",
                f"{root}collections/{name}/objects/{record}/versions/",
            )
        ]
