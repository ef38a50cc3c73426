"""What a disposition must say before it stands: outcome, measures, ground, facts and reasons that fit together."""

import msgspec

from tocsin.cases.accountability import check_attribution, check_chain
from tocsin.cases.states import MAX_REASON_CHARS, MIN_REASON_CHARS
from tocsin.kernel import BadInput
from tocsin.kernel.disposing import Disposition, Ground, Measure, Outcome

TEXTS = ("reasons", "explanation", "facts", "ground_text")
"""Fields of a disposition that are somebody's words: they lie sealed."""
MAX_MEASURES = 8


def checked(given: Disposition, *, by: str, now: int) -> Disposition:
    """The disposition as it is kept: decided by the person who is here, at this moment.

    1. It names at least one measure, `none` alone or others.
    2. No measure against anybody without a finding.
    3. Facts and reasons are stated; with a measure also the ground, and why the facts fall under it.
    4. No machine decides.
    5. Who may be behind it is never said as certain, nor without what else it may be.
    6. What each along the chain owed is of the closed list, and shown by something (`cases.accountability`).

    Raises BadInput saying what is missing.
    """
    measures = set(given.measures)
    if not 0 < len(given.measures) <= MAX_MEASURES or len(measures) != len(given.measures):  # 1
        raise BadInput(f"a disposition names 1 to {MAX_MEASURES} measures, each once; `none` is one")
    if Measure.NONE in measures and len(measures) > 1:
        raise BadInput("`none` stands alone among measures")
    acts = measures != {Measure.NONE}
    if acts and given.outcome is not Outcome.BORNE_OUT:  # 2
        raise BadInput("nothing is done to anybody without a finding: its measure is `none`")
    for name in ("reasons", "facts", *(("explanation", "ground_text") if acts else ())):  # 3
        if len(getattr(given, name).strip()) < MIN_REASON_CHARS:
            raise BadInput(
                f"say the {name.replace('_', ' ')}, in at least {MIN_REASON_CHARS} characters: people read it"
            )
    for name in TEXTS:
        if len(getattr(given, name)) > MAX_REASON_CHARS:
            raise BadInput(f"the {name.replace('_', ' ')} may have {MAX_REASON_CHARS} characters")
    if acts and given.ground is Ground.NONE:
        raise BadInput("a measure has a ground: a law that the content breaks, or a rule of the terms")
    if given.automated_decision:  # 4
        raise BadInput("nothing is decided without a person: `automated_decision` is false here")
    if given.attribution is not None:  # 5
        check_attribution(given.attribution)
    check_chain(given.accountability)  # 6
    return msgspec.structs.replace(given, decided_by=by, at=now, approved_by=None, approved_at=0)
