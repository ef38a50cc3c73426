"""What a chat template says that its parent's does not, and the other way: by what the two trees do, not by their text.

Two templates that are written differently and say the same under the same conditions do not differ: spaces inside
tags, `a.b` for `a['b']`, comments, a literal in two halves. A variable that is called otherwise does differ.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec
from jinja2 import nodes

from tocsin.assure.examining import finding
from tocsin.assure.texts.template_syntax import Unreadable, parsed, spelt
from tocsin.assure.texts.template_words import tells
from tocsin.kernel.artefacts import Finding

MAX_TOLD = 20
"""Findings on one pair; a template of another family differs everywhere, and one sentence says so."""


class Act(msgspec.Struct, frozen=True, order=True):
    """One thing a template does: says a literal, says an expression, or sets a variable, under conditions."""

    kind: str
    said: str
    conditions: tuple[str, ...]


def acts_of(tree: nodes.Template) -> Counter[Act]:
    """Everything a template does. Neighbouring literals under the same conditions are one."""
    found: Counter[Act] = Counter()
    for act in _acts(tree.body, ()):
        found[act] += 1
    return found


def _acts(body: list[nodes.Node], under: tuple[str, ...]) -> Iterator[Act]:
    literal = ""
    for node in body:
        if isinstance(node, nodes.Output):
            for part in _flat(node.nodes):
                if isinstance(part, nodes.TemplateData | nodes.Const):
                    literal += str(part.data if isinstance(part, nodes.TemplateData) else part.value)
                    continue
                if literal:
                    yield Act("literal", literal, under)
                literal = ""
                yield Act("expression", spelt(part), under)
            continue
        if literal:
            yield Act("literal", literal, under)
        literal = ""
        yield from _statement(node, under)
    if literal:
        yield Act("literal", literal, under)


def _flat(parts: list[nodes.Expr]) -> Iterator[nodes.Expr]:
    """`{{ 'a' + b ~ 'c' }}` as its three parts."""
    waiting = list(reversed(parts))
    while waiting:
        part = waiting.pop()
        if isinstance(part, nodes.Add):
            waiting += [part.right, part.left]
        elif isinstance(part, nodes.Concat):
            waiting += reversed(part.nodes)
        else:
            yield part


def _statement(node: nodes.Node, under: tuple[str, ...]) -> Iterator[Act]:
    match node:
        case nodes.If():
            before: tuple[str, ...] = ()
            for test, body in [(node.test, node.body), *((one.test, one.body) for one in node.elif_)]:
                yield from _acts(body, (*under, *before, spelt(test)))
                before = (*before, f"not ({spelt(test)})")
            yield from _acts(node.else_, (*under, *before))
        case nodes.For():
            chosen = f" if {spelt(node.test)}" if node.test is not None else ""
            yield from _acts(node.body, (*under, f"for {spelt(node.target)} in {spelt(node.iter)}{chosen}"))
            yield from _acts(node.else_, (*under, f"no {spelt(node.iter)}"))
        case nodes.Assign():
            yield Act("set", f"{spelt(node.target)} = {spelt(node.node)}", under)
        case nodes.AssignBlock() | nodes.Macro():
            name = node.name if isinstance(node, nodes.Macro) else spelt(node.target)
            yield from _acts(node.body, (*under, f"in {name}"))
        case _ if hasattr(node, "body"):
            yield from _acts(node.body, (*under, type(node).__name__.lower()))
        case _:
            yield Act("statement", spelt(node), under)


def template_difference(parent: str, child: str, path: str) -> list[Finding]:
    """Findings on the child, whose own template is at `path`: what it says more, what it leaves out, how many places.

    None when both do the same. A template that cannot be read is told by the rule that says why.
    """
    if parent == child:
        return []
    try:
        before, after = acts_of(parsed(parent)), acts_of(parsed(child))
    except Unreadable as unread:
        return [finding(unread.rule, path, why=unread.why)]
    more, less = sorted((after - before).elements()), sorted((before - after).elements())
    if not more and not less:
        return []
    first = (more or less)[0]
    told = [
        finding(
            "template.differs", path, count=len(more) + len(less), first=f"{first.kind} {first.said}"[:160]
        )
    ]
    kept = {act.said for act in before}
    told += [
        finding(
            "template.says-more",
            path,
            said=act.said.strip()[:80],
            condition=(act.conditions[-1] if act.conditions else "always")[:160],
        )
        for act in more
        if act.kind in {"literal", "set", "expression"} and act.said not in kept and tells([act.said])
    ]
    still = {act.said for act in after}
    told += [
        finding("template.drops", path, said=act.said.strip()[:80])
        for act in less
        if act.kind == "literal" and act.said not in still and tells([act.said])
    ]
    return told[:MAX_TOLD]
