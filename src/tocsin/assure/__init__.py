"""Assure: what a model artefact is, and what is wrong in it.

Enters: a folder, an archive or a file, as bytes at an offset (`Piece`); never by a library that loads it. Leaves:
findings, facts and an inspection. Refuses: to execute or unpickle anything, and to call clean what it did not read.

This is the public page. `inspect` looks; `require_clean` guards a load; `verify` and `sign_release` are of provenance;
`compare` is of two models' weights; the rest is for who writes an examiner. The rooms: docs/architecture.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tocsin.assure.bounds import Bounds
from tocsin.assure.examining import Broken, Examiner, Nested, Packed, Piece, Told, TreeExaminer, finding
from tocsin.assure.pieces import Held, Window

if TYPE_CHECKING:
    from tocsin.assure.binding import opened_again
    from tocsin.assure.lineage import Comparison, compare
    from tocsin.assure.provenance.require import Cleared, NotClean, require_clean
    from tocsin.assure.provenance.signing import sign_release
    from tocsin.assure.provenance.verifying import Accepted, Given, Refused, verify
    from tocsin.assure.walk import Progress, inspect

__all__ = [
    "Accepted",
    "Bounds",
    "Broken",
    "Cleared",
    "Comparison",
    "Examiner",
    "Given",
    "Held",
    "Nested",
    "NotClean",
    "Packed",
    "Piece",
    "Progress",
    "Refused",
    "Told",
    "TreeExaminer",
    "Window",
    "compare",
    "finding",
    "inspect",
    "opened_again",
    "require_clean",
    "sign_release",
    "verify",
]

_LATER = {
    "binding": ("opened_again",),
    "lineage": ("Comparison", "compare"),
    "provenance.require": ("Cleared", "NotClean", "require_clean"),
    "provenance.signing": ("sign_release",),
    "provenance.verifying": ("Accepted", "Given", "Refused", "verify"),
    "walk": ("Progress", "inspect"),
}
"""By the module that has them: a look alone starts without numpy, cryptography and what reads certificates, and who
looks at nothing starts without the examiners."""


if not TYPE_CHECKING:  # with this in sight, mypy takes every name for one that is there

    def __getattr__(name: str) -> Any:
        for module, names in _LATER.items():
            if name in names:
                return getattr(import_module(f"tocsin.assure.{module}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
