"""The side that holds the key: it learns the client's padded size, and what the client tells it at the end.

Enters: a client's messages, each as bytes. Leaves: the one answer to each. Refuses: all that is not the next message
of an honest client; the first refusal ends the session. A message that comes again because its answer was lost gets
the same answer, and nothing is computed or spent a second time.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.kernel import BadInput, NotAllowed
from tocsin.kernel.clock import Clock, micros
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching import messages
from tocsin.trust.matching.kinds import Inputs
from tocsin.trust.matching.layout import Place, laid_out
from tocsin.trust.matching.messages import (
    SALT_BYTES,
    TOKEN_BYTES,
    Acceptance,
    Ask,
    Blinded,
    Evaluated,
    Message,
    Outcome,
    Part,
    Proposal,
    Question,
    Received,
    Reveal,
    Tags,
)
from tocsin.trust.matching.party import DONE, Party
from tocsin.trust.matching.sizes import chunk, chunk_size, chunks, padded, shuffled, split
from tocsin.trust.matching.tags import bound, key_of, mode_of, tag_of, token_of
from tocsin.trust.matching.terms import Spending, Terms, most_points, require
from tocsin.trust.ristretto import POINT_BYTES
from tocsin.trust.seal import Entropy


class Learnt(NamedTuple):
    """What the client told where both learn it: the server's own values, or a rounded count that nothing proves."""

    values: frozenset[bytes]
    number: int | None


