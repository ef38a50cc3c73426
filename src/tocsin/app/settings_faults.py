"""What settings say that cannot be meant, each line by itself being well-formed."""

import ipaddress
from typing import TYPE_CHECKING

from tocsin.kernel import Role

if TYPE_CHECKING:
    from tocsin.app.settings import Settings

MACHINES = frozenset({Role.SOURCE, Role.PEER})


def fault_in(settings: "Settings") -> str | None:
    """The first thing that is wrong, in a sentence that names the setting; None when nothing is."""
    return (
        _wrong_contexts(settings)
        or _wrong_people(settings)
        or _wrong_proxies(settings)
        or (_wrong_oidc(settings) if settings.oidc_issuer else None)
    )


def _wrong_contexts(settings: "Settings") -> str | None:
    if not settings.contexts:
        return None
    from tocsin.taxonomy.vocabulary import vocabulary  # read where it is needed

    known = sorted(concept.id for concept in vocabulary().of("context"))
    wrong = sorted({name for names in settings.contexts.values() for name in names} - set(known))
    return f"contexts names {wrong[0]!r}, which is none of: {', '.join(known)}" if wrong else None


def _wrong_people(settings: "Settings") -> str | None:
    if MACHINES & set(settings.second_factor_roles):
        return "second_factor_roles holds source or peer: machines have no second factor"
    if any(MACHINES & set(roles) for roles in settings.oidc_roles.values()):
        return "oidc_roles gives people the role of a machine: source and peer have tokens"
    return None


def _wrong_proxies(settings: "Settings") -> str | None:
    for prefix in settings.public_proxy_prefixes:
        try:
            network = ipaddress.ip_network(prefix)
        except ValueError:
            return f"public_proxy_prefixes names {prefix!r}, which is no network, as 10.0.0.0/8 is"
        if network.prefixlen == 0:
            return f"public_proxy_prefixes names {prefix}: then anybody could say where they come from"
    return None


def _wrong_oidc(settings: "Settings") -> str | None:
    """What keeps log-in by an OpenID provider from working, in a sentence."""
    issuer = settings.oidc_issuer
    if not issuer.startswith(("https://", "http://") if settings.oidc_allow_private else "https://"):
        return "oidc_issuer must begin with https://"
    if any(sign in issuer for sign in "?#@ "):
        return "oidc_issuer must hold no password, query or fragment (OpenID Discovery, 2)"
    if not settings.oidc_client_id:
        return "oidc_client_id is missing: the provider gave it when this node was registered there"
    if not settings.public_url:
        return "public_url is missing: the provider sends people back to it"
    if "openid" not in settings.oidc_scopes:
        return "oidc_scopes must hold openid"
    return None
