"""What access was answered: every refusal and every grant that obliges, by a keyed digest, counted by day.

The first of its kind on a day is written before the answer is given; how often it was repeated follows within some
seconds, so a crash loses some of a count and never an answer. Nobody is in it.
"""

import threading
from collections.abc import Callable

import msgspec
import rfc8785

from tocsin.kernel import at_micros
from tocsin.kernel.admission import AccessAnswer, AccessRequest, DecisionCount
from tocsin.store.interface import Store

MAX_SEEN = 100_000
"""Kinds of answers known to be written; beyond it they are written once more, and added up."""

_DOMAIN = "access-decision"


class AdmissionLog:
    """Writes what comes first, counts what comes again. `seal` makes a digest that this node alone can make."""

    def __init__(self, store: Store, seal: Callable[[bytes], bytes]) -> None:
        self._store = store
        self._seal = seal
        self._turn = threading.Lock()
        self._seen: dict[str, DecisionCount] = {}
        self._again: dict[str, tuple[int, int]] = {}

    def first(self, request: AccessRequest, artefact: str, answer: AccessAnswer, now: int) -> str:
        """Write an answer, or count it where it was written today; its name, "" where nothing is to be counted."""
        if answer.granted and not answer.obligations:
            return ""
        row = self._row(request, artefact, answer, now)
        name = f"{row.day}/{row.digest}/{int(row.granted)}"
        if self.again(name, now):
            return name
        self._store.admission.count([row])
        with self._turn:
            if len(self._seen) >= MAX_SEEN:
                self._seen = {name: self._seen[name] for name in self._again if name in self._seen}
            self._seen[name] = row
        return name

    def again(self, name: str, now: int) -> bool:
        """Count an answer that was written before; False where it is not known to be."""
        if not name:
            return True
        with self._turn:
            if name not in self._seen:
                return False
            self._again[name] = (self._again.get(name, (0, 0))[0] + 1, now)
        return True

    def flush(self) -> int:
        """Write what was counted since; how many answers that were."""
        with self._turn:
            again, self._again = self._again, {}
            rows = [
                msgspec.structs.replace(row, first=last, last=last, count=count)
                for name, (count, last) in again.items()
                if (row := self._seen.get(name)) is not None
            ]
        if rows:
            self._store.admission.count(rows)
        return sum(row.count for row in rows)

    def _row(self, request: AccessRequest, artefact: str, answer: AccessAnswer, now: int) -> DecisionCount:
        return DecisionCount(
            day=at_micros(now).date().isoformat(),
            digest=self.digest(request, answer),
            artefact=artefact,
            capability=request.capability,
            act=request.act.value,
            granted=answer.granted,
            rules=tuple(one.rule for one in answer.reasons),
            obligations=tuple(dict.fromkeys(one.kind.value for one in answer.obligations)),
            first=now,
            last=now,
            count=1,
        )

    def digest(self, request: AccessRequest, answer: AccessAnswer) -> str:
        """Of who asked for what and was answered so: the node alone can find it again."""
        said = [
            _DOMAIN,
            request.subject,
            request.model,
            request.capability,
            request.act.value,
            request.purpose,
            answer.granted,
            [one.rule for one in answer.reasons],
        ]
        return self._seal(rfc8785.dumps(said)).hex()
