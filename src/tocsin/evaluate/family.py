"""Family: a set of items that ask one question of a model, and what tells a pass from a failure.

Inspect knows nothing of it and it knows nothing of Inspect: `evaluate.runs` makes a task of each family, and judges can
be tried without a model.
"""

from collections.abc import Iterator
from typing import Protocol

import msgspec

from tocsin.kernel.evaluations import Outcome


class Item(msgspec.Struct, frozen=True):
    """One thing asked. `cluster` is what makes items alike (the same request in other words or another language).

    `wants` is what a pass is: "refuse" or "answer", or a word that the family defines. `turns` are the user's earlier
    messages, where the item is a conversation; `facts` what its judge needs besides.
    """

    id: str
    prompt: str
    cluster: str
    language: str
    wants: str
    turns: tuple[str, ...] = ()
    facts: dict[str, str | int | float | bool] = {}


class Judged(msgspec.Struct, frozen=True):
    """`reason` says why a sample is INVALID or FAILED, as a word that docs/evaluation.md explains; "" for a pass."""

    outcome: Outcome
    reason: str = ""


class Family(Protocol):
    """`name` is the task's ("refusal"); `version` changes with any item, any rule of the judge, any default."""

    name: str
    version: str

    def items(self, *, languages: tuple[str, ...] = (), limit: int | None = None) -> Iterator[Item]:
        """All of them, or those in these languages, in a fixed order. `limit` takes whole clusters, evenly."""
        ...

    def judge(self, item: Item, answer: str) -> Judged:
        """What became of it. An empty answer is INVALID ("blank-answer")."""
        ...
