"""The commitment is the one that docs/plans.md writes, and a revealed plan that differs from it is refused."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluation_plans import PLAN, SALT, START, TASK, registered
from tocsin.evaluate.plans.canonical import canonical_bytes, plan_digest
from tocsin.evaluate.plans.commitment import commitment
from tocsin.evaluate.plans.reading import read_plan
from tocsin.evaluate.plans.registration import PREDICATE, open_revealed, revealed, statement_of
from tocsin.evaluate.plans.sheets import sheet_root
from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.plans import PlannedSample, RegisteredPlan
from tocsin.trust.signing_keys import sealed
from tocsin.wire.dsse import IN_TOTO_TYPE, envelope_bytes, envelope_value
from tocsin.wire.in_toto import Statement

VECTOR = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors" / "plans" / "commitment.json").read_text("utf-8")
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OPENED = registered()


def test_the_vector() -> None:
    plan = read_plan(VECTOR["plan"].encode())
    assert canonical_bytes(plan) == VECTOR["plan"].encode()
    assert plan_digest(plan) == VECTOR["plan_digest"]
    assert sheet_root(PlannedSample(*row) for row in VECTOR["samples"]) == VECTOR["sheet_root"]
    salt = bytes.fromhex(VECTOR["salt"])
    assert (
        commitment(salt, VECTOR["plan_digest"], {VECTOR["task"]: VECTOR["sheet_root"]})
        == VECTOR["commitment"]
    )
    two = VECTOR["two_tasks"]
    assert commitment(salt, VECTOR["plan_digest"], two["sheets"]) == two["commitment"]
    assert commitment(salt, VECTOR["plan_digest"], dict(reversed(two["sheets"].items()))) == two["commitment"]


OPENING = st.tuples(
    st.sampled_from([SALT, bytes(32)]),
    st.sampled_from(["00" * 32, "11" * 32]),
    st.dictionaries(st.text(max_size=3), st.sampled_from(["00" * 32, "11" * 32]), max_size=3),
)


@settings(max_examples=50)
@given(OPENING, OPENING)
def test_two_openings_have_two_commitments(one: Any, other: Any) -> None:
    assert (commitment(*one) == commitment(*other)) is (one == other)


def test_nothing_shorter_is_committed_to() -> None:
    for salt, plan, sheets in (
        (bytes(31), "00" * 32, {}),
        (SALT, "00" * 31, {}),
        (SALT, "00" * 32, {"t": "00" * 31}),
        (SALT, "xx" * 32, {}),
    ):
        with pytest.raises(ValueError, match=r"32 bytes|hexadecimal"):
            commitment(salt, plan, sheets)


def signed(opened: RegisteredPlan = OPENED, **changed: Any) -> RegisteredPlan:
    statement = msgspec.structs.replace(statement_of(opened.registration, "node-1"), **changed)
    envelope = envelope_bytes(sealed(KEY, IN_TOTO_TYPE, statement.to_bytes()))
    return msgspec.structs.replace(
        opened, registration=msgspec.structs.replace(opened.registration, statement=envelope)
    )


def test_what_was_revealed_is_what_was_registered() -> None:
    found = open_revealed(revealed(signed()), [KEY.public_key()])
    assert found.node == "node-1"
    assert found.registered.plan == PLAN
    assert found.registered.samples == OPENED.samples
    assert (found.registered.registration.id, found.registered.registration.at) == (
        OPENED.registration.id,
        START,
    )


def document() -> dict[str, Any]:
    return dict(json.loads(revealed(signed())))


def changed(*path: Any, to: Any) -> bytes:
    """The revealed file with one value put in another's place."""
    whole = document()
    value = whole
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = to
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("path", "to", "named"),
    [
        (("plan", "measurement", "lines", 0, "limit"), 0.5, "not those of commitment"),
        (("samples", TASK, 0, 1), "0" * 64, "not those of commitment"),
        (("samples", TASK, 0, 2), "cluster", "not those of commitment"),
        (("samples", "other"), [], "not in the plan's `content`"),
        (("samples",), {}, "no samples of"),
        (("samples", TASK), [], "60 samples of tocsin/refusal, and its sheet has 0"),
        (
            ("plan", "method", "models", 0, "condition"),
            "fine-tuned",
            "could be judged. `method.models`: needs the model",
        ),
        (("plan", "measurement", "lines", 0, "task"), "other", "names 'other', which is not in"),
        (("plan", "measurement", "lines", 0, "limit"), 7, "share over 0"),
        (("salt",), "ff" * 32, "not those of commitment"),
        (("commitment",), "0" * 64, "not those of commitment"),
        (("salt",), "ff", "its salt has 32 bytes"),
        (("salt",), "zz", "not a revealed plan"),
        (("type",), "urn:other", "not a revealed plan"),
        (("samples", TASK, 0), ["s"], "not a revealed plan"),
        (("plan", "name"), 7, "Expected `str`, got `int`"),
        (("statement", "payload"), "!", "base64"),
        (("more",), 1, "unknown field"),
    ],
)
def test_what_was_changed_afterwards_is_told(path: tuple[Any, ...], to: Any, named: str) -> None:
    with pytest.raises((BadInput, Conflict), match=named):
        open_revealed(changed(*path, to=to), [KEY.public_key()])


def test_a_statement_counts_under_the_key_that_was_given_alone() -> None:
    with pytest.raises(Conflict, match="none of the keys"):
        open_revealed(revealed(signed()), [Ed25519PrivateKey.generate().public_key()])
    with pytest.raises(Conflict, match="none of the keys"):
        open_revealed(revealed(signed()), [])
    whole = document()
    whole["statement"] = envelope_value(sealed(KEY, "text/plain", b"x"))
    with pytest.raises(Conflict, match="none of the keys"):
        open_revealed(json.dumps(whole).encode(), [KEY.public_key()])


def test_a_statement_about_something_else_proves_nothing() -> None:
    other = registered(msgspec.structs.replace(PLAN, version="2"))
    for changes in (
        {"subjects": statement_of(other.registration, "node-1").subjects},
        {"predicate_type": "urn:other"},
    ):
        with pytest.raises(Conflict, match="something else"):
            open_revealed(revealed(signed(**changes)), [KEY.public_key()])
    for predicate in (
        {},
        {"registered": "soon", "node": "n"},
        {"registered": "2026-11-20T12:00:00", "node": "n"},
    ):
        with pytest.raises(BadInput, match="by whom and when"):
            open_revealed(revealed(signed(predicate=predicate)), [KEY.public_key()])


def test_the_statement_names_the_commitment_alone() -> None:
    statement: Statement = statement_of(OPENED.registration, "node-1")
    assert statement.predicate_type == PREDICATE
    assert statement.predicate == {"registered": "2026-11-20T12:00:00+00:00", "node": "node-1"}
    assert [one.digest for one in statement.subjects] == [{"sha256": OPENED.registration.id}]


def test_a_file_that_is_no_such_file_is_refused() -> None:
    for data in (b"", b"{}", b"[1]", b'{"type": 1, "type": 2}'):
        with pytest.raises(BadInput):
            open_revealed(data, [])
    with pytest.raises(TooLarge):
        open_revealed(b"[" + b"[]," * 6_000_000 + b"[]]", [])
