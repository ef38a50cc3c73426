"""One condition of pySigma as our tree; what would not be run exactly as it is written is refused by name.

pySigma applies modifiers while it reads, so that a base64 value looks like any text afterwards. Hence the list of
modifiers that are taken is held against the rule as it was written, before its condition is looked at.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.fold import fold, genuine
from tocsin.wire.sigma.fields import Field, field_of
from tocsin.wire.sigma.tree import And, Compare, Exists, Is, Like, Node, Not, Or, Regex, Wild

if TYPE_CHECKING:  # the extra `rules`
    from sigma.rule import SigmaRule

MAX_CONDITION_CHARS = 1_000
MAX_CONDITION_DEPTH = 32
MAX_NODES = 2_000
"""Questions in one condition, after `1 of them` is written out."""

MAX_VALUE_CHARS = 1_000
MAX_WILDCARDS = 8
"""Wildcards inside one value: each may multiply the ways to match it."""

KEYWORDS = "text"
"""What values without a field are looked for in."""

TAKEN = {
    *("all", "cased", "contains", "dotall", "endswith", "exists", "gt", "gte", "i", "ignorecase"),
    *("lt", "lte", "m", "multiline", "neq", "re", "s", "startswith"),
}
REFUSED = {
    "cidr": "addresses are kept as pseudonyms, so that no range of them can be asked for",
    "base64": "texts are not decoded at the door; write the plain words",
    "base64offset": "texts are not decoded at the door; write the plain words",
    "fieldref": "a value is compared with what the rule says, not with another field",
    "expand": "a placeholder means nothing on another node; write the values out",
}


def condition_of(rule: "SigmaRule", where: str) -> Node:
    """The condition of a rule. Raises BadInput naming the field or modifier that is not taken."""
    said = rule.detection.parsed_condition[0].condition
    if said.count("(") > MAX_CONDITION_DEPTH or len(re.findall(r"\bnot\b", said)) > MAX_CONDITION_DEPTH:
        raise TooLarge(f"{where}: its condition nests deeper than {MAX_CONDITION_DEPTH}")
    for detection in rule.detection.detections.values():
        _check_modifiers(detection, where)
    parsed = rule.detection.parsed_condition[0].parsed
    if parsed is None:
        raise BadInput(f"{where}: its condition asks nothing")
    return _Reader(where).node(parsed)


def _check_modifiers(detection: Any, where: str) -> None:
    from sigma.modifiers import reverse_modifier_mapping
    from sigma.rule import SigmaDetection

    for item in detection.detection_items:
        if isinstance(item, SigmaDetection):
            _check_modifiers(item, where)
            continue
        for modifier in item.modifiers:
            name = reverse_modifier_mapping[modifier.__name__]
            if name not in TAKEN:
                why = REFUSED.get(name, "this node does not run it")
                raise BadInput(f"{where}: {item.field or KEYWORDS}: the modifier {name!r} is refused: {why}")


class _Reader:
    """Walks one condition and counts what it meets."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._met = 0

    def node(self, item: Any) -> Node:
        from sigma.conditions import (
            ConditionAND,
            ConditionFieldEqualsValueExpression,
            ConditionNOT,
            ConditionOR,
            ConditionValueExpression,
        )

        self._met += 1
        if self._met > MAX_NODES:
            raise TooLarge(f"{self._where}: its condition asks more than {MAX_NODES} questions")
        match item:
            case ConditionAND():
                return And(tuple(self.node(one) for one in item.args))
            case ConditionOR():
                return Or(tuple(self.node(one) for one in item.args))
            case ConditionNOT():
                return Not(self.node(item.args[0]))
            case ConditionFieldEqualsValueExpression():
                return self.leaf(item.field, item.value)
            case ConditionValueExpression():
                return self.keyword(item.value)
        raise BadInput(f"{self._where}: a condition of a kind that this node does not run")

    def keyword(self, value: Any) -> Node:
        """A value without a field: it stands somewhere in the text."""
        parts = getattr(value, "s", None)
        if parts is None or type(value).__name__ == "SigmaCasedString":
            return self.leaf(KEYWORDS, value)
        pieces = self._pieces(KEYWORDS, parts)
        return _like(field_of(KEYWORDS, self._where), _joined((Wild.MANY, *pieces, Wild.MANY)))

    def leaf(self, name: str, value: Any) -> Node:
        from sigma.types import (
            SigmaBool,
            SigmaCasedString,
            SigmaCompareExpression,
            SigmaExists,
            SigmaNull,
            SigmaNumber,
            SigmaRegularExpression,
            SigmaString,
        )

        field = field_of(name, self._where)
        if isinstance(value, SigmaExists):
            return Exists(field) if value.exists else Not(Exists(field))
        if isinstance(value, SigmaNull):
            return Not(Exists(field))
        if field.only_exists:
            raise BadInput(
                f"{self._where}: {name}: identifiers are kept as pseudonyms, and a rule may not single one out; ask"
                f" whether there is one (`{name}|exists: true`), or group by it in a correlation"
            )
        match value:
            case SigmaString():
                cased = isinstance(value, SigmaCasedString)
                if cased and field.text:
                    raise BadInput(f"{self._where}: {name}: texts have no case here; leave `cased` out")
                return _like(field, self._pieces(name, value.s), cased)
            case SigmaRegularExpression():
                return self._regex(field, value)
            case SigmaBool():
                self._only_attributes(field, "truth value")
                return Is(field, value.boolean)
            case SigmaNumber() if type(value) is SigmaNumber:
                if field.text or not field.path:  # `text: 2026` is YAML's number and the author's word
                    return _like(field, (str(value.number),))
                return Is(field, float(value.number))
            case SigmaCompareExpression():
                self._only_attributes(field, "number")
                return Compare(field, self._sign(name, value), float(value.number.number))
        raise BadInput(
            f"{self._where}: {name}: values of this kind are not run here ({type(value).__name__})"
        )

    def _only_attributes(self, field: Field, kind: str) -> None:
        if field.text or not field.path:
            raise BadInput(f"{self._where}: {field.name} is text and never a {kind}; attributes may be")

    def _sign(self, name: str, value: Any) -> Literal["<", "<=", ">", ">="]:
        signs: dict[str, Literal["<", "<=", ">", ">="]] = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
        sign = signs.get(value.op.name)
        if sign is None:
            raise BadInput(f"{self._where}: {name}: compare with gt, gte, lt or lte")
        return sign

    def _pieces(self, name: str, parts: Any) -> tuple[str | Wild, ...]:
        from sigma.types import SpecialChars

        wild = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
        pieces: list[str | Wild] = []
        for part in parts:
            if isinstance(part, str):
                pieces.append(part)
            elif part in wild:
                pieces.append(wild[part])
            else:
                raise BadInput(
                    f"{self._where}: {name}: a placeholder means nothing here; write the values out"
                )
        joined = _joined(tuple(pieces))
        if sum(len(one) for one in joined if isinstance(one, str)) > MAX_VALUE_CHARS:
            raise TooLarge(f"{self._where}: {name}: a value has at most {MAX_VALUE_CHARS} characters")
        if sum(isinstance(one, Wild) for one in joined) > MAX_WILDCARDS:
            raise TooLarge(f"{self._where}: {name}: a value has at most {MAX_WILDCARDS} wildcards")
        if any(isinstance(one, str) and "\x00" in one for one in joined):
            raise BadInput(f"{self._where}: {name}: a value holds a NUL")
        return joined

    def _regex(self, field: Field, value: Any) -> Node:
        import re2

        pattern = str(value.regexp)
        if len(pattern) > MAX_VALUE_CHARS:
            raise TooLarge(
                f"{self._where}: {field.name}: an expression has at most {MAX_VALUE_CHARS} characters"
            )
        flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
        try:
            re2.compile(f"(?{flags}){pattern}" if flags else pattern)
        except re2.error:
            raise BadInput(
                f"{self._where}: {field.name}: the expression is not RE2 (no look-around, no back-references)"
            ) from None
        if not field.text:
            return Regex(field, pattern, flags)
        flags = flags if "i" in flags else f"i{flags}"  # the forms of a text have no upper case
        return _in_forms(field, lambda form, _: Regex(form, pattern, flags))


