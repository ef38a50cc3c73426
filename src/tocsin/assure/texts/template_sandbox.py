"""What a chat template has no use for: the way out of the sandbox, other templates, functions nobody gives it."""
# ruff: noqa: SIM905  (lists of words read better as words)

import re
from collections.abc import Iterator

from jinja2 import nodes
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.tests import TESTS as DEFAULT_TESTS

from tocsin.assure.examining import finding
from tocsin.assure.texts.template_syntax import every_node, spelt
from tocsin.kernel.artefacts import Finding

FUNCTIONS = frozenset(
    {"raise_exception", "strftime_now", "range", "dict", "namespace", "loop", "caller", "varargs"}
)
"""What transformers' sandbox gives a template, and what genuine ones call (transformers 4.57 `chat_template_utils`)."""

ESCAPES = frozenset(
    {"lipsum", "cycler", "joiner", "self", "config", "request", "url_for", "get_flashed_messages"}
)
"""Objects that ways out of a sandbox begin with; a chat has no use for any of them."""

FILTERS = frozenset(DEFAULT_FILTERS) | {"tojson", "from_json", "fromjson"}
TESTS = frozenset(DEFAULT_TESTS)

INNER_NAMES = frozenset(
    "mro im_func im_self func_globals func_code gi_frame gi_code cr_frame cr_code f_globals f_builtins f_back"
    " tb_frame co_consts".split()
)
_INNER_IN_TEXT = re.compile(r"(?<![A-Za-z0-9_])__[a-z]{3,}__(?![A-Za-z0-9_])")
"""`'{0.__class__}'.format(x)` reaches it as well."""

MAX_TIMES = 100_000
"""Jinja's own bound on `range` in a sandbox; text multiplied by more fills the memory."""


def outside_the_sandbox(tree: nodes.Template, path: str) -> Iterator[Finding]:
    """Findings on what the tree uses, one a kind and line."""
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    seen: set[tuple[str, str]] = set()
    for node in every_node(tree):
        for rule, said in _of(node, macros):
            if (rule, said) not in seen:
                seen.add((rule, said))
                yield finding(rule, path, field=f"line {node.lineno}", said=said)


def _of(node: nodes.Node, macros: set[str]) -> Iterator[tuple[str, str]]:  # noqa: C901  (one case a kind of node)
    match node:
        case nodes.Import() | nodes.FromImport() | nodes.Include() | nodes.Extends():
            yield "template.other-template", type(node).__name__.lower()
        case nodes.Getattr() if _inner(node.attr):
            yield "template.escape", spelt(node)
        case nodes.Getitem() if not isinstance(node.arg, nodes.Const | nodes.Slice) and _makes_underscores(
            node.arg
        ):
            yield "template.escape", spelt(node)
        case nodes.Const() if isinstance(node.value, str) and (
            _inner(node.value) or _INNER_IN_TEXT.search(node.value)
        ):
            yield "template.escape", node.value
        case nodes.Filter() if node.name == "attr" or _chooses_by_computed_name(node):
            yield "template.escape", spelt(node)
        case nodes.Filter() if node.name not in FILTERS:
            yield "template.unknown-function", f"|{node.name}"
        case nodes.Test() if node.name not in TESTS:
            yield "template.unknown-function", f"is {node.name}"
        case nodes.Name() if node.name in ESCAPES and node.ctx == "load" and node.name not in macros:
            yield "template.escape", node.name
        case nodes.Call() if isinstance(node.node, nodes.Name) and node.node.name not in FUNCTIONS | macros:
            if node.node.name not in ESCAPES:
                yield "template.unknown-function", f"{node.node.name}()"
            elif node.node.name in ESCAPES:
                yield "template.escape", node.node.name
        case nodes.Mul() | nodes.Pow() if any(_huge(one) for one in (node.left, node.right)):
            yield "template.exhausts", spelt(node)
        case nodes.Call() if any(_huge(one) for one in node.args):
            yield "template.exhausts", spelt(node)
        case nodes.Filter() if any(_huge(one) for one in node.args):
            yield "template.exhausts", spelt(node)


def _inner(name: str) -> bool:
    return name in INNER_NAMES or (name.startswith("__") and name.endswith("__") and len(name) > 4)


def _makes_underscores(node: nodes.Node) -> bool:
    return any(isinstance(one, nodes.Const) and "_" in str(one.value) for one in every_node(node))


def _chooses_by_computed_name(node: nodes.Filter) -> bool:
    """`map(attribute='__cla' ~ 'ss__')`: whose name is made up is not known, and nobody makes up "role"."""
    names = [one.value for one in node.kwargs if one.key == "attribute"]
    if node.name in {"selectattr", "rejectattr", "groupby"}:
        names += node.args[:1]
    return any(not isinstance(one, nodes.Const) for one in names)


def _huge(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, int) and abs(node.value) > MAX_TIMES
