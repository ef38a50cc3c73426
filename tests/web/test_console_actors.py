"""The page of accounts: nothing without a purpose, everything also as a table, nobody named on the list."""

import re

import pytest

from tests.app.test_actors import found, with_shared
from tests.console import Client, Markup, a_warning, log_in, send, token_for
from tests.correlate.test_actors import Town, group
from tests.fixtures import Made
from tocsin.app.actors import OPEN
from tocsin.correlate.actors import Cluster, Explanation, Form
from tocsin.kernel import Role, WarningKind
from tocsin.web.console.actor_graphs import FEW, HEIGHT, WIDTH, drawing
from tocsin.web.console.actors import EXPLANATIONS, FORMS, IDENTIFIERS

PURPOSE = "To judge this warning"


def test_a_look_shows_the_cluster_with_what_speaks_against_it(client: Client, made: Made) -> None:
    warning = found(made, with_shared(made))
    log_in(client, made.token)
    at = f"/actors/{warning.id}"
    assert '<svg class="graph' not in client.get(at).text, "nothing is shown before a purpose is stated"
    assert made.node.store.audit.read(act=OPEN) == ()
    page = send(client, at, at, purpose=PURPOSE).text
    for words in (
        "A coordinated group",
        "A false flag",
        "A statement with confidence, not a finding",
        "What would refute it",
        "A way in:",
    ):
        assert words in page
    (row,) = made.node.store.audit.read(act=OPEN)
    assert (row.purpose, row.subject) == (PURPOSE, warning.id)
    whole = re.findall(r"ps_[0-9a-f]{32}", page)
    assert whole == [], "pseudonyms are shown shortened"


def test_the_tables_hold_what_the_picture_shows(client: Client, made: Made) -> None:
    warning = found(made, with_shared(made))
    log_in(client, made.token)
    page = send(client, f"/actors/{warning.id}", f"/actors/{warning.id}", purpose=PURPOSE).text
    markup = Markup(page)
    circles = [tag for tag in markup.all("circle") if "dot" in tag.get("class", "").split()]
    assert len(circles) == 12
    accounts = page.split("Accounts of this cluster")[1].split("</table>")[0]
    assert accounts.count('scope="row"') == 12
    boxes = [tag for tag in markup.all("rect") if "box" in tag.get("class", "").split()]
    ties = page.split("What ties them</h4>")[1].split("</table>")[0]
    assert ties.count('scope="row"') == len(boxes) == 3


@pytest.mark.parametrize("purpose", ["", "why", "x" * 5_000])
def test_no_purpose_shows_nothing(client: Client, made: Made, purpose: str) -> None:
    warning = found(made, with_shared(made))
    log_in(client, made.token)
    answer = send(client, f"/actors/{warning.id}", f"/actors/{warning.id}", purpose=purpose)
    assert answer.status_code == 422
    assert 'aria-describedby="actors-purpose-wrong"' in answer.text
    assert made.node.store.audit.read(act=OPEN) == ()


def test_an_auditor_sees_how_often_and_no_account(client: Client, made: Made) -> None:
    warning = found(made, with_shared(made))
    made.node.actors.look(made.node.access.operator(), warning.id, PURPOSE)
    log_in(client, token_for(made, "auditor", Role.AUDITOR))
    page = client.get("/actors").text
    assert "1 time" in page
    assert "ps_" not in page
    assert "Your role does not look at accounts" in client.get(f"/actors/{warning.id}").text
    refused = send(client, f"/actors/{warning.id}", "/actors", purpose=PURPOSE)
    assert refused.status_code == 403
    assert '<svg class="graph' not in refused.text
    audit = client.get("/audit?act=actor.shown").text
    assert "clusters" in audit


def test_a_trend_is_not_offered(client: Client, made: Made) -> None:
    warning = a_warning(now=made.now, kind=WarningKind.TREND)
    made.node.store.warnings.upsert(warning)
    log_in(client, made.token)
    assert warning.id not in client.get("/actors").text
    page = client.get(f"/actors/{warning.id}").text
    assert "a conversation reaches no profile" in page
    assert 'name="purpose"' not in page
    assert f"/actors/{warning.id}" not in client.get(f"/warnings/{warning.id}").text


def test_an_unknown_warning_is_404(client: Client, made: Made) -> None:
    log_in(client, made.token)
    assert client.get("/actors/none").status_code == 404
    assert send(client, "/actors/none", "/actors", purpose=PURPOSE).status_code == 404


def test_in_chinese(client: Client, made: Made) -> None:
    warning = found(made, with_shared(made))
    log_in(client, made.token)
    client.get("/actors?lang=zh")
    page = send(client, f"/actors/{warning.id}", f"/actors/{warning.id}", purpose=PURPOSE).text
    for words in ("协同群体", "假旗", "沟通途径", "这是带有置信度的陈述"):
        assert words in page


def large(size: int) -> Cluster:
    town = Town(people=10_000)
    for at in range(size):
        town.account(f"a{at:03d}", ("payment", "card"), ("device", f"d{at % 7}"), ("phone", f"f{at % 7}"))
    return town.cluster()


@pytest.mark.parametrize("size", [2, 20, FEW, FEW + 1, 300])
def test_a_picture_stays_on_its_page_and_is_the_same_twice(size: int) -> None:
    cluster = large(size)
    picture = drawing(cluster)
    assert picture == drawing(cluster)
    assert picture.by_parts is (size > FEW)
    places = [(dot.x, dot.y) for dot in picture.dots] + [(box.x, box.y) for box in picture.boxes]
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in places)
    assert sum(dot.number for dot in picture.dots) == size
    assert len(set(places)) == len(places), "nothing lies on another"


def test_an_account_from_outside_is_drawn_apart() -> None:
    town = Town()
    town.account("a", ("device", "d1"))
    town.account("b", ("payment", "p1"))
    town.others = {("device", "d1"): ["joins"], ("payment", "p1"): ["joins"]}
    picture = drawing(town.cluster())
    assert sorted((dot.label, dot.warned) for dot in picture.dots) == [
        ("a", True),
        ("b", True),
        ("joins", False),
    ]


def test_every_value_has_its_word() -> None:
    assert set(FORMS) == set(Form)
    assert set(EXPLANATIONS) == set(Explanation)
    assert {tie.type for tie in group().cluster().ties} <= set(IDENTIFIERS)
