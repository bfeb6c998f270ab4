"""A running instance of Writ for tests: made in a temporary directory, started, asked, killed, stopped.

WRIT names the program (default build/writ), WRIT_VERIFY the verifier (default: writ-verify beside it).
As root the roles run as users of their own, so every directory above the evidence can be entered by all.
"""
import atexit
import functools
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time

import dns.edns
import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rrset
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def reachable(program):
    """The program, or a copy where it is in a folder that only root can enter: some tests run it as others."""
    if os.geteuid() != 0 or all(folder.stat().st_mode & stat.S_IXOTH for folder in program.parents):
        return program
    folder = pathlib.Path(tempfile.mkdtemp(prefix="writ-program-"))
    atexit.register(shutil.rmtree, folder)
    folder.chmod(0o755)
    return pathlib.Path(shutil.copy2(program, folder)) if program.exists() else folder / program.name


BUILT = pathlib.Path(os.environ.get("WRIT", ROOT / "build/writ")).absolute()
PROGRAM = reachable(BUILT)
VERIFIER = pathlib.Path(os.environ.get("WRIT_VERIFY", BUILT.with_name("writ-verify"))).absolute()
BLOCKED = "chat.deepseek.com"
ORDER = "tw-ey-2025-02-03"

# The exit statuses of src/daemon/exit_status.c.
OK, USAGE, POLICY, EVIDENCE, IN_USE, PERMISSION, RUNNING, INTERNAL = 0, 2, 3, 4, 5, 6, 7, 8
FOUND, INCOMPLETE, INTERRUPTED = 11, 12, 13


def is_sanitized():
    """Whether it was built with a sanitizer, whose memory is not the program's."""
    return b"__asan_init" in PROGRAM.read_bytes()


def catches(process, number):
    """Whether it has said what it does at that signal."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


@functools.cache
def own_ports():
    """A hundred that no other process of tests takes as long as this one runs: who has the socket has the ports. They
    lie below those that the system gives to who asks for any, else they would be taken before they are listened on."""
    for first in random.sample(range(10_000, 32_000, 100), 220):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0writ-tests-ports-{first}")
        except OSError:
            claim.close()
            continue
        return claim, itertools.cycle(range(first, first + 100))
    raise AssertionError("all ports are taken by other tests")


def free_port():
    """A port that is free for UDP and TCP."""
    for port in own_ports()[1]:
        with socket.socket(type=socket.SOCK_STREAM) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


PATIENCE = 15  # seconds, for an answer that comes at once but on a machine that has much else to do


def wait_for(what, condition, seconds=60):
    """Returns the condition's first true value; fails after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


