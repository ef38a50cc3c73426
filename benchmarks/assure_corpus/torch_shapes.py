"""What torch.load opens: the zip of today, the stream of before, the tar of before that; and zips that lie."""

import io
import pickle
import tarfile
from collections.abc import Iterator

from benchmarks.assure_corpus.pickling import Call, Global, Listed, Mapped, Node, stream
from benchmarks.assure_corpus.shape import CANARY, Shape
from benchmarks.assure_corpus.streams import MKDIR, OPEN
from benchmarks.assure_corpus.zips import ENCRYPTED, Entry, archive, torch_zip

MAGIC = 0x1950A86A20F9469CFC6C
"""Of a legacy file: its first pickle."""

PROTOCOL = 1001
_HARMLESS = stream(Mapped((("epoch", 3),)), 2)
_SYSTEM = {
    "protocol_version": PROTOCOL,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}
_ODD: Node = Call(Global("torch.storage", "_load_from_bytes"), (archive(torch_zip(stream(OPEN, 2))),))


def legacy(payload: bytes, *, system: bytes | None = None) -> bytes:
    """A file of torch before 1.6: magic, protocol, system, object, keys of storages."""
    start = pickle.dumps(MAGIC, 2) + pickle.dumps(PROTOCOL, 2)
    return start + (system or pickle.dumps(_SYSTEM, 2)) + payload + pickle.dumps([], 2)


def _oldest() -> bytes:
    out = io.BytesIO()
    members = {
        "storages": pickle.dumps(0, 2) + pickle.dumps([], 2),
        "tensors": pickle.dumps(0, 2),
        "pickle": stream(OPEN, 2),
    }
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _loaded() -> Iterator[tuple[str, bytes]]:
    weights = [b"\x00" * 64]
    yield "zip", archive(torch_zip(stream(OPEN, 2), weights))
    yield "zip-known-payload", archive(torch_zip(stream(MKDIR, 2), weights))
    yield (
        "zip-among-weights",
        archive(torch_zip(stream(Mapped((("a", 1), ("state", OPEN), ("z", 2))), 2), weights)),
    )
    yield "zip-nested-load", archive(torch_zip(stream(_ODD, 3)))
    yield "zip-hub-walk", archive(torch_zip(stream(Call(Global("torch.hub", "os.mkdir"), (CANARY,)))))
    yield "legacy", legacy(stream(OPEN, 2))
    yield "legacy-in-magic", stream(OPEN, 2) + legacy(_HARMLESS)
    yield "legacy-in-system", legacy(_HARMLESS, system=stream(MKDIR, 2))
    yield "legacy-broken-after", legacy(stream(OPEN, 2))[:-4]
    yield "legacy-nested-load", legacy(stream(_ODD, 3))
    yield "oldest-tar", _oldest()


def _lying() -> Iterator[tuple[str, bytes]]:
    entries = torch_zip(stream(OPEN, 2), [b"\x01" * 32])
    bad, rest = entries[0], entries[1:]
    good = Entry("archive/data.pkl", _HARMLESS)
    yield "flag-local", archive([bad._replace(local_flags=ENCRYPTED), *rest])
    yield "local-name", archive([bad._replace(local_name="archive/data.txt"), *rest])
    yield "local-name-weights", archive([bad._replace(local_name="archive/data/0"), *rest])
    yield "crc", archive([bad._replace(crc=0), *rest])
    yield "deflated", archive([bad._replace(deflate=True), *rest])
    yield "duplicate-first-good", archive([good, *rest, bad])
    yield "case", archive([bad._replace(name="archive/DATA.PKL"), *rest])
    yield "unaligned", archive([bad, *rest], aligned=False)


def torch_shapes() -> Iterator[Shape]:
    """Checkpoints."""
    for name, content in _loaded():
        yield Shape(
            f"torch-{name}", "torch", "opens a file for writing", "torch", {"pytorch_model.bin": content}
        )
    for name, content in _lying():
        file = "model.pt"
        yield Shape(
            f"torch-zip-{name}", "torch zips that lie", "opens a file for writing", "torch", {file: content}
        )
    entries = torch_zip(stream(OPEN, 2))
    for name, changed in (
        ("central", {"central_flags": ENCRYPTED}),
        ("both", {"central_flags": ENCRYPTED, "local_flags": ENCRYPTED}),
    ):
        lying = archive([entries[0]._replace(**changed), *entries[1:]])  # type: ignore[arg-type]
        does = "opens a file where the reader looks past the flag; the torch of today refuses"
        yield Shape(f"torch-zip-flag-{name}", "torch zips that lie", does, "", {"model.pt": lying})
    wrong = archive(torch_zip(stream(OPEN, 2)))
    for name in ("weights.json", "model.ckpt.txt", "weights", "vocab.txt"):
        yield Shape(f"torch-named-{name}", "wrong names", "opens a file for writing", "torch", {name: wrong})
    index = Listed(("layer", OPEN))
    parts = {
        "pytorch_model-00001-of-00002.bin": archive(torch_zip(_HARMLESS)),
        "pytorch_model-00002-of-00002.bin": archive(torch_zip(stream(index, 2))),
    }
    yield Shape(
        "torch-second-shard",
        "torch",
        "opens a file for writing",
        "torch",
        parts,
        entry="pytorch_model-00002-of-00002.bin",
    )
