"""Logs as Inspect writes them, put together by hand: for what no run brings about at will."""

import json
import zipfile
from pathlib import Path
from typing import Any


def sample(
    name: str = "one", *, epoch: int = 1, answer: str = "Here you are.", **changed: Any
) -> dict[str, Any]:
    """A sample that was answered and scored "C" by `match`; `changed` replaces fields."""
    made = {
        "id": name,
        "epoch": epoch,
        "input": f"May I have lottery refund {name}?",
        "target": "no",
        "messages": [{"role": "user", "content": "May I?"}, {"role": "assistant", "content": answer}],
        "output": {"choices": [{"message": {"role": "assistant", "content": answer}}], "completion": answer},
        "scores": {"match": {"value": "C", "answer": answer}},
        "metadata": {},
        "model_usage": {"made/up": {"input_tokens": 5, "output_tokens": 5, "total_tokens": 10}},
    }
    return made | changed


def header(samples: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    """The rest of the log; `changed` replaces fields of its `eval`."""
    spec = {
        "task": "lottery",
        "task_version": 3,
        "model": "made/up",
        "created": "2026-10-01T00:00:00+00:00",
        "dataset": {"sample_ids": sorted({one["id"] for one in samples})},
        "config": {"epochs": max((one["epoch"] for one in samples), default=1)},
        "packages": {"inspect_ai": "0.3.285"},
    }
    return {
        "version": 2,
        "status": "success",
        "eval": spec | changed,
        "stats": {
            "started_at": "2026-10-01T00:00:00+00:00",
            "completed_at": "2026-10-01T00:01:00+00:00",
            "model_usage": {"made/up": {"input_tokens": 50, "output_tokens": 7}},
        },
    }


def json_log(file: Path, samples: list[dict[str, Any]], **changed: Any) -> Path:
    """A `.json` log."""
    file.write_text(json.dumps(header(samples, **changed) | {"samples": samples}))
    return file


def eval_log(file: Path, samples: list[dict[str, Any]], **changed: Any) -> Path:
    """An `.eval` log, deflated as older versions have it."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as log:
        for one in samples:
            log.writestr(f"samples/{one['id']}_epoch_{one['epoch']}.json", json.dumps(one))
        log.writestr("header.json", json.dumps(header(samples, **changed)))
    return file
