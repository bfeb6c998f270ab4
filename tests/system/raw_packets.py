"""IP, TCP and UDP packets of any kind, right or wrong, as bytes."""
import ipaddress
import random
import struct

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << n for n in range(8))
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60  # IPv6 extension headers

NOP = b"\1"
MD5 = bytes([19, 18]) + bytes(16)  # an option that nobody agreed on (RFC 2385)


def mss(size):
    return struct.pack("!BBH", 2, 4, size)


def timestamps(value, echo):
    return NOP * 2 + struct.pack("!BBII", 8, 10, value & 0xffffffff, echo)


def packed(address):
    return ipaddress.ip_address(address).packed


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def sealed(source, destination, protocol, segment, at, wrong):
    """The segment with its checksum at that place, or a wrong one."""
    pseudo = packed(source) + packed(destination)
    pseudo += struct.pack("!HH" if ":" not in source else "!IHBB", *(
        (protocol, len(segment)) if ":" not in source else (len(segment), 0, 0, protocol)))
    value = checksum(pseudo + segment)
    if protocol == UDP and value == 0:
        value = 0xffff
    if wrong:
        value ^= 0x5a5a
    return segment[:at] + struct.pack("!H", value) + segment[at + 2:]


def tcp(source, destination, ports, sequence, acknowledged, flags, data=b"", *, window=65535, options=b"", urgent=0,
        words=None, wrong_checksum=False, reserved=0):
    """`words`: the header's length in words as it is written, right or wrong."""
    options += NOP * (-len(options) % 4)
    if words is None:
        words = 5 + len(options) // 4
    segment = struct.pack("!HHIIBBHHH", *ports, sequence & 0xffffffff, acknowledged & 0xffffffff, words << 4 | reserved,
                          flags, window, 0, urgent) + options + data
    return sealed(source, destination, TCP, segment, 16, wrong_checksum)


def udp(source, destination, ports, data, wrong_checksum=False):
    segment = struct.pack("!HHHH", *ports, 8 + len(data), 0) + data
    return sealed(source, destination, UDP, segment, 6, wrong_checksum)


def ipv4(source, destination, protocol, payload, *, ttl=64, identity=None, fragment=0, options=b"", more=0,
         wrong_checksum=False):
    """`fragment`: flags and offset as they are written; `more`: what the length says beyond the truth."""
    options += b"\0" * (-len(options) % 4)
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload) + more,
                       random.getrandbits(16) if identity is None else identity, fragment, ttl, protocol, 0,
                       packed(source), packed(destination)) + options
    value = checksum(head) ^ (0x1111 if wrong_checksum else 0)
    return head[:10] + struct.pack("!H", value) + head[12:] + payload


def ipv6(source, destination, protocol, payload, *, ttl=64, extensions=(), more=0):
    """`extensions`: pairs of type and body without its first byte, which says what follows."""
    kinds = [kind for kind, _ in extensions] + [protocol]
    between = b"".join(bytes([kinds[at + 1]]) + body for at, (_, body) in enumerate(extensions))
    return struct.pack("!IHBB16s16s", 6 << 28, len(between) + len(payload) + more, kinds[0], ttl, packed(source),
                       packed(destination)) + between + payload


def ip(source, destination, protocol, payload, **how):
    return (ipv6 if ":" in source else ipv4)(source, destination, protocol, payload, **how)


PADDING = b"\0" + bytes([1, 4]) + bytes(4)  # eight bytes of options that say nothing, for ipv6(extensions=)


def fragments(source, destination, protocol, payload, size, **how):
    """Offset, whether more follow, packet; in order. `size` is a multiple of eight."""
    identity = random.getrandbits(16)
    for at in range(0, len(payload), size):
        yield fragment(source, destination, protocol, payload, at, size, identity, **how)


def fragment(source, destination, protocol, payload, at, size, identity, data=None, **how):
    """Those bytes of the payload, or `data` in their place."""
    is_last = at + size >= len(payload)
    data = payload[at:at + size] if data is None else data
    if ":" not in source:
        return ipv4(source, destination, protocol, data, identity=identity, fragment=(0 if is_last else 0x2000) | at // 8,
                    **how)
    body = b"\0" + struct.pack("!HI", at | (0 if is_last else 1), identity)
    return ipv6(source, destination, protocol, data, extensions=[*how.pop("extensions", ()), (FRAGMENT, body)], **how)
