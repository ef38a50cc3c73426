"""Which judge has a word where. An outcome that a judge without one had a hand in is invalid, never a pass."""

from tocsin.kernel.plans import Plan, PlannedJudge

NOT_CALIBRATED = "judge-not-calibrated"
"""Why such a sample is invalid."""


def covers(judge: PlannedJudge, task: str) -> bool:
    """Whether it judges this task."""
    return not judge.tasks or task in judge.tasks


def has_word(judge: PlannedJudge, language: str) -> bool:
    """A model only where it agrees with people; code and people where nothing speaks against them."""
    alpha = judge.agreement.get(language)
    if alpha is None:
        return judge.kind != "model"
    return alpha >= judge.least_agreement


def heard(plan: Plan, task: str, language: str) -> bool:
    """Whether every judge of a task has a word in a language: what one said cannot be taken out of an outcome."""
    return all(has_word(judge, language) for judge in plan.measurement.judges if covers(judge, task))


def agreed(plan: Plan) -> dict[str, float]:
    """By language that is covered, the least agreement with people of any judge that says one."""
    found: dict[str, float] = {}
    for judge in plan.measurement.judges:
        for language, alpha in judge.agreement.items():
            if language in plan.coverage.languages:
                found[language] = min(alpha, found.get(language, 1.0))
    return found