class Writ:
    """One installation; `settings` and `organisation` are written anew by write()."""

    def __init__(self, directory=None):
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="writ-test-"))
        self.directory.chmod(0o755)
        self.process = None
        self.port = free_port()
        self.stderr_path = self.directory / "stderr"
        done = subprocess.run(
            [PROGRAM, "init", "--name", "Test Agency", "--class", "central-agency", "--jurisdiction", "TW",
             "--network", "192.0.2.0/24", "--order", ORDER, "--contact", "it@agency.example",
             "--language", "en", self.directory], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.settings = yaml.safe_load((self.directory / "writ.yaml").read_text()) or {}
        self.organisation = yaml.safe_load((self.directory / "organisation.yaml").read_text())
        self.settings.setdefault("policy", {})["image"] = "policy.image"
        self.settings.setdefault("daemon", {}).update(run_directory="run", log_level="debug")
        self.settings.setdefault("record", {}).update(
            evidence_directory="evidence", signing_key="signing.key", aggregate_window="1 s")
        self.settings.setdefault("dns", {}).update(
            listen=[f"127.0.0.1:{self.port}"], workers=2, upstream={"forward": [f"127.0.0.1:{free_port()}"]})
        self.write()

    # files

    def write(self):
        (self.directory / "writ.yaml").write_text(yaml.safe_dump(self.settings))
        (self.directory / "organisation.yaml").write_text(yaml.safe_dump(self.organisation))

    @property
    def log(self):
        return self.directory / "evidence/log"

    @property
    def key(self):
        return (self.directory / "signing.key.pub").read_text().strip()

    def stderr(self):
        return self.stderr_path.read_text() if self.stderr_path.exists() else ""

    # life

    def run(self, **options):
        """Runs it to its end and returns the completed process: for starts that must fail."""
        return subprocess.run([PROGRAM, "run", "--config", self.directory / "writ.yaml"],
                              capture_output=True, text=True, timeout=60, **options)

    def start(self, **options):
        # a session of its own: a signal for the tests does not reach it, and all of it can be killed
        self.process = subprocess.Popen([PROGRAM, "run", "--config", self.directory / "writ.yaml"],
                                        stderr=open(self.stderr_path, "ab"), start_new_session=True, **options)
        wait_for("ready", lambda: self.is_ready() or self.process.poll() is not None)
        assert self.process.poll() is None, self.stderr()
        return self

    def is_ready(self):
        try:
            status = self.status()
        except OSError:
            return False
        return status["ready"] and all(r["state"] == "ready" for r in status["roles"])

    def stop(self):
        """Returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill_all(self):
        """kill -9 of every process, the parent first, as good as at once."""
        roles = self.status()["roles"]
        pids = [self.process.pid] + [r["pid"] for r in roles if r["pid"] > 0] # 0 would be this process group
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def close(self):
        if self.process and self.process.poll() is None:
            try:
                self.kill_all()
            except (OSError, ValueError):
                self.process.kill()
                self.process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)

    # questions

    def ask(self, verb, **more):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(str(self.directory / "run/control"))
            s.sendall(json.dumps({"verb": verb, **more}).encode() + b"\n")
            answer = b""
            while chunk := s.recv(65536):
                answer += chunk
        return json.loads(answer)

    def status(self):
        return self.ask("status")

    def role(self, name):
        return next(r for r in self.status()["roles"] if r["name"] == name)

    def resolve(self, name=BLOCKED, timeout=PATIENCE, tcp=False):
        query = dns.message.make_query(name, "A", use_edns=0)
        ask = dns.query.tcp if tcp else dns.query.udp
        return ask(query, "127.0.0.1", port=self.port, timeout=timeout)

    def blocks(self, name=BLOCKED, **options):
        answer = self.resolve(name, **options)
        return answer.rcode() == dns.rcode.NXDOMAIN and any(o.otype == dns.edns.EDE for o in answer.options)

    def verify(self):
        """What the independent verifier says of the log: a completed process."""
        return subprocess.run([VERIFIER, self.log, "--key", self.key, "--json"], capture_output=True, text=True,
                              timeout=60)

    def entries(self):
        """All entries that the log holds, in order, read without Writ: a checkpoint under way is waited for."""
        for _ in range(50):
            try:
                return self._read_entries()
            except FileNotFoundError:
                time.sleep(0.01)
        return self._read_entries()

    def _read_entries(self):
        # the journal first: what a checkpoint moves out of it meanwhile is in the bundles
        found = {}
        for first, payload in read_journal(self.log / "journal"):
            found.update(enumerate(split_entries(payload), first))
        bundles = [p for p in self.log.glob("tile/entries/**/*") if p.is_file()]
        for path in bundles:
            name = path.relative_to(self.log / "tile/entries").as_posix().split(".p/")[0]
            first = int("".join(part.lstrip("x") for part in name.split("/"))) * 256
            found.update(enumerate(split_entries(path.read_bytes()), first))
        assert sorted(found) == list(range(len(found))), "entries are missing"
        return [json.loads(found[i]) for i in range(len(found))]


def split_entries(data):
    at = 0
    while at + 2 <= len(data):
        size = int.from_bytes(data[at:at + 2], "big")
        yield data[at + 2:at + 2 + size]
        at += 2 + size


def read_journal(path):
    """Frames of src/record/journal.h: index of the first entry, and the entries."""
    data, at = path.read_bytes(), 16 + 8 + 32
    while at + 32 <= len(data) and data[at:at + 4] == bytes.fromhex("f7e7d7c7"):
        size = int.from_bytes(data[at + 4:at + 8], "big")
        if at + 32 + size + 32 > len(data):
            return
        yield int.from_bytes(data[at + 8:at + 16], "big"), data[at + 32:at + 32 + size]
        at += 32 + size + 32


class Upstream:
    """A resolver that answers every question with 192.0.2.7, where the installation forwards to."""

    def __init__(self, writ):
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", int(writ.settings["dns"]["upstream"]["forward"][0].split(":")[1])))

    def __enter__(self):
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def _run(self):
        while True:
            data, client = self.socket.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            answer = dns.message.make_response(query, recursion_available=True)
            answer.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "A", "192.0.2.7"))
            self.socket.sendto(answer.to_wire(), client)

    def __exit__(self, *_):
        with socket.socket(type=socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self.socket.getsockname())


class Load:
    """Asks for blocked names without pause until it is left; counts what was answered, and what not for so many seconds: few
    where answers are lost, for it waits."""

    def __init__(self, writ, timeout=0.5):
        self.writ, self.timeout, self.answered, self.silent, self.stopping = writ, timeout, 0, 0, False

    def __enter__(self):
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        return self

    def _run(self):
        number = 0
        while not self.stopping:
            number += 1
            try:
                self.answered += self.writ.blocks(f"n{number}.{BLOCKED}", timeout=self.timeout)
            except (dns.exception.Timeout, OSError):
                self.silent += 1

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()
