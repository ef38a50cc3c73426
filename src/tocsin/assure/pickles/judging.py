"""Judges what a pickle does with names: which it gives, what it calls, what state it sets. Findings gather here."""

from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import finding
from tocsin.assure.pickles.allowed import allowed, todays_name
from tocsin.assure.pickles.bounds import MAX_FINDINGS, MAX_GLOBALS, MAX_HANDED_ON, MAX_INSIDE, MAX_KEPT_ITEMS
from tocsin.assure.pickles.kinds import ATTRIBUTE, fits
from tocsin.assure.pickles.numpy_types import dtype_with
from tocsin.assure.pickles.reading import BrokenStream, OverBound
from tocsin.assure.pickles.rebuilding import module_class, result, stored
from tocsin.assure.pickles.values import UNKNOWN, Blob, Dtype, Global, Made, Opaque, Stored, Tuple, Value
from tocsin.kernel.artefacts import ArtefactVerdict, Finding

_DATA = (str, bytes, int, float, type(None), Tuple, Opaque, Blob, Stored)


_APPLIES = {"apply-second": 1, "apply-third": 2}
"""Rebuilders that call their first argument with another: which."""

_SETS_ATTRIBUTES = frozenset({"apply-second", "apply-third", "first", "of-first"})
"""Rebuilders that take a dictionary of attributes."""


