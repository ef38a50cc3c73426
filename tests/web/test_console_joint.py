"""A joint case in the console: read by who may, voted on by a person of this node, in both languages."""

from urllib.parse import quote

from tests.console import Client, log_in, send
from tests.fixtures import Made
from tests.joint_nodes import PURPOSE, fact, opened, part, reviewer
from tocsin.kernel import TLP, Peer, PeerStatus, Role
from tocsin.kernel.joint_cases import Choice, JointRule
from tocsin.trust.identity import NodeIdentity

FAR = NodeIdentity(b"\x07" * 32)
FERRY = Peer(
    name="ferry",
    url="https://ferry.example",
    status=PeerStatus.TRUSTED,
    identity=FAR.stix_identity,
    node_key=FAR.public,
    ceiling=TLP.AMBER_STRICT,
    purposes=(PURPOSE,),
)
SHOWN = ("Label the letters", "Forty accounts", "ferry", "Invited", "All parties", "Content labelled")


def test_a_person_reads_a_joint_case_and_votes_for_this_node(client: Client, made: Made) -> None:
    made.node.store.peers.add(FERRY)
    case, joint = opened(made, JointRule.UNANIMOUS, "ferry")
    by, joints = reviewer(made), made.node.joint_cases
    joints.share_fact(by, joint, fact())
    (proposal,) = joints.propose(
        by,
        joint,
        title="Label the letters",
        parts=[part(made.node.name), part("ferry")],
        reason="Both saw the same letters.",
        facts=[joints.state(by, joint).facts[0].id],
    ).proposals
    path = f"/joint/{quote(joint)}"
    log_in(client, made.node.access.issue_token(made.node.access.operator(), "ingrid"))
    assert f'href="{path}"' in client.get(f"/cases/{case.id}?lang=en").text
    page = client.get(f"{path}?lang=en").text
    for text in (*SHOWN, case.id):
        assert text in page, text
    wrong = send(client, f"{path}/vote", path, proposal=proposal.id, choice="yes", why="so")
    assert wrong.status_code == 422
    assert "Say why" in wrong.text
    given = {"proposal": proposal.id, "choice": "yes", "why": "We saw the same letters."}
    assert send(client, f"{path}/vote", path, **given).status_code == 303
    assert [one.choice for one in joints.state(by, joint).proposals[0].votes] == [Choice.YES]
    assert "ferry" in client.get(path).text
    assert "联合案件" in client.get(f"{path}?lang=zh").text


def test_who_does_not_speak_for_the_node_reads_it_and_votes_on_nothing(client: Client, made: Made) -> None:
    made.node.store.peers.add(FERRY)
    case, joint = opened(made, JointRule.MAJORITY, "ferry")
    access = made.node.access
    access.add_user(access.operator(), "ada", (Role.ANALYST,))
    log_in(client, access.issue_token(access.operator(), "ada"))
    path = f"/joint/{quote(joint)}"
    page = client.get(f"{path}?lang=en")
    assert page.status_code == 200
    assert "Vote for this node" not in page.text
    sent = {"proposal": "x", "choice": "yes", "why": "it is so, I think"}
    assert send(client, f"{path}/vote", f"/cases/{case.id}", **sent).status_code == 403
    assert client.get("/joint/another").status_code == 404
