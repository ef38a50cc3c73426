"""Pickles: what a pickle would do, told without doing it.

Enters: a piece. Leaves: findings, facts, pieces within, and the tensors that a state dictionary names (`tensors`).
Refuses: to unpickle, to import what a pickle names, and to call clean a name or a use that is not on the allowlist
(allowed.yaml).
"""

from tocsin.assure.pickles.examiners import NumpyExaminer, PickleExaminer

__all__ = ["NumpyExaminer", "PickleExaminer"]
