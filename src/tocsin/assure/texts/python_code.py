"""What Python source does, from its syntax tree: what it reaches for, and whether merely importing it is enough.

Never imported, never compiled to code. Names are followed through imports and aliases, not through values.
"""
# ruff: noqa: SIM905  (lists of words read better as words)

import ast
import re
import warnings
from collections.abc import Iterable, Iterator

import msgspec

MAX_SOURCE_CHARS = 1_000_000
"""The longest modelling files have 250,000."""

MAX_PARTS = 80_000
"""Signs of which a syntax tree's parts are made, counted before it is built: each takes about a kilobyte. The longest
modelling files have 40,000."""

_PARTS = re.compile(r"[(.=,\[{+\n;:@]")

_PROCESS = (
    "os.system os.popen os.exec os.spawn os.posix_spawn os.startfile os.fork subprocess pty.spawn commands"
).split()
_NETWORK = (
    "socket urllib.request urllib3 requests httpx http.client aiohttp ftplib smtplib telnetlib paramiko websocket"
    " websockets xmlrpc wget"
).split()
_CODE = (
    "exec eval compile builtins.exec builtins.eval builtins.compile builtins.__import__ runpy marshal.load"
    " marshal.loads pickle.load pickle.loads pickle.Unpickler cPickle dill.load dill.loads cloudpickle.load"
    " cloudpickle.loads joblib.load cffi ctypes.CDLL ctypes.PyDLL ctypes.WinDLL ctypes.OleDLL ctypes.cdll"
    " ctypes.windll ctypes.pythonapi types.FunctionType types.CodeType code.interact"
    " importlib.util.spec_from_loader torch.hub.load"
).split()
_DECODERS = (
    "base64 zlib.decompress gzip.decompress bz2.decompress lzma.decompress codecs.decode binascii bytes.fromhex"
    " bytearray.fromhex marshal.loads"
).split()
_RUNS = frozenset(
    {"exec", "eval", "compile", "builtins.exec", "builtins.eval", "marshal.loads", "pickle.loads"}
)
_HARMLESS = frozenset(
    "socket.gethostname requests.Session requests.exceptions subprocess.CalledProcessError".split()
)
_CHANGES = frozenset(
    "os.remove os.unlink os.rmdir os.removedirs os.rename os.replace os.symlink os.chmod shutil.rmtree shutil.move"
    " shutil.copy shutil.copyfile shutil.copytree".split()
)
_WRITERS = frozenset({"write_text", "write_bytes"})
_INDIRECT = frozenset({"globals", "locals", "vars", "__builtins__", "sys.modules", "builtins.__dict__"})


class Reach(msgspec.Struct, frozen=True):
    """One thing the source reaches for. `kind`: "process", "network", "code", "encoded code", "files", "trust"."""

    kind: str
    name: str
    line: int
    at_import: bool


class NotPython(Exception):
    """It does not parse, or is over a bound."""


def reached_by(source: str) -> list[Reach]:
    """What a module reaches for, in the order of its lines. Raises NotPython."""
    if len(source) > MAX_SOURCE_CHARS:
        raise NotPython(f"more than {MAX_SOURCE_CHARS} characters")
    if sum(1 for _ in _PARTS.finditer(source)) > MAX_PARTS:
        raise NotPython(f"more than {MAX_PARTS} parts")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotPython(str(error.args[0]) if error.args else "nested too deep") from None
    return _Module(tree).reached()


