"""tocsin model inspect as a user types it: exit codes, one JSON document, SARIF, two languages, a quick start."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.nodes import tocsin
from tocsin.cli import model_inspect
from tocsin.cli.main import app
from tocsin.kernel.errors import BadInput


def run(*arguments: str, stdin: bytes | None = None, **environment: str) -> Result:
    return CliRunner().invoke(app, ["model", "inspect", *arguments], input=stdin, env=environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    made.mkdir()
    (made / "README.md").write_text("soup")
    return made


def test_the_exit_code_is_the_verdict(folder: Path) -> None:
    assert run(str(folder)).exit_code == 0
    (folder / "what.bin").write_bytes(b"\x01\x02")
    assert run(str(folder)).exit_code == 3
    (folder / "notes.txt.gz").write_bytes(b"\x1f\x8b\x08")
    assert run(str(folder)).exit_code == 3
    (folder / "logo.png").write_bytes(bytes.fromhex("ffd8ffd9") + b"PK\x05\x06" + bytes(18))
    assert run(str(folder)).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing/there",), "name a file"),
        (("README", "--language", "tlh"), "en or zh"),
        (("README", "--json", "--sarif", "-"), "standard output"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[str, ...], words: str) -> None:
    told = run(*arguments).exception
    assert isinstance(told, BadInput)
    assert words in told.message
    assert told.exit_code == 2


def test_wrong_use_exits_2(tmp_path: Path) -> None:
    done = tocsin("model", "inspect", str(tmp_path / "nothing"), check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "name a file" in done.stderr


def test_json_is_one_document_with_stable_fields(folder: Path) -> None:
    (folder / "what.bin").write_bytes(b"\x01\x02")
    told = json.loads(run(str(folder), "--json").stdout)
    assert set(told) == {
        *("artefact", "name", "size", "at", "scanner", "rules", "verdict", "findings", "facts", "parts"),
    }
    assert told["verdict"] == "not-examined"
    (found,) = told["findings"]
    assert set(found) == {"rule", "verdict", "severity", "place", "values", "why", "do"}
    assert found["place"] == {"path": "what.bin", "offset": None, "field": None}
    assert set(told["parts"][0]) == {
        *("path", "size", "format", "verdict", "sha256", "blake3", "examiners"),
    }
    chinese = json.loads(run(str(folder), "--json", "--language", "zh").stdout)
    assert "格式" in chinese["findings"][0]["why"]


def test_a_stream_is_looked_at_like_a_file(folder: Path) -> None:
    alone = json.loads(run(str(folder / "README.md"), "--json").stdout)
    streamed = json.loads(run("-", "--name", "README.md", "--json", stdin=b"soup").stdout)
    assert {**alone, "at": 0} == {**streamed, "at": 0}
    assert run("-", stdin=b"\x01").exit_code == 3


def test_people_read_it_in_their_language(folder: Path) -> None:
    (folder / "logo.png").write_bytes(bytes.fromhex("ffd8ffd9") + b"more")
    told = run(str(folder), "--parts", LC_ALL="en_GB.UTF-8").stdout
    assert "model: inconclusive" in told
    assert "4 bytes more" in told
    assert "README.md  text  4  clean" in told
    chinese = run(str(folder), "--parts", LC_ALL="zh_CN.UTF-8").stdout
    assert "无法判定" in chinese
    assert "图像结束后" in chinese
    (folder / "[red]x.txt").write_text("soup")  # a name is no markup
    assert "[red]x.txt" in run(str(folder), "--parts").stdout


def test_sarif_goes_to_a_file_or_to_the_output(folder: Path, tmp_path: Path) -> None:
    (folder / "what.bin").write_bytes(b"\x01\x02")
    file = tmp_path / "told.sarif"
    assert run(str(folder), "--sarif", str(file)).exit_code == 3
    to_output = json.loads(run(str(folder), "--sarif", "-").stdout)
    written = json.loads(file.read_text())
    assert written["version"] == to_output["version"] == "2.1.0"
    assert written["runs"][0]["results"] == to_output["runs"][0]["results"]
    assert isinstance(run(str(folder), "--sarif", str(tmp_path / "no" / "x")).exception, BadInput)


def test_a_small_file_imports_nothing_heavy(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes((24).to_bytes(8, "little") + b'{"__metadata__":{}}'.ljust(24))
    heavy = (
        "numpy pyarrow sqlalchemy duckdb litestar cedarpy rich py7zr zstandard lz4 yaml jinja2 packaging packageurl"
        " cryptography tomllib concurrent.futures tocsin.assure.provenance.require"
        " tocsin.assure.texts.template_judging tocsin.assure.texts.python_code tocsin.assure.texts.strict_json"
    )
    script = (
        f"import sys; sys.argv=['tocsin','model','inspect',{str(folder)!r},'--json']\n"
        "import atexit\n"
        f"heavy=set({heavy.split()!r})\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(sorted(heavy & set(sys.modules)))))\n"
        "from tocsin.cli import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["verdict"] == "clean"


class Terminal(StringIO):
    """A standard error that a person sits at."""

    def isatty(self) -> bool:
        return True


def test_a_long_look_shows_how_far_it_is_and_a_short_one_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "[notes].txt").write_text("soup")
    for least, seen in ((1, True), (1_000, False)):
        terminal = Terminal()
        monkeypatch.setattr("tocsin.cli.model_inspect.LONG_FILES", least)
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with pytest.raises(typer.Exit):
            model_inspect.inspect(str(folder), language="en")
        assert ("[notes].txt" in terminal.getvalue()) is seen
    assert "model: clean" in capsys.readouterr().out
