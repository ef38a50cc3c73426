"""The picture of a neighbourhood: everything inside the frame, every line between two circles, the same each time."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.app.neighbourhood import Edge, Neighbourhood, Node
from tocsin.web.console.graphs import HEIGHT, MAX_LABEL_CHARS, WIDTH, picture


@st.composite
def neighbourhoods(draw: st.DrawFn) -> Neighbourhood:
    """A middle, and nodes that each hang on an earlier one, with some more edges."""
    names = draw(st.lists(st.text(max_size=60), max_size=59))
    nodes = [Node("m--0", "indicator", "the middle", 0, True)]
    edges = []
    for at, name in enumerate(names, 1):
        on = draw(st.sampled_from(nodes))
        nodes.append(Node(f"n--{at}", "campaign", name, min(on.step + 1, 3), at % 2 == 0))
        edges.append(Edge(nodes[-1].id, "refers", on.id))
    ends = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes))
    edges += [Edge(one.id, "also", other.id) for one, other in draw(st.lists(ends, max_size=5))]
    edges.append(Edge("m--0", "names", "not--here"))
    return Neighbourhood(tuple(nodes), tuple(edges), 0)


@given(neighbourhoods())
def test_everything_is_inside_and_tied(found: Neighbourhood) -> None:
    drawn = picture(found)
    places = {(spot.x, spot.y) for spot in drawn.spots}
    assert len(drawn.spots) == len(found.nodes)
    assert len(drawn.lines) == len(found.edges) - 1, "what is not among the nodes is not drawn to"
    for spot in drawn.spots:
        assert 0 < spot.x < WIDTH
        assert 0 < spot.y < HEIGHT
        assert 0 < spot.label_y < HEIGHT
        assert 0 < len(spot.label) <= MAX_LABEL_CHARS
    for line in drawn.lines:
        assert {(line.x1, line.y1), (line.x2, line.y2)} <= places
    assert picture(found) == drawn


def test_nodes_of_one_step_do_not_lie_on_each_other() -> None:
    nodes = [Node("m--0", "indicator", "", 0, True)]
    nodes += [Node(f"n--{at}", "campaign", "", 1 + at % 3, True) for at in range(59)]
    places = [(spot.x, spot.y) for spot in picture(Neighbourhood(tuple(nodes), (), 0)).spots]
    assert len(set(places)) == len(places)
