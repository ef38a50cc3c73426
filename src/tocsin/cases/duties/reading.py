"""YAML read strictly: no key twice, no alias, no unknown key; what is wrong is told by file, line and key.

Enters: bytes of a file that a person wrote. Leaves: a value of the shape asked for. Refuses the rest, with BadInput.
"""

import re
from typing import TypeVar

import msgspec
import yaml

from tocsin.kernel import BadInput, TooLarge

MAX_FILE_BYTES = 128 << 10
"""The largest packaged pack is a sixth of it."""

MAX_DEPTH = 16
MAX_NODES = 20_000
"""Scalars, lists and mappings in one file."""

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATH = re.compile(r"`\$([^`]*)`")
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[\.\.\.\]")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
Shape = TypeVar("Shape")


def read_strictly(data: bytes, name: str, shape: type[Shape]) -> Shape:
    """The file as `shape`. Raises BadInput naming file, line and key; TooLarge."""
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"{name} has {len(data)} bytes; {MAX_FILE_BYTES} is the most: split it")
    try:
        text = data.decode("utf-8")
        if text.count("&") or text.count("*"):
            _refuse_aliases(text, name)
        root = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: byte {error.start} is no UTF-8; save the file as UTF-8") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInput(f"{name}: no YAML: {' '.join(str(error).split())[:200]}") from None
    if root is None:
        raise BadInput(f"{name} is empty; docs/duties.md shows a pack")
    _look(root, name)
    try:
        return msgspec.yaml.decode(data, type=shape)
    except msgspec.ValidationError as error:
        raise BadInput(
            f"{name}{_place(str(error), root)}: {_told(error)}; docs/duties.md shows the form"
        ) from None
    except (msgspec.MsgspecError, yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        raise BadInput(f"{name}: {str(error)[:200]}; docs/duties.md shows the form") from None


def _refuse_aliases(text: str, name: str) -> None:
    """An alias makes much out of little, and a reader has to look elsewhere for what is said here."""
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise BadInput(f"{name} line {line}: anchors and aliases are not read; write it out")


def _look(root: yaml.Node, name: str) -> None:
    waiting = [(root, 1)]
    nodes = 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise TooLarge(
                f"{name} line {_line(node)}: over {MAX_NODES} values or {MAX_DEPTH} levels; make it smaller"
            )
        if isinstance(node, yaml.SequenceNode):
            waiting += [(one, depth + 1) for one in node.value]
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise BadInput(f"{name} line {_line(key)}: a key is a plain word")
                if key.value in seen:
                    raise BadInput(
                        f"{name} line {_line(key)}: `{key.value[:64]}` stands there twice; take one out"
                    )
                seen.add(key.value)
                waiting.append((value, depth + 1))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _place(message: str, root: yaml.Node) -> str:
    """Line and path of what a message of msgspec speaks of."""
    found = _PATH.search(message)
    path = found[1].lstrip(".") if found else ""
    node: yaml.Node = root
    for key, index in _STEP.findall(found[1] if found else ""):
        if isinstance(node, yaml.MappingNode):
            node = next((value for name, value in node.value if name.value == key), node)
        elif isinstance(node, yaml.SequenceNode) and index and int(index) < len(node.value):
            node = node.value[int(index)]
    unknown = _UNKNOWN.search(message)
    if unknown is not None and isinstance(node, yaml.MappingNode):
        node = next((key for key, _ in node.value if key.value == unknown[1]), node)
        path = f"{path}.{unknown[1]}".lstrip(".")
    return f" line {_line(node)}" + (f" `{path}`" if path else "")


def _told(error: msgspec.ValidationError) -> str:
    return _PATH.sub("", str(error)).removesuffix(" - at ").strip()[:200]
