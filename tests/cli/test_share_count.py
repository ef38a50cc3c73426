"""tocsin share count, as a person calls it."""

import json

from tests.fixtures import Made
from tests.nodes import tocsin


def test_a_week_is_drawn_shown_and_paid_for(copied: Made) -> None:
    copied.node.close()
    data = str(copied.node.data)
    empty = json.loads(tocsin("share", "count", "--data", data, "--json").stdout)
    assert [one["nodes"] for one in empty["lists"]] == [[], [], []]
    assert "draws ours" in tocsin("share", "count", "--data", data).stdout
    first = json.loads(
        tocsin("share", "count", "--data", data, "--release", "--list", "languages", "--json").stdout
    )
    (one,) = first["lists"]
    (node,) = one["nodes"]
    assert (node["epsilon"], node["bound"], node["coverage"]) == (0.5, 2, 95)
    (cell,) = one["cells"][0]["counts"]
    assert cell["high"] - cell["value"] == node["half_width"] == cell["value"] - cell["low"]
    again = tocsin("share", "count", "--data", data, "--release", "--json", "--week", first["week"])
    assert json.loads(again.stdout)["lists"][1] == one, "the same words again"
    said = tocsin("share", "count", "--data", data, "--list", "languages").stdout
    assert "95 % interval" in said
    assert "Epsilon left: 0.5 of 2" in said
    ledger = json.loads(tocsin("share", "count", "--data", data, "--ledger", "--json").stdout)
    assert [paid["epsilon"] for paid in ledger["paid"]] == [0.5, 0.5, 0.5]
    assert ledger["life_left"] == 50.5


def test_what_makes_no_sense_is_refused(copied: Made) -> None:
    copied.node.close()
    data = str(copied.node.data)
    for wrong, why in (
        (("--list", "actors"), "no list"),
        (("--release", "--ledger"), "choose one"),
        (("--settle", "2026-11-01"), "in doubt"),
        (("--release", "--week", "2026-W99"), "ISO 8601"),
    ):
        done = tocsin("share", "count", "--data", data, *wrong, check=False)
        assert done.returncode
        assert why in done.stderr