class _Module:
    def __init__(self, tree: ast.Module) -> None:
        self._every = list(ast.walk(tree))
        self._names: dict[str, str] = {}
        self._local: dict[str, ast.AST] = {}
        self._decoded: set[str] = set()
        for node in self._every:
            self._note(node)
        self._imported = self._import_time(tree)

    def reached(self) -> list[Reach]:
        found: dict[tuple[str, str, bool], Reach] = {}
        for node in self._every:
            for kind, name in self._of(node):
                at_import = id(node) in self._imported
                found.setdefault(
                    (kind, name, at_import), Reach(kind, name, getattr(node, "lineno", 0), at_import)
                )
        return sorted(found.values(), key=lambda one: (one.line, one.kind, one.name))

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Import():
                for one in node.names:
                    self._names[one.asname or one.name.partition(".")[0]] = (
                        one.name if one.asname else one.name.partition(".")[0]
                    )
            case ast.ImportFrom() if node.module and not node.level:
                for one in node.names:
                    self._names[one.asname or one.name] = f"{node.module}.{one.name}"
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._local.setdefault(node.name, node)
            case ast.Assign() if isinstance(node.value, ast.Name | ast.Attribute):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._names.setdefault(target.id, self._dotted(node.value))
            case ast.Assign() if self._decodes(node.value):
                self._decoded |= {one.id for one in node.targets if isinstance(one, ast.Name)}

    def _dotted(self, node: ast.AST) -> str:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            parts.append(self._names.get(node.id, node.id))
        elif isinstance(node, ast.Call) and self._dotted(node.func) in {
            "__import__",
            "importlib.import_module",
        }:
            first = node.args[0] if node.args else None
            parts.append(str(first.value) if isinstance(first, ast.Constant) else "?")
        else:
            parts.append("?")
        return ".".join(reversed(parts))

    def _of(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Subscript):
            held = node.value.func if isinstance(node.value, ast.Call) else node.value
            named = isinstance(node.slice, ast.Constant) and not _kind_of(str(node.slice.value))
            named = named or (
                isinstance(node.slice, ast.Name) and node.slice.id == "__name__"
            )  # the module itself
            if self._dotted(held) in _INDIRECT and not named:
                yield "code", f"{self._dotted(held)}[...]"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:  # `@os.system` calls it
                name = self._dotted(decorator)
                if kind := _kind_of(name):
                    yield kind, name
        if isinstance(node, ast.Call):
            yield from self._called(node)

    def _called(self, node: ast.Call) -> Iterator[tuple[str, str]]:
        name = self._dotted(node.func)
        if name in _RUNS and any(self._decodes(one) for one in node.args):
            yield "encoded code", name
        kind = _kind_of(name)
        if kind:
            yield kind, name
        elif _writes(node, name):
            yield "files", name
        elif any(one.arg == "trust_remote_code" and _is_true(one.value) for one in node.keywords):
            yield "trust", name
        elif name in {"__import__", "importlib.import_module"}:
            first = node.args[0] if node.args else None
            if not isinstance(first, ast.Constant) and name == "__import__":
                yield "code", name
        elif name == "getattr" and len(node.args) > 1:
            yield from self._gotten(node)

    def _gotten(self, node: ast.Call) -> Iterator[tuple[str, str]]:
        """`getattr(os, "sys" + "tem")`: a dangerous module by a name that is computed or dangerous."""
        held, wanted = self._dotted(node.args[0]), node.args[1]
        if isinstance(wanted, ast.Constant):
            kind = _kind_of(f"{held}.{wanted.value!s}")
            if kind:
                yield kind, f"{held}.{wanted.value!s}"
        elif held in {"os", "subprocess", "builtins", "__builtins__", "posix", "sys"}:
            yield "code", f"getattr({held}, ...)"

    def _decodes(self, node: ast.AST) -> bool:
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and one.id in self._decoded:
                return True
            if isinstance(one, ast.Call) and _under(self._dotted(one.func), [*_DECODERS, *_NETWORK]):
                return True
            if (
                isinstance(one, ast.Call)
                and isinstance(one.func, ast.Attribute)
                and one.func.attr == "fromhex"
            ):
                return True
        return False

    def _import_time(self, tree: ast.Module) -> set[int]:
        """The ids of all nodes that run when the module is imported, through calls of its own functions."""
        found: set[int] = set()
        waiting: list[ast.AST] = [one for one in tree.body if not _is_main_guard(one)]
        while waiting:
            node = waiting.pop()
            if id(node) in found:
                continue
            found.add(id(node))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                waiting += [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
                waiting += [self._local[one] for one in _called(node.decorator_list) if one in self._local]
                continue
            if isinstance(node, ast.Lambda):
                continue
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                waiting += self._bodies(node.func)
            waiting += ast.iter_child_nodes(node)
        return found

    def _bodies(self, called: ast.Name | ast.Attribute) -> Iterator[ast.AST]:
        own = self._local.get(called.id if isinstance(called, ast.Name) else called.attr)
        if isinstance(own, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from own.body
        elif isinstance(own, ast.ClassDef):
            for method in own.body:
                if isinstance(method, ast.FunctionDef) and method.name in {"__init__", "__new__", "__call__"}:
                    yield from method.body


def _kind_of(name: str) -> str:
    if name in _HARMLESS:
        return ""
    for kind, names in (("process", _PROCESS), ("network", _NETWORK), ("code", _CODE)):
        if _under(name, names):
            return kind
    return ""


def _writes(node: ast.Call, name: str) -> bool:
    """Whether a call changes files: `open` for writing, removing and moving."""
    if name in _CHANGES or (isinstance(node.func, ast.Attribute) and node.func.attr in _WRITERS):
        return True
    if name not in {"open", "io.open", "builtins.open", "codecs.open"}:
        return False
    mode = (
        node.args[1]
        if len(node.args) > 1
        else next((one.value for one in node.keywords if one.arg == "mode"), None)
    )
    return isinstance(mode, ast.Constant) and not {"w", "a", "x", "+"}.isdisjoint(str(mode.value))


def _is_true(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _under(name: str, names: Iterable[str]) -> bool:
    """Whether a dotted name is one of `names`, lies under it, or (os.exec) begins with it."""
    return any(
        name == one or name.startswith(f"{one}.") or (one[-5:] in {".exec", "spawn"} and name.startswith(one))
        for one in names
    )


def _called(nodes: Iterable[ast.AST]) -> list[str]:
    return [one.id for node in nodes for one in ast.walk(node) if isinstance(one, ast.Name)]


def _is_main_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in _called([node.test])
