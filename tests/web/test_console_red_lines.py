"""The pages of red lines, commitments and key cases: both sides with reasons, in two languages, for who may read."""

import pytest

from tests.app.test_key_cases import FOR, WHY, Kept, decided, said
from tests.app.test_red_lines import LAB, received, their_line, trust, voice
from tests.console import Client, Markup, log_in, token_for
from tests.fixtures import Made
from tests.share.agreed import a_line
from tocsin.app.precedents import Precedents
from tocsin.kernel import Role
from tocsin.kernel.precedents import Relation
from tocsin.kernel.red_lines import Stance
from tocsin.share.describe_agreed import describe_stance


def furnish(made: Made) -> str:
    """A line of ours and one of a peer that objects to it, a commitment that is overdue, a case that is cited."""
    node, by = made.node, made.node.access.operator()
    trust(made)
    ours = node.red_lines.propose(by, a_line(scope="bilateral"), parties=["lab"])
    their_line(made, title="Letters <b>of</b> any kind", threshold=0.05)
    received(made, describe_stance(ours, Stance.OBJECT, "A twentieth would be signed.", voice(made, LAB))[-1])
    node.commitments.add(by, said(made, review_by=int(made.now.timestamp() * 1e6) - 5 * 86_400_000_000))
    cases = Precedents(node.store, node.access, made.clock, Kept(decided(1), decided(2)))
    cases.add(by, decided(1).id, domain="domain.cyber", reasoning=WHY, stands_for=FOR)
    cases.cite(by, decided(2).id, decided(1).id, Relation.FOLLOWS, "The same model, a month later.")
    return ours.id


@pytest.mark.parametrize(("language", "words"), [("en", "does not bind"), ("zh", "无约束力")])
def test_the_register_in_both_languages(made: Made, client: Client, language: str, words: str) -> None:
    line = furnish(made)
    log_in(client, token_for(made, "ana", Role.AUDITOR))
    page = client.get(f"/red-lines?lang={language}").text
    assert words in page
    assert FOR in page
    assert "https://lab.example/testing/2026" in page
    assert "<b>of</b>" not in page, "what a peer wrote is text"
    title = {"en": "Human control of nuclear weapons", "zh": "核武器由人控制"}[language]
    assert title in page
    one = client.get(f"/red-lines/{line}?lang={language}").text
    assert "A twentieth would be signed." in one
    assert len(Markup(one).all("table")) == 1
    base = client.get(f"/red-lines/base.nuclear-command?lang={language}").text
    assert title in base


def test_who_may_not_read_is_refused_and_what_is_not_there_is_said(made: Made, client: Client) -> None:
    log_in(client, token_for(made, "machine", Role.SOURCE))
    assert "nuclear" not in client.get("/red-lines").text, "a machine is sent to the log-in"
    log_in(client, token_for(made, "ana", Role.ANALYST))
    assert client.get("/red-lines/course-of-action--none").status_code == 404
    assert "None yet." in client.get("/red-lines").text
