"""Sigma rules for tests, as the YAML that a person would write."""

import textwrap
import uuid

CATEGORY = "fraud.scam"


def rule(
    detection: str,
    *,
    condition: str = "selection",
    number: int = 1,
    name: str = "",
    head: bool = True,
    kind: str = "",
    level: str = "high",
    category: str = CATEGORY,
    more: str = "",
) -> str:
    """A single rule. `detection` is what stands under `detection`, without the condition."""
    lines = [f"title: rule {number}", f"id: {uuid_of(number)}"]
    lines += [f"name: {name}"] if name else []
    lines += [f"tags: [conduct.{category}]", f"level: {level}"] if head else []
    lines += ["logsource:", "  product: tocsin", *([f"  category: {kind}"] if kind else [])]
    lines += [more] if more else []
    body = textwrap.indent(textwrap.dedent(detection).strip(), "  ")
    return "\n".join([*lines, "detection:", body, f"  condition: {condition}", ""])


def correlation(
    kind: str,
    *bases: str,
    group_by: str = "[actor]",
    span: str = "1h",
    condition: str = "{gte: 3}",
    number: int = 9,
    category: str = CATEGORY,
    more: str = "",
) -> str:
    """A correlation over base rules, which are named `a`, `b`, ... in their order."""
    names = "abcdefgh"[: len(bases)]
    head = f"""title: correlation {number}
id: {uuid_of(number)}
tags: [conduct.{category}]
level: high
correlation:
  type: {kind}
  rules: [{", ".join(names)}]
  group-by: {group_by}
  timespan: {span}
  condition: {condition}
{more}"""
    documents = [rule(base, number=100 + at, name=names[at], head=False) for at, base in enumerate(bases)]
    return "---\n".join([*documents, head])


def uuid_of(number: int) -> str:
    """A rule's id."""
    return str(uuid.UUID(int=0x5F0C << 112 | number))


SAYS_REFUND = "selection:\n  text|contains: lottery refund"
"""Harmless, and told from everything else."""
