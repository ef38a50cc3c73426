"""Duties to report incidents: packs as data, how grave an incident is under each, and when each report is due.

Enters: packs (packaged and DATA/duties), an incident's facts and moments, the present. Leaves: grades with every
comparison, deadlines with how they were reckoned. Refuses: a pack that asks for less than the packaged one unless a
named person answers for it; a figure without a source; a judgement on whether somebody met the law.
"""

from tocsin.cases.duties.clocks import deadlines, next_due
from tocsin.cases.duties.facts import accepted, fact, facts
from tocsin.cases.duties.files import read_pack
from tocsin.cases.duties.grading import grade
from tocsin.cases.duties.models import Confirmed, Duty, Fact, Field, Pack, Section, Step, said
from tocsin.cases.duties.packs import duties_of, duty_of, pack_of, packaged, packs_of, read_own

__all__ = [
    "Confirmed",
    "Duty",
    "Fact",
    "Field",
    "Pack",
    "Section",
    "Step",
    "accepted",
    "deadlines",
    "duties_of",
    "duty_of",
    "fact",
    "facts",
    "grade",
    "next_due",
    "pack_of",
    "packaged",
    "packs_of",
    "read_own",
    "read_pack",
    "said",
]
