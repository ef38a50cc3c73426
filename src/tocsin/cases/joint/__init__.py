"""What the parties of a joint case said, merged: a set of messages in any order, any of them twice, is one state.

Enters: messages, each signed by its author. Leaves: facts, tasks, proposals, votes and what was decided, what is
missing, what was refused and why. Refuses: nothing silently. What a message may do is a question of what its author
had seen when it wrote, so an answer once given stays, whatever comes in later.
"""

from tocsin.cases.joint.merging import merge
from tocsin.cases.joint.state import (
    JointState,
    Member,
    SharedDecision,
    SharedFact,
    SharedProposal,
    SharedTask,
)
from tocsin.cases.joint.writing import first_message, next_message

__all__ = [
    "JointState",
    "Member",
    "SharedDecision",
    "SharedFact",
    "SharedProposal",
    "SharedTask",
    "first_message",
    "merge",
    "next_message",
]
