"""The canonical text of a pattern: equal trees, equal texts, and the text parses to the tree."""

import re

from tocsin.wire.stix.patterns.tree import (
    Combined,
    Comparison,
    Constant,
    ConstantKind,
    Exists,
    Expression,
    Index,
    Joined,
    Observation,
    Path,
    Pattern,
    Qualified,
    Repeats,
    Within,
)
from tocsin.wire.stix.patterns.words import KEYWORDS

_bare = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_PREFIX = {ConstantKind.TIMESTAMP: "t", ConstantKind.HEX: "h", ConstantKind.BINARY: "b"}
_STRENGTH = {"FOLLOWEDBY": 0, "OR": 1, "AND": 2}
"""How close an operator binds; what binds less within what binds more stands in parentheses."""


def pattern_text(pattern: Pattern) -> str:
    """One spelling: single spaces, `=` and `!=`, quotes only where needed, no comments."""
    match pattern:
        case Observation(test=test):
            return f"[{_expression(test)}]"
        case Joined(operator=operator, parts=parts):
            return f" {operator} ".join(_part(part, operator) for part in parts)
        case Qualified(inner=inner, qualifier=qualifier):
            text = f"({pattern_text(inner)})" if _needs_group(inner, qualifier) else pattern_text(inner)
            match qualifier:
                case Within(seconds=seconds):
                    return f"{text} WITHIN {seconds} SECONDS"
                case Repeats(times=times):
                    return f"{text} REPEATS {times} TIMES"
                case _:
                    return f"{text} START t'{qualifier.start}' STOP t'{qualifier.stop}'"


def _needs_group(inner: Pattern, qualifier: object) -> bool:
    """An observation takes each kind of qualifier once; a second one is said of a group."""
    while isinstance(inner, Qualified):
        if type(inner.qualifier) is type(qualifier):
            return True
        inner = inner.inner
    return isinstance(inner, Joined)


def _part(part: Pattern, operator: str) -> str:
    loose = isinstance(part, Joined) and _STRENGTH[part.operator] <= _STRENGTH[operator]
    return f"({pattern_text(part)})" if loose else pattern_text(part)


def _expression(test: Expression) -> str:
    match test:
        case Comparison(path=path, operator=operator, negated=negated, operands=operands):
            said = f"({', '.join(map(_constant, operands))})" if operator == "IN" else _constant(operands[0])
            return f"{_path(path)} {'NOT ' if negated else ''}{operator} {said}"
        case Exists(path=path, negated=negated):
            return f"{'NOT ' if negated else ''}EXISTS {_path(path)}"
        case Combined(operator=operator, parts=parts):
            return f" {operator} ".join(
                f"({_expression(part)})"
                if isinstance(part, Combined) and _STRENGTH[part.operator] <= _STRENGTH[operator]
                else _expression(part)
                for part in parts
            )


def _path(path: Path) -> str:
    text = f"{path.object_type}:"
    for number, step in enumerate(path.steps):
        if isinstance(step, Index):
            text += f"[{'*' if step.at is None else step.at}]"
        else:
            text += f"{'.' if number else ''}{_name(step)}"
    return text


def _name(name: str) -> str:
    return name if _bare(name) and name not in KEYWORDS else _quoted(name)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _constant(constant: Constant) -> str:
    if constant.kind is ConstantKind.TEXT:
        return _quoted(constant.value)
    prefix = _PREFIX.get(constant.kind)
    return constant.value if prefix is None else f"{prefix}'{constant.value}'"
