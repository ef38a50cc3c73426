"""Joint tests: what this node gives to one, and what several nodes' tallies say together."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.app.access import Access
from tocsin.app.release_key import release_key
from tocsin.kernel import Caller, NotFound
from tocsin.store.interface import Store

if TYPE_CHECKING:  # heavy: a node opens without it
    from tocsin.evaluate.joint import Forest
    from tocsin.evaluate.recognition.policy import Policy


class JointTests:
    """Tallies leave by hand, as a signed file; who they are from is said by the policy of recognition."""

    def __init__(self, store: Store, access: Access, data: Path, policy: "Callable[[], Policy]") -> None:
        self._store = store
        self._access = access
        self._data = data
        self._policy = policy

    def tallies(self, by: Caller, evaluation: str, *, notes: str = "") -> bytes:
        """Our tallies of a kept evaluation, signed; said in the audit. Raises NotAllowed, NotFound."""
        from tocsin.evaluate.joint.tallies import sealed_tallies, tallies_of

        self._access.require(by, "evaluation.manage")
        found = self._store.evaluations.get(evaluation)
        registered = None if found is None else self._store.evaluation_plans.get(found.registration)
        if found is None or registered is None:
            raise NotFound("no evaluation has this id: `tocsin evaluation list` shows those that are kept")
        made = tallies_of(found, self._store.evaluations.runs(evaluation), registered.plan, notes=notes)
        self._access.audit(by.user, "evaluation.tally", subject=evaluation, purpose="joint-test")
        return sealed_tallies(made, release_key(self._data)).envelope

    def forests(self, by: Caller, files: Sequence[bytes]) -> "tuple[Forest, ...]":
        """What these tallies say together, each by the key that the policy names for its node, or our own.

        Raises NotAllowed, BadInput, TooLarge, ProtocolFault.
        """
        from tocsin.evaluate.joint import forests
        from tocsin.evaluate.joint.tallies import node_in, read_tallies
        from tocsin.wire.dsse import parse_envelope
        from tocsin.wire.in_toto import parse_statement

        self._access.require(by, "evaluation.read")
        policy, given = self._policy(), []
        for file in files:
            node = node_in(parse_statement(parse_envelope(file).payload).predicate)
            given.append(read_tallies(file, policy.key_of(node)))
        return forests(given)
