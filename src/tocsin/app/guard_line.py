"""One guard model and what it may cost: asked within its rate, its budget of the day and its breaker."""

import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from tocsin.app.keyring import Keyring
from tocsin.app.writing import write_once
from tocsin.kernel import BadInput, ServiceFault
from tocsin.net import ServiceClient
from tocsin.store.interface import JobStore
from tocsin.taxonomy.guard_files import Guard
from tocsin.wire.guards import MAX_ANSWER_BYTES, NoVerdict, Question, Said, Shape, read, request

BREAK_AFTER = 5
"""Failures in a row after which nothing is asked for a while: an endpoint that is down is not helped by more."""

FIRST_PAUSE_SECONDS = 15.0
MAX_PAUSE_SECONDS = 900.0
ID_BYTES = 6
"""Of an id within one request: fresh, so that a text cannot know it and answer under it."""

_KEY_LABEL = "a guard's key"
_log = structlog.get_logger("tocsin.guards")


class Spent(msgspec.Struct, frozen=True):
    """What was asked on a day; written before it is asked, so that a crash never spends twice."""

    day: str = ""
    requests: int = 0
    characters: int = 0


class Reply(msgspec.Struct, frozen=True):
    """What came back for one piece of text: what was said, or why nothing was."""

    said: Said | None
    why: str = ""


