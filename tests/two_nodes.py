"""Two nodes that know each other: one evaluated a model, the other draws samples of it again."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import yaml

from tests.evaluation_plans import PLAN, TASK, run, runs, sheet
from tests.fixtures import Made
from tocsin.app.release_key import release_key
from tocsin.evaluate.recognition.comparing import Margins
from tocsin.evaluate.recognition.messages import M, read, write
from tocsin.kernel import Caller
from tocsin.kernel.evaluations import Outcome, Run
from tocsin.kernel.plans import RegisteredPlan
from tocsin.kernel.recognition import Draw, Recognition
from tocsin.trust.signing_keys import public_pem

replace = msgspec.structs.replace
P, F = Outcome.PASSED, Outcome.FAILED
SAMPLES = 160
DRAWN = 80
BIG = replace(PLAN, content=(replace(PLAN.content[0], samples=SAMPLES),))
SHEET = f"{TASK}|as-shipped"


class Two:
    """`ours` challenges, `theirs` evaluated a model whose every second answer is a failure."""

    def __init__(self, ours: Made, theirs: Made) -> None:
        self.ours, self.theirs = ours, theirs
        keys = {
            made.node.node_id: public_pem(release_key(made.node.data).public_key()).decode()
            for made in (ours, theirs)
        }
        rule = {
            "nodes": [theirs.node.node_id],
            "domains": ["domain.*"],
            "tasks": {TASK: "1.0"},
            "least_agreement": {"*": 0.7},
            "widest_interval": 0.2,
        }
        for made in (ours, theirs):
            text = yaml.safe_dump({"version": 1, "nodes": keys, "rules": [rule]})
            (made.node.data / "recognition.yaml").write_text(text)
        registration = theirs.node.evaluations.register(self.by(theirs), BIG, {TASK: sheet(SAMPLES)})
        self.plan = theirs.node.evaluations.reveal(self.by(theirs), registration.id)
        self.registered: RegisteredPlan = theirs.node.evaluations.registered(self.by(theirs), registration.id)
        theirs.now += timedelta(minutes=10)
        ours.now = theirs.now + timedelta(minutes=10)
        self.evaluation = b""

    @staticmethod
    def by(made: Made) -> Caller:
        return made.node.access.operator()

    def evaluated(self, said: Callable[[int], Outcome]) -> "Two":
        """They keep and sign an evaluation with these outcomes."""
        found = self.theirs.node.evaluations.keep(
            self.by(self.theirs), self.registered.registration.id, runs(self.registered, said)
        )
        self.evaluation = found.statement
        return self

    def truth(self) -> Run:
        """What the model does where nothing is broken: every second sample fails."""
        return run(self.registered, said=real)

    def challenge(self, again: str = "", samples: int = DRAWN) -> Draw:
        return self.ours.node.recognitions.challenge(
            self.by(self.ours),
            self.evaluation,
            self.plan,
            sheet=SHEET,
            samples=samples,
            margins=Margins(),
            again=again,
        )

    def answer(self, message: bytes) -> bytes:
        return self.theirs.node.recognitions.answer(self.by(self.theirs), message)

    def drawn(self, acceptance: bytes) -> tuple[str, ...]:
        return self.ours.node.recognitions.drawn(self.by(self.ours), acceptance)[1].ids

    def reveal(self, draw: Draw, *again: Run) -> bytes:
        return self.ours.node.recognitions.reveal(
            self.by(self.ours), draw.id, again or (self.truth(),)
        ).messages[-1]

    def recognise(self, opening: bytes) -> Recognition:
        return self.ours.node.recognitions.recognise(self.by(self.ours), opening)

    def revealed(self) -> tuple[Draw, bytes]:
        """As far as the reveal."""
        draw = self.challenge()
        self.drawn(self.answer(draw.messages[0]))
        return draw, self.reveal(draw)

    def forged(self, made: Made, envelope: bytes, kind: type[M], change: Callable[[M], M]) -> bytes:
        """A message as its signer could have made it."""
        key = release_key(made.node.data)
        message, _ = read(envelope, kind, key.public_key())
        return write(change(message), key).envelope


def real(place: int) -> Outcome:
    return F if place % 2 else P


def broken(place: int) -> Outcome:
    """Their tools fail on three quarters of the samples: the model does nothing, and passes."""
    return F if place % 8 == 1 else P
