"""OSV entries, and versions and specifiers of strangers held against them: an item, or a reason."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.assure.intelligence.matching import Component, matched
    from tocsin.assure.intelligence.osv import Unread, read_entry


def one(data: bytes) -> None:
    """The same bytes as an entry, and as what is asked for in each package it names."""
    read = read_entry(data, "fuzz", at=1)
    if isinstance(read, Unread):
        return
    text = data[:64].decode("utf-8", "replace")
    for key in read.keys[:4]:
        ecosystem, _, name = key.removeprefix("package:").partition("/")
        wanted = [Component(ecosystem, name, "r.txt", text), Component(ecosystem, name, "r.txt", "", text)]
        matched([*wanted, Component(ecosystem, name, "r.txt", "1.0")], [read])


if __name__ == "__main__":
    fuzz(one)
