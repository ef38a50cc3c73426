"""Which addresses this node may connect to."""

import ipaddress

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address that a gateway will reach for us."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_loopback(address: str) -> bool:
    """Whether an address in text leads back to this machine, an IPv4 one inside IPv6 included."""
    return _innermost(ipaddress.ip_address(_without_zone(address))).is_loopback


def refused_address(address: str, *, allow_private: bool) -> str | None:
    """Why this node will not connect to `address`, or None when it may.

    `allow_private` opens loopback and private ranges. Link-local stays shut even then (clouds serve their
    credentials at 169.254.169.254), and so does what is no single host: multicast, broadcast, unspecified.
    """
    try:
        host = _innermost(ipaddress.ip_address(_without_zone(address)))
    except ValueError:
        return "is not an internet address"
    if host.is_multicast or host.is_unspecified or host == ipaddress.ip_address("255.255.255.255"):
        return "is not the address of one host"
    if host.is_link_local:
        return "is link-local"
    if host.is_loopback or host.is_private:
        return None if allow_private else "is private or loopback"
    return None if host.is_global else "is reserved"


def _without_zone(address: str) -> str:
    return address.partition("%")[0]


def _innermost(host: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one carries (mapped, 6to4, Teredo, NAT64), or the address itself."""
    if not isinstance(host, ipaddress.IPv6Address):
        return host
    if host in NAT64:
        return ipaddress.IPv4Address(int(host) & 0xFFFF_FFFF)
    teredo = host.teredo
    return host.ipv4_mapped or host.sixtofour or (teredo[1] if teredo else None) or host
