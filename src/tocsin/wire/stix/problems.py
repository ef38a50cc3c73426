"""What is wrong with a STIX object, said of the object and the property, never by quoting a value."""

from enum import StrEnum

import msgspec


class Code(StrEnum):
    """Closed and stable: docs/schemas.md lists what each means and what follows."""

    JSON = "not-json"
    SIZE = "too-large"
    DEPTH = "too-deep"
    MISSING = "missing"
    TYPE = "wrong-type"
    VALUE = "not-allowed"
    ID = "bad-id"
    TIMESTAMP = "bad-timestamp"
    NUMBER = "number-out-of-range"
    CHARACTER = "bad-character"
    ORDER = "out-of-order"
    DUPLICATE = "duplicate"
    CONFLICT = "conflicting-duplicate"
    DANGLING = "dangling"
    PATTERN = "bad-pattern"
    ADVICE = "advice"


class Problem(msgspec.Struct, frozen=True):
    """`object` is the id where it has a sound one, else empty; `index` its place in the bundle, from 0.

    A fatal problem keeps the object out. One that is not is a defect of the source: the object is usable,
    an import keeps it and says so, a stricter door (TAXII) may refuse it.
    """

    object: str
    field: str
    code: Code
    reason: str
    fatal: bool = True
    index: int = 0

    def __str__(self) -> str:
        where = self.object or f"objects[{self.index}]"
        return f"{where}: {self.field} {self.reason}" if self.field else f"{where}: {self.reason}"
