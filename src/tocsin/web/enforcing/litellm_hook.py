"""A callback for the LiteLLM proxy: each call is asked for before it goes to a model.

In its configuration `litellm_settings: {callbacks: tocsin.web.enforcing.litellm_hook.access}`; in its environment what
stands below. It runs in LiteLLM's own environment, where nothing of ours is installed beside this room.
"""

import json
import os
from typing import Any

from tocsin.web.enforcing.asking import Asker, WhenUnreachable, question

URL, TOKEN = "TOCSIN_URL", "TOCSIN_TOKEN"
MODELS = "TOCSIN_MODELS"
"""JSON: LiteLLM's names of models to artefacts, or to names that the node follows. Any other model is refused."""

FULFILS = "TOCSIN_FULFILS"
"""Obligations that this proxy fulfils, by comma: "log" where its log is kept."""

UNREACHABLE = "TOCSIN_WHEN_UNREACHABLE"
"""`refuse` (otherwise), or `unsafe-let-through`."""


def hook(asker: Asker, models: dict[str, str]) -> Any:
    """The callback. Who asks is whom the proxy's key belongs to, never what the body says; capability, purpose and
    terms are the key's metadata (`tocsin_capability`, `tocsin_purpose`, `tocsin_terms`).
    """
    from fastapi import HTTPException
    from litellm.integrations.custom_logger import CustomLogger

    def refused(reasons: tuple[str, ...]) -> HTTPException:
        return HTTPException(status_code=403, detail={"error": "access refused", "reasons": list(reasons)})

    class TocsinAccess(CustomLogger):  # type: ignore[misc]  # LiteLLM is not in our environment
        async def async_pre_call_hook(
            self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
        ) -> dict[str, Any]:
            """The call as it came, or HTTPException 403 with reasons."""
            held = getattr(user_api_key_dict, "metadata", None) or {}
            subject = getattr(user_api_key_dict, "user_id", None) or ""
            model = models.get(str(data.get("model", "")))
            if not subject or model is None:
                raise refused(
                    ("the proxy's key names no end user, or the model is not one that is asked for",)
                )
            verdict = await asker.ask(
                question(
                    subject,
                    model,
                    capability=str(held.get("tocsin_capability", "general")),
                    purpose=str(held.get("tocsin_purpose", "")),
                    terms_accepted=held.get("tocsin_terms") is True,
                )
            )
            if not verdict.granted:
                raise refused(verdict.reasons)
            return data

    return TocsinAccess()


def __getattr__(name: str) -> Any:
    """`access`, made when LiteLLM asks for it: from the environment, and an error where that names no node."""
    if name != "access":
        raise AttributeError(name)
    asker = Asker(
        os.environ[URL],
        os.environ[TOKEN],
        when_unreachable=WhenUnreachable(os.environ.get(UNREACHABLE, WhenUnreachable.REFUSE.value)),
        fulfils=frozenset(filter(None, os.environ.get(FULFILS, "").split(","))),
    )
    return hook(asker, json.loads(os.environ[MODELS]))
