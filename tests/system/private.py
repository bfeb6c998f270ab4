"""Clients of the encrypted transports, and a gate that offers them."""
import base64
import contextlib
import itertools
import socket
import ssl
import struct
import types

import dns.message

from certificate import Authority
from network import CLIENT, GATE, framed

HOST = "gate.example"
TLS_PORTS, HTTPS_PORTS = itertools.count(853), itertools.count(443)


def offer(agency, **tls):
    """Has the gate listen for TLS and HTTPS, with a certificate of an authority made for it."""
    agency.authority = Authority(agency.directory)
    agency.certificate, agency.tls_key = agency.authority.issue("server", HOST, addresses=[GATE[4]])
    agency.tls_port, agency.https_port = next(TLS_PORTS), next(HTTPS_PORTS)
    agency.settings["dns"].update(
        tls={"listen": [f"{GATE[4]}:{agency.tls_port}", f"[{GATE[6]}]:{agency.tls_port}"],
             "certificate": str(agency.certificate), "key": str(agency.tls_key), **tls},
        https={"listen": [f"{GATE[4]}:{agency.https_port}"]})
    agency.write()
    return agency


def offer_own(agency, **server):
    """Has the gate listen for TLS and HTTPS, and names no certificate."""
    agency.tls_port, agency.https_port = next(TLS_PORTS), next(HTTPS_PORTS)
    agency.settings["dns"].update(
        server={"names": [HOST], **server},
        tls={"listen": [f"{GATE[4]}:{agency.tls_port}", f"[{GATE[6]}]:{agency.tls_port}"]},
        https={"listen": [f"{GATE[4]}:{agency.https_port}"]})
    agency.write()
    agency.folder = agency.directory / "authority"
    agency.authority = types.SimpleNamespace(certificate=agency.folder / "authority.crt")
    return agency


class Client:
    """TLS over a socket whose bytes the test sends as it likes."""

    def __init__(self, agency, port, alpn=(), source=CLIENT, version=None, session=None, before=b"", verify=True):
        context = ssl.create_default_context(cafile=agency.authority.certificate)
        if version:
            context.minimum_version = context.maximum_version = version
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if session:
            context = session[0]
        self.context = context
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=HOST,
                                    session=session and session[1])
        self.raw = agency.network.connected(socket.SOCK_STREAM, source, port)
        self.piece = None
        self.raw.sendall(before)
        self._loop(self.tls.do_handshake)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.raw.close()

    def flush(self):
        data = self.outgoing.read()
        for at in range(0, len(data), self.piece or max(len(data), 1)):
            self.raw.sendall(data[at:at + (self.piece or len(data))])

    def _loop(self, step):
        while True:
            try:
                result = step()
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.raw.recv(65536)
                if not data:
                    raise EOFError("closed")
                self.incoming.write(data)
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    self.flush()
                raise

    def sendall(self, data):
        self.tls.write(data)
        self.flush()

    def recv(self, size):
        try:
            return self._loop(lambda: self.tls.read(size))
        except (ssl.SSLZeroReturnError, EOFError, ConnectionResetError):
            return b""

    def session(self):
        """For a connection that resumes this one."""
        return self.context, self.tls.session


def serial(client):
    return client.tls.getpeercert()["serialNumber"]


def head(method="GET", path="/dns-query", **fields):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def get(query, path="/dns-query", **fields):
    return head("GET", f"{path}?dns={base64.urlsafe_b64encode(query).rstrip(b'=').decode()}", **fields)


def post(query, **fields):
    return head("POST", Content_Type="application/dns-message", Content_Length=len(query), **fields) + query


def read_response(client, data=b""):
    """Returns status, fields, body, and what came behind."""
    while b"\r\n\r\n" not in data:
        more = client.recv(65536)
        if not more:
            raise EOFError(data)
        data += more
    text, rest = data.split(b"\r\n\r\n", 1)
    lines = text.decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:])
    size = int(fields.get("content-length", 0))
    while len(rest) < size:
        more = client.recv(65536)
        if not more:
            raise EOFError(rest)
        rest += more
    return int(lines[0].split()[1]), fields, rest[:size], rest[size:]


def dot(client, query):
    client.sendall(framed(query.to_wire()))
    return dns.message.from_wire(read_answer(client))


def read_answer(client):
    data = b""
    while len(data) < 2 or len(data) < 2 + struct.unpack("!H", data[:2])[0]:
        more = client.recv(2 if len(data) < 2 else 2 + struct.unpack("!H", data[:2])[0] - len(data))
        if not more:
            raise EOFError(f"closed after {len(data)} bytes")
        data += more
    return data[2:]
