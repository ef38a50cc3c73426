"""Two nodes over TLS: the pin, the fingerprint, and nothing without both."""

import json
from pathlib import Path

import pytest

from tests.nodes import free_port, make_node, serving, tocsin


@pytest.mark.net
@pytest.mark.slow
def test_a_peer_is_heard_only_under_its_pinned_key_and_compared_fingerprint(tmp_path: Path) -> None:
    far, near = tmp_path / "far", tmp_path / "near"
    token = make_node(far, pull_seconds=0)
    make_node(near, pull_seconds=0)
    port = free_port()
    given = json.loads(
        tocsin("peer", "add", "--data", str(far), "near", "https://near.example", "--json").stdout
    )["token_for_peer"]

    def add(name: str, pin: str) -> None:
        tocsin(
            *("peer", "add", "--data", str(near), name, f"https://127.0.0.1:{port}"),
            *("--token", "-", "--pin", pin, "--allow-private"),
            typed=given + "\n",
        )

    with serving(far, token, port, "--tls", scheme="https"):
        shown = json.loads(tocsin("peer", "me", "--data", str(far), "--json").stdout)
        add("far", shown["tls_pin"])
        add("impostor", "00" * 32)

        untrusted = json.loads(tocsin("share", "pull", "--data", str(near), "--json").stdout)
        assert untrusted["peers"] == []

        wrong_key = tocsin(
            "peer",
            "trust",
            "--data",
            str(near),
            "impostor",
            "--fingerprint",
            shown["fingerprint"],
            check=False,
        )
        assert wrong_key.returncode == 3
        assert "impostor" in wrong_key.stderr
        assert given not in wrong_key.stderr

        misread = tocsin(
            "peer", "trust", "--data", str(near), "far", "--fingerprint", "0000 1111", check=False
        )
        assert misread.returncode == 2
        assert "another fingerprint" in misread.stderr

        tocsin("peer", "trust", "--data", str(near), "far", "--fingerprint", shown["fingerprint"])
        pulled = json.loads(tocsin("share", "pull", "--data", str(near), "--json").stdout)
        assert [(row["peer"], row["error"]) for row in pulled["peers"]] == [("far", None)]
    gone = tocsin("share", "pull", "--data", str(near), check=False)
    assert gone.returncode == 3
    assert "far" in gone.stdout
