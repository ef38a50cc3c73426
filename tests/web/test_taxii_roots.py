"""API roots as data: what discovery lists is what a caller may see, and nothing else answers."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.fixtures import Made
from tests.web.test_taxii import Client, add_peer, ask, identity, ids, send
from tocsin.web import taxii_roots
from tocsin.web.taxii_roots import Fixed, Party, Root
from tocsin.wire.stix import check
from tocsin.wire.stix.extensions import EXTENSIONS
from tocsin.wire.taxii import MEDIA_TYPE

TAXONOMY = "/taxii2/taxonomy/"
VOCABULARY = f"{TAXONOMY}collections/vocabulary/"


def test_the_taxonomy_is_there_to_read(client: Client, made: Made) -> None:
    token = add_peer(made, "lab")
    listed = ask(client, f"{TAXONOMY}collections/", token).json()["collections"]
    assert [(one["alias"], one["can_read"], one["can_write"]) for one in listed] == [
        ("vocabulary", True, False),
        ("definitions", True, False),
    ]
    seen: list[dict[str, Any]] = []
    query: dict[str, str | int] = {"limit": 30}
    while True:
        answer = ask(client, f"{VOCABULARY}objects/", token, **query)
        objects = msgspec.json.decode(answer.content)["objects"]
        seen += objects
        if not answer.json()["more"]:
            break
        query["next"] = answer.json()["next"]
    assert len(seen) == len({one["id"] for one in seen}) > 60
    for data in seen:
        assert not check(msgspec.json.encode(data), 0).problems
    patterns = ask(client, f"{VOCABULARY}manifest/", token, **{"match[type]": "attack-pattern"}).json()
    assert patterns["objects"]
    one = f"{VOCABULARY}objects/{patterns['objects'][0]['id']}/"
    assert ask(client, f"{one}versions/", token).json()["versions"] == [patterns["objects"][0]["version"]]
    assert ids(ask(client, one, token, **{"match[version]": "2001-01-01T00:00:00Z"})) == []
    assert ids(ask(client, f"{VOCABULARY}objects/", token, **{"match[spec_version]": "2.0"})) == []
    definitions = ids(ask(client, f"{TAXONOMY}collections/definitions/objects/", token))
    assert sum(one.startswith("extension-definition--") for one in definitions) == len(EXTENSIONS)


def test_nobody_changes_the_taxonomy(client: Client, made: Made) -> None:
    first = ids(ask(client, f"{VOCABULARY}objects/", made.token, limit=1))[0]
    answer = client.delete(f"{VOCABULARY}objects/{first}/", headers=made.bearer)
    assert (answer.status_code, answer.headers["content-type"]) == (403, MEDIA_TYPE)
    assert send(client, made.token, identity(first), path=f"{VOCABULARY}objects/").status_code == 404
    anything = "/taxii2/taxonomy/status/00000000-0000-4000-8000-000000000000/"
    assert ask(client, anything, made.token).status_code == 404


@pytest.fixture
def club(monkeypatch: pytest.MonkeyPatch) -> None:
    """A root for members only, added as another room would."""

    def make(party: Party) -> Iterator[Root]:
        if party.peer == "lab":
            yield Root(
                name="group-club",
                title="The club",
                description="For its members.",
                places=(Fixed(taxii_roots.DEFINITIONS, taxii_roots._definitions),),
            )

    monkeypatch.setattr(taxii_roots, "ROOT_MAKERS", [*taxii_roots.ROOT_MAKERS, make])


@pytest.mark.usefixtures("club")
def test_a_root_is_there_for_its_members_alone(client: Client, made: Made) -> None:
    member, stranger = add_peer(made, "lab"), add_peer(made, "institute")
    assert "/taxii2/group-club/" in ask(client, "/taxii2/", member).json()["api_roots"]
    assert "/taxii2/group-club/" not in ask(client, "/taxii2/", stranger).text
    for path in ("", "collections/", "collections/definitions/", "collections/definitions/objects/"):
        assert ask(client, f"/taxii2/group-club/{path}", member).status_code == 200
        hidden = ask(client, f"/taxii2/group-club/{path}", stranger)
        absent = ask(client, f"/taxii2/group-none/{path}", stranger)
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
        assert hidden.status_code == 404
