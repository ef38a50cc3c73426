"""Made-up submissions: a lottery helper with labelled samples, models and a bill of materials."""

import json
from pathlib import Path
from typing import Any

from tests.assure.intelligence.test_osv import entry, zipped
from tests.fixtures import Made
from tests.label.making import encoded, gradient
from tocsin.app.intake import FileKind
from tocsin.kernel import Caller
from tocsin.kernel.labels import ContentLabel, Scheme
from tocsin.label.carrying import Ask

SCHEMES = frozenset({Scheme.GB45438, Scheme.C2PA, Scheme.IPTC})


def operator(made: Made) -> Caller:
    return made.node.access.operator()


def labelled(made: Made, file: Path) -> Path:
    """The file, labelled by the node in its place."""
    ask = Ask(ContentLabel(producer="lottery", content_id="lottery-1"), SCHEMES)
    made.node.content_labels.write(operator(made), file, file, ask)
    return file


def submission(folder: Path, **declared: Any) -> Path:
    """A folder with a declaration; fields may be replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    fields = {"version": 1, "kind": "listing", "title": "Lottery helper", "reference": "app-17"} | declared
    (folder / "submission.yaml").write_text(json.dumps(fields), "utf-8")  # JSON is YAML
    return folder


def model(made: Made, folder: Path, name: str = "weather-writer") -> str:
    """A model that the register knows; its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(f"# {name}\n", "utf-8")
    return made.node.artefacts.record(operator(made), folder, name=name).line.artefact


def bill(*components: dict[str, Any]) -> bytes:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}).encode()


def known_flaws(made: Made, folder: Path) -> None:
    """Example_Package below 1.4 is affected; evil-package is malicious."""
    flaws = zipped(folder / "all.zip", entry(1), entry(2, name="evil-package", id="MAL-2026-2", aliases=[]))
    made.node.intake.read_file(operator(made), flaws, FileKind.OSV)


def broken_app(made: Made, folder: Path) -> Path:
    """An app whose label is broken, whose bill has a model that it does not declare and a bad component."""
    known_flaws(made, folder.parent)
    folder.mkdir(parents=True)
    picture = folder / "one.png"
    picture.write_bytes(encoded(gradient(), "PNG"))
    labelled(made, picture)
    picture.write_bytes(
        picture.read_bytes() + zipped(folder.parent / "in.zip", entry(3)).read_bytes()
    )  # a polyglot
    (folder / "bom.json").write_bytes(
        bill(
            {
                "type": "library",
                "name": "example-package",
                "version": "1.3",
                "purl": "pkg:pypi/example-package@1.3",
            },
            {
                "type": "library",
                "name": "evil-package",
                "version": "1.0",
                "purl": "pkg:pypi/evil-package@1.0",
            },
            {"type": "library", "name": "nameless", "version": "1"},
            {"type": "machine-learning-model", "name": "some/refund-writer"},
        )
    )
    digest = model(made, folder.parent / "model")
    return submission(
        folder,
        kind="app",
        generates=True,
        models=[{"name": "weather-writer", "digest": digest}],
        samples=["one.png"],
        sbom="bom.json",
    )
