"""What numpy's and torch's names of element types say: bytes an element, and whether it holds objects."""

import re

from tocsin.assure.pickles.values import Dtype, Made, Tuple, Value

_CODE = re.compile(r"[<>=|]?([?bBhHiIlLqQuefdgFDGSaUVOMmc])([0-9]{0,9})(\[[0-9A-Za-z]{1,8}\])?", re.ASCII)

_PYTHON_SIZES = {
    "?": 1,
    "b": 1,
    "B": 1,
    "h": 2,
    "H": 2,
    "q": 8,
    "Q": 8,
    "e": 2,
    "d": 8,
    "g": 16,
    "F": 8,
    "D": 16,
}
"""Of codes that stand alone; l and L differ between machines and are not known."""

STORAGES = {
    "BFloat16Storage": ("BF16", 2),
    "BoolStorage": ("BOOL", 1),
    "ByteStorage": ("U8", 1),
    "CharStorage": ("I8", 1),
    "ComplexDoubleStorage": ("C128", 16),
    "ComplexFloatStorage": ("C64", 8),
    "DoubleStorage": ("F64", 8),
    "FloatStorage": ("F32", 4),
    "HalfStorage": ("F16", 2),
    "IntStorage": ("I32", 4),
    "LongStorage": ("I64", 8),
    "QInt32Storage": ("QI32", 4),
    "QInt8Storage": ("QI8", 1),
    "QUInt8Storage": ("QU8", 1),
    "QUInt4x2Storage": ("QU4X2", 1),
    "QUInt2x4Storage": ("QU2X4", 1),
    "ShortStorage": ("I16", 2),
    "UntypedStorage": ("", 1),
}
"""torch's storage classes: element type as safetensors writes it where it has one, and bytes an element."""

TORCH_TYPES = {
    "bfloat16": "BF16",
    "bool": "BOOL",
    "complex64": "C64",
    "complex128": "C128",
    "double": "F64",
    "float": "F32",
    "float16": "F16",
    "float32": "F32",
    "float64": "F64",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0",
    "half": "F16",
    "int": "I32",
    "int8": "I8",
    "int16": "I16",
    "int32": "I32",
    "int64": "I64",
    "long": "I64",
    "short": "I16",
    "uint8": "U8",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
}

ITEM_SIZES = {name: size for name, size in STORAGES.values() if name} | {
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "F8_E4M3FNUZ": 1,
    "F8_E5M2FNUZ": 1,
    "F8_E8M0": 1,
    "U16": 2,
    "U32": 4,
    "U64": 8,
}


def numpy_type(code: str) -> Dtype:
    """Of a code as "<f8", "U10", "V16". One that is not understood has an item size of -1."""
    found = _CODE.fullmatch(code)
    if found is None:
        return Dtype(code, -1, objects=True)
    letter, digits = found[1], found[2]
    if letter == "O":
        return Dtype("O", 8, objects=True)
    if not digits:
        return Dtype(
            letter, _PYTHON_SIZES.get(letter, 8 if letter in "Mm" else 0 if letter in "SUVa" else -1), False
        )
    size = int(digits) * (4 if letter == "U" else 1)
    return Dtype(letter + digits, size, objects=False)


def class_type(module: str, name: str) -> Dtype:
    """Of a class in a dtype's place: numpy takes any but its own for objects."""
    return Dtype("V0", 0, objects=False) if (module, name) in _RECORDS else Dtype(name, -1, objects=True)


_RECORDS = {("numpy", "record"), ("numpy", "void")}


def dtype_with(dtype: Dtype, state: Value, *, objects_seen: bool) -> Dtype:
    """numpy's state of a dtype: (version, order, subtype, names, fields, item size, alignment, flags, ...).

    The size counts for texts, bytes and structures alone.
    """
    if not isinstance(state, Tuple) or len(state.items) < 8:
        return Dtype(dtype.code, -1, objects=True)
    subtype, names, size, flags = state.items[2], state.items[3], state.items[5], state.items[7]
    if type(size) is not int or type(flags) is not int:
        return Dtype(dtype.code, -1, objects=True)
    objects = dtype.objects or bool(flags & 1)
    itemsize = size if size >= 0 and dtype.code[:1] in _SIZED else dtype.itemsize
    composed = subtype is not None or names is not None
    doubtful = composed and not objects and objects_seen and not _plain_parts(subtype, names, state.items[4])
    return Dtype(dtype.code, itemsize, objects, doubtful)


_SIZED = ("S", "U", "V", "a")


def dtype_of(value: Value) -> Dtype | None:
    """Of what a structure has for a field or a subtype: a tuple that begins with a dtype."""
    first = value.items[0] if isinstance(value, Tuple) and value.items else None
    return first.detail if isinstance(first, Made) and isinstance(first.detail, Dtype) else None


def _plain_parts(subtype: Value, names: Value, fields: Value) -> bool:
    """Is every part known, and without objects?"""
    parts = [] if subtype is None else [dtype_of(subtype)]
    if names is not None:
        kept = fields.items if isinstance(fields, Made) and fields.items is not None else {}
        if not isinstance(names, Tuple) or len(kept) < len(names.items):
            return False
        parts += [dtype_of(field) for field in kept.values()]
    return all(part is not None and not part.objects and not part.doubtful for part in parts)
