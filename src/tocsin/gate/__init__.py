"""Gate: how far a model may go out.

Enters: evaluations, inspections, red lines, the context of use. Leaves: a decision with its rule, its evidence and what
would change it. Refuses: to open anything for want of evidence.
"""
