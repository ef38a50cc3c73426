"""What a store promises of joint cases: which case here is part of which. A part of `interface`.

What was said in a joint case is records, kept and found as records are; nothing of it is kept a second time.
"""

from typing import Protocol


class JointCaseStore(Protocol):
    """Links between cases of this node and joint cases."""

    def link(self, case_id: str, joint: str, at: int) -> None:
        """Note it, at a moment in microseconds. Raises Conflict when the case is part of one already."""
        ...

    def cases_of(self, joint: str) -> tuple[str, ...]:
        """Ids of the cases here that are part of it, ascending."""
        ...


class JointCaseStores(Protocol):
    """What of one node's memory is about joint cases."""

    @property
    def joint_cases(self) -> JointCaseStore: ...
