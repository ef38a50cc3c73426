"""What a side put into a match, fixed before it and audited after it: commitments, challenges, openings. Unaudited.

Enters: records as a node gets them, sessions as they are said, a third party's challenge. Leaves: statements that are
signed and logged, openings of few positions, and what an auditor finds in them. Refuses: a challenge of too many
positions or a second one for a session. It proves that inputs were fixed early and within quota, not that they are
genuine; the auditor learns the challenged indicators. Protocol, proof sketch, escapes: docs/accountable-matching.md.

| file | holds |
|---|---|
| `statements` | what is signed: quota, day of records, pledge, challenge, account |
| `positions` | a set laid out by a seed, and the commitment to each position |
| `beginning` | an offer of a pledged session, and the other side's pledge, before it begins |
| `sayings` | a session as it was said: its roots, its context |
| `challenged` | which positions a challenge draws, and within what bounds |
| `answers` | openings of positions, as bytes |
| `answering` | makes them |
| `evidence` | what the log says of quotas and days, and by whose clock |
| `auditing` | checks an answer: what is wrong with it, each fault with its name |
| `contradictions` | two signed statements that no honest node makes |
"""

from tocsin.trust.matching.accountable.answering import Material, account_of, answered
from tocsin.trust.matching.accountable.answers import Answer, Told, decode_answer, encode_answer
from tocsin.trust.matching.accountable.auditing import Audit, Fault, Finding, Rules, audit
from tocsin.trust.matching.accountable.beginning import (
    Offer,
    decode_offer,
    encode_offer,
    require_pledge,
    require_pledged,
)
from tocsin.trust.matching.accountable.challenged import drawn, most_positions, require_challenge
from tocsin.trust.matching.accountable.contradictions import contradiction
from tocsin.trust.matching.accountable.positions import KeptRecord, Laid, RecordAt, lay, nonce_commitment
from tocsin.trust.matching.accountable.sayings import Sayings
from tocsin.trust.matching.accountable.statements import (
    NOTHING,
    Account,
    Challenge,
    Day,
    Pledge,
    Quota,
    Side,
    Statement,
    digest_of,
    opened_statement,
    read_statement,
    sign_statement,
    statement_text,
)

__all__ = [
    "NOTHING",
    "Account",
    "Answer",
    "Audit",
    "Challenge",
    "Day",
    "Fault",
    "Finding",
    "KeptRecord",
    "Laid",
    "Material",
    "Offer",
    "Pledge",
    "Quota",
    "RecordAt",
    "Rules",
    "Sayings",
    "Side",
    "Statement",
    "Told",
    "account_of",
    "answered",
    "audit",
    "contradiction",
    "decode_answer",
    "decode_offer",
    "digest_of",
    "drawn",
    "encode_answer",
    "encode_offer",
    "lay",
    "most_positions",
    "nonce_commitment",
    "opened_statement",
    "read_statement",
    "require_challenge",
    "require_pledge",
    "require_pledged",
    "sign_statement",
    "statement_text",
]
