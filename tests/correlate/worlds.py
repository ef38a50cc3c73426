"""Small seeded worlds for the tests of this room: people, crowds and campaigns, as the window sees them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from tocsin.correlate import Window
from tocsin.store.schemas import EVENT_SCHEMA
from tocsin.wire.fold import fold
from tocsin.wire.sketch import sketch_batch

DAY = 86_400_000_000
HOUR = 3_600_000_000
NOW = 1_750_000_000_000_000
START = NOW - 14 * DAY

_SYLLABLES = [
    first + last for first in [*"bcdfghjklmnprstvwxyz", "sh", "tr"] for last in ("a", "e", "io", "un")
]


def vocabulary(seed: int, words: int = 3_000) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(words)]


WORDS = vocabulary(7)


def sentence(rng: random.Random, words: int = 22) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def changed(rng: random.Random, text: str, share: float) -> str:
    return " ".join(rng.choice(WORDS) if rng.random() < share else word for word in text.split())


@dataclass
class Post:
    """One event before it has a seq."""

    actor: str
    text: str
    time: int
    created: int | None = None
    tags: tuple[tuple[str, str], ...] = ()
    signals: tuple[tuple[str, str, str, float, str], ...] = ()
    id: str = ""


@dataclass
class World:
    """Posts by several crowds; `window` puts them in some order and looks at them."""

    seed: int
    posts: list[Post] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def at(self, first: float = 0.0, last: float = 14.0) -> int:
        return START + int(self.rng.uniform(first, last) * DAY)

    def people(self, number: int, *, new: float = 0.08, events: int = 8, dated: bool = True) -> World:
        """Accounts that write about different things."""
        for person in range(number):
            created = START - int(self.rng.uniform(0, 10) * DAY) if self.rng.random() < new else self.old()
            for _ in range(max(1, int(self.rng.expovariate(1 / events)))):
                when = max(self.at(), created + HOUR)
                self.posts.append(
                    Post(
                        f"person-{person}",
                        sentence(self.rng),
                        when,
                        created if dated else None,
                        tags=(("domain", f"site-{int(self.rng.paretovariate(0.7)) % 300}.example"),)
                        if self.rng.random() < 0.3
                        else (),
                    )
                )
        return self

    def old(self) -> int:
        return START - int(self.rng.uniform(40, 1500) * DAY)

    def viral(
        self,
        number: int,
        *,
        text: str | None = None,
        tags: Sequence[tuple[str, str]] = (),
        new: float = 0.1,
        edit: float = 0.05,
    ) -> World:
        """Accounts of the town that all repeat one text once, beside what they write otherwise."""
        text = text or sentence(self.rng)
        town = sorted({post.actor for post in self.posts if post.actor.startswith("person-")})
        created = {post.actor: post.created for post in self.posts}
        names = self.rng.sample(town, min(number, len(town))) if town else []
        names += [f"fan-{text[:6]}-{at}" for at in range(number - len(names))]
        day = self.rng.uniform(1, 10)
        for name in names:
            if name not in created:
                created[name] = START - 5 * DAY if self.rng.random() < new else self.old()
                for _ in range(4):
                    self.posts.append(Post(name, sentence(self.rng), self.at(), created[name]))
            self.posts.append(
                Post(
                    name,
                    changed(self.rng, text, edit),
                    self.at(day, day + 3),
                    created[name],
                    tags=tuple(tags),
                )
            )
        return self

    def campaign(
        self,
        number: int,
        *,
        name: str = "puppet",
        text: str | None = None,
        edit: float = 0.12,
        new: float = 0.8,
        each: int = 2,
        other: int = 1,
        tags: Sequence[tuple[str, str]] = (("wallet", "w-1"),),
        tagged: float = 0.7,
        evading: float = 0.0,
        days: tuple[float, float] = (2.0, 12.0),
    ) -> World:
        text = text or sentence(self.rng, 30)
        for at in range(number):
            created = self.at(*days) - 3 * DAY if self.rng.random() < new else self.old()
            own = tuple(tag for tag in tags if self.rng.random() < tagged)
            for _ in range(each):
                signals = (
                    (("evasion", "1", "technique.monitoring-bypass", 0.2, "disguised-words"),)
                    if self.rng.random() < evading
                    else ()
                )
                when = max(self.at(*days), created + HOUR)
                self.posts.append(
                    Post(f"{name}-{at}", changed(self.rng, text, edit), when, created, own, signals)
                )
            for _ in range(other):
                self.posts.append(Post(f"{name}-{at}", sentence(self.rng), self.at(*days), created, own))
        return self

    def organisation(self, number: int, name: str = "org", *, dated: bool = True) -> World:
        """One customer: a card, a building, six templates that its people use all day."""
        templates = [sentence(self.rng) for _ in range(6)]
        joined = self.old()
        for at in range(number):
            created = joined + int(self.rng.random() * DAY) if dated else None
            for _ in range(14):
                text = changed(self.rng, self.rng.choice(templates), 0.1)
                tags = (("payment", name), ("address-prefix", name))
                self.posts.append(Post(f"{name}-{at}", text, self.at(), created, tags))
        return self

    def bots(self, number: int, name: str = "bots") -> World:
        """Old declared automation that says one thing."""
        template, created = sentence(self.rng), self.old()
        for at in range(number):
            for _ in range(20):
                self.posts.append(Post(f"{name}-{at}", changed(self.rng, template, 0.1), self.at(), created))
        return self

    def school(self, number: int, name: str = "school") -> World:
        """New accounts of one class: three exercises, one invitation, one room, its computers."""
        exercises = [sentence(self.rng) for _ in range(3)]
        day = self.rng.uniform(2, 8)
        created = START + int((day - 1) * DAY)
        tags = (("invitation", name), ("address-prefix", name), ("device", name))
        for at in range(number):
            joined = created + int(self.rng.random() * DAY)
            for later, exercise in enumerate(exercises):
                when = self.at(day + later, day + later + 0.1)
                self.posts.append(Post(f"{name}-{at}", changed(self.rng, exercise, 0.05), when, joined, tags))
            for _ in range(3):
                self.posts.append(
                    Post(f"{name}-{at}", sentence(self.rng), self.at(day, 13), joined, tags[:2])
                )
        return self

    def protest(
        self, number: int, name: str = "protest", *, new: float = 0.6, text: str | None = None
    ) -> World:
        """People who speak together: many new, one text, one link, one handle, one invitation, little else."""
        text = text or sentence(self.rng)
        for at in range(number):
            created = START + int(self.rng.uniform(0, 2) * DAY) if self.rng.random() < new else self.old()
            tags = (("domain", name), ("handle", name), ("invitation", name), ("address-prefix", name))
            for _ in range(self.rng.randint(1, 3)):
                self.posts.append(
                    Post(f"{name}-{at}", changed(self.rng, text, 0.08), self.at(2, 4), created, tags)
                )
            for _ in range(self.rng.randint(0, 2)):
                self.posts.append(Post(f"{name}-{at}", sentence(self.rng), self.at(4, 13), created))
        return self

    def window(self, *, shuffle: int | None = None) -> Window:
        posts = list(self.posts)
        for at, post in enumerate(posts):
            post.id = post.id or f"event-{at:06d}"
        posts.sort(key=lambda post: post.time)
        if shuffle is not None:
            random.Random(shuffle).shuffle(posts)
        return window_of(posts)


def batch_of(posts: Sequence[Post], first_seq: int = 1) -> pa.RecordBatch:
    rows = [
        {
            "seq": first_seq + at,
            "id": post.id or f"event-{first_seq + at}",
            "time": post.time,
            "received": post.time,
            "source": "test",
            "kind": "content.post",
            "actor": post.actor,
            "seal_day": "2025-06-01",
            "actor_created": post.created,
            "observables": [{"type": kind, "value": value} for kind, value in post.tags],
            "signals": [
                {"detector": d, "version": v, "category": c, "strength": s, "evidence": e}
                for d, v, c, s, e in post.signals
            ],
        }
        for at, post in enumerate(posts)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA)


def window_of(posts: Sequence[Post], *, chunk: int = 4_000) -> Window:
    window = Window()
    blobs = sketch_batch([fold(post.text) for post in posts])
    for at in range(0, len(posts), chunk):
        part = posts[at : at + chunk]
        sketches = {at + 1 + row: blob for row, blob in enumerate(blobs[at : at + chunk]) if blob is not None}
        window.append(batch_of(part, at + 1), sketches)
    return window
