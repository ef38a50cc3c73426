"""How every target begins: instrument the decoders, then feed one function for ever."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import atheris

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def clock() -> datetime:
    """A present that stands still, so that a crash can be repeated."""
    return NOW


def fuzz(target: Callable[[bytes], None]) -> None:
    """Give `target` bytes until the time is up. Whatever escapes it is a finding."""
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
