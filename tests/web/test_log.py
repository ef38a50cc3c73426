"""The public log: the layout of c2sp.org/tlog-tiles, for anybody, of what a checkpoint covers and nothing else."""

from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tocsin.trust import merkle
from tocsin.wire.tlog import checkpoint_of, parse_bundle, parse_note


def test_anybody_can_read_and_check_it(made: Made, client: TestClient[Litestar]) -> None:
    assert client.get("/log/checkpoint").status_code == 404
    for number in range(3):
        made.node.access.audit("user_1", "share.publish", subject=f"secret-{number}", purpose="")
    made.node.transparency_log.tick()
    made.node.access.audit("user_1", "share.publish", subject="later", purpose="")
    made.node.store.log.grow()  # has its place, and no checkpoint covers it
    answer = client.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=2"
    found = checkpoint_of(parse_note(answer.content))
    assert found.size == 3
    bundle = client.get("/log/tile/entries/000.p/3")
    assert bundle.headers["content-type"] == "application/octet-stream"
    assert "immutable" in bundle.headers["cache-control"]
    entries = parse_bundle(bundle.content)
    assert merkle.root(entries) == found.root
    assert b"secret" not in bundle.content
    hashes = client.get("/log/tile/0/000.p/3").content
    assert hashes == b"".join(map(merkle.leaf_hash, entries))


def test_what_is_not_there_or_no_name_is_told(made: Made, client: TestClient[Litestar]) -> None:
    made.node.access.audit("user_1", "share.publish", subject="", purpose="")
    made.node.transparency_log.tick()
    for path in ("0/000", "0/000.p/2", "entries/000", "entries/001.p/1", "1/000.p/1"):
        assert client.get(f"/log/tile/{path}").status_code == 404, path
    for path in ("0/0", "0/000.p/256", "8/000", "0/x000/000", "entries", "..%2f..%2fkeys"):
        answer = client.get(f"/log/tile/{path}")
        assert answer.status_code in (400, 404), path
        assert b"keys" not in answer.content
