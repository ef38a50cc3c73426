"""What each tool may be given: declared by the operator in DATA/tools/*.yaml, read once, checked before it counts."""

import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput

MAX_FILES = 64
MAX_FILE_BYTES = 256 << 10
"""One file: a policy is read by people."""

MAX_TOOLS = 1_000

_ADDRESS = re.compile(
    r"https?://([A-Za-z0-9._-]{1,253})(?::\d{1,5})?(?:[/?#][^\\\x00-\x20]*)?", re.ASCII | re.IGNORECASE
)
"""Strict on purpose: what two readers of an address might disagree about (a user, a backslash, spaces) is outside."""

_ENCODED = re.compile(r"%(?:2e|2f|5c|00)|\x00", re.IGNORECASE)
"""Dots and slashes written as codes: nobody needs them, and some tools undo them later."""

Scalar = str | int | float | bool
Word = Annotated[str, Meta(min_length=1, max_length=128)]


class Argument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Within what one argument stays. Everything that is said here holds; what is not said is free."""

    one_of: tuple[Scalar, ...] = ()
    hosts: tuple[Word, ...] = ()
    """Of an http or https address: a host, or `*.host` for all below it."""
    under: tuple[Word, ...] = ()
    """Of a path: absolute folders that it stays in, after `..` is worked out."""
    at_least: float | None = None
    at_most: float | None = None
    longest: Annotated[int, Meta(ge=0)] | None = None
    """Characters of text, or items of a list."""
    required: bool = False


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tool. With `others: false` an argument that is not named is outside; `forbidden` takes any call for one."""

    name: Word
    arguments: dict[Word, Argument] = {}
    others: bool = True
    forbidden: bool = False


class ToolPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file. `source` narrows it to one sender; `undeclared: note` notes tools that it does not name."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
    tools: Annotated[tuple[Tool, ...], Meta(min_length=1, max_length=MAX_TOOLS)]
    source: Word | None = None
    undeclared: Literal["allow", "note"] = "allow"


class Outside(msgspec.Struct, frozen=True):
    """Why a call is outside: policy, tool, argument, and the rule that it breaks. All are the operator's words."""

    policy: str
    tool: str
    argument: str
    rule: str

    @property
    def evidence(self) -> str:
        return "/".join(part for part in (self.policy, self.tool, self.argument, self.rule) if part)


class ToolPolicies:
    """Every policy of a node. Without any, no call is outside: nothing was declared."""

    def __init__(self, policies: Sequence[ToolPolicy] = ()) -> None:
        self._policies = [(policy, {tool.name: tool for tool in policy.tools}) for policy in policies]

    def __bool__(self) -> bool:
        return bool(self._policies)

    def outside(self, source: str, tool: str, arguments: str) -> list[Outside]:
        """What of a call is outside every policy that speaks of its source."""
        found: list[Outside] = []
        for policy, tools in self._policies:
            if policy.source not in (None, source):
                continue
            declared = tools.get(tool)
            if declared is not None:
                found += _outside(policy.id, declared, arguments)
            elif policy.undeclared == "note":
                found.append(Outside(policy.id, "", "", "undeclared"))
        return found


def load_tool_policies(folder: Path) -> ToolPolicies:
    """The policies of every `*.yaml` in a folder that may be missing. Raises BadInput naming a bad file."""
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if len(files) > MAX_FILES:
        raise BadInput(f"{folder} holds more than {MAX_FILES} files; join some")
    policies = [_read(path) for path in files]
    names = [policy.id for policy in policies]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"two tool policies in {folder} have the id {twice}; rename one")
    return ToolPolicies(policies)


def _read(path: Path) -> ToolPolicy:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadInput(f"tool policy {path.name} is larger than {MAX_FILE_BYTES} bytes; split it")
        policy = msgspec.yaml.decode(path.read_bytes(), type=ToolPolicy)
    except (msgspec.MsgspecError, OSError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"tool policy {path.name}: {error}; docs/agents.md shows the form") from error
    names = [tool.name for tool in policy.tools]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"tool policy {path.name} names the tool {twice} twice; join its rules")
    return policy


def _outside(policy: str, tool: Tool, arguments: str) -> list[Outside]:
    if tool.forbidden:
        return [Outside(policy, tool.name, "", "forbidden")]
    if not tool.arguments and tool.others:
        return []
    try:
        given: Any = msgspec.json.decode(arguments) if arguments.strip() else {}
    except (msgspec.MsgspecError, RecursionError):
        given = None
    if not isinstance(given, dict):
        return [Outside(policy, tool.name, "", "not-an-object")]
    found = [
        Outside(policy, tool.name, name, rule)
        for name, allowed in tool.arguments.items()
        if (rule := _broken(allowed, given, name))
    ]
    if not tool.others and any(name not in tool.arguments for name in given):
        found.append(Outside(policy, tool.name, "", "others"))
    return found


def _broken(allowed: Argument, given: Mapping[str, Any], name: str) -> str:
    """The rule that an argument breaks, or nothing."""
    if name not in given or given[name] is None:
        return "required" if allowed.required else ""
    value = given[name]
    values = value if isinstance(value, list) else [value]
    if allowed.longest is not None and isinstance(value, str | list) and len(value) > allowed.longest:
        return "longest"
    for one in values:
        # True is 1 in Python, and nowhere else
        if allowed.one_of and not any(one == can and type(one) is type(can) for can in allowed.one_of):
            return "one_of"
        if allowed.hosts and not (isinstance(one, str) and _at(one, allowed.hosts)):
            return "hosts"
        if allowed.under and not (isinstance(one, str) and _under(one, allowed.under)):
            return "under"
        number = isinstance(one, int | float) and not isinstance(one, bool)
        if allowed.at_least is not None and not (number and one >= allowed.at_least):
            return "at_least"
        if allowed.at_most is not None and not (number and one <= allowed.at_most):
            return "at_most"
    return ""


def _at(address: str, hosts: Sequence[str]) -> bool:
    """Whether an address is http or https, without a user, at one of the hosts."""
    found = _ADDRESS.fullmatch(address.strip())
    host = found[1].casefold() if found else ""
    return any(host == can or (can.startswith("*.") and host.endswith(can[1:])) for can in hosts)


def _under(path: str, folders: Sequence[str]) -> bool:
    """Whether a path stays in one of the folders. Links are not followed: this node does not see that disk."""
    plain = path.replace("\\", "/")
    if _ENCODED.search(plain) or not plain.startswith("/"):
        return False
    normal = posixpath.normpath("/" + plain.lstrip("/"))
    return any(normal == folder or normal.startswith(folder.rstrip("/") + "/") for folder in folders)
