"""Assure: what a model artefact is, and what is wrong in it.

Enters: a folder, an archive or a file, as bytes at an offset (`Piece`); never by a library that loads it. Leaves:
findings, facts and an inspection. Refuses: to execute or unpickle anything, and to call clean what it did not read.
"""

from typing import TYPE_CHECKING, Any

from tocsin.assure.binding import opened_again
from tocsin.assure.bounds import Bounds
from tocsin.assure.examining import Broken, Examiner, Nested, Packed, Piece, Told, TreeExaminer, finding
from tocsin.assure.pieces import Held, Window
from tocsin.assure.walk import Progress, inspect

if TYPE_CHECKING:
    from tocsin.assure.require import Cleared, NotClean, require_clean

__all__ = [
    "Bounds",
    "Broken",
    "Cleared",
    "Examiner",
    "Held",
    "Nested",
    "NotClean",
    "Packed",
    "Piece",
    "Progress",
    "Told",
    "TreeExaminer",
    "Window",
    "finding",
    "inspect",
    "opened_again",
    "require_clean",
]


def __getattr__(name: str) -> Any:
    """`require_clean` and its kin are imported when they are asked for: a look alone starts without them."""
    if name not in ("Cleared", "NotClean", "require_clean"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tocsin.assure import require

    return getattr(require, name)
