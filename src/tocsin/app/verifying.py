"""Who signed an object, what of it is shown, and how many fields are withheld: told of a file or a kept record."""

from pathlib import Path
from typing import Any

import msgspec

from tocsin.app.node import Node
from tocsin.kernel import BadInput, NotFound, TooLarge
from tocsin.kernel.limits import MAX_TAXII_BODY_BYTES
from tocsin.trust.signed_fields import Refused, verify
from tocsin.wire.json_bounds import bad_json


class Told(msgspec.Struct, frozen=True):
    """One object. Where `signed` is false, `field` and `reason` say why; `key` and `root` in hexadecimal.

    `shown` are JSON Pointers to what could have been withheld and was not.
    """

    id: str
    signed: bool
    author: str = ""
    key: str = ""
    root: str = ""
    version: str = ""
    shown: tuple[str, ...] = ()
    withheld: int = 0
    field: str = ""
    reason: str = ""


def verify_file(file: Path) -> tuple[Told, ...]:
    """Each object of a file that holds one, or a bundle. Raises BadInput when it is neither."""
    try:
        if file.stat().st_size > MAX_TAXII_BODY_BYTES:
            raise TooLarge(f"{file.name} is larger than {MAX_TAXII_BODY_BYTES} bytes; split it")
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file.name} cannot be read: {error.strerror}") from error
    try:
        value = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise bad_json(data, file.name) from None
    objects = value.get("objects") if isinstance(value, dict) and value.get("type") == "bundle" else [value]
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise BadInput(f"{file.name} holds neither a STIX object nor a bundle of them")
    return tuple(tell(one) for one in objects)


def verify_record(node: Node, record_id: str) -> Told:
    """A kept record in its latest version. Raises NotFound."""
    record = node.store.records.get(record_id)
    if record is None:
        raise NotFound(f"there is no record {record_id[:100]}, and no file of that name")
    return tell(msgspec.json.decode(record.stix))


def tell(value: dict[str, Any]) -> Told:
    """What there is to tell of one decoded object."""
    found, said = verify(value), value.get("id")
    identifier = said if isinstance(said, str) else ""
    if isinstance(found, Refused):
        return Told(id=identifier, signed=False, field=found.field, reason=found.reason)
    return Told(
        id=identifier,
        signed=True,
        author=found.author,
        key=found.key.hex(),
        root=found.root.hex(),
        version=found.signed.statement.version,
        shown=found.shown,
        withheld=found.withheld,
    )
