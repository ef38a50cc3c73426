"""`tocsin init`: a folder becomes a node."""

import os
from pathlib import Path

import msgspec

from tocsin.app import settings as node_settings
from tocsin.app.keyring import Keyring
from tocsin.kernel import BadInput, Clock, Role, Token, User, micros
from tocsin.store import open_store
from tocsin.store.interface import AuditRow
from tocsin.trust import tokens
from tocsin.trust.seal import Entropy

FIRST_USER = "admin"
HUMAN_ROLES = (Role.ADMIN, Role.ANALYST, Role.REVIEWER, Role.DUTY_OFFICER, Role.AUDITOR)
"""The first user holds all of them: on a small node one person does it all, until they name others."""


class Initialised(msgspec.Struct, frozen=True):
    """What `init` prints; the token is shown here and never again."""

    data: str
    node_id: str
    admin_token: str


def initialise(
    data: Path,
    *,
    name: str,
    clock: Clock,
    database_url: str | None = None,
    entropy: Entropy = os.urandom,
) -> Initialised:
    """Make a node in `data`: folder 0700, keys, settings, database, first user.

    Raises BadInput when the folder holds anything already.
    """
    if data.exists() and any(data.iterdir()):
        raise BadInput(f"{data} is not empty: choose a new folder, or remove what is in it")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    Keyring.create(data / "keys", entropy)
    node_settings.write(data, node_settings.Settings(name=name))
    store = open_store(data, database_url)
    try:
        store.migrate()
        if store.people.users():
            raise BadInput("the database in TOCSIN_DATABASE_URL holds a node already: name an empty one")
        now = micros(clock())
        user = User(id=f"user_{entropy(8).hex()}", name=FIRST_USER, roles=HUMAN_ROLES, created=now)
        minted = tokens.mint(entropy)
        store.people.add_user(user)
        store.people.add_token(
            Token(id=minted.id, user=user.id, digest=minted.digest, label="first token", created=now)
        )
        store.audit.write(
            AuditRow(at=now, who=user.id, act="node.init", subject=name, purpose="set-up", outcome="done")
        )
    finally:
        store.close()
    return Initialised(
        data=str(data), node_id=Keyring(data / "keys").identity.node_id, admin_token=minted.text
    )
