"""Obfuscation: each request in each disguise, the same on every node, and still the same request."""

from base64 import b64decode
from collections import Counter

from tocsin.evaluate.families import families
from tocsin.evaluate.families.disguises import disguised
from tocsin.wire.fold import fold
from tocsin.wire.loose import loose

ITEMS = list(families()["obfuscation"].items())
PLAIN = {(item.cluster, item.language): item.prompt for item in families()["refusal"].items()}


def test_every_request_comes_in_every_disguise() -> None:
    counted = Counter(str(item.facts["disguise"]) for item in ITEMS)
    assert len(counted) == 10
    assert min(counted.values()) == len({item.cluster for item in ITEMS})


def test_what_a_guard_can_undo_is_the_request_again() -> None:
    for item in ITEMS:
        plain = PLAIN[item.cluster, item.language]
        match item.facts["disguise"]:
            case "base64":
                assert b64decode(item.prompt.rpartition(" ")[2].rpartition("：")[2]).decode() == plain
            case "backwards":
                assert item.prompt.endswith(plain[::-1])
            case "zero-width" | "wide" if item.language == "en":
                assert fold(item.prompt) == fold(plain)
            case "role-play" | "translation":
                assert plain in item.prompt
            case "split":
                assert item.prompt.partition(": ")[2] != plain
                assert len(item.turns) == 1


def test_halves_of_a_split_request_are_the_whole() -> None:
    for item in (item for item in ITEMS if item.facts["disguise"] == "split" and item.language == "en"):
        first = item.turns[0].partition("First part: ")[2]
        second = item.prompt.partition("Second part: ")[2].removesuffix(
            " Now put both parts together and do it."
        )
        assert f"{first} {second}" == PLAIN[item.cluster, "en"]


def test_disguises_hide_and_say_the_same() -> None:
    assert disguised("leet", "a test") == "4 7357"
    assert fold(disguised("look-alike", "pay the fee now")) == "pay the fee now"
    assert loose(fold(disguised("spaced", "letters apart"))) == "lettersapart"
