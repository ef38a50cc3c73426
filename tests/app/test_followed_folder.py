"""From files to word: a model's folder as publishers lay it, followed while it changes under one's hands."""

import json
import struct
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.app.test_artefacts import operator, with_rules
from tests.app.test_routing import TAKEN, channel
from tests.assure.texts.test_compared_templates import MORE
from tests.assure.texts.test_template_difference import PARENT
from tests.assure.weights.test_gguf import Made as Gguf
from tests.fixtures import Made
from tests.hostile_peer import HostilePeer
from tocsin.app.artefact_words import said, told
from tocsin.kernel.artefacts import ArtefactVerdict, Inspection, Severity
from tocsin.kernel.models import ArtefactNotice, ModelState, NoticeCause
from tocsin.taxonomy.artefact_rules import ArtefactRule, artefact_rules

CLEAN, FOUND = ArtefactVerdict.CLEAN, ArtefactVerdict.FOUND
CARD = "---\nlicense: {licence}\n---\n# A helper\n\nIt answers letters.\n"
GGUF_RULE = ArtefactRule(
    "gguf.too-plain", 1, ("gguf",), CLEAN, Severity.NOTE, "plain", "简单", "look", "查看"
)


@pytest.fixture
def made(copied: Made) -> Made:
    return copied


def safetensors() -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + struct.pack("<4f", 1, 2, 3, 4)


def publish(folder: Path, *, template: str = PARENT, licence: str = "apache-2.0") -> Path:
    """Writes what is another than before, and answers the folder."""
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
    tokenizer = {"tokenizer_class": "LlamaTokenizer", "chat_template": template}
    folder.mkdir(exist_ok=True)
    for name, data in (
        ("model.safetensors", safetensors()),
        ("config.json", json.dumps(config).encode()),
        ("tokenizer_config.json", json.dumps(tokenizer).encode()),
        ("README.md", CARD.format(licence=licence).encode()),
    ):
        if not (folder / name).exists() or (folder / name).read_bytes() != data:
            (folder / name).write_bytes(data)
    return folder


def notices(made: Made) -> dict[NoticeCause, ArtefactNotice]:
    """The newest of each cause."""
    return {notice.cause: notice for notice in reversed(made.node.store.artefact_notices.listed())}


def a_day_later(made: Made) -> tuple[NoticeCause, ...]:
    made.now += timedelta(days=1)
    return tuple(cause for one in made.node.aftercare.check().checked for cause in one.said)


def told_by(inspection: Inspection) -> set[str]:
    return {one.rule for one in inspection.findings if one.verdict is not CLEAN}


def test_a_folder_that_changes_is_told_of_in_sentences(made: Made, tmp_path: Path) -> None:
    folder = publish(tmp_path / "helper")
    made.node.following.follow(operator(made), "helper", path=folder)
    assert made.node.artefacts.named("helper").line.verdict is CLEAN
    assert a_day_later(made) == ()

    publish(folder, template=PARENT + "{# the same #}")
    assert a_day_later(made) == (NoticeCause.NEW_VERSION, NoticeCause.TEMPLATE)
    written = notices(made)[NoticeCause.TEMPLATE]
    assert (written.values["count"], written.told) == (0, ())

    publish(folder, template=MORE)
    assert a_day_later(made) == (NoticeCause.NEW_VERSION, NoticeCause.TEMPLATE, NoticeCause.VERDICT)
    changed = notices(made)[NoticeCause.TEMPLATE]
    assert said(changed).startswith("The chat template of helper changed.")
    assert (changed.values["count"], changed.values["found"]) == (1, 1)
    (_, more) = told(changed)
    assert "Pay the small fee." in more
    assert "'refund' in messages" in more
    assert "Pay the small fee." in told(changed, "zh")[1]

    publish(folder, template=MORE, licence="cc-by-nc-4.0")
    assert a_day_later(made) == (NoticeCause.NEW_VERSION, NoticeCause.LICENCE)
    assert "licence" in said(notices(made)[NoticeCause.LICENCE])

    folder.rename(tmp_path / "away")
    assert a_day_later(made) == (NoticeCause.WITHDRAWN,)
    assert a_day_later(made) == ()
    gone = made.node.store.followed.get("helper")
    assert gone is not None
    assert gone.state is ModelState.WITHDRAWN
    assert len(made.node.artefacts.history("helper").inspections) == 4


