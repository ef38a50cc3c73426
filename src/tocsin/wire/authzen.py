"""The AuthZEN Authorization API 1.0 (OpenID), as far as a decision goes: requests in, answers out.

Enters: bytes. Leaves: `AccessRequest`s; JSON. Refuses: more than the bounds, an act that is none of ours. What else a
request says (properties, context) is dropped here, unread: an attribute comes through only where an overlay that is on
asks for it.
"""

import base64
import binascii
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.admission import AccessAct, AccessAnswer, AccessRequest
from tocsin.wire.strict_json import decode

MAX_REQUEST_BYTES = 64 << 10
"""One question: a record of a person in the loop has some 2,000 bytes, and the rest is names."""

MAX_EVALUATIONS = 50
"""In one batch: each may be a decision that was never made before."""

MAX_BATCH_BYTES = 512 << 10
MAX_VALUES = 10_000
"""In one body: a batch of fifty with what gateways say besides."""

MAX_ID_CHARS = 256
MAX_PURPOSE_CHARS = 64
MAX_ATTRIBUTE_CHARS = 64
MAX_CONTROL_CHARS = 24_576

SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:*-]{0,63}")
_PURPOSE = re.compile(r"([a-z][a-z0-9-]{1,63})?")
_DIGEST = re.compile(r"([0-9a-f]{64})?")


class _Entity(msgspec.Struct, frozen=True):
    type: str
    id: str
    properties: dict[str, Any] = {}


class _Action(msgspec.Struct, frozen=True):
    name: str
    properties: dict[str, Any] = {}


class _Evaluation(msgspec.Struct, frozen=True):
    subject: _Entity | None = None
    action: _Action | None = None
    resource: _Entity | None = None
    context: dict[str, Any] | None = None


class _Options(msgspec.Struct, frozen=True):
    evaluations_semantic: str = SEMANTICS[0]


class _Evaluations(_Evaluation, frozen=True):
    evaluations: tuple[_Evaluation, ...] = ()
    options: _Options = _Options()


_Kind = TypeVar("_Kind", bound=_Evaluation)


class Batch(msgspec.Struct, frozen=True):
    """Several questions in order, and after which answer the rest is left out."""

    requests: tuple[AccessRequest, ...]
    semantic: str = SEMANTICS[0]

    def ends_after(self, *, granted: bool) -> bool:
        """Whether nothing is asked after this answer."""
        return self.semantic == SEMANTICS[2 if granted else 1]


def read_evaluation(data: bytes, attributes: Collection[str] = ()) -> AccessRequest:
    """One question. Raises BadInput, TooLarge."""
    return _request(_decoded(data, _Evaluation, MAX_REQUEST_BYTES), attributes)


def read_evaluations(data: bytes, attributes: Collection[str] = ()) -> Batch:
    """Several questions (section 7); what one leaves out is taken from beside them. Raises BadInput, TooLarge."""
    found = _decoded(data, _Evaluations, MAX_BATCH_BYTES)
    if len(found.evaluations) > MAX_EVALUATIONS:
        raise TooLarge(f"a batch has at most {MAX_EVALUATIONS} questions: send several")
    if found.options.evaluations_semantic not in SEMANTICS:
        raise BadInput(f"options.evaluations_semantic is one of {', '.join(SEMANTICS)}")
    asked = found.evaluations or (_Evaluation(),)
    return Batch(
        tuple(_request(_beside(one, found), attributes) for one in asked), found.options.evaluations_semantic
    )


def answer_value(answer: AccessAnswer, says: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """`decision`, and in `context` what the answer rests on. `says` are the sentences of its reasons, by language."""
    context: dict[str, Any] = {
        "reasons": [
            {
                "id": one.rule,
                "says": {language: texts[place] for language, texts in says.items()},
                **({"overlay": one.overlay} if one.overlay else {}),
            }
            for place, one in enumerate(answer.reasons)
        ],
        "change": [
            [{"id": one.id, "values": dict(one.values)} for one in together] for together in answer.change
        ],
        "obligations": [
            {"id": one.kind.value, "rule": one.rule, "values": dict(one.values)} for one in answer.obligations
        ],
        "overlays": list(answer.overlays),
        "policies": answer.policies,
        "release": answer.release,
    }
    return {"decision": answer.granted, "context": context}


def _decoded(data: bytes, kind: type[_Kind], limit: int) -> _Kind:
    value = decode(data, "a question of access", limit=limit, values=MAX_VALUES)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise BadInput(f"not an AuthZEN question: {str(error)[:200]}; docs/access.md shows one") from None


def _beside(one: _Evaluation, default: _Evaluations) -> _Evaluation:
    return _Evaluation(
        subject=one.subject or default.subject,
        action=one.action or default.action,
        resource=one.resource or default.resource,
        context=default.context if one.context is None else one.context,
    )


def _request(one: _Evaluation, attributes: Collection[str]) -> AccessRequest:
    if one.subject is None or one.action is None or one.resource is None:
        raise BadInput(
            "a question of access has a subject, an action and a resource; docs/access.md shows one"
        )
    context = one.context or {}
    return access_request(
        subject=one.subject.id,
        act=one.action.name,
        model=one.resource.id,
        capability=_text(one.resource.properties, "capability", "general"),
        purpose=_text(context, "purpose", ""),
        terms=context.get("terms_accepted") is True,
        control=_text(context, "human_control", ""),
        shown=_text(context, "shown", ""),
        input=_text(context, "input", ""),
        attributes={name: _text(one.subject.properties, name, "") for name in attributes},
    )


def access_request(
    *,
    subject: str,
    act: str,
    model: str,
    capability: str = "general",
    purpose: str = "",
    terms: bool = False,
    control: str = "",
    shown: str = "",
    input: str = "",  # noqa: A002  # the word of the request
    attributes: Mapping[str, str] | None = None,
) -> AccessRequest:
    """A question from its parts, each checked. `control` is base64. Raises BadInput naming the part."""
    if act not in frozenset(AccessAct):
        raise BadInput(f"action.name is one of {', '.join(AccessAct)}")
    for what, value in (("subject.id", subject), ("resource.id", model)):
        if not (0 < len(value) <= MAX_ID_CHARS and value.isprintable()):
            raise BadInput(f"{what} has 1 to {MAX_ID_CHARS} printable characters")
    if not _NAME.fullmatch(capability):
        raise BadInput("resource.properties.capability is a short name: letters, digits, . _ : -")
    if not _PURPOSE.fullmatch(purpose):
        raise BadInput("context.purpose is a short word in lower case: teaching, vaccine-research")
    for what, value in (("shown", shown), ("input", input)):
        if not _DIGEST.fullmatch(value):
            raise BadInput(f"context.{what} is a sha256 in lower-case hexadecimal")
    return AccessRequest(
        subject=subject,
        act=AccessAct(act),
        model=model,
        capability=capability,
        purpose=purpose,
        terms=terms,
        control=_bytes(control),
        shown=shown,
        input=input,
        attributes=tuple(
            (name, value[:MAX_ATTRIBUTE_CHARS]) for name, value in sorted((attributes or {}).items())
        ),
    )


def _text(values: Mapping[str, Any], name: str, default: str) -> str:
    value = values.get(name, default)
    if not isinstance(value, str):
        raise BadInput(f"{name} is a text")
    return value


def _bytes(text: str) -> bytes:
    if len(text) > MAX_CONTROL_CHARS:
        raise TooLarge(f"context.human_control has at most {MAX_CONTROL_CHARS} characters")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("context.human_control is the record in base64") from None
