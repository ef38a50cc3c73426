"""Phrase warnings: one for each loud rule, none for notes."""

from tests.correlate.worlds import DAY, NOW, Post, window_of
from tocsin.correlate import Window, find_phrases
from tocsin.kernel import WarningKind

LOUD = ("phrases", "1", "fraud.scam", 1.0, "lottery-refund/en/0")
ALSO = ("phrases", "1", "fraud.scam", 1.0, "lottery-refund/zh/2")
NOTE = ("phrases", "1", "technique.requirement-hijack", 0.2, "instruction-hijack/en/0")
OTHER = ("rules", "1", "cyber.phishing", 0.9, "rule-7")


def test_one_warning_per_pack_with_its_counts() -> None:
    posts = [
        Post("a", "x", NOW - DAY, signals=(LOUD, ALSO), id="e1"),
        Post("b", "x", NOW - 2 * DAY, signals=(ALSO,), id="e2"),
        Post("b", "x", NOW - 2 * DAY + 1, signals=(LOUD,), id="e3"),
        Post("c", "x", NOW - DAY, signals=(NOTE,), id="e4"),
        Post("d", "x", NOW - DAY, signals=(OTHER,), id="e5"),
        Post("e", "x", NOW - 20 * DAY, signals=(LOUD,), id="e6"),
    ]
    first, second = find_phrases(window_of(posts), now_us=NOW)
    assert (first.key, first.actors, first.events, first.category) == ("lottery-refund", 2, 3, "fraud.scam")
    assert (first.first_seen, first.last_seen) == (NOW - 2 * DAY, NOW - DAY)
    assert first.kind is WarningKind.PHRASE
    assert set(first.samples) <= {"e1", "e2", "e3"}
    assert first.confidence > second.confidence
    assert (second.key, second.actors) == ("rules:rule-7", 1)


def test_the_same_rule_keeps_its_id_and_nothing_finds_nothing() -> None:
    one = find_phrases(window_of([Post("a", "x", NOW - DAY, signals=(LOUD,))]), now_us=NOW)
    two = find_phrases(
        window_of([Post(f"a{n}", "x", NOW - n, signals=(LOUD,)) for n in range(5)]), now_us=NOW
    )
    assert one[0].id == two[0].id
    assert find_phrases(Window(), now_us=NOW) == ()
