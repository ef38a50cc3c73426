"""Records in use: sources of one content, sightings in ranges, opinions as a spread, what is left, exclusions."""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.app.test_watch import dated, take
from tests.fixtures import Made
from tocsin.app.bulk_export import Form, export
from tocsin.app.doctor import Finding, examine
from tocsin.app.extensions import exclusions_of
from tocsin.app.library import Seen
from tocsin.app.node import Node
from tocsin.app.record_views import neighbourhood_view, shown_view
from tocsin.kernel import (
    TLP,
    BadInput,
    Caller,
    EvidenceStatus,
    Fingerprint,
    NotAllowed,
    NotFound,
    Origin,
    Peer,
    PeerStatus,
    Record,
    Role,
    WarningStatus,
    micros,
)
from tocsin.store.finding import Wanted
from tocsin.trust.identity import NodeIdentity
from tocsin.wire.fold import fold
from tocsin.wire.sketch import decode, sketch_batch
from tocsin.wire.stix import canonical, check, make_indicator, make_sighting
from tocsin.wire.stix.opinions import make_opinion

DAY = 86_400_000_000
NAMES = ("lab", "platform", "institute")
IDS = {name: NodeIdentity(bytes([at]) * 32).stix_identity for at, name in enumerate(NAMES, 2)}


def prints(text: str) -> Fingerprint:
    (blob,) = sketch_batch([fold(text)])
    assert blob is not None
    held = decode(blob)
    return Fingerprint(held.signature_bytes, max(held.shingles, 60))


def peer_record(made: Made, kind: str, stix: bytes, peer: str, **changes: object) -> Record:
    value = msgspec.json.decode(stix)
    plain = Record(
        id=value["id"],
        type=kind,
        version=micros(made.now) - DAY,
        stix=stix,
        origin=Origin.PEER,
        author=IDS[peer],
        tlp=TLP.GREEN,
        category="fraud.scam",
        added=micros(made.now),
        peer=peer,
    )
    return msgspec.structs.replace(plain, **changes)


def claim(
    made: Made, peer: str, text: str = "a lottery refund that never comes " * 9, confidence: int = 80
) -> Record:
    at = micros(made.now) - DAY
    item = make_indicator(
        prints(text),
        author=IDS[peer],
        tlp=TLP.GREEN,
        category="fraud.scam",
        status=EvidenceStatus.OBSERVED,
        basis="Terms of use: no recruiting into a scam",
        confidence=confidence,
        created=at,
        modified=at,
    )
    return peer_record(made, "indicator", canonical(item), peer)


def sighting(made: Made, about: str, peer: str, actors: int) -> Record:
    at = micros(made.now) - DAY
    item = make_sighting(
        about, author=IDS[peer], tlp=TLP.GREEN, actors=actors, events=actors, created=at, modified=at
    )
    return peer_record(made, "sighting", canonical(item), peer)


def operator(made: Made) -> Caller:
    return made.node.access.operator()


def test_one_content_by_several_authors_is_one_thing_with_several_sources(made: Made) -> None:
    one, two = claim(made, "lab"), claim(made, "platform")
    other = claim(made, "institute", "another text of which nothing is like the first " * 9)
    made.node.store.records.put([one, two, other])
    assert one.id != two.id
    shown = made.node.library.show(operator(made), one.id)
    assert shown.key is not None
    assert {source.peer for source in shown.sources} == {"lab", "platform"}
    assert made.node.library.show(operator(made), other.id).key != shown.key
    assert len(made.node.store.records.list()) == 3, "nothing is deleted"


def test_sightings_are_summed_in_their_ranges(made: Made) -> None:
    about = claim(made, "lab")
    made.node.store.records.put(
        [about, sighting(made, about.id, "lab", 6), sighting(made, about.id, "platform", 30)]
    )
    assert made.node.library.show(operator(made), about.id).seen == Seen(2, 30, 108)
    made.node.store.records.put([sighting(made, about.id, "institute", 900)])
    assert made.node.library.show(operator(made), about.id).seen == Seen(3, 530, None)


