"""What a language costs at the door: finding it, folding it, and looking for 5,000 phrases in every form."""

from pathlib import Path

import yaml

from benchmarks.phrases import AT, PHRASES
from benchmarks.rows import Row, cpu_seconds
from tocsin.kernel import EventLine, Kind
from tocsin.screen.batch import prepare
from tocsin.screen.language import language_of
from tocsin.screen.phrases import PhraseSearch
from tocsin.taxonomy.packs import Pack, PackLevel, shipped_packs
from tocsin.wire.fold import fold

TEXTS = 5_000
LENGTH = 300
"""Characters of a text; of Chinese half as many, which say as much."""

AIM_US = 10.0
"""Microseconds in which a language should be found, on average."""

VECTORS = Path(__file__).resolve().parents[1] / "tests" / "vectors"


def _texts(sentences: list[str], length: int) -> list[str]:
    """Everyday sentences in a row, each text beginning with another one."""
    texts = []
    for number in range(TEXTS):
        start = number % len(sentences)
        whole = " ".join([*sentences[start:], *sentences[:start]] * 4)
        texts.append(whole[:length])
    return texts


def run() -> list[Row]:
    """Microseconds of CPU a text, by language: finding it, and the door's whole work but the fingerprint."""
    said: dict[str, list[str]] = yaml.safe_load((VECTORS / "genuine_sentences.yaml").read_text("utf-8"))[
        "sentences"
    ]
    rows = []
    filler = Pack(
        "bench", 1, "fraud.scam", PackLevel.NOTE, {"en": tuple(f"plain phrase {n}" for n in range(PHRASES))}
    )
    search = PhraseSearch([filler, *shipped_packs()])
    people: dict[str, dict[str, list[str]]] = yaml.safe_load(
        (VECTORS / "counterfactuals.yaml").read_text("utf-8")
    )["people"]
    said |= {name: people[tag]["templates"][:3] for name, tag in (("english", "en"), ("spanish", "es"))}
    for name in (
        "english",
        "spanish",
        "french",
        "russian",
        "mongolian_cyrillic",
        "arabic",
        "chinese_simplified",
    ):
        texts = _texts(said[name], LENGTH // 2 if name.startswith("chinese") else LENGTH)
        lines = [
            EventLine(id=str(number), time=AT, source="forum", kind=Kind.POST, actor="a", text=text)
            for number, text in enumerate(texts)
        ]
        folded = [fold(text) for text in texts]
        started = cpu_seconds()
        for text in folded:
            language_of(text)
        finding = (cpu_seconds() - started) / TEXTS * 1e6
        started = cpu_seconds()
        search(prepare(lines))
        whole = (cpu_seconds() - started) / TEXTS * 1e6
        rows.append(
            Row(
                name=f"language of a text, {name.replace('_', ', ')}",
                ours=finding,
                peer=None,
                ratio=None,
                unit="us of CPU",
                floor=None,
                work=f"aim {AIM_US:g}; with folding and {PHRASES:,} phrases in every form {whole:.0f} us",
            )
        )
    return rows
