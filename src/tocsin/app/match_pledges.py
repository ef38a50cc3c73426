"""Pledged sessions: each side's pledge goes to the other before the first word; what is said is kept for an auditor.

Whether sessions with a peer are pledged stands in the terms, on either side for itself; where the two differ, none
begins. Enters: a session that is about to begin, the other side's signed pledge, messages and answers. Leaves: this
side's pledge and layout, both pledges held against each other. Refuses: inputs that were not taken up two weeks ago
are left out; a pledge of another session or key, and a session that its client pledged otherwise, begin nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tocsin.app.match_asking import Talk
from tocsin.app.match_consent import require_as_agreed
from tocsin.app.match_inputs import Gathered, refusing
from tocsin.kernel import BadInput, Caller, Peer
from tocsin.store.interface import Store
from tocsin.store.match_interface import MatchRole

if TYPE_CHECKING:
    from tocsin.app.accountable import Accountable, Begun
    from tocsin.app.match_record import Beginning
    from tocsin.trust.matching import Inputs, Proposal
    from tocsin.trust.matching.accountable import Pledge
    from tocsin.trust.matching.layout import Place
    from tocsin.trust.oprf import KeyPair

NOT_TAKEN_UP = "was not taken up 14 days ago (`tocsin share match audit take-up`)"


class Pledges(NamedTuple):
    """Both sides' pledges for one session. `note` is the other's, as it was signed."""

    ours: "Begun"
    theirs: "Pledge"
    note: bytes

    @property
    def client(self) -> "Pledge":
        return self.ours.pledge if self.ours.pledge.side.value == "client" else self.theirs


class Said:
    """A session as it is said, up to its last tag: what an audit needs of it."""

    def __init__(self) -> None:
        self.pairs: list[tuple[bytes, bytes]] = []
        self._missing = 0

    def add(self, message: bytes, answer: bytes) -> bool:
        """One message and its answer; a message that came again is in it once. True with the last tag."""
        from tocsin.trust.matching.messages import Acceptance, Tags, decode
        from tocsin.trust.matching.sizes import TAG_BYTES

        if self.pairs and message == self.pairs[-1][0]:
            return False
        told = decode(answer)
        if isinstance(told, Acceptance):
            self._missing = told.tags * TAG_BYTES
        elif self._missing <= 0:  # what comes after the last tag
            return False
        self.pairs.append((message, answer))
        if isinstance(told, Tags):
            self._missing -= len(told.tags)
        return self._missing <= 0


class MatchPledges:
    """This node's pledges in sessions over HTTP, on either side. Acts as `Accountable` has them."""

    def __init__(
        self,
        store: Store,
        accountable: Callable[[], "Accountable"],
        log_name_of: Callable[[Peer], str],
    ) -> None:
        """`log_name_of` gives the name of a pinned peer's log; `accountable` is asked for when there is a pledge."""
        self._store = store
        self._accountable = accountable
        self._log_name_of = log_name_of

    def fitting(self, gathered: Gathered) -> Gathered:
        """Without what was not taken up two weeks ago: how many stands with the lines left out. Raises BadInput."""
        from tocsin.trust.matching import Inputs
        from tocsin.trust.matching.kinds import enough

        kind, values = gathered.inputs
        usable = self._accountable().usable(kind)
        fit = tuple(value for value in values if value in usable)
        left = {NOT_TAKEN_UP: len(values) - len(fit)} if len(fit) < len(values) else {}
        refused = {**gathered.refused, **left}
        return Gathered(refusing(lambda: enough(Inputs(kind, fit)), refused), gathered.sources, refused)

    def begin(
        self,
        by: Caller,
        role: MatchRole,
        proposal: "Proposal",
        inputs: "Inputs",
        key: "KeyPair | None" = None,
    ) -> "Begun":
        """Pledge this side of the session of a proposal. Raises as `Accountable.begin`."""
        from tocsin.app.accountable import Session
        from tocsin.trust.matching.accountable import Side
        from tocsin.trust.matching.sizes import padded

        session = Session(
            session=proposal.session,
            side=Side.CLIENT if role is MatchRole.ASKED else Side.SERVER,
            client=proposal.client,
            server=proposal.server,
            kind=proposal.kind,
            question=proposal.question,
            reveal=proposal.reveal,
            purpose=proposal.purpose,
            points=padded(len(inputs.values)),
        )
        return self._accountable().begin(by, session, inputs.values, key)

    def meet(self, ours: "Begun", note: bytes, peer: Peer) -> Pledges:
        """Both pledges, once the peer's is signed by its pinned key and of the same session.

        Raises BadInput, TooLarge, NotAllowed.
        """
        from tocsin.trust.matching.accountable import require_pledge
        from tocsin.wire.tlog import ED25519, NoteKey

        key = NoteKey(self._log_name_of(peer), ED25519, peer.node_key or b"")
        return Pledges(ours, require_pledge(note, key, ours.pledge), note)

    def answered(self, by: Caller, one: "Beginning", note: bytes, seed: bytes) -> "Beginning":
        """A peer's session with both pledges: its own for it, and this side's under the key of the week's `seed`."""
        from tocsin.trust.matching.tags import key_of

        said = one.proposal
        key = key_of(seed, said.client, said.server, said.kind, said.question, said.epoch)
        ours = self.begin(by, one.role, said, one.inputs, key)
        return one._replace(pledges=self.meet(ours, note, one.peer))

    def require(self, one: "Beginning") -> None:
        """What `MatchRecord.before` asks of a session: pledged as agreed, and the one that its client pledged."""
        from tocsin.trust.matching.accountable import require_pledged

        agreed = self._store.matches.agreed(one.peer.identity or "")
        require_as_agreed(agreed, pledged=one.pledges is not None)
        if one.pledges is not None:
            require_pledged(one.proposal, one.pledges.client)

    def keep(self, by: Caller, pledges: Pledges, said: Said) -> None:
        """What an auditor's challenge is answered from. Raises NotFound, Conflict."""
        from tocsin.trust.matching.accountable import Sayings

        mine = pledges.ours.pledge
        sayings = Sayings.of(said.pairs)
        self._accountable().held(by, bytes.fromhex(mine.session), mine.side, pledges.note, sayings)


