"""Assure: what a model artefact is, and what is wrong in it.

Enters: a folder, an archive or a file, as bytes at an offset (`Piece`); never by a library that loads it. Leaves:
findings, facts and an inspection. Refuses: to execute or unpickle anything, and to call clean what it did not read.
"""

from tocsin.assure.binding import opened_again
from tocsin.assure.bounds import Bounds
from tocsin.assure.examining import Broken, Examiner, Nested, Packed, Piece, Told, TreeExaminer, finding
from tocsin.assure.pieces import Held, Window
from tocsin.assure.provenance.require import Cleared, NotClean, require_clean
from tocsin.assure.walk import Progress, inspect

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
