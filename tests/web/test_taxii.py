"""TAXII 2.1 over the application: each endpoint, each filter, each refusal, and whose view it is."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tests.share.said import AUTHOR, NOW, PURPOSE, changed, confirmed, of_type, review, warning
from tocsin.app.setup import FIRST_USER
from tocsin.kernel import TLP, Peer, PeerStatus, Role
from tocsin.share import Gate, describe
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.policy import Policies
from tocsin.wire.stix import Identity, canonical, own_id
from tocsin.wire.taxii import MEDIA_TYPE

Client = TestClient[Litestar]
ROOT = "/taxii2/tocsin/"
SHARED = f"{ROOT}collections/shared/"
INBOX = f"{ROOT}collections/inbox/"
PEERS = ("lab", "institute")
MOMENT = "2026-11-20T12:00:00.000Z"


def add_peer(made: Made, name: str) -> str:
    """A trusted peer and its token."""
    node, seed = made.node, bytes([len(name)]) * 32
    node.store.peers.add(
        Peer(
            name=name,
            url=f"https://{name}.example",
            status=PeerStatus.TRUSTED,
            identity=NodeIdentity(seed).stix_identity,
            purposes=(PURPOSE,),
        )
    )
    admin = node.access.operator(FIRST_USER)
    node.access.add_user(admin, f"peer-{name}", (Role.PEER,), peer=name)
    return node.access.issue_token(admin, f"peer-{name}")


def identity_of(name: str) -> str:
    return NodeIdentity(bytes([len(name)]) * 32).stix_identity


@pytest.fixture
def tokens(made: Made) -> dict[str, str]:
    """Two peers; the lab was released everything, the institute nothing."""
    given = {name: add_peer(made, name) for name in PEERS}
    made.node.store.records.put(confirmed())
    lab = made.node.store.peers.get("lab")
    assert lab is not None
    Gate(Policies.load()).publish(made.node.store, lab, PURPOSE, by="u", expected=None, now=made.now)
    return given


def ask(client: Client, path: str, token: str, **query: str | int) -> Any:
    return client.get(path, params=query, headers={"Authorization": f"Bearer {token}", "Accept": MEDIA_TYPE})


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json().get("objects", [])]


def send(client: Client, token: str, *objects: bytes, path: str = f"{INBOX}objects/", **headers: str) -> Any:
    body = b'{"objects":[' + b",".join(objects) + b"]}"
    named = {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return client.post(path, content=body, headers={"Authorization": f"Bearer {token}"} | named)


def identity(author: str, name: str = "a node", at: str = MOMENT) -> bytes:
    return canonical(Identity(id=author, created=MOMENT, modified=at, name=name))


def test_discovery_leads_to_the_collections(client: Client, made: Made, tokens: dict[str, str]) -> None:
    answer = ask(client, "/taxii2/", made.token)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["default"] == ROOT
    assert answer.json()["api_roots"] == [ROOT, "/taxii2/taxonomy/"]
    root = ask(client, ROOT, made.token).json()
    assert root["versions"] == [MEDIA_TYPE]
    assert root["max_content_length"] > 0
    listed = ask(client, f"{ROOT}collections/", tokens["lab"]).json()["collections"]
    assert [(one["alias"], one["can_read"], one["can_write"]) for one in listed] == [
        ("shared", True, False),
        ("inbox", True, True),
    ]
    for one in listed:
        assert ask(client, f"{ROOT}collections/{one['id']}/", tokens["lab"]).json() == one
        assert ask(client, f"{ROOT}collections/{one['alias']}/", tokens["lab"]).json() == one


def test_objects_are_the_very_bytes(client: Client, tokens: dict[str, str]) -> None:
    answer = ask(client, f"{SHARED}objects/", tokens["lab"])
    raw = msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])["objects"]
    assert {bytes(one) for one in msgspec.json.decode(raw, type=list[msgspec.Raw])} == {
        record.stix for record in confirmed()
    }
    assert answer.json()["more"] is False
    assert answer.headers["x-taxii-date-added-first"] <= answer.headers["x-taxii-date-added-last"]


def test_pages_lead_through_everything_once(client: Client, tokens: dict[str, str]) -> None:
    whole = ids(ask(client, f"{SHARED}objects/", tokens["lab"]))
    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 3}
    for _ in range(20):
        answer = ask(client, f"{SHARED}objects/", tokens["lab"], **query)
        seen += ids(answer)
        if not answer.json()["more"]:
            break
        query["next"] = answer.json()["next"]
    assert seen == whole
    assert len(set(whole)) == len(confirmed())


def test_added_after_resumes_where_a_page_ended(client: Client, tokens: dict[str, str]) -> None:
    whole = ids(ask(client, f"{SHARED}objects/", tokens["lab"]))
    first = ask(client, f"{SHARED}objects/", tokens["lab"], limit=4)
    rest = ask(
        client, f"{SHARED}objects/", tokens["lab"], added_after=first.headers["x-taxii-date-added-last"]
    )
    assert ids(first) + ids(rest) == whole


def test_filters(client: Client, tokens: dict[str, str]) -> None:
    token, indicator = tokens["lab"], of_type(confirmed(), "indicator")
    path = f"{SHARED}objects/"
    assert ids(ask(client, path, token, **{"match[type]": "indicator"})) == [indicator.id]
    assert ids(ask(client, path, token, **{"match[id]": indicator.id})) == [indicator.id]
    assert ids(ask(client, path, token, **{"match[id]": indicator.id, "match[type]": "report"})) == []
    assert ids(ask(client, path, token, **{"match[spec_version]": "2.0"})) == []
    assert len(ids(ask(client, path, token, **{"match[version]": "all"}))) == len(confirmed())
    modified = msgspec.json.decode(indicator.stix)["modified"]
    assert indicator.id in ids(ask(client, path, token, **{"match[version]": modified}))
    entries = ask(client, f"{SHARED}manifest/", token, **{"match[type]": "indicator"}).json()["objects"]
    assert [(one["id"], one["version"]) for one in entries] == [(indicator.id, modified)]
    assert ids(ask(client, f"{SHARED}objects/{indicator.id}/", token)) == [indicator.id]
    versions = ask(client, f"{SHARED}objects/{indicator.id}/versions/", token).json()["versions"]
    assert versions == [modified]


def test_a_second_version_is_served_as_the_standard_says(
    client: Client, made: Made, tokens: dict[str, str]
) -> None:
    again = describe(
        warning(actors=60),
        review(),
        author=AUTHOR,
        name="platform",
        tlp=TLP.GREEN,
        now=NOW + timedelta(days=1),
    )
    made.node.store.records.put(tuple(one for one in again if one.type == "campaign"))
    lab = made.node.store.peers.get("lab")
    assert lab is not None
    manifest = Gate(Policies.load()).publish(
        made.node.store, lab, PURPOSE, by="u", expected=None, now=made.now
    )
    assert len(manifest.released) == 1
    campaign = of_type(again, "campaign")
    path = f"{SHARED}objects/{campaign.id}/"
    latest = ask(client, path, tokens["lab"]).json()["objects"]
    assert [one["modified"] for one in latest] == [msgspec.json.decode(campaign.stix)["modified"]]
    for wanted, count in (("first", 1), ("last", 1), ("all", 2), ("first,last", 2)):
        found = ask(client, path, tokens["lab"], **{"match[version]": wanted}).json()["objects"]
        assert len(found) == count
    assert len(ask(client, f"{path}versions/", tokens["lab"]).json()["versions"]) == 2


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}collections/nothing/objects/",
        f"{ROOT}collections/nothing/",
        f"{ROOT}collections/nothing/manifest/",
        f"{SHARED}objects/{of_type(confirmed(), 'indicator').id}/",
        f"{SHARED}objects/{of_type(confirmed(), 'indicator').id}/versions/",
        f"{SHARED}objects/indicator--00000000-0000-4000-8000-000000000000/",
        f"{SHARED}objects/nonsense/",
        f"{ROOT}status/00000000-0000-4000-8000-000000000000/",
    ],
)
def test_what_is_hidden_and_what_is_not_there_look_the_same(
    client: Client, tokens: dict[str, str], path: str
) -> None:
    answer = ask(client, path, tokens["institute"])
    assert answer.status_code == 404
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json() == {
        "title": "not-found",
        "description": "there is no such thing here, or not for you",
        "http_status": "404",
    }


def test_a_peer_sees_nothing_that_was_released_to_another(client: Client, tokens: dict[str, str]) -> None:
    for path in (f"{SHARED}objects/", f"{SHARED}manifest/"):
        answer = ask(client, path, tokens["institute"])
        assert answer.json() == {"more": False} or answer.json() == {}
        assert "x-taxii-date-added-last" not in answer.headers


def test_people_see_what_was_released_to_anybody(client: Client, made: Made, tokens: dict[str, str]) -> None:
    assert len(ids(ask(client, f"{SHARED}objects/", made.token))) == len(confirmed())


def test_a_suspended_peer_finds_nothing(client: Client, made: Made, tokens: dict[str, str]) -> None:
    lab = made.node.store.peers.get("lab")
    assert lab is not None
    made.node.store.peers.replace(msgspec.structs.replace(lab, status=PeerStatus.SUSPENDED))
    assert "api_roots" not in ask(client, "/taxii2/", tokens["lab"]).json()
    assert ask(client, f"{ROOT}collections/", tokens["lab"]).status_code == 404
    assert ask(client, f"{SHARED}objects/", tokens["lab"]).status_code == 404
    assert send(client, tokens["lab"], identity(identity_of("lab"))).status_code == 404


def test_fetches_are_counted(client: Client, made: Made, tokens: dict[str, str]) -> None:
    ask(client, f"{SHARED}objects/", tokens["lab"])
    ask(client, f"{SHARED}objects/", made.token)
    size = sum(len(record.stix) for record in confirmed())
    assert made.node.store.releases.fetched() == {"lab": (len(confirmed()), size)}


def test_a_peer_posts_under_its_own_name_only(client: Client, made: Made, tokens: dict[str, str]) -> None:
    own, other = identity_of("lab"), identity_of("institute")
    answer = send(
        client,
        tokens["lab"],
        identity(own),
        identity(other),
        b'{"type":"indicator"}',
        b"[]",
        of_type(confirmed(), "indicator").stix,
    )
    assert answer.status_code == 202
    status = answer.json()
    assert (status["status"], status["total_count"]) == ("complete", 5)
    assert (status["success_count"], status["failure_count"], status["pending_count"]) == (1, 4, 0)
    assert status["successes"] == [{"id": own, "version": MOMENT}]
    assert "not your own identity" in status["failures"][0]["message"]
    kept = made.node.store.records.get(own)
    assert kept is not None
    assert (kept.peer, kept.origin.value, kept.author) == ("lab", "peer", own)
    assert made.node.store.records.get(other) is None

    seen = ask(client, f"{ROOT}status/{status['id']}/", tokens["lab"])
    assert seen.json() == status
    assert ask(client, f"{ROOT}status/{status['id']}/", made.token).json() == status
    assert ask(client, f"{ROOT}status/{status['id']}/", tokens["institute"]).status_code == 404
    assert ids(ask(client, f"{INBOX}objects/", tokens["lab"])) == [own]
    assert ids(ask(client, f"{INBOX}objects/", made.token)) == [own]
    assert ask(client, f"{INBOX}objects/", tokens["institute"]).json() == {"more": False}
    assert ids(ask(client, f"{SHARED}objects/", tokens["institute"])) == []


def test_nothing_is_taken_from_a_peer_before_it_is_trusted(
    client: Client, made: Made, tokens: dict[str, str]
) -> None:
    lab = made.node.store.peers.get("lab")
    assert lab is not None
    nobodys = changed(of_type(confirmed(), "campaign"), created_by_ref=None).stix
    for changes in (
        {"status": PeerStatus.ADDED},
        {"status": PeerStatus.ADDED, "identity": None},
        {"identity": None},
    ):
        made.node.store.peers.replace(msgspec.structs.replace(lab, **changes))
        status = send(client, tokens["lab"], identity(identity_of("lab")), nobodys).json()
        assert (status["success_count"], status["failure_count"]) == (0, 2)


def test_an_object_of_another_author_cannot_be_changed(
    client: Client, made: Made, tokens: dict[str, str]
) -> None:
    own = identity_of("lab")
    assert send(client, tokens["lab"], identity(own)).json()["success_count"] == 1
    record = of_type(confirmed(), "campaign")
    forged = changed(record, created_by_ref=own).stix
    failed = send(client, tokens["lab"], forged).json()
    assert failed["failure_count"] == 1
    assert "another author" in failed["failures"][0]["message"]
    kept = made.node.store.records.get(record.id)
    assert kept is not None
    assert kept.stix == record.stix


def test_one_version_has_one_content(client: Client, tokens: dict[str, str]) -> None:
    own = identity_of("lab")
    assert send(client, tokens["lab"], identity(own)).json()["success_count"] == 1
    assert send(client, tokens["lab"], identity(own)).json()["success_count"] == 1, (
        "the same again is no fault"
    )
    assert send(client, tokens["lab"], identity(own, name="x")).json()["failure_count"] == 1
    newer = identity(own, name="x", at="2026-11-21T12:00:00.000Z")
    assert send(client, tokens["lab"], newer).json()["success_count"] == 1
    assert len(ids(ask(client, f"{INBOX}objects/", tokens["lab"], **{"match[version]": "all"}))) == 2


def test_people_post_anything_sound(client: Client, made: Made) -> None:
    stranger = own_id("identity", "stranger")
    status = send(client, made.token, identity(stranger)).json()
    assert status["success_count"] == 1
    kept = made.node.store.records.get(stranger)
    assert kept is not None
    assert (kept.peer, kept.origin.value, kept.tlp) == (None, "import", TLP.AMBER)


def test_the_standards_own_objects_are_known_already(client: Client, tokens: dict[str, str]) -> None:
    definition = of_type(confirmed(), "extension-definition")
    assert send(client, tokens["lab"], definition.stix).json()["success_count"] == 1
    bent = changed(definition, description="bent").stix
    assert send(client, tokens["lab"], bent).json()["failure_count"] == 1


@pytest.mark.parametrize(
    ("status", "path", "headers"),
    [
        (415, f"{INBOX}objects/", {"Content-Type": "application/json"}),
        (415, f"{INBOX}objects/", {"Content-Encoding": "gzip"}),
        (406, f"{INBOX}objects/", {"Accept": "application/xml"}),
        (404, f"{SHARED}objects/", {}),
        (404, f"{ROOT}collections/nothing/objects/", {}),
    ],
)
def test_posts_that_are_refused(
    client: Client, made: Made, status: int, path: str, headers: dict[str, str]
) -> None:
    answer = client.post(
        path,
        content=b'{"objects":[]}',
        headers=made.bearer | {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE} | headers,
    )
    assert answer.status_code == status
    assert answer.json()["http_status"] == str(status)
    assert answer.headers["content-type"] == MEDIA_TYPE


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"objects":[]}', b'{"objects":1}', b"\xff"])
def test_bodies_that_are_no_envelope(client: Client, made: Made, body: bytes) -> None:
    answer = client.post(f"{INBOX}objects/", content=body, headers=made.bearer | {"Content-Type": MEDIA_TYPE})
    assert answer.status_code == 400
    assert answer.json()["http_status"] == "400"


def test_a_body_over_the_bound(client: Client, made: Made) -> None:
    answer = client.post(
        f"{INBOX}objects/",
        content=b'{"objects":["' + b"x" * (17 << 20) + b'"]}',
        headers=made.bearer | {"Content-Type": MEDIA_TYPE},
    )
    assert answer.status_code == 413
    assert answer.json()["http_status"] == "413"


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "x"},
        {"next": "x"},
        {"added_after": "yesterday"},
        {"match[id]": "x"},
        {"match[version]": "newest"},
        {"match[colour]": "red"},
    ],
)
def test_queries_that_are_refused(client: Client, made: Made, query: dict[str, str]) -> None:
    answer = client.get(f"{SHARED}objects/", params=query, headers=made.bearer)
    assert answer.status_code == 400
    assert answer.json()["title"] == "bad-input"


def test_an_unacceptable_answer(client: Client, made: Made) -> None:
    answer = client.get("/taxii2/", headers=made.bearer | {"Accept": "application/taxii+json;version=2.0"})
    assert answer.status_code == 406


@pytest.mark.parametrize(
    "authorization", ["", "Bearer nonsense", "Basic YTpi", "Bearer tocsin_000000000000_" + "x" * 43]
)
def test_nobody_gets_in(client: Client, made: Made, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for path in ("/taxii2/", f"{ROOT}collections/", f"{SHARED}objects/", f"{ROOT}collections/nothing/"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 401
        assert "Basic" in answer.headers["www-authenticate"]
        assert answer.json()["http_status"] == "401"


def test_basic_is_user_name_and_token(client: Client, made: Made) -> None:
    assert client.get("/taxii2/", auth=(FIRST_USER, made.token)).status_code == 200
    assert client.get("/taxii2/", auth=("somebody", made.token)).status_code == 401


def test_a_source_may_not_read(client: Client, made: Made) -> None:
    admin = made.node.access.operator(FIRST_USER)
    made.node.access.add_user(admin, "camera", (Role.SOURCE,))
    token = made.node.access.issue_token(admin, "camera")
    answer = ask(client, "/taxii2/", token)
    assert answer.status_code == 403
    assert answer.json()["http_status"] == "403"


def test_a_peer_role_without_a_peer_sees_nothing(client: Client, made: Made) -> None:
    admin = made.node.access.operator(FIRST_USER)
    made.node.access.add_user(admin, "odd", (Role.PEER,))
    token = made.node.access.issue_token(admin, "odd")
    assert ask(client, f"{SHARED}objects/", token).status_code == 404
