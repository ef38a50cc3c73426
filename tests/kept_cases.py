"""Cases as a node has them some days after its public door opened: made up, harmless, in several states and tongues."""

from datetime import timedelta

import msgspec

from tests.fixtures import Made
from tocsin.app.cases import NewCase
from tocsin.kernel import Caller, Role, micros
from tocsin.kernel.cases import Case, CaseFlag, CaseOrigin, CaseWords, Urgency
from tocsin.kernel.disposing import Appeal, Appellant, Disposition, Ground, Measure, Outcome

FACTS = "The page asks for a fee before it pays a refund that nobody is owed."


class Staff(msgspec.Struct, frozen=True):
    """People of a node with their callers and tokens."""

    analyst: Caller
    reviewer: Caller
    second: Caller
    officer: Caller
    tokens: dict[str, str]


def staff(made: Made) -> Staff:
    """Ana works on cases, Bela and Caro review, Dov answers for duties."""
    access, by = made.node.access, made.node.access.operator()
    found, tokens = {}, {}
    for name, role in (
        ("ana", Role.ANALYST),
        ("bela", Role.REVIEWER),
        ("caro", Role.REVIEWER),
        ("dov", Role.DUTY_OFFICER),
    ):
        access.add_user(by, name, (role,))
        tokens[name] = access.issue_token(by, name)
        found[name] = access.operator(name)
    return Staff(found["ana"], found["bela"], found["caro"], found["dov"], tokens)


def disposition(made: Made, by: Caller, *measures: Measure, **changes: object) -> Disposition:
    """A disposition that holds together."""
    plain = Disposition(
        outcome=Outcome.BORNE_OUT,
        measures=measures or (Measure.VISIBILITY_REMOVED,),
        ground=Ground.TERMS,
        ground_text="Terms of use, 4.2: no fee for a payment",
        explanation="A fee for a refund is what rule 4.2 names.",
        facts=FACTS,
        reasons="The page was removed because it asked people for a fee before a refund.",
        lang="en",
        decided_by=by.user,
        at=micros(made.now),
    )
    return msgspec.structs.replace(plain, **changes)


def opened(made: Made, what: str, *, lang: str = "en", flags: tuple[CaseFlag, ...] = ()) -> Case:
    """A case as the public door opens it."""
    words = CaseWords(title="A refund", what=what, where="https://refund.example/pay")
    return made.node.cases.open(None, NewCase(origin=CaseOrigin.REPORT, words=words, flags=flags, lang=lang))


def triaged(made: Made, people: Staff, case: Case, urgency: Urgency = Urgency.NORMAL) -> Case:
    """Claimed by Ana and sorted."""
    made.node.cases.claim(people.analyst, case.id)
    return made.node.cases.triage(
        people.analyst, case.id, category="fraud.scam", urgency=urgency, reasons="It asks for a fee."
    )


def verified(made: Made, people: Staff, case: Case) -> Case:
    """Sorted, and verified by Ana."""
    triaged(made, people, case)
    return made.node.cases.verify(
        people.analyst, case.id, outcome=Outcome.BORNE_OUT, reasons="Seen on the page itself."
    )


def disposed(made: Made, people: Staff, case: Case, *measures: Measure) -> Case:
    """Sorted, verified, and decided or proposed by Ana."""
    verified(made, people, case)
    return made.node.cases.dispose(people.analyst, case.id, disposition(made, people.analyst, *measures))


def keep_cases(made: Made) -> tuple[Staff, dict[str, Case]]:
    """One in each state that the page has something for."""
    people, cases, start = staff(made), made.node.cases, made.now
    made.now = start - timedelta(days=3)
    found = {
        "appealed": disposed(made, people, opened(made, "A page asks for a fee.", lang="mn")),
        "waiting": disposed(
            made, people, opened(made, "An account sells refunds."), Measure.ACCOUNT_TERMINATED
        ),
    }
    made.now = start - timedelta(hours=30)
    found["received"] = opened(made, "Сугалааны буцаалт амласан хуудас мөнгө нэхэж байна.", lang="mn")
    made.now = start - timedelta(hours=2)
    found["triaged"] = triaged(
        made, people, opened(made, "一个网页在退款前收取费用。", lang="zh"), Urgency.HIGH
    )
    danger = (CaseFlag.IMMINENT_DANGER, CaseFlag.SPECIAL_GROUP)
    found["danger"] = opened(made, "Somebody is pressed to pay today.", flags=danger)
    made.now = start
    appeal = Appeal(by=Appellant.AFFECTED, at=micros(start), lang="mn")
    found["appealed"] = cases.appeal(found["appealed"].id, appeal, "It was a page that warns of such fees.")
    return people, found