def test_opinions_are_a_spread_and_a_change_of_mind_is_a_new_version(made: Made) -> None:
    about = claim(made, "lab")
    made.node.store.records.put([about])
    by = operator(made)
    first = made.node.library.judge(by, about.id, "agree", "we saw the same template here")
    assert check(first.stix).problems == ()
    made.now += timedelta(minutes=1)
    second = made.node.library.judge(
        by, about.id, "strongly-disagree", "it was the library's raffle after all"
    )
    assert (second.id, second.version > first.version) == (first.id, True)
    theirs = make_opinion(
        about.id,
        "agree",
        author=IDS["platform"],
        tlp=TLP.GREEN,
        explanation="seen here too",
        created=1,
        modified=1,
    )
    made.node.store.records.put([peer_record(made, "opinion", theirs, "platform")])
    shown = made.node.library.show(by, about.id)
    assert shown.spread == {
        "strongly-disagree": 1,
        "disagree": 0,
        "neutral": 0,
        "agree": 1,
        "strongly-agree": 0,
    }
    assert [one.opinion for one in shown.opinions] == ["strongly-disagree", "agree"]
    assert shown_view(shown)["opinions"]["each"][1]["why"] == "seen here too"
    row = made.node.store.audit.read(act="record.opinion")[0]
    assert (row.subject, row.detail) == (about.id, {"opinion": "strongly-disagree"})


def test_nobody_votes_on_people_and_an_opinion_has_a_reason(made: Made) -> None:
    about = claim(made, "lab")
    made.node.store.records.put([about])
    by = operator(made)
    with pytest.raises(BadInput, match="at least"):
        made.node.library.judge(by, about.id, "agree", "yes")
    with pytest.raises(BadInput, match="one of"):
        made.node.library.judge(by, about.id, "maybe", "it could be so or not")
    with pytest.raises(NotFound):
        made.node.library.judge(by, "indicator--none", "agree", "we saw the same here")
    identity = peer_record(
        made, "identity", msgspec.json.encode({"type": "identity", "id": IDS["lab"]}), "lab"
    )
    made.node.store.records.put([identity])
    with pytest.raises(BadInput, match="not about people"):
        made.node.library.judge(by, IDS["lab"], "disagree", "we do not like these people")
    analyst = Caller(user="user_1", name="ann", roles=frozenset({Role.ANALYST}))
    with pytest.raises(NotAllowed):
        made.node.library.judge(analyst, about.id, "agree", "we saw the same here")


def test_an_opinion_goes_as_its_value_to_who_gave_the_record(made: Made) -> None:
    about = claim(made, "lab")
    made.node.store.records.put([about])
    made.node.library.judge(operator(made), about.id, "agree", "we saw the same template here")
    made.node.store.peers.add(
        Peer(name="lab", url="https://lab.example", status=PeerStatus.TRUSTED, identity=IDS["lab"])
    )
    manifest = made.node.exchange.publishing.preview(operator(made), "lab", "misuse-defence")
    (opinion,) = [entry for entry in manifest.released if entry.type == "opinion"]
    assert opinion.fields["explanation"].startswith("withheld")
    assert opinion.fields["opinion"] == "kept"


def test_confidence_fades_and_a_sighting_renews_it(made: Made) -> None:
    about = claim(made, "lab")
    made.node.store.records.put([about])
    by = operator(made)
    fresh = made.node.library.show(by, about.id).left
    assert (fresh.stated, fresh.half_life_days) == (80, 60)
    made.now += timedelta(days=59)
    assert made.node.library.show(by, about.id).left.now == 40
    made.node.store.records.put([sighting(made, about.id, "platform", 6)])
    assert made.node.library.show(by, about.id).left.now in (79, 80)


