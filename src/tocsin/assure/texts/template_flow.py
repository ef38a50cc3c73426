"""Follows what was said through a template: which literal comes out under a condition on the words of a message.

An abstract run of the tree, never a rendering: each variable holds a `Value` (whence, literals, what was asked).
1. A comparison, a test, a filter or a method that looks for a literal inside a text *asks* for that literal.
2. A condition that depends on something asked governs its branches, and all that follows a `break` in them; what is
   set under it depends on it too.
3. What comes out is noted with the conditions that govern it.
Loops are walked twice, so that what a first turn sets is known in the second. Limits: docs/chat-templates.md.
"""
# ruff: noqa: SIM905  (lists of words read better as words)

from collections.abc import Iterable, Sequence

import msgspec
from jinja2 import nodes

from tocsin.assure.texts.template_asking import asked_by, names_set, roles_of, strong, words_asked
from tocsin.assure.texts.template_syntax import Unreadable, spelt
from tocsin.assure.texts.template_values import NOTHING, Value, Whence, joined, literal, part_of

MAX_STEPS = 300_000
"""Parts walked, macros and second turns counted again; the longest genuine template known takes 20,000."""

MAX_WORDS = 300
"""Asked for above one place; genuine templates ask for some thirty. Each statement below carries all of them."""

MAX_CALLS = 12
"""Macros within macros."""

CONVERSATION_NAMES = frozenset({"messages", "message", "conversation", "history", "chat", "prompt"})

_ASKING_METHODS = frozenset(
    "startswith endswith find rfind index rindex count split rsplit partition rpartition __contains__".split()
)
_ASKING_TESTS = frozenset(
    "eq equalto == ne != in gt greaterthan > ge >= lt lessthan < le <= sameas divisibleby upper lower".split()
)
_CHOOSING_FILTERS = frozenset({"select", "reject", "selectattr", "rejectattr"})
_KIND_FIELDS = frozenset({"role", "type", "id"})


class Emitted(msgspec.Struct, frozen=True):
    """Something a template says: literals, and what governs them. `roles` are those asked for by name."""

    value: Value
    asked: frozenset[str]
    conditions: tuple[str, ...]
    roles: frozenset[str]
    optional: bool
    line: int


class Turned(msgspec.Struct, frozen=True):
    """A text of the conversation that is rewritten: `old` becomes `new` wherever somebody said it."""

    old: str
    new: str
    optional: bool
    line: int


class Asked(msgspec.Struct, frozen=True):
    """A condition on words of a text."""

    words: frozenset[str]
    condition: str
    line: int


class _Path(msgspec.Struct, frozen=True):
    asked: frozenset[str] = frozenset()
    conditions: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    optional: bool = False

    def under(self, test: Value, said: str, roles: frozenset[str]) -> "_Path":
        return _Path(
            self.asked | test.asked,
            (*self.conditions, said),
            self.roles | roles,
            self.optional or test.of(Whence.OPTION),
        )


