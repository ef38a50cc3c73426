"""Two real nodes match over loopback: what each learns, spends and writes down; and what stops a session."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
import urllib3

from tests.hostile_peer import Asked, HostilePeer, Script
from tests.matching_nodes import PURPOSE, Pair, handles, keep
from tests.nodes import free_port, tocsin
from tocsin.app.match_asking import Talk
from tocsin.app.match_results import Asked as Wanted
from tocsin.kernel import NotAllowed, system_clock
from tocsin.store.match_interface import MatchEnd, MatchRole

pytestmark = pytest.mark.net


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    pair = Pair(tmp_path, system_clock(), free_port())
    keep(pair.lighthouse, "handle", handles(*range(15, 40)))
    yield pair
    pair.close()


def test_both_learn_the_intersection_and_nothing_else(pair: Pair, tmp_path: Path) -> None:
    """As an operator does it, at the command line; the other node answers from its own file."""
    file = tmp_path / "handles.txt"
    file.write_bytes(b"".join([*handles(*range(20)), b"\n", b"\xff\n", b"a\x00b\n"]))
    said = ("share", "match", "run", "lighthouse", "--data", str(pair.harbour.node.data), "--kind", "handle")
    with pair.serving():
        done = tocsin(
            *said, "--purpose", PURPOSE, "--file", str(file), "--reveal", "both", "--user", "rita", "--json"
        )
        found = json.loads(done.stdout)
        told = tocsin(
            *said, "--purpose", PURPOSE, "--file", str(file), "--question", "how-many", "--user", "rita"
        )
    assert [one["value"] for one in found["values"]] == [f"refund-{number}" for number in range(15, 20)]
    assert (found["found"], found["inputs"], found["points"]) == (5, 20, 100)
    assert [one["lines"] for one in found["refused"]] == [1, 1]
    assert "about 0 of 20" in told.stdout
    stores = [made.node.store for made in pair.both]
    for store, role in zip(stores, (MatchRole.ASKED, MatchRole.ANSWERED), strict=True):
        held = store.matches.sessions()
        assert [(one.role, one.outcome) for one in held] == [(role, MatchEnd.DONE)] * 2
        assert [one.found for one in held if one.reveal == "both"] == [5]
    digests = [
        {row.detail["manifest"] for row in store.audit.read(act="match.begin") if row.outcome == "done"}
        for store in stores
    ]
    assert digests[0] == digests[1], "both logs commit to the same manifests"
    assert len(digests[0]) == 2
    for made in pair.both:
        assert made.node.transparency_log.tick() == 5, "terms, two beginnings and two ends"
        kept = b"".join(file.read_bytes() for file in made.node.data.glob("*.db*"))
        assert b"refund-1" not in kept, "what was found is nowhere in the record"
    shown = tocsin("share", "match", "sessions", "--data", str(pair.harbour.node.data), "--user", "rita")
    assert "200 of 1000 points" in shown.stdout


def test_a_connection_cut_in_the_middle_of_each_answer_is_no_end(pair: Pair) -> None:
    cut: set[bytes] = set()

    def through(url: str) -> Script:
        def script(asked: Asked) -> Iterable[bytes]:
            with urllib3.PoolManager() as http:
                headers = {"Authorization": asked.headers["authorization"]}
                answer = http.request("POST", url + asked.path, body=asked.body, headers=headers)
            whole = b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n" % (answer.status, len(answer.data))
            whole += answer.data
            first = not asked.path.endswith("/ask") and asked.body not in cut
            if first:
                cut.add(asked.body)
            yield whole[: len(whole) // 2] if first else whole

        return script

    far = pair.harbour.node.store.peers.get("lighthouse")
    assert far is not None
    with pair.serving() as url, HostilePeer(through(url)) as between:
        pair.harbour.node.store.peers.replace(msgspec.structs.replace(far, url=between.url.rstrip("/")))
        found = pair.harbour.node.matching.run(
            pair.rita,
            "lighthouse",
            Wanted("handle", PURPOSE, lines=handles(*range(20))),
            talk=lambda *given: Talk(*given, sleep=lambda _: None),
        )
    assert found.found == 5
    assert found.again >= len(cut) == 3, "proposal, points, tags: each answer was lost once"
    for made in pair.both:
        (session,) = made.node.store.matches.sessions()
        assert (session.outcome, session.points) == (MatchEnd.DONE, 100)


def test_each_session_waits_for_a_yes_where_the_operator_wants_it(pair: Pair) -> None:
    pair.agree(pair.lighthouse, "harbour", standing=False)
    asked = Wanted("handle", PURPOSE, lines=handles(*range(20)))
    harbour, lighthouse = pair.harbour.node, pair.lighthouse.node
    with pair.serving():
        for _ in range(2):
            with pytest.raises(NotAllowed, match="says yes to each"):
                harbour.matching.run(pair.rita, "lighthouse", asked)
        (wish,) = lighthouse.store.matches.wishes()
        assert harbour.store.matches.sessions() == (), "to ask costs nothing"
        waits = json.loads(
            tocsin("share", "match", "allow", wish.id, "--data", str(lighthouse.data), "--json").stdout
        )
        assert waits["peer"] == "harbour"
        assert harbour.matching.run(pair.rita, "lighthouse", asked).found == 5
        with pytest.raises(NotAllowed, match="says yes to each"):
            harbour.matching.run(pair.rita, "lighthouse", asked)
