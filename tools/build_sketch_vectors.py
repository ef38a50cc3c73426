"""Write tests/vectors/sketch.json again: python tools/build_sketch_vectors.py > tests/vectors/sketch.json

Only a change of `wire.sketch.FORMAT` may change the file: nodes compare signatures across versions.
"""

import json
import sys

from tocsin.wire.fold import fold
from tocsin.wire.sketch import FORMAT, SLOTS, decode, sketch_batch

TEXTS = (
    "Claim your lottery refund today, the office closes at noon and the queue is short.",
    "Сlаim yоur lоttеry rеfund tоday, the оffice clоses at nооn and the queue is shоrt.",
    "It was a fine day and we went for a walk in the park with our friends.",
    "今天天气很好，我们一起去公园散步，然后去图书馆看书，晚上回家喝茶。",
    "Сегодня утром мы пошли на рынок за свежими овощами и фруктами.",
    "हिन्दी में यह एक साधारण वाक्य है जो मौसम के बारे में बताता है।",
    "too short",
    "".join(f"line {number} of a long text; " for number in range(400)),
)


def main() -> None:
    rows = []
    for text in TEXTS:
        folded = fold(text)
        blob = sketch_batch([folded])[0]
        sketch = decode(blob) if blob is not None else None
        rows.append(
            {
                "text": text,
                "folded": folded,
                "shingles": sketch.shingles if sketch else None,
                "signature": sketch.signature_bytes.hex() if sketch else None,
                "hashes": len(sketch.hashes) if sketch else None,
                "first_hashes": sketch.hashes[:4].tolist() if sketch else None,
            }
        )
    json.dump(
        {
            "origin": "Computed by Tocsin itself (tools/build_sketch_vectors.py), checked by the plain implementation"
            " in tests/wire/test_sketch.py; the form is described in docs/fingerprints.md.",
            "format": FORMAT,
            "slots": SLOTS,
            "rows": rows,
        },
        sys.stdout,
        ensure_ascii=False,
        indent=1,
    )
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
