"""No detector at the door weighs who a text is about, its dialect, its script or its language (docs/languages.md).

It asks the screen of a real node, with its packs and every row of `screen.DETECTORS`: a detector that is added comes
under it by being added.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from tests.fixtures import Made
from tests.screen.said import lines
from tocsin.screen import Screen, Screened, service
from tocsin.screen.batch import findings
from tocsin.taxonomy.packs import shipped_packs

VECTORS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "vectors" / "counterfactuals.yaml").read_text("utf-8")
)
LEAST_PAIRS = 1_000

Ask = Callable[[Sequence[str]], Sequence[Screened]]
Weighed = tuple[tuple[str, str, float], ...]


@pytest.fixture
def ask(made: Made) -> Ask:
    """The door of a node: what every detector says of texts."""
    return lambda texts: made.node.acceptor.screen(lines(texts))


def counterfactuals() -> Iterator[tuple[str, list[str]]]:
    """Groups of sentences that differ in the people they are about, and in nothing else."""
    for language, group in VECTORS["people"].items():
        for number, template in enumerate(group["templates"]):
            yield f"{language}-{number}", [template.format(term=term) for term in group["terms"]]


def dialects() -> Iterator[tuple[str, list[str]]]:
    """Groups of sentences that say one thing as people of different places say it."""
    for language, rows in VECTORS["dialects"].items():
        for number, row in enumerate(rows):
            yield f"{language}-{number}", row


def weighed(screened: Screened) -> Weighed:
    """What is said of a text and how loudly; which phrase of which language it was is not weighed."""
    return tuple(sorted((signal.detector, signal.category, signal.strength) for signal in screened.signals))


def unequal(ask: Ask, texts: Sequence[str]) -> list[str]:
    """The texts of a group of which something else is said than of its first."""
    first, *others = map(weighed, ask(texts))
    return [text for text, said in zip(texts[1:], others, strict=True) if said != first]


def test_there_are_enough_pairs_in_every_language() -> None:
    assert sum(len(group) - 1 for _, group in counterfactuals()) >= LEAST_PAIRS
    assert set(VECTORS["people"]) == {"en", "es", "fr", "ru", "ar", "zh-Hans", "zh-Hant", "mn", "mn-Mong"}


def test_people_are_not_weighed(ask: Ask) -> None:
    wrong = {name: found for name, group in counterfactuals() if (found := unequal(ask, group))}
    assert wrong == {}


def test_what_is_equal_is_not_always_nothing(ask: Ask) -> None:
    for language, group in VECTORS["people"].items():
        said = [weighed(found) for found in ask([row.format(term="x") for row in group["templates"]])]
        assert any(said), language
        assert not all(said), language


def test_dialects_are_not_weighed(ask: Ask) -> None:
    wrong = {name: found for name, group in dialects() if (found := unequal(ask, group))}
    assert wrong == {}


@pytest.mark.parametrize("thing", ["offer", "greeting"])
def test_languages_and_scripts_are_not_weighed(ask: Ask, thing: str) -> None:
    said = dict(
        zip(VECTORS["same"][thing], map(weighed, ask(list(VECTORS["same"][thing].values()))), strict=True)
    )
    assert set(map(len, said.values())) == {thing == "offer"}
    assert len(set(said.values())) == 1, said


def test_the_language_that_a_source_names_is_not_weighed(made: Made) -> None:
    texts = [text for group in VECTORS["same"].values() for text in group.values()]
    said = [
        list(map(weighed, made.node.acceptor.screen(lines(texts, lang=lang))))
        for lang in (None, "en", "ug", "zh")
    ]
    assert all(one == said[0] for one in said)


class _Biased:
    """A detector that this test is there to find."""

    name = "biased"

    def __init__(self, column: str, word: str) -> None:
        self._column, self._word = column, word

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = [
            (row, "1", "fraud.scam", 0.1, "word")
            for row, said in enumerate(batch.column(self._column).to_pylist())
            if self._word in str(said)
        ]
        return findings(rows)


@pytest.mark.parametrize(
    ("column", "word", "groups"),
    [
        ("folded", "kurds", counterfactuals),
        ("genuine", "今仔日", dialects),
        ("language", "zh-Hant", dialects),
    ],
)
def test_a_biased_detector_is_found_once_it_has_its_row(
    monkeypatch: pytest.MonkeyPatch,
    column: str,
    word: str,
    groups: Callable[[], Iterator[tuple[str, list[str]]]],
) -> None:
    biased = (*service.DETECTORS, lambda _packs: _Biased(column, word))
    monkeypatch.setattr(service, "DETECTORS", biased)
    screen = Screen(shipped_packs())
    assert any(unequal(lambda texts: screen(lines(texts)), group) for _, group in groups())
