"""How long a release decision takes: `python -m benchmarks.release_decision`. CPU time, loading included."""

import time

from tests.gate.making import NOW, brought, evaluation, inspection, line, red_line
from tocsin.gate import Asked, Brought, chosen, decide, packaged_overlays
from tocsin.trust.release_policy import ReleasePolicies

ROUNDS = 5


def harmless() -> Brought:
    return brought()


def everything() -> Brought:
    """As much in the way as there are rules for, so that the search for what would change it goes to its end."""
    return brought(
        evaluation(line("inconclusive"), line("invalid", consequence="block", line="second"), measured=()),
        inspection=inspection("inconclusive"),
        contexts=("context.lab-workflow", "context.health"),
        compute=3e25,
        overlays=chosen(packaged_overlays(), ["EU", "US", "KR", "CN"]),
        red_lines=(red_line(),),
        provenance="refused",
    )


def milliseconds(given: Brought) -> float:
    """The median of some rounds, policies loaded anew in each."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        decide(given, Asked(by="bench"), ReleasePolicies.load(), NOW)
        taken.append((time.process_time() - begun) * 1_000)
    return sorted(taken)[ROUNDS // 2]


if __name__ == "__main__":
    for name, given in (("harmless", harmless()), ("everything in the way", everything())):
        print(f"{name}: {milliseconds(given):.0f} ms")
