"""How quickly a record is found among many: `python -m benchmarks.search [RECORDS] [URL]`.

Records are indicators with a name and description of English and Chinese words (Zipf), five references in ten, forty
categories and fifty authors. Median and worst of 30 warm runs a question, in milliseconds; the page is 50 records.
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tocsin.kernel import TLP, Origin, Record
from tocsin.store import Store, Wanted, open_store

START = 1_795_000_000_000_000
WORDS = 20_000
HAN = "彩票退款诈骗团伙利用账号转移资金平台用户投诉银行卡号码信息网络安全风险模型生成内容传播虚假"


def record(rng: random.Random, number: int) -> Record:
    """One made-up indicator."""
    name = " ".join(f"word{int(rng.paretovariate(0.9)) % WORDS}" for _ in range(6))
    text = " ".join(f"word{int(rng.paretovariate(0.7)) % WORDS}" for _ in range(18))
    han = "".join(rng.choices(HAN, k=12))
    refs = [
        f"campaign--{rng.randrange(number + 1):08x}-0000-4000-8000-000000000000" for _ in range(number % 2)
    ]
    key = f"indicator--{number:08x}-0000-4000-8000-000000000000"
    stix = {"type": "indicator", "id": key, "name": name, "description": f"{text} {han}", "object_refs": refs}
    return Record(
        id=key,
        type="sighting" if number % 3 == 0 else "indicator",
        version=START + number,
        stix=msgspec.json.encode(stix),
        origin=Origin.PEER,
        author=f"identity--{number % 50:08x}-0000-4000-8000-000000000000",
        tlp=TLP.GREEN,
        category=f"fraud.c{number % 40}",
        added=START + number,
        peer=f"peer-{number % 50}",
    )


def run(label: str, store: Store, number: int) -> None:
    """Fill, index, ask."""
    rng = random.Random(1)
    store.migrate()
    began = time.perf_counter()
    for at in range(0, number, 5_000):
        store.records.put([record(rng, one) for one in range(at, min(at + 5_000, number))])
    print(f"{label}: {number:,} records made and put in {time.perf_counter() - began:.0f} s")
    began, cpu = time.perf_counter(), time.process_time()
    store.search.index(number)
    print(f"  indexed in {time.perf_counter() - began:.0f} s ({time.process_time() - cpu:.0f} s of this CPU)")
    rare = f"campaign--{7:08x}-0000-4000-8000-000000000000"
    for name, wanted in {
        "newest 50": Wanted(),
        "half of all words": Wanted(words="word1"),
        "a rare word": Wanted(words="word19876"),
        "two words": Wanted(words="word12 word340"),
        "a beginning (word198…)": Wanted(words="word198"),
        "Chinese, two letters": Wanted(words="诈骗"),
        "Chinese, four letters": Wanted(words="诈骗团伙"),
        "a type": Wanted(type="sighting"),
        "a peer and a category": Wanted(peer="peer-7", category="fraud.c7"),
        "a peer that gave nothing": Wanted(peer="nobody"),
        "who refers to it": Wanted(refers_to=rare),
        "the same, an old page": Wanted(words="word1", before=START + number // 10),
    }.items():
        times = []
        found = store.search.find(wanted)
        for _ in range(30):
            began = time.perf_counter()
            found = store.search.find(wanted)
            times.append((time.perf_counter() - began) * 1000)
        print(f"  {name:26} {len(found.records):3}  {statistics.median(times):8.1f}  {max(times):8.1f}")


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    url = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), url)
        run("PostgreSQL" if url else "SQLite", store, number)
        store.close()


if __name__ == "__main__":
    main()
