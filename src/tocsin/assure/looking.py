"""One piece after the other: who knows it, what they say of it, what is inside. Fail-closed.

A part is clean only when an examiner knew its format, read it, and nothing told speaks against it. An examiner that
raises, reads without end or tells without end makes its part inconclusive.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tocsin.assure import bounds as bound
from tocsin.assure import hashing
from tocsin.assure.bounds import Bounds
from tocsin.assure.examining import Broken, Examiner, Nested, Packed, Piece, Told, finding
from tocsin.assure.hashing import Digests
from tocsin.assure.pieces import Held, Metered, OverWork, through
from tocsin.assure.spool import Spool
from tocsin.kernel.artefacts import ArtefactVerdict, Fact, Finding, Part, worst
from tocsin.taxonomy.artefact_rules import ArtefactRule

CHAT_TEMPLATE = "chat-template"
TENSOR_DATA = "tensor-data"
"""A format, and the kind of fact by which a model's examiner names a file of mere numbers beside it."""

UNRUN_FORMATS = frozenset({TENSOR_DATA})
"""Told by the container's examiner alone: raw numbers that its loader copies and nothing runs. Any bytes may begin like
something else by chance, so nobody else is asked."""

EMPTY = "empty"
"""Nothing is in it, so nothing can act on it."""

MEMBER_HASH_BYTES = 4 << 20
"""A member up to here always has digests of its own."""

IN_PLACE_HASH_BYTES = 16 << 30
"""A larger one that lies stored in another file has them up to here: the largest shards are published at 10 GB, and an
ONNX or GGUF file in a wheel is found by its digest."""

IN_PLACE_HASH_FACTOR = 2
"""Larger members are hashed while they come to so many times the file and what was unpacked from it: an archive in an
archive. What lies there once more is deeper nested, or members share their bytes."""

MAX_TEMPLATE_TEXT = 4 << 20
"""Characters of chat templates that the facts of one inspection hold; beyond it their digests alone."""

_KINDS = {
    "safetensors": "safetensors",
    "gguf": "gguf",
    "pickle": "pickle",
    "torch-legacy": "pickle",
    "joblib": "pickle",
    "numpy": "numpy",
    "hdf5": "hdf5",
    "tflite": "tflite",
    "image": "image",
    "zip": "zip",
    "torch-zip": "zip",
    "torchscript": "zip",
    "npz": "zip",
    "keras": "zip",
    "tar": "tar",
    "gzip": "gzip",
    "bzip2": "bzip2",
    "xz": "xz",
    "zstd": "zstd",
    "lz4": "lz4",
    "7z": "7z",
}
"""Formats that claim a whole file by bytes of their own. Two kinds in one file: two programs see two things."""

_ALIKE = (frozenset({"pickle", "safetensors"}), frozenset({"pickle", "tar"}))
"""Two that may be claimed of honest bytes: a safetensors header of 640 bytes begins like a pickle of protocol 2, and
a tar begins with a name. Each examiner's own word decides."""


class Exhausted(Exception):
    """A bound of the whole inspection is reached: what was not looked at is told, and no more is begun."""


