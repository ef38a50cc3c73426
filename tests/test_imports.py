"""Any module may be the first that is imported: what a command loads is what it asks for (docs/adr/0039)."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import tocsin

FOLDER = Path(tocsin.__file__).parent


def modules(folder: Path) -> dict[str, Path]:
    """Every module below a package's folder, by its name."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def at_import(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported: no body of a function, nothing for type checkers alone."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            yield from at_import(statement.orelse)
        elif isinstance(statement, ast.If | ast.Try | ast.With | ast.ClassDef | ast.For):
            for part in ("body", "orelse", "finalbody"):
                yield from at_import(getattr(statement, part, ()))
            for handler in getattr(statement, "handlers", ()):
                yield from at_import(handler.body)


def needs(name: str, path: Path, known: Iterable[str]) -> set[str]:
    """What must have been imported whole before this module can be.

    A package it lies in is being imported, not whole, and need not be: unless a name is taken from it.
    """
    found = set()
    for statement in at_import(ast.parse(path.read_bytes()).body):
        match statement:
            case ast.Import(names=names):
                found |= {one.name for one in names}
            case ast.ImportFrom(module=str(source), names=names):
                asked = {f"{source}.{one.name}" for one in names}
                found |= asked & set(known) or {source}
                if asked - set(known):
                    found.add(source)
    inside = {name.rsplit(".", times)[0] for times in range(1, name.count(".") + 1)}
    above = {one.rsplit(".", times)[0] for one in found for times in range(1, one.count(".") + 1)} - inside
    return {one for one in (found | above) if one in known and one != name}


def assert_any_may_be_first(found: dict[str, Path]) -> None:
    graph = {name: needs(name, path, found.keys()) for name, path in found.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        raise AssertionError(" imports ".join(reversed(cycle.args[1]))) from None


def test_any_module_may_be_imported_first() -> None:
    found = modules(FOLDER)
    assert len(found) > 500
    assert_any_may_be_first(found)


@pytest.mark.parametrize(
    ("one", "other", "fine"),
    [
        ("from made.other import B", "from made.one import A", False),
        ("import made.other", "from made import one", False),
        ("from made.other import B", "def late():\n    from made.one import A", True),
        ("from made.other import B", "if TYPE_CHECKING:\n    from made.one import A", True),
        ("from made.other import B", "try:\n    pass\nexcept OSError:\n    from made.one import A", False),
        ("from made.other import B", "from made import NAMED", False),  # of the package, which imports `one`
        ("from made.other import B", "import json", True),
    ],
)
def test_a_circle_is_seen(tmp_path: Path, one: str, other: str, fine: bool) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    for name, text in {"__init__": "from made.one import A", "one": one, "other": other}.items():
        (folder / f"{name}.py").write_text(text)
    if fine:
        assert_any_may_be_first(modules(folder))
        return
    with pytest.raises(AssertionError, match="imports"):
        assert_any_may_be_first(modules(folder))
