"""What an expression of a template may hold: whence it comes, which literals, and what was asked of a text for it."""

from collections.abc import Iterable
from enum import Enum

import msgspec

MAX_LITERALS = 200
"""Kept of one value; a default prompt in parts has some ten."""


class Whence(Enum):
    """Where a value comes from, as far as a condition on it matters."""

    CONVERSATION = "conversation"
    """The list of messages, or one of them."""
    ROLE = "role"
    """Who speaks, or of which kind a part is. Conditions on it are what templates are for."""
    SAID = "said"
    """What somebody or some tool said: the text of a message, arguments, reasoning, and all made of them."""
    NAME = "name"
    """Which tool was called, or who of several speaks."""
    LENGTH = "length"
    """How long a text or the conversation is."""
    DATE = "date"
    OPTION = "option"
    """What the caller passes: tools, documents, a switch."""


_FIELDS_OF_KIND = frozenset({"role", "type", "id", "tool_call_id"})


class Value(msgspec.Struct, frozen=True):
    """`literals` may be in the value. `asked` are words looked for in what was said, on which the value depends."""

    whence: frozenset[Whence] = frozenset()
    literals: frozenset[str | int] = frozenset()
    asked: frozenset[str] = frozenset()

    def __or__(self, other: "Value") -> "Value":
        literals = self.literals | other.literals
        if len(literals) > MAX_LITERALS:
            literals = frozenset(sorted(literals, key=str)[:MAX_LITERALS])
        return Value(self.whence | other.whence, literals, self.asked | other.asked)

    @property
    def texts(self) -> list[str]:
        """The literal texts, in an order that does not change."""
        return sorted(one for one in self.literals if isinstance(one, str))

    def of(self, *whence: Whence) -> bool:
        """Whether it may come from any of these."""
        return not self.whence.isdisjoint(whence)


NOTHING = Value()


def literal(value: object) -> Value:
    """A constant of the template."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return Value(literals=frozenset({value}))
    if isinstance(value, list | tuple):
        return joined(literal(one) for one in value)
    return NOTHING


def joined(values: Iterable[Value]) -> Value:
    """Any of them."""
    found = NOTHING
    for value in values:
        found = found | value
    return found


def part_of(value: Value, key: str | None) -> Value:
    """A field or an item of a value; `key` None when it is a place or is computed."""
    whence = set(value.whence)
    if key is not None and whence & {Whence.CONVERSATION, Whence.SAID}:
        whence -= {Whence.CONVERSATION, Whence.SAID}
        whence.add(Whence.ROLE if key in _FIELDS_OF_KIND else Whence.NAME if key == "name" else Whence.SAID)
    return Value(frozenset(whence), value.literals, value.asked)
