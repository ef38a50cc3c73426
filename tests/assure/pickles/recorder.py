"""A process apart that runs real unpicklers whose `find_class` only records, and answers with what they asked for.

Reads a length (4 bytes, little-endian) and so many bytes, writes one line of JSON: the names that Python's C and its
own unpickler asked for. Nothing is imported for a pickle: every name is a harmless stand-in.
"""

import contextlib
import io
import json
import pickle
import resource
import sys
from typing import Any

resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


class StandIn:
    """Takes whatever is done to it."""

    def __new__(cls, *_: object, **__: object) -> "StandIn":
        return super().__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, _: object) -> None:
        pass

    def __setitem__(self, _: object, __: object) -> None:
        pass

    def append(self, _: object) -> None:
        pass

    def extend(self, _: object) -> None:
        pass

    def add(self, _: object) -> None:
        pass


def asked(base: Any, data: bytes) -> list[tuple[str, str]]:
    names: list[tuple[str, str]] = []

    class Recording(base):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> object:
            names.append((module, name))
            return StandIn

        def persistent_load(self, _: object) -> object:
            return StandIn()

    with contextlib.suppress(Exception):
        Recording(io.BytesIO(data)).load()
    return names


if __name__ == "__main__":
    while length := sys.stdin.buffer.read(4):
        given = sys.stdin.buffer.read(int.from_bytes(length, "little"))
        print(json.dumps([asked(pickle.Unpickler, given), asked(pickle._Unpickler, given)]), flush=True)
