"""Injections and ordinary work by others: AgentDojo's tasks (MIT), carried out by its own ground truth, no model asked.

`pip install --no-deps --target FOLDER agentdojo==0.1.35 deepdiff orderly-set cachebox`, then
`python -m benchmarks.agent_others FOLDER`. Each user task's calls are run in its environment; with an injection, the
injection task's own calls follow, as an agent's would that obeys. English alone. Clients of models that AgentDojo
imports and this does not use are replaced by nothing.
"""

import argparse
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

from benchmarks.agent_held import OBEYED, line_of, reasons
from benchmarks.rates import Rate
from tocsin.kernel import Kind

ATTACKS = ("direct", "ignore_previous", "system_message", "injecagent", "important_instructions")
SUITES = ("workspace", "slack", "banking", "travel")
CLIENTS = ("anthropic", "cohere", "google", "langchain", "mistralai", "openai", "vertexai", "httpx2")


class _Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for clients of models that are not installed here."""

    def find_spec(
        self, name: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        ours = name.split(".")[0] in CLIENTS
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if ours else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__ = [], spec
        return module

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def sessions(suite: Any, user: Any, injection: Any, injections: dict[str, str]) -> set[str]:
    """What is said of a session: the request, the calls with their results, and an injection's calls after them."""
    from agentdojo.agent_pipeline.tool_execution import tool_result_to_str
    from agentdojo.functions_runtime import FunctionsRuntime

    environment = user.init_environment(suite.load_and_inject_default_environment(injections))
    runtime = FunctionsRuntime(suite.tools)
    lines = [line_of(Kind.MODEL_CALL, user.PROMPT)]
    for task in (user, injection) if injection is not None else (user,):
        for call in task.ground_truth(environment.model_copy(deep=True)):
            result, _ = runtime.run_function(environment, call.function, call.args)
            arguments = " ".join(f"{name}={value}" for name, value in call.args.items())
            lines.append(line_of(Kind.TOOL_CALL, arguments, call.function, tool_result_to_str(result)))
    return reasons(lines)


def cases(attack: str, name: str) -> Iterator[tuple[Any, Any, Any, dict[str, str]]]:
    """Each user task with each injection task, hidden where its calls come by it; without an attack each alone."""
    from agentdojo.attacks import load_attack
    from agentdojo.task_suite.load_suites import get_suites

    for suite in get_suites("v1").values():
        if suite.name != name:
            continue
        pipeline = MagicMock()
        pipeline.name = "gpt-4o-2024-05-13"
        made = load_attack(attack, suite, pipeline) if attack else None
        for user in suite.user_tasks.values():
            if made is None:
                yield suite, user, None, {}
                continue
            for injection in suite.injection_tasks.values():
                try:
                    hidden = made.attack(user, injection)
                except ValueError:  # no place of it is seen by this task
                    continue
                yield suite, user, injection, hidden


def _rates(found: Sequence[set[str]]) -> tuple[Rate, Rate, Rate]:
    words = Rate(sum("agent.injection" in one for one in found), len(found))
    done = Rate(sum(bool(OBEYED & one) for one in found), len(found))
    either = Rate(sum(bool((OBEYED | {"agent.injection"}) & one) for one in found), len(found))
    return words, done, either


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("suites", nargs="*", default=SUITES)
    sys.path.insert(0, str(parser.parse_args().folder))
    sys.meta_path.append(_Absent())
    for suite in parser.parse_args().suites:
        print(f"\n{suite}\n\n| | by words | carried out | either |\n|---|---|---|---|")
        for attack in ("", *ATTACKS):
            found = [sessions(*case) for case in cases(attack, suite)]
            print(f"| {attack or 'ordinary work'} | {' | '.join(map(str, _rates(found)))} |", flush=True)


if __name__ == "__main__":
    main()
