"""What a peer says of its keys: names that agree and a chain that holds, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.app.peer_history", "tocsin.trust"]):
    from tocsin.app.peer_history import read_about
    from tocsin.kernel import BadInput
    from tocsin.trust.identity import node_id, stix_identity
    from tocsin.trust.words import agree


def one(data: bytes) -> None:
    """As an answer to /v1/identity, and as what a person typed."""
    assert not agree(data.decode("latin-1"), b"\x01" * 32)
    try:
        about, history = read_about(data)
    except BadInput:
        return
    first = history.spans[0].key if history.spans else bytes.fromhex(about.public_key)
    assert (about.node_id, about.identity) == (node_id(first), stix_identity(first))


if __name__ == "__main__":
    fuzz(one)
