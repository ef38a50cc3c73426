"""A trusted peer turns on a serving node, over real sockets: each attack has an outcome, and the node goes on.

`tests/test_hostile_peer.py` has the attacks of a peer that we ask; here it asks us. After each attack the same is
looked at: what others said is as it was, nothing more is released, nobody is warned, the node is ready, and no
answer held what is not the peer's to know.
"""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
import urllib3

from tests.nodes import Serving, make_node, serving
from tests.share.said import changed, of_type, review, warning
from tocsin.app.node import Node
from tocsin.kernel import TLP, Peer, PeerStatus, Record, Role, system_clock
from tocsin.kernel.limits import MAX_TAXII_BODY_BYTES, MAX_TAXII_OBJECTS
from tocsin.share import describe
from tocsin.trust.identity import NodeIdentity
from tocsin.wire.stix import Identity, canonical, marking_id
from tocsin.wire.taxii import MEDIA_TYPE

pytestmark = [pytest.mark.net, pytest.mark.slow]

INBOX = "/taxii2/tocsin/collections/inbox/objects/"
SHARED = "/taxii2/tocsin/collections/shared/objects/"
RIVAL = NodeIdentity(b"\x07" * 32).stix_identity
VICTIM = NodeIdentity(b"\x08" * 32).stix_identity
SECRET_NAME = "victim-of-this-node"
MOMENT = "2026-11-20T12:00:00.000Z"


class Siege:
    """A node that serves, a rival with a token, a victim whose records and releases the rival must not touch."""

    def __init__(
        self, node: Serving, token: str, theirs: tuple[Record, ...], own: tuple[Record, ...]
    ) -> None:
        self.node = node
        self.token = token
        self.theirs = theirs
        """What the victim said; kept here."""
        self.own = own
        """What this node said, marked AMBER: above the rival's ceiling."""
        self.status_of_victim = ""
        self.http = urllib3.PoolManager(retries=False, timeout=30)

    def ask(
        self, method: str, path: str, body: bytes | None = None, token: str | None = None, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        sent = {"Authorization": f"Bearer {token or self.token}", "Accept": MEDIA_TYPE}
        if body is not None:
            sent["Content-Type"] = MEDIA_TYPE
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, self.node.url + path, body=body, headers=sent)

    def post(self, *objects: bytes) -> dict[str, Any]:
        """The status of a post that was taken (202)."""
        answer = self.ask("POST", INBOX, b'{"objects":[' + b",".join(objects) + b"]}")
        assert answer.status == 202, answer.data
        status: dict[str, Any] = answer.json()
        return status

    def refused(self, *objects: bytes) -> str:
        """The message with which every one of these objects is refused."""
        status = self.post(*objects)
        assert status["success_count"] == 0
        assert status["failure_count"] == len(objects)
        return " ".join(one["message"] for one in status["failures"])

    def raw(self, data: bytes, *, hang_up: bool = True) -> bytes:
        """What comes back for these very bytes on a connection of its own, which we end; or its beginning."""
        host, port = self.node.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=15) as sock:
            sock.sendall(data)
            if not hang_up:
                return sock.recv(65_536)
            sock.shutdown(socket.SHUT_WR)
            pieces = []
            while piece := sock.recv(65_536):
                pieces.append(piece)
        return b"".join(pieces)


def say(author: str, tlp: TLP, number: int) -> tuple[Record, ...]:
    found = warning(id=f"8f14e45f-ceea-5e6f-8f14-e45fceea5e{number:02x}", signature=bytes([number]) * 256)
    return describe(
        found, review(warning=found.id), author=author, name=f"author {number}", tlp=tlp, now=system_clock()
    )


