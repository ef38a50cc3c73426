"""A decision in words, for whoever shows it: a page, a sheet of paper, a terminal."""

from collections.abc import Callable

from tocsin.gate.words import said
from tocsin.kernel.release import Ground, GroundKind, ReleaseDecision, Tier

Translate = Callable[[str], str]


def ground_said(ground: Ground, language: str = "en", translate: Translate = str) -> str:
    """Why a ground leaves no more; as it was kept where it is an own policy's."""
    name = "held.exemption" if ground.kind is GroundKind.EXEMPTION else ground.rule
    return said(name, ground.values, language, otherwise=ground.why, translate=translate)


def ways_said(
    decision: ReleaseDecision, language: str = "en", translate: Translate = str
) -> tuple[tuple[Tier, tuple[str, ...]], ...]:
    """What would open more: the tier that all of the steps together leave, and the steps."""
    return tuple(
        (way.tier, tuple(said(step.id, step.values, language, translate=translate) for step in way.steps))
        for way in decision.ways
    )


def tier_said(tier: Tier, language: str = "en", translate: Translate = str) -> tuple[str, str]:
    """Its name, and what it means."""
    name, _, meaning = said(tier.value, language=language, translate=translate).partition(
        "：" if language.startswith("zh") else ": "
    )
    return name, meaning


def less_said(decision: ReleaseDecision, language: str = "en", translate: Translate = str) -> str:
    """Why the next lesser control would not do: the deciding ground in this language."""
    deciding = next((one for one in decision.grounds if one.most is decision.tier), None)
    if decision.tier is Tier.OPEN_WEIGHTS:
        return said("tier.nothing-less", language=language, translate=translate)
    if deciding is None:
        return said("tier.closed", language=language, translate=translate)
    return ground_said(deciding, language, translate)
