"""The command line as a user types it: words, exit codes, one JSON document."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nodes import tocsin, tocsin_process
from tocsin.label.apart import Apart, Cage


@pytest.fixture
def data(prepared: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(prepared[0], tmp_path / "node")


def events(path: Path) -> Path:
    rows = [
        {
            "id": f"e{number}",
            "time": "2026-11-19T10:00:00Z",
            "source": "chat",
            "kind": "content.post",
            "actor": f"account-{number}",
            "text": f"what is a good soup for evening number {number}",
        }
        for number in range(5)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\nnot json\n")
    return path


def test_init_prints_the_contract_and_refuses_a_second_time(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    made = json.loads(tocsin_process("init", "--data", str(folder), "--json").stdout)
    assert set(made) == {"data", "node_id", "admin_token"}
    assert made["data"] == str(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    again = tocsin_process("init", "--data", str(folder), check=False)
    assert again.returncode == 2
    assert "not empty" in again.stderr
    for path in folder.rglob("*"):
        if path.is_file():
            assert made["admin_token"].encode() not in path.read_bytes()


def test_ingest_names_the_bad_line_and_events_show_no_text(data: Path, tmp_path: Path) -> None:
    file = events(tmp_path / "events.jsonl")
    taken = tocsin("watch", "ingest", "--data", str(data), str(file))
    assert "5 accepted" in taken.stdout
    assert "line 6" in taken.stderr
    again = json.loads(tocsin("watch", "ingest", "--data", str(data), str(file), "--json").stdout)
    assert (again["accepted"], again["duplicates"], len(again["refused"])) == (0, 5, 1)
    listed = json.loads(tocsin("watch", "events", "--data", str(data), "--json").stdout)["events"]
    assert [row["id"] for row in listed] == [f"e{number}" for number in range(5)]
    assert all(row["actor"].startswith("ps_") for row in listed)
    assert "soup" not in json.dumps(listed)
    assert json.loads(tocsin("watch", "warnings", "--data", str(data), "--json").stdout) == {"warnings": []}
    trends = json.loads(tocsin("watch", "trends", "--data", str(data), "--json").stdout)
    assert (trends["alarms_per_week"], trends["small_counts"], trends["trends"]) == (1.0, "withheld", [])
    assert "closed list" in tocsin("watch", "trends", "--data", str(data)).stdout


def test_ingest_reads_standard_input(data: Path, tmp_path: Path) -> None:
    text = events(tmp_path / "events.jsonl").read_text()
    taken = tocsin_process("watch", "ingest", "--data", str(data), "-", "--json", input=text)
    assert json.loads(taken.stdout)["accepted"] == 5


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("watch", "events", "--data", "/nowhere/at/all"), 2, "tocsin init"),
        (("watch", "ingest", "--data", "DATA", "no-such-file.jsonl"), 2, "no file"),
        (("share", "preview", "--data", "DATA", "--peer", "nobody"), 1, "no peer"),
        (("peer", "add", "--data", "DATA", "x", "ftp://example.org"), 2, ""),
        (("peer", "add", "--data", "DATA", "a b", "https://example.org"), 2, "peer's name"),
        (("token", "revoke", "--data", "DATA", "0"), 1, "token list"),
        (("serve", "--data", "DATA", "--host", "0.0.0.0"), 2, "--tls"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_wrong_use_says_what_to_do(data: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = tocsin(*(str(data) if part == "DATA" else part for part in arguments), check=False)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_people_and_tokens(data: Path) -> None:
    added = json.loads(
        tocsin("user", "add", "--data", str(data), "chen", "--role", "analyst", "--json").stdout
    )
    assert added["token"].startswith("tocsin_")
    listed = json.loads(tocsin("token", "list", "--data", str(data), "--json").stdout)["tokens"]
    assert {row["user"] for row in listed} == {"admin", "chen"}
    assert added["token"] not in json.dumps(listed)
    tocsin("token", "revoke", "--data", str(data), added["token"].split("_")[1])
    tocsin("user", "disable", "--data", str(data), "chen")
    users = json.loads(tocsin("user", "list", "--data", str(data), "--json").stdout)["users"]
    assert [row["disabled"] for row in users if row["name"] == "chen"] == [True]


def test_doctor_is_well_and_then_not(data: Path) -> None:
    well = json.loads(tocsin("doctor", "--data", str(data), "--json").stdout)
    assert well["ok"], well
    (cage,) = (one for one in well["checks"] if one["name"] == "cage")
    assert cage["warns"] is ("does not hold" in cage["detail"])
    data.chmod(0o755)
    ill = tocsin("doctor", "--data", str(data), check=False)
    assert ill.returncode == 1
    assert "chmod 700" in ill.stdout


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (Cage(files=True, network=True, tcp=True), "ok   cage: parsers of foreign files reach no other file"),
        (Cage(files=False, network=True, tcp=True), "hold: files (Landlock, Linux 5.13); docs"),
        (Cage(files=True, network=False, tcp=True), "hold: network, but for TCP (a network namespace); docs"),
        (Cage(files=False, network=False, tcp=False), "hold: files (Landlock, Linux 5.13), network (a"),
    ],
)
def test_doctor_warns_of_what_the_kernel_does_not_hold(
    held: Cage, told: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a pool says of a machine is tested in tests/label/apart; here, what becomes of it."""
    monkeypatch.setattr(Apart, "holds", lambda _pool: held)
    (line,) = (one for one in tocsin("doctor", "--data", str(data)).stdout.splitlines() if " cage: " in one)
    assert told in line
    assert line.startswith("warn") is (held != Cage(files=True, network=True, tcp=True))


