"""Private matching between nodes: what operators agree to, sessions that this node begins, and those it answers.

Consent is one operator's, per peer: which kinds, questions and reveals, how many points a week, until when, and whether
a peer's sessions begin by that alone or wait for a yes each. A session that this node begins is a person's act, within
what its own operator agreed to. What is found is told to whoever asked, and kept as a count. docs/matching.md.
"""

import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tocsin.app.access import Access
from tocsin.app.exchange import Exchange
from tocsin.app.keyring import Keyring
from tocsin.app.match_answering import WISH_DAYS, Answering
from tocsin.app.match_asking import Talk
from tocsin.app.match_consent import covers
from tocsin.app.match_inputs import EndUsers, Sets
from tocsin.app.match_pledges import MatchPledges, Pledging
from tocsin.app.match_record import Beginning, MatchRecord, SpentBy
from tocsin.app.match_results import Asked, Matched, Standing, matched_by, one_of, purpose_of
from tocsin.app.match_seeds import MatchSeeds
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    NotAllowed,
    NotFound,
    Peer,
    PeerFault,
    PeerStatus,
    TocsinError,
    micros,
)
from tocsin.store.interface import Store
from tocsin.store.match_interface import MatchEnd, MatchRole, MatchWish
from tocsin.trust.seal import Entropy

if TYPE_CHECKING:
    from tocsin.app.accountable import Accountable
    from tocsin.trust.matching import Client, MatchKind, Proposal, Question, Reveal, Terms

MAX_BODY_BYTES = 132_096
"""`trust.matching.messages.MAX_MESSAGE_BYTES`, said here so that the door loads no curve; a test holds them equal."""

MAX_DAYS_AGREED = 366
ALLOWED_HOURS = 48
"""A yes to one session counts so long."""

STALE_SECONDS = 6 * 3_600
"""A session that was begun so long ago and never ended was cut off: the largest takes an hour of a core."""

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


class Watcher(Protocol):
    """Sees a session get on."""

    def said(self, done: int, of: int) -> None: ...


