"""Which acts go into the log, and as what: the line of the audit, committed to with a salt of its own.

An act's line names digests of what it is about (a manifest, a decision, a chain of custody), so that the commitment
binds that as well. A refused act is not logged: whoever may not do a thing would otherwise fill the log.
"""

import msgspec
import rfc8785

from tocsin.store.interface import AuditRow
from tocsin.store.log_interface import LogEntry
from tocsin.trust.seal import Entropy
from tocsin.wire.tlog.opening import SALT_BYTES, Opening

LOGGED = {
    "share.publish": "a manifest, when its records are released",
    "share.recall": "what was taken back",
    "share.receipt": "a peer's signed receipt",
    "count.": "what was spent of the budget of counts: a list of a week, or a person's word after a restore",
    "match.": "consent to private matching, each session's manifest with what it spends, and its end",
    "sum.": "consent to private sums, each week's roster, each look: asked for, submitted, added up, heard",
    "release.": "release decisions: proposed, approved, withdrawn, replaced, exempted",
    "evaluation.register": "a plan, before its first sample",
    "evaluation.keep": "an evaluation, judged by its plan",
    "evaluation.recognise": "a peer's evaluation, recognised",
    "study.register": "a study, before its first participant",
    "study.look": "each look at a study's data",
    "redline.propose": "a red line",
    "redline.say": "this node's word on a red line",
    "applicant.verified": "a result about an end user, by its digest",
    "applicant.ended": "a result that ended before its time",
    "applicant.vet": "a vetting, by people",
    "applicant.standing": "an end user's standing, by a case",
    "applicant.open": "a pseudonym that two people opened",
    "case.dispose": "a case's disposition",
    "case.propose": "a disposition that waits for a second person",
    "case.approve": "the second person's word",
    "case.refuse": "the second person's refusal",
    "case.appeal": "an appeal",
    "case.uphold": "an appeal's outcome",
    "case.overturn": "an appeal's outcome",
    "case.export": "a case that left as a file",
    "evidence.step.": "each step of custody",
    "evidence.export": "a package of evidence",
    "request.": "each step of an authority's request",
    "incident.report": "a report's draft, approval or sending",
    "incident.export": "a report's document",
    "duty.verify": "who stood for the text of a duty",
    "transparency.publish": "a transparency report",
    "distinct.": "consent to distinct counts, each count's roster with what it costs, and its end",
    "access.grant": "who was named for what, by pseudonym",
    "access.revoke": "who no longer is",
    "access.capability": "what an operator asks of a capability",
    "access.approve": "a person's word on an act that waited for it",
    "access.stop": "a person stopped one",
    "log.fork": "two heads of one log, a peer's or this node's own",
    "log.settle": "a person's word on that",
}
"""Acts of the audit; one that ends in a full stop stands for all that begin so."""

OF_CASES = ("case.", "evidence.", "incident.")
"""Their lines have no subject where the queue is restricted. Anybody reads how long the log is, so it has no entry of
them: their acts are bound by the timeline and the chain of custody alone (docs/restricted-cases.md)."""

_PREFIXES = tuple(act for act in LOGGED if act.endswith("."))


def is_logged(act: str) -> bool:
    """Whether an act of the audit goes into the log."""
    return act in LOGGED or act.startswith(_PREFIXES)


def entry_of(row: AuditRow, entropy: Entropy) -> LogEntry | None:
    """The entry that a line of the audit becomes; None for one that is not logged."""
    if row.outcome != "done" or not is_logged(row.act):
        return None
    if not row.subject and row.act.startswith(OF_CASES):
        return None
    said = msgspec.to_builtins(row)
    del said["seq"]
    opening = Opening(entropy(SALT_BYTES), rfc8785.dumps(said))
    return LogEntry(row.at, row.act, row.subject, opening.entry, opening.to_bytes())
