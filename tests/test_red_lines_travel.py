"""A red line goes to another node and an objection comes back, over HTTP; what it is called there is theirs."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser import served
from tests.share.agreed import MODEL, READING, a_decision, a_line, an_evaluation
from tests.test_live import PURPOSE
from tocsin.app.node import Node
from tocsin.app.red_line_views import red_line_view
from tocsin.app.setup import initialise
from tocsin.kernel import system_clock
from tocsin.kernel.red_lines import Stance
from tocsin.web.server import create_app
from tocsin.wire.stix.kinds_model import ReleaseDecisionExtension

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
    (evaluation,) = author.model_records.say_evaluation(ours, an_evaluation(), READING)
    decision = author.model_records.say_decision(
        ours, a_decision(red_lines={line.id: "clear"}), basis="The evaluation that it refers to."
    )
    previewed = {one.id for one in author.exchange.publishing.preview(ours, "reader", PURPOSE).released}
    assert {line.id, evaluation.id, decision.id} <= previewed
    manifest = author.exchange.publishing.publish(ours, "reader", PURPOSE, None)
    left = {one.type for one in manifest.released}
    assert left == {"identity", "extension-definition", "course-of-action", "opinion", "report"}

    assert reader.exchange.pull_all()[0].error is None
    one = reader.red_lines.show(theirs, line.id)
    assert (one.given_by, one.signed, one.binds) == ("author", True, False)
    assert [(name, spoke) for _, name, spoke in one.asked] == [("reader", False)]
    heard = sorted(reader.model_records.heard(theirs, model=MODEL), key=lambda one: one.says.NAME)
    assert {one.given_by for one in heard} == {"author"}, "theirs, never ours"
    assert all(one.signed for one in heard)
    assert [one.says.NAME for one in heard] == ["model-evaluation", "release-decision"]
    assert isinstance(heard[1].says, ReleaseDecisionExtension)
    assert [(one.line, one.outcome) for one in heard[1].says.red_lines] == [(line.id, "clear")]
    rests_on = json.loads(decision.stix)["object_refs"]
    assert evaluation.id in rests_on, "this node's own reports on these bytes, unasked"
    assert [one.given_by for one in author.model_records.heard(ours)] == ["", ""]
    reader.red_lines.say(theirs, line.id, Stance.OBJECT, "A twentieth would be signed.")
    reader.exchange.publishing.publish(theirs, "author", PURPOSE, None)

    assert author.exchange.pull_all()[0].error is None
    view = red_line_view(author.red_lines.show(ours, line.id))
    assert [(word["name"], word["reason"], word["counts"]) for word in view["against"]] == [
        ("reader", "A twentieth would be signed.", True)
    ]
    assert [one["spoke"] for one in view["asked"]] == [True]
    assert view["binds"], "an objection of another takes nothing away"
