"""Sigma rules of single events, asked of every text at the door.

Plain Python closures behind one pass of Aho-Corasick and one of RE2: a rule that needs a word or an expression is
looked at only where it stands. `benchmarks/rules.py` runs it beside one DuckDB query over the same batch, a tenth as
fast.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from tocsin.screen.batch import findings
from tocsin.screen.words import Span, Texts, Words
from tocsin.wire.sigma import (
    DETECTOR,
    And,
    Compare,
    Exists,
    Field,
    Is,
    Like,
    Node,
    Not,
    Or,
    Place,
    Regex,
    Rule,
    Wild,
    leaves,
)

STRENGTH: Mapping[str, float] = {
    "informational": 0.1,
    "low": 0.2,
    "medium": 0.3,
    "high": 0.4,
    "critical": 0.45,
}
"""By level of the rule. All are notes to the other detectors: a rule rings by itself (`correlate.rules`)."""

SILENT = 0.0
"""Strength of what is only remembered for a correlation, and of all that a rule in shadow says: it weighs nothing."""

LEAST_NEEDLE = 3
"""Characters of a word that the automaton looks for; a shorter one stands in every second text."""

SET_BYTES = 64 << 20
"""RE2's memory for all expressions together; its own default is 8 MB, for one."""

PROOF = "every expression of this set is looked for"
_COLUMNS = ("folded", "genuine", "kind", "source", "model", "tool", "lang", "attributes")
_AT: Mapping[str, int] = {
    "text.folded": 0,
    "text.genuine": 1,
    **{name: at for at, name in enumerate(_COLUMNS) if at > 1},
}
Values = tuple[Any, ...]
Asks = Callable[[Values], bool]


class Expression(NamedTuple):
    """A regular expression with its flags, as RE2 reads it."""

    said: str


Needle = str | Expression


class Said(NamedTuple):
    """What a base rule says of an event it holds of."""

    version: str
    category: str
    strength: float
    evidence: str


def evidence_of(rule: str, step: int) -> str:
    """How a signal names a base rule: the rule's id and its place in `Rule.bases`."""
    return f"{rule}/{step}"


class RuleSearch:
    """Compiled once for a set of rules; a pure function of a PREPARED batch, safe to use from several threads.

    `rules` with whether each is loud: the rules of correlations and those in shadow are remembered and weigh nothing.
    """

    name = DETECTOR

    def __init__(self, rules: Iterable[tuple[Rule, bool]]) -> None:
        self._said: list[Said] = []
        self._asks: list[Asks] = []
        self._always: list[int] = []
        self._of_source: list[int] = []
        needles: dict[Needle, list[int]] = {}
        attributes = _Attributes()
        for rule, loud in rules:
            for step, base in enumerate(rule.bases):
                if base.place is not Place.DOOR:
                    continue
                number = len(self._asks)
                strength = STRENGTH[rule.level] if loud and rule.correlation is None else SILENT
                self._said.append(Said(rule.version, rule.category, strength, evidence_of(rule.id, step)))
                self._asks.append(asks(base.condition, attributes))
                needed = needles_of(base.condition)
                if needed is not None:
                    for needle in needed:
                        needles.setdefault(needle, []).append(number)
                elif all(leaf.field.place is Place.BOTH for leaf in leaves(base.condition)):
                    self._of_source.append(number)
                else:
                    self._always.append(number)
        words = {needle: rows for needle, rows in needles.items() if isinstance(needle, str)}
        self._words, self._owners = Words(words), list(words.values())
        self._expressions = _Expressions(
            {needle: rows for needle, rows in needles.items() if isinstance(needle, Expression)}
        )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """One finding per event and base rule that holds of it."""
        rows: list[tuple[int, str, str, float, str]] = []
        if not self._asks:
            return findings(rows)
        columns = [batch.column(name).to_pylist() for name in _COLUMNS]
        said = self._words.by_row(Texts(batch.column("folded")))
        owners = self._expressions.owners
        of_source: dict[Values, list[int]] = {}
        whence = zip(*columns[2:7], strict=True)
        for row, (folded, plain, source) in enumerate(zip(*columns[:2], whence, strict=True)):
            held = of_source.get(source)
            if held is None:  # a batch is of few sources, kinds and models: these are asked once for each
                values = tuple([column[row] for column in columns])
                held = of_source[source] = [one for one in self._of_source if self._asks[one](values)]
            words: Sequence[Span] = said.get(row, ())
            patterns = owners(folded)
            if plain != folded:
                words = (*words, *self._words.within(plain))
                patterns = (*patterns, *owners(plain))
            if not (held or words or patterns or self._always):
                continue
            maybe = {*self._always, *patterns, *(one for word, _, _ in words for one in self._owners[word])}
            values = tuple([column[row] for column in columns])
            found = sorted((*held, *(one for one in maybe if self._asks[one](values))))
            rows.extend((row, *self._said[one]) for one in found)
        return findings(rows)


