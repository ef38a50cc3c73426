"""What a draw can tell: exact figures, and that the simulation and the formula say the same."""

import numpy as np
import pytest

from benchmarks.recognition_rates import FALSE, Case, once
from tocsin.evaluate.recognition.sizing import power_to_contradict, samples_to_contradict
from tocsin.evaluate.statistics import paired_interval
from tocsin.kernel.recognition import RecognitionOutcome


def test_the_power_is_the_share_of_draws_whose_interval_lies_beyond() -> None:
    rng = np.random.default_rng(3)
    turned = rng.binomial(100, 0.2, size=4_000)
    both = np.round(0.2 * (100 - turned)).astype(int)
    beyond = [
        paired_interval(int(b), int(k), 0, int(100 - k - b))[0] > 0.05
        for b, k in zip(both, turned, strict=True)
    ]
    assert power_to_contradict(0.2, 100, margin=0.05) == pytest.approx(np.mean(beyond), abs=0.02)


def test_the_number_holds_and_the_half_of_it_does_not() -> None:
    number = samples_to_contradict(0.15, margin=0.05, power=0.9)
    assert power_to_contradict(0.15, number, margin=0.05) >= 0.9
    assert power_to_contradict(0.15, number // 2, margin=0.05) < 0.9
    assert samples_to_contradict(0.3, margin=0.05) < samples_to_contradict(0.2, margin=0.05)
    assert power_to_contradict(1.0, 50, margin=0.05) == 1.0
    assert power_to_contradict(0.0, 50, margin=0.05) == 0.0


def test_what_no_draw_can_tell_is_refused() -> None:
    with pytest.raises(ValueError, match="within the margin"):
        samples_to_contradict(0.05, margin=0.05)
    with pytest.raises(ValueError, match="more than"):
        samples_to_contradict(0.052, margin=0.05)
    with pytest.raises(ValueError, match="shares"):
        power_to_contradict(1.2, 10, margin=0.05)


def test_equal_institutes_are_seldom_contradicted_and_broken_ones_mostly() -> None:
    rng = np.random.default_rng(5)

    def contradicted(case: Case) -> float:
        return np.mean([once(case, rng) is RecognitionOutcome.CONTRADICTED for _ in range(150)]).item()

    assert contradicted(Case("equal", 0.0, 0.4, 0.1, 100)) <= FALSE
    assert contradicted(Case("equal", 0.0, 0.02, 0.1, 50)) <= FALSE
    assert contradicted(Case("broken", 0.5, 0.4, 0.1, 100)) > 0.8
    guessed = [once(Case("guessed", 0.0, 0.4, 0.1, 200), rng) for _ in range(50)]
    assert not {RecognitionOutcome.REPRODUCED, RecognitionOutcome.COMPATIBLE} & set(guessed)
