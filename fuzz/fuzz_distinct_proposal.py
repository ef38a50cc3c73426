"""Proposals of a count as a peer sends them: a roster, or refused as one of our errors."""

import contextlib

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    import msgspec

    from tests.distinct import roster
    from tocsin.app.distinct_running import read_roster
    from tocsin.kernel import TocsinError

_GOOD = msgspec.msgpack.encode(roster(week="2026-W46"))


def one(data: bytes) -> None:
    """As it is, and in place of the middle of a good one; what is read is written alike."""
    for raw in (data, _GOOD[:40] + data + _GOOD[60:]):
        with contextlib.suppress(TocsinError):
            assert msgspec.msgpack.encode(read_roster(raw)) == raw


if __name__ == "__main__":
    fuzz(one)
