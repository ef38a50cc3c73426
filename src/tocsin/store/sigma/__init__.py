"""Sigma over Arrow: our own SQL in a DuckDB that can reach nothing but the rows it is given.

Enters: trees of `wire.sigma`, batches of events. Leaves: the rows that a condition holds of, and those that ring
together. Refuses: nothing that the tree can hold; what a rule may say was decided where it was read.
"""

from tocsin.store.sigma.engine import HITS, SigmaEngine
from tocsin.store.sigma.sql import Condition, compiled

__all__ = ["HITS", "Condition", "SigmaEngine", "compiled"]
