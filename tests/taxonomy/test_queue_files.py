"""Queues as files: an own one adds or completes, and never opens what is closed."""

from pathlib import Path

import pytest

from tocsin.kernel import BadInput
from tocsin.kernel.cases import CaseFlag
from tocsin.taxonomy.queue_files import load_queues, packaged_queues


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name.replace('_', '-')}.yaml").write_text(text, "utf-8")
    return tmp_path


def test_every_node_has_four_queues(tmp_path: Path) -> None:
    assert set(packaged_queues()) == {"general", "urgent", "protected", "child-safety", "applicants"}
    assert load_queues(tmp_path / "none") == packaged_queues()
    assert [name for name, queue in packaged_queues().items() if queue.restricted] == ["child-safety"]


def test_an_own_file_completes_a_packaged_queue_and_opens_nothing(tmp_path: Path) -> None:
    made = load_queues(
        folder(
            tmp_path,
            child_safety="restricted: false\nmembers: [noor]\nclaim_hours: 2\n",
            elections="name: {en: Elections}\nrestricted: true\nmembers: [noor]\n",
        )
    )
    assert next(iter(made)) == "elections"
    safety = made["child-safety"]
    assert (safety.restricted, safety.members, safety.claim_hours) == (True, ("noor",), 2)
    assert safety.takes == (CaseFlag.CHILD_MATERIAL,)
    assert safety.decide_hours == packaged_queues()["child-safety"].decide_hours


@pytest.mark.parametrize(
    "text",
    [
        "members: [noor]",
        "name: {en: Open}\ntakes: [child-material]",
        "name: {en: Short}\nappeal_days: 30",
        "name: {en: Odd}\nhours: 3",
        "name: {en: Odd}\nclaim_hours: 0",
        "name: [",
        "\x00",
        "- a",
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match=r"own\.yaml"):
        load_queues(folder(tmp_path, own=text))
    with pytest.raises(BadInput, match="small letters"):
        load_queues(folder(tmp_path, own="name: {en: Own}", Bad="name: {en: Bad}"))