@pytest.mark.parametrize("days", [30, 400])
def test_a_faded_indicator_is_not_looked_for(made: Made, days: int) -> None:
    trust_lab(made)
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    assert found.signature is not None
    old = micros(made.now) - days * DAY
    item = make_indicator(
        Fingerprint(found.signature, max(found.shingle_count, 60)),
        author=IDS["lab"],
        tlp=TLP.GREEN,
        category="fraud.scam",
        status=EvidenceStatus.OBSERVED,
        basis="Terms of use: no recruiting into a scam",
        confidence=80,
        created=old,
        modified=old,
    )
    made.node.store.records.put([peer_record(made, "indicator", canonical(item), "lab", version=old)])
    heard = made.node.watch.tick()
    assert len(heard) == (1 if days == 30 else 0)
    outcome = made.node.store.audit.read(act="look-back")[0].detail["reason"]
    assert outcome == ("look-back.corroborated" if days == 30 else "look-back.refused-faded")


def trust_lab(made: Made) -> None:
    """Only the word of a trusted peer is acted on."""
    lab = Peer(name="lab", url="https://lab.example", status=PeerStatus.TRUSTED, identity=IDS["lab"])
    made.node.store.peers.add(lab)


def excluding(made: Made, text: str) -> Node:
    """The same node, opened again with an exclusion list of the operator's own."""
    folder = made.node.data / "exclusions"
    folder.mkdir()
    (folder / "ours.json").write_text(
        json.dumps({"name": "our templates", "type": "text", "version": 1, "list": [text]}), "utf-8"
    )
    made.node.watch.release()
    return Node(made.node.data, clock=made.clock)


def test_an_excluded_template_is_neither_described_nor_looked_for_and_says_why(made: Made) -> None:
    trust_lab(made)
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    text = made.node.reviewing.samples(operator(made), found.id, "to list this template")[0].text_masked
    node = excluding(made, text)
    try:
        with pytest.raises(BadInput, match="our templates"):
            node.reviewing.review(
                operator(made),
                found.id,
                WarningStatus.CONFIRMED,
                category="fraud.scam",
                statement="a lottery refund that never comes",
                basis="Terms of use, rule 4.2",
            )
        received = claim(made, "lab", text)
        node.store.records.put([received])
        assert node.watch.tick() == ()
        assert node.store.audit.read(act="look-back")[0].detail["reason"] == "look-back.refused-excluded"
        shown = node.library.show(operator(made), received.id)
        assert shown.excluded == "our templates", "kept, and marked"
    finally:
        node.close()


def test_a_bad_list_is_named_by_the_doctor(made: Made) -> None:
    def finding() -> Finding:
        return next(one for one in examine(made.node) if one.name == "exclusions")

    assert finding().ok
    (made.node.data / "exclusions").mkdir()
    (made.node.data / "exclusions" / "bad.json").write_text("{}", "utf-8")
    made.node.exclusions = exclusions_of(made.node.data)
    assert (finding().ok, "bad.json" in finding().detail) == (False, True)


def test_a_received_pattern_of_a_popular_domain_is_marked(made: Made) -> None:
    def pattern(number: int, text: str) -> Record:
        value = {
            "type": "indicator",
            "id": f"indicator--00000000-0000-4000-8000-00000000000{number}",
            "pattern": text,
            "pattern_type": "stix",
        }
        return peer_record(made, "indicator", msgspec.json.encode(value), "lab")

    one = pattern(1, "[domain-name:value = 'www.google.com']")
    two = pattern(2, "[url:value = 'https://evil-lottery.example/x'] OR [ipv4-addr:value = '198.51.100.7']")
    three = pattern(3, "[domain-name:value = 'lottery-refund-desk.org']")
    made.node.store.records.put([one, two, three])
    excluded = [made.node.library.show(operator(made), record.id).excluded for record in (one, two, three)]
    assert excluded == ["popular-domains (www.google.com)", "reserved-networks (198.51.100.7)", None]


