"""How many vetted end users two nodes both know: by purpose and consent, counted alone, and never a list."""

import json
import secrets
import shutil
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.fixtures import Made
from tests.matching import NOW
from tests.matching_nodes import Pair, handles, held, keep
from tocsin.admit.applicants import FILE_NAME, handle_of
from tocsin.app.applicants import handle_label
from tocsin.app.match_results import Asked
from tocsin.kernel import BadInput, NotAllowed, micros
from tocsin.kernel.admission import VerificationLevel
from tocsin.kernel.applicants import Applicant, Method, Verification
from tocsin.trust.matching import MatchKind, Proposal, Question
from tocsin.trust.matching.messages import decode, encode

PURPOSE = "misuse-research"
ASKED = Asked("end-user", PURPOSE, question="how-many")
YEAR = 365 * 86_400_000_000


def vet(made: Made, people: Iterable[int], *, consents: tuple[str, ...] = (PURPOSE,)) -> None:
    """As rows, for each: an issuer named them, and people vetted them for the purpose."""
    now, kept = micros(made.now), made.node.store.applicants
    for person in people:
        number = f"A{person:03}-{secrets.token_hex(4)}"
        kept.add(
            Applicant(
                number=number,
                secret_digest=secrets.token_bytes(32),
                made=now,
                subject=f"ps_{number}",
                consents=consents,
            )
        )
        handle = made.node.keys.secrets.close(
            handle_of("https://issuer.example", f"person-{person}"), handle_label(number)
        )
        shown = Verification(
            id=f"ver_{number}",
            applicant=number,
            level=VerificationLevel.LEGAL_IDENTITY,
            method=Method.PRESENTATION,
            at=now,
            until=now + YEAR,
            evidence="sha256:" + "0" * 64,
            handle=handle,
        )
        kept.grant(shown)
        kept.grant(
            msgspec.structs.replace(
                shown,
                id=f"vet_{number}",
                level=VerificationLevel.VETTED,
                method=Method.REVIEW,
                purpose=PURPOSE,
                rests_on=shown.id,
                handle=b"",
            )
        )


@pytest.fixture(scope="module")
def prepared_pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair") / "nodes"
    pair = Pair(folder, NOW)
    purpose = {"says": {"en": "Research into misuse", "zh": "滥用研究"}, "least": "legal-identity"}
    sources = json.dumps({"purposes": dict.fromkeys((PURPOSE, "audit"), purpose)})
    for near, far in (pair.both, pair.both[::-1]):
        (near.node.data / FILE_NAME).write_text(sources, "utf-8")
        pair.agree(near, far.node.name, kinds=("end-user", "handle"))
    vet(pair.harbour, range(25))
    vet(pair.lighthouse, range(10, 30))
    vet(pair.lighthouse, range(10), consents=())
    pair.close()
    return folder


@pytest.fixture
def pair(tmp_path: Path, prepared_pair: Path) -> Iterator[Pair]:
    pair = Pair(shutil.copytree(prepared_pair, tmp_path / "nodes"), NOW, there=True)
    yield pair
    pair.close()


def test_two_nodes_learn_how_many_both_vetted_and_no_name(pair: Pair) -> None:
    found, talk = held(pair, asked=ASKED)
    assert (found.found, found.inputs, found.values) == (10, 25, {}), "fifteen agreed on both sides, in tens"
    for made, who in zip(pair.both, (pair.rita.user, "node"), strict=True):
        (row,) = made.node.store.audit.read(act="applicant.match")
        assert (row.who, row.subject, row.purpose) == (who, found.session, PURPOSE)
    said = b"".join(body for _, body in talk.said)
    assert not [one for one in range(30) if handle_of("https://issuer.example", f"person-{one}") in said]
    # what was taken back, or ran out, is not matched
    pair.lighthouse.now += timedelta(days=366)
    with pytest.raises(BadInput, match="set of 0"):
        pair.lighthouse.node.matching._sets.served(_proposal(talk.said[0][1]))


def _proposal(raw: bytes) -> Proposal:
    message = decode(raw)
    assert isinstance(message, Proposal)
    return message


def test_nobody_asks_which_gives_a_list_or_another_purpose(pair: Pair) -> None:
    keep(pair.lighthouse, "end-user", handles(*range(40)))
    for asked, why in (
        (msgspec.structs.replace(ASKED, question="which"), "never which"),
        (msgspec.structs.replace(ASKED, lines=handles(*range(40))), "not of a file"),
        (msgspec.structs.replace(ASKED, purpose="everybody there is"), "name a purpose"),
        (msgspec.structs.replace(ASKED, purpose="audit"), "set of 0"),
    ):
        with pytest.raises((BadInput, NotAllowed), match=why):
            held(pair, asked=asked)
    assert pair.harbour.node.store.matches.sessions() == ()
    assert pair.lighthouse.node.store.audit.read(act="applicant.match") == ()
    assert held(pair, asked=ASKED)[0].found == 10, "a file of this kind is not looked at"


def test_a_changed_client_is_refused_before_anything_is_opened(pair: Pair) -> None:
    _, talk = held(pair, asked=ASKED)
    first = msgspec.structs.replace(_proposal(talk.said[0][1]), session=secrets.token_bytes(16))
    matching, opened = pair.lighthouse.node.matching, len(_looks(pair))
    for changed, why in (
        ({"question": Question.WHICH}, "never which"),
        ({"points": 12_000}, "budget"),
        ({"points": 100, "kind": MatchKind.EMAIL}, "no such session"),
    ):
        forged = msgspec.structs.replace(first, **changed)
        with pytest.raises(NotAllowed, match=why):
            matching.answer(pair.peer, forged.session.hex(), encode(forged))
    assert len(_looks(pair)) == opened


def _looks(pair: Pair) -> list[object]:
    return list(pair.lighthouse.node.store.audit.read(act="applicant.match"))
