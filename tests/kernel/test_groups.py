"""Terms: by one's own agreement, by a group, or not at all."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import TLP, Group, Peer, Terms, terms, terms_in

PEER = Peer(name="lab", url="https://lab.example", ceiling=TLP.GREEN, purposes=("misuse-defence",))
CEILINGS = st.sampled_from(list(TLP))
PURPOSES = st.sampled_from(["misuse-defence", "elections", "bio"])
GROUPS = st.lists(
    st.builds(
        Group,
        name=st.text("abc", min_size=1, max_size=3),
        title=st.just("t"),
        purpose=PURPOSES,
        ceiling=CEILINGS,
        members=st.sampled_from([(), ("lab",), ("other",), ("lab", "other")]),
        closed=st.sampled_from([None, 1]),
    ),
    max_size=6,
)


def test_an_agreement_of_ones_own_comes_first() -> None:
    group = Group(name="g", title="g", purpose="misuse-defence", ceiling=TLP.AMBER, members=("lab",))
    assert terms(PEER, [group], "misuse-defence") == Terms(TLP.GREEN, ("misuse-defence",))
    assert terms_in(PEER, group) == Terms(TLP.AMBER, ("misuse-defence",), "g")


def test_of_two_groups_the_strictest() -> None:
    groups = [
        Group(name=name, title="", purpose="bio", ceiling=ceiling, members=("lab",))
        for name, ceiling in (("a", TLP.AMBER), ("b", TLP.CLEAR))
    ]
    assert terms(PEER, groups, "bio") == Terms(TLP.CLEAR, ("bio",), "b")


@given(GROUPS, PURPOSES, CEILINGS, st.sampled_from([(), ("misuse-defence",), ("bio", "elections")]))
def test_nothing_goes_that_nobody_agreed_to(
    groups: list[Group], purpose: str, ceiling: TLP, purposes: tuple[str, ...]
) -> None:
    peer = Peer(name="lab", url="", ceiling=ceiling, purposes=purposes)
    found = terms(peer, groups, purpose)
    open_groups = [
        one for one in groups if one.purpose == purpose and "lab" in one.members and not one.closed
    ]
    if purpose in purposes:
        assert found == Terms(ceiling, purposes)
    elif not open_groups:
        assert found is None
    else:
        assert found is not None
        assert found.purposes == (purpose,)
        assert found.ceiling.rank == min(one.ceiling.rank for one in open_groups)
