"""Real peers of QUIC: ngtcp2's server, and a relay on the way to it that keeps every datagram."""
import contextlib
import pathlib
import shutil
import socket
import subprocess
import threading

from writ import free_port, wait_for

SERVER, CLIENT = shutil.which("gtlsserver", path="/usr/sbin:/usr/bin"), shutil.which("gtlsclient")


def await_server(address):
    """Until it answers a version that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(address)
        s.settimeout(0.2)

        def answer():
            with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                s.send(b"\xc0\x0a\x1a\x2a\x3a\x08" + bytes(1194))
                return s.recv(2048)
        wait_for("the QUIC server", answer)


@contextlib.contextmanager
def quic_server(certificate, key, directory, *options, address="127.0.0.1"):
    """Runs ngtcp2's server; yields (address, port)."""
    port = free_port()
    log = pathlib.Path(directory) / "gtlsserver.log"
    with log.open("wb") as out:
        server = subprocess.Popen([SERVER, "-q", f"--htdocs={directory}", *options, address, str(port),
                                   str(key), str(certificate)], stdout=out, stderr=out)
    try:
        await_server((address, port))
        yield address, port
    finally:
        server.terminate()
        server.wait(10)


class Relay:
    """Passes datagrams on between the clients that come to it and a server; `sent` and `answered` keep them."""

    def __init__(self, server, address="127.0.0.1"):
        self.server, self.sent, self.answered, self.ways = server, [], [], {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.pass_on, daemon=True).start()

    def pass_on(self):
        with contextlib.suppress(OSError):
            while True:
                datagram, client = self.socket.recvfrom(65535)
                self.sent.append(datagram)
                if client not in self.ways:
                    self.ways[client] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    self.ways[client].connect(self.server)
                    threading.Thread(target=self.pass_back, args=(client,), daemon=True).start()
                with contextlib.suppress(ConnectionRefusedError):
                    self.ways[client].send(datagram)

    def pass_back(self, client):
        with contextlib.suppress(OSError):
            while True:
                datagram = self.ways[client].recv(65535)
                self.answered.append(datagram)
                self.socket.sendto(datagram, client)

    def close(self):
        self.socket.close()
        for way in self.ways.values():
            way.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
