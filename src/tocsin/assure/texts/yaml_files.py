"""YAML without surprises: its events first (size, depth, tags, aliases), then plain values from the safe loader."""

from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.texts.reading import text_of
from tocsin.kernel.artefacts import Finding

MAX_YAML_BYTES = 4_194_304
MAX_EVENTS = 200_000
MAX_DEPTH = 64
MAX_EXPANDED = 200_000
"""Values once aliases are followed: nine lists of nine aliases make a billion."""

_PLAIN = "tag:yaml.org,2002:"
_DANGEROUS = ("python/", "java", "ruby/", "perl/", "php/")


class YamlFiles:
    """By the name: YAML has no magic, and every text is some YAML."""

    name = "yaml-files"
    version = 1

    def recognises(self, piece: Piece) -> str:
        last = piece.path.rpartition("/")[2]
        if last.casefold() in {"environment.yml", "environment.yaml", "conda.yaml", "conda.yml"}:
            return "requirements"
        return "yaml" if last.casefold().endswith((".yaml", ".yml")) or last == "MLmodel" else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        text, wrong = text_of(piece, MAX_YAML_BYTES)
        if wrong is not None:
            yield wrong
            return
        # not before some YAML is met: most models have none
        from tocsin.assure.texts.configs import told_by_config
        from tocsin.assure.texts.held_templates import templates_in
        from tocsin.assure.texts.requirements import told_by_environment

        documents, findings = read_yaml(text, piece.path)
        yield from findings
        for document in documents:
            yield from told_by_config(document, piece.path)
            yield from templates_in(document, piece.path)
            yield from told_by_environment(document, piece.path)


def read_yaml(text: str, path: str) -> tuple[list[Any], list[Finding]]:
    """The documents of a text, and the findings; no documents when it must not be loaded."""
    import yaml

    try:
        findings = list(_events(text, path))
        if findings:
            return [], findings
        documents = list(yaml.load_all(text, Loader=_loader()))
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, OverflowError) as error:
        why = getattr(error, "problem", None) or type(error).__name__
        return [], [finding("yaml.not-parsed", path, why=str(why))]
    if not _within(documents):
        return [], [finding("yaml.too-large", path, bound=MAX_EXPANDED)]
    return documents, []


def _loader() -> Any:
    """The safe one; in C where it is there."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _events(text: str, path: str) -> Iterator[Finding]:
    import yaml

    depth = 0
    for met, event in enumerate(yaml.parse(text, Loader=_loader())):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if met > MAX_EVENTS or depth > MAX_DEPTH:
            yield finding("yaml.too-large", path, bound=MAX_EVENTS)
            return
        tag = getattr(event, "tag", None)
        if not tag or tag == "!":
            continue
        line = f"line {event.start_mark.line + 1}" if event.start_mark else None
        bare = tag.removeprefix(_PLAIN).lstrip("!")
        if bare.startswith(_DANGEROUS):
            yield finding("yaml.makes-objects", path, field=line, tag=bare)
            return
        if not tag.startswith(_PLAIN):
            yield finding("yaml.unknown-tag", path, field=line, tag=bare)
            return


def _within(documents: list[Any]) -> bool:
    waiting, met = list(documents), 0
    while waiting:
        one = waiting.pop()
        met += 1
        if met > MAX_EXPANDED:
            return False
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list | set | tuple):
            waiting.extend(one)
    return True
