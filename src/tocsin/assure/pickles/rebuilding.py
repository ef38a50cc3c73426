"""What an allowed call gives, as far as another rebuilder or the list of tensors needs to know."""

from tocsin.assure.pickles.allowed import Entry
from tocsin.assure.pickles.kinds import small_numbers
from tocsin.assure.pickles.numpy_types import STORAGES, TORCH_TYPES, numpy_type
from tocsin.assure.pickles.values import BYTES, Blob, Dtype, Global, Made, Stored, Tensor, Tuple, Value

MODULE_SOURCE = "module"
"""Stands as the element type of what torch kept of a class's source."""


def result(function: Global, entry: Entry, arguments: tuple[Value, ...], tensors: dict[str, int]) -> Value:
    """The value of a call whose arguments fit. `tensors` counts views by their element type."""
    match entry.gives:
        case "first":
            return arguments[0]
        case "of-first":
            cls = arguments[0]
            return Made(cls.entry if isinstance(cls, Global) else None)
        case "tensor":
            tensor = _tensor(arguments)
            if tensor is not None:
                tensors[tensor.storage.dtype] = tensors.get(tensor.storage.dtype, 0) + 1
            return Made(entry, tensor)
        case "dtype":
            code = arguments[0] if arguments else function.name
            return Made(entry, numpy_type(code) if isinstance(code, str) else Dtype("V", -1, objects=False))
        case "latin1" | "bytes":
            return _bytes(entry, arguments)
    return Made(entry)


def stored(value: Value) -> Stored | None:
    """torch's persistent ids: ("storage", class, key, location, elements[, view]) and ("module", class, file, source).

    A module's source is text that torch compares and does not run. None for any other.
    """
    if not isinstance(value, Tuple) or len(value.items) < 2:
        return None
    kind, cls = value.items[0], value.items[1]
    if not isinstance(cls, Global):
        return None
    if kind == "module" and len(value.items) == 4:
        return Stored(MODULE_SOURCE, "", "", 0)
    if (
        kind != "storage"
        or len(value.items) not in (5, 6)
        or cls.entry is None
        or cls.entry.gives != "storage"
    ):
        return None
    key, location, elements = value.items[2:5]
    if not isinstance(key, str) or not isinstance(location, str) or type(elements) is not int:
        return None
    return Stored(STORAGES.get(cls.name, ("", 0))[0], key, location, elements)


def _tensor(arguments: tuple[Value, ...]) -> Tensor | None:
    storage, offset = arguments[0], arguments[1]
    shape, strides = small_numbers(arguments[2]), small_numbers(arguments[3])
    if not isinstance(storage, Stored) or type(offset) is not int or shape is None or strides is None:
        return None
    named = arguments[6] if len(arguments) > 6 else None
    if isinstance(named, Global) and named.module == "torch":
        storage = Stored(
            TORCH_TYPES.get(named.name, named.name), storage.key, storage.location, storage.elements
        )
    return Tensor(storage, offset, shape, strides)


def _bytes(entry: Entry, arguments: tuple[Value, ...]) -> Value:
    """Text to bytes, or bytes to a bytearray: where long ones lie in the piece is kept."""
    first = arguments[0] if arguments else b""
    if isinstance(first, Blob) and first.kind == "str":
        return Blob("latin1", first.offset, first.size)
    if isinstance(first, str):
        try:
            return first.encode("latin-1")
        except UnicodeEncodeError:
            return BYTES
    return first if isinstance(first, bytes | Blob) else BYTES
