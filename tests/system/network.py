"""Two network namespaces with a cable between them, and nothing else: no packet leaves the machine.

In one are the gate and its upstreams, in the other clients of many addresses. A socket stays in the namespace
in which it was made, so tests use sockets of both from one process.
"""
import contextlib
import ctypes
import os
import secrets
import socket
import struct
import subprocess

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)

GATE = {4: "10.53.0.1", 6: "fd53::1"}
UPSTREAM, SLOW_UPSTREAM = "198.18.0.1", "198.18.0.2"  # in the gate's namespace, as 198.18.0.3 to .8

# clients: one of the organisation at large, one of each unit, strangers
CLIENT, CLIENT6 = "10.53.0.10", "fd53::10"
FINANCE, LABORATORY, LABORATORY6 = "10.53.1.10", "10.53.2.10", "fd53:0:0:2::10"
STRANGERS = [f"198.51.{n}.7" for n in range(100, 120)]
STRANGER, STRANGER6 = STRANGERS[0], "2001:db8:bad::7"


def command(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")


class Namespace:
    def __init__(self, name):
        self.name = name
        command("ip", "netns", "add", name)
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *words):
        command("ip", "netns", "exec", self.name, *words)

    def address(self, device, *addresses):
        for address in addresses:
            self.run("ip", "addr", "add", address, "dev", device, *(["nodad"] if ":" in address else []))

    def enter(self):
        """Moves the calling thread, or a child before exec."""
        with open(f"/run/netns/{self.name}") as namespace:
            if libc.setns(namespace.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")

    @contextlib.contextmanager
    def entered(self):
        with open("/proc/thread-self/ns/net") as before:
            self.enter()
            try:
                yield
            finally:
                if libc.setns(before.fileno(), CLONE_NEWNET):
                    os._exit(1)  # nothing may run on in the wrong network

    def socket(self, kind, source, port=0):
        with self.entered():
            s = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET, kind)
        s.bind((source, port))
        s.settimeout(15)  # of a machine that has much else to do
        return s

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)


class Network:
    def __init__(self):
        suffix = secrets.token_hex(3)
        self.made = []
        try:
            self.gate = self._add(f"writ-{suffix}-gate")
            self.client = self._add(f"writ-{suffix}-client")
            self._cable(suffix)
        except BaseException:
            self.close()
            raise

    def _add(self, name):
        self.made.append(Namespace(name))
        return self.made[-1]

    def _cable(self, suffix):
        ends = f"g{suffix}", f"c{suffix}"
        self.gate.run("ip", "link", "add", ends[0], "type", "veth", "peer", "name", ends[1], "netns",
                      self.client.name)
        self.gate.address("lo", *(f"198.18.0.{n}/32" for n in range(1, 9)))
        self.gate.address(ends[0], f"{GATE[4]}/16", f"{GATE[6]}/48")
        self.client.address(ends[1], f"{CLIENT}/16", f"{FINANCE}/16", f"{LABORATORY}/16", f"{CLIENT6}/48",
                            f"{LABORATORY6}/48", f"{STRANGER6}/128", *(f"{s}/32" for s in STRANGERS))
        for namespace, end in zip((self.gate, self.client), ends):
            namespace.run("ip", "link", "set", end, "up")
        self.gate.run("ip", "route", "add", "198.51.0.0/16", "dev", ends[0])
        self.gate.run("ip", "route", "add", "2001:db8:bad::/48", "dev", ends[0])

    def close(self):
        for namespace in self.made:
            namespace.remove()

    def connected(self, kind, source, port):
        """A client's socket to the gate."""
        s = self.client.socket(kind, source)
        s.connect((GATE[6 if ":" in source else 4], port))
        return s


def framed(message):
    return struct.pack("!H", len(message)) + message


def read_exactly(s, size):
    data = b""
    while len(data) < size:
        chunk = s.recv(size - len(data))
        if not chunk:
            raise EOFError(f"closed after {len(data)} of {size} bytes")
        data += chunk
    return data


def read_framed(s):
    return read_exactly(s, struct.unpack("!H", read_exactly(s, 2))[0])