class Looker:
    """Collects what is told of pieces. `parts`, `findings` and `facts` grow in the order of looking."""

    def __init__(
        self, examiners: Sequence[Examiner], rules: Mapping[str, ArtefactRule], bounds: Bounds
    ) -> None:
        self.parts: list[Part] = []
        self.findings: list[Finding] = []
        self.facts: list[Fact] = []
        self.met: dict[str, dict[str, int]] = {}
        """For each format met, the examiners (and their versions) that looked at it."""
        self._examiners = examiners
        self._by_name = {examiner.name: examiner for examiner in examiners}
        self._rules = rules
        self._bounds = bounds
        self._members = 0
        self._unpacked = 0
        self._spooled = 0
        self._texts = 0
        self._size = self._given = self._inside = self._hashed = 0
        """Of the file that is looked at: its bytes, what was unpacked from it, what was looked at and what was hashed
        in place in it."""

    def look(self, piece: Piece, digests: Digests, *, spooled: int = 0) -> Part:
        """Look at a file, and at all that is in it. `spooled`: what of it lies on our disk already."""
        self._spooled = spooled
        self._size, self._given, self._inside, self._hashed = piece.size, 0, 0, 0
        return self._part(piece, digests, 0, "", None)

    def tell(self, told: Finding | Fact) -> None:
        """Keep a finding or a fact, within bounds."""
        if isinstance(told, Fact):
            if len(self.facts) < bound.MAX_FACTS:
                self.facts.append(self._bounded(told))
            return
        if len(self.findings) < self._bounds.findings:
            self.findings.append(told)
        elif len(self.findings) == self._bounds.findings:
            self.findings.append(
                finding("walker.too-many-findings", told.place.path, bound=self._bounds.findings)
            )

    def _bounded(self, told: Fact) -> Fact:
        if told.kind != CHAT_TEMPLATE or not isinstance(text := told.values.get("text"), str):
            return told
        if self._texts + len(text) > MAX_TEMPLATE_TEXT:
            rest = {name: value for name, value in told.values.items() if name != "text"}
            return msgspec.structs.replace(told, values=rest)
        self._texts += len(text)
        return told

    def known_as_data(self, path: str) -> None:
        """A file that nobody knew is the numbers of a model that names it. What somebody knew stays what it is."""
        for index, part in enumerate(self.parts):
            if part.path == path and not part.format and part.verdict is ArtefactVerdict.NOT_EXAMINED:
                self.parts[index] = msgspec.structs.replace(
                    part, format=TENSOR_DATA, verdict=ArtefactVerdict.CLEAN
                )
                self.met.setdefault(TENSOR_DATA, {})
                self.findings = [
                    told
                    for told in self.findings
                    if told.place.path != path or told.rule != "walker.unknown-format"
                ]

    def _part(
        self, piece: Piece, digests: Digests, depth: int, told_as: str, teller: Examiner | None
    ) -> Part:
        index = len(self.parts)
        part = Part(piece.path, piece.size, told_as, ArtefactVerdict.INCONCLUSIVE, *digests)
        self.parts.append(
            part
        )  # what is inside follows it in the list; until it ends well it is inconclusive
        verdicts: list[ArtefactVerdict] = []
        claims: list[tuple[Examiner, str]] = []
        if told_as in UNRUN_FORMATS:
            verdicts.append(ArtefactVerdict.CLEAN)
            self.met.setdefault(told_as, {})
        elif not piece.size:
            verdicts.append(ArtefactVerdict.CLEAN)
            told_as = EMPTY
            self.met.setdefault(told_as, {})
        else:
            claims = self._claims(piece, told_as, teller, verdicts)
            if not claims:
                self._add(finding("walker.unknown-format", piece.path, size=piece.size), verdicts)
        self._two_things(piece, [name for _, name in claims], verdicts)
        for examiner, name in claims:
            self.met.setdefault(name, {})[examiner.name] = examiner.version
            verdicts.append(ArtefactVerdict.CLEAN)
            self._examine(examiner, name, piece, depth, verdicts)
        if not claims and told_as not in UNRUN_FORMATS and told_as != EMPTY:
            told_as = ""
            self.met.setdefault("", {each.name: each.version for each in self._examiners})
        read_as = told_as or (claims[0][1] if claims else "")
        part = Part(
            piece.path,
            piece.size,
            read_as,
            worst(*verdicts),
            *digests,
            tuple(each.name if name == read_as else f"{each.name}:{name}" for each, name in claims),
        )
        self.parts[index] = part
        return part

    def _claims(
        self, piece: Piece, told_as: str, teller: Examiner | None, verdicts: list[ArtefactVerdict]
    ) -> list[tuple[Examiner, str]]:
        claims: list[tuple[Examiner, str]] = []
        metered = Metered(piece)
        for examiner in self._examiners:
            metered.afresh()
            metered.running = True
            try:
                name = examiner.recognises(metered)
            except Exception as error:  # noqa: BLE001  # any defect of any examiner: told, never taken for "not mine"
                self._failed(examiner, piece, error, verdicts)
            else:
                if name:
                    claims.append((examiner, name))
        asked = self._by_name.get(told_as) or teller
        if told_as and asked is not None and all(name != told_as for _, name in claims):
            claims.insert(0, (asked, told_as))
        return claims

    def _two_things(self, piece: Piece, names: list[str], verdicts: list[ArtefactVerdict]) -> None:
        kinds = {_KINDS[name] for name in names if name in _KINDS}
        if len(kinds) > 1 and kinds not in _ALIKE:
            self._add(finding("walker.polyglot", piece.path, formats=", ".join(sorted(kinds))), verdicts)

    def _examine(
        self, examiner: Examiner, name: str, piece: Piece, depth: int, verdicts: list[ArtefactVerdict]
    ) -> None:
        metered = Metered(piece)
        try:
            for count, told in enumerate(_stepped(examiner, metered, name)):
                if count >= bound.MAX_TOLD_A_PIECE:
                    raise OverWork  # noqa: TRY301  # one place says what becomes of it
                self._told(told, examiner, depth, verdicts)
        except Exhausted:
            raise
        except OverWork:
            self._add(finding("walker.too-much-work", piece.path, examiner=examiner.name), verdicts)
        except Exception as error:  # noqa: BLE001  # a defect of an examiner is no reason to pass anything
            self._failed(examiner, piece, error, verdicts)

    def _told(self, told: Told, examiner: Examiner, depth: int, verdicts: list[ArtefactVerdict]) -> None:
        match told:
            case Finding():
                self._add(told, verdicts)
            case Fact():
                self.tell(told)
            case Nested():
                piece = told.piece
                if self._may(piece.path, piece.size, depth, verdicts):
                    self._again(piece, examiner, verdicts)
                    digests = Digests()
                    if told.format not in UNRUN_FORMATS:
                        if piece.size <= hashing.INLINE_BYTES:  # each examiner asks for its head again
                            piece = Held(piece.path, piece.read(0, piece.size))
                        digests = self._digests(piece)
                    self._part(piece, digests, depth + 1, told.format, examiner)
            case Packed():
                if self._may(told.path, told.packed_size, depth, verdicts):
                    self._unpack(told, examiner, depth)

    def _digests(self, piece: Piece) -> Digests:
        """Of a member that lies stored."""
        if piece.size <= MEMBER_HASH_BYTES:
            return hashing.of_bytes(piece.read(0, piece.size))
        if piece.size > IN_PLACE_HASH_BYTES or self._hashed + piece.size > IN_PLACE_HASH_FACTOR * (
            self._size + self._given
        ):
            return Digests()
        self._hashed += piece.size
        return hashing.of_chunks(through(piece))

    def _may(self, path: str, size: int, depth: int, verdicts: list[ArtefactVerdict]) -> bool:
        """Whether one more member may be looked at; else it is told, and no part of it is clean."""
        if depth >= self._bounds.depth:
            verdict = ArtefactVerdict.INCONCLUSIVE
            self.parts.append(Part(path, size, "", verdict))
            self._add(finding("walker.too-deep", path, bound=self._bounds.depth), verdicts)
            return False
        self._members += 1
        if self._members > self._bounds.members:
            self._add(finding("walker.too-many-members", path, bound=self._bounds.members), verdicts)
            raise Exhausted
        return True

    def _again(self, piece: Piece, examiner: Examiner, verdicts: list[ArtefactVerdict]) -> None:
        """Ends the look where the same bytes are handed on over and over."""
        self._inside += piece.size
        if self._inside > bound.INSIDE_FACTOR * (self._size + self._given) + bound.WORK_FREE_BYTES:
            self._add(finding("walker.too-much-work", piece.path, examiner=examiner.name), verdicts)
            raise Exhausted

    def _unpack(self, packed: Packed, examiner: Examiner, depth: int) -> None:
        verdicts: list[ArtefactVerdict] = []
        with Spool() as spool:
            both = hashing.Both()
            before, ended, size = self._spooled, False, 0
            kept = packed.format not in UNRUN_FORMATS
            try:
                size = self._pour(packed, spool if kept else None, both)
            except Broken as error:
                self._add(finding("walker.broken", packed.path, why=str(error)), verdicts)
            except _Over as error:
                self._add(finding(error.rule, packed.path, bound=error.bound), verdicts)
                ended = error.whole
            except OSError:
                self._add(finding("walker.no-space", packed.path), verdicts)
            except Exception as error:  # noqa: BLE001  # a decompressor's own failure
                self._failed(examiner, packed, error, verdicts)
            else:
                verdicts.append(ArtefactVerdict.CLEAN)
            if kept:
                self._spooled_part(packed, spool, both, examiner, depth, verdicts)
            else:
                self.met.setdefault(packed.format, {})
                self.parts.append(Part(packed.path, size, packed.format, worst(*verdicts)))
            self._spooled = before
            if ended:
                raise Exhausted

    def _spooled_part(
        self,
        packed: Packed,
        spool: Spool,
        both: hashing.Both,
        examiner: Examiner,
        depth: int,
        verdicts: list[ArtefactVerdict],
    ) -> None:
        """Looks at what came out, even where it broke off."""
        index = len(self.parts)
        piece = spool.piece(packed.path)
        digests = both.digests() if piece.size == both.size else Digests()
        part = self._part(piece, digests, depth + 1, packed.format, examiner)
        self.parts[index] = msgspec.structs.replace(part, verdict=worst(part.verdict, *verdicts))

    def _pour(self, packed: Packed, spool: Spool | None, both: hashing.Both) -> int:
        """Unpacks within every bound; how many bytes came."""
        produced = 0
        whole = bound.WHOLE_FREE_BYTES + self._bounds.ratio * self._size
        for chunk in packed.chunks():
            produced += len(chunk)
            self._given += len(chunk)
            self._unpacked += len(chunk)
            if self._unpacked > self._bounds.unpacked_bytes:
                raise _Over("walker.too-large", self._bounds.unpacked_bytes, whole=True)
            if self._given > whole:
                raise _Over("walker.ratio", self._bounds.ratio, whole=True)
            if produced > bound.RATIO_FREE_BYTES and produced > self._bounds.ratio * packed.packed_size:
                raise _Over("walker.ratio", self._bounds.ratio)
            if spool is not None:
                self._spooled += len(chunk)
                if self._spooled > self._bounds.spooled_bytes:
                    raise _Over("walker.too-large", self._bounds.spooled_bytes)
                spool.write(chunk)
                both.take(chunk)
        return produced

    def _add(self, told: Finding, verdicts: list[ArtefactVerdict]) -> None:
        verdicts.append(told.verdict)
        self.tell(told)

    def _failed(
        self, examiner: Examiner, piece: Piece | Packed, error: Exception, verdicts: list[ArtefactVerdict]
    ) -> None:
        # the kind alone: an error's words may hold what the file holds
        told = finding(
            "walker.examiner-failed", piece.path, examiner=examiner.name, error=type(error).__name__
        )
        self._add(told, verdicts)


class _Over(Exception):
    def __init__(self, rule: str, bound: int, *, whole: bool = False) -> None:
        super().__init__(rule)
        self.rule = rule
        self.bound = bound
        self.whole = whole
        """Whether it is a bound of the whole look, which ends with it."""


def _stepped(examiner: Examiner, metered: Metered, name: str) -> Iterator[Told]:
    """What it tells, its reading counted only while it is at work itself."""
    metered.running = True
    telling = iter(examiner.examine(metered, name))
    while True:
        metered.running = True
        try:
            told = next(telling)
        except StopIteration:
            return
        metered.running = False
        yield told
