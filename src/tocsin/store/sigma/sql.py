"""A condition as SQL: every name is from a table here, every value of a rule is a bound parameter.

Three-valued logic ends at each question: what is not known does not hold, so that its negation does.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tocsin.wire.sigma import And, Compare, Exists, Field, Is, Like, Node, Not, Or, Regex, Wild

ESCAPE = "\\"
_LIKE = str.maketrans({sign: ESCAPE + sign for sign in "%_\\"})

COLUMNS: Mapping[str, str] = {
    "text.folded": "folded",
    "text.genuine": "genuine",
    "kind": "kind",
    "source": "source",
    "model": "model",
    "tool": "tool",
    "lang": "lang",
    "actor": "actor",
    "session": "session",
}
"""Field to column, of batches as they are prepared at the door and as they lie in history."""

_SIGNAL_PARTS: Mapping[str, str] = {"signals.detector": "detector", "signals.category": "category"}


class Condition(NamedTuple):
    """SQL that is true or false, never null, and the values of its parameters in order."""

    sql: str
    values: tuple[Any, ...]


def compiled(node: Node) -> Condition:
    """The SQL of a condition."""
    match node:
        case And(items):
            return _joined(" AND ", items)
        case Or(items):
            return _joined(" OR ", items)
        case Not(item):
            inner = compiled(item)
            return Condition(f"(NOT {inner.sql})", inner.values)
        case Exists(field):
            return _exists(field)
        case Like() | Regex() | Is() | Compare():
            return _of_value(node)


def _joined(word: str, items: tuple[Node, ...]) -> Condition:
    parts = [compiled(item) for item in items]
    return Condition(
        f"({word.join(part.sql for part in parts)})", tuple(value for part in parts for value in part.values)
    )


def _exists(field: Field) -> Condition:
    column = COLUMNS.get(field.name)
    if field.name == "text":
        return Condition("(folded <> '')", ())
    if field.text:
        return Condition(f"({column} <> '')", ())
    if column is not None:
        return Condition(f"({column} IS NOT NULL)", ())
    if field.name in _SIGNAL_PARTS:
        return Condition("(coalesce(len(list_filter(signals, lambda one: one.strength > 0)), 0) > 0)", ())
    if field.only_exists:
        return Condition(
            '(coalesce(len(list_filter(observables, lambda one: one."type" = ?)), 0) > 0)', field.path
        )
    return Condition(f"(coalesce(json_type({_PATH}), 'NULL') <> 'NULL')", _pointers(field))


def _of_value(leaf: Like | Regex | Is | Compare) -> Condition:
    field = leaf.field
    column = COLUMNS.get(field.name)
    if column is not None:
        inner = _compared(leaf, column)
        return Condition(f"coalesce({inner.sql}, false)", inner.values)
    part = _SIGNAL_PARTS.get(field.name)
    if part is not None:
        inner = _compared(leaf, f"one.{part}")
        return Condition(
            f"(coalesce(len(list_filter(signals, lambda one: one.strength > 0 AND {inner.sql})), 0) > 0)",
            inner.values,
        )
    return _of_attribute(leaf)


_PATH = "coalesce(json_extract(attributes, ?), json_extract(attributes, ?))"
"""An attribute under its whole name, as telemetry writes it, or step by step."""


def _pointers(field: Field) -> tuple[str, str]:
    """JSON pointers (RFC 6901); a step holds no character that would need an escape."""
    return f"/{'.'.join(field.path)}", f"/{'/'.join(field.path)}"


def _of_attribute(leaf: Like | Regex | Is | Compare) -> Condition:
    at = _pointers(leaf.field)
    match leaf:
        case Is(_, bool(value)):
            return Condition(f"coalesce(json_type({_PATH}) = 'BOOLEAN' AND {_PATH} = ?, false)",
                             (*at, *at, "true" if value else "false"))  # fmt: skip
        case Is(_, value):
            return _number(at, "=", value)
        case Compare(_, sign, number):
            return _number(at, sign, number)
        case Like() | Regex():
            inner = _compared(leaf, f"json_extract_string({_PATH}, '$')")
            return Condition(
                f"coalesce(json_type({_PATH}) = 'VARCHAR' AND {inner.sql}, false)", (*at, *at, *inner.values)
            )


def _number(at: tuple[str, str], sign: str, number: float) -> Condition:
    kind = f"json_type({_PATH}) IN ('BIGINT', 'UBIGINT', 'DOUBLE')"
    return Condition(
        f"coalesce({kind} AND TRY_CAST({_PATH} AS DOUBLE) {sign} ?, false)", (*at, *at, float(number))
    )


def _compared(leaf: Like | Regex | Is | Compare, value: str) -> Condition:
    match leaf:
        case Like(_, pieces, cased):
            return _like(pieces, value if cased else f"lower({value})")
        case Regex(_, pattern, flags):
            # `c` is what RE2 does by itself; an empty text of options is not one
            return Condition(f"regexp_matches({value}, ?, ?)", (pattern, _options(flags)))
    raise AssertionError(leaf)  # numbers are asked of attributes alone (`wire.sigma.conditions`)


def _options(flags: str) -> str:
    """RE2's options as DuckDB names them: `p` lets ^ and $ match at lines, as Sigma's `m` does."""
    return "".join({"i": "i", "m": "p", "s": "s"}[flag] for flag in flags) or "c"


def _like(pieces: tuple[str | Wild, ...], value: str) -> Condition:
    match pieces:
        case (str(text),):
            return Condition(f"{value} = ?", (text,))
        case (Wild.MANY, str(text), Wild.MANY):
            return Condition(f"contains({value}, ?)", (text,))
        case (str(text), Wild.MANY):
            return Condition(f"starts_with({value}, ?)", (text,))
        case (Wild.MANY, str(text)):
            return Condition(f"ends_with({value}, ?)", (text,))
    pattern = "".join(piece.translate(_LIKE) if isinstance(piece, str) else "%_"[piece] for piece in pieces)
    return Condition(f"{value} LIKE ? ESCAPE '{ESCAPE}'", (pattern,))