def rivals(**changes: object) -> bytes:
    """A sound indicator of the rival's own."""
    return changed(of_type(say(RIVAL, TLP.GREEN, 9), "indicator"), **changes).stix


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    data = tmp_path_factory.mktemp("siege") / "node"
    admin = make_node(data, pull_seconds=0)
    node = Node(data)
    by = node.access.operator()
    tokens = {}
    for name, identity in (("rival", RIVAL), (SECRET_NAME, VICTIM)):
        node.store.peers.add(
            Peer(name=name, url=f"https://{name}.example", status=PeerStatus.TRUSTED, identity=identity)
        )
        node.access.add_user(by, f"peer-{name}", (Role.PEER,), peer=name)
        tokens[name] = node.access.issue_token(by, f"peer-{name}", label=name)
    own = say(node.keys.identity.stix_identity, TLP.AMBER, 1)
    theirs = say(VICTIM, TLP.GREEN, 2)
    node.store.records.put(own)
    node.close()
    with serving(data, admin) as served:
        siege = Siege(served, tokens["rival"], theirs, own)
        body = b'{"objects":[' + b",".join(record.stix for record in theirs) + b"]}"
        posted = siege.ask("POST", INBOX, body, token=tokens[SECRET_NAME])
        assert posted.json()["failure_count"] == 0, posted.data
        siege.status_of_victim = posted.json()["id"]
        yield siege


def state(siege: Siege) -> tuple[object, ...]:
    """What no attack may change: what others and we said, what was released, who was warned."""
    node = Node(siege.node.data)
    try:
        kept = tuple(node.store.records.get(record.id) for record in (*siege.theirs, *siege.own))
        return (
            tuple(record.stix if record else None for record in kept),
            node.store.releases.manifests(),
            node.store.warnings.list(),
            tuple((peer.name, peer.status, peer.identity, peer.ceiling) for peer in node.store.peers.list()),
            tuple(user.name for user in node.store.people.users()),
        )
    finally:
        node.close()


# Each attack is one function; its name says what is tried, its body what comes of it.


def write_under_anothers_name(siege: Siege) -> None:
    assert "not your own" in siege.refused(of_type(siege.theirs, "campaign").stix)


def write_under_the_nodes_own_name(siege: Siege) -> None:
    mine = of_type(siege.own, "indicator")
    assert "not your own" in siege.refused(changed(mine, modified="2030-01-01T00:00:00.000Z").stix)


def untold(siege: Siege, stix: bytes) -> None:
    """Taken into the rival's inbox and not used: that somebody has the id already is not the rival's to know."""
    assert siege.post(stix)["success_count"] == 1
    node = Node(siege.node.data)
    latest = node.store.audit.read(act="taxii.post")[0]
    node.close()
    assert (latest.outcome, latest.subject) == ("refused", json.loads(stix)["id"])


def bring_an_old_record_under_a_new_author(siege: Siege) -> None:
    """A newer version of the victim's object, said to be the rival's."""
    taken = changed(
        of_type(siege.theirs, "campaign"), created_by_ref=RIVAL, modified="2030-01-01T00:00:00.000Z"
    )
    untold(siege, taken.stix)


def lower_a_marking(siege: Siege) -> None:
    """The node's own AMBER record, marked GREEN by a stranger, so that it would leave."""
    mine = of_type(siege.own, "campaign")
    clear = changed(
        mine,
        created_by_ref=RIVAL,
        modified="2030-01-01T00:00:00.000Z",
        object_marking_refs=[marking_id(TLP.CLEAR)],
    )
    untold(siege, clear.stix)


def revoke_what_another_said(siege: Siege) -> None:
    gone = changed(of_type(siege.theirs, "indicator"), revoked=True, modified="2030-01-01T00:00:00.000Z")
    assert "not your own" in siege.refused(gone.stix)


def take_anothers_identity(siege: Siege) -> None:
    assert "not your own" in siege.refused(
        canonical(Identity(id=VICTIM, created=MOMENT, modified=MOMENT, name="the rival, as the victim"))
    )


def roll_back_a_version(siege: Siege) -> None:
    """The older version may be history; it never becomes the latest."""
    siege.post(rivals())
    siege.post(rivals(created="2025-01-01T00:00:00.000Z", modified="2025-01-01T00:00:00.000Z"))
    node = Node(siege.node.data)
    latest = node.store.records.get(json.loads(rivals())["id"])
    node.close()
    assert latest is not None
    assert latest.version > 1_760_000_000_000_000


