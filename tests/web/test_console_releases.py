"""The pages of release decisions: the list, one with its grounds and what would change it, approval, paper."""

from pathlib import Path

import pytest

from tests.console import Client, log_in, send, token_for
from tests.fixtures import Made
from tests.kept_releases import keep_releases, reviewer
from tocsin.app.typesetting import FONTS
from tocsin.kernel import Role, Unavailable
from tocsin.kernel.release import ReleaseState, Tier


class NoFonts:
    """A machine without any."""

    def families(self) -> list[str]:
        return []


def test_what_goes_out_and_what_does_not(client: Client, made: Made, tmp_path: Path) -> None:
    log_in(client, made.token)
    assert "Nothing was decided yet" in client.get("/releases?lang=en").text
    held, crossed = keep_releases(made, tmp_path)
    assert (held.tier, crossed.tier) == (Tier.OPEN_WEIGHTS, Tier.LIMITED)
    page = client.get("/releases").text
    assert f"/releases/{held.id}" in page
    assert f"/releases/{crossed.id}" in page
    page = client.get(f"/releases/{held.id}").text
    for text in ("Open weights", "In force", "no further control", "2 of 2", "ada", "bo"):
        assert text in page, text
    page = client.get(f"/releases/{crossed.id}").text
    for text in (
        "Limited",
        "Proposed",
        "release.line-over-when-changed",
        "the weights stay here",
        "Change the model until refusal is held when its safeguards are taken out",
        'class="strip-line"',
        "Safeguards removed",
        "0 of 2",
    ):
        assert text in page, text
    assert page.index("release.line-over-when-changed") < page.index("held.line"), "what decides stands first"
    assert "修改模型" in client.get(f"/releases/{crossed.id}?lang=zh").text


def test_a_person_approves_with_a_session(client: Client, made: Made, tmp_path: Path) -> None:
    _, crossed = keep_releases(made, tmp_path)
    path = f"/releases/{crossed.id}"
    for name, state in (("cleo", ReleaseState.PROPOSED), ("dan", ReleaseState.IN_FORCE)):
        _, token = reviewer(made, name)
        client.cookies.clear()
        log_in(client, token)
        assert "You stand for it with your name" in client.get(path).text
        assert send(client, f"{path}/approve", path).status_code == 303
        assert "You stand for it with your name" not in client.get(path).text
        assert made.node.releases.get(made.node.access.operator(), crossed.id).state is state


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_decision_on_paper(client: Client, made: Made, tmp_path: Path, language: str) -> None:
    typst = pytest.importorskip("typst")
    if not {*FONTS[language]} & {*typst.Fonts().families()}:
        pytest.skip("no font for Chinese on this machine: apt install fonts-noto-cjk")
    log_in(client, made.token)
    _, crossed = keep_releases(made, tmp_path)
    answer = client.get(f"/releases/{crossed.id}/paper?lang={language}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.content == client.get(f"/releases/{crossed.id}/paper?lang={language}").content


def test_without_the_fonts_of_a_language_nothing_is_printed(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typst = pytest.importorskip("typst")
    _, crossed = keep_releases(made, tmp_path)
    monkeypatch.setattr(typst, "Fonts", NoFonts)
    with pytest.raises(Unavailable, match="no font for zh"):
        made.node.decision_papers.paper(made.node.access.operator(), crossed.id, "zh")


def test_a_source_sees_none_and_an_auditor_approves_none(client: Client, made: Made, tmp_path: Path) -> None:
    _, crossed = keep_releases(made, tmp_path)
    log_in(client, token_for(made, "audit", Role.AUDITOR))
    page = client.get(f"/releases/{crossed.id}").text
    assert "You stand for it with your name" not in page
    assert send(client, f"/releases/{crossed.id}/approve", "/account").status_code == 403
    client.cookies.clear()
    log_in(client, token_for(made, "feed", Role.SOURCE))
    answer = client.get(f"/releases/{crossed.id}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")
