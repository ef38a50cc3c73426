"""The base of red lines, as data: what holds at every node, whatever it or an overlay says.

A line without a `protocol` has no test that people agree on: it counts as not measured, and never as clear.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources

import msgspec

from tocsin.kernel.clock import micros
from tocsin.kernel.red_lines import RedLine
from tocsin.taxonomy import prepared

BASE_AUTHOR = "base"
"""In the place of a party: the base is nobody's to withdraw."""


class BaseLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the base in English and Chinese, with where it is from. `in_force` and `review_by` are dates."""

    id: str
    subject: str
    domain: str
    condition: str
    method: str
    measure: str
    en: str
    zh: str
    text_en: str
    text_zh: str
    evidence: str
    source: str
    in_force: str
    review_by: str
    protocol: str = ""
    threshold: float = 0.0

    @property
    def line(self) -> RedLine:
        return RedLine(
            id=self.id,
            title=self.en,
            text=self.text_en,
            subject=self.subject,
            domain=self.domain,
            condition=self.condition,
            method=self.method,
            protocol=self.protocol,
            threshold=self.threshold,
            evidence=self.evidence,
            by=BASE_AUTHOR,
            at=_midnight(self.in_force),
            in_force=_midnight(self.in_force),
            review_by=_midnight(self.review_by),
            measure=self.measure,
            basis=self.source,
            base=True,
        )

    def words(self, language: str) -> tuple[str, str]:
        """Title and text, in Chinese for `zh` and in English otherwise."""
        return (self.zh, self.text_zh) if language.startswith("zh") else (self.en, self.text_en)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    lines: tuple[BaseLine, ...]


@cache
def base_lines() -> Mapping[str, BaseLine]:
    """Every line of the base, by its id."""
    found = prepared.read(resources.files("tocsin.taxonomy"), "red_lines.yaml", _File).lines
    return {one.id: one for one in found}


def _midnight(day: str) -> int:
    return micros(datetime.fromisoformat(day).replace(tzinfo=UTC))
