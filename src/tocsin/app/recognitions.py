"""What this node makes of its peers' evaluations, and what it opens of its own when it is challenged."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.app.access import Access
from tocsin.app.recognition_answers import MOST, Answers
from tocsin.app.recognition_draws import Draws
from tocsin.kernel import BadInput, Caller, Clock, NotFound
from tocsin.kernel.evaluations import Run
from tocsin.kernel.plans import RegisteredPlan
from tocsin.kernel.recognition import Draw, Recognition
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:  # heavy: a node opens without it
    from tocsin.evaluate.recognition.attesting import Evidence
    from tocsin.evaluate.recognition.protocol import Subset
    from tocsin.trust.signing_keys import PublicKey


class Recognitions(Draws):
    """Every act that says or opens something needs `evaluation.manage` and leaves a trace."""

    def __init__(
        self,
        store: Store,
        access: Access,
        data: Path,
        node_id: str,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        super().__init__(store, access, data, node_id, clock, entropy)
        self._answers = Answers(store, access, data, node_id, clock, entropy)

    def judge(self, by: Caller, evaluation: bytes, plan: bytes | None) -> Recognition:
        """Take a peer's evaluation by policy, or say all that stands against it; signed, kept.

        `plan` is the revealed plan. Raises NotAllowed, and BadInput for what is no evaluation.
        """
        from tocsin.evaluate.recognition.policy import judge
        from tocsin.evaluate.recognition.showing import shown

        self._access.require(by, "evaluation.manage")
        policy = self.policy()
        what, _ = shown(evaluation, plan, policy)
        outcome, reasons = judge(policy, what, now=self._clock())
        return self._keep(by, self._recognition(what.evaluation, outcome, reasons), None)

    def take(self, by: Caller, file: bytes, plan: bytes | None = None) -> Recognition:
        """Whatever a peer sent: an opening is compared, an evaluation judged, its own recognition of somebody computed
        again and kept as theirs. Raises as `recognise`, `judge` and `verify_recognition` do.
        """
        from tocsin.evaluate.recognition.attesting import PREDICATE, verify_recognition
        from tocsin.evaluate.recognition.messages import Opening, predicate_type
        from tocsin.wire.dsse import parse_envelope
        from tocsin.wire.in_toto import parse_statement

        self._access.require(by, "evaluation.manage")
        statement = parse_statement(parse_envelope(file).payload)
        if statement.predicate_type == predicate_type(Opening.KIND):
            return self.recognise(by, file)
        if statement.predicate_type != PREDICATE:
            return self.judge(by, file, plan)
        signer = str(dict(statement.predicate.get("recognition") or {}).get("by", ""))
        found = verify_recognition(file, self.policy().key_of(signer))[0]
        if found.by != self._node_id:  # a peer's word: it bears on our decisions as our own does
            with self._store.together():
                self._store.recognitions.add(found)
                self._access.audit(
                    by.user,
                    "evaluation.take-recognition",
                    subject=found.evaluation,
                    purpose="",
                    detail={"outcome": found.outcome.value, "by": found.by, "of": found.theirs},
                )
        return found

    def of(self, evaluations: Collection[str]) -> tuple[Recognition, ...]:
        """What this node, and peers whose word it took, made of these, by full ids; on the node's own account."""
        found: list[Recognition] = []
        for one in evaluations:
            before: int | None = None
            while page := self._store.recognitions.listed(evaluation=one, before=before):
                found += [recognition for _, recognition in page]
                before = page[-1][0]
        return tuple(found)

    def keys(self) -> "tuple[PublicKey, ...]":
        """Release keys of the nodes that the policy names. Raises BadInput for a policy that cannot be read."""
        return tuple(self.policy().keys.values())

    def answer(self, by: Caller, message: bytes, *, most: int = MOST) -> bytes:
        """Our next message as the side that is challenged: the acceptance of a challenge, the opening of a reveal.

        `most` samples may be drawn. The same message again gets the same answer. Raises NotAllowed, NotFound, Conflict,
        BadInput, ProtocolFault.
        """
        self._access.require(by, "evaluation.manage")
        return self._answers.answer(by, message, self.policy(), most)

    def to_run(self, by: Caller, draw_id: str) -> "tuple[Draw, Subset, RegisteredPlan]":
        """What a draw wants run, under which plan. Raises NotAllowed, NotFound, and Conflict when nothing is due."""
        self._access.require(by, "evaluation.manage")
        draw = self._due(draw_id)
        return draw, self._subset(draw), self._shown(draw.shown, draw.plan)[1]

    def kept_run(self, by: Caller, draw_id: str, evaluation: str) -> Run:
        """Our run of the drawn sheet, out of an evaluation of ours under the same plan. Raises NotAllowed, NotFound."""
        self._access.require(by, "evaluation.read")
        sheet = self._draw(draw_id).sheet
        for run in self._store.evaluations.runs(evaluation):
            if f"{run.task}|{run.condition.value}" == sheet:
                return run
        raise NotFound(f"no run of {sheet} is kept under evaluation {evaluation[:64]}")

    def listed(
        self, by: Caller, *, evaluation: str | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[tuple[int, Recognition], ...]:
        """(seq, recognition), newest first. Raises NotAllowed."""
        self._access.require(by, "evaluation.read")
        return self._store.recognitions.listed(evaluation=evaluation, before=before, limit=limit)

    def get(self, by: Caller, seq: int) -> "tuple[Recognition, Evidence | None, bool]":
        """A kept recognition by its seq, with the evidence of a re-run, and whether this node still computes the same
        from it. Raises NotAllowed, NotFound.
        """
        from tocsin.evaluate.recognition.attesting import recognition_of
        from tocsin.evaluate.recognition.messages import ProtocolFault
        from tocsin.wire.dsse import parse_envelope
        from tocsin.wire.in_toto import parse_statement

        found = next(iter(self.listed(by, before=seq + 1, limit=1)), None)
        if found is None or found[0] != seq:
            raise NotFound("no recognition is kept under this number")
        try:
            evidence = recognition_of(parse_statement(parse_envelope(found[1].statement).payload))[1]
        except (BadInput, ProtocolFault):
            return found[1], None, False
        return found[1], evidence, True

    def draws(self, by: Caller, *, evaluation: str | None = None) -> tuple[Draw, ...]:
        """Every draw, ours and those that we answer, oldest first. Raises NotAllowed."""
        self._access.require(by, "evaluation.read")
        return self._store.recognitions.draws(evaluation=evaluation)
