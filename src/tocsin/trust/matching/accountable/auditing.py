"""What an auditor finds in an answer, without a node and without a socket: nothing, or faults by name.

An answer that cannot be read at all is refused; whatever else is wrong is a finding, so that one fault hides no other.
Every date is a witness's, never the audited node's own. What holds says: these inputs were fixed early and within
quota. It does not say that they are genuine.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tocsin.kernel import BadInput
from tocsin.trust import merkle, oprf
from tocsin.trust.matching.accountable.answers import Answer, Opened, Padding, Record, decode_answer
from tocsin.trust.matching.accountable.challenged import drawn, require_challenge
from tocsin.trust.matching.accountable.evidence import (
    Audit,
    Fault,
    Finding,
    History,
    Rules,
    history_of,
    logged,
)
from tocsin.trust.matching.accountable.positions import (
    KeptRecord,
    line,
    meaning,
    nonce_commitment,
    padding_value,
)
from tocsin.trust.matching.accountable.sayings import Opening, opening_of
from tocsin.trust.matching.accountable.statements import (
    Account,
    Challenge,
    Pledge,
    Side,
    digest_of,
    opened_statement,
)
from tocsin.trust.matching.messages import Question
from tocsin.trust.matching.tags import bound, mode_of, tag_of

__all__ = ["Audit", "Fault", "Finding", "Rules", "audit"]

MAX_PLEDGE_LAG = 86_400_000_000
"""Microseconds after a session by which a witness has seen its pledge: witnesses look at each pull, and may be away a
day. That it came *before* the session is the other side's word, who began only when it had it."""


class _Heard(NamedTuple):
    """The signed statements of an answer, read and signed by whom they should be."""

    challenge: Challenge
    pledge: Pledge
    other: Pledge
    account: Account
    other_account: Account
    began: Opening

    @property
    def accounts(self) -> tuple[Account, Account]:
        """The client's, the server's."""
        both = self.account, self.other_account
        return both if self.pledge.side is Side.CLIENT else (both[1], both[0])


def audit(raw: bytes, rules: Rules, challenge: bytes | None = None) -> Audit:
    """What is wrong with an answer. Raises BadInput, TooLarge for what is none, or is not of this challenge.

    1. The auditor's challenge, both pledges and both accounts are signed by whom `rules` name; the challenge is the
       one that was given out. 2. Both pledges are of this session, and say what its first two words say. 3. Both
       accounts are of this challenge, name these pledges, agree with each other, and tell the nonces pledged. 4. The
       pledge is logged, and witnesses saw it. 5. Quotas and days (`evidence`). 6. The pledge spends within its quota.
    7. The positions are those that the nonces draw, each opened. 8. Each opening (`_faults_of`).
    """
    answer = decode_answer(raw)
    if challenge is not None and answer.challenge != challenge:  # 1
        raise BadInput("this answers another challenge than the one given")
    heard = _heard(answer, rules)
    pledge, began = heard.pledge, heard.began
    findings = [*_of_pledges(heard), *_of_accounts(heard)]  # 2, 3
    seen = logged(answer.pledge, rules, "match.pledge", digest_of(pledge))
    if isinstance(seen, Finding):  # 4
        findings.append(seen)
    elif seen > began.proposal.made + MAX_PLEDGE_LAG:
        findings.append(
            Finding(
                Fault.UNLOGGED, "no witness saw the pledge within a day of the session: it may be a later one"
            )
        )
    history, wrong = history_of(answer, pledge, rules, began.proposal.made)  # 5
    findings += [*wrong, *_of_spending(pledge, history)]  # 6
    positions = drawn(heard.challenge, *heard.accounts, pledge.points)  # 7
    given = {one.position: one for one in answer.openings}
    if len(given) < len(answer.openings) or not given.keys() <= set(positions):
        findings.append(
            Finding(Fault.WRONG_POSITION, "positions are opened that were not drawn, or one twice")
        )
    missing = [at for at in positions if at not in given]
    findings += [Finding(Fault.WITHHELD, "a position that was drawn is not opened", at) for at in missing]
    opened = [given[at] for at in positions if at in given]
    for one in opened:  # 8
        findings += _faults_of(one, heard, history, rules)
    return Audit(
        session=pledge.session,
        side=pledge.side,
        positions=positions,
        padding=sum(isinstance(one.meant, Padding) for one in opened),
        values=tuple(one.meant.value for one in opened if not isinstance(one.meant, Padding)),
        findings=tuple(findings),
    )


def _heard(answer: Answer, rules: Rules) -> _Heard:
    challenge = opened_statement(answer.challenge, rules.auditor)
    mine = opened_statement(answer.pledge.note, rules.audited)
    other = opened_statement(answer.other_pledge, rules.other)
    account = opened_statement(answer.account, rules.audited)
    other_account = opened_statement(answer.other_account, rules.other)
    if not (
        isinstance(challenge, Challenge)
        and isinstance(mine, Pledge)
        and isinstance(other, Pledge)
        and isinstance(account, Account)
        and isinstance(other_account, Account)
    ):
        raise BadInput("a statement in the answer stands where another kind belongs")
    require_challenge(challenge, mine)
    began = opening_of(answer.proposal, answer.acceptance)
    return _Heard(challenge, mine, other, account, other_account, began)