def two_contents_for_one_version(siege: Siege) -> None:
    fixed = {"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-02T00:00:00.000Z"}
    siege.post(rivals(**fixed))
    assert siege.refused(rivals(**fixed, name="another"))


def two_contents_in_one_envelope(siege: Siege) -> None:
    fixed = {"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-03T00:00:00.000Z"}
    status = siege.post(rivals(**fixed, name="one"), rivals(**fixed, name="two"))
    assert (status["success_count"], status["failure_count"]) == (1, 1)


def replay_a_post(siege: Siege) -> None:
    fixed = {"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-04T00:00:00.000Z"}
    said = rivals(**fixed)
    first, second = siege.post(said), siege.post(said)
    assert first["success_count"] == second["success_count"] == 1
    path = f"{INBOX}{json.loads(said)['id']}/versions/"
    assert siege.ask("GET", path).json()["versions"].count(fixed["modified"]) == 1


def a_look_alike_id(siege: Siege) -> None:
    """Full-width digits, a Cyrillic a, a zero-width space: none is the id it looks like, and none is an id."""
    plain = json.loads(rivals())["id"]
    for bent in (
        plain.replace("0", "\uff10").replace("1", "\uff11"),
        plain.replace("a", "\u0430").replace("c", "\u0441"),
        plain + "\u200b",
        plain.upper().replace("INDICATOR", "indicator"),
    ):
        assert siege.refused(rivals(id=bent))


def a_look_alike_author(siege: Siege) -> None:
    assert siege.refused(rivals(created_by_ref=VICTIM.replace("a", "\u0430").replace("e", "\u0435")))


def bend_a_marking_of_the_standard(siege: Siege) -> None:
    red = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": marking_id(TLP.RED),
        "created": "2022-10-01T00:00:00.000Z",
        "name": "TLP:CLEAR",
    }
    assert siege.refused(msgspec.json.encode(red))


def mark_with_what_does_not_exist(siege: Siege) -> None:
    """It is kept as AMBER, the default for what says nothing that can be understood: it never passes on."""
    marked = rivals(
        object_marking_refs=["marking-definition--00000000-0000-4000-8000-000000000000"],
        modified="2026-02-01T00:00:00.000Z",
        created="2026-01-01T00:00:00.000Z",
    )
    siege.post(marked)
    node = Node(siege.node.data)
    kept = node.store.records.get(json.loads(marked)["id"], version=1_769_904_000_000_000)
    node.close()
    assert kept is not None
    assert kept.tlp is TLP.AMBER


def an_extension_that_breaks_its_schema(siege: Siege) -> None:
    extensions = json.loads(rivals())["extensions"]
    for extension in extensions.values():
        extension["shingles"] = "many"
    assert "extension" in siege.refused(rivals(extensions=extensions))


def references_in_a_circle(siege: Siege) -> None:
    """Reports that name each other and nothing that exists: kept, followed by nobody."""
    ids = [f"report--00000000-0000-4000-8000-00000000000{n}" for n in (1, 2)]
    siege.post(
        *(
            msgspec.json.encode(
                {
                    "type": "report",
                    "spec_version": "2.1",
                    "id": mine,
                    "created": "2026-01-01T00:00:00.000Z",
                    "modified": "2026-01-01T00:00:00.000Z",
                    "created_by_ref": RIVAL,
                    "name": "circle",
                    "published": "2026-01-01T00:00:00.000Z",
                    "object_refs": [other, mine, "indicator--00000000-0000-4000-8000-00000000dead"],
                }
            )
            for mine, other in (ids, ids[::-1])
        )
    )


def too_many_objects(siege: Siege) -> None:
    body = b'{"objects":[' + b",".join([b"{}"] * (MAX_TAXII_OBJECTS + 1)) + b"]}"
    assert siege.ask("POST", INBOX, body).status == 413


