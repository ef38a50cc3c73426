"""Guards' verdicts weigh by what people decided here, in that language; a text that a person cleared weighs nothing."""

import pytest

from tests.app.test_guards import guards, later, line
from tests.console import a_warning
from tests.fixtures import Made
from tocsin.app.guard_words import REFRESH_US, GuardWords
from tocsin.correlate.guard_words import LEAST_DECISIONS
from tocsin.kernel import GuardOutcome, GuardVerdict, WarningStatus, micros

FLAGGED, CLEAN, UNKNOWN = GuardOutcome.FLAGGED, GuardOutcome.CLEAN, GuardOutcome.UNKNOWN


def test_a_word_weighs_once_people_bore_it_out_and_only_in_that_language(made: Made) -> None:
    node, half = made.node, LEAST_DECISIONS // 2
    at_work = guards(made, "http://127.0.0.1:9/")
    guard = at_work.lines[0].guard
    words = GuardWords(node.store, node.sampling, at_work.lines, made.clock)
    texts = [line(made, n, f"a walk in the park {n}", lang="en") for n in range(2 * half)]
    assert node.acceptor.accept(texts).accepted == 2 * half

    def said(event: str, outcome: GuardOutcome, lang: str) -> GuardVerdict:
        return GuardVerdict(
            event,
            guard.name,
            guard.version,
            outcome,
            micros(made.now),
            event.encode(),
            lang,
            "fraud.scam",
            0.8,
        )

    judged = [said(f"event-{n}", FLAGGED if n < half else CLEAN, "en") for n in range(2 * half)]
    others = [said("later", FLAGGED, "en"), said("elsewhere", FLAGGED, "fr"), said("waits", UNKNOWN, "en")]
    node.store.verdicts.put([*judged, *others])
    assert words() == {}

    for number, (status, first) in enumerate(
        ((WarningStatus.CONFIRMED, 0), (WarningStatus.DISMISSED, half)), 1
    ):
        samples = tuple(f"event-{n}" for n in range(first, first + half))
        node.store.warnings.upsert(a_warning(number, now=made.now, samples=samples, status=status))
    assert words() == {}, "asked again after a while"
    later(made, REFRESH_US)
    found = words()
    assert set(found) == {"later", *(f"event-{n}" for n in range(half))}
    assert found["later"] == pytest.approx(0.8)
    assert words() is found
