"""Many small writes, one wait for the disk: whoever comes while a transaction is under way shares the next one.

No thread of its own and no pause: the first who gets the turn does the work of all who wait, in one transaction, and
each is answered after it. Alone, a write costs what it cost before.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from tocsin.kernel import Unavailable
from tocsin.store import Store

MOST_TOGETHER = 64
"""Writes in one transaction: bounds how long another writer waits for its turn."""

T = TypeVar("T")


class _Wanted(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.done = False
        self.result: tuple[T] | None = None
        self.error: Exception | None = None


class GroupCommit:
    """Runs writes inside `store.together()`, several at a time."""

    def __init__(self, store: Store, *, most: int = MOST_TOGETHER) -> None:
        self._store = store
        self._most = most
        self._waiting: deque[_Wanted[Any]] = deque()
        self._turn = threading.Lock()

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns, once what it wrote is durable. Raises what it raises, and then nothing of it is kept.

        `work` may run twice, in another thread: it only reads and writes the store.
        """
        wanted = _Wanted(work)
        self._waiting.append(wanted)
        while not wanted.done:
            with self._turn:
                if not wanted.done:
                    self._commit(
                        [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                    )
        if wanted.error is not None:
            raise wanted.error
        if wanted.result is None:
            raise Unavailable("this node is stopping: send it again in a moment")
        return wanted.result[0]

    def _commit(self, group: list[_Wanted[Any]]) -> None:
        try:
            with self._store.together():
                for one in group:
                    one.result = (one.work(),)
        except BaseException as error:
            for one in group:
                one.result = None
            if not isinstance(error, Exception):
                raise
            for one in group:  # one of them failed, so all were undone: each for itself then
                self._alone(one)
        finally:
            for one in group:  # also when the process is being ended: nobody waits for what will not come
                one.done = True

    def _alone(self, one: _Wanted[Any]) -> None:
        try:
            with self._store.together():
                one.result = (one.work(),)
        except Exception as error:  # noqa: BLE001  # it is raised where it was asked for
            one.error = error
