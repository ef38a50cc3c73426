"""No shape of attack is called clean, and what is assembled here is what a real unpickler would do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.assure.pickles.judged import findings_of, rules_of, verdict_of
from tests.assure.pickles.shapes import ODD, SHAPES, called, in_storage, named, proto, text
from tocsin.assure.pickles.allowed import allowed
from tocsin.kernel.artefacts import ArtefactVerdict, Severity


def test_every_shape_is_found_under_any_name() -> None:
    for name in ("a.pkl", "weights", "data.pkl", "pytorch_model.bin"):
        missed = {key for key, data in SHAPES.items() if verdict_of(data, name) is not ArtefactVerdict.FOUND}
        assert not missed, name


def test_what_is_only_odd_is_not_clean() -> None:
    clean = {key for key, data in ODD.items() if verdict_of(data) is ArtefactVerdict.CLEAN}
    assert not clean


@pytest.mark.parametrize("cut", [1, 2, 5, 9])
def test_what_ran_before_a_break_counts(cut: int) -> None:
    whole = proto(2, called("os", "getpid") + b"0(K\x01K\x02K\x03K\x04t")
    assert rules_of(whole[:-cut]) == {"dangerous-call", "broken"}


def test_a_dangerous_name_is_critical_and_an_unknown_one_is_not() -> None:
    severities = {
        (call, name): findings_of(proto(2, called(module, name) if call else named(module, name)))[0].severity
        for module, name in (("os", "system"), ("some_library", "rebuild"))
        for call in (True, False)
    }
    assert severities == {
        (True, "system"): Severity.CRITICAL,
        (False, "system"): Severity.CRITICAL,
        (True, "rebuild"): Severity.HIGH,
        (False, "rebuild"): Severity.MEDIUM,
    }


def test_a_finding_says_where_and_what() -> None:
    found = findings_of(proto(2, b"N0" + called("os", "getpid")))[0]
    assert (found.place.offset, found.values) == (4, {"module": "os", "name": "getpid"})


def test_bytes_given_to_another_loader_are_looked_into() -> None:
    (found,) = findings_of(in_storage(), "x")
    assert (found.rule, found.place.path) == ("pickle.dangerous-call", "x!/bytes-0")


def test_a_name_with_dots_is_another_name() -> None:
    assert "call-not-allowed" in rules_of(proto(4, called("collections", "OrderedDict.fromkeys", b"]")))
    assert "dangerous-call" in rules_of(proto(4, called("torch", "serialization.os.system", text("true"))))


def test_real_unpicklers_run_what_is_assembled_here(tmp_path: Path) -> None:
    """The canary is `os.getpid`, counted in a process apart: the shapes are no straw men."""
    chosen = {f"{key}.pkl": data for key, data in SHAPES.items() if key in _RUN_FOR_REAL}
    for name, data in chosen.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-I", "-c", _COUNTING, str(tmp_path)], capture_output=True, check=True, timeout=60
    )
    assert set(json.loads(done.stdout)) == set(chosen)


def test_the_allowlist_holds_no_loader_and_nothing_that_takes_code() -> None:
    names = set(allowed().entries)
    for module, name in (
        ("functools", "partial"),
        ("functools", "reduce"),
        ("operator", "attrgetter"),
        ("torch", "load"),
        ("numpy", "load"),
        ("torch.jit", "load"),
        ("joblib", "load"),
        ("pandas", "read_pickle"),
        ("types", "FunctionType"),
        ("builtins", "type"),
        ("builtins", "map"),
    ):
        assert (module, name) not in names
    assert [name for _, name in names if "." in name] == ["ZoneInfo._unpickle"]


def test_one_attribute_may_be_looked_up_and_no_other() -> None:
    zone, looked_up = named("zoneinfo", "ZoneInfo"), text("_unpickle")
    assert (
        rules_of(proto(2, called("builtins", "getattr", zone, looked_up) + text("UTC") + b"K\x01\x86R"))
        == set()
    )
    for arguments in ((zone, text("from_file")), (named("collections", "Counter"), looked_up), (zone, b"N")):
        assert "call-shape" in rules_of(proto(2, called("builtins", "getattr", *arguments)))
    assert "dangerous-global" in rules_of(proto(2, named("builtins", "getattr")))


def test_a_huge_number_of_names_ends_in_a_bound() -> None:
    many = b"".join(named("collections", f"Name{place}") + b"0" for place in range(10_050))
    assert "bound" in rules_of(proto(2, many + b"N"))


_RUN_FOR_REAL = {
    "protocol-0",
    "protocol-0-inst",
    "protocol-1-obj",
    "dup",
    "in-a-list",
    "popped",
    "in-a-mark-that-is-dropped",
    "broken-after",
    "truncated-after",
    "unknown-opcode-after",
    "high-protocol-after",
    "proto-in-the-middle",
    "memo-in-two-parts",
    "memo-overwritten",
    "memo-far",
    "memo-in-text",
    "name-over-the-frame",
    "string-names",
    "escaped-string-names",
    "unicode-escape-names",
}
"""Those that call; the others only name."""

_COUNTING = """
import io, json, os, pathlib, pickle, sys
real, ran = os.getpid, []
now = [None]
def counted():
    ran.append(now[0])
    return real()
os.getpid = counted
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.pkl")):
    now[0] = file.name
    try:
        pickle.loads(file.read_bytes())
    except Exception:
        pass
print(json.dumps(sorted(set(ran))))
"""
