import json
from pathlib import Path
from typing import Any

import pytest

from tests.applicants import PURPOSE, sources, sources_text
from tests.wallet import Issuer
from tocsin.admit.applicants import FILE_NAME, Sources, load_sources, read_sources
from tocsin.kernel import BadInput

ISSUER = Issuer()


def test_nothing_named_is_nobody_believed(tmp_path: Path) -> None:
    assert load_sources(tmp_path) == Sources()
    (tmp_path / FILE_NAME).write_text(sources_text(ISSUER), "utf-8")
    assert load_sources(tmp_path).issuer("wallet") is not None
    assert load_sources(tmp_path).issuer("other") is None


def issuer(**changed: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(sources_text(ISSUER))["issuers"][0]
    return {"issuers": [{**whole, **changed}]}


def provider(**changed: Any) -> dict[str, Any]:
    whole = {"name": "campus", "issuer": "https://login.example", "client": "node", "email": True}
    return {"providers": [{**whole, **changed}]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (issuer(subject="family_name"), "attribute of a person"),
        (issuer(subject="Nationality"), "attribute of a person"),
        (issuer(gives={"https://a.example": "vetted"}), "not its to give"),
        (issuer(gives={}), "gives"),
        (issuer(keys={"keys": []}), "no keys"),
        (issuer(name="A Wallet"), "small letters"),
        ({"issuers": issuer()["issuers"] * 2}, "each once"),
        (issuer(colour="red"), "colour"),
        (provider(issuer="http://login.example"), "https"),
        (provider(issuer="https://login.example?x=1"), "https"),
        (provider(email=False), "gives nothing"),
        (provider(legal={"claim": "Nationality", "values": ["mn"]}), "attribute of a person"),
        (provider(legal={"claim": "checked", "values": [False]}), "attribute of a person"),
        (provider(legal={"values": []}), "legal"),
        (provider(organisations=["Not A Domain"]), "no domain"),
        (provider(name="wallet"), "each once"),
        (provider(secret="x"), "secret"),
        ({"providers": provider()["providers"] * 2}, "each once"),
        ({"organisations": ["Not A Domain"]}, "no domain"),
        ({"purposes": {PURPOSE: {"says": {"zh": "研究"}}}}, "English"),
        ({"purposes": {PURPOSE: {"says": {"en": "x"}, "least": "e-mail"}}}, "rests on"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_a_file_may_not_say(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        sources(ISSUER, **changed)


@pytest.mark.parametrize("data", [b"\xff", b"- a", b"issuers: {", b"[" * 300])
def test_a_file_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(BadInput, match="end-users"):
        read_sources(data)
