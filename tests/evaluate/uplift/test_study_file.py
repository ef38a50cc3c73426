"""Studies as files: what is refused, and what differs."""

import json
from typing import Any

import msgspec
import pytest
import yaml

from tests.studies import study
from tocsin.evaluate.uplift.study_file import MAX_FILE_BYTES, changed, read_study, study_digest, template
from tocsin.kernel.errors import BadInput, TooLarge


def written(**changes: Any) -> bytes:
    # through JSON, which has no aliases and is YAML
    return json.dumps({**yaml.safe_load(template()), **changes}).encode()


def test_the_template_is_a_study_and_spacing_does_not_count() -> None:
    found = read_study(template().encode())
    assert found.levels == 5
    assert found.looks == (880,)
    assert study_digest(read_study(written())) == study_digest(found)
    assert study_digest(study(version="2")) != study_digest(found)


ARMS = yaml.safe_load(template())["arms"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"question": " "}, "question is empty"),
        ({"not_covered": ""}, "not_covered is empty"),
        ({"domain": "domain.cookery"}, "none of the taxonomy's"),
        ({"arms": ARMS[:1]}, "one the treatment"),
        ({"arms": [ARMS[0], {**ARMS[1], "model": None}]}, "says which model"),
        ({"arms": [{**ARMS[0], "model": ARMS[1]["model"]}, ARMS[1]]}, "is the control and has a model"),
        ({"arms": [ARMS[0], {**ARMS[1], "name": "search"}]}, "two arms have one name"),
        ({"milestones": []}, "1 to 12 milestones"),
        ({"strata": {"age": ["all"]}}, "two different values"),
        ({"strata": {f"s{n}": ["a", "b", "c"] for n in range(4)}}, "coarser"),
        ({"strata": {"s|t": ["a", "b"]}}, "printable"),
        ({"expected": [0.5, 0.5]}, "expected has 5 shares"),
        ({"expected": [0.6, 0.2, 0.15, 0.05, 0.0]}, "sum to 1"),
        ({"line": 1.0}, "line is an odds ratio"),
        ({"line": 1e9}, "line is an odds ratio"),
        ({"smallest_effect": 0.5}, "smallest_effect"),
        ({"dropout": 1.0}, "dropout is from 0"),
        ({"analysis": {"method": "t-test"}}, "proportional-odds, the only"),
        ({"analysis": {"looks": [500, 400, 880]}}, "looks rise"),
        ({"analysis": {"looks": [500]}}, "looks rise"),
        ({"participants_per_arm": 1}, "2 at least"),
        ({"block_sizes": [0]}, "block_sizes"),
        ({"prior": {"sd": 0.7, "why": ""}}, "prior.why is empty"),
        ({"prior": {"sd": 0, "why": "flat"}}, r"prior\.sd"),
        ({"favourite": 1}, "favourite"),
        ({"name": "x" * 5_000}, "longer than"),
    ],
)
def test_what_is_no_study_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_study(written(**changes))


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(BadInput, match=r"question is empty.*line is an odds ratio"):
        read_study(written(question="", line=0))


@pytest.mark.parametrize("data", [b"\xff", b"- a", b"[" * 5_000, b"{", b"a: &x [1]\nb: *x", b""])
def test_junk_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_study(data)


def test_it_is_bounded() -> None:
    with pytest.raises(TooLarge):
        read_study(b"#" * (MAX_FILE_BYTES + 1))


def test_a_change_is_named_by_its_field() -> None:
    before = study()
    after = msgspec.structs.replace(
        before, line=3.0, analysis=msgspec.structs.replace(before.analysis, adjust=False)
    )
    assert changed(before, after) == ["analysis.adjust: false, and was true", "line: 3.0, and was 1.5"]
    assert changed(before, study(milestones=before.milestones[:3])) != []
    assert changed(before, before) == []
