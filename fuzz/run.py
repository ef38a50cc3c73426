"""Run every fuzz target for a bounded time, each in its own process, one a core. Exits 1 when any found a crash.

    python fuzz/run.py --seconds 20 [--target NAME ...] [--corpus DIR] [--seed N]

With a seed and an empty corpus two runs try the same inputs in the same order, as far as each gets in its time.

Standard library only: the targets themselves need atheris. What a target found lies in `.cache/fuzz/NAME/`.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "fuzz"
GRACE_SECONDS = 60
"""Beyond its time a target may take this long to load and to end."""

MEMORY_MB = 2048
INPUT_SECONDS = 10
"""One input that takes longer is a finding: a decoder that is slow on small input is a door for few senders."""

MAX_BYTES = 65_536


SAME_ADDRESSES = ("setarch", "-R")
"""libFuzzer chooses by addresses as well as by its seed: without this, runs with one seed try different inputs."""


def repeatable() -> bool:
    """Whether this machine lets addresses stand still; some containers forbid it."""
    try:
        return subprocess.run([*SAME_ADDRESSES, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def names() -> list[str]:
    """Every target: the files beside this one whose name begins with `fuzz_`."""
    return sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.py"))


def run(name: str, seconds: int, corpus: Path, seed: int) -> int:
    """The exit status of one target."""
    kept, seeds = corpus / name, HERE / "seeds" / name
    kept.mkdir(parents=True, exist_ok=True)
    command = [
        *(SAME_ADDRESSES if seed else ()),
        sys.executable,
        "-m",
        f"fuzz.fuzz_{name}",
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        "-reload=0",  # nobody else adds to the corpus, and looking for it is by the clock
        f"-rss_limit_mb={MEMORY_MB}",
        f"-timeout={INPUT_SECONDS}",
        f"-max_len={MAX_BYTES}",
        f"-artifact_prefix={kept}/crash-",
        "-print_final_stats=1",
        str(kept),
        *([str(seeds)] if seeds.is_dir() else []),
    ]
    try:
        done = subprocess.run(
            command,
            cwd=HERE.parent,
            env={**os.environ, "PYTHONHASHSEED": str(seed)} if seed else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds + GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"{name}: did not end in time")
        return 1
    executed = [line for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    count = executed[-1].split()[-1] if executed else "?"
    print(f"{name}: {'fine' if done.returncode == 0 else 'FOUND A CRASH'}, {count} inputs", flush=True)
    if done.returncode != 0:
        print(done.stdout[-4_000:], done.stderr[-2_000:], sep="\n")
    return done.returncode


def main() -> int:
    """Status 0 when no target found anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="for each target")
    parser.add_argument("--target", action="append", choices=names(), help="only this one (may be repeated)")
    parser.add_argument("--corpus", type=Path, default=CACHE, help="where inputs and crashes are kept")
    parser.add_argument(
        "--seed", type=int, default=0, help="0 takes another each time, and finds more over many runs"
    )
    given = parser.parse_args()
    chosen = given.target or names()
    if given.seed and not repeatable():
        print(
            "addresses cannot be made to stand still here: the seed is left out, and the inputs differ each time"
        )
        given.seed = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # each waits for a process of its own
        ended = pool.map(lambda name: run(name, given.seconds, given.corpus, given.seed), chosen)
        failed = [name for name, status in zip(chosen, ended, strict=True) if status != 0]
    if failed:
        print(f"crashes in: {', '.join(failed)}; the inputs are under {given.corpus}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
