"""A small harmless world for end-to-end tests: readers, and one stand-in campaign."""

import json
from datetime import UTC, datetime, timedelta
from random import Random

WORDS = [
    "town",
    "river",
    "garden",
    "lamp",
    "stone",
    "letter",
    "music",
    "harbour",
    "morning",
    "paper",
    "train",
    "winter",
    "green",
    "window",
    "bread",
]
LOTTERY = (
    "Dear friend, your lottery ticket from last spring was counted wrongly and a refund is waiting for you at "
    "our desk. Write back with the number on your ticket and pass this on to three others"
)


def lottery_campaign(*, accounts: int = 12, readers: int = 80, seed: int = 1) -> str:
    """JSON lines: `readers` accounts with unlike texts, and `accounts` new ones that repeat one and share a wallet."""
    random = Random(seed)
    now = datetime.now(UTC)
    lines = [
        event(
            f"reader-{number}",
            now - timedelta(hours=random.random() * 200),
            f"reader {random.randrange(readers)}",
            " ".join(random.choices(WORDS, k=30)),
            now - timedelta(days=600),
        )
        for number in range(readers * 4)
    ]
    for number in range(accounts):
        words = LOTTERY.split()
        for _ in range(2):
            words[random.randrange(len(words))] = random.choice(WORDS)
        lines.append(
            event(
                f"lottery-{number}",
                now - timedelta(hours=random.random() * 20),
                f"newcomer {number}",
                " ".join(words),
                now - timedelta(days=2),
                wallet="bc1qexample0000000000000000000000000000",
            )
        )
    return "\n".join(lines) + "\n"


def event(
    name: str, time: datetime, actor: str, text: str, created: datetime, wallet: str | None = None
) -> str:
    """One event line."""
    row: dict[str, object] = {
        "id": name,
        "time": time.isoformat(),
        "source": "chat",
        "kind": "model.call",
        "actor": actor,
        "text": text,
        "actor_created": created.isoformat(),
    }
    if wallet:
        row["observables"] = [{"type": "wallet", "value": wallet}]
    return json.dumps(row)
