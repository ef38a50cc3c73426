import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from tests.applicants import PURPOSE, World, code_in
from tests.fixtures import Made
from tests.wallet import PERSON, Issuer, Wallet
from tocsin.app.applicant_questions import MAX_WAITING
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, Role
from tocsin.kernel.admission import SubjectStanding, VerificationLevel
from tocsin.kernel.applicants import EndedWhy, Method
from tocsin.kernel.cases import CaseOrigin
from tocsin.kernel.disposing import Measure, Outcome
from tocsin.store.every_table import metadata
from tocsin.trust.presentations import PresentationRefused, Why

LATER = timedelta(seconds=601)


@pytest.fixture
def world(copied: Made) -> World:
    return World(copied)


def why(act: Callable[[], object]) -> Why:
    with pytest.raises(PresentationRefused) as refused:
        act()
    return refused.value.why


def test_a_wallet_that_is_not_ours_verifies_its_owner(world: World) -> None:
    receipt = world.applied()
    result = world.shown(receipt)
    assert (result.level, result.method) == (VerificationLevel.LEGAL_IDENTITY, Method.PRESENTATION)
    assert result.handle == b""  # nobody agreed to be matched
    shown = world.node.applicants.follow(receipt.number, receipt.secret)
    subject = world.node.applicants.subject(shown.applicant.subject)
    assert subject is not None
    assert subject.level(world.node.applicants.now()) is VerificationLevel.LEGAL_IDENTITY
    assert subject.id.startswith("ps_")
    # a result ends with its credential, thirty days after it was made
    world.made.now += timedelta(days=30)
    late = world.node.applicants.subject(subject.id)
    assert late is not None
    assert late.level(world.node.applicants.now()) is VerificationLevel.NONE


def test_no_table_and_no_file_holds_an_attribute(world: World) -> None:
    """Every table and every file of the node, after the whole way, with a review, a pass and a refusal."""
    receipt = world.applied(PURPOSE)
    world.shown(receipt)
    world.credential(given_name="Quillfeather")
    asked = world.questions.ask_wallet(receipt.number, receipt.secret, "wallet")
    everything = world.wallet.read_request(world.questions.request(asked.state), world.signer.client_id)
    too_much = world.wallet.present(
        world.wallet.credential, audience=world.signer.client_id, nonce=everything["nonce"], now=world.seconds
    )
    form = {"vp_token": json.dumps({"credential": [too_much]}), "state": asked.state}
    assert why(lambda: world.questions.answer(asked.state, form)) is Why.UNASKED
    world.node.applicant_reviews.ask(receipt.number, receipt.secret, PURPOSE, "To study refund letters.")
    world.node.expire()

    found = bytearray()
    with world.node.store._database.reading() as connection:  # type: ignore[attr-defined]
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                found += repr(tuple(row)).encode()
                found += b"".join(value for value in row if isinstance(value, bytes))
    for file in world.made.node.data.rglob("*"):
        if file.is_file():
            found += file.read_bytes()
    assert receipt.number.encode() in found  # it was looked at where things are
    assert world.issuer.name.encode() in found  # the operator's own file
    for value in _values(PERSON):
        for form_of in _forms(value):
            assert form_of not in found, value
    presented = [part for part in too_much.split("~") if part]
    assert not [part for part in presented if part.encode() in found]


