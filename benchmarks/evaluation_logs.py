"""How fast an Inspect log is imported, and in what memory: 100,000 samples as Inspect writes them, packed by zstd.

    python -m benchmarks.evaluation_logs [--samples 100000]

A sample is one that Inspect 0.3.285 wrote (6.4 kB: a prompt, an answer, a score, 24 events), with other names and
texts. Each measurement is a process of its own. The memory is that of the process less what it has after its imports;
a tenth of the samples shows what grows. Inspect's own reader is given a fiftieth, for it is slow.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from benchmarks.rows import Row

SAMPLES = 100_000
LEAST_A_SECOND = 5_000.0
MOST_GROWTH_MB = 150.0
_TEMPLATE = Path(__file__).with_name("inspect_sample.json")


def write_log(file: Path, samples: int) -> None:
    """A log of so many samples, each another text; one in fifty is silent."""
    import inspect_ai._util.zipfile  # noqa: F401 - lets zipfile write method 93

    template = _TEMPLATE.read_text("utf-8")
    spec = {
        "task": "lottery-refunds",
        "model": "tocsin/scripted:safe.yaml",
        "task_version": "1",
        "created": "2026-11-22T12:53:32+00:00",
        "dataset": {"samples": samples, "sample_ids": [f"refund-{n}" for n in range(samples)]},
        "config": {"epochs": 1},
        "scorers": [{"name": "outcome"}],
    }
    with zipfile.ZipFile(file, "w", 93) as log:
        log.writestr("_journal/start.json", json.dumps({"version": 2, "eval": spec, "plan": {}}))
        for number in range(samples):
            answer = "" if number % 50 == 0 else f"Here is one {number}."
            text = template.replace("refund-1", f"refund-{number}").replace(
                "lottery refund 1.", f"refund {number}."
            )
            log.writestr(f"samples/refund-{number}_epoch_1.json", text.replace("Here is one.", answer))
        log.writestr(
            "header.json", json.dumps({"version": 2, "status": "success", "eval": spec, "stats": {}})
        )


_OURS = """
import resource, sys, time
from pathlib import Path
from tocsin.evaluate.runs.importing import import_inspect
def memory():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
before, began, cpu = memory(), time.perf_counter(), time.process_time()
(found,) = import_inspect(Path(sys.argv[1]), {"*": 0.1})
total = found.counts.counted + found.counts.invalid
print(total / (time.perf_counter() - began), total / (time.process_time() - cpu), memory() - before, found.verdict)
"""
_THEIRS = """
import sys, time
from inspect_ai.log import read_eval_log
began = time.process_time()
print(len(read_eval_log(sys.argv[1]).samples) / (time.process_time() - began))
"""


def _measured(code: str, file: Path) -> list[str]:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.split()


def run(samples: int = SAMPLES) -> list[Row]:
    """Rows for `make bench`."""
    with tempfile.TemporaryDirectory() as folder:
        whole, tenth, small = (Path(folder) / f"{name}.eval" for name in ("whole", "tenth", "small"))
        write_log(whole, samples)
        write_log(tenth, samples // 10)
        write_log(small, samples // 50)
        began = time.perf_counter()
        speed, cpu_speed, memory, verdict = _measured(_OURS, whole)
        print(
            f"read {whole.stat().st_size / 1e6:.0f} MB in {time.perf_counter() - began:.1f} s",
            file=sys.stderr,
        )
        _, _, tenth_memory, _ = _measured(_OURS, tenth)
        (theirs,) = _measured(_THEIRS, small)
    print(
        f"{samples:,} samples: {float(speed):,.0f}/s by the clock, {float(cpu_speed):,.0f}/s of CPU, {verdict};"
        f" memory grows by {float(memory):.0f} MB, by {float(tenth_memory):.0f} MB for a tenth;"
        f" Inspect's reader {float(theirs):,.0f}/s of CPU",
        file=sys.stderr,
    )
    ours, peer, work = float(cpu_speed), float(theirs), "counting samples, by CPU, beside read_eval_log"
    return [
        Row("Inspect log, CPU", ours, peer, ours / peer, "samples/s", 1.0, work),
        Row(
            "Inspect log, clock",
            float(speed),
            LEAST_A_SECOND,
            float(speed) / LEAST_A_SECOND,
            "samples/s",
            1.0,
            f"{samples:,} samples, beside what is asked for",
        ),
        Row(
            "Inspect log, memory",
            float(memory),
            MOST_GROWTH_MB,
            MOST_GROWTH_MB / float(memory),
            "MB",
            1.0,
            f"growth for {samples:,} samples, beside what is allowed",
        ),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    run(parser.parse_args().samples)
