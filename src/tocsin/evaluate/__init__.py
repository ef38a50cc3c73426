"""Evaluate: what a model did, measured, and how sure that is.

Enters: outcomes of samples, from a run or from another tool's report. Leaves: rates with intervals, comparisons, and a
verdict below, above or inconclusive. Refuses: to count a sample that could not be judged as a pass or as a failure.
"""