def test_the_neighbourhood_goes_both_ways_and_ends(made: Made) -> None:
    about = claim(made, "lab")
    seen = sighting(made, about.id, "platform", 6)
    relation = {
        "type": "relationship",
        "id": "relationship--00000000-0000-4000-8000-000000000001",
        "relationship_type": "indicates",
        "source_ref": about.id,
        "target_ref": "campaign--00000000-0000-4000-8000-000000000002",
    }
    made.node.store.records.put(
        [about, seen, peer_record(made, "relationship", msgspec.json.encode(relation), "lab")]
    )
    view = neighbourhood_view(made.node.library.graph(operator(made), about.id, steps=2))
    assert {(edge["source"], edge["kind"], edge["target"]) for edge in view["edges"]} == {
        (seen.id, "sighting_of_ref", about.id),
        (about.id, "indicates", relation["target_ref"]),
    }
    held = {node["id"]: node["held"] for node in view["nodes"]}
    assert held == {about.id: True, seen.id: True, relation["target_ref"]: False}
    with pytest.raises(NotFound):
        made.node.library.graph(operator(made), "indicator--none")


def test_circles_and_crowds_end_within_the_bounds(made: Made) -> None:
    def report(number: int, *targets: int) -> Record:
        name = "report--{:08x}-0000-4000-8000-000000000000".format
        value = {"type": "report", "id": name(number), "object_refs": [name(target) for target in targets]}
        return peer_record(made, "report", msgspec.json.encode(value), "lab")

    made.node.store.records.put(
        [report(0, 1, 0), report(1, 2), report(2, 0), *(report(number, 0) for number in range(3, 90))]
    )
    middle = "report--00000000-0000-4000-8000-000000000000"
    found = made.node.library.graph(operator(made), middle, steps=99, most=20)
    assert len(found.nodes) == 20
    assert found.left_out > 0
    assert {edge.source for edge in found.edges} <= {node.id for node in found.nodes}


def test_an_export_is_whole_private_audited_and_without_red(made: Made, tmp_path: Path) -> None:
    kept = [claim(made, name) for name in NAMES]
    red = claim(made, "lab", "what only two people may read " * 9)
    made.node.store.records.put(
        [*kept, msgspec.structs.replace(red, tlp=TLP.RED), sighting(made, kept[0].id, "lab", 6)]
    )

    def write(name: str, by: Caller | None = None, **options: object) -> Path:
        target = tmp_path / name
        node = made.node
        export(
            node.store, node.access, made.clock, by or operator(made), target,
            purpose="for the yearly report", **options,  # type: ignore[arg-type]
        )  # fmt: skip
        return target

    lines = write("all.ndjson").read_bytes().splitlines()
    assert lines == [record.stix for record in kept] + [lines[-1]]
    assert (tmp_path / "all.ndjson").stat().st_mode & 0o777 == 0o600
    bundle = json.loads(write("some.json", form=Form.BUNDLE, types=("indicator",)).read_bytes())
    assert [one["id"] for one in bundle["objects"]] == [record.id for record in kept]
    assert bundle["id"].startswith("bundle--")
    nothing = json.loads(write("none.json", form=Form.BUNDLE, types=("malware",)).read_bytes())
    assert nothing["objects"] == []
    newest = made.node.store.records.list()[-1].added
    assert len(write("new.ndjson", since=newest - 1).read_bytes().splitlines()) == 1
    row = made.node.store.audit.read(act="record.exported")[-1]
    assert row.detail["withheld"] == 1
    assert row.purpose == "for the yearly report"
    with pytest.raises(BadInput, match="exists already"):
        write("all.ndjson")
    with pytest.raises(NotAllowed):
        write("no.ndjson", by=Caller(user="user_1", name="ann", roles=frozenset({Role.ANALYST})))
    assert not (tmp_path / "no.ndjson").exists()


def test_searching_needs_the_role(made: Made) -> None:
    source = Caller(user="user_1", name="feed", roles=frozenset({Role.SOURCE}))
    with pytest.raises(NotAllowed):
        made.node.library.search(source, Wanted(words="refund"))
