"""The closed list of facts that duties ask (`taxonomy/duties/facts.yaml`), and whether a value is one of a fact."""

import math
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources

import msgspec

from tocsin.cases.duties.models import Fact
from tocsin.cases.duties.reading import read_strictly
from tocsin.kernel import BadInput
from tocsin.kernel.duties import FactKind, FactValue

MAX_TEXT = 200


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    facts: tuple[Fact, ...]


@cache
def facts() -> Mapping[str, Fact]:
    """Every fact by its id, in the order in which a person is asked."""
    data = resources.files("tocsin.taxonomy").joinpath("duties", "facts.yaml").read_bytes()
    return {one.id: one for one in read_strictly(data, "facts.yaml", _File).facts}


def fact(fact_id: str) -> Fact:
    """One fact. Raises BadInput that says where the list stands."""
    found = facts().get(fact_id)
    if found is None:
        raise BadInput(f"there is no fact {fact_id[:64]!r}; the list is closed: `tocsin duty facts` shows it")
    return found


def accepted(fact_id: str, value: FactValue) -> FactValue:
    """The value, when it is one of that fact. Raises BadInput naming the fact and what it takes."""
    asked = fact(fact_id)
    right = _NEEDS[asked.kind][0](value, asked)
    if not right:
        needs = _NEEDS[asked.kind][1].format(choices=", ".join(asked.choices))
        raise BadInput(
            f"{fact_id} takes {needs}, not {str(value)[:40]!r}; leave it out while it is not known"
        )
    return value


def _number(value: FactValue, _: Fact) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )


def _moment(value: FactValue, _: Fact) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_NEEDS = {
    FactKind.NUMBER: (_number, "a number from 0"),
    FactKind.YES_NO: (lambda value, _: isinstance(value, bool), "yes or no"),
    FactKind.CHOICE: (lambda value, asked: value in asked.choices, "one of {choices}"),
    FactKind.TEXT: (lambda value, _: isinstance(value, str) and len(value) <= MAX_TEXT, "a short text"),
    FactKind.MOMENT: (_moment, "a moment with its offset (RFC 3339)"),
}
