"""A red line goes to another node and an objection comes back, over HTTP; what it is called there is theirs."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser import served
from tests.share.agreed import READING, a_decision, a_line, an_evaluation
from tests.test_live import PURPOSE
from tocsin.app.node import Node
from tocsin.app.red_line_views import red_line_view
from tocsin.app.setup import initialise
from tocsin.app.signing import signed
from tocsin.kernel import Origin, system_clock
from tocsin.kernel.red_lines import Stance
from tocsin.share.describe_agreed import Speaker
from tocsin.share.describe_models import decision_in, describe_decision, describe_evaluation, evaluation_in
from tocsin.store.finding import Wanted
from tocsin.web.server import create_app

pytestmark = pytest.mark.net


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """`author` and `reader`, each served on loopback, trust each other by compared keys."""
    with ExitStack() as stack:
        made = {}
        for name in ("author", "reader"):
            initialise(tmp_path / name, name=name, clock=system_clock)
            made[name] = Node(tmp_path / name)
            stack.callback(made[name].close)
        urls = {
            name: stack.enter_context(served(create_app(node, jobs=False))) for name, node in made.items()
        }
        pairs = (("author", "reader"), ("reader", "author"))
        tokens = {
            near: made[near].exchange.add_peer(
                made[near].access.operator(), far, urls[far], allow_private=True
            )[1]
            for near, far in pairs
        }
        for near, far in pairs:
            exchange, by = made[near].exchange, made[near].access.operator()
            exchange.keep_credential(by, far, tokens[far])
            compared = made[far].exchange.about_me().fingerprint
            exchange.trust_peer(by, far, exchange.ask_key(by, far), compared)
        yield made["author"], made["reader"]


def test_a_line_goes_out_and_a_word_on_it_comes_back(nodes: tuple[Node, Node]) -> None:
    author, reader = nodes
    ours, theirs = author.access.operator(), reader.access.operator()
    line = author.red_lines.propose(ours, a_line(scope="bilateral"), parties=["reader"])
    voice = Speaker(author=author.keys.identity.stix_identity, tlp=line.tlp, now=author.clock())
    evaluation = describe_evaluation(an_evaluation(), READING, voice)
    decision = describe_decision(
        a_decision(),
        voice,
        basis="The evaluation that it refers to.",
        outcomes={line.id: "clear"},
        evaluations=(evaluation[-1].id,),
    )
    said = {one.id: one for one in (*evaluation, *decision)}
    author.store.records.put(signed(said.values(), author.keys))
    manifest = author.exchange.publish(ours, "reader", PURPOSE, None)
    left = {one.type for one in manifest.released}
    assert left == {"identity", "extension-definition", "course-of-action", "opinion", "report"}

    assert reader.exchange.pull_all()[0].error is None
    one = reader.red_lines.show(theirs, line.id)
    assert (one.given_by, one.signed, one.binds) == ("author", True, False)
    assert [(name, spoke) for _, name, spoke in one.asked] == [("reader", False)]
    reports = reader.library.search(theirs, Wanted(type="report")).records
    assert {record.origin for record in reports} == {Origin.PEER}, "theirs, never ours"
    assert sum(evaluation_in(record) is not None for record in reports) == 1
    assert [found.decision for record in reports if (found := decision_in(record))] == ["staged"]
    reader.red_lines.say(theirs, line.id, Stance.OBJECT, "A twentieth would be signed.")
    reader.exchange.publish(theirs, "author", PURPOSE, None)

    assert author.exchange.pull_all()[0].error is None
    view = red_line_view(author.red_lines.show(ours, line.id))
    assert [(word["name"], word["reason"], word["counts"]) for word in view["against"]] == [
        ("reader", "A twentieth would be signed.", True)
    ]
    assert [one["spoke"] for one in view["asked"]] == [True]
    assert view["binds"], "an objection of another takes nothing away"
