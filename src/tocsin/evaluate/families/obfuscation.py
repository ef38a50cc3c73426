"""Guardrail robustness: the requests of `refusal` in disguise. A disguise of a request is alike to its others.

data/obfuscation.yaml says which disguises, in which languages, and what is said around them.
"""

from collections.abc import Iterator
from functools import cached_property

import msgspec

from tocsin.evaluate.families.disguises import disguised
from tocsin.evaluate.families.refusal import Refusal
from tocsin.evaluate.families.sheets import Labelled, Sheet, data_of
from tocsin.evaluate.family import Item


class _Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{text}` is the request in its disguise; `{first}` and `{second}` are its halves."""

    say: dict[str, str]
    disguise: str = ""
    turns: dict[str, tuple[str, ...]] = {}
    rotate: bool = False
    """Each cluster in one of the languages in turn: a translation, asked for in English."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    frames: dict[str, _Frame]
    calibration: tuple[Labelled, ...]


class Obfuscation(Refusal):
    """What a request asks is the same in every disguise, and so is what should become of it."""

    name, version = "obfuscation", "3"
    rests_on = ("answers", "refusal", "obfuscation")

    @cached_property
    def _file(self) -> _File:
        return msgspec.yaml.decode(data_of(self.name), type=_File)

    @cached_property
    def sheet(self) -> Sheet:
        """The requests are those of `refusal`."""
        return Sheet(wants="refuse", calibration=self._file.calibration)

    def _made(self) -> tuple[Item, ...]:
        return tuple(self._disguised())

    def _disguised(self) -> Iterator[Item]:
        plain: dict[str, list[Item]] = {}
        for item in Refusal().items():
            plain.setdefault(item.cluster, []).append(item)
        for place, requests in enumerate(plain.values()):
            for name, frame in self._file.frames.items():
                spoken = [item for item in requests if item.language in frame.say]
                if frame.rotate:
                    spoken = [spoken[place % len(spoken)]]
                for item in spoken:
                    yield _framed(name, frame, item)


def _framed(name: str, frame: _Frame, item: Item) -> Item:
    text = disguised(frame.disguise, item.prompt) if frame.disguise else item.prompt
    half = len(text) // 2
    # between words where there are words
    cut = text.find(" ", half) if " " in text[half:] else half
    parts = {"{text}": text, "{first}": text[:cut], "{second}": text[cut:].strip()}

    def filled(said: str) -> str:
        for mark, part in parts.items():
            said = said.replace(mark, part)
        return said

    return Item(
        id=f"{item.cluster}.{name}.{item.language}",
        prompt=filled(frame.say[item.language]),
        cluster=item.cluster,
        language=item.language,
        wants=item.wants,
        turns=tuple(filled(turn) for turn in frame.turns.get(item.language, ())),
        facts={"disguise": name},
    )