def _of_pledges(heard: _Heard) -> Iterator[Finding]:
    mine, other, (proposal, acceptance, _, _) = heard.pledge, heard.other, heard.began
    manifest = (
        *(proposal.session.hex(), proposal.client, proposal.server, proposal.kind),
        *(proposal.question, proposal.reveal, proposal.purpose, proposal.epoch),
    )
    for pledge in (mine, other):
        said = (
            *(pledge.session, pledge.client, pledge.server, pledge.kind),
            *(pledge.question, pledge.reveal, pledge.purpose, pledge.epoch),
        )
        size = proposal.points if pledge.side is Side.CLIENT else acceptance.tags
        if said != manifest or pledge.points != size:
            yield Finding(
                Fault.OTHER_SESSION, f"the {pledge.side}'s pledge is not of this session: it is another's"
            )
    if mine.side is other.side:
        yield Finding(Fault.OTHER_SESSION, "both pledges are of one side")


def _of_accounts(heard: _Heard) -> Iterator[Finding]:
    mine, other = heard.account, heard.other_account
    client, server = heard.accounts
    told = {one.side: one.nonce for one in (heard.pledge, heard.other)}
    if (client.side, server.side) != (Side.CLIENT, Side.SERVER):
        yield Finding(Fault.OTHER_SESSION, "the accounts are not of the two sides")
    for one in (mine, other):
        if one.challenge != digest_of(heard.challenge) or one.session != heard.challenge.session:
            yield Finding(Fault.OTHER_SESSION, f"the {one.side}'s account is of another challenge")
        if nonce_commitment(bytes.fromhex(one.nonce)) != told.get(one.side):
            yield Finding(Fault.OTHER_NONCE, f"the {one.side} tells another nonce than it pledged")
    pledges = {one.side: digest_of(one) for one in (heard.pledge, heard.other)}
    named = {Side.CLIENT: mine.client_pledge, Side.SERVER: mine.server_pledge}
    if named != pledges or mine.opening != heard.began.digest.hex():
        yield Finding(
            Fault.DISPUTED, "the account names other pledges, or another beginning, than the answer shows"
        )
    same = ("client_pledge", "server_pledge", "opening", "points", "tags")
    if differs := [name for name in same if getattr(mine, name) != getattr(other, name)]:
        yield Finding(
            Fault.DISPUTED, f"the two sides' accounts differ in {', '.join(differs)}: one of them is false"
        )


def _of_spending(pledge: Pledge, history: History) -> Iterator[Finding]:
    quota = history.quotas.get(pledge.quota)
    if quota is not None and (pledge.spent > quota.points or pledge.spent < pledge.points):
        yield Finding(
            Fault.OVER_QUOTA,
            f"{pledge.spent} points are spent this week; logged were at most {quota.points}",
        )


def _faults_of(one: Opened, heard: _Heard, history: History, rules: Rules) -> Iterator[Finding]:
    """What is wrong with one opening.

    1. Its line has its place in the pledge: the blind's point (of a server: its public key) and what it means. 2. What
    was sent for it has that place in the session. 3. What it means is padding, whose value follows from the salt, or a
    record of a day; and that is what the line commits to. 4. The point is the value's hash times the logarithm of 1.
    5. The record's day is on the pledge's chain, and witnesses saw it so many days before the session.
    """
    pledge, (proposal, acceptance, _, context), at = heard.pledge, heard.began, one.position
    salt, kind = one.salt, pledge.kind
    if isinstance(one.meant, Padding):  # 3
        commitment, value = None, padding_value(proposal.session, at, salt)
    else:
        commitment, value = KeptRecord(one.meant.value, one.meant.salt).commitment(kind), one.meant.value
    committed = line(one.public, meaning(salt, commitment))
    root = bytes.fromhex(pledge.root)
    if not merkle.holds(root, committed, at, pledge.points, one.path):  # 1, 3
        yield Finding(Fault.OTHER_VALUE, "what is opened is not what was pledged for this position", at)
    if pledge.side is Side.SERVER and one.public != acceptance.public:
        yield Finding(Fault.OTHER_VALUE, "the position was pledged under another key than the session's", at)
    client = pledge.side is Side.CLIENT
    sent = one.point if client else tag_of(_output(one, proposal.question, context, value))
    over = bytes.fromhex(heard.other_account.points if client else heard.other_account.tags)
    if not merkle.holds(over, sent, at, pledge.points, one.sent):  # 2
        yield Finding(Fault.NOT_SENT, "what is opened is not what was sent at this position", at)
    try:  # 4
        hashed = oprf.hash_to_group(mode_of(proposal.question), bound(context, value))
        oprf.require_one_key(one.public, [hashed], [one.point], one.proof)
    except BadInput:
        yield Finding(Fault.WRONG_PROOF, "the point is not of this value under the pledged blind or key", at)
    if not isinstance(one.meant, Padding):  # 5
        assert commitment is not None
        yield from _dated(one.meant, commitment, at, history, rules, proposal.made)


def _output(one: Opened, question: Question, context: bytes, value: bytes) -> bytes:
    return oprf.output(bound(context, value), one.point) if question is Question.WHICH else one.point


def _dated(
    record: Record, commitment: bytes, at: int, history: History, rules: Rules, made: int
) -> Iterator[Finding]:
    found = history.days.get(record.day)
    if found is None:
        yield Finding(Fault.OUTSIDE_DAYS, "its record is of no day that leads to the pledge's", at)
        return
    root = bytes.fromhex(found.day.root)
    if not merkle.holds(root, commitment, record.index, found.day.records, record.path):
        yield Finding(Fault.NO_RECORD, "its record is not among those of the day it names", at)
    if found.seen is None or found.seen > made - rules.age:
        yield Finding(Fault.LATE, f"its record was not logged {rules.days} days before the session", at)
