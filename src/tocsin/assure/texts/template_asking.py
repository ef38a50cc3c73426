"""What an expression asks of a text: words strongly, marks and names weakly, lengths and dates by their value."""

from collections.abc import Iterable

from jinja2 import nodes

from tocsin.assure.texts.template_syntax import spelt
from tocsin.assure.texts.template_values import Value, Whence, joined
from tocsin.assure.texts.template_words import is_mark

WEAK = "\x00"
"""Before a mark, a field or a tool's name that is asked for: it governs a branch, and no variable that is set there."""

LONG_CONVERSATION = 3
"""A count of turns that is compared with this or more waits for a moment; 0, 1 and 2 ask for a beginning."""


def asked_by(every: Value, sides: list[Value]) -> Value:
    """A comparison: what it asks of a text. Its own literals do not come out of it."""
    words: frozenset[str] = frozenset()
    if every.of(Whence.SAID):
        words = words_asked(joined(side for side in sides if not side.of(Whence.SAID)).literals)
    elif every.of(Whence.NAME):
        words = frozenset(f"{WEAK}{one}" for one in every.literals)
    elif every.of(Whence.LENGTH):
        counts = [one for one in every.literals if isinstance(one, int) and one >= LONG_CONVERSATION]
        words = frozenset(f"a length of {one}" for one in counts)
    elif every.of(Whence.DATE):
        words = frozenset(f"the date {one}" for one in sorted(every.literals, key=str))
    option = frozenset({Whence.OPTION}) & every.whence
    return Value(option, frozenset(), every.asked | words)


def words_asked(literals: frozenset[str | int]) -> frozenset[str]:
    """What is asked for; marks of a conversation and fields only weakly."""
    asked = (one for one in literals if not (isinstance(one, str) and _wordless(one)) and one not in _FEW)
    return frozenset(f"{WEAK}{one}" if is_mark(one) else str(one) for one in asked)


def _wordless(text: str) -> bool:
    return not any(char.isalnum() for char in text)


_FEW = frozenset({-1, 0, 1, 2})


def strong(asked: frozenset[str]) -> frozenset[str]:
    """The words that people say, of those asked for."""
    return frozenset(word for word in asked if not word.startswith(WEAK))


def roles_of(test: nodes.Node) -> frozenset[str]:
    """The roles that must hold for a test to be true: `role == 'user'`, alone or beside another condition."""
    if isinstance(test, nodes.And):
        return roles_of(test.left) | roles_of(test.right)
    if isinstance(test, nodes.Compare) and [one.op for one in test.ops] == ["eq"]:
        sides = [test.expr, test.ops[0].expr]
        if any(spelt(one).endswith(("role", ".role")) for one in sides):
            return frozenset(str(one.value) for one in sides if isinstance(one, nodes.Const))
    return frozenset()


def names_set(target: nodes.Node) -> Iterable[str]:
    if isinstance(target, nodes.Name):
        yield target.name
    elif isinstance(target, nodes.NSRef):
        yield f"{target.name}.{target.attr}"
    elif isinstance(target, nodes.Getattr) and isinstance(target.node, nodes.Name):
        yield f"{target.node.name}.{target.attr}"
    elif isinstance(target, nodes.Tuple | nodes.List):
        for item in target.items:
            yield from names_set(item)
