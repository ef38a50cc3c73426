"""Parsers of foreign files, each file in a process of its own that can do little else.

Enters: a function of `tocsin.label`, what it is given, the files it may read and the folder it may write in. Leaves:
what it returned, or the error that it raised. Refuses: to run without limits; a parser that dies, hangs, or asks for
too much is a file that could not be read.
"""

from tocsin.label.apart.cage import Bounds, Cage
from tocsin.label.apart.pool import Apart

__all__ = ["Apart", "Bounds", "Cage"]
