"""Settings: defaults for all, a sentence for what is wrong."""

from pathlib import Path

import pytest

from tocsin.app.settings import FILE_NAME, Settings, load, write
from tocsin.kernel import BadInput, Role


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    settings = Settings(
        name="国家研究所 ❤",
        watch_seconds=0.5,
        pull_seconds=0,
        second_factor_roles=(Role.ADMIN, Role.REVIEWER),
        oidc_roles={'bell "ringers" \\ 敲钟人': (Role.ANALYST, Role.REVIEWER)},
        oidc_allow_private=True,
    )
    write(tmp_path, settings)
    assert load(tmp_path) == settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nmae = 'x'", "nmae"),
        ("retention_text_days = 0", "retention_text_days"),
        ("look_back_days = 31", "look_back_days"),
        ("tlp = 'purple'", "tlp"),
        ("name = ''", "name"),
        ("second_factor_roles = ['king']", "second_factor_roles"),
        ("second_factor_roles = ['peer']", "machines"),
        ("oidc_roles = {a = ['source']}", "machine"),
        ("name = 'a\\u0000'", "name"),
        ("= broken", "line 1"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(BadInput, match=message):
        load(tmp_path)


def test_no_node_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="tocsin init"):
        load(tmp_path)
