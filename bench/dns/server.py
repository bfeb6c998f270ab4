"""One server under test: its start until the list is in force, its processor time and memory, its end."""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import bench_network  # noqa: F401 (finds the modules that benches share)
import dns_message
import workload
from peers import PEERS
from processes import cpu_seconds, descendants, memory_mib

POLL_S = 0.002
URGENT = 10  # of the real-time priorities


class StartFailed(Exception):
    pass


class Server:
    def __init__(self, options, peer, size, place=0, private=None):
        """`place` tells apart servers that run at the same time; `private`: certificate and key, to answer over TLS
        and HTTPS too."""
        self.options, self.name, self.size, self.peer = options, peer, size, PEERS[peer]()
        self.port, self.control, self.upstream = options.port + 2 * place, options.port + 2 * place + 1, options.upstream_port
        self.private, self.tls_port, self.https_port = private, self.port + 100, self.port + 101
        self.writ = str(options.build / "writ")
        self.echo, self.tls_echo = (str(options.build / "bench/dns" / name) for name in ("udp_echo", "tls_echo"))
        self.names = workload.list_path(options.workload, size)
        self.process = None

    def __enter__(self):
        # as root some servers give up their rights: the directory is open to all
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"bench-{self.name}-"))
        self.directory.chmod(0o755)
        self.peer.convert(self.names)
        self.peer.install(self, self.names)
        self.peer.write(self)
        os.sync()
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, limit_s=300):
        """Returns what the start took. Asks for names under the list's last one until they are blocked."""
        log = open(self.directory / "output", "w")
        begin = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", self.options.server_cpu, *self.peer.command(self)],
                                        cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        first_open = None
        states = self.ask_until if "udp" in self.peer.speaks else self.connect_until
        for number, state, at in states(begin + limit_s):
            if state == "open" and first_open is None:
                first_open = at
            if (state == "open" and not self.peer.answers_dns) or (state == "blocked" and self.is_right(number)):
                break
        else:
            raise StartFailed(f"the list is not in force after {limit_s} s")
        result = {"load_s": at - begin, "open_s": at - first_open if first_open and self.peer.answers_dns else 0,
                  "load_cpu_s": sum(self.cpu_seconds().values())}
        time.sleep(1)
        result["pss_mib"], result["peak_mib"] = self.memory_mib()
        return result

    def ask_until(self, end):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setblocking(False)
            s.connect(("127.0.0.1", self.port))
            number = 0
            while time.monotonic() < end:
                if self.process.poll() is not None:
                    raise StartFailed((self.directory / "output").read_text()[-400:] or "it ended")
                number += 1
                name = f"p{number}.{workload.sentinel(self.size)}"
                try:
                    s.send(dns_message.query(name, number=number % 65536))
                    time.sleep(POLL_S)
                    packet = s.recv(4096)
                except OSError:
                    time.sleep(POLL_S)
                    continue
                yield number, dns_message.state(packet), time.monotonic()

    def connect_until(self, end):
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.tls_port), timeout=1):
                yield 0, "open", time.monotonic()
            time.sleep(POLL_S)

    def is_right(self, number):
        """Not fooled by a server that denies everything."""
        listed = dns_message.ask(self.port, workload.PRODUCTS[0])
        unlisted = dns_message.ask(self.port, f"n{number}.not-listed-name.org")
        return dns_message.state(listed) == "blocked" and dns_message.state(unlisted) == "open"

    def pids(self):
        return descendants(self.process.pid)

    def cpu_seconds(self):
        """Of each process."""
        return {pid: cpu_seconds(pid) for pid in self.pids()}

    def memory_mib(self):
        return memory_mib(self.pids())

    def set_urgent(self):
        """Other work does not keep the process that answers from its processor: for latencies, which would
        show that work."""
        spent = self.cpu_seconds()
        for task in pathlib.Path(f"/proc/{max(spent, key=spent.get)}/task").iterdir():
            os.sched_setscheduler(int(task.name), os.SCHED_FIFO, os.sched_param(URGENT))
