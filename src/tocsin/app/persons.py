"""What this node does for one person on request: tell them what it holds, erase it, or keep it for a court.

A person is named as their source names them, or by an identifier that is theirs; the node finds the pseudonyms. Both
acts want two people who each looked at the same counts. What is kept of an erasure names nobody.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.app.accept import Sealed, text_label
from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.window_files import forget
from tocsin.kernel import (
    Approval,
    BadInput,
    Caller,
    Clock,
    Conflict,
    Erasure,
    Hold,
    Means,
    NotAllowed,
    NotFound,
    Observable,
    ObservableType,
    Role,
    at_micros,
    micros,
)
from tocsin.share import PEOPLE
from tocsin.share.approvals import APPROVAL_DAYS
from tocsin.store.interface import Store
from tocsin.trust.day_keys import What, ticket_for
from tocsin.trust.pseudonyms import Pseudonyms
from tocsin.trust.seal import Entropy
from tocsin.wire.observables import canonical_observable

HANDLE, APPROVE = "person.handle", "person.approve"
MIN_REASON_CHARS, MAX_REASON_CHARS = 5, 400

MAX_ACCOUNTS = 16
"""Accounts of one identifier that count as one person's. One that more share (a household's address prefix, a pool's
wallet) is nobody's own."""

OWN = frozenset({ObservableType.EMAIL, ObservableType.PHONE, ObservableType.HANDLE})
"""Identifiers that name a person. The others are shared by many, or by nobody in particular."""

MAX_TEXTS = 100_000
"""Texts in one file for a person: more than anybody wrote in the days that texts live."""

_DAY = 86_400_000_000


class Who(msgspec.Struct, frozen=True):
    """A person, raw: a source and its name for them, or an identifier. Lives in memory, for one call."""

    source: str = ""
    actor: str = ""
    observable: Observable | None = None


class Held(msgspec.Struct, frozen=True):
    """What is held of a person, in counts: this is what two people approve. `digest` names act, accounts and extent."""

    accounts: int
    events: int
    texts: int
    first: int
    last: int
    kinds: dict[str, int]
    holds: tuple[str, ...]
    digest: str
    approved_by: tuple[str, ...] = ()


