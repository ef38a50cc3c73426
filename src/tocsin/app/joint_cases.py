"""Joint cases: opened to chosen peers, worked on by each party alone, and the same at all of them in the end.

Enters: who acts for this node, and what they say to the parties. Leaves: messages as signed records, which leave
through the gate and no other way; the state that all messages make. Refuses: a case of a restricted queue or with
suspected material of child abuse, whatever names somebody, and what the case's own rules refuse.

What is decided together is advice: a case here is decided here, by people of this node, who may cite it (`citation`).
"""

import os
from collections.abc import Callable, Collection

import msgspec

from tocsin.app.access import Access
from tocsin.app.cases import Cases
from tocsin.app.joint_reading import JointReading
from tocsin.app.joint_words import not_copied, said_plainly
from tocsin.app.keyring import Keyring
from tocsin.app.queues import Queues
from tocsin.app.settings import Settings
from tocsin.app.signing import signed
from tocsin.cases.joint import JointState, first_message, merge, next_message
from tocsin.cases.joint.state import SharedProposal
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    Means,
    NotAllowed,
    NotFound,
    Peer,
    PeerStatus,
    highest,
    micros,
)
from tocsin.kernel.cases import Case, CaseFlag
from tocsin.kernel.joint_cases import (
    Acceptance,
    Attributes,
    Choice,
    Close,
    Decision,
    Decline,
    Fact,
    FactWithdrawn,
    Invitation,
    JointOutcome,
    JointRule,
    JointStanding,
    Leave,
    Part,
    Proposal,
    Says,
    Task,
    TaskDeclined,
    TaskDone,
    Vote,
)
from tocsin.share import introduction
from tocsin.share.describe_agreed import Speaker, checked
from tocsin.share.describe_joint import MARKING, describe_message
from tocsin.share.sightings import start_of_day
from tocsin.store.interface import Store
from tocsin.taxonomy import category, refused_subject
from tocsin.trust.key_history import party_of, peer_as_party
from tocsin.wire.stix import timestamp
from tocsin.wire.stix.kinds_joint import JointMessageExtension, as_message

READ, MANAGE = "joint.read", "joint.manage"
MAX_TITLE_CHARS = 120
NONCE_BYTES = 32
FREE = ("statement", "basis", "reason", "result", "what", "purpose")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """To what the parties agree by joining. `until` in microseconds: from that day on nothing more is said here."""

    purpose: str
    until: int
    category: str = ""
    """Of conduct; the local case's where it is empty."""


