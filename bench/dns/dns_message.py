"""As much of DNS as the bench needs to ask one question and to tell what the answer was."""
import collections
import socket
import struct

A, SOA, TXT, AAAA, OPT, HTTPS = 1, 6, 16, 28, 41, 65
TYPES = {A: "A", 2: "NS", 5: "CNAME", SOA: "SOA", TXT: "TXT", AAAA: "AAAA", OPT: "OPT", HTTPS: "HTTPS"}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
EDE = 15

# The address of every name that the upstream answers: who sees it was not blocked.
MARK = socket.inet_aton("127.9.9.9")

Answer = collections.namedtuple("Answer", "rcode records ede")
Record = collections.namedtuple("Record", "section type ttl rdata")


def query(name, qtype=A, number=0, edns=True):
    labels = name.rstrip(".").split(".")
    wire = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    header = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 1 if edns else 0)
    option = struct.pack(">BHHIH", 0, OPT, 1232, 0, 0) if edns else b""
    return header + wire + struct.pack(">HH", qtype, 1) + option


def ask(port, name, qtype=A, timeout=1.0, edns=True):
    """The answer's bytes, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(timeout)
        try:
            s.connect(("127.0.0.1", port))
            s.send(query(name, qtype, edns=edns))
            return s.recv(4096)
        except OSError:
            return None


def state(packet):
    """"open", "blocked", "error", or None for no answer."""
    if not packet or len(packet) < 12:
        return None
    if MARK in packet:
        return "open"
    return "blocked" if packet[3] & 15 in (0, 3, 5) else "error"


def skip_name(packet, at):
    while packet[at]:
        if packet[at] >= 0xC0:
            return at + 2
        at += packet[at] + 1
    return at + 1


def parse(packet):
    questions, *counts = struct.unpack_from(">HHHH", packet, 4)
    at, records, ede = 12, [], []
    for _ in range(questions):
        at = skip_name(packet, at) + 4
    for section, count in zip(("answer", "authority", "additional"), counts):
        for _ in range(count):
            at = skip_name(packet, at)
            kind, _, ttl, size = struct.unpack_from(">HHIH", packet, at)
            rdata = packet[at + 10:at + 10 + size]
            at += 10 + size
            if kind == OPT:
                ede += extended_errors(rdata)
            else:
                records.append(Record(section, kind, ttl, rdata))
    return Answer(packet[3] & 15, records, ede)


def extended_errors(options):
    at, found = 0, []
    while at + 4 <= len(options):
        code, size = struct.unpack_from(">HH", options, at)
        if code == EDE:
            found.append((struct.unpack_from(">H", options, at + 4)[0],
                          options[at + 6:at + 4 + size].decode(errors="replace")))
        at += 4 + size
    return found


def describe(packet):
    """One line of text: response code, records, extended error."""
    if not packet:
        return "no answer"
    try:
        answer = parse(packet)
    except (IndexError, struct.error):
        return "cannot be read"
    words = [RCODES.get(answer.rcode, str(answer.rcode))]
    for r in answer.records:
        value = TYPES.get(r.type, str(r.type))
        if r.type == A:
            value += " " + socket.inet_ntop(socket.AF_INET, r.rdata)
        elif r.type == AAAA:
            value += " " + socket.inet_ntop(socket.AF_INET6, r.rdata)
        elif r.type == SOA:
            value += f" (ttl {r.ttl})"
        words.append(value)
    for code, text in answer.ede:
        words.append(f"EDE {code}" + (f" \"{text}\"" if text else ""))
    return ", ".join(words)
