"""Run by LLM Guard's own Python: its scanners that work by expressions and words, over texts on standard input.

In: JSON {"texts", "substrings", "patterns"}. Out: JSON, for each scanner CPU seconds and how many texts it held back.
Its package would import torch for the scanners that are models; so its modules are imported past its `__init__`.
"""

import importlib
import importlib.util
import json
import logging
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _past_its_init() -> None:
    """Makes the package importable without what its `__init__` brings in."""
    found = importlib.util.find_spec("llm_guard")
    assert found is not None
    assert found.submodule_search_locations is not None
    root = Path(found.submodule_search_locations[0])
    for name, folder in (("llm_guard", root), ("llm_guard.input_scanners", root / "input_scanners")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def _module(name: str) -> Any:
    return importlib.import_module(f"llm_guard.input_scanners.{name}")


def main() -> None:
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _past_its_init()
    asked = json.load(sys.stdin)
    makers: dict[str, Callable[[], Any]] = {
        "BanSubstrings": lambda: _module("ban_substrings").BanSubstrings(asked["substrings"]),
        "Regex": lambda: _module("regex").Regex(asked["patterns"]),
        "InvisibleText": lambda: _module("invisible_text").InvisibleText(),
        "Secrets": lambda: _module("secrets").Secrets(),
    }
    told: dict[str, tuple[float, int]] = {}
    for name, make in makers.items():
        scanner = make()
        scanner.scan(asked["texts"][0])
        started = time.process_time()
        held = sum(not scanner.scan(text)[1] for text in asked["texts"])
        told[name] = (time.process_time() - started, held)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
