"""The four messages of a re-run and its result, as signed files: in-toto statements about one evaluation, in DSSE.

Enters: bytes, and the key that must have signed them. Leaves: a message and its digest, which the next one names.
Refuses: another's signature, another kind of message, more than the bounds. Any channel will do; a mail is enough.
"""

import hashlib
import re
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, TypeVar

import msgspec

from tocsin.evaluate.recognition.comparing import Margins
from tocsin.evaluate.recognition.sizing import MAX_DRAWN
from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.evaluations import Outcome
from tocsin.trust.signing_keys import PrivateKey, PublicKey, key_id, sealed, signed_by
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes, parse_envelope
from tocsin.wire.in_toto import Statement, Subject, parse_statement

MAX_DRAWS = 100
"""Draws of one sheet of one evaluation by one challenger. Who needs more is fishing."""

MAX_TEXT_CHARS = 500
"""A node id, a sheet's name, a reason."""

MAX_PATH_HASHES = 64
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_ANSWER = re.compile(r"(?:[0-9a-f]{64})?\Z")


class Fault(StrEnum):
    """What a side did that the protocol does not allow. Each has one meaning, kept."""

    NOT_SIGNED = "not-signed"
    """By the key that the policy names for this node."""
    OTHER_MESSAGE = "other-message"
    """Another kind of message than its turn asks for."""
    OTHER_EVALUATION = "other-evaluation"
    NOT_FOR_US = "not-for-us"
    REPLAYED = "replayed"
    """It answers a challenge that is not open, or was answered otherwise before."""
    HIDDEN_DRAW = "hidden-draw"
    """A challenge that counts fewer draws than there were."""
    OTHER_NONCE = "other-nonce"
    """Not the nonce that was committed to."""
    OTHER_SAMPLES = "other-samples"
    """Samples were opened that were not drawn."""
    OMITTED = "omitted"
    """A drawn sample was not opened."""
    NOT_COMMITTED = "not-committed"
    """An outcome is not the one under the root of the signed evaluation, or not in its place there."""
    OTHER_RUN = "other-run"
    """The re-run is of another task, version, model, condition or prompt, or lacks a drawn sample."""


class ProtocolFault(Conflict):
    """The other side broke the protocol; the draw stays as it was, and the fault is kept with it."""

    code = "protocol-fault"

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault


class Challenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first: which evaluation, how many samples of which sheet, and a commitment to our nonce.

    `number` counts the draws of this sheet by this challenger; `earlier` names them, and `again` says why it is not the
    first. Margins are fixed here, before anybody knows a sample.
    """

    KIND: ClassVar[str] = "challenge"
    evaluation: str
    sheet: str
    samples: int
    commitment: str
    by: str
    to: str
    at: int
    number: int = 1
    earlier: tuple[str, ...] = ()
    again: str = ""
    margins: Margins = Margins()


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The second: the answering side's nonce, in the clear."""

    KIND: ClassVar[str] = "acceptance"
    evaluation: str
    challenge: str
    nonce: str
    by: str
    at: int


class Reveal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The third: our nonce, and a commitment to what we found on the drawn samples. So nobody sees first."""

    KIND: ClassVar[str] = "reveal"
    evaluation: str
    challenge: str
    acceptance: str
    nonce: str
    outcomes: str
    runs: int
    by: str
    at: int


class OpenedSample(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """One drawn sample as the evaluation has it, and the hashes beside its way to the root, hex, from below."""

    id: str
    outcome: Outcome
    answer: str
    path: tuple[str, ...] = ()


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The fourth: exactly the drawn samples, sorted by id. No prompt, no answer: digests."""

    KIND: ClassVar[str] = "opening"
    evaluation: str
    challenge: str
    reveal: str
    samples: tuple[OpenedSample, ...]
    by: str
    at: int


Message = Challenge | Acceptance | Reveal | Opening
M = TypeVar("M", Challenge, Acceptance, Reveal, Opening)


class Signed(NamedTuple):
    """A message as it travels. `id` is the sha256, hex, of the signed statement: signatures may vary, it does not."""

    id: str
    envelope: bytes


def predicate_type(kind: str) -> str:
    return f"urn:tocsin:recognition:{kind}:1"


def write(message: Message, key: PrivateKey) -> Signed:
    """Signed."""
    return sign(
        Statement(
            (Subject("evaluation", {"sha256": message.evaluation}),),
            predicate_type(message.KIND),
            msgspec.to_builtins(message),
        ),
        key,
    )


