"""The chat templates of files as they lie, read without hashing or judging the weights around them."""

import os
from collections.abc import Iterator
from pathlib import Path

from tocsin.assure.bounds import MAX_FILES, Bounds
from tocsin.assure.containers.streams import Streams
from tocsin.assure.containers.tars import Tars
from tocsin.assure.containers.zips import Zips
from tocsin.assure.examining import Examiner, finding
from tocsin.assure.folders import Listed, TooMany, listed
from tocsin.assure.hashing import Digests
from tocsin.assure.looking import Exhausted, Looker
from tocsin.assure.names import shown
from tocsin.assure.pieces import Opened, open_file
from tocsin.assure.texts.chat_templates import ChatTemplates
from tocsin.assure.texts.compared_templates import ChatTemplate, templates_of
from tocsin.assure.texts.json_files import JsonFiles
from tocsin.assure.texts.yaml_files import YamlFiles
from tocsin.assure.weights.gguf import GgufExaminer
from tocsin.kernel.artefacts import ArtefactVerdict, Finding
from tocsin.kernel.errors import BadInput
from tocsin.taxonomy.artefact_rules import artefact_rules

_READERS: tuple[Examiner, ...] = (
    Zips(),
    Tars(),
    Streams(),
    JsonFiles(),
    ChatTemplates(),
    YamlFiles(),
    GgufExaminer(),
)
"""Those that tell of templates, and those that open what may hold such a file."""


def chat_templates_at(source: Path) -> tuple[tuple[ChatTemplate, ...], tuple[Finding, ...]]:
    """The templates of a file or a folder, and what could not be read and may hold one. Raises BadInput."""
    try:
        root = source.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise BadInput(f"There is no {shown(str(source))}; name a file or a folder.") from error
    looker, unread = Looker(_READERS, artefact_rules(), Bounds()), list[Finding]()
    for each in _files(root):
        if isinstance(each, Finding):
            unread.append(each)
            continue
        try:
            descriptor = open_file(each.where)
            try:
                looker.look(Opened(each.path, descriptor, os.fstat(descriptor).st_size), Digests())
            finally:
                os.close(descriptor)
        except Exhausted:
            unread.append(finding("walker.stopped", each.path))
            break
        except OSError as error:
            unread.append(finding("walker.unreadable", each.path, error=type(error).__name__))
    unread += [one for one in looker.findings if one.verdict is ArtefactVerdict.INCONCLUSIVE]
    return templates_of(looker.facts), tuple(unread)


def _files(root: Path) -> Iterator[Listed | Finding]:
    if not root.is_dir():
        about = root.stat()
        yield Listed(shown(root.name), str(root), about.st_size, (about.st_dev, about.st_ino))
        return
    try:
        yield from listed(root, MAX_FILES)
    except TooMany:
        yield finding("walker.too-many-files", ".", bound=MAX_FILES)
