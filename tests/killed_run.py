"""A run that kills itself after some samples, in a process of its own: `python -m tests.killed_run PLAN LOGS AFTER`."""

import os
import signal
import sys
from hashlib import sha256
from pathlib import Path

from tests.made_up_family import LotteryRefunds


class Killing:
    """A watcher that lets the process live for so many samples."""

    def __init__(self, after: int) -> None:
        self._left = after

    def began(self, what: str, samples: int, reused: int) -> None:
        """Nothing to do."""

    def sampled(self) -> None:
        """One less."""
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)

    def asked(self, model: str, tokens_in: int, tokens_out: int) -> None:
        """Nothing to do."""

    def remembered(self) -> None:
        """Nothing to do."""


def main() -> None:
    """Runs the plan until it is killed."""
    from tocsin.evaluate.plans.reading import read_plan
    from tocsin.evaluate.runs import registry
    from tocsin.evaluate.runs.running import run_plan

    registry.offer("lottery-refunds", LotteryRefunds(30))
    run_plan(
        read_plan(Path(sys.argv[1]).read_bytes()),
        Path(sys.argv[2]),
        digest_of=lambda file: sha256(file.read_bytes()).hexdigest(),
        connections=2,
        watcher=Killing(int(sys.argv[3])),
    )


if __name__ == "__main__":
    main()
