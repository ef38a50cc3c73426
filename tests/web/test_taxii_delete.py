"""Deleting over TAXII (section 5.7): whose it is, what is left, and what stays written."""

from typing import Any

import msgspec
import pytest

from tests.fixtures import Made
from tests.share.said import PURPOSE, confirmed, of_type
from tests.web.test_taxii import (
    INBOX,
    PEERS,
    SHARED,
    Client,
    add_peer,
    ask,
    identity,
    identity_of,
    ids,
    send,
)
from tocsin.app.setup import FIRST_USER
from tocsin.kernel import TLP, Role
from tocsin.share import Gate
from tocsin.trust.policy import Policies
from tocsin.wire.stix import own_id
from tocsin.wire.taxii import MEDIA_TYPE

LATER = "2026-11-21T12:00:00.000Z"
INDICATOR = of_type(confirmed(), "indicator")


@pytest.fixture
def tokens(made: Made) -> dict[str, str]:
    """Two peers, both released everything; and a reviewer, an analyst, a second reviewer."""
    given = {name: add_peer(made, name) for name in PEERS}
    made.node.store.records.put(confirmed())
    for name in PEERS:
        peer = made.node.store.peers.get(name)
        assert peer is not None
        Gate(Policies.load()).publish(made.node.store, peer, PURPOSE, by="u", expected=None, now=made.now)
    admin = made.node.access.operator(FIRST_USER)
    for name, role in (("rev", Role.REVIEWER), ("ana", Role.ANALYST), ("other", Role.REVIEWER)):
        made.node.access.add_user(admin, name, (role,))
        given[name] = made.node.access.issue_token(admin, name)
    return given


def remove(client: Client, path: str, token: str, **query: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Accept": MEDIA_TYPE}
    return client.delete(path, params=query, headers=headers)


def test_a_poster_deletes_its_own(client: Client, made: Made, tokens: dict[str, str]) -> None:
    own = identity_of("lab")
    send(client, tokens["lab"], identity(own), identity(own, at=LATER))
    path = f"{INBOX}objects/{own}/"
    assert remove(client, path, tokens["lab"]).status_code == 200
    assert len(ask(client, f"{path}versions/", tokens["lab"]).json()["versions"]) == 1, "the last one went"
    assert remove(client, path, tokens["lab"], **{"match[version]": LATER}).status_code == 404
    assert remove(client, path, tokens["lab"], **{"match[version]": "all"}).status_code == 200
    assert ask(client, path, tokens["lab"]).status_code == 404
    assert ids(ask(client, f"{INBOX}objects/", tokens["lab"])) == []
    assert ids(ask(client, f"{INBOX}objects/", made.token)) == []
    assert made.node.store.records.get(own) is not None, "what was heard stays heard"
    (last, first) = made.node.store.audit.read(act="taxii.delete")
    assert (first.subject, last.subject) == (own, own)


def test_nobody_deletes_anothers(client: Client, made: Made, tokens: dict[str, str]) -> None:
    own, theirs = identity_of("lab"), own_id("identity", "stranger")
    send(client, tokens["lab"], identity(own))
    send(client, tokens["rev"], identity(theirs))
    assert remove(client, f"{INBOX}objects/{own}/", tokens["institute"]).status_code == 404
    assert remove(client, f"{INBOX}objects/{theirs}/", tokens["lab"]).status_code == 404
    assert remove(client, f"{INBOX}objects/{theirs}/", tokens["other"]).status_code == 403
    assert remove(client, f"{INBOX}objects/{theirs}/", tokens["ana"]).status_code == 403
    assert remove(client, f"{INBOX}objects/{own}/", tokens["rev"]).status_code == 403
    assert len(ids(ask(client, f"{INBOX}objects/", made.token))) == 2
    assert remove(client, f"{INBOX}objects/{theirs}/", tokens["rev"]).status_code == 200
    assert remove(client, f"{INBOX}objects/{own}/", made.token).status_code == 200, "the admin"
    assert ids(ask(client, f"{INBOX}objects/", made.token)) == []


def test_the_admin_withdraws_and_the_log_stays(client: Client, made: Made, tokens: dict[str, str]) -> None:
    logged = made.node.store.releases.manifests()
    path = f"{SHARED}objects/{INDICATOR.id}/"
    absent = f"{SHARED}objects/indicator--00000000-0000-4000-8000-000000000000/"
    for who in ("lab", "rev"):
        here, nowhere = remove(client, path, tokens[who]), remove(client, absent, tokens[who])
        assert (here.status_code, here.content) == (nowhere.status_code, nowhere.content)
        assert here.status_code == 403
    assert remove(client, absent, made.token).status_code == 404
    assert remove(client, path, made.token).status_code == 200
    for who in (made.token, tokens["lab"], tokens["institute"]):
        assert ask(client, path, who).status_code == 404
        assert INDICATOR.id not in ids(ask(client, f"{SHARED}objects/", who))
    assert made.node.store.releases.manifests() == logged
    lab = made.node.store.peers.get("lab")
    assert lab is not None
    draft = Gate(Policies.load()).preview(made.node.store, lab, PURPOSE, now=made.now)
    assert INDICATOR.id not in {entry.id for entry in draft.manifest.entries}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"match[id]": INDICATOR.id}, 400),
        ({"match[type]": "indicator"}, 400),
        ({"match[version]": "newest"}, 400),
        ({"match[spec_version]": "2.0"}, 404),
        ({"match[spec_version]": "2.1"}, 200),
        ({"match[version]": "first,last"}, 200),
    ],
)
def test_filters_of_a_deletion(
    client: Client, made: Made, tokens: dict[str, str], query: dict[str, str], code: int
) -> None:
    answer = remove(client, f"{SHARED}objects/{INDICATOR.id}/", made.token, **query)
    assert answer.status_code == code


def test_what_is_hidden_from_an_admin_is_not_theirs_to_delete(client: Client, made: Made) -> None:
    """The newest version lies above their ceiling: the newest that they see goes, and it stays."""
    admin = made.node.access.operator(FIRST_USER)
    made.node.access.add_user(admin, "low", (Role.ADMIN,), ceiling=TLP.AMBER)
    low = made.node.access.issue_token(admin, "low")
    own = own_id("identity", "stranger")
    red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    newer = msgspec.json.decode(identity(own, at=LATER)) | {"object_marking_refs": [red]}
    assert send(client, made.token, identity(own), msgspec.json.encode(newer)).json()["failure_count"] == 0
    path = f"{INBOX}objects/{own}/"
    assert remove(client, path, low, **{"match[version]": "all"}).status_code == 200
    assert ask(client, path, low).status_code == 404
    assert ask(client, f"{path}versions/", made.token).json()["versions"] == [LATER]
