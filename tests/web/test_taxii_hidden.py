"""Two clients, one collection, two ceilings: over HTTP a world with hidden objects and one without agree."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.fixtures import Made, answering
from tests.share.said import AUTHOR, NOW, PURPOSE, confirmed, of_type, review, warning
from tests.web.test_taxii import INBOX, SHARED, Client, add_peer, ask, identity, ids, send
from tocsin.app.setup import FIRST_USER
from tocsin.kernel import TLP, Peer, PeerStatus, Role
from tocsin.share import Gate, describe
from tocsin.trust.policy import Policies
from tocsin.wire.stix import marking_id, own_id

LATER = "2026-11-21T12:00:00.000Z"
STRANGER = own_id("identity", "stranger")
HIDDEN = own_id("identity", "hidden")
OTHER = own_id("identity", "other")


def marked(author: str, tlp: TLP, **changes: str) -> bytes:
    fields = msgspec.json.decode(identity(author, **changes))
    return msgspec.json.encode(fields | {"object_marking_refs": [marking_id(tlp)]})


class World:
    """A node with somebody who may see up to GREEN."""

    def __init__(self, data: Path, now: datetime, stack: ExitStack) -> None:
        self.made = Made(data, now)
        admin = self.made.node.access.operator(FIRST_USER)
        self.made.node.access.add_user(admin, "low", (Role.ADMIN, Role.REVIEWER), ceiling=TLP.GREEN)
        self.low = self.made.node.access.issue_token(admin, "low")
        self.client: Client = stack.enter_context(answering(self.made.node))

    def answer(self, method: str, path: str, **query: str | int) -> tuple[int, bytes, dict[str, str]]:
        """All of it but the date."""
        headers = {"Authorization": f"Bearer {self.low}"}
        given = self.client.request(method, path, params=query, headers=headers)
        return given.status_code, given.content, {k: v for k, v in given.headers.items() if k != "date"}


@pytest.fixture
def worlds(tmp_path: Path, now: datetime) -> Iterator[tuple[World, World]]:
    """One where TLP:RED objects, and a RED version of a GREEN one, were posted beside the others."""
    with ExitStack() as stack:
        made = [World(tmp_path / name / "node", now, stack) for name in ("plain", "other")]
        for world, hidden in zip(made, (False, True), strict=True):
            send(world.client, world.made.token, marked(STRANGER, TLP.GREEN), marked(OTHER, TLP.CLEAR))
            if hidden:
                more = [marked(HIDDEN, TLP.RED), marked(STRANGER, TLP.RED, at=LATER)]
                assert send(world.client, world.made.token, *more).json()["failure_count"] == 0
            more = [marked(HIDDEN, TLP.RED, at=LATER)] if hidden else []
            send(world.client, world.made.token, *more, marked(OTHER, TLP.GREEN, at=LATER))
        yield made[0], made[1]
    for world in made:
        world.made.node.close()


ASKED: list[tuple[str, str, dict[str, str | int]]] = [
    ("GET", f"{INBOX}objects/", {}),
    ("GET", f"{INBOX}objects/", {"limit": 1}),
    ("GET", f"{INBOX}objects/", {"limit": 1, "match[version]": "all"}),
    ("GET", f"{INBOX}objects/", {"match[version]": LATER}),
    ("GET", f"{INBOX}objects/", {"match[id]": f"{HIDDEN},{STRANGER}"}),
    ("GET", f"{INBOX}objects/", {"match[type]": "identity"}),
    ("GET", f"{INBOX}objects/", {"match[spec_version]": "2.0"}),
    ("GET", f"{INBOX}manifest/", {"match[version]": "all"}),
    ("GET", f"{INBOX}objects/{HIDDEN}/", {}),
    ("GET", f"{INBOX}objects/{HIDDEN}/versions/", {}),
    ("GET", f"{INBOX}objects/{STRANGER}/", {}),
    ("GET", f"{INBOX}objects/{STRANGER}/versions/", {}),
    ("GET", f"{INBOX}objects/{OTHER}/", {"match[version]": "first,last"}),
    ("DELETE", f"{INBOX}objects/{HIDDEN}/", {}),
    ("DELETE", f"{SHARED}objects/{HIDDEN}/", {}),
    ("DELETE", f"{INBOX}objects/{STRANGER}/", {"match[version]": LATER}),
    ("GET", "/taxii2/", {}),
    ("GET", INBOX, {}),
]


@pytest.mark.parametrize(("method", "path", "query"), ASKED)
def test_two_worlds_answer_byte_for_byte_alike(
    worlds: tuple[World, World], method: str, path: str, query: dict[str, str | int]
) -> None:
    plain, other = (world.answer(method, path, **query) for world in worlds)
    assert plain == other
    assert ids(ask(worlds[1].client, f"{INBOX}objects/", worlds[1].made.token)) != ids(
        ask(worlds[1].client, f"{INBOX}objects/", worlds[1].low)
    ), "and there is something to hide"


def test_the_next_pages_agree_too(worlds: tuple[World, World]) -> None:
    pages = []
    for world in worlds:
        query: dict[str, str | int] = {"limit": 1, "match[version]": "all"}
        seen: list[Any] = []
        while True:
            seen.append(world.answer("GET", f"{INBOX}objects/", **query))
            envelope = msgspec.json.decode(seen[-1][1])
            if not envelope["more"]:
                break
            query["next"] = envelope["next"]
        pages.append(seen)
    assert pages[0] == pages[1]
    assert len(pages[0]) == 3


def test_a_post_does_not_tell_of_a_conflict_with_what_is_hidden(worlds: tuple[World, World]) -> None:
    """An id that another author has, and a version that has other content, both hidden: taken, and not used."""
    told = []
    forged = msgspec.json.decode(marked(HIDDEN, TLP.GREEN)) | {"created_by_ref": OTHER}
    changed = marked(STRANGER, TLP.GREEN, name="changed", at=LATER)
    for world in worlds:
        status = send(world.client, world.low, msgspec.json.encode(forged), changed).json()
        seen = ask(world.client, f"{INBOX}objects/", world.low, **{"match[version]": "all"})
        told.append((status | {"id": ""}, seen.content, seen.headers["x-taxii-date-added-last"]))
    assert told[0] == told[1]
    assert told[0][0]["success_count"] == 2
    seen_conflict = marked(STRANGER, TLP.GREEN, name="changed")
    assert send(worlds[1].client, worlds[1].low, seen_conflict).json()["failure_count"] == 1
    kept = worlds[1].made.node.store.records.get(HIDDEN)
    assert kept is not None
    assert kept.author == HIDDEN, "what was kept is not changed"
    (row,) = worlds[1].made.node.store.audit.read(act="taxii.post")[:1]
    assert (row.outcome, row.detail["objects"]) == ("refused", 2)


def test_one_who_may_see_less_has_no_console(made: Made, client: Client) -> None:
    admin = made.node.access.operator(FIRST_USER)
    assert made.node.accounts.by_token(made.node.access.issue_token(admin, FIRST_USER)) is not None
    lower = made.node.access.issue_token(admin, FIRST_USER, ceiling=TLP.AMBER)
    assert made.node.accounts.by_token(lower) is None
    send(client, made.token, marked(STRANGER, TLP.RED), marked(OTHER, TLP.AMBER))
    assert ids(ask(client, f"{INBOX}objects/", lower)) == [OTHER]


@pytest.fixture
def lab(made: Made) -> str:
    """A peer with a ceiling of AMBER that was released AMBER records."""
    token = add_peer(made, "lab")
    change(made, ceiling=TLP.AMBER)
    said = describe(warning(), review(), author=AUTHOR, name="platform", tlp=TLP.AMBER, now=NOW)
    made.node.store.records.put(said)
    row = made.node.store.peers.get("lab")
    assert row is not None
    Gate(Policies.load()).publish(
        made.node.store, row, PURPOSE, by="u", expected=None, now=made.now, two_person_from=TLP.RED
    )
    return token


def change(made: Made, **changes: Any) -> Peer:
    row = made.node.store.peers.get("lab")
    assert row is not None
    made.node.store.peers.replace(msgspec.structs.replace(row, **changes))
    return row


def test_what_was_released_before_is_not_shown_above_a_lower_ceiling(
    client: Client, made: Made, lab: str
) -> None:
    indicator = of_type(confirmed(), "indicator").id
    before = ids(ask(client, f"{SHARED}objects/", lab))
    assert indicator in before
    change(made, ceiling=TLP.GREEN)
    after = ids(ask(client, f"{SHARED}objects/", lab))
    assert indicator not in after
    assert set(after) < set(before)
    assert ask(client, f"{SHARED}objects/{indicator}/", lab).status_code == 404
    assert indicator not in ask(client, f"{SHARED}manifest/", lab).text
    change(made, ceiling=TLP.AMBER)
    assert set(ids(ask(client, f"{SHARED}objects/", lab))) == set(before)


@pytest.mark.parametrize("status", [PeerStatus.SUSPENDED, PeerStatus.ADDED])
def test_trust_that_ended_shows_nothing(client: Client, made: Made, lab: str, status: PeerStatus) -> None:
    change(made, status=status)
    answer = ask(client, f"{SHARED}objects/", lab)
    assert answer.status_code == 404 or answer.json() == {"more": False}
    assert ask(client, f"{SHARED}objects/{of_type(confirmed(), 'indicator').id}/", lab).status_code == 404
