"""The extensions of cyber-observables that the standard itself defines, as typed structs.

An observable keeps its `extensions` as they came; `standard_extension` reads one of these out of it, and
`own_rules` says what is wrong with them. Source: STIX Version 2.1, OASIS Standard, section 6.
"""

from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from tocsin.kernel import BadInput
from tocsin.wire.stix.parts import (
    Count,
    Flag,
    Hashes,
    Hexadecimal,
    Open,
    StixObject,
    Strings,
    Text,
    Texts,
    Whole,
)


class StandardExtension(Struct, frozen=True, kw_only=True, gc=False):
    """What the standard does not name within one is custom, and stays in the object's own data."""


class ArchiveExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.7.2."""

    contains_refs: Strings
    comment: Text = UNSET


class AlternateDataStream(Struct, frozen=True, kw_only=True, gc=False):
    """Section 6.7.3.2."""

    name: str
    hashes: Hashes = UNSET
    size: Count = UNSET


class NtfsExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.7.3."""

    sid: Text = UNSET
    alternate_data_streams: Annotated[list[AlternateDataStream], Meta(min_length=1)] | UnsetType = UNSET


class PdfExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.7.4."""

    version: Text = UNSET
    is_optimized: Flag = UNSET
    document_info_dict: Open = UNSET
    pdfid0: Text = UNSET
    pdfid1: Text = UNSET


class RasterImageExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.7.5."""

    image_height: Count = UNSET
    image_width: Count = UNSET
    bits_per_pixel: Count = UNSET
    exif_tags: Open = UNSET


class WindowsPeOptionalHeader(Struct, frozen=True, kw_only=True, gc=False):
    """Section 6.7.6.2."""

    magic_hex: Hexadecimal = UNSET
    major_linker_version: Whole = UNSET
    minor_linker_version: Whole = UNSET
    size_of_code: Count = UNSET
    size_of_initialized_data: Count = UNSET
    size_of_uninitialized_data: Count = UNSET
    address_of_entry_point: Whole = UNSET
    base_of_code: Whole = UNSET
    base_of_data: Whole = UNSET
    image_base: Whole = UNSET
    section_alignment: Whole = UNSET
    file_alignment: Whole = UNSET
    major_os_version: Whole = UNSET
    minor_os_version: Whole = UNSET
    major_image_version: Whole = UNSET
    minor_image_version: Whole = UNSET
    major_subsystem_version: Whole = UNSET
    minor_subsystem_version: Whole = UNSET
    win32_version_value_hex: Hexadecimal = UNSET
    size_of_image: Count = UNSET
    size_of_headers: Count = UNSET
    checksum_hex: Hexadecimal = UNSET
    subsystem_hex: Hexadecimal = UNSET
    dll_characteristics_hex: Hexadecimal = UNSET
    size_of_stack_reserve: Count = UNSET
    size_of_stack_commit: Count = UNSET
    size_of_heap_reserve: Count = UNSET
    size_of_heap_commit: Count = UNSET
    loader_flags_hex: Hexadecimal = UNSET
    number_of_rva_and_sizes: Whole = UNSET
    hashes: Hashes = UNSET


class WindowsPeSection(Struct, frozen=True, kw_only=True, gc=False):
    """Section 6.7.6.3."""

    name: str
    size: Count = UNSET
    entropy: int | float | UnsetType = UNSET
    hashes: Hashes = UNSET


class WindowsPeBinaryExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.7.6."""

    pe_type: str
    imphash: Text = UNSET
    machine_hex: Hexadecimal = UNSET
    number_of_sections: Count = UNSET
    time_date_stamp: Text = UNSET
    pointer_to_symbol_table_hex: Hexadecimal = UNSET
    number_of_symbols: Count = UNSET
    size_of_optional_header: Count = UNSET
    characteristics_hex: Hexadecimal = UNSET
    file_header_hashes: Hashes = UNSET
    optional_header: WindowsPeOptionalHeader | UnsetType = UNSET
    sections: Annotated[list[WindowsPeSection], Meta(min_length=1)] | UnsetType = UNSET


class HttpRequestExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.12.2."""

    request_method: str
    request_value: str
    request_version: Text = UNSET
    request_header: Annotated[dict[str, str | Strings], Meta(min_length=1)] | UnsetType = UNSET
    message_body_length: Count = UNSET
    message_body_data_ref: Text = UNSET


class IcmpExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.12.3."""

    icmp_type_hex: Annotated[str, Meta(pattern=r"^(?:[0-9a-fA-F]{2})+\Z")]
    icmp_code_hex: Annotated[str, Meta(pattern=r"^(?:[0-9a-fA-F]{2})+\Z")]


class SocketExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.12.4."""

    address_family: Literal[
        "AF_UNSPEC", "AF_INET", "AF_IPX", "AF_APPLETALK", "AF_NETBIOS", "AF_INET6", "AF_IRDA", "AF_BTH"
    ]
    is_blocking: Flag = UNSET
    is_listening: Flag = UNSET
    options: Annotated[dict[str, int], Meta(min_length=1)] | UnsetType = UNSET
    socket_type: (
        Literal["SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"] | UnsetType
    ) = UNSET
    socket_descriptor: Count = UNSET
    socket_handle: Whole = UNSET


class TcpExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.12.5."""

    src_flags_hex: Hexadecimal = UNSET
    dst_flags_hex: Hexadecimal = UNSET


class WindowsProcessExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.13.2."""

    aslr_enabled: Flag = UNSET
    dep_enabled: Flag = UNSET
    priority: Text = UNSET
    owner_sid: Text = UNSET
    window_title: Text = UNSET
    startup_info: Open = UNSET
    integrity_level: Literal["low", "medium", "high", "system"] | UnsetType = UNSET


class WindowsServiceExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.13.3."""

    service_name: Text = UNSET
    descriptions: Texts = UNSET
    display_name: Text = UNSET
    group_name: Text = UNSET
    start_type: (
        Literal[
            "SERVICE_AUTO_START", "SERVICE_BOOT_START", "SERVICE_DEMAND_START", "SERVICE_DISABLED",
            "SERVICE_SYSTEM_ALERT",
        ]
        | UnsetType
    ) = UNSET  # fmt: skip
    service_dll_refs: Texts = UNSET
    service_type: (
        Literal[
            "SERVICE_KERNEL_DRIVER", "SERVICE_FILE_SYSTEM_DRIVER", "SERVICE_WIN32_OWN_PROCESS",
            "SERVICE_WIN32_SHARE_PROCESS",
        ]
        | UnsetType
    ) = UNSET  # fmt: skip
    service_status: (
        Literal[
            "SERVICE_CONTINUE_PENDING", "SERVICE_PAUSE_PENDING", "SERVICE_PAUSED", "SERVICE_RUNNING",
            "SERVICE_START_PENDING", "SERVICE_STOP_PENDING", "SERVICE_STOPPED",
        ]
        | UnsetType
    ) = UNSET  # fmt: skip


class UnixAccountExt(StandardExtension, frozen=True, kw_only=True):
    """Section 6.16.2."""

    gid: Whole = UNSET
    groups: Texts = UNSET
    home_dir: Text = UNSET
    shell: Text = UNSET


STANDARD_EXTENSIONS: dict[str, dict[str, type[StandardExtension]]] = {
    "file": {
        "archive-ext": ArchiveExt,
        "ntfs-ext": NtfsExt,
        "pdf-ext": PdfExt,
        "raster-image-ext": RasterImageExt,
        "windows-pebinary-ext": WindowsPeBinaryExt,
    },
    "network-traffic": {
        "http-request-ext": HttpRequestExt,
        "icmp-ext": IcmpExt,
        "socket-ext": SocketExt,
        "tcp-ext": TcpExt,
    },
    "process": {"windows-process-ext": WindowsProcessExt, "windows-service-ext": WindowsServiceExt},
    "user-account": {"unix-account-ext": UnixAccountExt},
}
"""Type of the observable, name of the extension, its struct."""

NEED_A_PROPERTY = frozenset(
    {"ntfs-ext", "pdf-ext", "raster-image-ext", "tcp-ext", "unix-account-ext", "windows-process-ext",
     "windows-service-ext"}
)  # fmt: skip
"""All of whose properties are optional, and which must have one of them all the same."""

_NAMES = {kind: name for table in STANDARD_EXTENSIONS.values() for name, kind in table.items()}
_E = TypeVar("_E", bound=StandardExtension)


def standard_extension(item: StixObject, kind: type[_E]) -> _E | None:
    """An observable's extension of this kind, None when it has none. Raises BadInput when it is not as it must be."""
    name = _NAMES[kind]
    if item.extensions is UNSET or name not in item.extensions:
        return None
    try:
        return msgspec.convert(item.extensions[name], kind)
    except msgspec.ValidationError:
        raise BadInput(f"the {name} extension is not as the standard says") from None