def test_backup_and_restore(data: Path, tmp_path: Path) -> None:
    tocsin("watch", "ingest", "--data", str(data), str(events(tmp_path / "events.jsonl")))
    tocsin("backup", "--data", str(data), str(tmp_path / "b.tar"))
    restored = tocsin("restore", "--data", str(tmp_path / "new"), str(tmp_path / "b.tar"), "--json")
    assert json.loads(restored.stdout)["events"] == 5


def loaded(heavy: set[str], *words: str) -> str:
    """Which of these modules a command imported, after a run that answered."""
    script = (
        f"import sys; sys.argv={['tocsin', *words]!r}\n"
        "import atexit\n"
        f"heavy={heavy!r}\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(sorted(heavy & set(sys.modules)))))\n"
        "from tocsin.cli import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert (done.returncode, bool(done.stdout)) == (0, True)
    return done.stderr


def test_help_imports_nothing_heavy() -> None:
    heavy = {"litestar", "sqlalchemy", "pyarrow", "numpy", "duckdb", "cedarpy", "rich", "uvicorn"}
    assert loaded(heavy, "--help") == ""


def test_a_list_imports_neither_events_nor_examiners(data: Path) -> None:
    """A node's policies stand on one page with what screens and correlates: who asks for the one loads no other."""
    heavy = {"pyarrow", "numpy", "duckdb", "tocsin.correlate", "tocsin.screen", "tocsin.assure.examiners"}
    heavy |= {"prometheus_client", "urllib3"}
    for group in ("case", "model"):
        assert loaded(heavy, group, "list", "--data", str(data)) == ""


def test_verify_tells_who_signed_and_which_field_was_changed(data: Path, tmp_path: Path) -> None:
    vectors = Path(__file__).resolve().parents[1] / "vectors" / "signed_fields" / "report.json"
    vector = json.loads(vectors.read_text("ascii"))
    view, changed = vector["views"][0], next(one for one in vector["refused"] if one["field"] == "/modified")
    file = tmp_path / "view.json"
    file.write_text(json.dumps(view["object"]))
    (told,) = json.loads(tocsin("share", "verify", str(file), "--json").stdout)["objects"]
    assert (told["signed"], told["withheld"]) == (True, view["count"])
    assert told["author"] == vector["statement"]["author"]
    assert told["shown"] == ["/description", "/object_refs/0", "/object_refs/1", "/report_types"]
    assert "withheld: 1;" in tocsin("share", "verify", str(file)).stdout
    file.write_text(json.dumps({"type": "bundle", "objects": [view["object"], changed["object"]]}))
    refused = tocsin("share", "verify", str(file), check=False)
    assert refused.returncode == 1
    assert "not verified: /modified" in refused.stdout
    file.write_text("[1]")
    assert tocsin("share", "verify", str(file), check=False).returncode == 2
    unknown = tocsin("share", "verify", "--data", str(data), vector["object"]["id"], check=False)
    assert unknown.returncode == 1
    assert "no record" in unknown.stderr
