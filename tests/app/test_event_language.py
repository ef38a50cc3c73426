"""The language of a kept event: what the source said, else what was found, else nothing."""

from tests.fixtures import Made
from tests.screen.said import lines


def test_what_the_source_said_stands_and_the_rest_is_found(made: Made) -> None:
    texts = ["Сегодня утром мы пошли на рынок за свежими овощами", "請到圖書館領取您的書", "ok"]
    made.node.acceptor.accept(lines(texts))
    facts = made.node.store.events.facts([f"event-{number}" for number in range(3)])
    assert [facts[f"event-{number}"].lang for number in range(3)] == ["ru", "zh-Hant", None]


def test_the_source_is_believed(made: Made) -> None:
    made.node.acceptor.accept(lines(["Сегодня утром мы пошли на рынок за овощами"], lang="be"))
    assert made.node.store.events.facts(["event-0"])["event-0"].lang == "be"
