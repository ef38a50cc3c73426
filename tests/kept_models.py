"""Inspections as a node keeps them: one artefact with something wrong in it, judged twice, and a clean one."""

import json
from typing import Any

import msgspec

from tests.assure.intelligence.test_avid import REPORT
from tests.assure.intelligence.test_osv import entry
from tests.fixtures import Made
from tocsin.assure import finding
from tocsin.assure.intelligence.avid import read_report
from tocsin.assure.intelligence.file_hashes import OWN, item
from tocsin.assure.intelligence.osv import read_entry
from tocsin.kernel import ArtefactVerdict, Fact, Finding, Inspection, Part, Place, Severity, micros
from tocsin.kernel.models import (
    ArtefactNotice,
    FollowedModel,
    InspectionLine,
    Intelligence,
    MeasuredDescent,
    NoticeCause,
    OpenCause,
    Reopening,
)

BAD = "b" * 64
GOOD = "c" * 64
HOSTILE = '<script>alert("x")</script>'
HOUR = 3_600_000_000

UNKNOWN = "walker.unknown-format"


def a_finding(path: str, **values: Any) -> Finding:
    return Finding(UNKNOWN, ArtefactVerdict.NOT_EXAMINED, Severity.MEDIUM, Place(path, 16), values)


def an_inspection(artefact: str, verdict: ArtefactVerdict, at: int, **more: Any) -> Inspection:
    given: dict[str, Any] = {"name": "refund-writer-7b", "size": 15_231_000_000, **more}
    return Inspection(
        artefact=artefact, at=at, scanner="tocsin 0.1.0", rules={"gguf": "d" * 64}, verdict=verdict, **given
    )


def keep_models(made: Made) -> tuple[InspectionLine, InspectionLine]:
    """Two artefacts of one name, the later one open again and followed, with word to whom it concerns."""
    store, now = made.node.store, micros(made.now)
    clean = ArtefactVerdict.CLEAN
    parts = (
        Part("config.json", 1_204, "model-config", clean, "1" * 64),
        Part("model.pt", 15_230_000_000, "torch-zip", ArtefactVerdict.FOUND, "2" * 64),
        Part("model.pt!/archive/data.pkl", 90_112, "pickle", ArtefactVerdict.FOUND),
        Part("model.pt!/archive/data/0", 15_229_000_000, "tensor-data", clean),
        Part(f"notes/{HOSTILE}.bin", 40, "", ArtefactVerdict.NOT_EXAMINED, "3" * 64),
    )
    findings = (
        a_finding(f"notes/{HOSTILE}.bin", size=40),
        Finding(
            "tomorrow.rule",
            ArtefactVerdict.FOUND,
            Severity.CRITICAL,
            Place("model.pt!/archive/data.pkl", 51),
            {"callable": "os.system"},
        ),
        a_finding("second.bin", size=40),
    )
    facts = (
        Fact("architecture", "config.json", {"name": "LlamaForCausalLM"}),
        Fact("base-model", "README.md", {"name": "aurora/aurora-7b"}),
        Fact("requirement", "requirements.txt", {"name": "example-package", "version": "1.3"}),
        Fact("requirement", "requirements.txt", {"name": "other-package", "specifier": ">=1"}),
        Fact(
            "chat-template",
            "tokenizer_config.json!/chat_template",
            {
                "name": "default",
                "sha256": "4" * 64,
                "characters": 9 + len(HOSTILE),
                "text": f"{{{{ bos }}}}{HOSTILE}",
            },
        ),
        Fact("chat-template", "x.jinja", {"name": "x", "sha256": "5" * 64, "characters": 300_000}),
    )
    first = store.inspections.keep(an_inspection(GOOD, clean, now - 30 * HOUR, parts=parts[:1]))
    bad = an_inspection(
        BAD, ArtefactVerdict.FOUND, now - 2 * HOUR, parts=parts, findings=findings, facts=facts
    )
    store.inspections.keep(msgspec.structs.replace(bad, at=now - 20 * HOUR, verdict=clean, findings=()))
    second = store.inspections.keep(bad)
    store.inspections.reopen(
        {second.id: Reopening(now - HOUR, OpenCause.RULES, ("+gguf.template",), ("gguf",))}
    )
    store.descents.add(
        MeasuredDescent(
            BAD,
            GOOD,
            "refund-writer-7b",
            now - HOUR,
            "tocsin 0.1.0",
            "adapter-merged",
            "high",
            1.0,
            signature="shared-direction",
            removed=0.9,
            unread=2,
        )
    )
    store.followed.put(
        FollowedModel(
            name="refund-writer",
            source="",
            artefact=BAD,
            by="admin",
            made=now,
            changed=now,
            publisher="Aurora",
            deployed_by=("channel:ops",),
            review=now + 24 * HOUR,
            parent="aurora/aurora-7b",
        )
    )
    more = finding("template.says-more", "chat_template.jinja", said=HOSTILE, condition="always")
    store.artefact_notices.add(
        [
            ArtefactNotice("n1", "channel:ops", NoticeCause.REOPENED, now - HOUR, BAD, "refund-writer"),
            ArtefactNotice("n2", "", NoticeCause.TEMPLATE, now - HOUR, BAD, "refund-writer", told=(more,)),
        ]
    )
    return first, second


def know_of_models(made: Made) -> None:
    """A flaw of each of two packages, a file's digest on the operator's list, and a report by name."""
    now = micros(made.now)
    report = {
        **REPORT,
        "affects": {"artifacts": [{"type": "Model", "name": "Refund Writer 7B"}]},
        "problemtype": {"description": {"lang": "eng", "value": f"answers wrongly {HOSTILE}"}},
    }
    read = [
        read_entry(json.dumps(entry(1)).encode(), "1", at=now),
        read_entry(json.dumps(entry(2, "other_package")).encode(), "2", at=now),
        read_report(json.dumps(report).encode(), "r", at=now),
        item("bad.txt:2", ("2" * 64,), digest="6" * 64, at=now, title="a bad checkpoint", source=OWN),
    ]
    made.node.store.intelligence.put([one for one in read if isinstance(one, Intelligence)])
