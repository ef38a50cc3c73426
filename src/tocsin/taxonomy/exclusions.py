"""Exclusion lists: what is so common that it is never an indicator. Their format is that of MISP's warning lists.

Enters: the packaged lists and an operator's own (`DATA/exclusions/*.json`). Leaves: for a value the list that names it.
Refuses: a list that cannot be read, by name. `type` is MISP's `string`, `hostname`, `cidr`, `substring` or `regex`, or
`text`, ours: whole texts, which are held against fingerprints.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.kernel import BadInput

MAX_LISTS = 200
MAX_LIST_BYTES = 64 << 20
"""The largest of MISP's lists (a million domains) has 25 MB."""

MAX_ENTRIES = 2_000_000
MAX_REGEX_CHARS = 500
MAX_REGEXES = 1_000
MAX_VALUE_CHARS = 256
"""A longer value is on no list; and no expression is run over more than this."""

MAX_TEXTS = 1_000
LEAST_SUBSTRING = 4

_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?([^/:?#@\s]+)", re.IGNORECASE)


class ExclusionList(msgspec.Struct, frozen=True):
    """One file. Properties that are not here are MISP's own and passed over."""

    name: str
    type: Literal["string", "hostname", "cidr", "substring", "regex", "text"]
    entries: tuple[str, ...] = msgspec.field(name="list")
    description: str = ""
    version: int = 1


class Values:
    """All lists but those of texts, ready to be asked."""

    def __init__(self, lists: Iterable[ExclusionList]) -> None:
        self._words: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._networks: list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str]] = []
        self._substrings: list[tuple[str, str]] = []
        self._regexes: list[tuple[re.Pattern[str], str]] = []
        for one in lists:
            self._add(one)

    def _add(self, one: ExclusionList) -> None:
        for entry in one.entries:
            folded = entry.strip().casefold()
            if not folded:
                continue
            match one.type:
                case "string":
                    self._words.setdefault(folded, one.name)
                case "hostname":  # a leading dot stands for the domain and all below it
                    kept = self._parents if folded.startswith(".") else self._words
                    kept.setdefault(folded.lstrip("."), one.name)
                case "cidr":
                    self._networks.append((_network(folded, one.name), one.name))
                case "substring":
                    if len(folded) < LEAST_SUBSTRING:
                        raise BadInput(
                            f"exclusion list {one.name}: {entry!r} is too short, it is in everything"
                        )
                    self._substrings.append((folded, one.name))
                case "regex":
                    self._regexes.append((_regex(entry, one.name), one.name))
                case "text":
                    pass
        if len(self._regexes) > MAX_REGEXES:
            raise BadInput(f"more than {MAX_REGEXES} expressions in exclusion lists")

    def of(self, value: str) -> str | None:
        """The name of a list that holds this value (a host, a URL, an address, a hash), or None."""
        folded = value.strip().casefold()
        if not folded or len(folded) > MAX_VALUE_CHARS:
            return None
        host = None if _is_network(folded) else _HOST.match(folded)
        for word in dict.fromkeys((folded, host[1] if host else folded)):
            found = self._words.get(word) or self._parent(word) or self._network(word)
            if found:
                return found
        for part, name in self._substrings:
            if part in folded:
                return name
        return next((name for pattern, name in self._regexes if pattern.search(folded)), None)

    def _parent(self, host: str) -> str | None:
        labels = host.rstrip(".").split(".")
        names = (".".join(labels[at:]) for at in range(len(labels)))
        return next((self._parents[name] for name in names if name in self._parents), None)

    def _network(self, word: str) -> str | None:
        try:
            address = ipaddress.ip_network(word, strict=False)
        except ValueError:
            return None
        for network, name in self._networks:
            if address.version == network.version and address.subnet_of(network):  # type: ignore[arg-type]
                return name
        return None


@cache
def shipped_lists() -> tuple[ExclusionList, ...]:
    """The lists that come with Tocsin, by name."""
    return _folder(resources.files("tocsin.taxonomy").joinpath("exclusions"))


def load_lists(folder: Path | None = None) -> tuple[ExclusionList, ...]:
    """The shipped lists and those of a folder (*.json); one with a shipped name takes that one's place.

    Raises BadInput for the first that cannot be taken.
    """
    lists = {one.name: one for one in shipped_lists()}
    if folder is not None and folder.is_dir():
        lists.update((one.name, one) for one in _folder(folder))
    return tuple(lists[name] for name in sorted(lists))


def read_list(data: bytes, name: str) -> ExclusionList:
    """One list. Raises BadInput naming the file and what is wrong."""
    if len(data) > MAX_LIST_BYTES:
        raise BadInput(f"exclusion list {name} is larger than {MAX_LIST_BYTES >> 20} MB")
    try:
        one = msgspec.json.decode(data, type=ExclusionList)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"exclusion list {name}: {error}; its format is MISP's warninglist") from error
    if len(one.entries) > (MAX_TEXTS if one.type == "text" else MAX_ENTRIES):
        raise BadInput(f"exclusion list {name} has too many entries")
    if one.type in ("cidr", "substring", "regex"):
        Values([one])  # a bad network or expression is named with its file
    return one


def _folder(folder: Traversable | Path) -> tuple[ExclusionList, ...]:
    files = sorted((e for e in folder.iterdir() if e.name.endswith(".json")), key=lambda entry: entry.name)
    if len(files) > MAX_LISTS:
        raise BadInput(f"{len(files)} exclusion lists in one folder; {MAX_LISTS} is the most")
    return tuple(read_list(entry.read_bytes(), entry.name) for entry in files)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _network(text: str, name: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise BadInput(f"exclusion list {name}: {text!r} is no network") from None


def _regex(text: str, name: str) -> re.Pattern[str]:
    """An expression, also as MISP writes them: `/.../i`."""
    bare = text.removeprefix("/").rpartition("/")[0] if text.startswith("/") and text.count("/") > 1 else text
    if len(bare) > MAX_REGEX_CHARS:
        raise BadInput(f"exclusion list {name}: an expression has more than {MAX_REGEX_CHARS} characters")
    try:
        return re.compile(bare, re.IGNORECASE)
    except re.error as error:
        raise BadInput(f"exclusion list {name}: {text[:80]!r} is no expression ({error})") from None
