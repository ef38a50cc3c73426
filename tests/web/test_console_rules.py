"""The pages of rules: what each says, what people decided, and a decision by a form."""

from typing import Any

import pytest

from tests.app.test_rules import TESTS, operator, post, put
from tests.console import Client, log_in, send, token_for
from tests.fixtures import Made
from tests.sigma_rules import SAYS_REFUND, correlation, rule, uuid_of
from tocsin.kernel import Role, RuleState, WarningKind, WarningStatus

HOSTILE = '<script>alert("x")</script>'
RULE = f"/rules/{uuid_of(9)}"


def furnish(made: Made) -> None:
    """A correlation in shadow with tests and a back-test, a rule that warned, one that cannot be run."""
    text = correlation(
        "value_count",
        SAYS_REFUND,
        group_by="[source]",
        condition="{gte: 3, field: actor}",
        more='description: "Letters <b>about</b> a refund"\n',
    )
    put(made, "bad.yml", rule(f"selection:\n  '{HOSTILE}': x", number=3))
    put(made, "single.yml", rule(SAYS_REFUND))
    made.node.rules.add(operator(made), text, tests=TESTS.replace("observables", "signals: [], observables"))
    post(made, *["your lottery refund"] * 6, actors=3)
    made.node.lookouts.tick()
    made.node.lookouts.tick()
    (warning,) = made.node.store.warnings.list(kind=WarningKind.RULE)
    made.node.reviewing.review(
        operator(made),
        warning.id,
        WarningStatus.CONFIRMED,
        category="fraud.scam",
        statement="looked at it",
        basis="rule 4",
    )
    made.node.backtesting.run(operator(made), uuid_of(9), days=9, purpose="before enabling it")


def test_the_list(client: Client, made: Made) -> None:
    assert log_in(client, made.token).status_code == 303
    assert "No rules yet" in client.get("/rules").text
    furnish(made)
    page = client.get("/rules?lang=en").text
    for text in (
        "rule 1",
        "correlation 9",
        "In shadow",
        "Enabled",
        "Cannot be run",
        "100%",
        "it would have made",
    ):
        assert text in page
    assert HOSTILE not in page
    chinese = client.get("/rules?lang=zh").text
    for text in ("影子状态", "已启用", "无法运行", "精确率"):
        assert text in chinese


def test_one_rule(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    page = client.get(RULE).text
    for text in (
        "Letters &lt;b&gt;about&lt;/b&gt; a refund",
        "value_count of a actor gte 3 group-by source timespan 3600s",
        "It counts and warns nobody.",
        "It would have warned once.",
        "text|contains: lottery refund",
        "Ask the rule its tests",
    ):
        assert text in page
    tried = client.get(f"{RULE}?try=1").text
    assert tried.count("Passed") + tried.count("Failed") == 3
    assert client.get("/rules/nothing").status_code == 404
    assert "本会发出 1 次预警" in client.get(f"{RULE}?lang=zh").text


def test_a_decision_needs_a_reason(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    wrong = send(client, f"{RULE}/state", RULE, state="enabled", why="ok")
    assert wrong.status_code == 422
    assert "Say why" in wrong.text
    assert send(client, f"{RULE}/state", RULE, state="loud", why="it fits our terms").status_code == 400
    done = send(client, f"{RULE}/state", RULE, state="enabled", why="it fits our terms")
    assert done.status_code == 303
    assert made.node.rules.get(uuid_of(9)).kept.state is RuleState.ENABLED
    assert "it fits our terms" in client.get(done.headers["location"]).text
    back = client.get(f"{RULE}/state", follow_redirects=False)
    assert (back.status_code, back.headers["location"]) == (303, RULE)


@pytest.mark.parametrize(
    ("role", "reads", "decides"), [(Role.AUDITOR, True, False), (Role.ADMIN, False, False)]
)
def test_who_may(client: Client, made: Made, role: Role, reads: bool, decides: bool) -> None:
    furnish(made)
    log_in(client, token_for(made, f"a-{role.value}", role))
    answers: dict[str, Any] = {path: client.get(path).status_code for path in ("/rules", RULE)}
    assert set(answers.values()) == ({200} if reads else {403})
    if reads:
        assert ("Let it warn" in client.get(RULE).text) is decides
    form = {"state": "enabled", "why": "it fits our terms"}
    assert send(client, f"{RULE}/state", "/account", **form).status_code == 403
