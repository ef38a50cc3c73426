"""What an allowed call gives, as far as another rebuilder or the list of tensors needs to know."""

from tocsin.assure.pickles.allowed import Entry, allowed
from tocsin.assure.pickles.kinds import small_numbers
from tocsin.assure.pickles.numpy_types import STORAGES, TORCH_TYPES, class_type, numpy_type
from tocsin.assure.pickles.values import BYTES, Blob, Dtype, Global, Made, Stored, Tensor, Tuple, Value


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
            code = arguments[0] if arguments else function
            if isinstance(code, Global):
                return Made(entry, class_type(code.module, code.name))
            return Made(entry, numpy_type(code) if isinstance(code, str) else Dtype("", -1, objects=True))
        case "slice":
            return Global("builtins", "slice", allowed().entry("builtins", "slice"), function.offset)
        case "zone-maker":
            name = "ZoneInfo._unpickle"
            return Global("zoneinfo", name, allowed().entry("zoneinfo", name), function.offset)
        case "latin1" | "bytes":
            return _bytes(entry, arguments)
    made = Made(entry)
    made.unread = entry.grows == "dict" and bool(arguments) and not _only_factory(arguments)
    return made


def _only_factory(arguments: tuple[Value, ...]) -> bool:
    """A defaultdict is made of its factory, then filled."""
    return len(arguments) == 1 and (arguments[0] is None or isinstance(arguments[0], Global))


def stored(value: Value) -> Stored | None:
    """torch's persistent ids of storages: ("storage", class, key, location, elements[, view]). None for any other."""
    if not isinstance(value, Tuple) or len(value.items) not in (5, 6):
        return None
    kind, cls = value.items[0], value.items[1]
    if kind != "storage" or not isinstance(cls, Global) or cls.entry is None or cls.entry.gives != "storage":
        return None
    key, location, elements = value.items[2:5]
    if not isinstance(key, str) or not isinstance(location, str) or type(elements) is not int:
        return None
    return Stored(STORAGES.get(cls.name, ("", 0))[0], key, location, elements)


def module_class(value: Value) -> Global | None:
    """torch's persistent ids of modules: ("module", class, file, source). The source is compared and never run."""
    if isinstance(value, Tuple) and len(value.items) == 4 and value.items[0] == "module":
        cls = value.items[1]
        return cls if isinstance(cls, Global) else None
    return None


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
    if isinstance(first, Blob) and first.kind == "raw":
        return Blob("raw-latin1", first.offset, first.size)
    if isinstance(first, str):
        try:
            return first.encode("latin-1")
        except UnicodeEncodeError:
            return BYTES
    return first if isinstance(first, bytes | Blob) else BYTES
