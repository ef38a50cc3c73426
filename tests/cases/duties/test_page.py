"""docs/duties.md: its table is what the packs say, its example can be read, every choice of a time stands there."""

import importlib.util
from pathlib import Path
from types import ModuleType

from tests.duty_incidents import at, incident
from tocsin.cases.duties import deadlines, read_own
from tocsin.kernel.duties import ClockStart

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "duties.md"


def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_table_is_what_the_packs_say() -> None:
    assert PAGE.read_text("utf-8") == generate().duties(), "run `make docs`"


def test_the_pack_on_the_page_is_one_that_can_be_used() -> None:
    """Thursday before the Day of German Unity, a Saturday in 2026: two working days end on Monday."""
    pack = read_own(PAGE.read_text("utf-8").split("```yaml\n")[1].split("```")[0].encode(), "house.yaml")
    assert pack.verified
    (duty,) = pack.duties
    noticed = {ClockStart.NOTICING: at("2026-10-01T15:00:00+02:00")}
    (mild,) = deadlines(duty, incident(noticed, deaths=0, loss_eur=100_000), {}, 0)
    assert mild.verified
    assert mild.due == at("2026-10-01T19:00:00+02:00")
    open_case = incident(noticed)
    (unknown,) = deadlines(duty, open_case, {}, 0)
    assert (unknown.due, unknown.certain) == (mild.due, False)
    assert unknown.otherwise == at("2026-10-06T00:00:00+02:00")
    assert deadlines(duty, incident(noticed, deaths=0, loss_eur=5), {}, 0) == ()