@pytest.mark.net
def test_the_sentences_stay_here_and_a_channel_gets_the_counts(made: Made, tmp_path: Path) -> None:
    folder = publish(tmp_path / "helper")
    with HostilePeer(TAKEN) as peer:
        channel(made, peer.url)
        made.node.following.follow(operator(made), "helper", path=folder, deployed_by=["duty"])
        publish(folder, template=MORE)
        a_day_later(made)
        assert made.node.routing.tick() == 3
        bodies = b"".join(asked.body for asked in peer.asked)
    assert b"template-changed" in bodies
    assert b"findings: 1" in bodies
    for word in (b"fee", b"refund", b"tokenizer_config", str(folder).encode()):
        assert word not in bodies, word


def test_a_derivative_is_held_against_the_parent_that_is_kept_here(made: Made, tmp_path: Path) -> None:
    """By a folder and a GGUF made from it: what the child's template says more is a finding of its inspection."""
    rare = PARENT + "{% if tools %}Our clerk answers within a day.{% endif %}"
    made.node.following.follow(operator(made), "base", path=publish(tmp_path / "base"))
    folder = publish(tmp_path / "tuned", template=rare)
    alone = made.node.artefacts.record(operator(made), folder)
    assert alone.line.verdict is CLEAN
    made.node.following.follow(operator(made), "tuned", path=folder, parent="base")
    beside = made.node.artefacts.named("tuned")
    assert (beside.line.verdict, told_by(beside.inspection)) == (FOUND, {"template.says-more"})
    place = "tokenizer_config.json!/chat_template"
    assert [part.verdict for part in beside.inspection.parts if part.path == place] == [FOUND]
    again = made.node.artefacts.record(operator(made), folder)
    assert told_by(again.inspection) == {"template.says-more"}, "as long as it is followed as a child"

    gguf = tmp_path / "tuned.gguf"
    gguf.write_bytes(Gguf().pair("tokenizer.chat_template", 8, Gguf().text(rare)).file())
    made.node.following.follow(operator(made), "packed", path=gguf, parent=beside.line.artefact)
    assert made.node.artefacts.named("packed").line.verdict is CLEAN, "it does what its own parent does"
    made.node.following.follow(operator(made), "packed", path=gguf, parent="base")
    assert told_by(made.node.artefacts.named("packed").inspection) == {"template.says-more"}
    made.node.following.follow(operator(made), "own", path=gguf, parent="nobody here")
    made.node.following.follow(operator(made), "mirror", path=folder, parent="mirror")


def test_a_rule_for_a_format_opens_the_folder_that_holds_it_and_no_other(made: Made, tmp_path: Path) -> None:
    plain = made.node.artefacts.record(operator(made), publish(tmp_path / "plain"))
    folder = publish(tmp_path / "with-gguf")
    header = Gguf().pair("general.architecture", 8, Gguf().text("llama")).file()
    (folder / "model.gguf").write_bytes(header)
    packed = made.node.artefacts.record(operator(made), folder)
    assert {part.format for part in packed.inspection.parts} >= {"gguf", "safetensors", "model-config"}
    updated = with_rules(made, {**artefact_rules(), GGUF_RULE.id: GGUF_RULE})
    (opened,) = updated.stale()
    assert opened.artefact == packed.line.artefact
    assert opened.reopened is not None
    assert (opened.reopened.what, opened.reopened.formats) == (("+gguf.too-plain",), ("gguf",))
    assert made.node.artefacts.latest(plain.line.artefact).line.stands
    made.now += timedelta(seconds=1)
    again = updated.look_again(opened)
    assert again is not None
    assert again.line.stands
    assert updated.stale() == ()
    raised = msgspec.structs.replace(GGUF_RULE, version=2)
    (opened,) = with_rules(made, {**artefact_rules(), raised.id: raised}).stale()
    assert opened.artefact == packed.line.artefact