class Matching:
    """The service. `record.before` is where something else may look at a session before it begins, on either side."""

    def __init__(
        self,
        data: Path,
        store: Store,
        keys: Keyring,
        access: Access,
        exchange: Exchange,
        clock: Clock,
        entropy: Entropy = os.urandom,
        *,
        accountable: "Callable[[], Accountable]",
        log_name_of: Callable[[Peer], str],
        end_users: EndUsers,
    ) -> None:
        """`accountable` pledges, `log_name_of` names a pinned peer's log, `end_users` gives handles of the vetted."""
        self._store = store
        self._keys = keys
        self._access = access
        self._exchange = exchange
        self._clock = clock
        self._entropy = entropy
        self._seeds = MatchSeeds(keys.day_keys, entropy)
        self._sets = Sets(data, store, keys, access, clock, end_users)
        self._pledges = MatchPledges(store, accountable, log_name_of)
        self.record = MatchRecord(store, access, clock)
        self.record.before.append(self._pledges.require)
        self.answering = Answering(
            store,
            self.record,
            self._seeds,
            clock,
            me=self._me,
            gather=self._sets.served,
            pledges=self._pledges,
            entropy=entropy,
        )

    def agree(
        self,
        by: Caller,
        peer_name: str,
        *,
        kinds: Iterable[str],
        questions: Iterable[str],
        reveals: Iterable[str],
        weekly: int,
        days: int,
        standing: bool,
        pledged: bool = False,
    ) -> "Terms":
        """Consent to sessions with a peer, in place of what was agreed; `pledged` asks for a pledge before each.

        Raises NotAllowed, BadInput, NotFound.
        """
        from tocsin.trust.matching import MatchKind, Question, Reveal, Terms
        from tocsin.trust.matching.kinds import UNWRITTEN
        from tocsin.trust.matching.sizes import LEAST_POINTS, MAX_POINTS

        self._access.require(by, "match.agree")
        peer = self._trusted(peer_name)
        if not LEAST_POINTS <= weekly <= MAX_POINTS:
            raise BadInput(
                f"a week's points are {LEAST_POINTS} to {MAX_POINTS}; a session has at least {LEAST_POINTS}"
            )
        if not 1 <= days <= MAX_DAYS_AGREED:
            raise BadInput(f"agree for 1 to {MAX_DAYS_AGREED} days")
        terms = Terms(
            peer=peer.identity or "",
            kinds=frozenset(one_of(MatchKind, one) for one in kinds),
            questions=frozenset(one_of(Question, one) for one in questions),
            reveals=frozenset(one_of(Reveal, one) for one in reveals),
            weekly=weekly,
            until=micros(self._clock()) + days * _DAY,
            standing=standing,
            pledged=pledged,
        )
        if pledged and not UNWRITTEN.isdisjoint(terms.kinds):
            raise BadInput("bands and end users are not taken up beforehand: agree to them without --pledged")
        if not (terms.kinds and terms.questions and terms.reveals):
            raise BadInput("name at least one kind, one question and who learns the answer")
        with self._store.together():
            self._store.matches.agree(terms, by.user, micros(self._clock()))
            self._access.audit(
                by.user,
                "match.agree",
                subject=peer.name,
                purpose="matching",
                detail={
                    "kinds": " ".join(sorted(terms.kinds)),
                    "questions": " ".join(sorted(terms.questions)),
                    "reveals": " ".join(sorted(terms.reveals)),
                    "weekly": weekly,
                    "until": terms.until,
                    "standing": int(standing),
                    "pledged": int(pledged),
                },
            )
        return terms

    def withdraw(self, by: Caller, peer_name: str) -> None:
        """Take consent back: sessions under way end at their next message. Raises NotAllowed, NotFound."""
        self._access.require(by, "match.agree")
        peer = self._exchange.peer(peer_name)
        with self._store.together():
            if not self._store.matches.withdraw(peer.identity or ""):
                raise NotFound(
                    f"nothing was agreed with {peer_name}: `tocsin share match sessions` shows what was"
                )
            self._access.audit(by.user, "match.withdraw", subject=peer.name, purpose="matching")

    def allow(self, by: Caller, wish: str) -> MatchWish:
        """An operator's yes to one session that waits, for ALLOWED_HOURS. Raises NotAllowed, NotFound, Conflict."""
        self._access.require(by, "match.agree")
        until = micros(self._clock() + timedelta(hours=ALLOWED_HOURS))
        with self._store.together():
            allowed = self._store.matches.allow(wish, by.user, until)
            self._access.audit(
                by.user,
                "match.allow",
                subject=wish,
                purpose=allowed.purpose,
                detail={
                    "peer": self.name_of(allowed.peer),
                    "kind": allowed.kind,
                    "question": allowed.question,
                    "reveal": allowed.reveal,
                    "points": allowed.points,
                },
            )
        return allowed

    def standing(self, by: Caller, limit: int = 100) -> Standing:
        """What is agreed, waiting, held and spent. Raises NotAllowed."""
        from tocsin.trust.matching import epoch_of

        self._access.require(by, "match.agree" if self._access.may(by, "match.agree") else "match.read")
        matches, epoch = self._store.matches, epoch_of(self._clock())
        terms, sessions = matches.all_agreed(), matches.sessions(limit=limit)
        spent = {
            (one.peer, role.value, kind.value): matches.spent(one.peer, role, kind.value, epoch)
            for one in terms
            for role in MatchRole
            for kind in sorted(one.kinds)
        }
        return Standing(
            terms=terms,
            wishes=matches.wishes(),
            sessions=sessions,
            spent={key: points for key, points in spent.items() if points},
            epoch=epoch,
            pledged=self._store.accountable.which_pledged([one.session for one in sessions]),
        )

    def run(
        self,
        by: Caller,
        peer_name: str,
        asked: Asked,
        watcher: Watcher | None = None,
        talk: Callable[..., Talk] = Talk,
    ) -> Matched:
        """One session from its proposal to its answer, which takes seconds to minutes.

        Raises NotAllowed (also where it waits for a yes over there), BadInput for the set, PeerFault.
        """
        from tocsin.trust.matching import Client, MatchKind, Question, Reveal, most_points
        from tocsin.trust.matching.terms import require_counted

        self._access.require(by, "match.run")
        peer = self._trusted(peer_name)
        kind, question = one_of(MatchKind, asked.kind), one_of(Question, asked.question)
        reveal = one_of(Reveal, asked.reveal)
        purpose = asked.purpose if kind is MatchKind.END_USER else purpose_of(asked.purpose)
        require_counted(kind, question)
        terms = self._own_terms(peer, kind, question, reveal)
        session = self._entropy(16)
        gathered = self._sets.asked(kind, session.hex(), asked.lines, asked.days, purpose, by.user)
        gathered = self._pledges.fitting(gathered) if terms.pledged else gathered
        with talk(peer.name, lambda: self._exchange.line(peer.name)) as line:
            pledging = Pledging(self._pledges, by, peer, gathered.inputs, line) if terms.pledged else None

            def beginning(proposal: "Proposal") -> Beginning:
                both = pledging.both if pledging else None
                return Beginning(MatchRole.ASKED, peer, by.user, proposal, gathered.inputs, both)

            spending = SpentBy(self.record, beginning, first=pledging.exchange if pledging else line.ask)
            client = Client(
                self._me(),
                peer.identity or "",
                gathered.inputs,
                question=question,
                reveal=reveal,
                purpose=purpose,
                spending=spending,
                most=most_points(terms, kind),
                clock=self._clock,
                entropy=self._entropy,
                workers=os.cpu_count() or 1,
                session=session,
                layout=pledging.layout if pledging else None,
            )
            try:
                self._speak(client, line, session.hex(), watcher, pledging)
            except BaseException as error:
                if spending.begun:
                    self.record.end(spending.begun, self._end_by(error, client))
                raise
            found = matched_by(client, gathered, peer.name, line)
            assert spending.begun is not None
            self.record.end(spending.begun, MatchEnd.DONE, found.found)
            return found

    def learnt(self, by: Caller, session: str) -> tuple[str, ...]:
        """What a client told this side in a session where both learn it: see `Answering.learnt`. A look is logged."""
        self._access.require(by, "match.run")
        found = self.answering.learnt(session)
        self._access.audit(
            by.user, "match.show", subject=session, purpose="matching", detail={"found": len(found)}
        )
        return found

    def ask(self, caller: Caller, raw: bytes) -> bool:
        """A peer's question whether a session may begin: see `Answering.ask`."""
        return self.answering.ask(self._peer_of(caller), raw)

    def pledge(self, caller: Caller, session: str, raw: bytes) -> bytes:
        """A peer's offer of a pledged session: see `Answering.pledge`."""
        return self.answering.pledge(caller, self._peer_of(caller), session, raw)

    def answer(self, caller: Caller, session: str, raw: bytes) -> bytes:
        """A peer's message in a session: see `Answering.answer`."""
        return self.answering.answer(caller, self._peer_of(caller), session, raw)

    def tick(self) -> None:
        """End what fell silent or was cut off, destroy secrets of weeks that are over, drop old wishes."""
        self.answering.sweep()
        now = self._clock()
        self._seeds.forget(now)
        self._store.matches.forget_wishes(before=micros(now - timedelta(days=WISH_DAYS)))
        here = self.answering.sessions
        for one in self._store.matches.sessions(outcome=MatchEnd.BEGUN):
            if one.session not in here and one.at < micros(now) - STALE_SECONDS * _SECOND:
                self.record.end_of(one.session, "node", MatchEnd.LEFT)

    def name_of(self, identity: str) -> str:
        """What a peer is called here; its identity where it is a peer no more."""
        named = (peer.name for peer in self._store.peers.list() if peer.identity == identity)
        return next(named, identity)

    def _speak(
        self, client: "Client", line: Talk, session: str, watcher: Watcher | None, pledging: Pledging | None
    ) -> None:
        for number, message in enumerate(client.speak(), 1):
            if not covers(self._store.matches.agreed(client.proposal.server), client.proposal):
                client.withdraw()
            answer = line.say(session, message)
            client.hear(answer)
            if pledging:
                pledging.heard(message, answer)
            if watcher:
                watcher.said(number, max(number, client.turns))

    def _end_by(self, error: BaseException, client: "Client") -> MatchEnd:
        if isinstance(error, PeerFault) or not isinstance(error, TocsinError):
            return MatchEnd.LEFT
        terms = self._store.matches.agreed(client.proposal.server)
        return MatchEnd.REFUSED if covers(terms, client.proposal) else MatchEnd.WITHDRAWN

    def _own_terms(self, peer: Peer, kind: "MatchKind", question: "Question", reveal: "Reveal") -> "Terms":
        terms = self._terms(peer)
        if terms is None or micros(self._clock()) >= terms.until:
            raise NotAllowed(
                f"this node's operator agreed to no matching with {peer.name}: `tocsin share match agree`"
            )
        if not (kind in terms.kinds and question in terms.questions and reveal in terms.reveals):
            raise NotAllowed(f"what this node's operator agreed to with {peer.name} holds no such session")
        return terms

    def _terms(self, peer: Peer) -> "Terms | None":
        return self._store.matches.agreed(peer.identity or "")

    def _trusted(self, name: str) -> Peer:
        peer = self._exchange.peer(name)
        if peer.status_at(micros(self._clock())) is not PeerStatus.TRUSTED or not peer.identity:
            raise NotAllowed(f"peer {name} is not trusted: compare its key with its operator first")
        return peer

    def _peer_of(self, caller: Caller) -> Peer:
        self._access.require(caller, "match.answer")
        if caller.peer is None:
            raise NotAllowed("a session of matching is between nodes: this token is no peer's")
        return self._trusted(caller.peer)

    def _me(self) -> str:
        return self._keys.identity.stix_identity
