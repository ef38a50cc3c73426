"""People with passwords and authenticators, as tests meet them."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fixtures import Made
from tocsin.app.node import Node
from tocsin.kernel import Role
from tocsin.trust import second_factor

WORDS = "a refund of the lottery"


def with_password(made: Made, name: str, *roles: Role) -> str:
    """A new user who logs in with WORDS; their id."""
    access, by = made.node.access, made.node.access.operator()
    user = access.add_user(by, name, roles)
    made.node.accounts.set_password(by, name, WORDS)
    return user.id


def enrolled(made: Made, name: str) -> tuple[bytes, tuple[str, ...]]:
    """A second factor for a user: its secret, and the recovery codes. One code is used up by it."""
    accounts, by = made.node.accounts, made.node.access.operator()
    secret = secret_of(accounts.enrol(by, name).spelt)
    codes = accounts.confirm_enrolment(by, made.node.access.named(name), code(made, secret))
    return secret, codes


def secret_of(spelt: str) -> bytes:
    """What somebody types into an authenticator."""
    return base64.b32decode(spelt.replace(" ", ""))


def code(made: Made, secret: bytes) -> str:
    """What the authenticator shows now."""
    return second_factor.code_at(secret, made.now.timestamp())


PUBLIC_URL = "http://testserver.local"
ROLES = '{ "analysts" = ["analyst"], "reviewers" = ["reviewer"] }'


@contextmanager
def node_with(made: Made, issuer: str, **settings: str) -> Iterator[Node]:
    """The node, opened anew with an OpenID provider; each setting as TOML."""
    chosen = {
        "oidc_issuer": f'"{issuer}"',
        "oidc_client_id": '"tocsin-node"',
        "oidc_roles": ROLES,
        "oidc_allow_private": "true",
        "public_url": f'"{PUBLIC_URL}"',
        **settings,
    }
    file = made.node.data / "settings.toml"
    text = file.read_text("utf-8")
    for name in chosen:
        assert f"\n{name} = " in text
    kept = [line for line in text.splitlines() if line.split(" = ")[0] not in chosen]
    kept += [f"{name} = {value}" for name, value in chosen.items()]
    file.write_text("\n".join(kept) + "\n", "utf-8")
    node = Node(made.node.data, clock=made.clock)
    try:
        yield node
    finally:
        node.close()
