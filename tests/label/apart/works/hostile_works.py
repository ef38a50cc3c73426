"""What a parser might do once a file has taken it over. Imported by the keeper alone, as `hostile_works`."""

import os
import signal
import subprocess
import time
from pathlib import Path

import msgspec

from tocsin.kernel import Conflict


class Said(msgspec.Struct, frozen=True):
    text: str
    place: Path


def told(file: Path, said: Said) -> Said:
    return Said(file.read_text() + said.text, said.place)


def takes_memory(megabytes: int) -> int:
    return len(bytearray(megabytes << 20))


def takes_the_processor() -> None:
    while True:
        pass


def hangs() -> None:
    time.sleep(600)


def crashes() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def falls() -> None:
    raise KeyError("page")


def refuses() -> None:
    raise Conflict("two labels")


def talks() -> str:
    return "a" * (5 << 20)


def reads(place: Path) -> str:
    return place.read_text()


def writes(place: Path) -> None:
    place.write_text("here")


def fills(place: Path) -> int:
    with place.open("wb") as out:
        for _ in range(64):
            out.write(bytes(1 << 20))
    return place.stat().st_size


def calls_out(port: int) -> str:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return "unheard"
    return "heard"


def sends_out(port: int) -> str:
    """By UDP, where nobody need answer: "heard" is that the kernel took it."""
    import socket

    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"lottery", ("127.0.0.1", port))
    except OSError:
        return "unheard"
    return "heard"


def leaves_one_running(note: Path) -> None:
    subprocess.Popen(["/bin/sh", "-c", f"sleep 1; echo alive > {note}"])


def secrets() -> list[str]:
    return sorted(os.environ)