class JointCases:
    """Every look needs `joint.read`; every word `joint.manage`, a person who is there, and leaves a trace."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        settings: Settings,
        access: Access,
        cases: Cases,
        queues: Queues,
        clock: Clock,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._store = store
        self._keys = keys
        self._settings = settings
        self._access = access
        self._cases = cases
        self._queues = queues
        self._clock = clock
        self._entropy = entropy
        self._reading = JointReading(store)

    @property
    def party(self) -> str:
        """This node, as messages name it."""
        return party_of(self._keys.identity.first)

    def open(
        self, by: Caller, case_id: str, parties: Collection[str], rule: JointRule, terms: Terms
    ) -> JointState:
        """Invite peers, by name, to a joint case about a case of this node. Nothing leaves by it.

        1. The case may be shown to others at all. 2. Each peer is trusted, its first key is known, and it may be given
        what is marked TLP:AMBER+STRICT. 3. The conduct is on the closed list. Raises NotAllowed, NotFound, BadInput,
        Conflict for a case that is part of a joint case.
        """
        self._speaks(by)
        case = self._shareable(by, case_id)  # 1
        if case.joint is not None:
            raise Conflict("it is part of a joint case already: `tocsin case joint list` shows which")
        others = [self._invited(name) for name in sorted(set(parties))]  # 2
        conduct = terms.category or case.category
        _check_conduct(conduct)  # 3
        if terms.until <= micros(self._clock()):
            raise BadInput("it ends before it begins: name a later day")
        invitation = Invitation(
            convener=self.party,
            rule=rule,
            category=conduct,
            purpose=said_plainly(self._store, terms.purpose),
            until=timestamp(start_of_day(terms.until)),
            nonce=self._entropy(NONCE_BYTES).hex(),
        )
        self._not_copied(by, case_id, invitation)
        message = _bounded(first_message(invitation, others))
        with self._store.together():
            self._audit(by, "open", message.case)
            self._keep(message)
            self._link(by, case_id, message.case)
        return self.state(by, message.case)

    def link(self, by: Caller, joint_id: str, case_id: str) -> None:
        """Note that a case of this node is part of a joint case that it joined. Raises as `open`."""
        self._speaks(by)
        self._joined(joint_id)
        case = self._shareable(by, case_id)
        if case.joint is not None:
            raise Conflict("it is part of a joint case already")
        with self._store.together():
            self._link(by, case_id, joint_id)

    def accept(self, by: Caller, joint_id: str) -> JointState:
        """Join, on behalf of this node. Raises NotAllowed, NotFound, Conflict."""
        return self._say(by, joint_id, Acceptance())

    def decline(self, by: Caller, joint_id: str, reason: str) -> JointState:
        return self._say(by, joint_id, Decline(reason=self._said(reason)))

    def share_fact(self, by: Caller, joint_id: str, fact: Fact) -> JointState:
        """Tell the parties one fact. What attributes says how sure it is and what else it may be (`Attributes`)."""
        return self._say(by, joint_id, self._checked_fact(fact))

    def withdraw_fact(self, by: Caller, joint_id: str, fact: str, reason: str) -> JointState:
        """Take a fact of this node's back; that it was said stays to be seen."""
        return self._say(by, joint_id, FactWithdrawn(fact=fact, reason=self._said(reason)))

    def give_task(self, by: Caller, joint_id: str, *, whose: str, what: str, until: int) -> JointState:
        """Ask something of a party, named as this node names it, by a day in microseconds."""
        day = timestamp(start_of_day(until))
        return self._say(
            by, joint_id, Task(whose=self._named(joint_id, whose), what=self._said(what), due=day)
        )

    def do_task(self, by: Caller, joint_id: str, task: str, result: str, *, done: bool = True) -> JointState:
        """Say what came of a task that this node was given; or, not `done`, why it will not do it."""
        said = self._said(result)
        return self._say(
            by, joint_id, TaskDone(task=task, result=said) if done else TaskDeclined(task=task, reason=said)
        )

    def propose(
        self,
        by: Caller,
        joint_id: str,
        *,
        title: str,
        parts: Collection[Part],
        reason: str,
        facts: Collection[str] = (),
    ) -> JointState:
        """Propose a disposition: for each party what it would do on its own platform."""
        named = [msgspec.structs.replace(one, party=self._named(joint_id, one.party)) for one in parts]
        says = Proposal(
            title=said_plainly(self._store, title, longest=MAX_TITLE_CHARS),
            parts=sorted(named, key=lambda one: one.party),
            facts=sorted(set(facts)) or msgspec.UNSET,
            reason=self._said(reason),
        )
        return self._say(by, joint_id, says)

    def vote(self, by: Caller, joint_id: str, proposal: str, choice: Choice, reason: str) -> JointState:
        """This node's vote on a proposal; it takes the place of the one before until it is decided."""
        return self._say(by, joint_id, Vote(proposal=proposal, choice=choice, reason=self._said(reason)))

    def decide(
        self, by: Caller, joint_id: str, proposal: str, outcome: JointOutcome, reason: str
    ) -> JointState:
        """Say that it is decided, where the case's rule decides so. Raises Conflict where it does not."""
        return self._say(
            by, joint_id, Decision(proposal=proposal, outcome=outcome, reason=self._said(reason))
        )

    def leave(self, by: Caller, joint_id: str, reason: str) -> JointState:
        return self._say(by, joint_id, Leave(reason=self._said(reason)))

    def close(self, by: Caller, joint_id: str, reason: str) -> JointState:
        return self._say(by, joint_id, Close(reason=self._said(reason)))

    def listed(self, by: Caller) -> tuple[JointState, ...]:
        """Joint cases that this node convened or was invited to, as far as it has heard; the first heard of first."""
        self._access.require(by, READ)
        states = (merge(joint, self._reading.of(joint)) for joint in self._reading.cases())
        return tuple(one for one in states if one.case is not None and self.party in one.case.parties)

    def state(self, by: Caller, joint_id: str) -> JointState:
        """One of them. Raises NotAllowed, NotFound for one that this node has no part in, as for none."""
        self._access.require(by, READ)
        return self._known(joint_id)

    def local_cases(self, by: Caller, joint_id: str) -> tuple[Case, ...]:
        """Cases here that are part of it, of those that this person may see. Raises as `state`."""
        self._access.require(by, READ)
        seen = self._queues.visible_to(by)
        found = (self._store.cases.get(one, seen) for one in self._store.joint_cases.cases_of(joint_id))
        return tuple(case for case in found if case is not None)

    def citation(self, by: Caller, joint_id: str, proposal: str) -> str:
        """A sentence that the reasons of a decision here may cite. Raises as `state`; Conflict while nothing stands."""
        state = self.state(by, joint_id)
        found = next((one for one in state.proposals if one.id == proposal), None)
        decided = None if found is None else found.decided
        if found is None or decided is None or state.case is None:
            raise Conflict(
                "nothing stands on this proposal yet: `tocsin case joint show` shows how it stands"
            )
        return (
            f"Joint case {joint_id}, proposal {proposal} ({found.title}): {decided.outcome} by the rule "
            f"{state.case.rule}, {_tally(found)}. It is advice: this node decides for itself."
        )

    def names(self, state: JointState) -> dict[str, str]:
        """Each party as this node calls it; an invited node that is no peer of this one by the start of its key."""
        known = {self._party(peer): peer.name for peer in self._store.peers.list()} | {
            self.party: self._settings.name
        }
        parties = state.case.parties if state.case else ()
        return {party: known.get(party) or party[:19] for party in parties}

    def _say(self, by: Caller, joint_id: str, says: Says) -> JointState:
        """1. A person who may. 2. Its own cases may still be spoken of. 3. The merged case takes it."""
        self._speaks(by)  # 1
        self._known(joint_id)
        for case_id in self._store.joint_cases.cases_of(joint_id):  # 2
            if not isinstance(says, Decline | Leave | Close):
                self._shareable(by, case_id)
                self._not_copied(by, case_id, says)
        with self._store.together():
            # the audit's lock is taken first: two at once would both be this node's next message, which is a fork
            self._audit(by, str(says.__struct_config__.tag), joint_id)
            state = self._known(joint_id)
            over = state.case is not None and state.case.until <= timestamp(micros(self._clock()))
            if over and not isinstance(says, Leave | Close):
                raise Conflict("its day is past: leave or close it, or open another with a later day")
            message = _bounded(next_message(state, self.party, says))
            said = as_message(message, self.party)
            after = merge(joint_id, (*self._reading.of(joint_id), said))
            wrong = next((one.why for one in after.refused if one.id == said.id), "")  # 3
            if wrong:
                raise Conflict(f"{wrong}: `tocsin case joint show` shows how it stands")
            self._keep(message)
        return self._known(joint_id)

    def _keep(self, message: JointMessageExtension) -> None:
        own = self._keys.identity.stix_identity
        voice = Speaker(author=own, tlp=MARKING, now=self._clock())
        introduced = introduction(
            author=own, name=self._settings.name, now=self._clock(), identity=self._store.records.get(own)
        )
        self._store.records.put(signed((*introduced, describe_message(message, voice)), self._keys))

    def _audit(self, by: Caller, act: str, joint_id: str) -> None:
        self._access.audit(by.user, f"joint.{act}", subject=joint_id, purpose="joint-case")

    def _link(self, by: Caller, case_id: str, joint: str) -> None:
        self._store.joint_cases.link(case_id, joint, micros(self._clock()))
        self._cases.link(
            by, case_id, joint=joint, reasons="It is worked on together with other organisations."
        )

    def _speaks(self, by: Caller) -> None:
        self._access.require(by, MANAGE)
        if by.means not in (Means.SESSION, Means.OPERATOR):
            raise NotAllowed("a person speaks for this node: in the console, or at the node's command line")

    def _shareable(self, by: Caller, case_id: str) -> Case:
        """A case that others may hear of. A restricted one never: whoever is no member hears that there is none."""
        case = self._cases.get(by, case_id)
        queue = self._queues.get(case.queue)
        if queue.restricted or CaseFlag.CHILD_MATERIAL in case.flags:
            raise NotAllowed(
                "a case of a restricted queue, or with suspected material, is shown to nobody else"
            )
        return case

    def _not_copied(self, by: Caller, case_id: str, says: Says) -> None:
        free = [text for name in FREE if isinstance(text := getattr(says, name, None), str)]
        if free:
            not_copied(free, self._cases.compared(by, case_id))

    def _checked_fact(self, fact: Fact) -> Fact:
        plain = msgspec.structs.replace(
            fact, statement=self._said(fact.statement), basis=self._said(fact.basis)
        )
        if isinstance(fact.attribution, Attributes):
            for other in fact.attribution.alternatives:
                self._said(other.would_decide)
        return plain

    def _said(self, text: str) -> str:
        return said_plainly(self._store, text)

    def _known(self, joint_id: str) -> JointState:
        state = merge(joint_id, self._reading.of(joint_id))
        if state.case is None or self.party not in state.case.parties:
            raise NotFound(
                "there is no joint case of this id here: `tocsin case joint list` shows those there are"
            )
        return state

    def _joined(self, joint_id: str) -> JointState:
        state = self._known(joint_id)
        if not any(one.party == self.party and one.standing is JointStanding.JOINED for one in state.members):
            raise Conflict("this node has not joined it: `tocsin case joint accept`")
        return state

    def _invited(self, name: str) -> str:
        peer = self._store.peers.get(name)
        party = "" if peer is None else self._party(peer)
        if peer is None or not party or peer.status_at(micros(self._clock())) is not PeerStatus.TRUSTED:
            raise BadInput(
                f"{name[:64]} is no trusted peer whose key is known: `tocsin peer list` shows them"
            )
        if highest(peer, self._store.groups.list()).rank < MARKING.rank:
            raise BadInput(
                f"{name[:64]} may be given nothing marked TLP:{MARKING.value.upper()}: agree on that with its "
                "operator, or share in a group that has it"
            )
        return party

    def _named(self, joint_id: str, name: str) -> str:
        """A party, by the name it has here or as messages have it. Raises BadInput."""
        state = self._known(joint_id)
        found = [party for party, known in self.names(state).items() if name in (party, known)]
        if len(found) != 1:
            raise BadInput(f"{name[:64]} is no party of this joint case: `tocsin case joint show` names them")
        return found[0]

    def _party(self, peer: Peer) -> str:
        return peer_as_party(peer, self._store.keys.statements(peer.identity or ""))


def _bounded(message: JointMessageExtension) -> JointMessageExtension:
    """The message, held to its published bounds: a struct that code makes is not. Raises BadInput."""
    return checked(msgspec.to_builtins(message), JointMessageExtension)


def _tally(proposal: SharedProposal) -> str:
    cast = [one.choice for one in proposal.votes if one.counts]
    return ", ".join(f"{cast.count(choice)} {choice}" for choice in Choice)


def _check_conduct(given: str) -> None:
    refused = refused_subject(given)
    if refused is not None:
        raise BadInput(f"{refused.en} is not a category of conduct: no case is opened to others under it")
    if category(given) is None:
        raise BadInput(
            "say of which conduct it is, from the closed list: triage the case, or name --category"
        )
