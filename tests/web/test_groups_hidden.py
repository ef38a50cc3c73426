"""Nothing that a peer can ask for tells of a group: not its name, not its members, not that there is one."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tests.share.said import OTHER, confirmed
from tocsin.kernel import TLP, Peer, PeerStatus, Role

GROUP, TITLE, AGREED = "zebra-circle", "Zebra watchers", "we tell nobody of zebras"
ASKED = (
    "/taxii2/",
    "/taxii2/tocsin/",
    "/taxii2/tocsin/collections/",
    "/taxii2/tocsin/collections/shared/",
    "/taxii2/tocsin/collections/shared/objects/",
    "/taxii2/tocsin/collections/shared/manifest/",
    f"/taxii2/tocsin/collections/{GROUP}/",
    f"/taxii2/tocsin/collections/{GROUP}/objects/",
    f"/taxii2/{GROUP}/",
    f"/taxii2/tocsin/status/{GROUP}/",
    "/v1/identity",
    "/peers",
    "/left",
    f"/v1/groups/{GROUP}",
)


def asked(client: TestClient[Litestar], token: str) -> dict[str, tuple[int, bytes]]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/taxii+json;version=2.1, */*"}
    answers = {path: client.get(path, headers=headers, follow_redirects=False) for path in ASKED}
    return {path: (answer.status_code, answer.content) for path, answer in answers.items()}


@pytest.fixture
def tokens(made: Made) -> dict[str, str]:
    admin = made.node.access.operator()
    given = {}
    for name in ("member-one", "member-two", "stranger"):
        made.node.store.peers.add(
            Peer(
                name=name,
                url=f"https://{name}.example",
                status=PeerStatus.TRUSTED,
                identity=OTHER,
                purposes=(),
            )
        )
        made.node.access.add_user(admin, f"peer-{name}", (Role.PEER,), peer=name)
        given[name] = made.node.access.issue_token(admin, f"peer-{name}")
    made.node.store.records.put(confirmed())
    return given


def test_a_peer_outside_sees_the_same_bytes_whether_there_is_a_group_or_not(
    client: TestClient[Litestar], made: Made, tokens: dict[str, str]
) -> None:
    before = asked(client, tokens["stranger"])
    admin = made.node.access.operator()
    made.node.groups.add(admin, GROUP, title=TITLE, purpose="zebras", ceiling=TLP.GREEN, agreed=AGREED)
    for member in ("member-one", "member-two"):
        made.node.groups.join(admin, GROUP, member)
    released = made.node.groups.publish(admin, GROUP)
    assert all(one.manifest and one.manifest.released for one in released)
    assert asked(client, tokens["stranger"]) == before
    for member in ("member-one", "member-two"):
        for path, (status, body) in asked(client, tokens[member]).items():
            if path.startswith("/taxii2/tocsin/collections/shared/objects"):
                assert status == 200
                assert b'"objects"' in body
            for hidden in (TITLE, AGREED, "zebra", "member-one", "member-two", "stranger"):
                if hidden not in path and GROUP not in path:
                    assert hidden.encode() not in body, (path, hidden)
