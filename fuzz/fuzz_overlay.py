"""Overlay files of operators: overlays that leave less, or BadInput."""

import atheris

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin.gate.overlays"]):
    from tocsin.gate.overlays import bears, read_overlays
    from tocsin.kernel import BadInput
    from tocsin.kernel.release import OPENNESS


def one(data: bytes) -> None:
    """Whatever is read can be asked of a model, and more that was met leaves no less."""
    try:
        overlays = read_overlays(data, "fuzz.yaml")
    except BadInput:
        return
    for each in overlays:
        met = [f"{each.id}/{demand.id}" for demand in each.demands]
        before = bears(each, today=NOW.date(), compute=1e26, contexts=each.applies.contexts, met=())
        after = bears(each, today=NOW.date(), compute=1e26, contexts=each.applies.contexts, met=met)
        assert (before is None) == (after is None)
        assert before is None or after is None or OPENNESS.index(before.most) <= OPENNESS.index(after.most)


if __name__ == "__main__":
    fuzz(one)
