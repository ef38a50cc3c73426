"""Markers: words that a judge of one family looks for, as data in its sheet (`rules`), by language."""

import re
from collections.abc import Mapping
from functools import cached_property

from tocsin.evaluate.families.answers import MAX_READ_CHARS, language_of, pattern, plain
from tocsin.evaluate.families.sheets import SheetFamily


class MarkedFamily(SheetFamily):
    """A family whose judge looks for markers of its own besides what an answer does."""

    rests_on = ("answers",)

    @cached_property
    def _markers(self) -> Mapping[str, Mapping[str, re.Pattern[str]]]:
        return {
            rule: {language: pattern(said) for language, said in by_language.items()}
            for rule, by_language in self.sheet.rules.items()
        }

    def _marked(self, rule: str, answer: str) -> bool:
        """Whether a marker of the rule is in the answer, in whatever language the rule knows."""
        text = plain(answer[:MAX_READ_CHARS])
        return any(found.search(text) for found in self._markers[rule].values())

    def _readable(self, answer: str, expected: str) -> bool:
        """Whether the answer is in a language that every rule of the family knows."""
        language = language_of(plain(answer[:MAX_READ_CHARS]), expected)
        return all(language in by_language for by_language in self._markers.values())
