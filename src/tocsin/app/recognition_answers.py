"""The side that is challenged: its nonce for a challenge, its outcomes for a reveal, of its own kept evaluation.

A nonce is kept before it is given, and given once for a challenge; outcomes are opened once for a reveal. The same
message again gets the same bytes.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tocsin.app.access import Access
from tocsin.app.release_key import release_key
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotFound, micros
from tocsin.kernel.evaluations import KeptEvaluation
from tocsin.kernel.plans import RegisteredPlan
from tocsin.kernel.recognition import Draw, DrawState
from tocsin.store.interface import Store
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:  # heavy: a node opens without it
    from tocsin.evaluate.recognition.policy import Policy

NONCE_BYTES = 32

MOST = 1_000
"""Samples that a challenge may draw, unless who answers says otherwise: a draw of all is a copy of the sheet."""


class Answers:
    """Part of `Recognitions`, which asks first whether the caller may."""

    def __init__(
        self, store: Store, access: Access, data: Path, node_id: str, clock: Clock, entropy: Entropy
    ) -> None:
        self._store = store
        self._access = access
        self._data = data
        self._node_id = node_id
        self._clock = clock
        self._entropy = entropy

    def answer(self, by: Caller, message: bytes, policy: "Policy", most: int) -> bytes:
        """Raises NotFound, Conflict, BadInput, ProtocolFault."""
        from tocsin.evaluate.recognition.messages import Challenge, Reveal, peek

        kind, said = peek(message)
        if kind == Challenge.KIND:
            return self._accept(by, message, str(said.get("by", "")), policy, most)
        if kind == Reveal.KIND:
            return self._open(by, message, str(said.get("challenge", "")), policy)
        raise BadInput(f"the {kind} is for the challenger: `tocsin evaluation draw` or `recognise` takes it")

    def _accept(self, by: Caller, message: bytes, challenger: str, policy: "Policy", most: int) -> bytes:
        from tocsin.evaluate.recognition.messages import Acceptance, Challenge, read, write
        from tocsin.evaluate.recognition.protocol import check_challenge

        challenge, identity = read(message, Challenge, policy.key_of(challenger))
        draws = self._store.recognitions
        if (kept := draws.draw(identity)) is not None:
            return kept.messages[1]
        if challenge.samples > most:
            raise Conflict(
                f"{challenger} asks for {challenge.samples} outcomes; {most} is the most, unless --most says otherwise"
            )
        known, registered = self._evaluation(challenge.evaluation)
        before = draws.draws(challenger=challenger, evaluation=challenge.evaluation, sheet=challenge.sheet)
        check_challenge(challenge, known.evaluation, registered, drawn_before=[one.id for one in before])
        nonce = self._entropy(NONCE_BYTES)
        answer = write(
            Acceptance(
                evaluation=challenge.evaluation,
                challenge=identity,
                nonce=nonce.hex(),
                by=self._node_id,
                at=micros(self._clock()),
            ),
            release_key(self._data),
        )
        draw = Draw(
            id=identity,
            challenger=challenger,
            node=self._node_id,
            evaluation=challenge.evaluation,
            sheet=challenge.sheet,
            # as we saw them: a challenge that never reached us counts for the challenger alone
            number=len(before) + 1,
            at=micros(self._clock()),
            state=DrawState.ACCEPTED,
            messages=(message, answer.envelope),
        )
        with self._store.together():
            draws.begin(draw)
            self._access.audit(
                by.user,
                "evaluation.accept-draw",
                subject=identity,
                purpose="",
                detail={"of": challenger, "samples": challenge.samples, "number": challenge.number},
            )
        return answer.envelope

    def _open(self, by: Caller, message: bytes, identity: str, policy: "Policy") -> bytes:
        from tocsin.evaluate.recognition.messages import Acceptance, Challenge, Opening, Reveal, read, write
        from tocsin.evaluate.recognition.protocol import check_reveal, opened, subset

        draw = self._store.recognitions.draw(identity)
        if draw is None or draw.node != self._node_id:
            raise NotFound("no challenge of this reveal was accepted here")
        theirs, ours = policy.key_of(draw.challenger), release_key(self._data)
        reveal, reveal_id = read(message, Reveal, theirs)
        if draw.state is DrawState.OPENED:
            if message == draw.messages[2]:
                return draw.messages[3]
            raise Conflict("this draw was opened for another reveal already")
        challenge, challenge_id = read(draw.messages[0], Challenge, theirs)
        accepted, acceptance_id = read(draw.messages[1], Acceptance, ours.public_key())
        check_reveal(reveal, challenge, challenge_id, accepted, acceptance_id)
        known, registered = self._evaluation(draw.evaluation)
        drawn = subset(challenge, challenge_id, registered, theirs=accepted.nonce, nonce=reveal.nonce)
        answer = write(
            Opening(
                evaluation=draw.evaluation,
                challenge=challenge_id,
                reveal=reveal_id,
                samples=opened(drawn, known, registered),
                by=self._node_id,
                at=micros(self._clock()),
            ),
            ours,
        )
        closed = msgspec.structs.replace(
            draw, state=DrawState.OPENED, messages=(*draw.messages, message, answer.envelope)
        )
        with self._store.together():
            self._store.recognitions.advance(closed, before=DrawState.ACCEPTED)
            self._access.audit(
                by.user,
                "evaluation.open-draw",
                subject=identity,
                purpose="",
                detail={"of": draw.challenger, "samples": len(drawn.ids)},
            )
        return answer.envelope

    def _evaluation(self, identity: str) -> tuple[KeptEvaluation, RegisteredPlan]:
        found = self._store.evaluations.get(identity)
        registered = None if found is None else self._store.evaluation_plans.get(found.registration)
        if found is None or registered is None:
            raise NotFound("that evaluation is not kept here")
        return KeptEvaluation(found, self._store.evaluations.runs(identity)), registered
