"""tocsin share sum, as a person calls it."""

import json
from datetime import timedelta

from tests.fixtures import Made
from tests.nodes import tocsin
from tests.web.test_console_sums import furnish
from tocsin.kernel import system_clock


def test_consent_a_look_how_it_stands_and_taking_it_back(copied: Made) -> None:
    furnish(copied)
    copied.node.close()
    data = ("--data", str(copied.node.data))
    withdrawn = json.loads(tocsin("share", "sum", "withdraw", *data, "--json").stdout)
    assert withdrawn == {"agreed": False}
    assert "No sums are agreed to" in tocsin("share", "sum", "status", *data).stdout
    assert tocsin("share", "sum", "look", *data, check=False).returncode == 1
    until = (system_clock() + timedelta(days=30)).date().isoformat()
    named = ("--with", "lab", "--with", "press", "--aggregator", "university")
    agree = ("share", "sum", "agree", *named, "--until", until, *data)
    refused = tocsin(*agree, check=False)
    assert refused.returncode == 2
    assert "two different aggregators" in refused.stderr
    done = json.loads(tocsin(*agree, "--aggregator", "press", "--json").stdout)
    assert sorted(done["agreement"]["participants"]) == ["lab", "press", "this node"]
    assert done["agreement"]["add_and_take_part"] == ["press"]
    said = tocsin("share", "sum", "status", *data).stdout
    assert "taking its own away" in said
    assert "at least 2 holders" in said
    look = json.loads(tocsin("share", "sum", "look", *data, "--json").stdout)
    assert look["epoch"] == done["epoch"]
