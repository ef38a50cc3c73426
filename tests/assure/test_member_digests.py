"""Large members have digests of their own, wherever they lie; the numbers of a torch checkpoint need none."""

import hashlib
import tarfile
import zipfile
from io import BytesIO
from typing import Literal

from blake3 import blake3

from tests.assure.containers.test_zips import zipped
from tests.assure.looks import look
from tocsin.assure.looking import IN_PLACE_HASH_FACTOR, MEMBER_HASH_BYTES
from tocsin.kernel.artefacts import Part

SOUP = b"soup\n" * 1_000_000
assert len(SOUP) > MEMBER_HASH_BYTES


def hashed(data: bytes, name: str) -> Part:
    (part,) = (part for part in look(data, name).parts if part.path.endswith("soup.txt"))
    return part


def tarred(mode: Literal["w", "w:gz"]) -> bytes:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        about = tarfile.TarInfo("soup.txt")
        about.size = len(SOUP)
        archive.addfile(about, BytesIO(SOUP))
    return file.getvalue()


def test_stored_packed_and_tarred_members_are_found_by_their_digest() -> None:
    wanted = (hashlib.sha256(SOUP).hexdigest(), blake3(SOUP).hexdigest())
    for data in (
        zipped(("soup.txt", SOUP)),
        zipped(("soup.txt", SOUP), method=zipfile.ZIP_DEFLATED),
        tarred("w"),
        tarred("w:gz"),
    ):
        part = hashed(data, "archive")
        assert (part.size, part.sha256, part.blake3) == (len(SOUP), *wanted)


def test_raw_storages_of_a_torch_checkpoint_are_left_to_the_digest_of_the_file() -> None:
    data = zipped(("m/data.pkl", b"\x80\x02}."), ("m/version", b"3\n"), ("m/data/0", SOUP))
    (part,) = (part for part in look(data, "m.pt").parts if part.path.endswith("data/0"))
    assert (part.format, part.sha256) == ("tensor-data", "")


def test_archives_in_archives_are_not_hashed_again_and_again() -> None:
    data = SOUP
    for number in range(4):
        data = zipped(("soup.txt" if not number else f"{number}.zip", data))
    inside = [part.sha256 for part in look(data, "deep.zip").parts[1:]]
    assert [bool(sha256) for sha256 in inside] == [True] * IN_PLACE_HASH_FACTOR + [False] * 2
