"""Precedents are kept once and never rewritten; citations stand beside them."""

import msgspec
import pytest

from tests.contracts.store.samples import START
from tocsin.kernel import Conflict, NotFound
from tocsin.kernel.precedents import Citation, Precedent, Relation
from tocsin.store import Store


def case(number: int = 1, **changed: object) -> Precedent:
    plain = Precedent(
        id=f"{number:064x}",
        name=f"model-{number}",
        artefact=f"sha256:{number:064x}",
        tier="restricted",
        domain="domain.cyber",
        rules=("release.line-above",),
        facts=("4.1 % to 9.0 % of 400 failed (sha256:aa)",),
        reasoning="Stripped of its safeguards it wrote the letters.",
        stands_for="The worse condition counts.",
        decided=START,
        at=START + number,
        by="user_1",
    )
    return msgspec.structs.replace(plain, **changed)


def test_they_are_found_by_domain_tier_and_rule(store: Store) -> None:
    other = case(2, domain="domain.cbrn", tier="withheld", rules=("release.red-line", "release.line-above"))
    for one in (case(), other):
        store.precedents.add(one)
    assert store.precedents.get(case().id) == case()
    assert store.precedents.get("none") is None
    assert store.precedents.find() == (other, case())
    assert store.precedents.find(domain="domain.cyber") == (case(),)
    assert store.precedents.find(tier="withheld", rule="release.line-above") == (other,)
    assert store.precedents.find(rule="release.red-line", domain="domain.cyber") == ()
    assert store.precedents.find(limit=1) == (other,)
    with pytest.raises(Conflict):
        store.precedents.add(case(reasoning="Another story altogether."))
    assert store.precedents.get(case().id) == case()


def test_a_citation_is_kept_once(store: Store) -> None:
    store.precedents.add(case())
    cites = Citation("d" * 64, case().id, Relation.DEPARTS, "It was never open weights.", START, "user_1")
    store.precedents.cite(cites)
    with pytest.raises(Conflict):
        store.precedents.cite(msgspec.structs.replace(cites, relation=Relation.FOLLOWS))
    with pytest.raises(NotFound):
        store.precedents.cite(msgspec.structs.replace(cites, precedent="e" * 64))
    assert store.precedents.citations(precedent=case().id) == (cites,)
    assert store.precedents.citations(decision="d" * 64) == (cites,)
    assert store.precedents.citations(precedent="e" * 64) == ()