class Judge:
    """Gathers for one piece, over all its streams."""

    def __init__(self, path: str, *, plainly: bool = False) -> None:
        """`plainly`: of joblib's file, read as pickle alone would."""
        self.path = path
        self._plainly = plainly
        self._allowed = allowed()
        self._globals: dict[tuple[str, str], Global] = {}
        self._told: dict[tuple[str, str], Finding] = {}
        self.inside: list[Blob | bytes] = []
        """Bytes that a rebuilder gives to another loader: each is to be looked into."""
        self.tensors: dict[str, int] = {}
        """How many tensors, by element type."""
        self.storages: dict[str, Stored] = {}
        """torch's storages by key."""
        self.calls = 0
        self._objects_seen = False
        """Some dtype holds objects, so a structured one that says it holds none may have it as a field."""

    def findings(self) -> Iterator[Finding]:
        """All, names first."""
        for name in self._globals.values():
            if name.entry is None or (name.entry.gives == ATTRIBUTE and not name.called):
                danger = self._allowed.is_dangerous(name.module, name.name)
                rule = (
                    ("pickle.dangerous-call" if name.called else "pickle.dangerous-global")
                    if danger
                    else ("pickle.call-not-allowed" if name.called else "pickle.global-not-allowed")
                )
                yield finding(rule, self.path, offset=name.offset, module=name.module, name=name.name)
        yield from self._told.values()

    def libraries(self) -> list[str]:
        """Names of the packages whose classes or functions are named."""
        return sorted({name.module.partition(".")[0][:64] for name in self._globals.values()})[:64]

    def tell(self, rule: str, offset: int, key: str = "", **values: Any) -> None:
        """A finding, once for each rule and key."""
        if (rule, key) not in self._told and len(self._told) < MAX_FINDINGS:
            self._told[rule, key] = finding(rule, self.path, offset=offset, **values)

    def name(self, module: str, name: str, offset: int) -> Global:
        """A name that a loader would import here. Raises OverBound (MAX_GLOBALS)."""
        known = self._globals.get((module, name))
        if known is None:
            if len(self._globals) >= MAX_GLOBALS:
                raise OverBound("MAX_GLOBALS")
            today = todays_name(module, name)
            entry = self._allowed.entry(*today)
            if self._plainly and entry is None and name == "dtype" and not self._allowed.is_dangerous(*today):
                # In an array of objects, an honest pickle within a pickle: "numpy" is fetched from another memo.
                raise BrokenStream("name")
            known = Global(*today, entry, offset)
            self._globals[module, name] = known
        return known

    def called(self, function: Value, arguments: Value, offset: int) -> Value:
        """REDUCE, and what amounts to it."""
        self.calls += 1
        if not isinstance(function, Global):
            return self._called_result(function, offset)
        function.called = True
        entry = function.entry
        if entry is None:
            return UNKNOWN
        if not isinstance(arguments, Tuple):
            self._misused("pickle.call-shape", function, offset)
            return UNKNOWN
        if entry.call is None or not fits(entry.call, arguments.items):
            self._misused("pickle.call-shape", function, offset)
            return Made(entry)
        self._handed_on(arguments.items, offset, attributes=entry.gives in _SETS_ATTRIBUTES)
        if entry.gives in _APPLIES:
            return self.called(arguments.items[0], arguments.items[_APPLIES[entry.gives]], offset)
        if entry.gives == "inside":
            self._look_inside(arguments.items[0], offset)
        made = result(function, entry, arguments.items, self.tensors)
        if isinstance(made, Made) and isinstance(made.detail, Dtype):
            self._objects_seen = self._objects_seen or made.detail.objects
        return made

    def made(self, cls: Value, offset: int) -> Value:
        """NEWOBJ and NEWOBJ_EX: an object of a class, by its `__new__`."""
        self.calls += 1
        if not isinstance(cls, Global):
            return self._called_result(cls, offset)
        cls.called = True
        if cls.entry is None:
            return UNKNOWN
        if not cls.entry.new:
            self._misused("pickle.call-shape", cls, offset)
        return Made(cls.entry)

    def instance(self, cls: Value, arguments: tuple[Value, ...], offset: int) -> Value:
        """INST and OBJ: a class without arguments is made, anything else is called."""
        if not arguments and isinstance(cls, Global) and cls.entry is not None and cls.entry.new:
            return self.made(cls, offset)
        return self.called(cls, Tuple(arguments, 1), offset)

    def built(self, target: Value, state: Value, offset: int) -> None:
        """BUILD: what it may be given stands in the allowlist; attributes of classes and functions never."""
        if isinstance(target, Made):
            self._built_object(target, state, offset)
        elif isinstance(target, Global):
            self._misused("pickle.state-not-allowed", target, offset)
        elif isinstance(target, _DATA) and target is not UNKNOWN:
            self.tell("pickle.two-readings", offset, "build", what="BUILD on plain data")

    def grown(self, target: Value, how: str, offset: int) -> None:
        """APPENDS, SETITEMS, ADDITEMS: into what grows so."""
        if isinstance(target, Global):
            self._misused("pickle.state-not-allowed", target, offset)
        elif isinstance(target, Made):
            if target.entry is not None and target.entry.grows != how:
                self.tell("pickle.two-readings", offset, how, what=f"items put into what is no {how}")
        elif not (isinstance(target, Opaque) and target.kind in (how, "unknown")):
            self.tell("pickle.two-readings", offset, how, what=f"items put into what is no {how}")

    def persistent(self, value: Value, offset: int) -> Value:
        """A persistent id: torch's storages and module sources alone."""
        cls = module_class(value)
        if cls is not None:
            return cls
        found = stored(value)
        if found is None:
            self.tell("pickle.persistent-id", offset)
            return UNKNOWN
        if len(self.storages) >= MAX_KEPT_ITEMS:
            raise OverBound("MAX_KEPT_ITEMS")
        self.storages[found.key] = found
        return found

    def take(self, other: "Judge") -> None:
        """What another judge found, of the same bytes read otherwise; not what was inconclusive to it."""
        for key, name in other._globals.items():
            if name.entry is None:
                self._globals.setdefault(key, name)
        for told, found in other._told.items():
            if found.verdict is ArtefactVerdict.FOUND:
                self._told.setdefault(told, found)

    def state_changed(self, offset: int) -> None:
        """What was handed on as a state or an argument got keys that change what an object does."""
        self.tell("pickle.state-not-allowed", offset, "later", module="", name="__")

    def _built_object(self, target: Made, state: Value, offset: int) -> None:
        entry = target.entry
        if entry is None:
            return
        if not entry.build:
            self.tell("pickle.state-not-allowed", offset, module="", name="")
        self._handed_on((target, state), offset, attributes=True)
        if isinstance(target.detail, Dtype):
            target.detail = dtype_with(target.detail, state, objects_seen=self._objects_seen)
            self._objects_seen = self._objects_seen or target.detail.objects
        if entry.gives in ("array-class", "masked-class") and _holds_doubtful(state):
            self.tell("pickle.state-not-allowed", offset, "dtype", module="numpy", name="dtype")
        if isinstance(state, Made) and target.items is None:
            target.items = state.items

    def _handed_on(self, values: tuple[Value, ...], offset: int, *, attributes: bool) -> None:
        """Dictionaries that become attributes: names with two underscores in them would change what an object does.

        An attribute `__setstate__` is called by the next BUILD, `__class__` makes another class of it.
        """
        waiting = list(values)
        for _ in range(MAX_HANDED_ON):
            if not waiting:
                return
            value = waiting.pop()
            if isinstance(value, Tuple):
                waiting.extend(value.items)
            elif isinstance(value, Made):
                value.given = True
                if value.special:
                    self.tell("pickle.state-not-allowed", offset, "special", module="", name="__")
                elif attributes and value.unread:
                    self.tell("pickle.two-readings", offset, "unread", what="attributes without plain names")
        self.tell("pickle.bound", offset, "handed", bound="MAX_HANDED_ON")

    def _called_result(self, function: Value, offset: int) -> Value:
        if isinstance(function, _DATA) and function is not UNKNOWN:
            self.tell("pickle.broken", offset, "call", reason="call of plain data")
        elif function is not UNKNOWN:
            self.tell("pickle.call-of-result", offset)
        return UNKNOWN

    def _misused(self, rule: str, name: Global, offset: int) -> None:
        self.tell(rule, offset, f"{name.module} {name.name}", module=name.module, name=name.name)

    def _look_inside(self, value: Value, offset: int) -> None:
        if isinstance(value, Made):
            value = value.detail
        if isinstance(value, Blob | bytes) and len(self.inside) < MAX_INSIDE:
            self.inside.append(value)
        else:
            self.tell("pickle.bound", offset, "inside", bound="MAX_INSIDE")


def _holds_doubtful(state: Value) -> bool:
    """An array's state, with a dtype whose objects may be hidden: bytes would be taken as addresses."""
    details = (
        (item.detail for item in state.items if isinstance(item, Made)) if isinstance(state, Tuple) else ()
    )
    return any(isinstance(detail, Dtype) and detail.doubtful for detail in details)
