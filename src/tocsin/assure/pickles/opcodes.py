"""Every opcode of protocols 0 to 5: those of data here, those that name, call and build in `naming`."""

import re
import struct

from tocsin.assure.pickles import naming, values
from tocsin.assure.pickles.bounds import MAX_LINE, MAX_PROTOCOL, MAX_TEXT
from tocsin.assure.pickles.machine import Machine, Stopped, tupled
from tocsin.assure.pickles.reading import BrokenStream
from tocsin.assure.pickles.values import Blob, Made, Opaque, Value

_PLAIN_NUMBER = re.compile(rb"-?[0-9]+")

_LONG_NUMBER = 40
"""Digits of a number that is not kept; Python refuses some thousands, both its unpicklers alike."""

_BIG = 16
"""Bytes of a long number that is kept: shapes and sizes have eight."""


def unknown(machine: Machine) -> None:
    raise BrokenStream("opcode")


def proto(machine: Machine) -> None:
    number = machine.reader.take(1)[0]
    if number > MAX_PROTOCOL:
        raise BrokenStream("protocol")
    machine.protocol = number


def frame(machine: Machine) -> None:
    machine.reader.framed(machine.reader.number(8))


def stop(machine: Machine) -> None:
    raise Stopped


def mark(machine: Machine) -> None:
    machine.marks.append(machine.stack)
    machine.stack = []


def pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_mark()


def pop_mark(machine: Machine) -> None:
    machine.pop_mark()


def dup(machine: Machine) -> None:
    machine.stack.append(machine.stack[-1])


def none(machine: Machine) -> None:
    machine.stack.append(None)


def true(machine: Machine) -> None:
    machine.stack.append(True)


def false(machine: Machine) -> None:
    machine.stack.append(False)


def int1(machine: Machine) -> None:
    machine.stack.append(machine.reader.take(1)[0])


def int2(machine: Machine) -> None:
    machine.stack.append(machine.reader.number(2))


def int4(machine: Machine) -> None:
    machine.stack.append(int.from_bytes(machine.reader.take(4), "little", signed=True))


def int_line(machine: Machine) -> None:
    line = machine.reader.line()
    if line in (b"00", b"01"):
        machine.stack.append(line == b"01")
    else:
        machine.stack.append(_number(machine, line))


def long_line(machine: Machine) -> None:
    machine.stack.append(_number(machine, machine.reader.line().removesuffix(b"L")))


def _number(machine: Machine, line: bytes) -> Value:
    """Python's own reading takes blanks, underscores and other bases; no pickler writes them."""
    if _PLAIN_NUMBER.fullmatch(line) is None:
        machine.judge.tell(
            "pickle.two-readings", machine.reader.offset, "number", what="a number oddly written"
        )
        return values.INT
    return int(line) if len(line) <= _LONG_NUMBER else values.INT


def long1(machine: Machine) -> None:
    _long(machine, machine.reader.take(1)[0])


def long4(machine: Machine) -> None:
    length = int.from_bytes(machine.reader.take(4), "little", signed=True)
    if length < 0:
        raise BrokenStream("length")
    _long(machine, length)


def _long(machine: Machine, length: int) -> None:
    if length > _BIG:
        machine.reader.skip(length)
        machine.stack.append(values.INT)
    else:
        machine.stack.append(int.from_bytes(machine.reader.take(length), "little", signed=True))


def float_(machine: Machine) -> None:
    try:
        machine.stack.append(float(machine.reader.line()))
    except ValueError:
        raise BrokenStream("number") from None


def binfloat(machine: Machine) -> None:
    machine.stack.append(struct.unpack(">d", machine.reader.take(8))[0])


def string_line(machine: Machine) -> None:
    line = machine.reader.long_line(MAX_LINE)
    if not isinstance(line, bytes):
        machine.stack.append(values.STR)
        return
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise BrokenStream("string")
    text = line[1:-1]
    machine.stack.append(values.STR if len(text) > MAX_TEXT or b"\\" in text else text.decode("latin-1"))


def unicode_line(machine: Machine) -> None:
    line = machine.reader.long_line(MAX_TEXT)
    if not isinstance(line, bytes):
        machine.stack.append(Blob("raw", *line))
        return
    try:
        machine.stack.append(line.decode("raw-unicode-escape"))
    except UnicodeDecodeError:
        raise BrokenStream("string") from None


