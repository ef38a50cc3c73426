"""Word about artefacts: said once for each occasion, kept for the console, and sent to the channels that deployed it.

What leaves holds the name that was given to the model here, rule ids, digests and other people's plain ids: no path,
and no text out of a file.
"""

import uuid
from collections.abc import Iterable, Mapping

import msgspec

from tocsin.app.notice_ids import notice_id
from tocsin.kernel import Clock, Finding, Notice, Reason, micros
from tocsin.kernel.models import ArtefactNotice, FollowedModel, NoticeCause
from tocsin.store.interface import Store
from tocsin.taxonomy.artefact_words import words
from tocsin.taxonomy.messages import sentence
from tocsin.wire.notices import Word

OCCASION = "model"
"""Of a notice in the outbox whose `warning` is an artefact notice's id."""

CHANNEL, USER, EVERYBODY = "channel:", "user:", ""
MAX_TOLD = 20
"""Sentences that one notice has; the artefact's page has the rest."""

SHOWN_DIGITS = 12
"""Of a digest in a sentence, as git shows a commit."""

_IDS = uuid.UUID("5c9b60d6-2f0e-5a35-8d64-1d1f1f0f6c7e")
"""Of notice ids: UUIDv5 over recipient, cause, model and occasion."""

Values = Mapping[str, str | int | float]


class ArtefactWords:
    """Says it to whom it concerns."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of_artefact(
        self, artefact: str, name: str, cause: NoticeCause, occasion: str, values: Values
    ) -> tuple[ArtefactNotice, ...]:
        """To all who follow an artefact, or to everybody who reads of models where nobody does. `name` is its own."""
        followed = self._store.followed.of([artefact])
        if not followed:
            shown = {"model": f"{artefact[:SHOWN_DIGITS]}", **values}
            return self._say([self._notice(EVERYBODY, cause, artefact, "", occasion, shown)])
        return self._say(
            notice for model in followed for notice in self._notices(model, cause, artefact, occasion, values)
        )

    def of_model(
        self,
        model: FollowedModel,
        cause: NoticeCause,
        occasion: str,
        values: Values,
        *,
        artefact: str = "",
        told: tuple[Finding, ...] = (),
    ) -> tuple[ArtefactNotice, ...]:
        """To those who follow one model. Within one transaction with what gave rise to it, where there is one."""
        return self._say(
            msgspec.structs.replace(notice, told=told[:MAX_TOLD])
            for notice in self._notices(model, cause, artefact or model.artefact, occasion, values)
        )

    def _notices(
        self, model: FollowedModel, cause: NoticeCause, artefact: str, occasion: str, values: Values
    ) -> list[ArtefactNotice]:
        shown = {"model": model.name, **values}
        return [
            self._notice(to, cause, artefact, model.name, occasion, shown)
            for to in model.deployed_by or (EVERYBODY,)
        ]

    def _notice(
        self, to: str, cause: NoticeCause, artefact: str, model: str, occasion: str, values: Values
    ) -> ArtefactNotice:
        name = "\x00".join((to, cause.value, model, occasion))
        return ArtefactNotice(
            id=str(uuid.uuid5(_IDS, name)),
            to=to,
            cause=cause,
            at=micros(self._clock()),
            artefact=artefact,
            model=model,
            values=dict(values),
        )

    def _say(self, notices: Iterable[ArtefactNotice]) -> tuple[ArtefactNotice, ...]:
        with self._store.together():
            new = self._store.artefact_notices.add(list(notices))
            channels = {channel.name: channel for channel in self._store.outbox.channels()} if new else {}
            self._store.outbox.offer(
                [
                    Notice(
                        id=notice_id(channel.name, channel.made, notice.id, OCCASION),
                        channel=channel.name,
                        warning=notice.id,
                        occasion=OCCASION,
                        made=notice.at,
                        why=f"{notice.model} was deployed by this channel's people",
                    )
                    for notice in new
                    if (channel := channels.get(notice.to.removeprefix(CHANNEL))) is not None
                    and notice.to.startswith(CHANNEL)
                ]
            )
        return new


def said(notice: ArtefactNotice, language: str = "en") -> str:
    """The notice as a sentence."""
    return sentence(Reason(f"model.{notice.cause.value}", notice.values), language)


def told(notice: ArtefactNotice, language: str = "en") -> tuple[str, ...]:
    """What changed, in sentences. They quote the files, so they stay here: `word_of` has none of them."""
    return tuple(words(one, language).why for one in notice.told)


def word_of(notice: ArtefactNotice, kept: Notice, *, node: str, at: int, link: str, language: str) -> Word:
    """What goes out to a channel."""
    return Word(
        id=kept.id,
        occasion=OCCASION,
        node=node,
        at=at,
        link=link,
        title=f"{notice.model or notice.artefact[:SHOWN_DIGITS]}: {notice.cause.value}",
        why=(said(notice, language),),
        rule=kept.why,
        kind=notice.cause.value,
        artefact=notice.artefact,
        model=notice.model,
    )
