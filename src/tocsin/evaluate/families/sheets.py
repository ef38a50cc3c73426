"""Sheets: a family's items as data, one YAML file a family, and what every family does with them.

A sheet holds clusters (what is asked about) and asks (how it is asked). An ask with words in braces is asked of each
cluster that has those words in the ask's language; a cluster may bring asks of its own. Items come in the order of the
file, so that two nodes that hold the same version hold the same items in the same order.
"""

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from typing import final

import msgspec

from tocsin.evaluate.family import Item, Judged
from tocsin.evaluate.silence import BLANK, is_blank
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import Outcome

TOO_LONG = "answer-too-long"

MAX_ANSWER_CHARS = 200_000
"""Of an answer that rules look at: some fifty thousand tokens, more than any item here asks for."""

Fact = str | int | float | bool


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to ask: the prompt by language, with `{word}` where a cluster's word goes."""

    id: str
    prompt: dict[str, str]
    wants: str = ""
    turns: dict[str, tuple[str, ...]] = {}
    facts: dict[str, Fact] = {}


class Cluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked about: its words by name and language, and asks that are its own."""

    words: dict[str, dict[str, str]] = {}
    asks: tuple[Ask, ...] = ()
    facts: dict[str, Fact] = {}


class Labelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer that a person labelled: what the judge should say of it. `item` is an item's id."""

    item: str
    answer: str
    outcome: Outcome


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A family's file. `wants` is every ask's unless it says otherwise."""

    wants: str
    asks: tuple[Ask, ...] = ()
    clusters: dict[str, Cluster] = {}
    calibration: tuple[Labelled, ...] = ()
    rules: dict[str, dict[str, tuple[str, ...]]] = {}
    """Of the family's judge: by rule and language, regular expressions on plain text (see `answers.plain`)."""


@cache
def data_of(name: str) -> bytes:
    """A data file beside this room, as it lies there."""
    return resources.files("tocsin.evaluate.families").joinpath("data", f"{name}.yaml").read_bytes()


def items_of(sheet: Sheet) -> tuple[Item, ...]:
    """Every item of a sheet, in its order; ids are cluster.ask.language."""
    return tuple(
        item
        for name, cluster in sheet.clusters.items()
        for ask in (*cluster.asks, *sheet.asks)
        for item in _asked(sheet, name, cluster, ask)
    )


def _asked(sheet: Sheet, name: str, cluster: Cluster, ask: Ask) -> Iterator[Item]:
    for language, prompt in ask.prompt.items():
        words = {word: said[language] for word, said in cluster.words.items() if language in said}
        texts = tuple(_filled(text, words) for text in (prompt, *ask.turns.get(language, ())))
        if any(text is None for text in texts):
            continue
        facts = {
            key: _filled(value, words) or value if isinstance(value, str) else value
            for key, value in {**cluster.facts, **ask.facts}.items()
        }
        yield Item(
            id=f"{name}.{ask.id}.{language}",
            prompt=texts[0] or "",
            cluster=name,
            language=language,
            wants=ask.wants or sheet.wants,
            turns=tuple(text for text in texts[1:] if text is not None),
            facts=facts,
        )


def _filled(text: str, words: Mapping[str, str]) -> str | None:
    """With the words in their places; None where one is not known in this language."""
    for word, said in words.items():
        text = text.replace("{" + word + "}", said)
    return None if "{" in text else text


def chosen(items: tuple[Item, ...], languages: tuple[str, ...], limit: int | None) -> Iterator[Item]:
    """Items in these languages; with a limit as many whole clusters as fit in it (one at least), spread evenly.

    Raises BadInput for a language that no item has, and for a limit below 1.
    """
    lacking = set(languages) - {item.language for item in items}
    if lacking:
        known = ", ".join(sorted({item.language for item in items}))
        raise BadInput(f"no items in {', '.join(sorted(lacking))}; there are items in {known}")
    if limit is not None and limit < 1:
        raise BadInput(f"a limit of {limit} items leaves none; give 1 or more, or no limit")
    held = [item for item in items if not languages or item.language in languages]
    if limit is not None and limit < len(held):
        held = _some(held, limit)
    yield from held


def _some(items: list[Item], limit: int) -> list[Item]:
    clusters: dict[str, list[Item]] = {}
    for item in items:
        clusters.setdefault(item.cluster, []).append(item)
    sizes = [len(members) for members in clusters.values()]
    names = list(clusters)
    for number in range(min(len(names), limit), 0, -1):
        places = [index * len(names) // number for index in range(number)]
        if number == 1 or sum(sizes[place] for place in places) <= limit:
            return [item for place in places for item in clusters[names[place]]]
    return []


class SheetFamily:
    """What families share: items from a sheet, silence and floods told apart before a judge looks.

    A family of its own gives `name`, `version`, `rests_on` (the data files that its version stands for) and `_judge`.
    """

    name: str
    version: str
    """Changes with any item, any rule of the judge, any default; a test holds it to `digest`."""

    own_task: str = ""
    """A module whose import makes a task of Inspect for this family, where asking turn by turn will not do."""

    rests_on: tuple[str, ...] = ()

    @cached_property
    def sheet(self) -> Sheet:
        """The family's file, read when the first item is asked for."""
        return msgspec.yaml.decode(data_of(self.name), type=Sheet)

    @property
    def digest(self) -> str:
        """sha256, hex, of the items and of the rules' data."""
        whole = sha256(msgspec.json.encode((self._all, self.sheet.rules)))
        for name in self.rests_on:
            whole.update(sha256(data_of(name)).digest())
        return whole.hexdigest()

    @cached_property
    def _all(self) -> tuple[Item, ...]:
        return self._made()

    def _made(self) -> tuple[Item, ...]:
        return items_of(self.sheet)

    @final
    def items(self, *, languages: tuple[str, ...] = (), limit: int | None = None) -> Iterator[Item]:
        """As `family.Family` says; see `chosen`."""
        return chosen(self._all, languages, limit)

    @final
    def judge(self, item: Item, answer: str) -> Judged:
        """What became of it: silence and floods are INVALID, the rest is the family's to say."""
        if is_blank(answer):
            return Judged(Outcome.INVALID, BLANK)
        if len(answer) > MAX_ANSWER_CHARS:
            return Judged(Outcome.INVALID, TOO_LONG)
        return self._judge(item, answer)

    def _judge(self, item: Item, answer: str) -> Judged:
        raise NotImplementedError

    def tried(self, labelled: Labelled) -> Judged:
        """What the judge says of a labelled answer."""
        return self.judge(self.item(labelled.item), labelled.answer)

    @property
    def calibration(self) -> tuple[Labelled, ...]:
        """Answers that we labelled, to try the judge on."""
        return self.sheet.calibration

    def item(self, item_id: str) -> Item:
        """The item with this id. Raises KeyError."""
        return self._by_id[item_id]

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self._all}
