"""What a plan may say of a family's judge."""

from tocsin.evaluate.families import families
from tocsin.evaluate.families.calibrating import judge_agreement, labelled_digest


def test_agreement_is_by_language_and_bound_to_the_labels() -> None:
    found = judge_agreement(families()["persuasion-markers"])
    assert set(found) == {"en", "zh", "es"}
    assert found["zh"].alpha == 1
    assert found["en"].alpha is not None
    assert 0.67 <= found["en"].alpha < 1
    digests = {labelled_digest(family) for family in families().values()}
    assert len(digests) == len(families())
