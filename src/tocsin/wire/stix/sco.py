"""The STIX cyber-observable objects (SCO) as typed structs, with the types nested in them.

Not versioned: an observable is what it is. Source: STIX Version 2.1, OASIS Standard, section 6.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from tocsin.wire.stix.parts import (
    Base64,
    Count,
    Flag,
    Hashes,
    Hexadecimal,
    Observable,
    Open,
    Strings,
    Text,
    Texts,
    Whole,
)

Port = Annotated[int, Meta(ge=0, le=65_535)] | UnsetType


class EmailMimePart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Section 6.6.2."""

    body: Text = UNSET
    body_raw_ref: Text = UNSET
    content_type: Text = UNSET
    content_disposition: Text = UNSET


class RegistryValue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Section 6.17.2."""

    name: Text = UNSET
    data: Text = UNSET
    data_type: (
        Literal[
            "REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN",
            "REG_DWORD_LITTLE_ENDIAN", "REG_LINK", "REG_MULTI_SZ", "REG_RESOURCE_LIST",
            "REG_FULL_RESOURCE_DESCRIPTION", "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD", "REG_INVALID_TYPE",
        ]
        | UnsetType
    ) = UNSET  # fmt: skip


class X509V3Extensions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Section 6.18.2."""

    basic_constraints: Text = UNSET
    name_constraints: Text = UNSET
    policy_constraints: Text = UNSET
    key_usage: Text = UNSET
    extended_key_usage: Text = UNSET
    subject_key_identifier: Text = UNSET
    authority_key_identifier: Text = UNSET
    subject_alternative_name: Text = UNSET
    issuer_alternative_name: Text = UNSET
    subject_directory_attributes: Text = UNSET
    crl_distribution_points: Text = UNSET
    inhibit_any_policy: Text = UNSET
    private_key_usage_period_not_before: Text = UNSET
    private_key_usage_period_not_after: Text = UNSET
    certificate_policies: Text = UNSET
    policy_mappings: Text = UNSET


class Artifact(Observable, frozen=True, kw_only=True, tag="artifact"):
    """Section 6.1."""

    mime_type: Text = UNSET
    payload_bin: Base64 | UnsetType = UNSET
    url: Text = UNSET
    hashes: Hashes = UNSET
    encryption_algorithm: Literal["AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"] | UnsetType = (
        UNSET
    )
    decryption_key: Text = UNSET


class AutonomousSystem(Observable, frozen=True, kw_only=True, tag="autonomous-system"):
    """Section 6.2."""

    number: Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)]
    name: Text = UNSET
    rir: Text = UNSET


class Directory(Observable, frozen=True, kw_only=True, tag="directory"):
    """Section 6.3."""

    path: str
    path_enc: Text = UNSET
    ctime: Text = UNSET
    mtime: Text = UNSET
    atime: Text = UNSET
    contains_refs: Texts = UNSET


class DomainName(Observable, frozen=True, kw_only=True, tag="domain-name"):
    """Section 6.4. `resolves_to_refs` is deprecated."""

    value: str
    resolves_to_refs: Texts = UNSET


class EmailAddress(Observable, frozen=True, kw_only=True, tag="email-addr"):
    """Section 6.5."""

    value: str
    display_name: Text = UNSET
    belongs_to_ref: Text = UNSET


class EmailMessage(Observable, frozen=True, kw_only=True, tag="email-message"):
    """Section 6.6."""

    is_multipart: bool
    date: Text = UNSET
    content_type: Text = UNSET
    from_ref: Text = UNSET
    sender_ref: Text = UNSET
    to_refs: Texts = UNSET
    cc_refs: Texts = UNSET
    bcc_refs: Texts = UNSET
    message_id: Text = UNSET
    subject: Text = UNSET
    received_lines: Texts = UNSET
    additional_header_fields: Annotated[dict[str, str | Strings], Meta(min_length=1)] | UnsetType = UNSET
    body: Text = UNSET
    body_multipart: Annotated[list[EmailMimePart], Meta(min_length=1)] | UnsetType = UNSET
    raw_email_ref: Text = UNSET


class File(Observable, frozen=True, kw_only=True, tag="file"):
    """Section 6.7."""

    hashes: Hashes = UNSET
    size: Count = UNSET
    name: Text = UNSET
    name_enc: Text = UNSET
    magic_number_hex: Hexadecimal = UNSET
    mime_type: Text = UNSET
    ctime: Text = UNSET
    mtime: Text = UNSET
    atime: Text = UNSET
    parent_directory_ref: Text = UNSET
    contains_refs: Texts = UNSET
    content_ref: Text = UNSET


