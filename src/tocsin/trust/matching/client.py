"""The side that asks: it learns which of its inputs the server has too, or how many, and the server's padded size.

Enters: the server's answers, each as bytes. Leaves: the next message. Refuses: all that is not the next answer of an
honest server; the first refusal ends the session, and what was found by then is thrown away.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.clock import Clock, micros
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching.kinds import Inputs
from tocsin.trust.matching.layout import Place, laid_out
from tocsin.trust.matching.messages import (
    SESSION_BYTES,
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
    context_of,
)
from tocsin.trust.matching.party import DONE, Party
from tocsin.trust.matching.sizes import (
    TAG_BYTES,
    chunk,
    chunk_size,
    chunks,
    overwrite,
    padded,
    require_step,
    rounded,
    shuffled,
    split,
)
from tocsin.trust.matching.tags import bound, mode_of, tag_of, token_of
from tocsin.trust.matching.terms import Spending, epoch_of
from tocsin.trust.ristretto import POINT_BYTES
from tocsin.trust.seal import Entropy


class Found(NamedTuple):
    """The answer: the inputs that both have, or how many, rounded down."""

    values: frozenset[bytes]
    number: int


class _Asked(NamedTuple):
    """One point of the set as it was sent: the value behind it, or None for padding, and what takes its blind away."""

    value: bytes | None
    input: bytes
    inverse: bytes
    point: bytes


_GONE = _Asked(None, b"", b"", b"")
"""In the place of a point that was answered: of a million, half a gigabyte goes as the answers come."""


class Client(Party):
    """One session on the side that asks. Not for several threads at once."""

    def __init__(
        self,
        me: str,
        peer: str,
        inputs: Inputs,
        *,
        question: Question,
        reveal: Reveal,
        purpose: str,
        spending: Spending,
        most: int,
        clock: Clock,
        entropy: Entropy,
        workers: int = 1,
        session: bytes = b"",
        layout: Sequence[Place] | None = None,
    ) -> None:
        """`most` points of this kind may go to this peer in a week; `session` is drawn here where it is empty.

        `layout` is given where it was committed to before (`accountable`), and drawn otherwise; `spending` may fill it.
        """
        super().__init__()
        self._inputs, self._spending, self._most = inputs, spending, most
        self._entropy, self._workers, self._layout = entropy, workers, layout
        now = clock()
        self._proposal = Proposal(
            format=1,
            session=session or entropy(SESSION_BYTES),
            client=me,
            server=peer,
            kind=inputs.kind,
            question=question,
            reveal=reveal,
            purpose=purpose,
            epoch=epoch_of(now),
            made=micros(now),
            points=padded(len(inputs.values)),
        )
        self._session = self._proposal.session
        self._context = self._public = b""
        self._server_size = 0
        self._asked: list[_Asked] = []
        self._blind = b""
        self._answers: set[bytes] = set()
        self._by_tag: dict[bytes, bytes] = {}
        self._token_by_tag: dict[bytes, bytes] = {}
        self._tags: set[bytes] = set()
        self._tokens: list[bytes] = []
        self._found: Found | None = None
        self._index = 0
        self._expects: Callable[[bytes], None] = self._nothing

    def speak(self) -> Iterator[bytes]:
        """Every message in its turn; each is followed by `hear` of its answer. Raises as `hear` does."""
        yield self._turn(self._proposal)
        yield from self._ask_all()
        yield from self._fetch(Part.TAGS, self._server_size)
        self._conclude()
        if self._proposal.reveal is Reveal.BOTH:
            yield from self._tell_all()
        self._end(DONE)

    @property
    def proposal(self) -> Proposal:
        """What this session is: its first message."""
        return self._proposal

    @property
    def turns(self) -> int:
        """How many messages there are up to the last tag, as far as the sizes are known by now."""
        twice = 1 + (self._proposal.question is Question.HOW_MANY)
        return 1 + twice * chunks(self._proposal.points) + chunks(self._server_size or self._proposal.points)

    @property
    def found(self) -> Found:
        """The answer, once all tags are there. Raises Conflict before."""
        if self._found is None:
            raise Conflict("the session has no answer yet")
        return self._found

    def hear(self, raw: bytes) -> None:
        """The server's answer to the last message. Raises BadInput, Conflict, NotAllowed; each ends the session."""
        with self._going():
            self._expects(raw)

    def _turn(self, message: Message) -> bytes:
        with self._going():
            if isinstance(message, Proposal):
                self._spending.begin(message, self._most)
                self._expects = self._accepted
            return self._said(message)

    def _accepted(self, raw: bytes) -> None:
        acceptance = self._heard(raw, Acceptance)
        require_step(acceptance.tags)
        self._public = ristretto.checked_point(acceptance.public)
        self._server_size = acceptance.tags
        self._context = context_of(self._transcript)
        self._expects = self._nothing
        self._blind_all()

    def _nothing(self, raw: bytes) -> None:
        raise BadInput("a message came out of its turn: nothing was asked")

    def _blind_all(self) -> None:
        question, values = self._proposal.question, self._inputs.values
        places = self._layout or laid_out(values, self._proposal.points, question, self._entropy)
        inputs = [bound(self._context, one.value) for one in places]
        blinds = [one.blind for one in places]
        blinding = oprf.blind_by(mode_of(question), inputs, blinds, self._workers)
        if question is Question.HOW_MANY:
            self._blind = blinds[0]
        meant = [one.value if one.real else None for one in places]
        self._asked = [_Asked(*one) for one in zip(meant, inputs, *blinding, strict=True)]

    def _ask_all(self) -> Iterator[bytes]:
        for index in range(chunks(self._proposal.points)):
            part = chunk(self._asked, index)
            points = b"".join(one.point for one in part)
            self._expects = self._evaluated if self._proposal.question is Question.WHICH else self._received
            self._index = index
            yield self._turn(
                Blinded(session=self._session, after=self._transcript.digest, index=index, points=points)
            )
        if self._proposal.question is Question.HOW_MANY:
            yield from self._fetch(Part.EVALUATED, self._proposal.points)

    def _fetch(self, part: Part, size: int) -> Iterator[bytes]:
        for index in range(chunks(size)):
            self._expects = self._tagged if part is Part.TAGS else self._hidden
            self._index = index
            yield self._turn(
                Ask(session=self._session, after=self._transcript.digest, part=part, index=index)
            )

    def _received(self, raw: bytes) -> None:
        if self._heard(raw, Received).index != self._index:
            raise BadInput("an answer is for another part")
        overwrite(self._asked, self._index, _GONE)
        self._expects = self._nothing

    def _points(self, raw: bytes) -> tuple[Evaluated, list[bytes]]:
        told = self._heard(raw, Evaluated)
        points = split(told.points, POINT_BYTES)
        expected = POINT_BYTES * chunk_size(self._proposal.points, self._index)
        if told.index != self._index or len(told.points) != expected:
            raise BadInput("an answer is for another part, or not of its size")
        if not self._answers.isdisjoint(points) or len(set(points)) < len(points):
            raise BadInput("one answer came twice; different points have different ones")
        if (
            self._proposal.question is Question.HOW_MANY
        ):  # elsewhere the proof of one key says so for all parts
            self._answers.update(points)
        self._expects = self._nothing
        return told, points

    def _evaluated(self, raw: bytes) -> None:
        told, points = self._points(raw)
        part = chunk(self._asked, self._index)
        sent = [one.point for one in part]
        oprf.require_one_key(self._public, sent, points, told.proof, self._workers)
        inputs, blinds = [one.input for one in part], [one.inverse for one in part]
        outputs = oprf.finalize(inputs, blinds, points, self._workers)
        both = self._proposal.reveal is Reveal.BOTH
        for one, output in zip(part, outputs, strict=True):
            if one.value is not None:
                tag = tag_of(output)
                self._by_tag[tag] = one.value
                if both:
                    self._token_by_tag[tag] = token_of(output)
        overwrite(self._asked, self._index, _GONE)

    def _hidden(self, raw: bytes) -> None:
        told, points = self._points(raw)
        if told.proof:
            raise BadInput("there is no proof of answers whose order is hidden")
        inverse = ristretto.inverses([self._blind])[0]
        elements = oprf.unblind([inverse] * len(points), points, self._workers)
        self._by_tag |= {tag_of(element): b"" for element in elements}

    def _tagged(self, raw: bytes) -> None:
        told = self._heard(raw, Tags)
        tags = split(told.tags, TAG_BYTES)
        if told.index != self._index or len(told.tags) != TAG_BYTES * chunk_size(
            self._server_size, self._index
        ):
            raise BadInput("an answer is for another part, or not of its size")
        if not self._tags.isdisjoint(tags) or len(set(tags)) < len(tags):
            raise BadInput("a tag came twice; honest sets hold no duplicates")
        self._tags.update(tags)
        self._expects = self._nothing

    def _conclude(self) -> None:
        common = self._tags & self._by_tag.keys()
        if self._proposal.question is Question.HOW_MANY:
            self._found = Found(frozenset(), rounded(len(common)))
        else:
            self._found = Found(frozenset(self._by_tag[tag] for tag in common), len(common))
            if self._proposal.reveal is Reveal.BOTH:
                self._tokens = shuffled([self._token_by_tag[tag] for tag in common], self._entropy)

    def _tell_all(self) -> Iterator[bytes]:
        tokens = self._tokens if self._proposal.question is Question.WHICH else []
        total = self.found.number
        for index in range(max(chunks(len(tokens)), 1)):
            self._expects = self._received
            self._index = index
            part = b"".join(chunk(tokens, index))
            yield self._turn(
                Outcome(
                    session=self._session,
                    after=self._transcript.digest,
                    index=index,
                    total=total,
                    tokens=part,
                )
            )
