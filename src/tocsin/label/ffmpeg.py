"""The program ffmpeg, which copies sound and film and puts labels among their metadata. It is no part of Tocsin.

Found on the PATH, or where TOCSIN_FFMPEG says; ffprobe lies beside it. It is told which format a file is of, may open
files and nothing else, and ends after MAX_SECONDS. Raises Unavailable where it is not installed, BadInput for a file
that it cannot take.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tocsin.kernel import BadInput, TooLarge, Unavailable

PLACE = "TOCSIN_FFMPEG"
"""The environment's name for the program, where it is not on the PATH."""
MAX_SECONDS = 3_600.0
"""A notice on the pictures of a film of an hour, on one modest core."""
PROBE_SECONDS = 60.0
_MAX_PROBE_BYTES = 1 << 20
_QUIET = ("-nostdin", "-hide_banner", "-loglevel", "fatal")
_FILES_ALONE = ("-protocol_whitelist", "file")
"""A film can name others to fetch."""


def program(name: str = "ffmpeg") -> str:
    """Where it is. Raises Unavailable."""
    chosen = os.environ.get(PLACE, "")
    found = str(Path(chosen).with_name(name)) if chosen else shutil.which(name)
    if not found or not Path(found).is_file():
        raise Unavailable(
            f"sound and film are labelled by the program {name}, which is not here: install ffmpeg (Debian: apt-get"
            f" install ffmpeg), or say in {PLACE} where it is"
        )
    return found


class Stream(msgspec.Struct, frozen=True):
    """One stream, as ffprobe tells it. Numbers come as text where they may be missing."""

    codec_type: str = ""
    codec_name: str = ""
    sample_rate: str = ""
    channels: int = 0
    bit_rate: str = ""
    width: int = 0
    height: int = 0


class _Probed(msgspec.Struct, frozen=True):
    streams: tuple[Stream, ...] = ()


def named(file: Path) -> str:
    """As an argument: never an option, never another protocol."""
    return f"file:{file.resolve()}"


def streams(file: Path, form: str) -> tuple[Stream, ...]:
    """What is in a file of that form (ffmpeg's name of it). Raises BadInput, Unavailable."""
    done = _run(
        [
            program("ffprobe"),
            "-v",
            "fatal",
            *_FILES_ALONE,
            "-f",
            form,
            "-of",
            "json",
            "-show_streams",
            named(file),
        ],
        PROBE_SECONDS,
        file,
    )
    if len(done) > _MAX_PROBE_BYTES:
        raise BadInput(f"{file.name} has more streams than any film")
    try:
        return msgspec.json.decode(done, type=_Probed).streams
    except msgspec.MsgspecError:
        raise BadInput(f"{file.name} cannot be read: it is damaged, or cut short") from None


def made(
    source: Path, form: str, target: Path, arguments: Sequence[str], *, before: Sequence[str] = ()
) -> None:
    """`target` out of `source`; `before` are further inputs. Raises BadInput, TooLarge, Unavailable."""
    _run(
        [
            program(), *_QUIET, "-xerror", *before, *_FILES_ALONE, "-f", form, "-i", named(source),
            *arguments, "-n", named(target),
        ],
        MAX_SECONDS,
        source,
    )  # fmt: skip


def generated(source: str, target: Path, arguments: Sequence[str]) -> None:
    """`target` out of nothing: `source` is a graph that makes its own sound or picture."""
    _run(
        [program(), *_QUIET, "-f", "lavfi", "-i", source, *arguments, "-n", named(target)],
        PROBE_SECONDS,
        target,
    )


def _run(command: Sequence[str], seconds: float, file: Path) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments; names of files are paths
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooLarge(f"{file.name} takes ffmpeg over {seconds:g} s: it was stopped") from None
    except OSError as error:
        raise Unavailable(f"ffmpeg cannot be started: {error.strerror}") from error
    if done.returncode:
        raise BadInput(f"{file.name} cannot be read to its end: it is damaged, cut short, or of another kind")
    return done.stdout


def asked_for(*values: tuple[str, str]) -> list[str]:
    """Metadata as arguments."""
    return [part for name, value in values for part in ("-metadata", f"{name}={value}")]


def told(value: Any) -> str:
    """One value that a reader of tags gave, as text."""
    return value if isinstance(value, str) else ""
