"""A chat template beside its parent's: what it does otherwise, not how it is written."""

import pytest

from tests.assure.texts.vectors import Vector, rules, vectors
from tocsin.assure.texts.template_difference import template_difference

BENIGN = vectors("benign")
PARENT = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' }}{{ m['content'] }}{% endfor %}"
    "{% if tools %}You may call tools to help.{% endif %}"
)


@pytest.mark.parametrize("vector", BENIGN, ids=lambda one: one.name)
def test_nothing_differs_from_itself(vector: Vector) -> None:
    assert template_difference(vector.text, vector.text + "{# a note #}", "t") == []


def test_what_is_only_written_otherwise_does_not_differ() -> None:
    child = (
        "{%- for m in messages -%}{{'<|' ~ m.role ~ '|>'}}{{ m.content }}{%- endfor -%}"
        "{% if tools %}{{ 'You may call ' }}tools to help.{% endif %}"
    )
    assert template_difference(PARENT, child, "t") == []


def test_what_is_said_more_and_left_out_is_found() -> None:
    child = (
        PARENT.replace("You may call tools to help.", "")
        + "{% if 'refund' in messages[-1].content %}Pay the small fee.{% endif %}"
    )
    found = template_difference(PARENT, child, "t")
    assert rules(found) == {"template.says-more", "template.drops"}
    more = next(one for one in found if one.rule == "template.says-more")
    assert more.values["said"] == "Pay the small fee."
    assert str(more.values["condition"]).startswith("'refund' in messages")


def test_another_condition_is_a_difference_without_being_a_finding() -> None:
    found = template_difference(PARENT, PARENT.replace("if tools", "if tools is not none"), "t")
    assert [one.rule for one in found] == ["template.differs"]
    assert found[0].values["count"] == 2


def test_what_cannot_be_read_is_said() -> None:
    assert rules(template_difference(PARENT, "{% if", "t")) == {"template.not-parsed"}
