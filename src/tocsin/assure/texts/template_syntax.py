"""A chat template as a syntax tree: parsed as transformers' sandbox would parse it, never rendered.

Bounds first: length, nodes and depth are held before anything walks the tree, for a chain of `+` nests without end.
"""

from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

MAX_TEMPLATE_CHARS = 262_144
"""The longest template of a published model known to us is 25,000 characters; ten times that has no genuine use."""

MAX_NODES = 60_000
MAX_GOVERNED = 1_000_000
"""Conditions that govern each part, all added up: `elif` after `elif` makes it grow with the square. The genuine
ones of the tests come to under 600."""

MAX_DEPTH = 150
"""Far above what people write (some 40), far below what the interpreter's stack bears."""


class Unreadable(Exception):
    """The template cannot be judged. `rule` is the rule that says why."""

    def __init__(self, rule: str, why: str = "", line: int = 0) -> None:
        super().__init__(rule)
        self.rule = rule
        self.why = why
        self.line = line


class _Generation(Extension):
    """`{% generation %}`, by which transformers marks what the model said; it changes nothing of the text."""

    tags = {"generation"}  # noqa: RUF012  (jinja2's own declaration)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


_ENVIRONMENT = Environment(  # noqa: S701  (nothing is rendered)
    trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, "jinja2.ext.loopcontrols"]
)


def parsed(text: str) -> nodes.Template:
    """The tree of a template. Raises Unreadable for what no sandbox would run, or what is over a bound."""
    if len(text) > MAX_TEMPLATE_CHARS:
        raise Unreadable("template.too-large", f"{len(text)} characters")
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        raise Unreadable("template.not-parsed", error.message or "", error.lineno) from None
    except (RecursionError, ValueError, OverflowError, MemoryError):
        raise Unreadable("template.too-large", "nested too deep") from None
    level: list[tuple[nodes.Node, int]] = [(tree, 0)]
    met = governed = 0
    for _ in range(MAX_DEPTH):
        met += len(level)
        governed += sum(conditions for _, conditions in level)
        if met > MAX_NODES or governed > MAX_GOVERNED:
            raise Unreadable("template.too-large", f"more than {MAX_NODES} parts, or too many branches")
        level = [below for node, conditions in level for below in _below(node, conditions)]
        if not level:
            return tree
    raise Unreadable("template.too-large", f"nested deeper than {MAX_DEPTH}")


def _below(node: nodes.Node, conditions: int) -> Iterator[tuple[nodes.Node, int]]:
    """What stands in a node, each with the number of conditions that govern it: a branch has those before it too."""
    if not isinstance(node, nodes.If):
        yield from ((child, conditions) for child in node.iter_child_nodes())
        return
    yield node.test, conditions
    yield from ((child, conditions + 1) for child in node.body)
    yield from ((child, conditions + at + 1) for at, child in enumerate(node.elif_))
    yield from ((child, conditions + len(node.elif_) + 1) for child in node.else_)


def every_node(tree: nodes.Node) -> Iterator[nodes.Node]:
    """The tree and all below it, in no promised order, without recursion."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.iter_child_nodes())


_SIGNS = {
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "gteq": ">=",
    "lt": "<",
    "lteq": "<=",
    "in": "in",
    "notin": "not in",
}


def spelt(node: nodes.Node | None) -> str:  # noqa: C901  (one case a kind of node)
    """An expression as one would write it, `a.b` and `a['b']` alike: for reasons shown and for comparison."""
    match node:
        case None:
            return ""
        case nodes.Name():
            return str(node.name)
        case nodes.NSRef():
            return f"{node.name}.{node.attr}"
        case nodes.Const():
            return repr(node.value)
        case nodes.TemplateData():
            return repr(node.data)
        case nodes.Getattr():
            return f"{spelt(node.node)}.{node.attr}"
        case nodes.Getitem() if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return f"{spelt(node.node)}.{node.arg.value}"
        case nodes.Getitem():
            return f"{spelt(node.node)}[{spelt(node.arg)}]"
        case nodes.Slice():
            return f"{spelt(node.start)}:{spelt(node.stop)}:{spelt(node.step)}".rstrip(":") or ":"
        case nodes.Compare():
            return spelt(node.expr) + "".join(f" {_SIGNS[one.op]} {spelt(one.expr)}" for one in node.ops)
        case nodes.And() | nodes.Or():
            word = "and" if isinstance(node, nodes.And) else "or"
            return f"({spelt(node.left)} {word} {spelt(node.right)})"
        case nodes.Not():
            return f"not {spelt(node.node)}"
        case nodes.Filter():
            return f"{spelt(node.node)}|{node.name}{_arguments(node) if node.args or node.kwargs else ''}"
        case nodes.Test():
            return f"{spelt(node.node)} is {node.name}{_arguments(node) if node.args else ''}"
        case nodes.Call():
            return f"{spelt(node.node)}{_arguments(node)}"
        case nodes.CondExpr():
            return f"{spelt(node.expr1)} if {spelt(node.test)} else {spelt(node.expr2)}"
        case nodes.BinExpr():
            return f"{spelt(node.left)} {node.operator} {spelt(node.right)}"
        case nodes.Keyword() | nodes.Pair():
            key = node.key if isinstance(node.key, str) else spelt(node.key)
            return f"{key}={spelt(node.value)}"
    inner = ", ".join(spelt(child) for child in node.iter_child_nodes())
    return f"{type(node).__name__.lower()}({inner})"


def _arguments(node: nodes.Filter | nodes.Test | nodes.Call) -> str:
    return f"({', '.join(spelt(one) for one in [*node.args, *node.kwargs])})"
