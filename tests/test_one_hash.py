"""Must show: the hash of the preview, of what was published, and of what the peer holds, are one."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.nodes import free_port, make_node, serving, tocsin
from tests.share.said import NOW, review, warning
from tocsin.app.node import Node
from tocsin.kernel import TLP
from tocsin.share import describe, manifest_digest
from tocsin.wire.stix.labels import WELL_KNOWN


@pytest.mark.net
@pytest.mark.slow
def test_preview_publish_and_what_the_peer_received_have_one_hash(tmp_path: Path) -> None:
    far, near = tmp_path / "far", tmp_path / "near"
    token = make_node(far, pull_seconds=0, sighting_delay_seconds=0)
    near_token = make_node(near, pull_seconds=0)

    def run(*arguments: str, data: Path = far) -> dict[str, object]:
        shown: dict[str, object] = json.loads(tocsin(*arguments, "--data", str(data), "--json").stdout)
        return shown

    port = free_port()
    near_port = free_port()
    given = str(
        run("peer", "add", "near", f"http://127.0.0.1:{near_port}", "--allow-private", "--ceiling", "amber")[
            "token_for_peer"
        ]
    )
    theirs = str(
        run(
            *("peer", "add", "far", f"http://127.0.0.1:{port}", "--allow-private", "--token", given),
            data=near,
        )["token_for_peer"]
    )
    second = {}
    for name in ("ana", "bo"):
        run("user", "add", name, "--role", "reviewer")
        second[name] = str(run("token", "issue", name)["token"])
    node = Node(far)
    author = node.keys.identity.stix_identity
    node.store.records.put(describe(warning(), review(), author=author, name="far", tlp=TLP.AMBER, now=NOW))
    node.close()
    with serving(far, token, port):
        seen = str(run("peer", "me")["fingerprint"])
        run("peer", "trust", "far", "--fingerprint", seen, data=near)
        with serving(near, near_token, near_port):
            own = str(run("peer", "me", data=near)["fingerprint"])
            tocsin("peer", "trust", "near", "--data", str(far), "--token", theirs, "--fingerprint", own)
        preview = run("share", "preview", "--peer", "near")
        digest = str(preview["digest"])
        for name in ("ana", "ana"):
            run("share", "approve", digest, "--token", second[name])
        alone = tocsin(
            "share", "publish", "--data", str(far), "--peer", "near", "--digest", digest, check=False
        )
        assert alone.returncode == 1
        assert "two-person" in alone.stderr
        assert run("share", "approve", digest, "--token", second["bo"])["ready"] is True
        published = run("share", "publish", "--peer", "near", "--digest", digest)
        assert published == preview
        run("share", "pull", data=near)
    entries = {entry["id"]: entry for entry in published["entries"]}  # type: ignore[attr-defined]
    kept = Node(near)
    received = {one.id: one.stix for one in kept.store.records.list(peer="far")}
    kept.close()
    released = {name for name, entry in entries.items() if entry["verdict"] == "release"}
    assert (
        received.keys() == released - WELL_KNOWN
    )  # what everybody has is held to be the same, and not kept twice
    assert len(released) >= 6
    for name, stix in received.items():
        assert hashlib.sha256(stix).hexdigest() == entries[name]["sha256"]
    log = Node(far)
    ((_, _, manifest),) = log.store.releases.manifests()
    log.close()
    assert manifest_digest(manifest) == manifest.digest == digest