class Persons:
    """Preview, approval, erasure, the file for the person, holds."""

    def __init__(
        self, store: Store, keys: Keyring, access: Access, clock: Clock, entropy: Entropy = os.urandom
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._clock = clock
        self._entropy = entropy

    def held(self, by: Caller, who: Who, act: str) -> Held:
        """What is held, for `act` ("erase" or "subject"); nothing is opened. Audited. Raises NotAllowed, BadInput."""
        self._access.require(by, HANDLE)
        held, _ = self._look(who, act)
        self._access.audit(
            by.user, "person.look", subject=held.digest, purpose=act, detail={"events": held.events}
        )
        return held

    def approve(self, by: Caller, who: Who, act: str) -> Held:
        """A person's word that this may be done, having looked. Raises NotAllowed for whoever is none."""
        self._access.require(by, APPROVE)
        if by.means is Means.OPERATOR or by.has(Role.PEER, Role.SOURCE):
            raise NotAllowed(
                "a person approves this, with a token of their own: not whoever can read the folder"
            )
        held, _ = self._look(who, act)
        if not held.events:
            raise NotFound("nothing is held of this account")
        self._store.approvals.add(Approval(held.digest, by.user, "", micros(self._clock())))
        self._access.audit(by.user, "person.approve", subject=held.digest, purpose=act)
        return self._look(who, act)[0]

    def erase(self, by: Caller, who: Who, reason: str) -> tuple[Erasure, ...]:
        """Take a person out of the events, so that counts stay; the receipts, one an account.

        1. Two people approved what is held now. 2. No hold stands. 3. The key store's log says that the account is
        gone before anything is changed: a kill, or older data put back, is made good by it at the next start. 4. The
        rows. 5. The receipt, the audit, the database's copy of the log. Raises NotAllowed, NotFound, BadInput,
        Conflict.
        """
        self._access.require(by, HANDLE)
        _check_reason(reason)
        held, accounts = self._look(who, "erase")
        if not held.events:
            raise NotFound("nothing is held of this account")
        if held.holds:  # 2
            self._refuse(by, "person.erase", held, "a legal hold stands")
            raise Conflict(f"a legal hold stands: {', '.join(held.holds)}; `tocsin watch holds` says whose")
        self._require_two(by, "person.erase", held)  # 1
        approved = tuple(sorted(self._approvers(held.digest)))
        return tuple(self._erase(by, account, reason.strip(), approved) for account in accounts)

    def _erase(self, by: Caller, account: str, reason: str, approved: tuple[str, ...]) -> Erasure:
        """Steps 3 to 5, under the key store's lock: another process that settles meanwhile would do our work."""
        ours = self._keys.day_keys
        ticket = ticket_for(ours.holder, account)
        with ours.alone():
            ours.append([(What.PERSON, ticket)], micros(self._clock()))  # 3
            done = self._store.events.erase(account, self._keys.fresh_pseudonym)  # 4
            forget(self._keys.folder.parent)
            receipt = Erasure(
                ticket=ticket,
                at=micros(self._clock()),
                by=by.user,
                approved=approved,
                reason=reason,
                events=done.events,
                texts=done.texts,
                days=len(done.days),
            )
            with self._store.together():  # 5
                self._store.erasures.add(receipt)
                for hold in self._store.erasures.holds(account):  # lifted, or it would have stopped us
                    self._store.erasures.hold(msgspec.structs.replace(hold, account=ticket))
                self._access.audit(
                    by.user,
                    "person.erase",
                    subject=ticket,
                    purpose=reason,
                    detail={"events": done.events, "texts": done.texts},
                )
                self._store.gone.add(ours.log()[len(self._store.gone.list()) :])
        return receipt

    def subject(self, by: Caller, who: Who, target: Path, reason: str) -> Held:
        """Write what is held of a person into a new file for them, mode 0600: their events and their own texts.

        An opening like any other: two people, a reason, audited with its number before the first text is opened.
        """
        self._access.require(by, HANDLE)
        _check_reason(reason)
        held, accounts = self._look(who, "subject")
        if not held.events:
            raise NotFound("nothing is held of this account")
        self._require_two(by, "subject.open", held)
        self._access.audit(
            by.user,
            "subject.open",
            subject=held.digest,
            purpose=reason.strip(),
            detail={"events": held.texts, "roles": " ".join(sorted(by.roles))},
        )
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise BadInput(f"cannot write {target}: {error.strerror}; name a new file") from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(
                msgspec.json.format(msgspec.json.encode({"events": self._of_person(accounts)}), indent=2)
            )
            file.flush()
            os.fsync(file.fileno())
        return held

    def hold(self, by: Caller, who: Who, reason: str, until: int | None = None) -> tuple[Hold, ...]:
        """Forbid the erasure of a person's accounts until a moment or until it is lifted."""
        self._access.require(by, HANDLE)
        _check_reason(reason)
        now = micros(self._clock())
        made = tuple(
            Hold(f"hold_{self._entropy(8).hex()}", account, by.user, now, reason.strip(), until)
            for account in self._accounts(who)
        )
        for hold in made:
            self._store.erasures.hold(hold)
            self._access.audit(by.user, "hold.set", subject=hold.id, purpose=hold.reason)
        return made

    def lift(self, by: Caller, hold_id: str, reason: str) -> Hold:
        """End a hold. Raises NotFound."""
        self._access.require(by, HANDLE)
        _check_reason(reason)
        found = [hold for hold in self._store.erasures.holds() if hold.id == hold_id]
        if not found:
            raise NotFound("there is no such hold: `tocsin watch holds` lists them")
        lifted = msgspec.structs.replace(found[0], lifted=micros(self._clock()))
        self._store.erasures.hold(lifted)
        self._access.audit(by.user, "hold.lift", subject=hold_id, purpose=reason.strip())
        return lifted

    def _look(self, who: Who, act: str) -> tuple[Held, tuple[str, ...]]:
        accounts = self._accounts(who)
        rows = [row for batch in self._of(accounts) for row in batch]
        kinds = Counter(str(row["kind"]) for row in rows)
        ids = [str(row["id"]) for row in rows]
        times = [int(row["time"]) for row in rows]
        now = micros(self._clock())
        holds = [hold.id for one in accounts for hold in self._store.erasures.holds(one) if hold.stands(now)]
        # by tickets: whoever reads the digest in the audit cannot test a guess of the account
        tickets = sorted(ticket_for(self._keys.day_keys.holder, account) for account in accounts)
        named = msgspec.json.encode((act, tickets, len(ids)))
        digest = hashlib.sha256(named).hexdigest()
        held = Held(
            accounts=len(accounts),
            events=len(ids),
            texts=len(self._store.events.sealed(ids)),
            first=min(times, default=0),
            last=max(times, default=0),
            kinds=dict(sorted(kinds.items())),
            holds=tuple(holds),
            digest=digest,
            approved_by=tuple(sorted(map(self._name, self._approvers(digest)))),
        )
        return held, accounts

    def _accounts(self, who: Who) -> tuple[str, ...]:
        names = self._keys.pseudonyms
        if who.observable is None:
            if not (who.source and who.actor):
                raise BadInput("name the account by --source and --actor, or by an identifier of its own")
            return (names.of("actor", f"{who.source}\x00{who.actor}"),)
        if who.observable.type not in OWN:
            raise BadInput(f"a person's own identifier is one of: {', '.join(sorted(OWN))}")
        found = self._having(names, canonical_observable(who.observable))
        if len(found) > MAX_ACCOUNTS:
            raise BadInput(f"more than {MAX_ACCOUNTS} accounts share this: name one by --source and --actor")
        return found

    def _having(self, names: Pseudonyms, seen: Observable) -> tuple[str, ...]:
        """Accounts of whose events any carries an identifier."""
        # the type is part of what is named, so the value alone says both
        wanted = names.of(f"observable:{seen.type}", seen.value)
        found: set[str] = set()
        for batch in self._store.events.batches():
            flat = batch.column("observables")
            parents, values = pc.list_parent_indices(flat), pc.list_flatten(flat)
            mine = pc.equal(pc.struct_field(values, "value"), pa.scalar(wanted))
            rows = parents.filter(mine)
            found.update(str(actor) for actor in batch.column("actor").take(rows).to_pylist())
        return tuple(sorted(found))

    def _of(self, accounts: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        """Their events, some at a time."""
        chosen = pa.array(accounts, pa.string())
        for batch in self._store.events.batches():
            mine = batch.filter(pc.is_in(batch.column("actor"), chosen))
            if mine.num_rows:
                yield mine.to_pylist()

    def _of_person(self, accounts: Sequence[str]) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        for batch in self._of(accounts):
            sealed = self._store.events.sealed([row["id"] for row in batch])
            for row in batch:
                if len(told) >= MAX_TEXTS:
                    raise BadInput(f"more than {MAX_TEXTS:,} events: ask for the file in parts of time")
                own = self._opened(row["id"], sealed.get(row["id"]))
                told.append(
                    {
                        "time": at_micros(row["time"]).isoformat(),
                        "received": at_micros(row["received"]).isoformat(),
                        "source": row["source"],
                        "kind": row["kind"],
                        "model": row["model"],
                        "language": row["lang"],
                        "tool": row["tool"],
                        "signals": [
                            {name: signal[name] for name in ("detector", "version", "category", "strength")}
                            for signal in row["signals"]
                        ],
                        "text": None if own is None else own.text,
                        "actor": None if own is None else own.actor,
                        "session": None if own is None else own.session,
                        "observables": [] if own is None else msgspec.to_builtins(own.observables),
                        "attributes": {} if own is None else own.attributes,
                    }
                )
        return told

    def _opened(self, event_id: str, kept: tuple[str, bytes] | None) -> Sealed | None:
        if kept is None:
            return None
        day, sealed = kept
        try:
            return msgspec.msgpack.decode(
                self._keys.opened(day).open(sealed, text_label(event_id)), type=Sealed
            )
        except NotFound:
            return None

    def _require_two(self, by: Caller, act: str, held: Held) -> None:
        have = len(self._approvers(held.digest))
        if have < PEOPLE:
            self._refuse(by, act, held, "fewer than two people approved")
            raise NotAllowed(
                f"{PEOPLE} people approve this, each with --approve and a token of their own; {have} did. What is held "
                f"may have changed since: look again"
            )

    def _approvers(self, digest: str) -> frozenset[str]:
        """The distinct people whose approval counts now: recent, still here, and still allowed to."""
        now = micros(self._clock())
        found = []
        for approval in self._store.approvals.of(digest):
            user = self._store.people.user(self._access.person(approval.user))
            if user is None or user.disabled or not now - APPROVAL_DAYS * _DAY <= approval.at <= now:
                continue
            standing = Caller(
                user=user.id, name=user.name, roles=frozenset(user.roles), means=Means.SESSION, mfa=True
            )
            if self._access.may(standing, APPROVE):
                found.append(user.id)
        return self._access.distinct_people(found)

    def _name(self, user_id: str) -> str:
        user = self._store.people.user(user_id)
        return user.name if user else user_id

    def _refuse(self, by: Caller, act: str, held: Held, why: str) -> None:
        self._access.audit(by.user, act, subject=held.digest, purpose=why, outcome="refused")


def _check_reason(reason: str) -> None:
    if not MIN_REASON_CHARS <= len(reason.strip()) <= MAX_REASON_CHARS:
        raise BadInput(
            f"state the reason in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters, without the name"
        )