class GuardLine:
    """Asks one guard. `monotonic` gives seconds."""

    def __init__(
        self,
        guard: Guard,
        jobs: JobStore,
        keys: Keyring,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.guard = guard
        self._jobs = jobs
        self._keys = keys
        self._monotonic = monotonic
        self._shape = Shape(guard.template.shape)
        self._client = ServiceClient(
            guard.name,
            guard.file.url,
            allow_private=guard.file.allow_private,
            timeout=guard.file.timeout_seconds,
            limit=MAX_ANSWER_BYTES,
        )
        self._tokens = float(guard.file.requests_a_minute)
        self._filled = monotonic()
        self._failures = 0
        self._pause = FIRST_PAUSE_SECONDS
        self._shut_until = 0.0
        self.fault = ""
        """What went wrong last, in a sentence without secrets; empty after an answer."""

    @property
    def origin(self) -> str:
        return self._client.origin

    @property
    def shut(self) -> bool:
        """Whether the breaker is open: nothing is asked now."""
        return self._monotonic() < self._shut_until

    def spent(self, now: datetime) -> Spent:
        """What was asked today (UTC)."""
        kept = self._jobs.cursor(self._cursor)
        spent = Spent() if kept is None else msgspec.json.decode(kept, type=Spent)
        day = now.date().isoformat()
        return spent if spent.day == day else Spent(day=day)

    def allowance(self, now: datetime) -> int:
        """Requests that may be made now: none behind an open breaker, one to try whether it may close."""
        if self.shut:
            return 0
        spent, file = self.spent(now), self.guard.file
        if self._characters_left(spent) <= 0:
            return 0
        passed = self._monotonic() - self._filled
        full = float(file.requests_a_minute)
        self._tokens = min(self._tokens + passed * full / 60, full)
        self._filled += passed
        left = min(int(self._tokens), file.requests_a_day - spent.requests)
        return min(left, 1) if self._failures >= BREAK_AFTER else max(left, 0)

    def ask(self, texts: Mapping[str, str], now: datetime) -> dict[str, Reply]:
        """Key → reply, for every one of `texts`. Never raises for what an endpoint does."""
        batches = _batched(list(texts.items()), self.guard.template.batch)
        replies = {key: Reply(None, "budget") for key in texts}
        with ThreadPoolExecutor(self.guard.file.concurrency, thread_name_prefix="guard") as pool:
            for at in range(0, len(batches), self.guard.file.concurrency):
                if self.shut:
                    left = (key for batch in batches[at:] for key, _ in batch)
                    replies.update((key, Reply(None, "breaker")) for key in left)
                    break
                wave = [
                    batch
                    for batch in batches[at : at + self.guard.file.concurrency]
                    if self._reserve(sum(len(text) for _, text in batch), now)
                ]
                for answered in pool.map(self._one, wave):
                    replies.update(answered)
        return replies

    def _one(self, batch: Sequence[tuple[str, str]]) -> dict[str, Reply]:
        """One request. 1. Ask. 2. Believe it if it is whole. 3. What was asked and not answered is unknown."""
        keys = {secrets.token_hex(ID_BYTES): key for key, _ in batch}
        questions = [Question(name, text) for name, (_, text) in zip(keys, batch, strict=True)]
        template = self.guard.template
        try:
            answer = self._client.post(  # 1
                request(self._shape, self.guard.model, template.policy, questions),
                below="/chat/completions",
                key=key_of(self.guard, self._keys),
            )
            if answer.status != 200:
                return self._failed(batch, "no-answer", f"{self.guard.name}: it answered {answer.status}")
            said = read(self._shape, answer.body, questions, template.categories)  # 2
        except ServiceFault as fault:
            return self._failed(batch, "no-answer", fault.message)
        except NoVerdict as fault:
            return self._failed(batch, fault.why, f"{self.guard.name}: its answer is none ({fault.why})")
        except Exception as error:  # noqa: BLE001  # whatever goes wrong here is unknown, and never clean
            _log.error("guard.failed", guard=self.guard.name, exc_info=error)
            return self._failed(batch, "fault", f"{self.guard.name}: asking failed; the log says how")
        self._failures, self._pause, self.fault = 0, FIRST_PAUSE_SECONDS, ""
        return {
            key: Reply(said[name]) if name in said else Reply(None, "missing")  # 3
            for name, key in keys.items()
        }

    def _failed(self, batch: Sequence[tuple[str, str]], why: str, message: str) -> dict[str, Reply]:
        self.fault = message
        self._failures += 1
        if self._failures >= BREAK_AFTER and not self.shut:
            self._shut_until = self._monotonic() + self._pause
            self._pause = min(self._pause * 2, MAX_PAUSE_SECONDS)
            _log.warning("guard.breaker-open", guard=self.guard.name, reason=message)
        return {key: Reply(None, why) for key, _ in batch}

    def _reserve(self, characters: int, now: datetime) -> bool:
        """Spend before asking; False when the day's budget or the minute's rate does not hold it."""
        spent = self.spent(now)
        if spent.requests >= self.guard.file.requests_a_day or self._tokens < 1:
            return False
        if self._characters_left(spent) < characters:
            return False
        self._tokens -= 1
        more = Spent(spent.day, spent.requests + 1, spent.characters + characters)
        self._jobs.set_cursor(self._cursor, msgspec.json.encode(more).decode())
        return True

    def _characters_left(self, spent: Spent) -> float:
        file = self.guard.file
        if not file.cost_a_day:
            return float("inf")
        return file.cost_a_day / file.cost_per_million_characters * 1e6 - spent.characters

    @property
    def _cursor(self) -> str:
        return f"guard.{self.guard.name}.spent"


def key_of(guard: Guard, keys: Keyring) -> str | None:
    """The key for the endpoint: of its environment variable, else the sealed one, else none."""
    if guard.file.key_env:
        return os.environ.get(guard.file.key_env) or None
    path = _key_path(keys, guard.name)
    return keys.secrets.open(path.read_bytes(), _KEY_LABEL).decode() if path.exists() else None


def keep_key(guard: Guard, keys: Keyring, secret: str | None) -> None:
    """Keep a guard's key sealed in the node's folder, in place of what there was; None forgets it."""
    if guard.file.key_env:
        raise BadInput(f"guard {guard.name} takes its key from {guard.file.key_env}: take key_env away first")
    path = _key_path(keys, guard.name)
    path.unlink(missing_ok=True)
    if secret is not None:
        write_once(path, keys.secrets.close(secret.encode(), _KEY_LABEL))


def _key_path(keys: Keyring, name: str) -> Path:
    return keys.folder / f"guard-{name}.secret"


def _batched(items: list[tuple[str, str]], size: int) -> list[list[tuple[str, str]]]:
    return [items[at : at + size] for at in range(0, len(items), size)]
