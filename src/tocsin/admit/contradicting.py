"""Rules that contradict what a release decision leaves. Forbid wins, always; this says where it wins over everything.

Enters: the rules of one release decision. Leaves: sentences. Pure.
"""

import re
from itertools import islice, product

from tocsin.admit.deciding import SHOWN, Ruled
from tocsin.admit.generating import acts_left
from tocsin.kernel.admission import LEVELS, AccessQuestion
from tocsin.trust.admission_policy import OURS

MAX_TRIED = 4_096
"""Questions asked of each act: every text that the rules name, as purpose and as each attribute."""

_WORD = re.compile(r'"([^"\\]{0,64})"')


def contradictions(ruled: Ruled) -> tuple[str, ...]:
    """Of each act that the release decision leaves: the rules that refuse it to everybody, whatever they bring.

    Asked of somebody who brought all there is, with every text that the rules speak of as purpose and attribute.
    """
    words = sorted({"", "some-purpose", *_WORD.findall(ruled.policies.source)})
    named = sorted(ruled.attributes)
    found = []
    for act in acts_left(ruled.release):
        refusing: set[str] | None = None
        for purpose, *values in islice(product(words, repeat=1 + len(named)), MAX_TRIED):
            decision = ruled.policies.admits(
                AccessQuestion(
                    artefact=ruled.release.artefact,
                    capability="general",
                    act=act,
                    purpose=purpose,
                    level=len(LEVELS) - 1,
                    purposes=(purpose,),
                    granted=True,
                    terms=True,
                    control=SHOWN,
                    overlay=tuple(zip(named, values, strict=True)),
                )
            )
            if decision.allowed:
                break
            rules = {rule for rule in decision.rules if not rule.startswith(OURS)}
            refusing = rules if refusing is None else refusing | rules
        else:
            by = ", ".join(sorted(refusing or ())) or "the policies"
            found.append(f"{act.value} is left by the release decision and refused to everybody by {by}")
    return tuple(found)
