"""From the bytes of a rule to the tree. pySigma reads; what it reads is held against what this node can run.

1. The bytes are bounded, and so are documents, nodes and nesting of the YAML; no aliases, no tags.
2. pySigma parses documents and resolves what a correlation refers to.
3. There is one head: the only rule, or the only correlation, and every other document is joined by it.
4. The head names one conduct of the closed list by a tag `conduct.CATEGORY`.
5. Each condition becomes a tree over fields of the allow-list; a modifier that is not run as written is refused.
6. A rule is of one place (`fields`), and does not single out an account.

Source: the Sigma specification 2.1 (rules, correlations, modifiers).
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml

from tocsin.kernel import BadInput, Kind, TooLarge, Unavailable
from tocsin.taxonomy import category, refused_subject
from tocsin.wire.sigma.conditions import MAX_CONDITION_CHARS, condition_of
from tocsin.wire.sigma.fields import Field, Place, field_of, grouping_field
from tocsin.wire.sigma.tree import And, Base, Correlation, CorrelationKind, Like, Node, Rule, leaves

if TYPE_CHECKING:  # the extra `rules`
    from sigma.correlations import SigmaCorrelationRule
    from sigma.rule import SigmaRule

MAX_RULE_BYTES = 64 << 10
"""One rule with all it joins. The longest of the public rule set has 30 kB; a STIX object may have 256 kB."""

MAX_DOCUMENTS = 16
MAX_YAML_EVENTS = 20_000
"""Scalars, lists and mappings, and their ends: bounds the time of parsing before anything is built."""

MAX_YAML_DEPTH = 16
MAX_SPAN_SECONDS = 14 * 86_400
"""A correlation looks no further: history is fed again after a restart, and people forget why."""

MAX_GROUP_FIELDS = 4
MAX_LEAST = 1_000_000
MAX_TITLE_CHARS = 200
MAX_DESCRIPTION_CHARS = 2_000
CONDUCT = "conduct"
PRODUCT = "tocsin"
LEVELS = ("informational", "low", "medium", "high", "critical")

MISSING = (
    "reading Sigma rules needs the extra `rules`: `pip install 'tocsin[rules]'` (pySigma, LGPL-2.1, is not a"
    " part of the core)"
)


def read_rule(data: bytes, name: str) -> Rule:
    """The rule of one file or record. Raises BadInput (TooLarge) naming `name`, the field and what to do.

    Unavailable when pySigma is not installed.
    """
    text = _checked(data, name)  # 1
    try:
        from sigma.collection import SigmaCollection
        from sigma.correlations import SigmaCorrelationRule
        from sigma.exceptions import SigmaError
        from sigma.rule import SigmaRule
    except ImportError as error:
        raise Unavailable(MISSING) from error
    try:
        found = SigmaCollection.from_yaml(text)  # 2
        rules = [one for one in found.rules if isinstance(one, SigmaRule)]
        heads = [one for one in found.rules if isinstance(one, SigmaCorrelationRule)]
        for one in rules:
            if any(len(said) > MAX_CONDITION_CHARS for said in one.detection.condition):
                raise TooLarge(f"{name}: a condition has more than {MAX_CONDITION_CHARS} characters")
        return _rule(text, name, rules, heads)
    except BadInput:
        raise
    except (SigmaError, yaml.YAMLError, RecursionError) as error:
        raise BadInput(f"{name}: {_short(error)}") from None
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        # pySigma trusts the types of what it reads; a stranger's YAML need not have them
        raise BadInput(f"{name}: it is not a Sigma rule ({type(error).__name__}): {_short(error)}") from None


def _checked(data: bytes, name: str) -> str:
    if len(data) > MAX_RULE_BYTES:
        raise TooLarge(f"{name}: {len(data)} bytes; {MAX_RULE_BYTES} is the most a rule may have")
    try:
        text = data.decode("utf-8")
        depth = documents = 0
        for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
            documents += isinstance(event, yaml.DocumentStartEvent)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if number > MAX_YAML_EVENTS or depth > MAX_YAML_DEPTH or documents > MAX_DOCUMENTS:
                raise TooLarge(
                    f"{name}: more than {MAX_DOCUMENTS} documents, {MAX_YAML_DEPTH} levels or too many values"
                )
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise BadInput(f"{name}: write aliases out: YAML anchors are not taken")
            if getattr(event, "tag", None):
                raise BadInput(f"{name}: YAML tags are not taken")
    except UnicodeDecodeError:
        raise BadInput(f"{name}: it is not UTF-8") from None
    except yaml.YAMLError as error:
        raise BadInput(f"{name}: it is not YAML: {_short(error)}") from None
    return text


def _rule(
    text: str, name: str, rules: "Sequence[SigmaRule]", heads: "Sequence[SigmaCorrelationRule]"
) -> Rule:
    if len(heads) > 1 or (not heads and len(rules) != 1):  # 3
        raise BadInput(
            f"{name}: a file holds one rule, or one correlation with the rules it joins; put others in files of"
            " their own"
        )
    head: Any = heads[0] if heads else rules[0]
    title, description = _words(head, name)
    if head.id is None:
        raise BadInput(f"{name}: give it an `id` (a UUID), so that it stays the same rule when it is changed")
    bases = tuple(_base(rule, name) for rule in rules)
    correlation = _correlation(heads[0], rules, bases, name) if heads else None
    return Rule(
        id=str(head.id),
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        title=title,
        description=description,
        category=_category(head, name),
        level=head.level.name.lower() if head.level else "medium",
        experimental=head.status is not None and head.status.name.lower() == "experimental",
        bases=bases,
        correlation=correlation,
        text=text,
    )


def _words(head: Any, name: str) -> tuple[str, str]:
    title, description = " ".join(head.title.split()), " ".join((head.description or "").split())
    if not title or len(title) > MAX_TITLE_CHARS or len(description) > MAX_DESCRIPTION_CHARS:
        raise BadInput(
            f"{name}: title has 1 to {MAX_TITLE_CHARS} characters, description up to {MAX_DESCRIPTION_CHARS}"
        )
    return title, description


def _category(head: Any, name: str) -> str:  # 4
    named = [str(tag.name) for tag in head.tags if tag.namespace == CONDUCT]
    if len(named) != 1:
        raise BadInput(f"{name}: name one conduct by a tag, as `tags: [conduct.fraud.scam]`")
    refused = refused_subject(named[0])
    if refused is not None:
        raise BadInput(
            f"{name}: {named[0]!r} names {refused.en}, which is never a category; describe conduct addressed to"
            " someone instead (docs/rules.md)"
        )
    if category(named[0]) is None:
        raise BadInput(f"{name}: {named[0]!r} is not in the list of conduct (docs/reference.md)")
    return named[0]


def _base(rule: "SigmaRule", name: str) -> Base:
    label = rule.name or str(rule.id or rule.title)
    where = f"{name}: {label[:64]}"
    if len(rule.detection.parsed_condition) != 1:
        raise BadInput(f"{where}: write one condition; join several with `or`")
    condition: Node = condition_of(rule, where)  # 5
    asked = list(leaves(condition))
    kind = _kind(rule, where)
    if all(leaf.field.name in ("actor", "session") for leaf in asked):  # 6
        raise BadInput(
            f"{where}: it names accounts or sessions alone; that belongs in a correlation, as `group-by: [actor]`"
        )
    places = {leaf.field.place for leaf in asked} - {Place.BOTH}
    if len(places) > 1:
        names = ", ".join(sorted({leaf.field.name for leaf in asked if leaf.field.place is not Place.BOTH}))
        raise BadInput(
            f"{where}: {names}: text and attributes are seen at the door only, accounts and signals in history only;"
            " write two rules and join them by a temporal correlation"
        )
    if kind is not None:
        condition = And((Like(field_of("kind", where), (kind,)), condition))
    return Base(name=label, condition=condition, place=places.pop() if places else Place.DOOR)


def _kind(rule: "SigmaRule", where: str) -> str | None:
    """The kind that the log source names. A rule for other products would find nothing, and seem to watch."""
    source = rule.logsource
    if source.product != PRODUCT or source.service is not None:
        raise BadInput(
            f"{where}: logsource is `product: {PRODUCT}`, with `category` one of {', '.join(Kind)}"
        )
    if source.category is None:
        return None
    if source.category not in tuple(Kind):
        raise BadInput(f"{where}: logsource.category is one of {', '.join(Kind)}, or left out")
    return str(source.category)


def _correlation(
    head: "SigmaCorrelationRule", rules: "Sequence[SigmaRule]", bases: Sequence[Base], name: str
) -> Correlation:
    try:
        kind = CorrelationKind(head.type.name.lower())
    except ValueError:
        raise BadInput(f"{name}: type is one of {', '.join(CorrelationKind)}") from None
    if head.aliases.aliases:
        raise BadInput(f"{name}: aliases are not needed: every rule here has the same fields")
    if head.generate:
        raise BadInput(f"{name}: generate is not taken: give the rule that shall ring by itself its own file")
    joined = [reference.rule for reference in head.rules or ()]
    steps = tuple(at for one in joined for at, rule in enumerate(rules) if rule is one)
    if len(steps) != len(joined) or not steps or len(set(steps)) != len(steps):
        raise BadInput(f"{name}: rules names each rule of this file once, and no correlation")
    if set(steps) != set(range(len(rules))):
        raise BadInput(f"{name}: it holds a rule that the correlation does not join")
    if not 0 < head.timespan.seconds <= MAX_SPAN_SECONDS:
        raise BadInput(f"{name}: timespan is at most {MAX_SPAN_SECONDS // 86_400} days")
    group_by = tuple(grouping_field(one, name) for one in head.group_by or ())
    if len(group_by) > MAX_GROUP_FIELDS:
        raise BadInput(f"{name}: group-by names at most {MAX_GROUP_FIELDS} fields")
    least, counted = _least(head, kind, name)
    return Correlation(kind, steps, group_by, head.timespan.seconds * 1_000_000, least, counted)


def _least(head: "SigmaCorrelationRule", kind: CorrelationKind, name: str) -> tuple[int, Field | None]:
    from sigma.correlations import SigmaCorrelationCondition

    condition = head.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        raise BadInput(f"{name}: a condition over rule names is not taken: list the rules in `rules`")
    if kind in (CorrelationKind.TEMPORAL, CorrelationKind.TEMPORAL_ORDERED):
        if len(head.rules or ()) < 2:
            raise BadInput(f"{name}: {kind} joins two rules or more")
        return 1, None
    sign = condition.op.name.lower()
    if sign not in ("gt", "gte"):
        raise BadInput(f"{name}: condition is gte or gt: fewer of something is no alarm here")
    if not isinstance(condition.count, int):
        raise BadInput(f"{name}: condition counts in whole numbers")
    least = condition.count + (sign == "gt")
    if not 1 <= least <= MAX_LEAST:
        raise BadInput(f"{name}: condition counts from 1 to {MAX_LEAST}")
    if kind is CorrelationKind.EVENT_COUNT:
        if condition.fieldref is not None:
            raise BadInput(f"{name}: event_count counts events; value_count has a `field`")
        return least, None
    if not isinstance(condition.fieldref, str):
        raise BadInput(f"{name}: value_count counts one `field`")
    return least, grouping_field(condition.fieldref, name)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
