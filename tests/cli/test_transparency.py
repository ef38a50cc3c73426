"""The command line of transparency reports."""

import json
from datetime import timedelta

from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.app.cases import NewCase
from tocsin.kernel.cases import CaseOrigin, CaseWords


def test_a_report_is_made_kept_and_published(made: Made) -> None:
    made.node.cases.open(
        None, NewCase(origin=CaseOrigin.REPORT, words=CaseWords(what="a refund"), report="R")
    )
    made.node.close()
    span = ("--from", "2026-01-01", "--to", (made.now - timedelta(days=1)).date().isoformat())
    data = ("--data", str(made.node.data))
    assert "# What node did" in tocsin("transparency", "report", *span, *data).stdout
    out = made.node.data / "report.csv"
    tocsin("transparency", "report", *span, *data, "--form", "csv", "--out", str(out))
    assert out.read_text().startswith("table,key,count\n")
    again = tocsin("transparency", "report", *span, *data, "--form", "csv", "--out", str(out), check=False)
    assert again.returncode == 2
    kept = json.loads(tocsin("transparency", "report", *span, *data, "--keep", "--json").stdout)["id"]
    assert json.loads(tocsin("transparency", "publish", kept, *data, "--json").stdout)["public"] is False
    (row,) = json.loads(tocsin("transparency", "list", *data, "--json").stdout)["reports"]
    assert (row["id"], row["published"] != "-") == (kept, True)
