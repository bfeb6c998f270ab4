"""Writes a database of places (MMDB) with one row of data for the addresses of one prefix of IPv4."""
import ipaddress
import struct

TEXT, MAP, UINT16, UINT32, UINT64, ARRAY = 2, 7, 5, 6, 9, 11


def head(kind, size):
    extended = bytes([kind - 7]) if kind > 7 else b""
    first = (0 if kind > 7 else kind) << 5
    if size < 29:
        return bytes([first | size]) + extended
    return bytes([first | 29]) + extended + bytes([size - 29])


def encoded(value):
    if isinstance(value, dict):
        return head(MAP, len(value)) + b"".join(encoded(k) + encoded(v) for k, v in value.items())
    if isinstance(value, str):
        return head(TEXT, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(ARRAY, len(value)) + b"".join(map(encoded, value))
    kind, number = value if isinstance(value, tuple) else (UINT32, value)
    size = {UINT16: 2, UINT32: 4, UINT64: 8}[kind]
    return head(kind, size) + number.to_bytes(size, "big")


def write(path, prefix, data):
    """One node a bit of the prefix; every other way leads to nothing."""
    network = ipaddress.IPv4Network(prefix)
    depth, bits = network.prefixlen, int(network.network_address)
    nothing, found = depth, depth + 16
    tree = b""
    for level in range(depth):
        onward = level + 1 if level + 1 < depth else found
        pair = (nothing, onward) if bits >> (31 - level) & 1 else (onward, nothing)
        tree += b"".join(struct.pack("!I", end)[1:] for end in pair)
    description = {"node_count": depth, "record_size": (UINT16, 24), "ip_version": (UINT16, 4), "database_type": "test",
                   "languages": [], "binary_format_major_version": (UINT16, 2),
                   "binary_format_minor_version": (UINT16, 0), "build_epoch": (UINT64, 1), "description": {}}
    path.write_bytes(tree + bytes(16) + encoded(data) + b"\xab\xcd\xefMaxMind.com" + encoded(description))
