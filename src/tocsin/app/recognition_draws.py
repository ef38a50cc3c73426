"""Draws as their challenger: begun, drawn, revealed, compared or given up. `Recognitions` is the whole.

The state of each draw is kept before a message leaves: a nonce is never given twice for one challenge, a second draw of
the same samples says that it is one, and a draw that was given up stays where everybody sees it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tocsin.app.access import Access
from tocsin.app.release_key import release_key
from tocsin.evaluate.files import read_file
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, micros
from tocsin.kernel.evaluations import Evaluation, Run
from tocsin.kernel.plans import RegisteredPlan
from tocsin.kernel.recognition import Draw, DrawState, Recognition, RecognitionOutcome
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:  # heavy: a node opens without it
    from tocsin.evaluate.recognition.attesting import Evidence
    from tocsin.evaluate.recognition.comparing import Margins
    from tocsin.evaluate.recognition.messages import Challenge, M
    from tocsin.evaluate.recognition.policy import Policy, Reasons
    from tocsin.evaluate.recognition.protocol import Subset

POLICY_NAME = "recognition.yaml"
NONCE_BYTES = 32
MAX_FILE_BYTES = 2 << 20
"""Of the policy and of what it names; `read_policy` holds it to less, and says so."""

MAX_FAULTS = 100
"""Refused messages noted with one draw."""

SHA256_CHARS = 64


class Draws:
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
        self._store = store
        self._access = access
        self._data = data
        self._node_id = node_id
        self._clock = clock
        self._entropy = entropy

    def policy(self) -> "Policy":
        """DATA/recognition.yaml as it is now; without the file nothing is recognised. Raises BadInput."""
        from tocsin.evaluate.recognition.policy import Policy, read_policy

        file = self._data / POLICY_NAME
        return read_policy(read_file(file, MAX_FILE_BYTES), self._beside) if file.exists() else Policy()

    def _beside(self, name: str) -> bytes:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise BadInput(f"{name!r} is not in the node's folder: put the key into signers/, and name it so")
        return read_file(self._data / name, MAX_FILE_BYTES)

    def challenge(
        self,
        by: Caller,
        evaluation: bytes,
        plan: bytes,
        *,
        sheet: str,
        samples: int,
        margins: "Margins",
        again: str = "",
    ) -> Draw:
        """Begin a draw: its first message goes to the node whose evaluation it is. The evaluation must be signed and
        its plan registered; whether the policy would take it as it is does not matter.

        `again` says why samples that were drawn before are drawn anew. Raises NotAllowed, BadInput, Conflict.
        """
        from tocsin.evaluate.recognition.drawing import nonce_commitment
        from tocsin.evaluate.recognition.messages import Challenge, write
        from tocsin.evaluate.recognition.protocol import check_challenge

        self._access.require(by, "evaluation.manage")
        said, registered = self._shown(evaluation, plan)
        before = self._store.recognitions.draws(challenger=self._node_id, evaluation=said.id, sheet=sheet)
        earlier = tuple(one.id for one in before)
        if earlier and not again.strip():
            raise Conflict(
                f"samples of {sheet} were drawn before ({len(earlier)}): a second draw says why, with --again, and"
                " names the first"
            )
        nonce = self._entropy(NONCE_BYTES)
        message = Challenge(
            evaluation=said.id,
            sheet=sheet,
            samples=samples,
            commitment=nonce_commitment(nonce),
            by=self._node_id,
            to=said.node,
            at=micros(self._clock()),
            number=len(earlier) + 1,
            earlier=earlier,
            again=again if earlier else "",
            margins=margins,
        )
        check_challenge(message, said, registered, drawn_before=earlier)
        sent = write(message, release_key(self._data))
        draw = Draw(
            id=sent.id,
            challenger=self._node_id,
            node=said.node,
            evaluation=said.id,
            sheet=sheet,
            number=message.number,
            at=message.at,
            state=DrawState.CHALLENGED,
            messages=(sent.envelope,),
            nonce=nonce,
            salt=self._entropy(NONCE_BYTES),
            shown=evaluation,
            plan=plan,
        )
        with self._store.together():
            self._store.recognitions.begin(draw)
            self._say(by, "evaluation.challenge", draw, samples=samples, number=draw.number)
        return draw

    def drawn(self, by: Caller, acceptance: bytes) -> tuple[Draw, "Subset"]:
        """The samples to run again, now that the other side's nonce is here. Raises NotFound, ProtocolFault."""
        from tocsin.evaluate.recognition.messages import Acceptance, Fault, ProtocolFault
        from tocsin.evaluate.recognition.protocol import check_acceptance

        self._access.require(by, "evaluation.manage")
        draw = self._draw(_named(acceptance))
        if draw.state is not DrawState.CHALLENGED:
            if acceptance in draw.messages:
                return draw, self._subset(draw)
            raise ProtocolFault(Fault.REPLAYED, "another acceptance of this challenge is kept already")
        message, _ = self._read(draw, acceptance, Acceptance)
        with self._noting(draw):
            check_acceptance(message, self._challenge(draw), draw.id)
        found = msgspec.structs.replace(draw, state=DrawState.DRAWN, messages=(*draw.messages, acceptance))
        self._store.recognitions.advance(found, before=DrawState.CHALLENGED)
        return found, self._subset(found)

    def reveal(self, by: Caller, draw_id: str, runs: Sequence[Run]) -> Draw:
        """Commit to what we found on the drawn samples and reveal the nonce: the message to send is the last.

        `runs` are of the drawn samples at least; the first is compared, the second says what repeats explain.
        Raises NotFound, Conflict, ProtocolFault when a run is not of what the evaluation ran.
        """
        from tocsin.evaluate.recognition.attesting import MAX_RUNS
        from tocsin.evaluate.recognition.drawing import outcomes_commitment
        from tocsin.evaluate.recognition.messages import Acceptance, Reveal, write
        from tocsin.evaluate.recognition.protocol import rerun

        self._access.require(by, "evaluation.manage")
        draw = self._due(draw_id)
        if not 1 <= len(runs) <= MAX_RUNS:
            raise BadInput(f"give 1 to {MAX_RUNS} runs of the drawn samples")
        said, registered = self._shown(draw.shown, draw.plan)
        subset = self._subset(draw)
        ours = tuple(tuple(rerun(run, subset, said, registered).values()) for run in runs)
        _, acceptance_id = self._read(draw, draw.messages[1], Acceptance)
        message = Reveal(
            evaluation=draw.evaluation,
            challenge=draw.id,
            acceptance=acceptance_id,
            nonce=draw.nonce.hex(),
            outcomes=outcomes_commitment(draw.salt, ours),
            runs=len(ours),
            by=self._node_id,
            at=micros(self._clock()),
        )
        sent = write(message, release_key(self._data))
        found = msgspec.structs.replace(
            draw, state=DrawState.REVEALED, messages=(*draw.messages, sent.envelope), runs=ours
        )
        with self._store.together():
            self._store.recognitions.advance(found, before=DrawState.DRAWN)
            self._say(by, "evaluation.reveal-draw", draw, runs=len(ours))
        return found

    def recognise(self, by: Caller, opening: bytes) -> Recognition:
        """Compare what they opened with what we committed to; signed, kept with the evidence.

        Raises NotFound, Conflict, and ProtocolFault, which is noted with the draw: `give_up` then says so.
        """
        from tocsin.evaluate.recognition.attesting import compared
        from tocsin.evaluate.recognition.messages import Fault, ProtocolFault

        self._access.require(by, "evaluation.manage")
        draw = self._draw(_named(opening))
        if draw.state is not DrawState.REVEALED:
            raise ProtocolFault(Fault.REPLAYED, f"this draw is {draw.state.value}, and waits for no opening")
        evidence = self._evidence(draw, opening)
        found = compared(evidence)
        said, _ = self._shown(draw.shown, draw.plan)
        recognition = msgspec.structs.replace(
            self._recognition(said, found.outcome, found.reasons + self._notes(draw)),
            their_rate=found.theirs,
            our_rate=found.ours,
            subset=self._subset(draw).digest,
            disagreements=found.differing,
            sheet=draw.sheet,
            draw=draw.number,
        )
        closed = msgspec.structs.replace(draw, state=DrawState.CLOSED, messages=(*draw.messages, opening))
        with self._store.together():
            self._store.recognitions.advance(closed, before=DrawState.REVEALED)
            return self._keep(by, recognition, evidence)

    def give_up(self, by: Caller, draw_id: str) -> Recognition:
        """Close a draw that will not be compared, and say whose silence it was. Raises NotFound, Conflict."""
        self._access.require(by, "evaluation.manage")
        draw = self._draw(draw_id)
        why = {
            DrawState.CHALLENGED: ("recognition.not-answered", RecognitionOutcome.NOT_RECOGNISED),
            DrawState.DRAWN: ("recognition.given-up", RecognitionOutcome.INCONCLUSIVE),
            DrawState.REVEALED: ("recognition.not-opened", RecognitionOutcome.NOT_RECOGNISED),
        }.get(draw.state)
        if why is None:
            raise Conflict(f"this draw is {draw.state.value}: there is nothing to give up")
        code, outcome = why
        said, _ = self._shown(draw.shown, draw.plan)
        reasons = ((code, dict[str, str | int | float]()), *self._notes(draw))
        made = self._recognition(said, outcome, reasons)
        recognition = msgspec.structs.replace(made, sheet=draw.sheet, draw=draw.number)
        with self._store.together():
            closed = msgspec.structs.replace(draw, state=DrawState.CLOSED)
            self._store.recognitions.advance(closed, before=draw.state)
            return self._keep(by, recognition, None)

    def _shown(self, evaluation: bytes, plan: bytes) -> tuple[Evaluation, RegisteredPlan]:
        from tocsin.evaluate.recognition.showing import shown

        what, registered = shown(evaluation, plan, self.policy())
        if not what.signed or registered is None:
            raise Conflict(
                "the evaluation is not signed by the key that the policy names for its node, or its plan is not the one"
                " that was registered: `tocsin evaluation recognise` says which"
            )
        return what.evaluation, registered

    def _evidence(self, draw: Draw, opening: bytes) -> "Evidence":
        from tocsin.evaluate.recognition.attesting import Evidence, Row, rows
        from tocsin.evaluate.recognition.drawing import outcomes_commitment
        from tocsin.evaluate.recognition.messages import Acceptance, Opening, Reveal
        from tocsin.evaluate.recognition.protocol import check_opening, split_sheet

        said, registered = self._shown(draw.shown, draw.plan)
        challenge, subset = self._challenge(draw), self._subset(draw)
        accepted, acceptance_id = self._read(draw, draw.messages[1], Acceptance)
        _, reveal_id = self._own(draw.messages[2], Reveal)
        message, opening_id = self._read(draw, opening, Opening)
        with self._noting(draw):
            theirs = check_opening(message, reveal_id, challenge, draw.id, subset, said, registered)
        task, condition = split_sheet(draw.sheet)
        claimed = [
            one.counts for one in said.results if one.task == task and one.condition in (condition, None)
        ]
        return Evidence(
            challenge=challenge,
            challenge_id=draw.id,
            acceptance=acceptance_id,
            reveal=reveal_id,
            opening=opening_id,
            theirs_nonce=accepted.nonce,
            nonce=draw.nonce.hex(),
            salt=draw.salt.hex(),
            outcomes=outcomes_commitment(draw.salt, draw.runs),
            theirs=rows(theirs),
            ours=tuple(
                tuple(Row(one.id, one.outcome, one.answer, one.language) for one in run) for run in draw.runs
            ),
            claimed=claimed[0] if len(claimed) == 1 else None,
            lines=tuple(one for one in said.lines if (one.task, one.condition) == (task, condition)),
        )

    def _notes(self, draw: Draw) -> "Reasons":
        """What else must be seen with the outcome: earlier draws, and what was refused."""
        notes: list[tuple[str, dict[str, str | int | float]]] = []
        if draw.number > 1:
            again = self._challenge(draw).again
            notes.append(("recognition.draw-again", {"number": draw.number, "again": again}))
            before = self._store.recognitions.draws(
                challenger=draw.challenger, evaluation=draw.evaluation, sheet=draw.sheet
            )
            open_still = sum(one.number < draw.number and one.state is not DrawState.CLOSED for one in before)
            if open_still:
                notes.append(("recognition.unfinished", {"draws": open_still}))
        notes.extend(
            ("recognition.fault", {"fault": fault}) for fault in dict.fromkeys(f for _, f in draw.faults)
        )
        return tuple(notes)

    def _challenge(self, draw: Draw) -> "Challenge":
        from tocsin.evaluate.recognition.messages import Challenge

        return self._own(draw.messages[0], Challenge)[0]

    def _subset(self, draw: Draw) -> "Subset":
        from tocsin.evaluate.recognition.messages import Acceptance
        from tocsin.evaluate.recognition.protocol import subset

        _, registered = self._shown(draw.shown, draw.plan)
        accepted, _ = self._read(draw, draw.messages[1], Acceptance)
        challenge = self._challenge(draw)
        return subset(challenge, draw.id, registered, theirs=accepted.nonce, nonce=draw.nonce.hex())

    def _read(self, draw: Draw, envelope: bytes, kind: "type[M]") -> "tuple[M, str]":
        from tocsin.evaluate.recognition.messages import read

        return read(envelope, kind, self.policy().key_of(draw.node))

    def _own(self, envelope: bytes, kind: "type[M]") -> "tuple[M, str]":
        from tocsin.evaluate.recognition.messages import read

        return read(envelope, kind, release_key(self._data).public_key())

    def _draw(self, draw_id: str) -> Draw:
        draw = self._store.recognitions.draw(draw_id)
        if draw is None or draw.challenger != self._node_id:
            raise NotFound("no draw of ours has this id: `tocsin evaluation recognitions` shows them")
        return draw

    def _due(self, draw_id: str) -> Draw:
        draw = self._draw(draw_id)
        if draw.state is not DrawState.DRAWN:
            raise Conflict(f"this draw is {draw.state.value}: only one that is drawn is revealed, and once")
        return draw

    @contextmanager
    def _noting(self, draw: Draw) -> Iterator[None]:
        """What the other side signed and the protocol does not allow is kept with the draw."""
        from tocsin.evaluate.recognition.messages import ProtocolFault

        try:
            yield
        except ProtocolFault as fault:
            noted = (*draw.faults, (micros(self._clock()), fault.fault.value))[:MAX_FAULTS]
            self._store.recognitions.advance(msgspec.structs.replace(draw, faults=noted), before=draw.state)
            raise

    def _recognition(self, said: Evaluation, outcome: RecognitionOutcome, reasons: "Reasons") -> Recognition:
        return Recognition(
            evaluation=said.id,
            theirs=said.node,
            by=self._node_id,
            at=micros(self._clock()),
            outcome=outcome,
            reasons=reasons,
        )

    def _keep(self, by: Caller, recognition: Recognition, evidence: "Evidence | None") -> Recognition:
        from tocsin.evaluate.recognition.attesting import attest

        signed = attest(recognition, evidence, release_key(self._data))
        kept = msgspec.structs.replace(recognition, statement=signed.envelope)
        with self._store.together():
            self._store.recognitions.add(kept)
            self._access.audit(
                by.user,
                "evaluation.recognise",
                subject=kept.evaluation,
                purpose="",
                detail={"outcome": kept.outcome.value, "of": kept.theirs, "draw": kept.draw},
            )
        return kept

    def _say(self, by: Caller, act: str, draw: Draw, **detail: str | int | float) -> None:
        self._access.audit(by.user, act, subject=draw.id, purpose="", detail=detail)


def _named(message: bytes) -> str:
    """The challenge that a message says it belongs to; nothing of it is believed yet."""
    from tocsin.evaluate.recognition.messages import peek

    named = str(peek(message)[1].get("challenge", ""))
    return named if len(named) == SHA256_CHARS else ""
