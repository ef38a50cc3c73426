"""People with passwords and authenticators, as tests meet them."""

import base64

from tests.fixtures import Made
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
