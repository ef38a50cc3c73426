"""Programs forked from one that imported what they need: each is a process of its own, imports cost once.

`warm(MODULE, IMPORT...)` yields a command line that stands for MODULE's. What it starts (`python tests/warm.py SOCKET
WORD...`) is a small program that hands its words, standard streams, folder and environment to the warm one, and
passes on the signals that end it and how its fork ended.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MAX_WORDS_BYTES = 65_536
ENDINGS = (signal.SIGINT, signal.SIGTERM)


def ask(path: str, words: list[str]) -> int:
    """Have the words run by a fork of the warm program; how it ended."""
    said = json.dumps([words, os.getcwd(), dict(os.environ)]).encode()  # noqa: PTH109  # pathlib takes long to import
    with socket.socket(socket.AF_UNIX) as warm:
        warm.connect(path)
        socket.send_fds(warm, [len(said).to_bytes(4, "big")], [0, 1, 2])
        warm.sendall(said)
        for number in range(3):  # the fork alone holds them, so that a reader sees their end at its end
            os.close(number)
        answers = warm.makefile()
        fork = int(answers.readline())
        for ending in ENDINGS:
            signal.signal(ending, lambda number, _: os.kill(fork, number))
        return int(answers.readline() or 1)


def serve(path: str, main: Callable[[], object]) -> None:
    """Fork for every one who asks, until the standard input ends; then no fork is left."""
    import gc
    import select

    living: set[int] = set()
    gc.freeze()  # what is there stays shared with the forks
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("warm", flush=True)
        while True:
            asked, _, _ = select.select([listener, sys.stdin], [], [], 1.0)
            living = {fork for fork in living if os.waitpid(fork, os.WNOHANG) == (0, 0)}
            if sys.stdin in asked:
                break
            if listener in asked:
                connection, _ = listener.accept()
                with connection:
                    fork = os.fork()
                    if not fork:
                        listener.close()
                        _be(connection, main)
                    living.add(fork)
    for fork in living:
        os.kill(fork, signal.SIGKILL)
        os.waitpid(fork, 0)


def _be(connection: socket.socket, main: Callable[[], object]) -> None:
    """In a fork: become the program that was asked for, say how it ended, and end."""
    import traceback

    status = 1
    try:
        length, streams, _, _ = socket.recv_fds(connection, 4, 3)
        left, said = int.from_bytes(length, "big"), b""
        while len(said) < left:
            said += connection.recv(MAX_WORDS_BYTES)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        words, folder, environment = json.loads(said)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["tocsin", *words]
        connection.sendall(b"%d\n" % os.getpid())
        main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(b"%d\n" % status)
        os._exit(status)


@contextmanager
def warm(module: str, *imports: str) -> Iterator[tuple[str, ...]]:
    """The command line that runs `main` of a module in a fork of a program that did the imports."""
    import subprocess
    import tempfile
    from pathlib import Path

    here = Path(__file__).resolve()
    # Not below pytest's own folder: a socket's path has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="warm") as folder:
        path = f"{folder}/socket"
        with subprocess.Popen(
            [sys.executable, "-m", "tests.warm", "--serve", path, module, *imports],
            cwd=here.parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as parent:
            assert parent.stdin is not None
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"warm\n"
            try:
                yield (sys.executable, "-I", "-S", str(here), path)
            finally:
                parent.stdin.close()


if __name__ == "__main__":
    if sys.argv[1] != "--serve":
        os._exit(ask(sys.argv[1], sys.argv[2:]))
    import importlib

    own, *others = [importlib.import_module(name) for name in sys.argv[3:]]
    serve(sys.argv[2], own.main)