def _like(field: Field, pieces: tuple[str | Wild, ...], cased: bool = False) -> Node:
    """A comparison with the value in the form in which the field lies."""
    if field.text:
        return _in_forms(field, lambda form, said: Like(form, _spelt(pieces, said), cased=True))
    return Like(field, pieces if cased else _spelt(pieces, str.lower), cased)


def _in_forms(field: Field, ask: Callable[[Field, Callable[[str], str]], Node]) -> Node:
    """A question put to one form of the text, or to either when the rule does not say which."""
    forms = {"text.folded": fold, "text.genuine": genuine}
    asked = tuple(
        ask(field_of(name, ""), said) for name, said in forms.items() if field.name in (name, KEYWORDS)
    )
    return asked[0] if len(asked) == 1 else Or(asked)


def _spelt(pieces: tuple[str | Wild, ...], form: Callable[[str], str]) -> tuple[str | Wild, ...]:
    """The texts between wildcards as `form` writes them. A space at their edge stands: it parts words."""
    return _joined(
        tuple(
            piece
            if isinstance(piece, Wild)
            else f"{' ' if piece[:1].isspace() else ''}{form(piece)}{' ' if piece[-1:].isspace() else ''}"
            for piece in pieces
        )
    )


def _joined(pieces: tuple[str | Wild, ...]) -> tuple[str | Wild, ...]:
    """Neighbouring texts as one, and `**` as `*`."""
    found: list[str | Wild] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, Wild):
            if piece is Wild.MANY and last is Wild.MANY:
                continue
            found.append(piece)
        elif isinstance(last, str):
            found[-1] = last + piece
        elif piece:
            found.append(piece)
    return tuple(found)
