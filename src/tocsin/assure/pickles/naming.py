"""The opcodes that name what is to be imported, call it, and set state: where all harm begins."""

from tocsin.assure.pickles.allowed import allowed
from tocsin.assure.pickles.machine import Machine
from tocsin.assure.pickles.reading import BrokenStream
from tocsin.assure.pickles.values import UNKNOWN, Blob, Made, Opaque, Tuple, Value

_dict = allowed().entry("builtins", "dict")
assert _dict is not None
DICT = _dict
"""How a plain dictionary stands on the allowlist: `{}` and `dict()` are one."""

_STR = allowed().entry("builtins", "str")


def global_(machine: Machine) -> None:
    machine.stack.append(_line_name(machine, "utf-8"))


def _line_name(machine: Machine, encoding: str) -> Value:
    offset = machine.reader.offset - 1
    module, name = machine.reader.line(), machine.reader.line()
    try:
        return machine.judge.name(module.decode(encoding), name.decode(encoding), offset)
    except UnicodeDecodeError:
        raise BrokenStream("name") from None


def stack_global(machine: Machine) -> None:
    offset = machine.reader.offset - 1
    name, module = machine.pop(), machine.pop()
    if isinstance(name, str) and isinstance(module, str):
        machine.stack.append(machine.judge.name(module, name, offset))
        return
    if not (_may_be_text(name) and _may_be_text(module)):
        raise BrokenStream("name")
    machine.judge.tell("pickle.hidden-global", offset)
    machine.stack.append(UNKNOWN)


def _may_be_text(value: Value) -> bool:
    """A text that was not kept, or a `str` that was made: every unpickler refuses anything else as a name."""
    if isinstance(value, Opaque | Blob):
        return value.kind in ("str", "raw", "unknown")
    return isinstance(value, str) or (isinstance(value, Made) and value.entry in (None, _STR))


def inst(machine: Machine) -> None:
    offset = machine.reader.offset - 1
    cls = _line_name(machine, "ascii")
    arguments = tuple(machine.pop_mark())
    machine.stack.append(machine.judge.instance(cls, arguments, offset))


def obj(machine: Machine) -> None:
    offset = machine.reader.offset - 1
    cls, *arguments = machine.pop_mark() or [None]
    machine.stack.append(machine.judge.instance(cls, tuple(arguments), offset))


def reduce(machine: Machine) -> None:
    offset = machine.reader.offset - 1
    arguments, function = machine.pop(), machine.pop()
    machine.stack.append(machine.judge.called(function, arguments, offset))


def newobj(machine: Machine) -> None:
    offset = machine.reader.offset - 1
    arguments, cls = machine.pop(), machine.pop()
    machine.stack.append(machine.judge.made(cls, offset))
    _need_tuple(machine, arguments)


def newobj_ex(machine: Machine) -> None:
    offset = machine.reader.offset - 1
    _, arguments, cls = machine.pop(), machine.pop(), machine.pop()
    machine.stack.append(machine.judge.made(cls, offset))
    _need_tuple(machine, arguments)


def _need_tuple(machine: Machine, arguments: Value) -> None:
    """One unpickler takes any sequence, another a tuple alone."""
    if not isinstance(arguments, Tuple) and getattr(arguments, "kind", "") != "tuple":
        machine.judge.tell(
            "pickle.two-readings", machine.reader.offset, "newobj", what="NEWOBJ without a tuple"
        )


def build(machine: Machine) -> None:
    offset = machine.reader.offset - 1
    state, target = machine.pop(), machine.pop()
    machine.judge.built(target, state, offset)
    if machine.after_build is not None and isinstance(target, Made):
        target_or_array = machine.after_build(machine, target)
        machine.stack.append(target_or_array)
    else:
        machine.stack.append(target)


def ext1(machine: Machine) -> None:
    _ext(machine, 1)


def ext2(machine: Machine) -> None:
    _ext(machine, 2)


def ext4(machine: Machine) -> None:
    _ext(machine, 4)


def _ext(machine: Machine, length: int) -> None:
    """A number that stands for a name which the loading process registered: nobody can say which."""
    code = machine.reader.number(length)
    machine.judge.tell("pickle.extension", machine.reader.offset, str(code), code=code)
    machine.stack.append(UNKNOWN)


def persid(machine: Machine) -> None:
    machine.reader.line()
    machine.stack.append(machine.judge.persistent(None, machine.reader.offset))


def binpersid(machine: Machine) -> None:
    machine.stack.append(machine.judge.persistent(machine.pop(), machine.reader.offset))
