"""JSON that is signed or names who may sign: one reading only.

A decoder that takes the last of two equal keys and one that takes the first see two documents under one signature;
here such bytes are refused.
"""

import json
from typing import Any

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.limits import MAX_JSON_DEPTH
from tocsin.wire.json_bounds import bad_json, deeper_than


class _Twice(ValueError):
    pass


def decode(data: bytes, what: str, *, limit: int, values: int) -> Any:
    """The value of one JSON document of at most `limit` bytes, no key twice, no NaN, at most MAX_JSON_DEPTH deep.

    At most `values` commas: two bytes of `[],` become sixty of a list. Commas within strings count as well.

    `what` is a noun for the message. Raises BadInput, TooLarge.
    """
    if len(data) > limit:
        raise TooLarge(f"{what} is over {limit} bytes; this is not one that we can read")
    if data.count(b",") > values:
        raise TooLarge(f"{what} holds over {values} values; this is not one that we can read")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except _Twice as error:
        raise BadInput(
            f"{what} has the key {str(error)[:64]!r} twice: two readers would see two things"
        ) from None
    except RecursionError:
        raise BadInput(f"{what} nests deeper than {MAX_JSON_DEPTH} levels") from None
    except ValueError:  # bad UTF-8, bad JSON and an integer of thousands of digits alike
        raise bad_json(data, what) from None
    if deeper_than(value, MAX_JSON_DEPTH):
        raise BadInput(f"{what} nests deeper than {MAX_JSON_DEPTH} levels")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(key)
            seen.add(key)
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)
