"""Secrets by shape and proof, personal data by its digits; what reaches out weighs more, and no value is kept."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.screen.agents.said import call, made_secrets, post, random_text, said
from tocsin.screen.agents import Egress
from tocsin.screen.agents.egress import GRAVE_OUT, NOTE, SECRET, SECRET_OUT
from tocsin.screen.agents.secrets import secrets_in


@pytest.mark.parametrize("kind", sorted(made_secrets(1)))
def test_each_kind_of_secret_is_found(kind: str) -> None:
    for seed in range(20):
        secret = made_secrets(seed)[kind]
        assert kind in secrets_in(f'{{"body": "the value is {secret} as agreed"}}'), seed


def test_what_reaches_out_weighs_more_and_nothing_is_quoted() -> None:
    secret = made_secrets(3)["forge-token"]
    lines = [call("send_mail", {"body": secret}), call("note", {"body": secret})]
    found = said(Egress(), lines)
    assert [(row, strength) for row, strength, _ in found] == [(0, SECRET_OUT), (1, SECRET)]
    assert [evidence for _, _, evidence in found] == ["secret/forge-token/out", "secret/forge-token"]


def test_personal_data_that_an_agent_seldom_passes_on() -> None:
    lines = [
        call("http_post", {"to": "https://x.example", "card": "4111 1111 1111 1111"}),
        call("crm", {"mail": "a@b.example"}),
    ]
    assert said(Egress(), lines) == [(0, GRAVE_OUT, "personal/card/out"), (1, NOTE, "personal/email")]


@pytest.mark.parametrize(
    "text",
    [
        '{"query": "how do I reset my password"}',
        '{"password": "your-password-here", "api_key": "${API_KEY}"}',
        '{"token": "xxxxxxxxxxxxxxxxxxxx"}',
        '{"path": "/usr/lib/python3/dist-packages/secrets.py"}',
        '{"sha256": "' + "ab12" * 16 + '"}',
    ],
)
def test_placeholders_words_and_digests_are_none(text: str) -> None:
    assert secrets_in(text) == ()


def test_a_wrong_check_sum_is_no_token() -> None:
    secret = made_secrets(5)["forge-token"]
    wrong = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    assert "forge-token" not in secrets_in(wrong)


def test_other_rows_are_not_looked_at() -> None:
    assert said(Egress(), [post(made_secrets(2)["cloud-key"])]) == []


@given(st.text(max_size=300), st.integers(0, 50))
def test_any_text_is_taken_as_it_is(text: str, seed: int) -> None:
    r = random.Random(seed)
    secrets_in(text + random_text(r, 20) + text)
