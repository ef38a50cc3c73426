"""tocsin label recognise: a labelled picture whose label is gone, in a case."""

import json
from pathlib import Path

from PIL import Image, ImageDraw

from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.app.cases import NewCase
from tocsin.kernel.cases import CaseOrigin, CaseWords


def test_what_the_node_labelled_is_recognised_without_its_label(copied: Made, tmp_path: Path) -> None:
    picture = Image.linear_gradient("L").resize((240, 240)).convert("RGB")
    ImageDraw.Draw(picture).ellipse((30, 60, 150, 200), fill="navy")
    picture.save(tmp_path / "a.png")
    words = CaseWords(title="lottery refund")
    case = copied.node.cases.open(None, NewCase(origin=CaseOrigin.OWN, words=words)).id
    data = ("--data", str(copied.node.data))
    tocsin("label", "write", str(tmp_path / "a.png"), *data, "--id", "refund-7", "--notice", "en")
    Image.open(tmp_path / "a.labelled.png").resize((150, 150)).save(tmp_path / "copy.jpg", quality=70)
    asked = ("--case", case, "--purpose", "Was this picture ours?", *data)
    done = tocsin("label", "recognise", str(tmp_path / "copy.jpg"), *asked, "--json")
    told = json.loads(done.stdout)
    assert [(one["content_id"], one["same"]) for one in told["found"]] == [("refund-7", False)]
    other = Image.linear_gradient("L").rotate(90)
    ImageDraw.Draw(other).rectangle((90, 10, 250, 90), fill=255)
    other.save(tmp_path / "other.png")
    done = tocsin("label", "recognise", str(tmp_path / "other.png"), *asked, check=False)
    assert done.returncode == 1
    assert "says nothing of who made it" in done.stdout
    assert copied.node.store.audit.read(act="label.write")
