"""Statements of model signatures: what they list is whole, inside the folder, and said once."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput
from tocsin.wire.in_toto import STATEMENT_TYPE, Statement, Subject, parse_statement
from tocsin.wire.model_signature import (
    OLDER_PREDICATE,
    PREDICATE,
    Manifest,
    Stretch,
    manifest_of,
    statement_of,
)

DIGEST = hashlib.sha256(b"x").hexdigest()
PATHS = st.lists(
    st.text("abc.-_\u00e9", min_size=1, max_size=5).filter(lambda part: part not in (".", "..")),
    min_size=1,
    max_size=3,
).map("/".join)


def _statement(
    resources: list[dict[str, Any]], how: dict[str, Any] | None = None, root: str | None = None
) -> Statement:
    made = hashlib.sha256(b"".join(bytes.fromhex(one["digest"]) for one in resources)).hexdigest()
    predicate = {
        "serialization": how or {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
        "resources": resources,
    }
    return Statement((Subject("m", {"sha256": root or made}),), PREDICATE, predicate)


def _file(name: str, **changed: str) -> dict[str, Any]:
    return {"name": name, "algorithm": "sha256", "digest": DIGEST, **changed}


def _shard(start: int, end: int, name: str = "a") -> dict[str, Any]:
    return {"name": f"{name}:{start}:{end}", "algorithm": "sha256-sharded-10", "digest": DIGEST}


SHARDS = {"method": "shards", "hash_type": "sha256", "shard_size": 10.0}


@given(st.dictionaries(PATHS, st.binary(max_size=4), min_size=1, max_size=6))
def test_a_manifest_comes_back_from_its_bytes(files: dict[str, bytes]) -> None:
    made = Manifest(
        "m",
        {Stretch(path): hashlib.sha256(data).hexdigest() for path, data in files.items()},
        ignored=("~sig",),
    )
    assert manifest_of(parse_statement(statement_of(made).to_bytes())) == made


@pytest.mark.parametrize(
    "name", ["/etc/x", "../x", "a/../../x", "a//b", "./a", "a/", "", "a\\b", "a\x00b", "x" * 5000, ".."]
)
def test_a_name_that_leads_out_or_has_a_second_spelling_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        manifest_of(_statement([_file(name)]))
    with pytest.raises(BadInput):
        manifest_of(Statement((Subject(name, {"sha256": DIGEST}),), OLDER_PREDICATE, {}))


@pytest.mark.parametrize(
    "statement",
    [
        _statement([]),
        _statement([_file("a"), _file("a")]),
        _statement([_file("a"), _file(".")]),
        _statement([_file("a")], root=DIGEST),
        _statement([_file("a", algorithm="md5")]),
        _statement([_file("a")], {"method": "files", "hash_type": "md5"}),
        _statement([_file("a")], {"method": "files", "hash_type": "sha256", "shard_size": 5}),
        _statement([_file("a")], {"method": "files", "hash_type": "sha256", "ignore_paths": ["a"]}),
        _statement([_file("a")], {"method": "files", "hash_type": "sha256", "ignore_paths": ["."]}),
        _statement([_file("a")], {"method": "files", "hash_type": "sha256", "ignore_paths": ["b"] * 65}),
        _statement([_shard(0, 10), _shard(12, 20)], SHARDS),
        _statement([_shard(0, 10), _shard(9, 20)], SHARDS),
        _statement([_shard(0, 5), _shard(5, 10)], SHARDS),
        _statement([_shard(5, 10)], SHARDS),
        _statement([_shard(0, 11)], SHARDS),
        _statement([_shard(0, 0)], SHARDS),
        _statement([_shard(-1, 4)], SHARDS),
        _statement([_shard(0, 10)], {**SHARDS, "shard_size": 1.5}),
        Statement((Subject("m", {"sha256": DIGEST}),), "https://slsa.dev/provenance/v1", {}),
        Statement((Subject("m", {"sha256": DIGEST}),) * 2, PREDICATE, {}),
    ],
)
def test_a_statement_that_contradicts_itself_is_refused(statement: Statement) -> None:
    with pytest.raises(BadInput):
        manifest_of(statement)


def test_shards_and_the_older_form_are_read() -> None:
    shards = manifest_of(_statement([_shard(0, 10), _shard(10, 13), _shard(0, 1, "b/c")], SHARDS))
    assert set(shards.digests) == {Stretch("a", 0, 10), Stretch("a", 10, 13), Stretch("b/c", 0, 1)}
    older = manifest_of(Statement((Subject("d/a", {"sha256": DIGEST}),), OLDER_PREDICATE, {}))
    assert (older.older, older.name, older.digests) == (True, "", {Stretch("d/a"): DIGEST})


@pytest.mark.parametrize(
    "payload",
    [
        b'{"_type": "https://in-toto.io/Statement/v0.1", "subject": [], "predicateType": "x"}',
        b'{"_type": "%b", "subject": [], "predicateType": "x"}' % STATEMENT_TYPE.encode(),
        b'{"_type": "%b", "subject": [{"name": "a", "digest": {"sha1": "00"}}], "predicateType": "x"}'
        % STATEMENT_TYPE.encode(),
        b'{"_type": "%b", "subject": [{"name": "a", "digest": {"sha256": "%b"}}], "predicateType": "x"}'
        % (STATEMENT_TYPE.encode(), DIGEST.upper().encode()),
        b"{}",
        b"[]",
    ],
)
def test_what_is_not_a_statement_is_refused(payload: bytes) -> None:
    with pytest.raises(BadInput):
        parse_statement(payload)
