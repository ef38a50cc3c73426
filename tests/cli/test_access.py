"""tocsin access: what a person sees of grants and answers, and what a script does."""

import json

from tests.admission import gateway, put_in_force, released
from tests.fixtures import Made
from tests.gate.making import ARTEFACT
from tests.nodes import tocsin
from tocsin.kernel.release import Tier


def test_a_grant_is_given_explained_listed_and_revoked(copied: Made) -> None:
    put_in_force(copied, released(Tier.RESTRICTED))
    gateway(copied)
    data = ("--data", str(copied.node.data))
    who = ("--subject", "ps_ada", "--purpose", "teaching")
    refused = tocsin("access", "explain", ARTEFACT, *data, *who, "--terms", check=False)
    assert refused.returncode == 1
    assert "admission.not-named" in refused.stdout
    assert "with all of this it would be granted:\n  Vetting for the purpose teaching." in refused.stdout
    vouched = ("--vouches", "vetted", "--evidence", "ef" * 32)
    given = tocsin(
        "access", "grant", ARTEFACT, *data, *who, *vouched, "--reason", "a course of chemistry", "--json"
    )
    assert tocsin(
        "access", "decide", ARTEFACT, *data, *who, "--terms", "--user", "gateway"
    ).stdout.startswith("granted\n")
    chinese = tocsin("access", "explain", ARTEFACT, *data, *who, "--lang", "zh", check=False)
    assert "尚未接受使用条款" in chinese.stdout
    grant = json.loads(given.stdout)["id"]
    tocsin("access", "revoke", grant, *data, "--reason", "the course is over")
    assert "revoked" in tocsin("access", "grants", *data).stdout
    said = json.loads(tocsin("access", "answers", *data, "--json").stdout)["answers"]
    assert [(one["granted"], one["obligations"]) for one in said] == [(True, ["log"])]
    assert tocsin("access", "grant", ARTEFACT, *data, *who, "--reason", "no", check=False).returncode == 2


def test_a_contradiction_is_told_and_ends_with_one(copied: Made) -> None:
    put_in_force(copied, released(Tier.LIMITED))
    data = ("--data", str(copied.node.data))
    assert tocsin("policy", "check", *data).stdout.startswith("0 contradictions")
    folder = copied.node.data / "policies" / "admission"
    folder.mkdir(parents=True)
    (folder / "own.cedar").write_text('@id("ours.shut") forbid (principal, action, resource);')
    told = tocsin("policy", "check", *data, "--json", check=False)
    assert told.returncode == 1
    assert len(json.loads(told.stdout)["contradictions"]) == 4
