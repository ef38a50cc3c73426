"""What a sum of evidence over nodes is worth over prompt indicators and shared dismissals.

    python -m benchmarks.sums [--seeds 24] [--workers 2] [--page docs/evaluation-sharing.md]

Writes docs/evaluation-sharing.md. Thresholds are set on other seeds than those that are reported. Three CPU minutes.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.sums_page import page
from benchmarks.sums_plan import study

SEEDS = 24
WORKERS = 2


def _bar(done: float) -> None:
    print(f"\r[{'#' * round(40 * done):40}] {done:4.0%}", end="", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    if asked.seeds < 2:
        parser.error("an interval takes two worlds at least: --seeds 2 or more")
    text = page(study(asked.seeds, workers=asked.workers, said=_bar))
    print(file=sys.stderr)
    if asked.page:
        asked.page.write_text(text, "utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
