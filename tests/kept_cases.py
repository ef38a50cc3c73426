"""Cases as a node has them some days after its public door opened: in several states and tongues, with its people."""

from datetime import timedelta
from typing import Any

import msgspec

from tests import cases_made_up
from tests.cases_made_up import opened, triaged
from tests.fixtures import Made
from tocsin.kernel import Caller, Role, micros
from tocsin.kernel.cases import Case, CaseFlag, CaseWords, Urgency
from tocsin.kernel.disposing import Appeal, Appellant, Disposition, Measure

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


def removal(made: Made, by: Caller, *measures: Measure, **changed: Any) -> Disposition:
    """A disposition that holds together: the page goes, unless other measures are given."""
    words = {
        "ground_text": "Terms of use, 4.2: no fee for a payment",
        "explanation": "A fee for a refund is what rule 4.2 names.",
        "facts": FACTS,
        "reasons": "The page was removed because it asked people for a fee before a refund.",
        "decided_by": by.user,
        "at": micros(made.now),
    }
    return cases_made_up.disposition(*measures or (Measure.VISIBILITY_REMOVED,), **words | changed)


def page_told(made: Made, what: str, **changed: Any) -> Case:
    """A case about a page, as the public door opens it."""
    words = CaseWords(title="A refund", what=what, where="https://refund.example/pay")
    return opened(made, words=words, report=None, **changed)


def disposed(made: Made, by: Caller, case: Case, *measures: Measure) -> Case:
    """Sorted, verified, and decided or proposed."""
    return cases_made_up.disposed(made, by, removal(made, by, *measures), case)


def keep_cases(made: Made) -> tuple[Staff, dict[str, Case]]:
    """One in each state that the page has something for."""
    people, cases, start = staff(made), made.node.cases, made.now
    ana = people.analyst
    made.now = start - timedelta(days=3)
    grave = Measure.ACCOUNT_TERMINATED
    found = {
        "appealed": disposed(made, ana, page_told(made, "A page asks for a fee.", lang="mn")),
        "waiting": disposed(made, ana, page_told(made, "An account sells refunds."), grave),
    }
    made.now = start - timedelta(hours=30)
    found["received"] = page_told(made, "Сугалааны буцаалт амласан хуудас мөнгө нэхэж байна.", lang="mn")
    made.now = start - timedelta(hours=2)
    chinese = page_told(made, "一个网页在退款前收取费用。", lang="zh")
    found["triaged"] = triaged(made, ana, chinese, Urgency.HIGH)
    danger = (CaseFlag.IMMINENT_DANGER, CaseFlag.SPECIAL_GROUP)
    found["danger"] = page_told(made, "Somebody is pressed to pay today.", flags=danger)
    made.now = start
    appeal = Appeal(by=Appellant.AFFECTED, at=micros(start), lang="mn")
    found["appealed"] = cases.appeal(found["appealed"].id, appeal, "It was a page that warns of such fees.")
    return people, found