class _Expressions:
    """Which rules have an expression of theirs in a text: one pass of RE2 for all of them.

    RE2 says nothing when a set is too large for its memory, and finds nothing. So each set is proved by an expression
    that must be found, and without the proof every rule is asked by itself.
    """

    def __init__(self, owners: Mapping[Expression, list[int]]) -> None:
        self._owners = list(owners.values())
        self._set: Any = None
        self._all = [number for numbers in self._owners for number in numbers]
        if not owners:
            return
        import re2  # comes with pySigma, as the rules did

        options = re2.Options()
        options.max_mem = SET_BYTES
        found = re2.Set.SearchSet(options)
        for expression in owners:
            found.Add(expression.said)
        proof = found.Add(f"^{PROOF}$")
        try:
            found.Compile()
        except re2.error:  # too large, and it says so
            return
        if proof in (found.Match(PROOF) or ()):
            self._set = found

    def owners(self, text: str) -> Sequence[int]:
        if self._set is None:
            return self._all
        places = self._set.Match(text)
        if not places:
            return ()
        return [one for place in places if place < len(self._owners) for one in self._owners[place]]


def needles_of(node: Node) -> frozenset[Needle] | None:
    """Words and expressions one of which some form of a text must hold for a condition to be true, None without any."""
    match node:
        case And(items):
            known = [found for item in items if (found := needles_of(item)) is not None]
            return min(known, key=_cost, default=None)
        case Or(items):
            parts = [needles_of(item) for item in items]
            whole = [part for part in parts if part is not None]
            return frozenset[Needle]().union(*whole) if len(whole) == len(parts) else None
        case Like(field, pieces) if field.text:
            longest = max((piece for piece in pieces if isinstance(piece, str)), key=len, default="")
            return frozenset({longest}) if len(longest) >= LEAST_NEEDLE else None
        case Regex(field, pattern, flags) if field.text:
            return frozenset({Expression(_said(pattern, flags))})
    return None


def _cost(needles: frozenset[Needle]) -> tuple[int, int, int]:
    """Words before expressions; the fewest and longest of them: they stand in the fewest texts."""
    words = [needle for needle in needles if isinstance(needle, str)]
    return len(needles) - len(words), len(words), -min(map(len, words), default=0)


def _said(pattern: str, flags: str) -> str:
    return f"(?{flags}){pattern}" if flags else pattern


def asks(node: Node, attributes: "_Attributes") -> Asks:
    """A condition as a function of one event's values."""
    match node:
        case And(items):
            parts = tuple(asks(item, attributes) for item in items)
            return lambda values: all(part(values) for part in parts)
        case Or(items):
            parts = tuple(asks(item, attributes) for item in items)
            return lambda values: any(part(values) for part in parts)
        case Not(item):
            inner = asks(item, attributes)
            return lambda values: not inner(values)
        case Exists(field) if field.name == "text":
            return lambda values: bool(values[0])
        case Exists(field) if field.text:
            at = _AT[field.name]
            return lambda values: bool(values[at])
        case _:
            read, holds = _reader(node.field, attributes), holds_of(node)
            return lambda values: (value := read(values)) is not None and holds(value)


def _reader(field: Field, attributes: "_Attributes") -> Callable[[Values], Any]:
    at = _AT.get(field.name)
    if at is not None:
        return lambda values: values[at]
    whole, path = ".".join(field.path), field.path
    return lambda values: attributes.at(values[7], whole, path)


def holds_of(leaf: Like | Regex | Is | Compare | Exists) -> Callable[[Any], bool]:
    """A question as a function of one value that is there."""
    match leaf:
        case Exists():
            return lambda value: True
        case Like(_, pieces, cased):
            like = _like(pieces)
            if cased:
                return lambda value: isinstance(value, str) and like(value)
            return lambda value: isinstance(value, str) and like(value.lower())
        case Regex(_, pattern, flags):
            import re2  # comes with pySigma, as the rule did

            search = re2.compile(_said(pattern, flags)).search
            return lambda value: isinstance(value, str) and search(value) is not None
        case Is(_, bool(wanted)):
            return lambda value: value is wanted
        case Is(_, wanted):
            return lambda value: _is_number(value) and value == wanted
        case Compare(_, sign, number):
            compare = _SIGNS[sign]
            return lambda value: _is_number(value) and compare(value, number)


_SIGNS: Mapping[str, Callable[[Any, float], bool]] = {
    "<": lambda value, number: value < number,
    "<=": lambda value, number: value <= number,
    ">": lambda value, number: value > number,
    ">=": lambda value, number: value >= number,
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _like(pieces: tuple[str | Wild, ...]) -> Callable[[str], bool]:
    match pieces:
        case (str(text),):
            return lambda value: value == text
        case (Wild.MANY, str(text), Wild.MANY):
            return lambda value: text in value
        case (str(text), Wild.MANY):
            return lambda value: value.startswith(text)
        case (Wild.MANY, str(text)):
            return lambda value: value.endswith(text)
    import re2

    said = "".join(re2.escape(piece) if isinstance(piece, str) else (".*", ".")[piece] for piece in pieces)
    whole = re2.compile(f"(?s){said}").fullmatch
    return lambda value: whole(value) is not None


class _Attributes:
    """The attributes of an event by path. The last that were read are remembered: rules ask one after another."""

    def __init__(self) -> None:
        self._last: tuple[str, Any] = ("", None)

    def at(self, raw: str | None, whole: str, path: tuple[str, ...]) -> Any:
        """Under its whole name, as telemetry writes it, or step by step; None where there is none."""
        if raw is None:
            return None
        last, found = self._last
        if last is not raw:
            try:
                found = msgspec.json.decode(raw)
            except msgspec.DecodeError:  # numbers beyond what msgspec takes
                found = json.loads(raw)
            self._last = (raw, found)  # one assignment: another thread sees both or neither
        if whole in found:
            return found[whole]
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        return found