class Server(Party):
    """One session on the side of the key. Not for several threads at once."""

    def __init__(
        self,
        me: str,
        peer: str,
        inputs: Inputs,
        *,
        terms: Terms | None,
        spending: Spending,
        seed: bytes,
        clock: Clock,
        entropy: Entropy,
        workers: int = 1,
        layout: Sequence[Place] | None = None,
    ) -> None:
        """`peer` is whom the signed exchange names; `seed` is the epoch's secret, destroyed after it.

        `layout` is given where it was committed to before (`accountable`), and drawn otherwise.
        """
        super().__init__()
        self._me, self._peer, self._inputs = me, peer, inputs
        self._terms, self._spending, self._seed = terms, spending, seed
        self._clock, self._entropy, self._workers, self._layout = clock, entropy, workers, layout
        self._proposal: Proposal | None = None
        self._key = oprf.KeyPair(b"", b"")
        self._context = b""
        self._asked: set[bytes] = set()
        self._heard_parts = self._told_tags = self._told_evaluated = self._outcomes = 0
        self._evaluated: list[bytes] = []
        self._tags: list[bytes] = []
        self._tokens: dict[bytes, bytes] = {}
        self._found: set[bytes] = set()
        self._count: int | None = None
        self._last = b"", b""

    @property
    def learnt(self) -> Learnt:
        """What the client told so far."""
        return Learnt(frozenset(self._found), self._count)

    def answer(self, raw: bytes) -> bytes:
        """The answer to the client's next message. Raises NotAllowed, BadInput, Conflict; each ends the session."""
        if raw and raw == self._last[0] and self._over in {"", DONE}:
            return self._last[1]
        with self._going():
            if self._proposal is None:
                answer = self._said(self._opened(raw))
                self._context = messages.context_of(self._transcript)
            else:
                answer = self._said(self._next(raw, self._proposal))
        self._last = raw, answer
        return answer

    def prepare(self) -> None:
        """Compute the tags now, while the client is still blinding: they need nothing of it but its acceptance."""
        if self._proposal is None:
            raise BadInput("there is no session yet; prepare it after the proposal")
        with self._going():
            self._make_tags(self._proposal)

    def _opened(self, raw: bytes) -> Message:
        proposal = self._heard(raw, Proposal)
        require(self._terms, proposal, self._me, self._peer, self._clock())
        if proposal.kind is not self._inputs.kind:
            raise BadInput("the proposal is of another kind than this side's set")
        assert self._terms is not None
        self._spending.begin(proposal, most_points(self._terms, proposal.kind))
        self._session, self._proposal = proposal.session, proposal
        self._key = key_of(self._seed, self._peer, self._me, proposal.kind, proposal.question, proposal.epoch)
        return Acceptance(
            session=self._session,
            after=self._transcript.digest,
            salt=self._entropy(SALT_BYTES),
            public=self._key.public,
            tags=padded(len(self._inputs.values)),
        )

    def _next(self, raw: bytes, proposal: Proposal) -> Message:
        assert self._terms is not None
        if micros(self._clock()) >= self._terms.until:
            raise NotAllowed("what was agreed with this peer has ended; its operator asks ours first")
        if self._heard_parts < chunks(proposal.points):
            return self._evaluate(self._heard(raw, Blinded), proposal)
        if proposal.reveal is Reveal.BOTH and self._told_tags == chunks(len(self._tags)) and self._tags:
            return self._outcome(self._heard(raw, Outcome), proposal)
        return self._tell(self._heard(raw, Ask), proposal)

    def _evaluate(self, part: Blinded, proposal: Proposal) -> Message:
        points = split(part.points, POINT_BYTES)
        if part.index != self._heard_parts or len(part.points) != POINT_BYTES * chunk_size(
            proposal.points, part.index
        ):
            raise BadInput("a part of the set is not the next one, or not of its size")
        if not self._asked.isdisjoint(points) or len(set(points)) < len(points):
            raise BadInput("a point came twice; honest sets hold no duplicates")
        self._asked.update(points)
        evaluated = oprf.evaluate(self._key.secret, points, self._workers)
        self._heard_parts += 1
        after = self._transcript.digest
        if proposal.question is Question.HOW_MANY:
            self._evaluated.extend(evaluated)
            if self._heard_parts == chunks(proposal.points):
                self._evaluated = shuffled(self._evaluated, self._entropy)
            return Received(session=self._session, after=after, index=part.index)
        nonce = ristretto.draw_scalar(self._entropy)
        proof = oprf.prove(self._key, points, evaluated, nonce, self._workers)
        return Evaluated(
            session=self._session, after=after, index=part.index, points=b"".join(evaluated), proof=proof
        )

    def _tell(self, ask: Ask, proposal: Proposal) -> Message:
        after = self._transcript.digest
        hidden = proposal.question is Question.HOW_MANY and self._told_evaluated < chunks(proposal.points)
        wanted = (Part.EVALUATED, self._told_evaluated) if hidden else (Part.TAGS, self._told_tags)
        if (ask.part, ask.index) != wanted:
            raise BadInput(f"part {wanted[1]} of {wanted[0]} comes next")
        if hidden:
            self._told_evaluated += 1
            points = b"".join(chunk(self._evaluated, ask.index))
            return Evaluated(session=self._session, after=after, index=ask.index, points=points, proof=b"")
        self._make_tags(proposal)
        tags = chunk(self._tags, ask.index)
        if not tags:
            raise BadInput("there are no more tags")
        self._told_tags += 1
        if self._told_tags == chunks(len(self._tags)) and proposal.reveal is Reveal.CLIENT:
            self._end(DONE)
        return Tags(session=self._session, after=after, index=ask.index, tags=b"".join(tags))

    def _make_tags(self, proposal: Proposal) -> None:
        if self._tags:
            return
        mode, secret = mode_of(proposal.question), self._key.secret
        size = padded(len(self._inputs.values))
        places = self._layout or laid_out(self._inputs.values, size, None, self._entropy)
        tags: list[bytes] = []
        for index in range(chunks(size)):  # so that what lies between an input and its tag is never all there
            part = chunk(places, index)
            inputs = [bound(self._context, one.value) for one in part]
            if proposal.question is Question.WHICH:
                outputs = oprf.own_outputs(mode, secret, inputs, self._workers)
                if proposal.reveal is Reveal.BOTH:
                    mine = zip(outputs, part, strict=True)
                    self._tokens.update((token_of(one), place.value) for one, place in mine if place.real)
            else:
                outputs = oprf.own_elements(mode, secret, inputs, self._workers)
            tags.extend(tag_of(one) for one in outputs)
        self._tags = tags

    def _outcome(self, told: Outcome, proposal: Proposal) -> Message:
        if proposal.question is Question.HOW_MANY:
            if told.index or told.tokens or told.total > min(proposal.points, len(self._inputs.values)):
                raise BadInput("a count comes alone, and is no greater than either set")
            self._count = told.total
            self._end(DONE)
            return Received(session=self._session, after=self._transcript.digest, index=0)
        tokens = split(told.tokens, TOKEN_BYTES)
        expected = chunk_size(told.total, told.index) if told.total else 0
        if told.index != self._outcomes or len(told.tokens) != expected * TOKEN_BYTES:
            raise BadInput("a part of the outcome is not the next one, or not of its size")
        if len(set(tokens)) < len(tokens) or not all(token in self._tokens for token in tokens):
            raise BadInput("the peer claims a match that it does not have")
        found = {self._tokens[token] for token in tokens}
        if not self._found.isdisjoint(found):
            raise BadInput("the peer claims one match twice")
        self._found |= found
        self._outcomes += 1
        if self._outcomes >= chunks(told.total):
            self._end(DONE)
        return Received(session=self._session, after=self._transcript.digest, index=told.index)