def _text(machine: Machine, length: int) -> None:
    reader = machine.reader
    if length > MAX_TEXT:
        machine.stack.append(Blob("str", reader.offset, length))
        reader.skip(length)
        return
    at = reader.at
    held = reader.data[at : at + length]
    if len(held) < length:
        held = reader.take(length)
    else:
        reader.at = at + length
    try:
        machine.stack.append(held.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        raise BrokenStream("string") from None


def short_text(machine: Machine) -> None:
    _text(machine, machine.reader.take(1)[0])


def text4(machine: Machine) -> None:
    _text(machine, machine.reader.number(4))


def text8(machine: Machine) -> None:
    _text(machine, machine.reader.number(8))


def _bytes(machine: Machine, length: int) -> None:
    reader = machine.reader
    if length > MAX_TEXT:
        machine.stack.append(Blob("bytes", reader.offset, length))
        reader.skip(length)
    else:
        machine.stack.append(reader.take(length))


def short_bytes(machine: Machine) -> None:
    _bytes(machine, machine.reader.take(1)[0])


def bytes4(machine: Machine) -> None:
    _bytes(machine, machine.reader.number(4))


def bytes8(machine: Machine) -> None:
    _bytes(machine, machine.reader.number(8))


def short_old_string(machine: Machine) -> None:
    _old_string(machine, machine.reader.take(1)[0])


def old_string4(machine: Machine) -> None:
    length = int.from_bytes(machine.reader.take(4), "little", signed=True)
    if length < 0:
        raise BrokenStream("length")
    _old_string(machine, length)


def _old_string(machine: Machine, length: int) -> None:
    """Python 2's str: text or bytes, as the loader is told."""
    if length > MAX_TEXT:
        machine.stack.append(Blob("bytes", machine.reader.offset, length))
        machine.reader.skip(length)
    else:
        machine.stack.append(machine.reader.take(length).decode("latin-1"))


def out_of_band(machine: Machine) -> None:
    machine.judge.tell("pickle.out-of-band", machine.reader.offset)
    machine.stack.append(values.UNKNOWN)


def readonly(machine: Machine) -> None:
    """There must be something; what it is stays."""
    machine.stack.append(machine.stack.pop())


def empty_list(machine: Machine) -> None:
    machine.stack.append(values.LIST)


def empty_dict(machine: Machine) -> None:
    machine.stack.append(Made(naming.DICT))


def empty_set(machine: Machine) -> None:
    machine.stack.append(values.SET)


def empty_tuple(machine: Machine) -> None:
    machine.stack.append(tupled(()))


def list_(machine: Machine) -> None:
    machine.pop_mark()
    machine.stack.append(values.LIST)


def dict_(machine: Machine) -> None:
    pairs = machine.pop_mark()
    if len(pairs) % 2:
        machine.judge.tell("pickle.two-readings", machine.reader.offset, "odd", what="a key without a value")
    made = Made(naming.DICT)
    machine.put_items(made, pairs)
    machine.stack.append(made)


def frozenset_(machine: Machine) -> None:
    _hashed(machine, machine.pop_mark())
    machine.stack.append(values.FROZENSET)


def tuple_(machine: Machine) -> None:
    items = machine.pop_mark()
    machine.stack.append(tupled(tuple(items)))


def tuple1(machine: Machine) -> None:
    stack = machine.stack
    stack[-1] = tupled((stack[-1],))


def tuple2(machine: Machine) -> None:
    stack = machine.stack
    last = stack.pop()
    stack[-1] = tupled((stack[-1], last))


def tuple3(machine: Machine) -> None:
    stack = machine.stack
    last, middle = stack.pop(), stack.pop()
    stack[-1] = tupled((stack[-1], middle, last))


def append(machine: Machine) -> None:
    machine.stack.pop()
    _grow(machine, "list")


def appends(machine: Machine) -> None:
    machine.pop_mark()
    _grow(machine, "list")


def _grow(machine: Machine, how: str) -> None:
    target = machine.stack[-1]
    if not (isinstance(target, Opaque) and target.kind == how):
        machine.judge.grown(target, how, machine.reader.offset)


def additems(machine: Machine) -> None:
    _hashed(machine, machine.pop_mark())
    _grow(machine, "set")


def _hashed(machine: Machine, items: list[Value]) -> None:
    if values.DEEP in items:
        machine.judge.tell("pickle.endless", machine.reader.offset)


def setitem(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _set(machine, [key, value])


def setitems(machine: Machine) -> None:
    pairs = machine.pop_mark()
    if len(pairs) % 2:
        machine.judge.tell("pickle.two-readings", machine.reader.offset, "odd", what="a key without a value")
    _set(machine, pairs)


def _set(machine: Machine, pairs: list[Value]) -> None:
    target = machine.stack[-1]
    if not (isinstance(target, Made) and target.entry is naming.DICT):
        machine.judge.grown(target, "dict", machine.reader.offset)
    machine.put_items(target, pairs)


def memoize(machine: Machine) -> None:
    machine.memo.add(machine.stack[-1])


def binput(machine: Machine) -> None:
    machine.memo.put(machine.reader.take(1)[0], machine.stack[-1])


def long_binput(machine: Machine) -> None:
    machine.memo.put(machine.reader.number(4), machine.stack[-1])


def put_line(machine: Machine) -> None:
    machine.memo.put(_index(machine), machine.stack[-1])


def binget(machine: Machine) -> None:
    machine.stack.append(machine.memo.get(machine.reader.take(1)[0]))


def long_binget(machine: Machine) -> None:
    machine.stack.append(machine.memo.get(machine.reader.number(4)))


def get_line(machine: Machine) -> None:
    machine.stack.append(machine.memo.get(_index(machine)))


def _index(machine: Machine) -> int:
    line = machine.reader.line()
    if _PLAIN_NUMBER.fullmatch(line) is None or line.startswith(b"-") or len(line) > _LONG_NUMBER:
        raise BrokenStream("memo")
    return int(line)
