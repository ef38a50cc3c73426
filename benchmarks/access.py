"""Access decisions over loopback: a node that serves, asked at a steady rate by one client over kept connections.

`python -m benchmarks access` prints seconds from sending to the whole answer, at the rate that was asked. The client is
another process on the same machine; the node is one process, so one core's worth of Python.
"""

import asyncio
import json
import os
import random
import time
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.admission import body, restricted_model
from tests.fixtures import Made
from tests.nodes import serving
from tocsin.kernel import system_clock
from tocsin.kernel.admission import VerificationLevel

RATE = 2_000
SECONDS = 20
CONNECTIONS = 8
SUBJECTS = 1_000
"""End users in turn, by chance; each is asked of once before the clock starts, as in a day that has begun."""

GRANTED = 20
"""Of them named and vetted; a grant is a line of the log, so making them is not what is measured."""


async def run(
    port: int, pid: int, model: str, token: str, rate: int, seconds: int
) -> tuple[list[float], float, float]:
    """Seconds of each exchange from the moment it was due, how long it all took, and the node's processor time."""
    draw = random.Random(1)
    requests = [_request(f"ps_{number}", model, token) for number in range(SUBJECTS)]
    turn: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    taken: list[float] = []

    async def connection(warm: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for one in warm:
            await _exchange(reader, writer, one)
        ready.release()
        while True:
            due, one = await turn.get()
            await _exchange(reader, writer, one)
            taken.append(time.perf_counter() - due)
            turn.task_done()

    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(connection(requests[place::CONNECTIONS])) for place in range(CONNECTIONS)]
    for _ in tasks:
        await ready.acquire()
    begun, used = time.perf_counter(), _cpu(pid)
    for number in range(rate * seconds):
        due = begun + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        turn.put_nowait((max(due, time.perf_counter() - 1 / rate), draw.choice(requests)))
    await turn.join()
    whole = time.perf_counter() - begun
    used = _cpu(pid) - used
    for task in tasks:
        task.cancel()
    return taken, whole, used


def _request(subject: str, model: str, token: str) -> bytes:
    resource = {"type": "model", "id": model, "properties": {"capability": "chat"}}
    sent = body(subject, resource=resource)
    head = (
        "POST /v1/access/decide HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise AssertionError(head[:80])
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        made = Made(Path(folder) / "node", system_clock())
        made.node.close()
        model, token = restricted_model(made.node.data, made.token)
        made = Made(made.node.data, system_clock(), made.token)
        for number in range(GRANTED):
            made.node.admitting.grant(
                made.node.access.operator(),
                f"ps_{number}",
                model,
                purpose="teaching",
                days=1,
                reason="a course of chemistry",
                vouches=VerificationLevel.VETTED,
                evidence="ef" * 32,
            )
        made.node.close()
        with serving(made.node.data, made.token) as node:
            port = int(node.url.rpartition(":")[2])
            load = os.getloadavg()[0]
            taken, whole, used = asyncio.run(
                run(port, node.process.pid, model, token, asked.rate, asked.seconds)
            )
    taken.sort()
    print(
        json.dumps(
            {
                "asked_a_second": asked.rate,
                "answered_a_second": round(len(taken) / whole),
                "p50_ms": round(taken[len(taken) // 2] * 1e3, 3),
                "p99_ms": round(taken[len(taken) * 99 // 100] * 1e3, 3),
                "p999_ms": round(taken[len(taken) * 999 // 1000] * 1e3, 3),
                "node_cpu_ms_each": round(used / len(taken) * 1e3, 3),
                "load_before": load,
            }
        )
    )


def _cpu(pid: int) -> float:
    """Seconds of processor that a process used since its start."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