def too_large_a_body(siege: Siege) -> None:
    said = f"POST {INBOX} HTTP/1.1\r\nHost: n\r\nAuthorization: Bearer {siege.token}\r\n"
    said += f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {MAX_TAXII_BODY_BYTES + 1}\r\n\r\n"
    assert b" 413 " in siege.raw(said.encode() + b"{}", hang_up=False).split(b"\r\n")[0]


def a_bomb_in_gzip(siege: Siege) -> None:
    assert siege.ask("POST", INBOX, b"\x1f\x8b" + b"\0" * 100, Content_Encoding="gzip").status == 415


def json_without_a_bottom(siege: Siege) -> None:
    assert siege.ask("POST", INBOX, b'{"objects":[' + b"[" * 200_000).status in (400, 413, 422)
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"x": deep}
    assert "deeper" in siege.refused(rivals(x_deep=deep))


def numbers_that_would_change(siege: Siege) -> None:
    whole = rivals(x_number=7).replace(b'"x_number":7', b'"x_number":9007199254740993')
    assert "2^53" in siege.refused(whole)


def characters_that_databases_refuse(siege: Siege) -> None:
    assert "NUL" in siege.refused(rivals(name="a\0b"))
    body = (
        b'{"objects":[' + rivals().replace(b'"indicator_types"', b'"x":"\\ud800","indicator_types"') + b"]}"
    )
    assert siege.ask("POST", INBOX, body).status in (202, 400, 422)


def read_anothers_status(siege: Siege) -> None:
    theirs = siege.ask("GET", f"/taxii2/tocsin/status/{siege.status_of_victim}/")
    nobodys = siege.ask("GET", "/taxii2/tocsin/status/00000000-0000-4000-8000-000000000000/")
    assert (theirs.status, theirs.data) == (404, nobodys.data)


def read_what_was_not_released(siege: Siege) -> None:
    assert siege.ask("GET", SHARED).json().get("objects", []) == []
    for record in (*siege.own, *siege.theirs):
        if record.type not in ("relationship", "report"):  # of the others the rival posts its own
            continue
        for collection in (SHARED, INBOX):
            there = siege.ask("GET", f"{collection}{record.id}/")
            nowhere = siege.ask("GET", f"{collection}{record.type}--00000000-0000-4000-8000-00000000dead/")
            assert (there.status, there.data) == (nowhere.status, nowhere.data) == (404, nowhere.data)


def ask_for_everything_in_one_page(siege: Siege) -> None:
    assert siege.ask("GET", f"{SHARED}?limit=999999999").json().get("objects", []) == []
    assert siege.ask("GET", f"{SHARED}?limit=-1").status == 400
    assert siege.ask("GET", f"{SHARED}?match[id]={','.join(['x'] * 5000)}").status in (400, 414)


def forge_a_page_token(siege: Siege) -> None:
    for token in ("AAAA", "t1.0", "..%2f..%2f", "%00", "A" * 5_000):
        assert siege.ask("GET", f"{SHARED}?next={token}").status in (400, 414)


def speak_sql(siege: Siege) -> None:
    for words in ("' OR 1=1 --", '"; DROP TABLE records; --', "%' UNION SELECT token FROM tokens --"):
        quoted = urlencode({"match[type]": words, "match[version]": words})
        assert siege.ask("GET", f"{SHARED}?{quoted}").status == 400