def sign(statement: Statement, key: PrivateKey) -> Signed:
    """Any statement, as these messages are signed."""
    payload = statement.to_bytes()
    envelope = sealed(key, IN_TOTO_TYPE, payload, keyid=key_id(key.public_key()))
    return Signed(hashlib.sha256(payload).hexdigest(), envelope_bytes(envelope))


def opened_statement(envelope: bytes, key: PublicKey) -> tuple[Statement, str]:
    """A statement that this key signed, and its digest. Raises BadInput, TooLarge, ProtocolFault."""
    found = parse_envelope(envelope)
    if found.payload_type != IN_TOTO_TYPE or not signed_by(found, key):
        raise ProtocolFault(Fault.NOT_SIGNED, "not by the key that the policy names for this node")
    return parse_statement(found.payload), hashlib.sha256(found.payload).hexdigest()


def read(envelope: bytes, kind: type[M], key: PublicKey) -> tuple[M, str]:
    """A message of this kind, and its digest. Raises BadInput, TooLarge, ProtocolFault."""
    statement, digest = opened_statement(envelope, key)
    return message_of(statement, kind), digest


def message_of(statement: Statement, kind: type[M]) -> M:
    """What the statement says, when it is of this kind. Raises BadInput, ProtocolFault."""
    if statement.predicate_type != predicate_type(kind.KIND):
        raise ProtocolFault(
            Fault.OTHER_MESSAGE, f"{statement.predicate_type[:100]} where {predicate_type(kind.KIND)} is due"
        )
    try:
        message = msgspec.convert(statement.predicate, kind)
    except msgspec.ValidationError as error:
        raise BadInput(f"the {kind.KIND} cannot be read: {error}") from None
    if [one.digest for one in statement.subjects] != [{"sha256": message.evaluation}]:
        raise BadInput(f"the {kind.KIND} is about another evaluation than it is signed over")
    _check(message)
    return message


def peek(envelope: bytes) -> tuple[str, dict[str, Any]]:
    """The kind of a message and what it says, to find whose key to try: nothing of it is believed yet."""
    statement = parse_statement(parse_envelope(envelope).payload)
    for kind in (Challenge, Acceptance, Reveal, Opening):
        if statement.predicate_type == predicate_type(kind.KIND):
            return kind.KIND, statement.predicate
    raise BadInput(f"{statement.predicate_type[:100]} is no message of a re-run")


def _check(message: Message) -> None:
    hexes = [message.evaluation]
    texts = [message.by]
    match message:
        case Challenge():
            hexes += [message.commitment, *message.earlier]
            texts += [message.to, message.sheet, message.again]
            _check_challenge(message)
        case Acceptance():
            hexes += [message.challenge, message.nonce]
        case Reveal():
            hexes += [message.challenge, message.acceptance, message.nonce, message.outcomes]
        case Opening():
            hexes += [message.challenge, message.reveal]
            if len(message.samples) > MAX_DRAWN:
                raise BadInput(f"an opening has at most {MAX_DRAWN} samples")
            texts += [one.id for one in message.samples]
            for one in message.samples:
                hexes += one.path
                if len(one.path) > MAX_PATH_HASHES or not _ANSWER.match(one.answer):
                    raise BadInput(
                        "an opened sample has a path of hashes, and the sha256 of its answer or nothing"
                    )
    if not all(map(_HEX.match, hexes)):
        raise BadInput(f"the {message.KIND} has a digest that is not sha256 in lower-case hexadecimal")
    if max(map(len, texts)) > MAX_TEXT_CHARS:
        raise BadInput(f"the {message.KIND} has a text of over {MAX_TEXT_CHARS} characters")


def _check_challenge(message: Challenge) -> None:
    if not 1 <= message.samples <= MAX_DRAWN:
        raise BadInput(f"a challenge draws 1 to {MAX_DRAWN} samples, not {message.samples}")
    if not 1 <= message.number <= MAX_DRAWS or len(message.earlier) != message.number - 1:
        raise BadInput(f"a challenge names every earlier draw, {MAX_DRAWS} at most")
    if not all(0 <= share < 1 for share in (message.margins.margin, message.margins.invalid_limit)):
        raise BadInput("margins are shares, 0 to 1")
