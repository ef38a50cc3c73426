"""Harmless crowds: many accounts, one text. Each is here because a careless detector would ring for it."""

import random
from datetime import timedelta

from tocsin.kernel import Observable, ObservableType
from tocsin.sandbox.disguise import change_words
from tocsin.sandbox.grammar import grammar
from tocsin.sandbox.world import DAYS, Account, World, address_prefix

NO_SYNONYMS: dict[str, tuple[str, ...]] = {}


def _some(world: World, count: int, *, newest: bool = False) -> list[Account]:
    """`count` accounts, those who write much more often; `newest` prefers those who joined last."""
    if newest:
        return sorted(world.accounts, key=lambda account: account.created)[-count:]
    weights = [account.weight for account in world.accounts]
    chosen = {
        account.id: account for account in world.rng.choices(world.accounts, weights=weights, k=3 * count)
    }
    return list(chosen.values())[:count]


def _newcomers(world: World, count: int, *, first: float, last: float) -> list[Account]:
    """`count` accounts made between two days of the past; they stay, and write other things later."""
    joined = [world.start + timedelta(days=world.rng.uniform(first, last)) for _ in range(count)]
    made = [world.account(created=created) for created in joined]
    world.accounts.extend(made)
    return made


def template(rng: random.Random, sentences: int) -> str:
    """A text that will be copied: several clauses of one grammar, the same on every node that shares it."""
    grown = grammar("en")
    return " ".join(grown.text(rng, rng.choice(("opening", "middle"))) for _ in range(sentences))


def _copy(rng: random.Random, text: str) -> str:
    """As people copy: half of them exactly, others with a word or two, a few rewrite some of it."""
    roll = rng.random()
    if roll < 0.5:
        return text
    filler = grammar("en")
    words = [filler.text(rng, "name"), filler.text(rng, "place"), filler.text(rng, "adjective")]
    if roll < 0.8:
        return f"{text} {rng.choice(words)}"
    return " ".join(change_words(text.split(" "), rng.uniform(0.04, 0.2), rng, NO_SYNONYMS, words))


def meme(world: World, text: str, label: str, *, copies: int, joined: int, day: float) -> None:
    """A viral template over old and new accounts; `joined` people come only because of it."""
    crowd = _some(world, copies - joined)
    crowd += _newcomers(world, joined, first=max(0.0, day - 1), last=min(day + 2, DAYS - 1.0))
    for account in crowd:
        spread = timedelta(days=day + world.rng.betavariate(1.6, 4) * (DAYS - day))
        at = world.moment(account, world.start + spread - timedelta(hours=4), world.start + spread)
        for _ in range(1 if world.rng.random() < 0.85 else 2):
            world.add(account, _copy(world.rng, text), at, label, lang="en")


def newsletter(world: World, *, accounts: int) -> None:
    """A footer under every letter of some accounts: long, always the same, the letters all different."""
    footer = "-- " + template(world.rng, 2)
    for account in _some(world, accounts) + _some(world, 2, newest=True):
        for _ in range(world.rng.randint(2, 5)):
            text = f"{world.ordinary_text(account)} {world.ordinary_text(account)} {footer}"
            world.add(account, text, world.moment(account), "footer")


def stock_phrase(world: World, *, accounts: int) -> None:
    """A client program puts the same sentences before what its users write."""
    stock = (
        "You are a careful assistant. Answer in plain words, keep names and figures as they are, "
        "and say so when you are not sure. The user's note follows: "
    )
    for account in _some(world, accounts):
        for _ in range(world.rng.randint(1, 6)):
            world.add(account, stock + world.ordinary_text(account), world.moment(account), "stock")


def app(world: World, *, accounts: int) -> None:
    """A small app that grows: its users do nothing but call one prompt with their own words in it."""
    rng, grown = world.rng, grammar("en")
    before, after = template(rng, 1), template(rng, 2)
    source = world.profile.sources[-1]
    users = [
        world.account(
            created=world.start + timedelta(days=DAYS - 1 - rng.expovariate(1 / 45)), lang="en", source=source
        )
        for _ in range(accounts)
    ]
    for user in users:
        for _ in range(rng.choice((1, 1, 2, 2, 3, 5))):
            words = ", ".join(grown.text(rng, rule) for rule in ("thing", "adjective", "place", "when"))
            world.add(user, f"{before} {words}. {after}", world.moment(user), "app")


def homework(world: World, *, students: int) -> None:
    """A class joins in one week from one school, pastes the teacher's question, and goes on to other things.

    The school's prefix is older than the class: teachers and former pupils write from it too.
    """
    rng = world.rng
    prefix = address_prefix(rng)
    question = template(rng, 3) + " Show your working and hand it in by Thursday."
    world.accounts.extend(world.account(prefix=prefix) for _ in range(rng.randint(8, 16)))
    week = rng.uniform(1, 6)
    shared = f"dev-{rng.getrandbits(64):016x}"
    for number in range(students):
        created = world.start + timedelta(days=week + rng.uniform(0, 4.5))
        student = world.account(created=created, prefix=prefix, device=shared if number < 2 else None)
        world.accounts.append(student)
        due = world.start + timedelta(days=week + 6.5)
        for _ in range(1 if rng.random() < 0.7 else 2):
            at = world.moment(student, created, due)
            world.add(
                student, question if rng.random() < 0.7 else _copy(rng, question), at, "homework", lang="en"
            )
        for _ in range(rng.choice((0, 1, 2, 3, 4, 6, 9))):
            world.once(student)


def petition(world: World, *, signers: int, joined: float) -> None:
    """A call that people sign by posting it. Many came for it; all of them link the same page."""
    rng = world.rng
    page = Observable(ObservableType.DOMAIN, f"{world.mint.word(4)}.example")
    town = grammar("en").text(rng, "place")
    call = (
        f"Keep the night tram in {town}! The council wants to end it {grammar('en').text(rng, 'when')}. "
        f"{template(rng, 2)} We, the undersigned, ask for a public hearing before anything is cut. "
        f"Sign and share at {page.value}"
    )
    day = rng.uniform(3, 8)
    came = _newcomers(world, int(signers * joined), first=day, last=min(day + 4, DAYS - 1.0))
    for account in _some(world, signers - len(came)) + came:
        at = world.moment(account, world.start + timedelta(days=day), world.start + timedelta(days=day + 5))
        text = call if rng.random() < 0.7 else f"{world.ordinary_text(account)} {call}"
        world.add(account, text, at, "petition", extra=(page,) if rng.random() < 0.8 else (), lang="en")


def office(world: World, *, people: int) -> None:
    """One building, one prefix: unrelated texts, a weekly form that everybody fills in, a few new hires."""
    rng = world.rng
    prefix = address_prefix(rng)
    form = template(rng, 1)
    for number in range(people):
        created = world.start + timedelta(days=rng.uniform(0, 8)) if number < people // 5 else None
        person = world.account(created=created, prefix=prefix)
        world.accounts.append(person)
        for _ in range(rng.randint(1, 3)):
            done = (
                f"Weekly note. {form} Done: {world.ordinary_text(person)} Next: {world.ordinary_text(person)}"
            )
            world.add(person, done, world.moment(person), "office")


def referral(world: World, *, friends: int) -> None:
    """New accounts that came with one invitation, and write about whatever they like."""
    code = f"join-{world.mint.word(4)}"
    invitation = Observable(ObservableType.INVITATION, code)
    for account in _newcomers(world, friends, first=0, last=DAYS - 3.0):
        for _ in range(world.rng.randint(1, 4)):
            world.add(
                account, world.ordinary_text(account), world.moment(account), "referral", extra=(invitation,)
            )
