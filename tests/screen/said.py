"""Texts as the lines that a source would send them in."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tocsin.kernel import EventLine, Kind

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)


def lines(texts: Sequence[str], lang: str | None = None) -> list[EventLine]:
    """One post by one account for each text."""
    return [
        EventLine(
            id=f"event-{number}",
            time=AT,
            source="forum",
            kind=Kind.POST,
            actor="someone",
            text=text,
            lang=lang,
        )
        for number, text in enumerate(texts)
    ]
