"""Cedar policies: each rule is the only thing that refuses its own case."""

from importlib import resources
from pathlib import Path

import msgspec
import pytest

from tocsin.kernel import TLP, BadInput, Caller, Login, Means, Origin, PeerStatus, Role
from tocsin.trust.policy import RULE_DEFAULT, RULE_UNDECIDED, SCHEMA_FILE, Policies, ShareQuestion, Standing

ALLOWED = ShareQuestion(
    status=PeerStatus.TRUSTED,
    ceiling=TLP.GREEN,
    purposes=("misuse-defence",),
    purpose="misuse-defence",
    type="indicator",
    marking=TLP.GREEN,
    origin=Origin.OWN,
    category="fraud.scam",
    listed=True,
    refused=False,
    evidence="observed",
    basis=True,
)

SCHEMA = resources.files("tocsin.trust").joinpath("policies", SCHEMA_FILE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def policies() -> Policies:
    return Policies.load()


def question(**changes: object) -> ShareQuestion:
    return msgspec.structs.replace(ALLOWED, **changes)


def test_a_record_within_every_rule_may_leave(policies: Policies) -> None:
    decision = policies.may_share(ALLOWED)
    assert decision.allowed
    assert decision.rules == ("share.known-type",)


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("share.peer-not-trusted", question(status=PeerStatus.ADDED)),
        ("share.peer-not-trusted", question(status=PeerStatus.SUSPENDED)),
        ("share.purpose-not-agreed", question(purpose="curiosity")),
        ("share.marking-above-ceiling", question(marking=TLP.AMBER)),
        ("share.marking-above-ceiling", question(marking=TLP.AMBER_STRICT, ceiling=TLP.AMBER)),
        ("share.marking-red", question(marking=TLP.RED, ceiling=TLP.RED)),
        (
            "share.marking-not-ours-to-pass-on",
            question(marking=TLP.AMBER, ceiling=TLP.AMBER, origin=Origin.PEER),
        ),
        (
            "share.marking-not-ours-to-pass-on",
            question(marking=TLP.AMBER, ceiling=TLP.AMBER, origin=Origin.IMPORT),
        ),
        ("share.category-refused", question(refused=True)),
        ("share.category-not-listed", question(listed=False)),
        ("share.no-evidence-status", question(evidence="")),
        ("share.no-evidence-status", question(evidence="rumoured")),
        ("share.no-basis", question(basis=False)),
        (RULE_DEFAULT, question(type="malware-analysis")),
    ],
)
def test_each_refusal_names_its_one_rule(policies: Policies, rule: str, changed: ShareQuestion) -> None:
    decision = policies.may_share(changed)
    assert not decision.allowed
    assert decision.rules == (rule,)


@pytest.mark.parametrize("kind", ["identity", "marking-definition", "extension-definition"])
def test_supporting_types_claim_no_conduct(policies: Policies, kind: str) -> None:
    assert policies.may_share(
        question(type=kind, category="", listed=False, evidence="", basis=False, marking=TLP.CLEAR)
    ).allowed


def test_own_amber_goes_to_a_peer_with_that_ceiling(policies: Policies) -> None:
    assert policies.may_share(question(marking=TLP.AMBER, ceiling=TLP.AMBER)).allowed


ACTS = {
    Role.ADMIN: {
        "case.manage",
        "peer.manage",
        "user.manage",
        "taxii.read",
        "taxii.post",
        "metrics.read",
        "node.read",
    },
    Role.ANALYST: {
        "case.read",
        "case.words",
        "case.work",
        "case.dispose",
        "incident.read",
        "event.append",
        "event.read",
        "warning.read",
        "sample.open",
        "actor.open",
        "share.preview",
        "taxii.read",
        "node.read",
        "record.read",
    },
    Role.REVIEWER: {
        "case.read",
        "case.words",
        "case.work",
        "case.dispose",
        "case.approve",
        "case.appeal",
        "incident.read",
        "request.approve",
        "event.read",
        "warning.read",
        "warning.review",
        "sample.open",
        "actor.open",
        "share.preview",
        "share.approve",
        "share.publish",
        "taxii.read",
        "taxii.post",
        "node.read",
        "record.read",
        "record.opinion",
        "record.export",
    },
    Role.DUTY_OFFICER: {
        "warning.read",
        "node.read",
        "case.read",
        "case.words",
        "case.work",
        "case.approve",
        "incident.read",
        "incident.manage",
        "incident.send",
        "duty.verify",
        "request.handle",
        "request.approve",
    },
    Role.AUDITOR: {
        "case.read",
        "incident.read",
        "audit.read",
        "warning.read",
        "share.preview",
        "taxii.read",
        "metrics.read",
        "node.read",
        "record.read",
        "record.export",
    },
    Role.SOURCE: {"event.append"},
    Role.PEER: {"taxii.read", "taxii.post"},
}
EVERY_ACT = sorted(set().union(*ACTS.values()))


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_its_acts_and_no_other(policies: Policies, role: Role) -> None:
    assert {act for act in EVERY_ACT if policies.may([role], act).allowed} == ACTS[role]


def test_roles_add_up(policies: Policies) -> None:
    both = Caller(user="u", name="n", roles=frozenset({Role.ADMIN, Role.AUDITOR}))
    assert policies.permits(both, "user.manage")
    assert policies.permits(both, "audit.read")
    assert not policies.permits(both, "sample.open")


