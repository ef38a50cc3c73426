"""Schemas are served to anybody, and are the files in the tree."""

from importlib import resources

from jsonschema import Draft202012Validator
from litestar import Litestar
from litestar.testing import TestClient

from tocsin.wire.schemas import published


def test_every_published_schema_is_served_as_its_file(client: TestClient[Litestar]) -> None:
    assert published()
    for name in published():
        answer = client.get(f"/schemas/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/schema+json")
        assert answer.content == resources.files("tocsin.wire.schemas").joinpath(name).read_bytes()
        Draft202012Validator.check_schema(answer.json())


def test_an_unknown_one_is_404(client: TestClient[Litestar]) -> None:
    assert client.get("/schemas/settings.toml").status_code == 404
    assert client.get("/schemas/..%2f..%2fcore.txt").status_code == 404
