"""A plan file: YAML (JSON is some), bounded, read one way, and then exactly a `Plan`.

YAML here is text, numbers, true, false and null (its 1.2 core): a date stays text, and `no` is Norwegian. Refused:
aliases, tags, a key twice, a field that nobody knows.
"""

import re
from typing import Any

import msgspec
import yaml

from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.kernel.plans import Plan

MAX_PLAN_BYTES = 256 << 10
"""A plan of fifty tasks and two hundred lines with their reasons is a fifth of it."""

MAX_EVENTS = 20_000
"""Words and brackets of YAML in that."""

MAX_DEPTH = 12
"""A plan nests five deep."""

MAX_TEXT_CHARS = 4_000
"""One field: a page."""

MAX_LISTED = 500
"""Lines, languages, tasks, arguments: in each list."""

MAX_NAME_CHARS = 200
"""Of a task, a line, a judge, a model: they are keys elsewhere."""

TEMPLATE = "`tocsin evaluation plan template` prints the shape"


class _Loader(yaml.SafeLoader):
    """The safe loader with the scalars of YAML 1.2's core schema."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise BadInput(f"the plan, {_line(key)}: a key is a word; {TEMPLATE}")
            if key.value in seen:
                raise BadInput(f"the plan, {_line(key)}: {key.value[:64]!r} is there twice: take one away")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {}  # else the parent's, which make dates and numbers of words
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|~|)\Z"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?[0-9]+\Z"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"-?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?\Z"),
    list("-.0123456789"),
)


def _int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    # as it is read in every other format: a zero in front is no octal
    return int(loader.construct_scalar(node))


def _float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def read_plan(data: bytes) -> Plan:
    """The plan of a file's bytes. Raises BadInput, naming the field or the line, and TooLarge."""
    if len(data) > MAX_PLAN_BYTES:
        raise TooLarge(f"the plan is over {MAX_PLAN_BYTES >> 10} KiB: keep texts and items elsewhere")
    try:
        text = data.decode("utf-8")
        _bounded(text)
        value = yaml.load(text, Loader=_Loader)  # noqa: S506  # a subclass of the safe one
    except UnicodeDecodeError:
        raise BadInput("the plan is not UTF-8: save it as such") from None
    except yaml.YAMLError as error:
        raise BadInput(f"the plan is not YAML: {_problem(error)}") from None
    except (ValueError, RecursionError):  # a whole number of thousands of digits
        raise BadInput(f"the plan has a number that nobody can read; {TEMPLATE}") from None
    return plan_of(value)


def plan_of(value: Any) -> Plan:
    """The plan of decoded JSON or YAML. Raises BadInput naming the field, and TooLarge."""
    _short(value, "$")
    try:
        return msgspec.convert(value, Plan)
    except msgspec.ValidationError as error:
        raise BadInput(f"the plan: {error}; {TEMPLATE}") from None


def _bounded(text: str) -> None:
    """Before anything is built: how much, how deep, and nothing that stands for something else."""
    depth = 0
    for met, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if met > MAX_EVENTS or depth > MAX_DEPTH:
            raise TooLarge(f"the plan has over {MAX_EVENTS:,} parts, or nests over {MAX_DEPTH} deep")
        if isinstance(event, yaml.AliasEvent):
            raise BadInput(f"the plan, {_line(event)}: write it out, aliases (*name) are not read")
        if getattr(event, "tag", None) not in (None, "!"):
            raise BadInput(f"the plan, {_line(event)}: tags (!name) are not read: take it away")


def _short(value: Any, where: str) -> None:
    if isinstance(value, str) and len(value) > MAX_TEXT_CHARS:
        raise TooLarge(f"the plan: over {MAX_TEXT_CHARS:,} characters - at `{where}`")
    if isinstance(value, dict | list) and len(value) > MAX_LISTED:
        raise TooLarge(f"the plan: over {MAX_LISTED} entries - at `{where}`")
    if isinstance(value, dict):
        for name, one in value.items():
            _short(one, f"{where}.{str(name)[:64]}")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            _short(one, f"{where}[{place}]")


def _line(met: Any) -> str:
    return f"line {met.start_mark.line + 1}" if met.start_mark else "somewhere"


def _problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem}, line {error.problem_mark.line + 1}"
    return str(error).splitlines()[0]
