"""Due diligence on customers of compute: off by default, ids and a digest kept, no answer anywhere."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from tests.cases_made_up import person
from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.admit.diligence import SALT_BYTES, TemplateStatus, read_answers, record, template, templates
from tocsin.app.diligence import RECORDED, Diligence
from tocsin.kernel import BadInput, NotAllowed, NotFound, Role, TooLarge

ANSWERS = {
    "purpose": "refund letters",
    "trains-a-model": "no",
    "passed-on": "no",
    "contact": "desk@lottery.example",
}
ASKED = "use-of-compute"


def test_it_is_off_until_an_operator_turns_it_on(made: Made) -> None:
    with pytest.raises(BadInput, match="compute_diligence"):
        made.node.diligence.record(made.node.access.operator(), "customer-1", ASKED, ANSWERS)
    assert made.node.store.audit.read(act=RECORDED) == ()


def test_what_is_kept_is_a_result_and_a_digest(made: Made) -> None:
    rolf = person(made, "rolf", Role.REVIEWER)
    diligence = Diligence(made.node.access, on=True)
    found, salt = diligence.record(rolf, "customer-1", ASKED, {**ANSWERS, "safeguards": "  "})
    assert (found.complete, found.answered) == (True, tuple(ANSWERS))
    (row,) = made.node.store.audit.read(act=RECORDED)
    assert (row.subject, row.detail["result"], row.detail["digest"]) == (
        "customer-1",
        "complete",
        found.digest,
    )
    kept = msgspec.json.encode(row).decode()
    assert salt not in kept
    assert "refund letters" not in kept
    assert "lottery.example" not in kept
    # as docs/compute.md says it can be shown again
    said = json.dumps([ASKED, ANSWERS], sort_keys=True, separators=(",", ":")).encode()
    assert hashlib.sha256(bytes.fromhex(salt) + said).hexdigest() == found.digest
    again, _ = diligence.record(rolf, "customer-1", ASKED, ANSWERS)
    assert again.digest != found.digest, "two records cannot be compared"
    with pytest.raises(NotAllowed):
        diligence.record(person(made, "ana", Role.ANALYST), "customer-1", ASKED, ANSWERS)
    with pytest.raises(BadInput, match="pseudonym"):
        diligence.record(rolf, "a person's name", ASKED, ANSWERS)


def test_what_is_missing_and_what_is_not_asked() -> None:
    salt = bytes(SALT_BYTES)
    assert record(template(ASKED), {"purpose": "x"}, salt).missing == (
        "trains-a-model",
        "passed-on",
        "contact",
    )
    with pytest.raises(BadInput, match="asks for nothing but") as told:
        record(template(ASKED), {"passport": "X123"}, salt)
    assert "X123" not in told.value.message
    with pytest.raises(NotFound, match="iaas-proposal"):
        template("passport")
    with pytest.raises(ValueError, match="salt"):
        record(template(ASKED), {}, b"")


def test_no_packaged_template_is_a_duty_or_asks_who_somebody_is_by_birth() -> None:
    assert {one.status for one in templates()} == {TemplateStatus.VOLUNTARY, TemplateStatus.PROPOSED}
    asked = {question.id for one in templates() for question in one.questions}
    assert not asked & {"nationality", "country", "passport", "language", "religion", "birth"}


@pytest.mark.parametrize("text", ["", "[]", "purpose: [1]", "purpose: {a: b}", "\xff: [", "a: &a [*a]"])
def test_answers_that_are_none(text: str) -> None:
    with pytest.raises(BadInput, match="texts by question"):
        read_answers(text.encode("latin-1"))


def test_a_bare_no_is_an_answer() -> None:
    assert read_answers(b"passed-on: no\noperations: 1.5\npurpose: x") == {
        "passed-on": "no",
        "operations": "1.5",
        "purpose": "x",
    }


def test_answers_that_are_too_many() -> None:
    with pytest.raises(TooLarge):
        read_answers(b"#" * 70_000)


def test_at_the_command_line(copied: Made, tmp_path: Path) -> None:
    assert "iaas-proposal (proposed)" in tocsin("access", "compute", "templates", "--lang", "zh").stdout
    (tmp_path / "answers.yaml").write_text("purpose: refund letters\n", "utf-8")
    command = (
        "access", "compute", "record", "customer-1", str(tmp_path / "answers.yaml"), "--data",
        str(copied.node.data), "--json",
    )  # fmt: skip
    assert tocsin(*command, check=False).returncode == 2
    settings = copied.node.data / "settings.toml"
    on = settings.read_text("utf-8").replace("compute_diligence = false", "compute_diligence = true")
    settings.write_text(on, "utf-8")
    done = tocsin(*command, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["record"]["answered"] == ["purpose"]
