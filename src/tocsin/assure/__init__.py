"""Assure: what a model artefact is, and what is wrong in it.

Enters: a folder, an archive or a file, as bytes at an offset (`Piece`); never by a library that loads it. Leaves:
findings, facts and an inspection. Refuses: to execute or unpickle anything, and to call clean what it did not read.
"""

from tocsin.assure.examining import Examiner, Nested, Piece, Told, TreeExaminer, finding

__all__ = ["Examiner", "Nested", "Piece", "Told", "TreeExaminer", "finding"]
