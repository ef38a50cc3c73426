"""A rule in the node's keeping, and what became of it."""

from enum import StrEnum

import msgspec


class RuleState(StrEnum):
    SHADOW = "shadow"
    """It is asked and counted, and warns nobody."""
    ENABLED = "enabled"
    DISABLED = "disabled"


class RuleSource(StrEnum):
    FILE = "file"
    """A file in the node's folder: its text is there, and here only what people decided of it."""
    OWN = "own"
    PEER = "peer"


class BackTest(msgspec.Struct, frozen=True):
    """What a rule would have warned of. `days` back from `at` (microseconds); `read` events, `opened` texts for it.

    `warnings` are (start of day in microseconds, accounts, events) of each warning it would have made, newest first.
    """

    at: int
    version: str
    days: int
    read: int
    opened: int
    warnings: tuple[tuple[int, int, int], ...]
    truncated: bool = False
    """Whether there were more events or warnings than are read or kept."""


class KeptRule(msgspec.Struct, frozen=True):
    """A rule as this node keeps it. Times in microseconds.

    `id` is the UUID that the rule gives itself, or the STIX id of the indicator by which a peer gave it. `by` is the
    user who set the state last, empty when nobody did; `why` their reason.
    """

    id: str
    source: RuleSource
    text: str
    state: RuleState
    added: int
    changed: int
    by: str = ""
    why: str = ""
    peer: str | None = None
    basis: str = ""
    """On what ground its author shares it, for a peer's."""
    until: int | None = None
    """From then on a peer's rule says nothing."""
    tests: str = ""
    """Its tests, as YAML (docs/rules.md)."""
    backtest: BackTest | None = None


class RuleTally(msgspec.Struct, frozen=True):
    """What a rule said of one UTC day (`day` is its start in microseconds), whether or not anybody was warned.

    `hits` are events that a part of it held of, `events` and `actors` those that it would warn of, in `warnings`.
    """

    rule: str
    day: int
    version: str
    state: RuleState
    hits: int
    events: int
    actors: int
    warnings: int
