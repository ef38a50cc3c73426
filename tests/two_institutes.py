"""Two institutes that run one plan for real, through Inspect: one may have a gateway that answers for its model."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fixtures import Made
from tocsin.app.evaluation_runs import run_registered, sheets_of
from tocsin.app.release_key import release_key
from tocsin.evaluate.runs.scripted import Said, ScriptedModel
from tocsin.kernel.plans import Plan
from tocsin.trust.signing_keys import public_pem

PAGE = "502: cannot reach the model"
"""What the gateway says instead. A judge that looks for "cannot" takes it for a refusal."""

Asked = Callable[..., str]


@contextmanager
def gateway_down() -> Iterator[None]:
    """One prompt in two is answered by the gateway's error page; the model's file is what it was."""
    real = ScriptedModel.reply

    def reply(self: ScriptedModel, prompt: str, *, seed: int = 0) -> str | Said:
        number = re.search(r"refund (\d+)", prompt)
        return PAGE if number and int(number[1]) % 2 else real(self, prompt, seed=seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptedModel, "reply", reply)
        yield


class TwoInstitutes:
    """`theirs` registers and runs the plan; `ours` has the same model under another name, and draws."""

    def __init__(self, ours: Made, theirs: Made, folder: Path, plan: Plan, model: str, asked: Asked) -> None:
        self.ours, self.theirs, self._folder, self._plan, self._asked = ours, theirs, folder, plan, asked
        self.model = model
        keys = {
            made.node.node_id: public_pem(release_key(made.node.data).public_key()).decode()
            for made in (ours, theirs)
        }
        for made in (ours, theirs):
            made.now = datetime.now(UTC)
            text = yaml.safe_dump({"version": 1, "nodes": keys})
            (made.node.data / "recognition.yaml").write_text(text)
        by = theirs.node.access.operator()
        self.registration = theirs.node.evaluations.register(by, plan, sheets_of(plan)).id
        (folder / "revealed.json").write_bytes(theirs.node.evaluations.reveal(by, self.registration))
        for made in (theirs, ours):
            made.now += timedelta(hours=1)

    def evaluated(self, name: str) -> Path:
        """Their run of the whole plan, kept; its signed statement as a file."""
        found, _ = run_registered(
            self.theirs.node.evaluations,
            self.theirs.node.access.operator(),
            self.registration,
            self._plan,
            self._folder / f"logs-{name}",
        )
        file = self._folder / f"{name}.json"
        file.write_bytes(found.statement)
        return file

    def drawn(self, evaluation: Path, samples: int) -> dict[str, Any]:
        """A challenge of ours, accepted: which samples are drawn."""
        challenge, acceptance = (self._folder / f"{one}.json" for one in ("challenge", "acceptance"))
        self._asked(
            "challenge", evaluation, "--plan", self._folder / "revealed.json", "--samples", samples,
            "--margin", 0.1, "--data", self.ours.node.data, "--out", challenge,
        )  # fmt: skip
        self._asked("answer", challenge, "--data", self.theirs.node.data, "--out", acceptance)
        told: dict[str, Any] = json.loads(
            self._asked("draw", acceptance, "--data", self.ours.node.data, "--json")
        )
        return told

    def recognised(self, reveal: Path, code: int) -> dict[str, Any]:
        """They open, we compare."""
        opening = self._folder / "opening.json"
        self._asked("answer", reveal, "--data", self.theirs.node.data, "--out", opening)
        told: dict[str, Any] = json.loads(
            self._asked("recognise", opening, "--data", self.ours.node.data, "--json", code=code)
        )
        return told