def _values(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [one for value in tree.values() for one in _values(value)]
    if isinstance(tree, list):
        return [one for value in tree for one in _values(value)]
    return [str(tree)] if len(str(tree)) > 2 else []


def _forms(value: str) -> list[bytes]:
    """As it is, folded, in base64, and its plain digests."""
    raw = value.encode()
    digest = hashlib.sha256(raw)
    return [
        raw,
        raw.lower(),
        base64.b64encode(raw).rstrip(b"="),
        digest.digest(),
        digest.hexdigest().encode(),
        hashlib.sha256(json.dumps(value).encode()).digest(),
    ]


def test_what_comes_back_is_taken_once_by_who_asked(world: World) -> None:
    mine, other = world.applied(), world.node.applicants.apply()
    asked = world.questions.ask_wallet(mine.number, mine.secret, "wallet")
    form = world.wallet.answer(world.questions.request(asked.state), world.signer.client_id, world.seconds)
    back = world.questions.answer(asked.state, form)
    assert why(lambda: world.questions.answer(asked.state, form)) is Why.REPLAYED
    assert why(lambda: world.questions.request(asked.state)) is Why.REPLAYED
    with pytest.raises(BadInput):  # a question passed on to another person's wallet verifies nobody else
        world.questions.take(other.number, other.secret, code_in(back))
    with pytest.raises(BadInput):
        world.questions.take(mine.number, mine.secret, "0" * 28)
    assert world.questions.take(mine.number, mine.secret, code_in(back)).level
    with pytest.raises(BadInput):
        world.questions.take(mine.number, mine.secret, code_in(back))
    # the same presentation under another question of the same person
    again = world.questions.ask_wallet(mine.number, mine.secret, "wallet")
    replay = {**form, "state": again.state}
    assert why(lambda: world.questions.answer(again.state, replay)) is Why.NONCE
    assert [one.why for one in world.questions.outcomes(mine.number)][-1] in ("", "nonce")


def test_a_question_has_its_time(world: World) -> None:
    receipt = world.applied()
    asked = world.questions.ask_wallet(receipt.number, receipt.secret, "wallet")
    world.made.now += LATER
    assert why(lambda: world.questions.request(asked.state)) is Why.STALE_REQUEST
    assert why(lambda: world.questions.answer(asked.state, {})) is Why.STALE_REQUEST
    assert world.node.applicants.tick() == 1
    back = world.posted(receipt)
    world.made.now += LATER
    with pytest.raises(BadInput):
        world.questions.take(receipt.number, receipt.secret, code_in(back))
    for _ in range(8):
        world.questions.ask_wallet(receipt.number, receipt.secret, "wallet")
    with pytest.raises(Conflict):
        world.questions.ask_wallet(receipt.number, receipt.secret, "wallet")


def test_refusals_of_a_wallets_answer(world: World) -> None:
    receipt = world.applied()

    def outcome(form: Callable[[str], dict[str, str]]) -> Why:
        asked = world.questions.ask_wallet(receipt.number, receipt.secret, "wallet")
        return why(lambda: world.questions.answer(asked.state, form(asked.state)))

    assert outcome(lambda state: {"error": "access_denied", "state": state}) is Why.DECLINED
    assert outcome(lambda _: {"error": "access_denied", "state": "another"}) is Why.STALE_REQUEST
    assert outcome(lambda state: {"vp_token": "{}", "state": state}) is Why.UNREADABLE

    def posted() -> Why:
        return why(lambda: world.posted(receipt))

    stranger = Issuer("https://self.example")
    good, world.issuer.name = world.wallet.credential, world.issuer.name
    world.wallet.credential = stranger.issue(world.wallet, world.seconds)
    assert posted() is Why.UNKNOWN_ISSUER
    world.wallet.credential = Issuer().issue(world.wallet, world.seconds)
    assert posted() is Why.SIGNATURE
    world.wallet.credential = world.issuer.issue(world.wallet, world.seconds - 40 * 86_400)
    assert posted() is Why.EXPIRED
    world.wallet.credential = good
    thief = Wallet()
    thief.credential = good
    world.wallet = thief
    assert posted() is Why.HOLDER
    assert world.node.applicants.follow(receipt.number, receipt.secret).results == ()


def test_an_issuer_takes_a_credential_back(world: World) -> None:
    world.credential(status=None)
    world.wallet.credential = world.issuer.issue(world.wallet, world.seconds - 60, index=3)
    receipt = world.node.applicants.apply()
    world.shown(receipt)
    assert world.fetched == ["https://issuer.example/statuses/1"]
    assert world.questions.recheck() == 0
    world.away = True
    assert world.questions.recheck() == 0  # a list that is away ends nothing
    assert why(lambda: world.posted(receipt)) is Why.STATUS_UNKNOWN  # and nobody is believed without it
    world.away = False
    world.issuer.revoke(3)
    assert world.questions.recheck() == 1
    shown = world.node.applicants.follow(receipt.number, receipt.secret)
    assert [one.why_ended for one in shown.results] == [EndedWhy.ISSUER_REVOKED]
    assert shown.subject.level(world.node.applicants.now()) is VerificationLevel.NONE
    assert why(lambda: world.posted(receipt)) is Why.REVOKED
    world.issuer.revoke(3, 2)
    assert why(lambda: world.posted(receipt)) is Why.SUSPENDED


def test_a_code_by_mail(copied: Made) -> None:
    world = World(copied, mail="post", organisations=["university.example"])
    receipt = world.node.applicants.apply()
    for address, level in (
        ("quill@Mail.example", VerificationLevel.EMAIL),
        ("ash@university.example", VerificationLevel.ORGANISATION),
        ("ash@sub.university.example", VerificationLevel.EMAIL),
    ):
        world.questions.ask_mail(receipt.number, receipt.secret, address)
        _, to, code = world.sent[-1]
        assert to.lower() == address.lower()
        assert world.questions.take(receipt.number, receipt.secret, code).level is level
    for wrong in ("", "a", "a@", "@b", "a b@c.example", "a@b\n.example", "x" * 300 + "@a.example"):
        with pytest.raises(BadInput):
            world.questions.ask_mail(receipt.number, receipt.secret, wrong)
    with world.node.store._database.reading() as connection:  # type: ignore[attr-defined]
        kept = repr([list(connection.execute(sa.select(table))) for table in metadata.sorted_tables])
    assert "quill" not in kept.lower()


def test_codes_that_nobody_took_are_counted(copied: Made) -> None:
    world = World(copied, mail="post")
    receipt = world.node.applicants.apply()
    for _ in range(MAX_WAITING):
        world.questions.ask_mail(receipt.number, receipt.secret, "somebody@else.example")
    with pytest.raises(Conflict, match="an hour"):
        world.questions.ask_mail(receipt.number, receipt.secret, "somebody@else.example")
    assert len(world.sent) == MAX_WAITING
    world.made.now += timedelta(hours=1)
    world.questions.ask_mail(receipt.number, receipt.secret, "somebody@else.example")


def vetted(world: World, *consents: str) -> tuple[Any, str]:
    receipt = world.applied(*consents)
    world.shown(receipt)
    reviews = world.node.applicant_reviews
    reviews.ask(receipt.number, receipt.secret, PURPOSE, "To study refund letters.")
    (one,) = reviews.followed(receipt.number, receipt.secret)
    world.decided(one.review.case)
    reviews.vet(world.reviewer(), receipt.number, PURPOSE, days=90)
    return receipt, one.review.case


def subject_of(world: World, receipt: Any) -> Any:
    return world.node.applicants.follow(receipt.number, receipt.secret).subject


def test_people_vet_for_a_purpose_on_a_decided_case(world: World) -> None:
    receipt = world.applied()
    reviews, by, now = world.node.applicant_reviews, world.reviewer(), world.node.applicants.now()
    reviews.ask(receipt.number, receipt.secret, PURPOSE, "To study refund letters.")
    with pytest.raises(Conflict, match="look at this already"):
        reviews.ask(receipt.number, receipt.secret, PURPOSE, "To study refund letters.")
    (one,) = reviews.followed(receipt.number, receipt.secret)
    with pytest.raises(Conflict, match="in their favour"):
        reviews.vet(by, receipt.number, PURPOSE, days=90)
    world.decided(one.review.case)
    with pytest.raises(Conflict, match="rests on legal-identity"):
        reviews.vet(by, receipt.number, PURPOSE, days=90)
    basis = world.shown(receipt)
    with pytest.raises(BadInput):
        reviews.vet(by, receipt.number, "another-purpose", days=90)
    result = reviews.vet(by, receipt.number, PURPOSE, days=90)
    assert result.until == basis.until  # no later than what it rests on
    assert subject_of(world, receipt).purposes(now) == {PURPOSE}
    # shown anew, the vetting goes on resting on it; renewed, it may last longer
    world.made.now += timedelta(days=20)
    world.credential()
    fresh = world.shown(receipt)
    assert subject_of(world, receipt).purposes(world.node.applicants.now()) == {PURPOSE}
    renewed = reviews.renew(by, receipt.number, PURPOSE, days=25)
    assert basis.until < renewed.until <= fresh.until
    # with its basis it ends
    assert world.node.applicants.drop(by, world.issuer.name, "Its keys were stolen.") == 1
    assert subject_of(world, receipt).held == ()
    with pytest.raises(Conflict):
        reviews.renew(by, receipt.number, PURPOSE, days=25)


def test_a_refusal_is_no_vetting(world: World) -> None:
    receipt = world.applied()
    world.shown(receipt)
    reviews = world.node.applicant_reviews
    reviews.ask(receipt.number, receipt.secret, PURPOSE, "To study refund letters.")
    (one,) = reviews.followed(receipt.number, receipt.secret)
    case = world.node.store.cases.get(one.review.case, world.node.queues.ids())
    assert case is not None
    assert (case.origin, case.queue, case.category) == (CaseOrigin.APPLICATION, "applicants", "")
    world.decided(one.review.case, outcome=Outcome.NOT_BORNE_OUT)
    with pytest.raises(Conflict):
        reviews.vet(world.reviewer(), receipt.number, PURPOSE, days=9)
    (one,) = reviews.followed(receipt.number, receipt.secret)
    assert one.followed.decision is not None
    assert "here is why" in one.followed.decision.reasons
    reviews.appeal(receipt.number, receipt.secret, one.review.report, "You overlooked what I sent.")
    (one,) = reviews.followed(receipt.number, receipt.secret)
    assert one.followed.appeal_until == 0


def test_access_in_question_a_decision_and_its_appeal(world: World) -> None:
    receipt, _ = vetted(world)
    reviews, by = world.node.applicant_reviews, world.reviewer()
    told: list[SubjectStanding] = []
    world.node.applicants.on_change(lambda one: told.append(one.standing))
    revision = subject_of(world, receipt).revision
    opened = reviews.question(by, receipt.number, "It wrote refund letters to people.")
    assert subject_of(world, receipt).standing is SubjectStanding.SUSPENDED
    assert subject_of(world, receipt).revision > revision
    with pytest.raises(Conflict):
        reviews.vet(by, receipt.number, PURPOSE, days=9)
    # it follows the person: no new number, and no leaving, begins them anew
    anew = world.node.applicants.apply()
    with pytest.raises(Conflict, match="under another number"):
        world.shown(anew)
    with pytest.raises(Conflict, match="a case decides"):
        world.node.applicants.leave(receipt.number, receipt.secret)
    world.decided(opened.case, Measure.PROVISION_TERMINATED, of="fraud.scam")
    assert subject_of(world, receipt).standing is SubjectStanding.REVOKED
    reviews.appeal(receipt.number, receipt.secret, opened.report, "The letters were my own study's.")
    cases, judge = world.node.cases, world.reviewer("caro")
    cases.claim(judge, opened.case)
    cases.judge_appeal(judge, opened.case, upheld=False, reasons="They were, and nobody got one.")
    assert subject_of(world, receipt).standing is SubjectStanding.GOOD
    assert told == [SubjectStanding.SUSPENDED, SubjectStanding.REVOKED, SubjectStanding.GOOD]
    # a question that is decided otherwise gives back
    again = reviews.question(by, receipt.number, "A second letter was found.")
    world.decided(again.case, outcome=Outcome.NOT_BORNE_OUT, of="fraud.scam")
    assert subject_of(world, receipt).standing is SubjectStanding.GOOD


def test_a_refusal_that_fell_gives_back_no_access_that_another_case_took(world: World) -> None:
    receipt, reviews = world.applied(), world.node.applicant_reviews
    world.shown(receipt)
    reviews.ask(receipt.number, receipt.secret, PURPOSE, "To study refund letters.")
    (asked,) = reviews.followed(receipt.number, receipt.secret)
    world.decided(asked.review.case, outcome=Outcome.NOT_BORNE_OUT)
    taken = reviews.question(world.reviewer(), receipt.number, "Letters went out.")
    world.decided(taken.case, Measure.ACCOUNT_SUSPENDED)
    reviews.appeal(receipt.number, receipt.secret, asked.review.report, "You overlooked what I sent.")
    cases, judge = world.node.cases, world.reviewer("caro")
    cases.claim(judge, asked.review.case)
    cases.judge_appeal(judge, asked.review.case, upheld=False, reasons="It was overlooked indeed.")
    shown = world.node.applicants.follow(receipt.number, receipt.secret)
    assert shown.applicant.standing is SubjectStanding.REVOKED


def test_matching_takes_those_who_agreed_and_are_vetted(world: World) -> None:
    vetted(world, PURPOSE)
    silent = world.node.applicants.apply()
    world.shown(silent)
    by = world.reviewer()
    (handle,) = world.node.applicants.to_match(by, PURPOSE)
    assert len(handle) == 32
    with pytest.raises(BadInput):
        world.node.applicants.to_match(by, "everybody")
    analyst = msgspec.structs.replace(by, roles=frozenset({Role.ANALYST}))
    with pytest.raises(NotAllowed):
        world.node.applicants.to_match(analyst, PURPOSE)
    # consent taken back is the end of it
    receipt, _ = vetted(world, PURPOSE)
    world.node.applicants.consent(receipt.number, receipt.secret, ())
    assert all(
        one.handle == b"" for one in world.node.applicants.follow(receipt.number, receipt.secret).results
    )


def test_who_leaves_is_gone(world: World) -> None:
    receipt = world.applied()
    world.shown(receipt)
    subject = subject_of(world, receipt).id
    world.node.applicants.leave(receipt.number, receipt.secret)
    assert world.node.applicants.subject(subject) is None
    with pytest.raises(NotFound):
        world.node.applicants.follow(receipt.number, receipt.secret)
    with pytest.raises(NotFound):
        world.node.applicants.follow(receipt.number, "0" * 28)