class Pledging:
    """A session that this node begins: asked for, pledged, and kept as it is said."""

    def __init__(self, pledges: MatchPledges, by: Caller, peer: Peer, inputs: "Inputs", line: Talk) -> None:
        self._pledges = pledges
        self._by = by
        self._peer = peer
        self._inputs = inputs
        self._line = line
        self._said = Said()
        self.layout: list[Place] = []
        """What was pledged, once it was: empty before."""
        self.both: Pledges | None = None

    def exchange(self, proposal: "Proposal") -> None:
        """Ask; pledge only where the session may begin; give this side's pledge for the other's.

        Raises NotAllowed, BadInput, PeerFault.
        """
        from tocsin.trust.matching.accountable import Offer, encode_offer
        from tocsin.trust.matching.messages import encode

        self._line.ask(proposal)
        ours = self._pledges.begin(self._by, MatchRole.ASKED, proposal, self._inputs)
        offer = Offer(format=1, proposal=encode(proposal), pledge=ours.note)
        note = self._line.pledge(proposal.session.hex(), encode_offer(offer))
        self.both = self._pledges.meet(ours, note, self._peer)
        self.layout.extend(ours.laid.places)

    def heard(self, message: bytes, answer: bytes) -> None:
        """One message more was answered; with the last tag the session is kept."""
        if self.both is None:
            raise BadInput("a pledged session has no word before its pledges")
        if self._said.add(message, answer):
            self._pledges.keep(self._by, self.both, self._said)
