"""tocsin case member, guidance: from no key to a queue that is its members' alone."""

import json
from pathlib import Path

import pytest

from tests.console import token_for
from tests.fixtures import Made
from tests.member_queue import PASSPHRASE, QUEUE, name_members, quick_keys
from tests.nodes import tocsin
from tocsin.app.node import Node
from tocsin.kernel import Role

__all__ = ["quick_keys"]


@pytest.mark.usefixtures("quick_keys")
def test_members_make_keys_and_take_over_what_waited(made: Made, tmp_path: Path) -> None:
    tokens = {name: token_for(made, name, Role.REVIEWER) for name in ("ana", "bold", "chen")}
    data = made.node.data
    name_members(data, *tokens)
    made.node.close()
    node = Node(data)
    node.case_keys.make("c1", node.queues.get(QUEUE))
    node.close()
    words = tmp_path / "words"
    words.write_text(PASSPHRASE + "\n", "utf-8")

    def member(*asked: str, by: str = "", code: int = 0) -> str:
        own = ("--token", "-") if by else ()
        done = tocsin(
            "case", "member", *asked, *own, "--data", f"{data}", check=False, typed=tokens.get(by, "") + "\n"
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    typed = ("--passphrase-file", f"{words}")
    assert "members of child-safety who have a key" in member("hand-over", QUEUE, by="ana", code=1)
    for name in ("ana", "bold"):
        assert "Your key is" in member("add-key", *typed, by=name)
    assert "It opens." in member("unlock-check", *typed, by="ana")
    assert "1 cases are the members' alone" in member("hand-over", QUEUE, by="ana")
    member("add-key", *typed, by="chen")
    assert "1 cases so far" in member("give", QUEUE, "chen", *typed, by="bold")
    listed = json.loads(member("list", "--json"))
    assert [(one["member"], one["since"] is not None) for one in listed] == [(name, True) for name in tokens]
    assert "chen" in member("list")
    assert "is gone" in member("remove", "chen")
    assert "has no key" in member("remove", "chen", code=1)
    words.write_text("another refund at another door\n", "utf-8")
    assert "does not open your key" in member("unlock-check", *typed, by="ana", code=1)


def test_guidance_says_whom_to_tell_and_how_far_it_is_confirmed() -> None:
    said = tocsin("case", "guidance", "us", "--lang", "en").stdout
    assert "CyberTipline" in said
    assert "Wherever you are [unconfirmed" in said
    assert "举报" in tocsin("case", "guidance", "--lang", "zh").stdout
    every = json.loads(tocsin("case", "guidance", "--json").stdout)
    assert {"neutral", "us", "gb", "eu", "cn"} <= {one["id"] for one in every}
    assert "choose neutral, us" in tocsin("case", "guidance", "nowhere", check=False).stderr
