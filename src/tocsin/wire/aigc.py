"""The field `AIGC` of GB 45438-2025: JSON in which a producer says that a content was generated, and who passed it on.

Written strictly (seven keys, strings, one object); read as producers really write it: a number for `Label`, the word
"AIGC" for 1, the object inside another under `AIGC`, JSON inside JSON, keys in other letters, keys of their own.
"""

import json
from typing import Any

import msgspec

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.labels import MAX_NAME_CHARS, Certainty, ContentLabel
from tocsin.wire.strict_json import TooDeep, TooMany, read_strictly

MAX_CHARS = 16_384
"""Seven strings: the longest seen is under 1,000 characters. Certificates in ReservedCode1 have room."""
MAX_VALUES = 64

_GRADES = {Certainty.CONFIRMED: "1", Certainty.POSSIBLE: "2", Certainty.SUSPECTED: "3"}
_READ = {
    **{grade: certainty for certainty, grade in _GRADES.items()},
    "aigc": Certainty.CONFIRMED,
    "ai": Certainty.CONFIRMED,
    "true": Certainty.CONFIRMED,
}
_KEYS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
_KNOWN = {key.lower(): key for key in _KEYS}


class Aigc(msgspec.Struct, frozen=True):
    """One field. `guard` is ReservedCode1 (the producer's), `passing_guard` ReservedCode2 (the propagator's).

    `odd` are stable codes of how it strays from the standard: "label-in-words", "nested", "keys-twice", "no-producer".
    """

    label: ContentLabel
    guard: str = ""
    passing_guard: str = ""
    odd: tuple[str, ...] = ()


def written(aigc: Aigc) -> str:
    """The field's text. Raises BadInput for names that are empty or too long."""
    label = aigc.label
    _check(label)
    return _dumped(
        {
            "Label": _GRADES[label.certainty],
            "ContentProducer": label.producer,
            "ProduceID": label.content_id,
            "ReservedCode1": aigc.guard,
            "ContentPropagator": label.propagator,
            "PropagateID": label.propagation_id,
            "ReservedCode2": aigc.passing_guard,
        }
    )


def read(text: str) -> Aigc:
    """What a field says. Raises BadInput for what no reading makes sense of, TooLarge."""
    found, odd = _object(text)
    said: dict[str, str] = {}
    for key, value in found.items():
        known = _KNOWN.get(key.lower())
        if known is not None and value is not None and not isinstance(value, dict | list):
            said[known] = str(value)
    grade = said.get("Label", "").strip()
    certainty = _READ.get(grade.lower())
    if certainty is None:
        raise BadInput("a field AIGC says 1, 2 or 3 as its Label; this one says neither")
    if grade not in _GRADES.values():
        odd = (*odd, "label-in-words")
    if not said.get("ContentProducer"):
        odd = (*odd, "no-producer")
    label = ContentLabel(
        said.get("ContentProducer", ""),
        said.get("ProduceID", ""),
        certainty,
        said.get("ContentPropagator", ""),
        said.get("PropagateID", ""),
    )
    return Aigc(label, said.get("ReservedCode1", ""), said.get("ReservedCode2", ""), odd)


def joined(there: str | None, ours: Aigc) -> str:
    """The field to write where `there` may stand already: only one may, so another producer's is kept.

    1. Nothing there, or what this producer wrote: ours. 2. Another's: as it is, with us as who passed it on.
    Raises Conflict when it is another's and `ours` names no propagator, or another propagator's name stands in it.
    """
    _check(ours.label)
    if there is None:
        return written(ours)
    found, _ = _object(there)
    known = read(there)
    if known.label.producer == ours.label.producer:
        return written(ours)
    if not ours.label.propagator:
        raise Conflict(
            "the file carries another producer's label, and only one may stand: pass it on instead, by naming yourself"
            " as its propagator"
        )
    if known.label.propagator not in ("", ours.label.propagator):
        raise Conflict("the file's label names another propagator already: it says who passed it on first")
    kept = {_KNOWN.get(key.lower(), key): value for key, value in found.items()}
    return _dumped(
        kept
        | {
            "ContentPropagator": ours.label.propagator,
            "PropagateID": ours.label.propagation_id,
            "ReservedCode2": ours.passing_guard,
        }
    )


def _object(text: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The object of the field, and what is odd about it."""
    if len(text) > MAX_CHARS:
        raise TooLarge(f"a field AIGC has at most {MAX_CHARS} characters")
    odd: list[str] = []
    value: Any = text
    for _ in range(2):  # JSON, or JSON as a string of JSON
        if isinstance(value, str):
            try:
                strict = read_strictly(value.strip(), values=MAX_VALUES)
            except (ValueError, RecursionError, TooDeep, TooMany):
                raise BadInput("the field AIGC is not JSON") from None
            if not strict.whole:
                raise BadInput("the field AIGC is not JSON alone")
            if strict.twice:
                odd.append("keys-twice")
            value = strict.value
    inner = value.get("AIGC") if isinstance(value, dict) else None
    if isinstance(inner, str):
        return _object(inner)
    if isinstance(inner, dict):
        odd.append("nested")
        value = inner
    if not isinstance(value, dict):
        raise BadInput("the field AIGC is not a JSON object")
    return value, tuple(odd)


def _check(label: ContentLabel) -> None:
    if not label.producer or not label.content_id:
        raise BadInput("a label names its producer and the producer's number of the content")
    if bool(label.propagator) != bool(label.propagation_id):
        raise BadInput("a propagator comes with its own number of the content: name both or neither")
    for name in (label.producer, label.content_id, label.propagator, label.propagation_id):
        if len(name) > MAX_NAME_CHARS or not all(character.isprintable() for character in name):
            raise BadInput(f"names in a label have at most {MAX_NAME_CHARS} printable characters")


def _dumped(value: dict[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text) > MAX_CHARS:
        raise TooLarge(f"a field AIGC has at most {MAX_CHARS} characters")
    return text
