"""Messages of a count over several nodes as a member gives them: taken, or refused as one of our errors."""

import contextlib

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tests.distinct import members, roster
    from tocsin.kernel import TocsinError
    from tocsin.kernel.distinct import DistinctRoster
    from tocsin.trust.distinct.messages import Joined, Opened, Pool, Sent, decode, digest_of, encode

_ROSTER = roster(capacity=120)
_EMPTY = dict.fromkeys(_ROSTER.members, ())
_START = digest_of(_ROSTER)


def one(data: bytes) -> None:
    """As each sort of message; and as what a member hears, by its first byte."""
    data = data.replace(b"ROSTER", _START)
    for kind in (Joined, Sent, Pool, Opened):
        with contextlib.suppress(TocsinError):
            message = decode(data, kind, _ROSTER)
            assert encode(message) == data
    with contextlib.suppress(TocsinError):
        assert isinstance(_ROSTER, DistinctRoster)
        _MADE["birch"].mixed(data)
    for hear in (_MADE["ash"].hear_sent, _MADE["ash"].hear_joined, _MADE["ash"].hear_opened):
        with contextlib.suppress(TocsinError):
            hear("birch", data)


_MADE = members(_ROSTER, _EMPTY)

if __name__ == "__main__":
    fuzz(one)
