#!/usr/bin/python3
"""Many clients in a process of their own, which connect and then say nothing.

usage: silent_clients.py tcp|tls|slow COUNT A_SECOND GATE PORT SOURCE...

`slow` ones ask for all that they may over TCP, and read nothing. Prints a line when all have connected; for each line
of input one with how many are still connected; ends with the input.
"""
import os
import resource
import select
import socket
import ssl
import struct
import sys
import time

import dns.message

NO_PORT = 24  # IP_BIND_ADDRESS_NO_PORT: the source's ports are not used up by bind()
ASKED = 100
LARGE = dns.message.make_query("big60.unlisted.example", "TXT", use_edns=False).to_wire()  # its answer has 60,000 bytes
QUERY = struct.pack("!H", len(LARGE)) + LARGE


def connect(source, to):
    s = socket.socket()
    s.setsockopt(socket.SOL_IP, NO_PORT, 1)
    s.bind((source, 0))
    s.settimeout(60)
    s.connect(to)
    return s


def shake_hands(s, context):
    """Leaves nothing of TLS behind but the socket."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing)
    while True:
        try:
            tls.do_handshake()
            s.sendall(outgoing.read())
            return
        except ssl.SSLWantReadError:
            s.sendall(outgoing.read())
            data = s.recv(65536)
            if not data:
                raise ConnectionResetError("closed")
            incoming.write(data)


def ask_much(s):
    s.setblocking(False)
    try:
        s.send(QUERY * ASKED)
    except BlockingIOError:
        pass


def is_open(s):
    """Whether the other side has not closed: what it sent is read away, but for an end."""
    try:
        while s.recv(1 << 20):
            pass
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def is_kept(s):
    """The same for a slow one, of which nothing is read: it would have been reset."""
    watch = select.poll()
    watch.register(s, 0)
    return not watch.poll(0)


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kind, count, a_second, gate, port, *sources = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    opened, begin = [], time.monotonic()
    for i in range(int(count)):
        time.sleep(max(0, begin + i / float(a_second) - time.monotonic()))
        try:
            s = connect(sources[i % len(sources)], (gate, int(port)))
            if kind == "tls":
                shake_hands(s, context)
            elif kind == "slow":
                ask_much(s)
        except OSError:
            continue  # turned away
        s.setblocking(False)
        opened.append(s)
    print(len(opened), flush=True)
    for _ in sys.stdin:
        left = [s for s in opened if (is_kept if kind == "slow" else is_open)(s)]
        print(len(left), flush=True)
    os._exit(0)  # the kernel is quicker at closing


if __name__ == "__main__":
    main()