class Ipv4Address(Observable, frozen=True, kw_only=True, tag="ipv4-addr"):
    """Section 6.8. Both lists are deprecated."""

    value: str
    resolves_to_refs: Texts = UNSET
    belongs_to_refs: Texts = UNSET


class Ipv6Address(Observable, frozen=True, kw_only=True, tag="ipv6-addr"):
    """Section 6.9. Both lists are deprecated."""

    value: str
    resolves_to_refs: Texts = UNSET
    belongs_to_refs: Texts = UNSET


class MacAddress(Observable, frozen=True, kw_only=True, tag="mac-addr"):
    """Section 6.10."""

    value: str


class Mutex(Observable, frozen=True, kw_only=True, tag="mutex"):
    """Section 6.11."""

    name: str


class NetworkTraffic(Observable, frozen=True, kw_only=True, tag="network-traffic"):
    """Section 6.12."""

    start: Text = UNSET
    end: Text = UNSET
    is_active: Flag = UNSET
    src_ref: Text = UNSET
    dst_ref: Text = UNSET
    src_port: Port = UNSET
    dst_port: Port = UNSET
    protocols: Strings
    src_byte_count: Count = UNSET
    dst_byte_count: Count = UNSET
    src_packets: Count = UNSET
    dst_packets: Count = UNSET
    ipfix: Open = UNSET
    src_payload_ref: Text = UNSET
    dst_payload_ref: Text = UNSET
    encapsulates_refs: Texts = UNSET
    encapsulated_by_ref: Text = UNSET


class Process(Observable, frozen=True, kw_only=True, tag="process"):
    """Section 6.13."""

    is_hidden: Flag = UNSET
    pid: Whole = UNSET
    created_time: Text = UNSET
    cwd: Text = UNSET
    command_line: Text = UNSET
    environment_variables: Annotated[dict[str, str], Meta(min_length=1)] | UnsetType = UNSET
    opened_connection_refs: Texts = UNSET
    creator_user_ref: Text = UNSET
    image_ref: Text = UNSET
    parent_ref: Text = UNSET
    child_refs: Texts = UNSET


class Software(Observable, frozen=True, kw_only=True, tag="software"):
    """Section 6.14."""

    name: str
    cpe: Text = UNSET
    swid: Text = UNSET
    languages: Texts = UNSET
    vendor: Text = UNSET
    version: Text = UNSET


class Url(Observable, frozen=True, kw_only=True, tag="url"):
    """Section 6.15."""

    value: str


class UserAccount(Observable, frozen=True, kw_only=True, tag="user-account"):
    """Section 6.16."""

    user_id: Text = UNSET
    credential: Text = UNSET
    account_login: Text = UNSET
    account_type: Text = UNSET
    display_name: Text = UNSET
    is_service_account: Flag = UNSET
    is_privileged: Flag = UNSET
    can_escalate_privs: Flag = UNSET
    is_disabled: Flag = UNSET
    account_created: Text = UNSET
    account_expires: Text = UNSET
    credential_last_changed: Text = UNSET
    account_first_login: Text = UNSET
    account_last_login: Text = UNSET


class WindowsRegistryKey(Observable, frozen=True, kw_only=True, tag="windows-registry-key"):
    """Section 6.17."""

    key: Text = UNSET
    values: Annotated[list[RegistryValue], Meta(min_length=1)] | UnsetType = UNSET
    modified_time: Text = UNSET
    creator_user_ref: Text = UNSET
    number_of_subkeys: Count = UNSET


class X509Certificate(Observable, frozen=True, kw_only=True, tag="x509-certificate"):
    """Section 6.18."""

    is_self_signed: Flag = UNSET
    hashes: Hashes = UNSET
    version: Text = UNSET
    serial_number: Text = UNSET
    signature_algorithm: Text = UNSET
    issuer: Text = UNSET
    validity_not_before: Text = UNSET
    validity_not_after: Text = UNSET
    subject: Text = UNSET
    subject_public_key_algorithm: Text = UNSET
    subject_public_key_modulus: Text = UNSET
    subject_public_key_exponent: Whole = UNSET
    x509_v3_extensions: X509V3Extensions | UnsetType = UNSET


SCO = (
    Artifact
    | AutonomousSystem
    | Directory
    | DomainName
    | EmailAddress
    | EmailMessage
    | File
    | Ipv4Address
    | Ipv6Address
    | MacAddress
    | Mutex
    | NetworkTraffic
    | Process
    | Software
    | Url
    | UserAccount
    | WindowsRegistryKey
    | X509Certificate
)
