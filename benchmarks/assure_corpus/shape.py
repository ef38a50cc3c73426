"""What one file set of the corpus is: bytes by path, made in memory, written wherever a scanner shall look."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

CANARY = "tocsin-canary"
"""Every payload makes this file or folder, or one whose name begins so, in the directory it runs in: nothing else.

The referee chooses that directory; a scanner that ran a payload would leave it behind.
"""


class Shape(NamedTuple):
    """One malicious shape. `does` is what its payload does, `loader` the real reader that triggers it (a name in
    `loaders`, called on `entry`); "" where no loader shows a canary, and `does` says what happens instead.
    """

    id: str
    family: str
    does: str
    loader: str
    files: Mapping[str, bytes]
    entry: str = ""
    links: Mapping[str, str] = {}
    needs: str = ""

    @property
    def opened(self) -> str:
        """The file that the loader is given."""
        return self.entry or next(iter(self.files))


class Benign(NamedTuple):
    """Files as a library writes them; `by` says which library and version, or that they are made here."""

    id: str
    family: str
    by: str
    files: Mapping[str, bytes]


def write(one: Shape | Benign, folder: Path) -> Path:
    """Writes the files into `folder`/id, which is made; gives that folder."""
    place = folder / one.id
    for name, content in one.files.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    if isinstance(one, Shape):
        for name, target in one.links.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).symlink_to(target)
    return place
