"""How often the judges of the families agree with labels.

`python -m benchmarks.judge_agreement [--pyrit WHEEL] [--page docs/evaluation-judges.md]`: seconds. WHEEL is PyRIT's,
downloaded and not installed; without it the part on other people's labels is left out, and a page is not written.
"""

import argparse
import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tocsin.evaluate.families import families
from tocsin.evaluate.families.answers import Manner, read
from tocsin.evaluate.statistics import agreement
from tocsin.evaluate.statistics.agreement import Agreement

HEAD = Path(__file__).with_name("judge_agreement.head.md")
SEED = 34
WITHIN = "pyrit/datasets/scorer_evals/"
REFUSALS = ("refusal_scorer/refusal.csv", "refusal_scorer/refusal_extra.csv")


DETAIL = """None of these was looked at. An objective may also
fail for want of detail, so an answer need not achieve it; a refusal that achieved it is a fault of the rules, or of the
label."""

MISSED = """What the rules miss is of two kinds: answers to another
question, which PyRIT's labels call a refusal (*completely unrelated to the objective*) and which no rule over an answer
alone can see; and sermons that never say no. On the half that was looked at, 20 of 25 misses are of the first kind. The
other five: two sermons with advice in them, one that then does what it was asked, one that declines and goes on to
principles, and an error message. A rule for their phrases (*never appropriate*, *reach out to a professional*) would
count honest help as an evasion, so there is none. **So where a model preaches, the rate of failures by `refusal`
is too high rather than too low, and `over-refusal` does not count the sermon as a refusal.**"""


class Labelled(NamedTuple):
    """One of PyRIT's answers: whether people called it a refusal (or the objective achieved)."""

    answer: str
    label: bool


def told(found: Agreement) -> str:
    if found.alpha is None:
        return "- (one value throughout)"
    if found.low is None or found.high is None:
        return f"{found.alpha:.2f}"
    return f"{found.alpha:.2f} ({found.low:.2f} to {found.high:.2f})"


def ours() -> Iterator[str]:
    yield "| family | language | labelled | same | alpha |"
    yield "|---|---|---|---|---|"
    missed = []
    for name, family in sorted(families().items()):
        pairs: dict[str, list[tuple[str, str]]] = {}
        for one in family.calibration:
            found = family.tried(one)
            language = family.item(one.item).language
            pairs.setdefault(language, []).append((one.outcome.value, found.outcome.value))
            if found.outcome is not one.outcome:
                missed.append(
                    f"- `{one.item}`: labelled {one.outcome}, judged {found.outcome}: “{one.answer}”"
                )
        for language, judged in sorted(pairs.items()):
            same = sum(label == word for label, word in judged)
            alpha = agreement(judged, rng=np.random.default_rng(SEED))
            yield f"| `{name}` | {language} | {len(judged)} | {same} | {told(alpha)} |"
    yield ""
    yield "Where they differ. It stays so: a rule has no phrase for it, and one more phrase would not be a rule."
    yield ""
    yield from missed or ["- nowhere"]


def pyrit(wheel: Path, name: str) -> list[Labelled]:
    with zipfile.ZipFile(wheel) as packed:
        text = packed.read(WITHIN + name).decode("utf-8-sig")
    start = next(at for at, line in enumerate(text.splitlines()) if not line.startswith("#"))
    rows = csv.DictReader(io.StringIO("\n".join(text.splitlines()[start:])))
    return [
        Labelled(row["assistant_response"], row["human_score"].strip().lower() in ("1", "1.0", "true"))
        for row in rows
        if (row.get("assistant_response") or "").strip() and (row.get("data_type") or "text") == "text"
    ]


def refuses(answer: str) -> bool:
    return read(answer, "en").manner is not Manner.ANSWERS


def others(wheel: Path) -> Iterator[str]:
    yield "| half of the refusal answers | answers | called a refusal by people | by the rules | both | alpha |"
    yield "|---|---|---|---|---|---|"
    rows = [row for name in REFUSALS for row in pyrit(wheel, name)]
    halves: dict[int, list[Labelled]] = {0: [], 1: []}
    for row in rows:
        halves[sha256(row.answer.encode()).digest()[0] % 2].append(row)
    for half, name in ((0, "looked at"), (1, "not looked at")):
        words = [(row.label, refuses(row.answer)) for row in halves[half]]
        both = sum(label and word for label, word in words)
        alpha = agreement([(int(a), int(b)) for a, b in words], rng=np.random.default_rng(SEED))
        yield (
            f"| {name} | {len(words)} | {sum(a for a, _ in words)} | {sum(b for _, b in words)} | {both}"
            f" | {told(alpha)} |"
        )
    wrong = sum(refuses(row.answer) and not row.label for row in rows)
    yield ""
    called = sum(refuses(row.answer) for row in rows)
    yield f"Of {called} answers that the rules call a refusal or an evasion, {wrong} are none to people. {MISSED}"
    yield ""
    yield from objectives(wheel)


def objectives(wheel: Path) -> Iterator[str]:
    """Whether an answer that is called a refusal reached the objective, by people's labels."""
    with zipfile.ZipFile(wheel) as packed:
        names = [
            name
            for name in packed.namelist()
            if name.startswith(f"{WITHIN}objective/") and name.endswith(".csv")
        ]
    counted: Counter[tuple[bool, bool]] = Counter()
    for name in sorted(names):
        for row in pyrit(wheel, name.removeprefix(WITHIN)):
            counted[row.label, refuses(row.answer)] += 1
    yield "| people on the objective (`objective/*.csv`) | the rules: refusal or evasion | the rules: answer |"
    yield "|---|---|---|"
    for label, said in ((True, "achieved"), (False, "not achieved")):
        yield f"| {said} | {counted[label, True]} | {counted[label, False]} |"
    pairs = [
        (int(label), int(not refused)) for (label, refused), number in counted.items() for _ in range(number)
    ]
    alpha = agreement(pairs, rng=np.random.default_rng(SEED))
    yield ""
    yield f"Taking *not achieved* for a refusal: alpha {told(alpha)} over {alpha.items} answers. {DETAIL}"


def page(wheel: Path | None) -> str:
    lines = [HEAD.read_text("utf-8").rstrip(), "", "## Our labels", "", *ours()]
    if wheel is not None:
        lines += ["", "## Other people's labels", "", *others(wheel)]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyrit", type=Path)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    text = page(options.pyrit)
    if options.page and options.pyrit:
        options.page.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
