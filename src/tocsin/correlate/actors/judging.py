"""Facts into a profile: the likeliest form with its evidence, every other reading with what would decide."""

from collections.abc import Sequence

from tocsin.correlate.actors.forms import DEVOTED, Facts, likelihoods
from tocsin.correlate.actors.profiles import HARMLESS, Alternative, Capability, Explanation, Form, Profile
from tocsin.correlate.actors.ties import Tie
from tocsin.correlate.actors.traits import NAMED
from tocsin.kernel import Reason, Warning

SURE = 80
"""Percent that the forms share; the rest goes to the false flag and to chance, whatever the facts are."""

FALSE_FLAG, PLANTED = 5, 10
"""Percent for the false flag; and where all rests on one identifier, or on what anybody can write down of another."""

COINCIDENCE, THIN = 3, 7
LEAST = 4
"""Percent from which a form is worth a line; the likeliest harmless one always has a line, and at least so much."""

THIN_EVENTS = 10
ROTATING = 6
EVADING = 0.3


def judged(warning: Warning, facts: Facts, ties: Sequence[Tie]) -> Profile:
    """The profile of a tied cluster; `ties` are its own, the heaviest first."""
    shares = {form: round(SURE * share) for form, share in likelihoods(facts).items()}
    form = next(iter(shares))
    planted = facts.single or facts.kinds <= NAMED
    if form not in HARMLESS:
        harmless = next(other for other in shares if other in HARMLESS)
        shares[harmless] = max(shares[harmless], LEAST)
    others = [
        Alternative(_explains(other), percent, Reason(f"actors.decide-{other.value}"), other)
        for other, percent in shares.items()
        if other is not form and percent >= LEAST
    ]
    others.append(_false_flag(PLANTED if planted else FALSE_FLAG))
    thin = facts.events < THIN_EVENTS
    others.append(_doubt(thin))
    return Profile(
        form=form,
        confidence=max(min(shares[form], 100 - sum(one.confidence for one in others)), 1),
        capability=_capability(form, facts),
        domain=None if form in HARMLESS else warning.category,
        risk=None if form in HARMLESS else warning.risk,
        evidence=_evidence(warning, facts, ties),
        alternatives=tuple(sorted(others, key=lambda one: (-one.confidence, one.explanation))),
        refutations=_refutations(form, facts),
        way_in=Reason(f"actors.way-in-{form.value}"),
    )


def of_people(accounts: int) -> Profile:
    """Accounts of one warning that nothing rare ties, or that are one alone: all that can be said of them."""
    form = Form.LONE if accounts == 1 else Form.PEOPLE
    return Profile(
        form=form,
        confidence=60,
        capability=Capability.UNKNOWN,
        domain=None,
        risk=None,
        evidence=(Reason("actors.nothing-shared", {"accounts": accounts}),),
        alternatives=(
            Alternative(
                Explanation.ANOTHER_ACTOR,
                15,
                Reason(f"actors.decide-{Form.GROUP.value}-unseen"),
                Form.GROUP if accounts > 1 else None,
            ),
            _doubt(thin=True),
            _false_flag(FALSE_FLAG),
        ),
        refutations=(Reason("actors.refute-new-identifier"),),
        way_in=Reason(f"actors.way-in-{form.value}"),
    )


def _explains(form: Form) -> Explanation:
    return Explanation.HARMLESS_USE if form in HARMLESS else Explanation.ANOTHER_ACTOR


def _false_flag(percent: int) -> Alternative:
    return Alternative(Explanation.FALSE_FLAG, percent, Reason("actors.decide-false-flag"))


def _doubt(thin: bool) -> Alternative:
    if thin:
        return Alternative(Explanation.INSUFFICIENT_DATA, THIN, Reason("actors.decide-insufficient-data"))
    return Alternative(Explanation.COINCIDENCE, COINCIDENCE, Reason("actors.decide-coincidence"))


def _capability(form: Form, facts: Facts) -> Capability:
    """Disguise, and a supply of identifiers that are changed on the way, take some skill; the rest is common."""
    if form in HARMLESS or facts.events < THIN_EVENTS:
        return Capability.UNKNOWN
    rotates = facts.accounts >= ROTATING and facts.values * 3 >= facts.accounts and len(facts.kinds) >= 2
    disguised = facts.evading >= EVADING * facts.accounts
    return Capability.SKILLED if rotates or disguised else Capability.NOVICE


def _evidence(warning: Warning, facts: Facts, ties: Sequence[Tie]) -> tuple[Reason, ...]:
    said = [
        Reason(
            "actors.component",
            {
                "accounts": facts.accounts,
                "of": max(warning.actors, facts.accounts),
                "identifiers": facts.values,
            },
        )
    ]
    seen: set[str] = set()
    for tie in ties:
        if tie.type not in seen:  # several of one type are one piece of evidence
            seen.add(tie.type)
            said.append(
                Reason(
                    f"campaign.shared-{tie.type}",
                    {
                        "having": len(tie.warned),
                        "actors": facts.accounts,
                        "elsewhere": tie.elsewhere,
                        "weight": round(tie.weight, 2),
                    },
                )
            )
    if facts.single:
        said.append(Reason("actors.one-fact"))
    if facts.devoted >= DEVOTED:
        said.append(Reason("actors.devoted", {"share": round(facts.devoted, 2)}))
    if facts.machines:
        said.append(Reason("actors.machines", {"machines": facts.machines, "paced": facts.paced}))
    if facts.evading:
        said.append(Reason("actors.evading", {"evading": facts.evading, "accounts": facts.accounts}))
    return tuple(said)


def _refutations(form: Form, facts: Facts) -> tuple[Reason, ...]:
    said = [Reason(f"actors.refute-{form.value}")]
    if "device" in facts.kinds:
        said.append(Reason("refute.shared-device"))
    if facts.kinds & {"payment", "email", "phone"}:
        said.append(Reason("refute.one-organisation"))
    if "wallet" in facts.kinds:
        said.append(Reason("refute.public-wallet"))
    return tuple(said)
