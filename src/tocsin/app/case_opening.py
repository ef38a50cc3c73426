"""How a case begins: from the public door, a warning, a peer, a mail, or a person here."""

import msgspec

from tocsin.app.case_desk import NODE, PUBLIC, CaseDesk, Detail
from tocsin.app.case_keys import label
from tocsin.app.case_texts import NOTE, WORDS, numbered, of_words
from tocsin.cases import due, timeline
from tocsin.cases.urgency import check_queue, route
from tocsin.kernel import BadInput, Caller, NotFound
from tocsin.kernel.cases import RANK, Case, CaseAct, CaseFlag, CaseOrigin, CaseState, CaseWords, Urgency
from tocsin.store.case_interface import KeptAct, NewCaseRow

ID_BYTES = 16
"""Drawn from 128 bits: nobody finds one by trying, and no number says how many there are."""
RECEIVED = "received"
MAX_TITLE_CHARS, MAX_WHAT_CHARS, MAX_WHERE_CHARS = 300, 20_000, 4_000


class NewCase(msgspec.Struct, frozen=True, kw_only=True):
    """What a case begins with. Its flags choose the queue that is not named, and can raise the urgency."""

    origin: CaseOrigin
    words: CaseWords
    flags: tuple[CaseFlag, ...] = ()
    lang: str = "en"
    category: str = ""
    urgency: Urgency | None = None
    queue: str | None = None
    report: str | None = None
    warning: str | None = None


class CaseOpening(CaseDesk):
    """The first act."""

    def open(self, by: Caller | None, new: NewCase) -> Case:
        """Open a case; by None it is the public door, or this node. Raises NotAllowed, NotFound, BadInput.

        Its flags lead it to its queue at once. Inside a `store.together()` of who calls, it is kept with the rest or
        not at all.
        """
        if by is not None:
            self._access.require(by, "case.work")
        if new.warning is not None and self._store.warnings.get(new.warning) is None:
            raise NotFound(f"there is no warning {new.warning[:64]}: `tocsin watch warnings` lists them")
        _check(new.words)
        with self._store.together():
            return self._opened(by, new, notes=[note.encode() for note in new.words.notes])

    def _opened(
        self, by: Caller | None, new: NewCase, *, notes: list[bytes], split_from: str | None = None
    ) -> Case:
        flags = tuple(dict.fromkeys(new.flags))
        led = route(flags, self._queues.all())
        queue = self._queues.get(new.queue or led.queue)
        check_queue(queue, flags)
        now = self._now()
        case = due.arrived(
            Case(
                id=f"case_{self._entropy(ID_BYTES).hex()}",
                queue=queue.id,
                state=CaseState.RECEIVED,
                origin=new.origin,
                received=now,
                updated=now,
                category=new.category,
                urgency=min(new.urgency or led.urgency, led.urgency, key=RANK.__getitem__),
                flags=flags,
                lang=new.lang,
                report=new.report,
                warning=new.warning,
                split_from=split_from,
            ),
            queue,
        )
        seal = self._keys.make(case.id, queue)
        texts = {WORDS: of_words(new.words)}
        # notes that it begins with are of the first act: 0 and below keep them apart from acts that come
        texts |= {numbered(NOTE, -number): note for number, note in enumerate(reversed(notes))}
        who = by.user if by else (PUBLIC if new.report else NODE)
        act = timeline.chained(
            CaseAct(
                case=case.id,
                number=case.version,
                at=now,
                by=who,
                act=RECEIVED,
                was=None,
                now=case.state,
                detail=_detail(case),
            ),
            b"",
        )
        sealed = {what: seal.close(plain, label(case.id, what)) for what, plain in texts.items()}
        self._store.cases.add([NewCaseRow(case, KeptAct(act), sealed)])
        self._audit(act, restricted=queue.restricted)
        self._hear(act, None, case)
        return case

    def _new(self, by: Caller, case: Case, words: CaseWords, notes: list[bytes]) -> Case:
        """A case split from another: of its queue, its urgency and its flags."""
        made = NewCase(
            origin=case.origin,
            words=words,
            flags=case.flags,
            lang=case.lang,
            category=case.category,
            urgency=case.urgency,
            queue=case.queue,
            warning=case.warning,
        )
        return self._opened(by, made, notes=notes, split_from=case.id)


def _detail(case: Case) -> Detail:
    detail: Detail = {"origin": case.origin.value, "queue": case.queue, "urgency": case.urgency.value}
    return detail | ({"split_from": case.split_from} if case.split_from else {})


def _check(words: CaseWords) -> None:
    for said, most in (
        (words.title, MAX_TITLE_CHARS),
        (words.what, MAX_WHAT_CHARS),
        (words.where, MAX_WHERE_CHARS),
    ):
        if len(said) > most:
            raise BadInput(
                f"a case begins with a title, what happened and where: {most} characters here at most"
            )
    if not (words.title.strip() or words.what.strip()):
        raise BadInput("say what happened: a case has a title or a description at least")
