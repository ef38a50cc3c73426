"""GET /v1/models: for those who may read of models, and for nobody else."""

from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.app.test_artefacts import GIF, lay, operator
from tests.fixtures import Made
from tocsin.kernel import Role


@pytest.fixture
def made(copied: Made) -> Made:
    return copied


@pytest.fixture
def digest(made: Made, tmp_path: Path) -> str:
    made.node.artefacts.record(operator(made), lay(tmp_path / "plain", README_md=b"# plain\n"))
    folder = lay(tmp_path / "helper", README_md=b"# a helper\n", dot_gif=GIF)
    return made.node.following.follow(operator(made), "helper", path=folder).artefact


def test_models_are_listed_and_paged(client: TestClient[Litestar], made: Made, digest: str) -> None:
    page = client.get("/v1/models", params={"limit": 1}, headers=made.bearer).json()
    assert [one["name"] for one in page["models"]] == ["helper"]
    assert [one["artefact"] for one in page["artefacts"]] == [digest]
    rest = client.get("/v1/models", params={"limit": 1, "before": page["next"]}, headers=made.bearer).json()
    assert [one["name"] for one in rest["artefacts"]] == ["plain"]
    assert rest["models"] == []
    last = client.get("/v1/models", params={"before": rest["next"]}, headers=made.bearer).json()
    assert (last["artefacts"], last["next"]) == ([], None)
    sha256 = made.node.artefacts.latest(digest).inspection.parts[-1].sha256
    held = client.get("/v1/models", params={"part": sha256}, headers=made.bearer).json()
    assert [one["artefact"] for one in held["artefacts"]] == [digest]
    assert (
        client.get("/v1/models", params={"verdict": "found"}, headers=made.bearer).json()["artefacts"] == []
    )
    assert (
        client.get("/v1/models", params={"reopened": "true"}, headers=made.bearer).json()["artefacts"] == []
    )
    assert client.get("/v1/models", params={"verdict": "fine"}, headers=made.bearer).status_code == 400
    assert client.get("/v1/models", params={"limit": 0}, headers=made.bearer).status_code == 400


def test_one_is_shown_whole(client: TestClient[Litestar], made: Made, digest: str) -> None:
    told = client.get(f"/v1/models/{digest}", headers=made.bearer).json()
    assert told["stands"] is True
    assert told["inspection"]["artefact"] == digest
    assert {part["path"] for part in told["inspection"]["parts"]} == {"README.md", "dot.gif"}
    assert [line["id"] for line in told["history"]] == [told["line"]["id"]]
    assert told["notices"] == []
    assert client.get(f"/v1/models/{'0' * 64}", headers=made.bearer).status_code == 404
    assert client.get("/v1/models/%00", headers=made.bearer).status_code == 404


def test_its_inventory_is_given_in_each_form(client: TestClient[Litestar], made: Made, digest: str) -> None:
    path = f"/v1/models/{digest}/inventory"
    plain = client.get(path, headers=made.bearer)
    assert plain.json()["specVersion"] == "1.7"
    assert plain.headers["content-type"].startswith("application/vnd.cyclonedx+json")
    assert plain.headers["content-disposition"].endswith('.cdx.json"')
    older = client.get(path, params={"format": "cyclonedx-1.6"}, headers=made.bearer)
    assert older.json()["specVersion"] == "1.6"
    assert "@graph" in client.get(path, params={"format": "spdx-3"}, headers=made.bearer).json()
    assert client.get(path, params={"format": "pdf"}, headers=made.bearer).status_code == 400
    assert client.get(f"/v1/models/{'0' * 64}/inventory", headers=made.bearer).status_code == 404
    assert client.get(path).status_code == 401


def test_only_who_may_read_of_models(client: TestClient[Litestar], made: Made, digest: str) -> None:
    assert client.get("/v1/models").status_code == 401
    for role, status in ((Role.AUDITOR, 200), (Role.ANALYST, 200), (Role.SOURCE, 403), (Role.PEER, 403)):
        made.node.access.add_user(
            operator(made), role.value + "-1", (role,), peer="lab" if role is Role.PEER else None
        )
        token = made.node.access.issue_token(operator(made), role.value + "-1")
        for path in (f"/v1/models/{digest}", f"/v1/models/{digest}/inventory"):
            asked = client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert asked.status_code == status, (role, path)
