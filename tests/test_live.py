"""The live line between real nodes: what is reviewed here is at the peer within seconds, and only what may be."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import urllib3

from tests.hostile_peer import Asked, HostilePeer, Script, garbage, honest, redirect, silence
from tests.nodes import Serving, free_port, make_node, serving, tocsin
from tests.share.said import review, warning
from tocsin.app.live import bells
from tocsin.app.node import Node
from tocsin.kernel import TLP, Caller, Peer, PeerFault, Record, system_clock
from tocsin.net import Client
from tocsin.net.client import MAX_STREAM_LINE_BYTES
from tocsin.share import describe
from tocsin.wire.stix import micros_of

PATIENCE_SECONDS = 30.0
HOURLY = 3600.0
PURPOSE = "misuse-defence"

pytestmark = [pytest.mark.net, pytest.mark.slow]


def eventually(what: str, holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}")


@contextmanager
def two_nodes(tmp_path: Path) -> Iterator[tuple[Serving, Serving]]:
    """`author` and `reader` trust each other; the reader pulls once an hour, and listens."""
    author, reader = tmp_path / "author", tmp_path / "reader"
    a_token, r_token = make_node(author, pull_seconds=0), make_node(reader, pull_seconds=HOURLY)
    a_port, r_port = free_port(), free_port()
    with serving(author, a_token, a_port) as a, serving(reader, r_token, r_port) as r:
        made = json.loads(
            tocsin(
                *("peer", "add", "--data", str(author), "reader", r.url, "--allow-private", "--json")
            ).stdout
        )
        for_author = json.loads(
            tocsin(
                *("peer", "add", "--data", str(reader), "author", a.url, "--allow-private", "--token", "-"),
                "--json",
                typed=made["token_for_peer"] + "\n",
            ).stdout
        )["token_for_peer"]
        for near, far, token in ((author, reader, for_author), (reader, author, "")):
            read_out = json.loads(tocsin("peer", "me", "--data", str(far), "--json").stdout)["fingerprint"]
            given = ("--token", "-") if token else ()
            tocsin(
                *("peer", "trust", "--data", str(near), far.name, "--fingerprint", read_out, *given),
                typed=token + "\n" if token else "",
            )
        yield a, r


def say(data: Path, tlp: TLP = TLP.GREEN, number: int = 1) -> Record:
    """A reviewer at the node of this folder confirmed a warning; its indicator."""
    node = Node(data)
    try:
        found = warning(id=f"8f14e45f-ceea-5e6f-8f14-e45fceea5e{number:02x}", signature=bytes([number]) * 256)
        records = describe(
            found,
            review(warning=found.id),
            author=node.keys.identity.stix_identity,
            name=data.name,
            tlp=tlp,
            now=system_clock(),
            identity=node.store.records.get(node.keys.identity.stix_identity),
        )
        node.store.records.put(records)
        return next(record for record in records if record.type == "indicator")
    finally:
        node.close()


def held(data: Path, record_id: str) -> Record | None:
    node = Node(data)
    try:
        return node.store.records.get(record_id)
    finally:
        node.close()


def test_what_is_reviewed_here_is_at_the_peer_within_seconds_and_nothing_above_its_ceiling(
    tmp_path: Path,
) -> None:
    with two_nodes(tmp_path) as (author, reader):
        before = say(author.data)
        secret = say(author.data, TLP.AMBER, 2)
        time.sleep(3)
        assert held(reader.data, before.id) is None, "nothing leaves before somebody agreed to it"
        tocsin("peer", "standing", "--data", str(author.data), "reader")
        eventually("what was reviewed before arrives", lambda: held(reader.data, before.id) is not None)
        after = say(author.data, number=3)
        eventually("what is reviewed after arrives", lambda: held(reader.data, after.id) is not None)
        got = held(reader.data, after.id)
        assert got is not None
        assert got.stix == after.stix
        assert held(reader.data, secret.id) is None
        logged = json.loads(tocsin("share", "log", "--data", str(author.data), "--json").stdout)
        assert {row["peer"] for row in logged["manifests"]} == {"reader"}, "each release has its manifest"
        tocsin("peer", "standing", "--data", str(author.data), "reader", "--off")
        ended = say(author.data, number=4)
        time.sleep(3)
        assert held(reader.data, ended.id) is None


def stream(node: Serving, token: str, **headers: str) -> urllib3.BaseHTTPResponse:
    return urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=5, read=40)).request(
        "GET",
        f"{node.url}/v1/live",
        headers={"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in headers.items()}},
        preload_content=False,
    )


def lines_of(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    rest = b""
    while piece := answer.read1(65536):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole


def test_a_line_gives_what_taxii_gives_takes_up_again_and_ends_with_the_token(tmp_path: Path) -> None:
    data = tmp_path / "node"
    admin = make_node(data, pull_seconds=0)
    port = free_port()
    with serving(data, admin, port) as node:
        added = tocsin("peer", "add", "--data", str(data), "lab", "https://lab.example", "--json")
        token = json.loads(added.stdout)["token_for_peer"]
        trust_without_a_call(data, "lab")
        first = say(data)
        publish(data, "lab")
        answer = stream(node, token, Last_Event_ID="2020-01-01T00:00:00.000Z")
        assert answer.headers["content-type"].startswith("text/event-stream")
        told: list[tuple[bytes, bytes]] = []
        moment = b""
        for line in lines_of(answer):
            name, _, value = line.partition(b": ")
            if name == b"id":
                moment = value
            if name == b"data":
                told.append((moment, value))
                if msgspec.json.decode(value)["id"] == first.id:
                    break
        page = node.http.request(
            "GET",
            f"{node.url}/taxii2/tocsin/collections/shared/objects/",
            headers={"Authorization": f"Bearer {token}"},
        )
        over_taxii = [bytes(raw) for raw in msgspec.json.decode(page.data, type=_Envelope).objects]
        assert [data for _, data in told] == over_taxii[: len(told)], "the same bytes in the same order"
        answer.close()

        again = stream(node, token, Last_Event_ID=told[-2][0].decode())
        later = next(line for line in lines_of(again) if line.startswith(b"data: "))
        assert later == b"data: " + told[-1][1]

        kept = json.loads(tocsin("token", "list", "--data", str(data), "--json").stdout)["tokens"]
        mine = next(row["id"] for row in kept if "lab" in row["label"])
        tocsin("token", "revoke", "--data", str(data), mine)
        for _ in lines_of(again):  # ends by itself, for the token no longer counts; otherwise never
            pass
        assert stream(node, token).status == 401


def test_a_third_line_is_refused_and_an_open_one_does_not_hold_up_the_shutdown(tmp_path: Path) -> None:
    data = tmp_path / "node"
    admin = make_node(data, pull_seconds=0)
    with serving(data, admin) as node:
        lines = [stream(node, admin) for _ in range(2)]
        assert [line.status for line in lines] == [200, 200]
        refused = stream(node, admin)
        assert refused.status == 429
        assert b"too many live lines" in refused.read()
        assert stream(node, "nobody").status == 401
        assert next(lines_of(lines[0])) == b": tocsin"
        node.process.terminate()
        assert node.process.wait(10) is not None


def listened(script: Script, **bounds: float) -> list[bytes]:
    """The lines that a listener of this peer hears."""
    with HostilePeer(script) as it:
        peer = Peer(name="rival", url=it.url, allow_private=True)
        with Client(timeout=5).line(peer, "token") as line:
            return list(
                line.listen(
                    "/v1/live", accept="text/event-stream", query={}, **{"silence": 5, "life": 5} | bounds
                )
            )


def dripping(pause: float) -> Script:
    def drip(_: Asked) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        for _number in range(200):
            time.sleep(pause)
            yield b": \n"

    return drip


def one_endless_line(_: Asked) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    while True:
        yield b"x" * 65_536


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (redirect("http://127.0.0.1:1/"), "answered 302 where 200 was due"),
        (honest(b"", status="404 Not Found"), "answered 404"),
        (garbage, "not HTTP"),
        (silence, "broke off"),
        (one_endless_line, f"over {MAX_STREAM_LINE_BYTES} bytes"),
    ],
)
def test_a_line_to_a_hostile_peer_ends_in_a_fault_that_names_it(script: Script, words: str) -> None:
    with pytest.raises(PeerFault, match=words) as caught:
        listened(script)
    assert caught.value.peer == "rival"


def test_a_peer_that_only_drips_is_left_when_the_lines_life_is_over() -> None:
    heard = listened(dripping(0.05), life=0.5)
    assert set(heard) == {b": "}
    assert len(heard) < 150, "the peer would have gone on"


def test_a_silent_line_is_a_fault() -> None:
    with pytest.raises(PeerFault, match="no complete answer"):
        listened(dripping(3.0), silence=0.2)


def test_only_the_moments_of_records_ring() -> None:
    lines = [b": tocsin", b"event: record", b"id: 2026-03-05T10:20:31.000001Z", b'data: {"id": "x"}', b""]
    lines += [b"id: soon", b"id: \xff", b"ids: 2026-03-05T10:20:31.000001Z", b"id:"]
    assert list(bells(lines)) == [micros_of("2026-03-05T10:20:31.000001Z")]


class _Envelope(msgspec.Struct):
    objects: list[msgspec.Raw] = []


def trust_without_a_call(data: Path, name: str) -> None:
    """What `peer trust` writes, for a peer that is not there to be asked."""
    from tocsin.kernel import PeerStatus

    node = Node(data)
    try:
        peer = node.exchange.peer(name)
        node.store.peers.replace(msgspec.structs.replace(peer, status=PeerStatus.TRUSTED))
    finally:
        node.close()


def publish(data: Path, name: str) -> None:
    node = Node(data)
    try:
        by: Caller = node.access.operator()
        node.exchange.publishing.publish(by, name, PURPOSE)
    finally:
        node.close()
