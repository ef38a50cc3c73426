"""Packs: what is taken, and what is refused with a sentence that says what to do."""

from pathlib import Path

import pytest

from tocsin.kernel import BadInput
from tocsin.taxonomy.packs import PackLevel, load_packs, read_pack, shipped_packs

GOOD = """
id: tea-offer
version: 1
category: fraud.scam
level: warn
phrases:
  en: [buy the wonderful tea]
"""


def test_shipped_packs_are_sound() -> None:
    packs = {pack.id: pack for pack in shipped_packs()}
    assert packs["lottery-refund"].level is PackLevel.WARN
    assert packs["instruction-hijack"].level is PackLevel.NOTE
    assert all(pack.en and pack.zh for pack in packs.values())
    assert packs["lottery-refund"].label("zh-Hans") != packs["lottery-refund"].label("fr")


def test_a_folder_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "tea.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "mine.yaml").write_text(GOOD.replace("tea-offer", "lottery-refund"), "utf-8")
    (tmp_path / "notes.txt").write_text("not a pack", "utf-8")
    packs = {pack.id: pack for pack in load_packs(tmp_path)}
    assert "tea-offer" in packs
    assert packs["lottery-refund"].phrases == {"en": ("buy the wonderful tea",)}
    assert set(packs) > {"instruction-hijack"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("fraud.scam", "fraud.unheard"), "not in the list of conduct"),
        (("fraud.scam", "political.slogan"), "political speech, which is never a category"),
        (("fraud.scam", "speech.protest"), "never a category"),
        (("level: warn", "level: shout"), "level"),
        (("version: 1", "version: 0"), "version"),
        (("version: 1", "versoin: 1"), "versoin"),
        (("tea-offer", "tea offer!"), "id"),
        (("buy the wonderful tea", "tea"), "too short"),
        (("buy the wonderful tea", "茶叶"), "too short"),
        (("[buy the wonderful tea]", "[]"), "no phrases"),
        (("buy the wonderful tea", "x" * 300), "characters"),
        (("id: tea-offer", "id: [1, 2"), "tea.yaml"),
    ],
)
def test_a_bad_pack_is_refused_with_its_name(change: tuple[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=r"pack tea\.yaml") as error:
        read_pack(GOOD.replace(*change).encode(), "tea.yaml")
    assert says in error.value.message


def test_one_id_twice_in_a_folder_is_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD, "utf-8")
    with pytest.raises(BadInput, match="rename one"):
        load_packs(tmp_path)


def test_an_oversized_pack_is_refused() -> None:
    with pytest.raises(BadInput, match="split it"):
        read_pack(b"#" * (5 << 20), "big.yaml")