def climb_out_of_the_path(siege: Siege) -> None:
    for path in (
        "/taxii2/tocsin/collections/../../../v1/events",
        "/taxii2/tocsin/collections/%2e%2e%2f%2e%2e%2fkeys/objects/",
        "/static/../../keys/node.key",
        "/static/%2e%2e/%2e%2e/settings.toml",
    ):
        answer = siege.raw(
            f"GET {path} HTTP/1.1\r\nHost: n\r\nAuthorization: Bearer {siege.token}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        assert answer.split(b" ")[1] in (b"401", b"403", b"404", b"405"), answer[:200]


def post_where_only_the_gate_writes(siege: Siege) -> None:
    assert siege.ask("POST", SHARED, b'{"objects":[' + rivals() + b"]}").status == 404


def act_beyond_the_role(siege: Siege) -> None:
    event = (
        b'{"id":"e1","time":"2026-11-20T00:00:00Z","source":"s","kind":"content.post","actor":"a","text":"t"}'
    )
    assert siege.ask("POST", "/v1/events", event, Content_Type="application/x-ndjson").status == 403
    assert siege.ask("GET", "/metrics").status == 403
    assert siege.ask("GET", "/", Accept="text/html").status in (302, 303, 307, 401, 403)


def borrow_a_name_for_the_own_token(siege: Siege) -> None:
    headers = urllib3.make_headers(basic_auth=f"admin:{siege.token}")
    answer = siege.http.request("GET", f"{siege.node.url}/taxii2/", headers=headers)
    assert answer.status == 401


def smuggle_a_second_request(siege: Siege) -> None:
    """Two lengths, or a length beside chunks: refused, or read as one request and never as two."""
    head = f"POST {INBOX} HTTP/1.1\r\nHost: n\r\nAuthorization: Bearer {siege.token}\r\n"
    inner = b"GET /metrics HTTP/1.1\r\nHost: n\r\n\r\n"
    for lengths in (
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        f"Content-Length: 0\r\nContent-Length: {len(inner)}\r\n",
    ):
        answer = siege.raw((head + lengths + "\r\n").encode() + b"0\r\n\r\n" + inner)
        assert answer.count(b"HTTP/1.1 200") == 0, answer[:400]


def headers_without_end(siege: Siege) -> None:
    head = f"GET /taxii2/ HTTP/1.1\r\nHost: n\r\nAuthorization: Bearer {siege.token}\r\n".encode()
    with suppress(ConnectionResetError, BrokenPipeError):  # hanging up is an answer too
        first = siege.raw(head + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\n")[:12]
        assert first in (b"", b"HTTP/1.1 200", b"HTTP/1.1 400", b"HTTP/1.1 431"), first


def take_all_the_live_lines(siege: Siege) -> None:
    held = [
        siege.http.request(
            "GET",
            f"{siege.node.url}/v1/live",
            headers={"Authorization": f"Bearer {siege.token}"},
            preload_content=False,
        )
        for _ in range(6)
    ]
    try:
        assert [line.status for line in held].count(429) == 4
    finally:
        for line in held:
            line.close()


def ask_in_another_tongue(siege: Siege) -> None:
    assert siege.ask("GET", SHARED, Accept="application/vnd.oasis.taxii+json; version=2.0").status == 406
    assert siege.ask("POST", INBOX, b"<objects/>", Content_Type="application/xml").status == 415


ATTACKS: tuple[Callable[[Siege], None], ...] = (
    write_under_anothers_name,
    write_under_the_nodes_own_name,
    bring_an_old_record_under_a_new_author,
    lower_a_marking,
    revoke_what_another_said,
    take_anothers_identity,
    roll_back_a_version,
    two_contents_for_one_version,
    two_contents_in_one_envelope,
    replay_a_post,
    a_look_alike_id,
    a_look_alike_author,
    bend_a_marking_of_the_standard,
    mark_with_what_does_not_exist,
    an_extension_that_breaks_its_schema,
    references_in_a_circle,
    too_many_objects,
    too_large_a_body,
    a_bomb_in_gzip,
    json_without_a_bottom,
    numbers_that_would_change,
    characters_that_databases_refuse,
    read_anothers_status,
    read_what_was_not_released,
    ask_for_everything_in_one_page,
    forge_a_page_token,
    speak_sql,
    climb_out_of_the_path,
    post_where_only_the_gate_writes,
    act_beyond_the_role,
    borrow_a_name_for_the_own_token,
    smuggle_a_second_request,
    headers_without_end,
    take_all_the_live_lines,
    ask_in_another_tongue,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_by_a_trusted_peer(siege: Siege, attack: Callable[[Siege], None]) -> None:
    before = state(siege)
    attack(siege)
    assert state(siege) == before
    assert siege.node.request("GET", "/readyz").status == 200
    log = (siege.node.data.parent / f"{siege.node.data.name}.log").read_text("utf-8")
    assert siege.token not in log
    assert "Traceback" not in log
