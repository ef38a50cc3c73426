"""The floor under conversations: who may look, what is audited, what expires, and that nothing of it gets anywhere."""

from datetime import timedelta

import msgspec
import pytest

from tests.console import a_warning
from tests.fixtures import Made
from tocsin.app.views import events_view
from tocsin.kernel import (
    BadInput,
    Caller,
    EventLine,
    Kind,
    Means,
    NotAllowed,
    NotFound,
    Review,
    Role,
    WarningKind,
    WarningStatus,
    micros,
)
from tocsin.share import describe, describe_dismissal

PLAN = (
    "Join us, and they will get hurt by it.",
    "You must act before Friday.",
    "First, take the form from the desk.",
    "We meet at six on Friday.",
)
WORDS = ("acts", "recruit", "incite", "instruct", "session.sum", "conversation.score", "standing")


def talk(made: Made, session: str = "talk-1", texts: tuple[str, ...] = PLAN) -> None:
    made.node.acceptor.accept(
        [
            EventLine(
                id=f"{session}-{number}",
                time=made.now - timedelta(minutes=50 - number),
                source="companion",
                kind=Kind.POST,
                actor=f"person of {session}",
                text=text,
                session=session,
            )
            for number, text in enumerate(texts)
        ]
    )


def reviewer(made: Made, *, trained: bool = True, name: str = "rosa") -> Caller:
    operator = made.node.access.operator()
    made.node.access.add_user(operator, name, (Role.REVIEWER,))
    if trained:
        made.node.access.set_trained(operator, name, trained=True, statement="course of two days, June")
    return made.node.access.operator(name)


def test_a_trained_reviewer_lists_opens_for_a_purpose_and_both_are_audited(made: Made) -> None:
    talk(made)
    talk(made, "talk-2", ("The rain is back.", "Join us for football.", "We meet at six on Friday."))
    by = reviewer(made)
    (one,) = made.node.conversations.list(by)
    opened = made.node.conversations.open(by, one.session, "report of a worried friend")
    assert [sample.text_masked for sample in opened.samples] == list(PLAN)
    audit = made.node.store.audit
    assert [row.who for row in audit.read(act="conversation.list")] == [by.user]
    (row,) = audit.read(act="conversation.open")
    assert (row.subject, row.purpose) == (one.session, "report of a worried friend")


def test_nobody_may_without_the_grant_and_a_refusal_is_audited(made: Made) -> None:
    talk(made)
    admin = made.node.access.operator()
    assert Role.REVIEWER in admin.roles
    for caller in (admin, reviewer(made, trained=False)):
        with pytest.raises(NotAllowed):
            made.node.conversations.list(caller)
        with pytest.raises(NotAllowed):
            made.node.conversations.open(caller, "any", "a purpose")
    assert {row.outcome for row in made.node.store.audit.read(act="conversation.open")} == {"refused"}


def test_the_grant_needs_the_role_a_reason_and_a_person(made: Made) -> None:
    operator = made.node.access.operator()
    by = reviewer(made)
    made.node.access.add_user(operator, "ana", (Role.ANALYST,))
    with pytest.raises(BadInput, match="reviewer"):
        made.node.access.set_trained(operator, "ana", trained=True, statement="course of two days")
    with pytest.raises(BadInput, match="training"):
        made.node.access.set_trained(operator, "rosa", trained=True, statement="ok")
    with pytest.raises(NotAllowed):
        made.node.access.set_trained(by, "rosa", trained=True, statement="course of two days")
    with pytest.raises(NotAllowed):
        made.node.conversations.list(msgspec.structs.replace(by, means=Means.TOKEN))
    with pytest.raises(NotAllowed):
        made.node.conversations.list(msgspec.structs.replace(by, roles=frozenset({Role.ADMIN})))
    made.node.access.set_trained(operator, "rosa", trained=False, statement="moved to another team")
    with pytest.raises(NotAllowed):
        made.node.conversations.list(made.node.access.operator("rosa"))
    acts = [row.act for row in made.node.store.audit.read(who=operator.user) if row.act.startswith("user.")]
    assert {"user.train", "user.untrain"} <= set(acts)


def test_without_a_purpose_or_for_what_does_not_ring_nothing_opens(made: Made) -> None:
    talk(made)
    talk(made, "talk-2", ("Join us, they get hurt.",))
    by = reviewer(made)
    (one,) = made.node.conversations.list(by)
    with pytest.raises(BadInput, match="purpose"):
        made.node.conversations.open(by, one.session, " ")
    quiet = made.node.keys.pseudonyms.of("session", "companion\x00talk-2")
    assert made.node.store.conversations.acts(quiet, since=0)
    with pytest.raises(NotFound):
        made.node.conversations.open(by, quiet, "to look around")
    assert made.node.store.audit.read(act="conversation.open") == ()


def test_it_expires_and_is_deleted(made: Made) -> None:
    talk(made)
    by = reviewer(made)
    made.now += timedelta(days=made.node.settings.conversation_days, hours=1)
    assert made.node.conversations.list(by) == ()
    assert made.node.store.conversations.count() == len(PLAN)
    made.node.expire()
    assert made.node.store.conversations.count() == 0
    assert made.node.store.events.count() == len(PLAN)


def test_nothing_of_it_is_in_events_warnings_records_accounts_or_the_audit(made: Made) -> None:
    talk(made)
    by = reviewer(made)
    (one,) = made.node.conversations.list(by)
    made.node.conversations.open(by, one.session, "report of a worried friend")
    node = made.node
    node.watch.tick()
    node.lookouts.tick()
    assert node.store.warnings.list() == ()
    assert node.store.records.list() == ()
    assert all(row["signals"] == [] for row in events_view(node, 100)), "no account is noted for it"
    said = msgspec.json.encode(node.store.audit.read(limit=1_000)).decode()
    assert f"{one.score:.2f}" not in said
    assert not [word for word in WORDS if word in said]
    assert WarningKind.SESSION not in {warning.kind for warning in node.store.warnings.list()}


def test_share_and_the_store_refuse_a_warning_of_a_conversation(made: Made) -> None:
    warning = a_warning(1, now=made.now, kind=WarningKind.SESSION)
    with pytest.raises(BadInput, match="conversation"):
        made.node.store.warnings.upsert(warning)
    for verdict, say in ((WarningStatus.CONFIRMED, describe), (WarningStatus.DISMISSED, describe_dismissal)):
        review = Review(
            warning=warning.id,
            by="user_1",
            at=micros(made.now),
            verdict=verdict,
            category="fraud.scam",
            statement="as it is",
            basis="terms",
            expires=micros(made.now + timedelta(days=9)),
        )
        with pytest.raises(BadInput, match="conversation"):
            say(
                warning,
                review,
                author=made.node.keys.identity.stix_identity,
                name="node",
                tlp=made.node.settings.tlp,
                now=made.now,
            )