def test_nobody_and_an_unknown_act_are_refused(policies: Policies) -> None:
    assert policies.may([], "node.read").rules == (RULE_DEFAULT,)
    unknown = policies.may([Role.ADMIN], "everything")
    assert not unknown.allowed
    assert unknown.rules == (RULE_UNDECIDED,)


def test_a_policy_that_errs_refuses_instead_of_being_skipped() -> None:
    # The forbid overflows. Cedar skips a policy that errs, which would leave only the permit.
    text = """
        @id("open") permit (principal, action == Action::"share.release", resource);
        @id("errs") forbid (principal, action == Action::"share.release", resource)
        when { resource.marking + 9223372036854775807 < 0 };
    """
    decision = Policies({"a.cedar": text}, SCHEMA).may_share(question(marking=TLP.RED))
    assert not decision.allowed
    assert decision.rules == (RULE_UNDECIDED,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no policy"),
        ("permit (principal, action, resource);", "@id"),
        (
            '@id("a") permit (principal, action, resource); @id("a") forbid (principal, action, resource);',
            "id a",
        ),
        ('@id("a") permit (principal, action == Action::"nothing", resource);', "schema"),
        ('@id("a") permit (principal, action, resource) when { resource.colour == 1 };', "schema"),
        ('@id("a") permit (principal', "cannot be read"),
    ],
)
def test_a_set_that_is_not_sound_is_not_loaded(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        Policies({"a.cedar": text}, SCHEMA)


def test_own_files_refuse_more(tmp_path: Path, policies: Policies) -> None:
    (tmp_path / "ours.cedar").write_text(
        '@id("ours.no-scam") forbid (principal, action == Action::"share.release", resource)\n'
        'when { resource.category == "fraud.scam" };'
    )
    ours = Policies.load(tmp_path)
    assert ours.may_share(ALLOWED).rules == ("ours.no-scam",)
    assert ours.may_share(question(category="fraud.impersonation")).allowed
    assert ours.digest != policies.digest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('@id("ours.all") permit (principal, action, resource);', "only forbid"),
        ("forbid (principal", "ours.cedar cannot be read"),
    ],
)
def test_own_files_cannot_allow(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "ours.cedar").write_text(text)
    with pytest.raises(BadInput, match=words):
        Policies.load(tmp_path)


def test_no_own_files_means_the_packaged_ones(tmp_path: Path, policies: Policies) -> None:
    assert Policies.load(tmp_path).digest == Policies.load(tmp_path / "nowhere").digest == policies.digest


def test_the_digest_tells_names_and_contents_apart() -> None:
    one = '@id("a") permit (principal, action, resource);'
    two = '@id("b") forbid (principal, action, resource);'
    digests = {
        Policies(texts, SCHEMA).digest
        for texts in (
            {"a.cedar": one, "b.cedar": two},
            {"a.cedar": one + two},
            {"a.cedar": two, "b.cedar": one},
            {"ab.cedar": one, "b.cedar": two},
        )
    }
    assert len(digests) == 4


PRESENT = Standing(means=Means.SESSION, login="password")
STRONG = msgspec.structs.replace(PRESENT, mfa=True)


@pytest.mark.parametrize(
    ("condition", "refused", "allowed"),
    [
        ("principal.mfa", [Standing(), PRESENT], [STRONG]),
        (
            'principal.means == "session" || principal.means == "operator"',
            [Standing()],
            [PRESENT, Standing(means=Means.OPERATOR)],
        ),
        ('principal.login == "oidc"', [Standing(), STRONG], [Standing(means=Means.SESSION, login="oidc")]),
        (
            'principal.groups.contains("bell-ringers")',
            [STRONG, Standing(groups=frozenset({"choir"}))],
            [Standing(groups=frozenset({"choir", "bell-ringers"}))],
        ),
    ],
)
def test_an_own_file_may_ask_how_somebody_came(
    tmp_path: Path, condition: str, refused: list[Standing], allowed: list[Standing]
) -> None:
    (tmp_path / "ours.cedar").write_text(
        '@id("ours.came") forbid (principal, action == Action::"share.publish", resource)\n'
        f"unless {{ {condition} }};"
    )
    ours = Policies.load(tmp_path)
    for standing in refused:
        assert ours.may([Role.REVIEWER], "share.publish", standing).rules == ("ours.came",)
        assert ours.may([Role.REVIEWER], "share.preview", standing).allowed
    for standing in allowed:
        assert ours.may([Role.REVIEWER], "share.publish", standing).allowed
        assert not ours.may([Role.ADMIN], "share.publish", standing).allowed, "it permits nobody"


def test_how_somebody_came_gives_no_permission_by_itself(policies: Policies) -> None:
    for role in Role:
        for standing in (Standing(), PRESENT, STRONG, Standing(means=Means.OPERATOR)):
            assert {act for act in EVERY_ACT if policies.may([role], act, standing).allowed} == ACTS[role]


def test_a_caller_is_asked_about_as_they_came(tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_text(
        '@id("ours.token") forbid (principal, action, resource) when { principal has means && '
        'principal.means == "token" };'
    )
    ours = Policies.load(tmp_path)
    person = Caller(
        user="u", name="n", roles=frozenset({Role.AUDITOR}), means=Means.SESSION, login=Login.OIDC
    )
    assert ours.permits(person, "audit.read")
    assert not ours.permits(msgspec.structs.replace(person, means=Means.TOKEN, login=None), "audit.read")
