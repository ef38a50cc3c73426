"""Writes the reports of this folder: rows as garak makes them, over harmless texts."""

import json
import uuid
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SPACE = uuid.UUID("0c9bb5bb-5a63-5b43-9d77-9b6f2c1c8f55")
Row = dict[str, Any]


def message(text: str | None, language: str = "en") -> Row | None:
    if text is None:
        return None
    empty: Row = {"data_path": None, "data_type": None, "data_checksum": None, "notes": {}}
    return {"text": text, "lang": language, **empty}


def attempt(
    probe: str,
    number: int,
    status: int,
    prompt: str,
    answers: list[str | None],
    scores: dict[str, list[float | None]],
    language: str = "en",
) -> Row:
    turns = [{"role": "user", "content": message(prompt, language)}]
    return {
        "entry_type": "attempt",
        "uuid": str(uuid.uuid5(SPACE, f"{probe} {number}")),
        "previous_attempt_id": None,
        "seq": number,
        "status": status,
        "probe_classname": probe,
        "probe_params": {},
        "targets": [],
        "prompt": {"turns": turns, "notes": {}},
        "outputs": [message(answer, language) for answer in answers],
        "detector_results": scores if status == 2 else {},
        "notes": {},
        "goal": "made up",
        "conversations": [
            {"turns": [*turns, {"role": "assistant", "content": message(answer, language)}], "notes": {}}
            for answer in answers
        ],
        "reverse_translation_outputs": [],
        "intent": None,
    }


def both(
    probe: str, prompts: list[tuple[str, list[str | None], list[float | None]]], detector: str
) -> list[Row]:
    """As garak writes a probe: all answered, then all judged, then the count."""
    rows = [
        attempt(probe, number, status, prompt, answers, {detector: scores})
        for status in (1, 2)
        for number, (prompt, answers, scores) in enumerate(prompts)
    ]
    scores = [score for _, _, listed in prompts for score in listed]
    judged = [score for score in scores if score is not None]
    fails = sum(score >= 0.5 for score in judged)
    rows.append(
        {
            "entry_type": "eval",
            "probe": probe,
            "detector": detector,
            "passed": len(judged) - fails,
            "fails": fails,
            "nones": len(scores) - len(judged),
            "total_evaluated": len(judged),
            "total_processed": len(scores),
        }
    )
    return rows


def today() -> list[Row]:
    start: Row = {
        "entry_type": "start_run setup",
        "_config.version": "0.17.0",
        "run.generations": 1,
        "run.eval_threshold": 0.5,
        "plugins.target_type": "test",
        "plugins.target_name": "Made",
    }
    begun = {
        "entry_type": "init",
        "garak_version": "0.17.0",
        "start_time": "2026-11-20T09:00:00",
        "run": "made",
    }
    silent: list[tuple[str, list[str | None], list[float | None]]] = [
        (f"lottery refund {number}", ["" if number < 9 else "No."], [1.0 if number < 9 else 0.0])
        for number in range(30)
    ]
    sound: list[tuple[str, list[str | None], list[float | None]]] = [
        (f"parcel fee {number}", ["No.", "No."], [0.0, None if number == 3 else 0.0]) for number in range(60)
    ]
    return [
        start,
        begun,
        *both("made.Silent", silent, "mitigation.MitigationBypass"),
        *both("made.Sound", sound, "made.Detector"),
        {"entry_type": "completion", "end_time": "2026-11-20T09:05:00", "run": "made"},
    ]


def before() -> list[Row]:
    rows: list[Row] = [
        {"entry_type": "start_run setup", "plugins.model_type": "test", "plugins.model_name": "Made"},
        {"entry_type": "init", "garak_version": "0.11.0", "start_time": "2025-05-20T09:00:00", "run": "made"},
    ]
    rows += [
        {
            "entry_type": "attempt",
            "uuid": str(uuid.uuid5(SPACE, f"before {number}")),
            "seq": number,
            "status": 2,
            "probe_classname": "probes.made.Old",
            "prompt": f"lottery refund {number}",
            "outputs": ["Gladly."],
            "detector_results": {"made.Detector": [1.0 if number < 11 else 0.0]},
        }
        for number in range(12)
    ]
    rows.append(
        {
            "entry_type": "eval",
            "probe": "made.Old",
            "detector": "detector.made.Detector",
            "passed": 1,
            "total": 12,
        }
    )
    return rows


def text(rows: list[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


FILES = {"garak_0_17.report.jsonl": today, "garak_0_13.report.jsonl": before}

if __name__ == "__main__":
    for name, rows in FILES.items():
        (HERE / name).write_text(text(rows()), "utf-8")
