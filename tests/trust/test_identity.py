"""Identity: RFC 8032 test 1, and names derived from the key."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.trust.identity import NodeIdentity, fingerprint, node_id, stix_identity

# RFC 8032, section 7.1, test 1
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def test_the_public_key_is_that_of_the_standard() -> None:
    assert NodeIdentity(SECRET).public == PUBLIC
    assert NodeIdentity(SECRET).sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a")


def test_a_signature_verifies() -> None:
    identity = NodeIdentity(SECRET)
    Ed25519PublicKey.from_public_bytes(identity.public).verify(identity.sign(b"ring"), b"ring")


def test_names_are_fixed_for_ever() -> None:
    assert node_id(PUBLIC) == "tn_21fe31dfa154a261626bf854046fd227"
    assert stix_identity(PUBLIC).startswith("identity--")
    assert stix_identity(PUBLIC) == NodeIdentity(SECRET).stix_identity
    assert fingerprint(PUBLIC).startswith("21fe 31df")
