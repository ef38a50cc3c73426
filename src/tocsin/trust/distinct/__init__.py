"""How many distinct inputs several nodes have in all, and how many of them several have; no input is told. Unaudited.

Enters: a roster, a node's inputs, noise that was paid for, the other members' messages as bytes with the name of who
sent them. Leaves: messages, and at the end the same noisy numbers for all. Refuses: points that are no elements, keys
whose owner does not know them, pools of another size, parts of an opening that do not hold, a value that more members
sent than there are. No sockets, no files.

Protocol, proof sketch, what each member learns and what is not prevented: docs/distinct.md.
"""

from tocsin.trust.distinct.member import Member, Turn

__all__ = ["Member", "Turn"]
