"""The public page of what a node did: off by default, then for anybody, with nothing that runs."""

import msgspec
from litestar import Litestar
from litestar.testing import TestClient

from tests.cases_made_up import person
from tests.fixtures import Made
from tocsin.kernel import Role, micros

DAY = 86_400_000_000


def test_it_is_off_until_a_person_turns_it_on(made: Made, client: TestClient[Litestar]) -> None:
    dana, now = person(made, "dana", Role.DUTY_OFFICER), micros(made.now)
    kept = made.node.transparency.keep(dana, since=now - DAY, until=now)
    assert client.get("/transparency").status_code == 404
    made.node.settings = msgspec.structs.replace(made.node.settings, transparency_public=True)
    empty = client.get("/transparency")
    assert (empty.status_code, kept.id in empty.text) == (200, False)
    assert client.get(f"/transparency/{kept.id}.json").status_code == 404
    made.node.transparency.publish(dana, kept.id)
    page = client.get("/transparency")
    assert "Cases that began, by conduct" in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for form, kind in (("json", "application/json"), ("csv", "text/csv"), ("md", "text/markdown")):
        answer = client.get(f"/transparency/{kept.id}.{form}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
    assert client.get(f"/transparency/{kept.id}.exe").status_code == 404
