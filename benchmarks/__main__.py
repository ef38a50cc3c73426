"""`make bench`: ours beside the peers, in one run, as ratios. `ARGS="stix taxii"` runs only those."""

import importlib
import platform
import sys

from benchmarks.rows import Row

SUITES = (
    *(
        "stix",
        "stix_patterns",
        "near_duplicates",
        "campaigns",
        "phrases",
        "screening",
        "languages",
        "taxii",
        "taxii_million",
    ),
    *("gate", "signed_fields", "sync", "pipeline", "reports", "rules", "trends"),
    *("assure_inspect", "compare", "assure_matrix", "assure_speed", "psi", "summing"),
    *("evaluation_logs", "evaluation_overhead"),
)


def main() -> int:
    wanted = sys.argv[1:] or SUITES
    unknown = set(wanted) - set(SUITES)
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}", file=sys.stderr)
        return 2
    print(
        f"Python {platform.python_version()}, {platform.machine()}. Figures are of this run; ratios mean more.\n"
    )
    print("| work | ours | peer | ratio | floor | |\n|---|---|---|---|---|---|")
    missed = 0
    for suite in wanted:
        print(f"running {suite} ...", file=sys.stderr, flush=True)
        rows: list[Row] = importlib.import_module(f"benchmarks.{suite}").run()
        for row in rows:
            missed += row.missed
            print(row.line(), flush=True)
    print(f"\n{missed} below their floor." if missed else "\nEvery ratio is above its floor.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
