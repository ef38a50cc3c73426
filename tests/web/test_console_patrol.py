"""The pages of patrol."""

from pathlib import Path

import pytest

from tests.console import Client, log_in, token_for
from tests.fixtures import Made
from tests.submissions import bill, operator, submission
from tocsin.kernel import Role
from tocsin.kernel.patrol import PatrolDraw


def faulty(made: Made, folder: Path, title: str = "Lottery <b>helper</b>") -> str:
    submission(
        folder,
        kind="app",
        sbom="bom.json",
        title=title,
        models=[{"name": "weather-writer", "digest": "a" * 64, "weights": True}],
    )
    (folder / "bom.json").write_bytes(bill({"type": "machine-learning-model", "name": "x/refund-writer"}))
    return made.node.patrol.submit(operator(made), folder).submission


def test_a_list_a_draw_and_every_look(made: Made, client: Client, tmp_path: Path) -> None:
    log_in(client, token_for(made, "ana", Role.ANALYST))
    assert "tocsin access patrol submit" in client.get("/patrol").text
    submitted = faulty(made, tmp_path / "s")
    made.node.patrol.check(operator(made), submitted, tmp_path / "s")
    page = client.get("/patrol").text
    assert f'href="/patrol/{submitted}"' in page
    assert "Lottery &lt;b&gt;helper&lt;/b&gt;" in page
    assert "patrol_share is 0" in page
    made.node.store.patrol.draw([PatrolDraw(submitted, "2026-W48", 5)])
    assert "2026-W48" in client.get("/patrol").text
    one = client.get(f"/patrol/{submitted}").text
    assert "Look 1" in one
    assert "Look 2" in one
    assert "a model is used that the declaration does not name" in one
    assert "What would change it:" in one
    assert 'href="/cases/case_' in one
    chinese = client.get(f"/patrol/{submitted}?lang=zh").text
    assert "使用了声明中未列出的模型" in chinese
    assert "未能确定" in chinese


def test_pages_of_the_list_and_places_that_are_none(
    made: Made, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.web.console.patrol.A_PAGE", 1)
    for name in ("a", "b"):
        made.node.patrol.submit(operator(made), submission(tmp_path / name, title=f"Helper {name}"))
    log_in(client, token_for(made, "ines", Role.AUDITOR))
    found = made.node.patrol.listed(operator(made), limit=2)
    place = f"/patrol?after={found[0].at}.{found[0].id}"
    assert place in client.get("/patrol").text
    assert found[1].latest.declaration.title in client.get(place).text
    assert client.get("/patrol?after=x").status_code == 400
    assert client.get("/patrol/sub_none").status_code == 404


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.ADMIN])
def test_others_are_refused(made: Made, client: Client, role: Role) -> None:
    log_in(client, token_for(made, "other", role))
    assert client.get("/patrol").status_code == 403
