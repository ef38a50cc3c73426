"""The parts of an artefact as a tree: folders, files, and what lies in archives, the worst in sight."""

from collections.abc import Sequence

from tocsin.kernel import ArtefactVerdict, Part, worst

MAX_LINES = 1_500
"""Lines of a tree on one page. Parts that are not clean come first; the page says how many clean ones it leaves out."""

MAX_LEVELS = 32
"""Levels that are drawn; deeper parts stand under their whole remaining path."""

INTO = "!"
"""At the end of a name whose members follow, as "model.pt!" in "model.pt!/archive/data.pkl"."""


class Branch:
    """One folder, file or member. `verdict` is the worst in it; `clean` counts the clean parts left out below it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.part: Part | None = None
        self.below: dict[str, Branch] = {}
        self.verdict = ArtefactVerdict.CLEAN
        self.left_out = 0

    @property
    def branches(self) -> "list[Branch]":
        """What is not clean first, then by name."""
        return sorted(self.below.values(), key=lambda one: (one.verdict is ArtefactVerdict.CLEAN, one.name))


def part_tree(parts: Sequence[Part], *, most: int = MAX_LINES) -> Branch:
    """The root of all parts. At most `most` of them have a line."""
    root = Branch("")
    ordered = sorted(parts, key=lambda one: (one.verdict is ArtefactVerdict.CLEAN, one.path))
    for number, part in enumerate(ordered):
        here = root
        here.verdict = worst(here.verdict, part.verdict)
        for name in _names(part.path):
            if number >= most and name not in here.below:
                here.left_out += 1
                break
            here = here.below.setdefault(name, Branch(name))
            here.verdict = worst(here.verdict, part.verdict)
        else:
            here.part = part
    return root


def _names(path: str) -> list[str]:
    """Steps of a path; "model.pt!/data.pkl" steps through "model.pt", which is a part of its own."""
    names = path.split("/", MAX_LEVELS)
    return [name.removesuffix(INTO) or name for name in names]