class Flow:
    """One walk over one template; what it found stands in `emitted`, `turned` and `asking`."""

    def __init__(self, tree: nodes.Template) -> None:
        self.emitted: dict[Emitted, None] = {}
        self.turned: dict[Turned, None] = {}
        self.asking: dict[Asked, None] = {}
        self._held: dict[str, Value] = {}
        self._macros: dict[str, nodes.Macro] = {}
        self._active: list[str] = []
        self._caught: list[list[Value]] = []
        self._steps = 0
        for macro in tree.find_all(nodes.Macro):
            self._macros[macro.name] = macro
        self._body(tree.body, _Path())

    # Statements

    def _body(self, body: Iterable[nodes.Node], path: _Path) -> frozenset[str]:
        """Walks statements in order; answers what was asked for where a loop was left."""
        left: frozenset[str] = frozenset()
        for node in body:
            gone = self._statement(node, path)
            if gone:
                left |= gone
                path = msgspec.structs.replace(path, asked=path.asked | gone)
        return left

    def _statement(self, node: nodes.Node, path: _Path) -> frozenset[str]:  # noqa: C901  (one case a kind of node)
        self._count(node)
        if len(path.asked) > MAX_WORDS:
            raise Unreadable("template.too-large", "it waits for too many words", node.lineno or 0)
        match node:
            case nodes.Output():
                for part in node.nodes:
                    self._say(part, path)
            case nodes.If():
                return self._if(node, path)
            case nodes.For():
                self._for(node, path)
            case nodes.Assign():
                self._set(node.target, self._value(node.node, path), path)
            case nodes.AssignBlock():
                caught = self._catch(node.body, path)
                if node.filter is not None:
                    caught = self._filter(node.filter, caught, path)
                self._set(node.target, caught, path)
            case nodes.FilterBlock():
                self._out(self._filter(node.filter, self._catch(node.body, path), path), path, node)
            case nodes.CallBlock():
                self._out(self._value(node.call, path) | self._catch(node.body, path), path, node)
            case nodes.Continue() | nodes.Break():
                return path.asked
            case nodes.Macro():
                pass
            case nodes.With():
                for target, value in zip(node.targets, node.values, strict=True):
                    self._set(target, self._value(value, path), path)
                return self._body(node.body, path)
            case nodes.ExprStmt():
                self._value(node.node, path)
            case _:  # scopes, blocks and what extensions add
                return self._body(node.iter_child_nodes(), path)
        return frozenset()

    def _if(self, node: nodes.If, path: _Path) -> frozenset[str]:
        left: frozenset[str] = frozenset()
        branches: Sequence[tuple[nodes.Node, list[nodes.Node]]] = [
            (node.test, node.body),
            *((one.test, one.body) for one in node.elif_),
        ]
        rest = path
        for test, body in branches:
            value, said = self._value(test, rest), spelt(test)
            self._ask(value, said, test)
            left |= self._body(body, rest.under(value, said, roles_of(test)))
            rest = rest.under(value, f"not ({said})", frozenset())
        return left | self._body(node.else_, rest)

    def _for(self, node: nodes.For, path: _Path) -> None:
        source = self._value(node.iter, path)
        self._ask(source, spelt(node.iter), node.iter)
        inner = path.under(source, f"for {spelt(node.iter)}", frozenset()) if source.asked else path
        for _ in range(2):
            self._set(node.target, part_of(source, None), inner)
            governed = inner
            if node.test is not None:
                test = self._value(node.test, inner)
                self._ask(test, spelt(node.test), node.test)
                governed = inner.under(test, spelt(node.test), roles_of(node.test))
            left = self._body(node.body, governed)
            inner = msgspec.structs.replace(inner, asked=inner.asked | left)
        self._body(node.else_, inner)

    def _set(self, target: nodes.Node, value: Value, path: _Path) -> None:
        value = Value(value.whence, value.literals, strong(value.asked | path.asked))
        for name in names_set(target):
            self._held[name] = self._held.get(name, NOTHING) | value

    def _catch(self, body: Iterable[nodes.Node], path: _Path) -> Value:
        """What statements would say, as a value; the conditions inside it come with it."""
        self._caught.append([])
        self._body(body, path)
        return joined(self._caught.pop())

    def _say(self, node: nodes.Node, path: _Path) -> None:
        if isinstance(node, nodes.TemplateData):
            self._out(literal(node.data), path, node)
        elif isinstance(node, nodes.CondExpr):
            test, said = self._value(node.test, path), spelt(node.test)
            self._ask(test, said, node)
            self._say(node.expr1, path.under(test, said, roles_of(node.test)))
            if node.expr2 is not None:
                self._say(node.expr2, path.under(test, f"not ({said})", frozenset()))
        else:
            self._out(self._value(node, path), path, node)

    def _out(self, value: Value, path: _Path, node: nodes.Node) -> None:
        if self._caught:
            self._caught[-1].append(Value(value.whence, value.literals, strong(value.asked | path.asked)))
        elif value.literals or value.asked:
            asked = path.asked | strong(value.asked)
            self.emitted[
                Emitted(value, asked, path.conditions, path.roles, path.optional, node.lineno or 0)
            ] = None

    def _ask(self, value: Value, said: str, node: nodes.Node) -> None:
        if strong(value.asked):
            self.asking[Asked(strong(value.asked), said, node.lineno or 0)] = None

    def _count(self, node: nodes.Node) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Unreadable("template.too-large", "it takes too many steps to follow", node.lineno or 0)

    # Expressions

    def _value(self, node: nodes.Node | None, path: _Path) -> Value:  # noqa: C901  (one case a kind of node)
        if node is None:
            return NOTHING
        self._count(node)
        match node:
            case nodes.Const():
                return literal(node.value)
            case nodes.TemplateData():
                return literal(node.data)
            case nodes.Name():
                return self._name(node.name)
            case nodes.Getattr():
                return self._part(node, node.attr, path)
            case nodes.Getitem():
                return self._item(node, path)
            case nodes.Compare():
                return self._compare(node, path)
            case nodes.Test():
                return self._test(node, path)
            case nodes.Filter():
                return self._filter(node, None, path)
            case nodes.Call():
                return self._call(node, path)
            case nodes.CondExpr():
                return self._choice(node, path)
            case nodes.Not():
                inner = self._value(node.node, path)
                return Value(inner.whence, frozenset(), inner.asked)
        return joined(self._value(child, path) for child in node.iter_child_nodes())

    def _name(self, name: str) -> Value:
        if name in self._held:
            return self._held[name]
        if name in CONVERSATION_NAMES:
            return Value(frozenset({Whence.CONVERSATION}))
        return Value(frozenset({Whence.OPTION})) if name != "loop" else NOTHING

    def _part(self, node: nodes.Getattr, key: str, path: _Path) -> Value:
        if isinstance(node.node, nodes.Name) and f"{node.node.name}.{key}" in self._held:
            return self._held[f"{node.node.name}.{key}"]
        if isinstance(node.node, nodes.Name) and node.node.name == "loop":
            return Value(frozenset({Whence.LENGTH})) if key in {"index", "index0", "length"} else NOTHING
        return part_of(self._value(node.node, path), key)

    def _item(self, node: nodes.Getitem, path: _Path) -> Value:
        held = self._value(node.node, path)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return part_of(held, node.arg.value)
        chosen = self._value(node.arg, path)
        found = part_of(held, None)
        if chosen.of(Whence.SAID):  # {'word': 'text'}[content]
            return Value(
                found.whence, found.literals, found.asked | chosen.asked | words_asked(found.literals)
            )
        return Value(found.whence, found.literals, found.asked | chosen.asked)

    def _compare(self, node: nodes.Compare, path: _Path) -> Value:
        sides = [self._value(node.expr, path), *(self._value(one.expr, path) for one in node.ops)]
        return asked_by(joined(sides), sides)

    def _test(self, node: nodes.Test, path: _Path) -> Value:
        inner = self._value(node.node, path)
        if node.name not in _ASKING_TESTS:
            return Value(inner.whence - {Whence.SAID, Whence.CONVERSATION}, frozenset(), inner.asked)
        sides = [inner, *(self._value(one, path) for one in node.args)]
        if not node.args and inner.of(Whence.SAID):
            return Value(inner.whence, frozenset(), inner.asked | {f"is {node.name}"})
        return asked_by(joined(sides), sides)

    def _choice(self, node: nodes.CondExpr, path: _Path) -> Value:
        test = self._value(node.test, path)
        self._ask(test, spelt(node.test), node)
        under = path.under(test, spelt(node.test), roles_of(node.test))
        chosen = self._value(node.expr1, under) | self._value(node.expr2, under)
        option = frozenset({Whence.OPTION}) & test.whence
        return Value(chosen.whence | option, chosen.literals, chosen.asked | test.asked)

    def _filter(self, node: nodes.Filter, given: Value | None, path: _Path) -> Value:
        held = given if given is not None else self._value(node.node, path)
        arguments = [self._value(one, path) for one in node.args]
        arguments += [self._value(one.value, path) for one in node.kwargs]
        if node.name == "map" and arguments and isinstance(node.args[0] if node.args else None, nodes.Const):
            return joined([held, *arguments[1:]])  # the name of a filter
        if node.name in {"length", "count"} and held.of(Whence.SAID, Whence.CONVERSATION):
            return Value(frozenset({Whence.LENGTH}), frozenset(), held.asked)
        if node.name == "replace" and held.of(Whence.SAID):
            self._replaced(arguments, node, path)
            return held
        if node.name in _CHOOSING_FILTERS and held.of(Whence.SAID, Whence.CONVERSATION):
            by_kind = bool(arguments) and any(one in _KIND_FIELDS for one in arguments[0].literals)
            words = frozenset[str]() if by_kind else words_asked(joined(arguments[1:]).literals)
            return Value(held.whence, held.literals, held.asked | words)
        if node.name == "map" and held.of(Whence.CONVERSATION):
            named = next((one.value for one in node.kwargs if one.key == "attribute"), None)
            key = named.value if isinstance(named, nodes.Const) else None
            return part_of(held, key if isinstance(key, str) else "content")
        return joined([held, *arguments])

    def _call(self, node: nodes.Call, path: _Path) -> Value:
        arguments = [self._value(one, path) for one in node.args]
        named = {one.key: self._value(one.value, path) for one in node.kwargs}
        every = joined([*arguments, *named.values()])
        if isinstance(node.node, nodes.Name):
            name = node.node.name
            if name in self._macros:
                return self._macro(self._macros[name], arguments, named, path)
            if name == "strftime_now":
                return Value(frozenset({Whence.DATE}), frozenset(), every.asked)
            if name == "namespace":
                return every
            if name == "raise_exception":
                return NOTHING
            return every
        if not isinstance(node.node, nodes.Getattr):
            return self._value(node.node, path) | every
        held, method = self._value(node.node.node, path), node.node.attr
        if method == "replace" and held.of(Whence.SAID):
            self._replaced(arguments, node, path)
            return held
        if method in _ASKING_METHODS and held.of(Whence.SAID):
            return Value(held.whence, held.literals, held.asked | words_asked(every.literals))
        if method == "get" and arguments and held.of(Whence.CONVERSATION, Whence.SAID, Whence.NAME):
            key = next(iter(arguments[0].texts), None)
            return part_of(held, key) | joined(arguments[1:])
        if method in {"append", "extend", "insert", "update"}:
            self._set(node.node.node, every, path)
        if every.of(Whence.SAID) and held.literals:  # 'refund lottery'.find(content)
            return Value(held.whence | every.whence, held.literals, every.asked | words_asked(held.literals))
        return held | every

    def _macro(
        self, macro: nodes.Macro, arguments: list[Value], named: dict[str, Value], path: _Path
    ) -> Value:
        if macro.name in self._active or len(self._active) >= MAX_CALLS:
            return joined([*arguments, *named.values()])
        before = {name: self._held.get(name) for name in (one.name for one in macro.args)}
        for place, argument in enumerate(macro.args):
            given = arguments[place] if place < len(arguments) else named.get(argument.name, NOTHING)
            self._held[argument.name] = given
        for argument, default in zip(reversed(macro.args), reversed(macro.defaults), strict=False):
            self._held[argument.name] = self._held[argument.name] | self._value(default, path)
        self._active.append(macro.name)
        said = self._catch(macro.body, path)
        self._active.pop()
        for name, value in before.items():
            if value is None:
                self._held.pop(name, None)
            else:
                self._held[name] = value
        return said

    def _replaced(self, arguments: list[Value], node: nodes.Node, path: _Path) -> None:
        if len(arguments) < 2:
            return
        for old in arguments[0].texts:
            for new in arguments[1].texts:
                self.turned[Turned(old, new, path.optional, node.lineno or 0)] = None
