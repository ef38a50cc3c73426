"""A finding in words: why it is one, and what to do next, in a language."""

from collections.abc import Callable
from typing import NamedTuple

from tocsin.kernel.artefacts import Finding
from tocsin.taxonomy.artefact_rules import artefact_rules
from tocsin.taxonomy.messages import filled, in_language, plain


class Words(NamedTuple):
    """`why` is the rule's sentence with the finding's values; `do` says what to do next."""

    why: str
    do: str


def words(
    finding: Finding,
    language: str = "en",
    *,
    translate: Callable[[str], str] = str,
    number: Callable[[float], str] = "{:,}".format,
) -> Words:
    """A finding said in `language`. `translate` is asked where the data has English only.

    A rule that is not known here (an inspection from another release) is shown by its id and values.
    """
    rule = artefact_rules().get(finding.rule)
    if rule is None:
        values = ", ".join(f"{name}={plain(value)}" for name, value in sorted(finding.values.items()))
        return Words(f"{finding.rule} ({values})" if values else finding.rule, "")

    why = in_language(rule.en, rule.zh, language, translate)
    return Words(
        filled(why, finding.values, number=number), in_language(rule.do_en, rule.do_zh, language, translate)
    )
