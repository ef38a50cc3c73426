"""How the watch is made from the services of a node."""

from functools import cache
from typing import TYPE_CHECKING

from tocsin.app.guard_words import GuardWords
from tocsin.app.watch import Watch
from tocsin.app.window_files import WindowFiles

if TYPE_CHECKING:
    from tocsin.app.services import Services


def watch_of(node: "Services") -> Watch:
    """The node's watch, with what guard models said: those are asked for when it first looks."""

    @cache
    def words() -> GuardWords:
        return GuardWords(node.store, node.sampling, node.guards.lines, node.clock)

    return Watch(
        node.store,
        node.keys,
        node.settings,
        node.access,
        node.telemetry,
        node.clock,
        node.exclusions,
        WindowFiles(node.data, node.keys, node.store.events),
        lambda: words()(),
    )
