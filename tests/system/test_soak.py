"""Long life: reloads, killed roles, upstreams that fail and a network that loses packets, over and over."""
import itertools
import os
import pathlib
import random
import signal
import threading
import time

import dns.edns
import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

from network import CLIENT, GATE
from writ import wait_for

MINUTES = float(os.environ.get("WRIT_SOAK_MINUTES", 30))
BLOCKED, ALLOWED = "chat.deepseek.com", "www.unlisted.example"
TROUBLE_S, LOST_PERCENT = 3, 20


def memory_kib(pid):
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def is_blocked(answer):
    return answer.rcode() == dns.rcode.NXDOMAIN and any(o.otype == dns.edns.EDE for o in answer.options)


class Clients(threading.Thread):
    """Ask for blocked and allowed names, old and new, without pause; no answer is fine, a wrong one is not."""

    def __init__(self, gate):
        super().__init__()
        self.gate, self.stopping, self.answered, self.silent, self.wrong = gate, False, 0, 0, []

    def run(self):
        for number in itertools.count():
            if self.stopping:
                return
            blocked = number % 2 == 0
            name = BLOCKED if blocked else ALLOWED
            if number % 3 == 0:
                name = f"n{random.randrange(100000)}.{name}"
            try:
                answer = self._ask(name, number % 5 == 0)
            except (dns.exception.DNSException, OSError, EOFError):
                self.silent += 1
                continue
            self.answered += 1
            if is_blocked(answer) != blocked:
                self.wrong.append(answer.to_text())

    def _ask(self, name, tcp):
        query = dns.message.make_query(name, "A", use_edns=0)
        with (self.gate.tcp() if tcp else self.gate.udp()) as s:
            s.settimeout(1)
            if tcp:
                return dns.query.tcp(query, GATE[4], sock=s, timeout=1)
            s.send(query.to_wire())
            return dns.message.from_wire(s.recv(65536))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.join()


class Troubles:
    """One a turn; each is over when it returns."""

    def __init__(self, gate, network, authority):
        self.gate, self.network, self.authority, self.turn = gate, network, authority, 0
        self.list = gate.directory / "soak.txt"

    def reload(self):
        with self.list.open("a") as f:
            f.write(f"more{self.turn}.soak.example\n")
        assert self.gate.ask("reload")["ok"]
        assert is_blocked(self.gate.query(f"more{self.turn}.soak.example"))

    def kill(self, role):
        killed = self.gate.role(role)["pid"]
        os.kill(killed, signal.SIGKILL)
        wait_for("another", lambda: self.gate.role(role)["pid"] not in (0, killed), 60)

    def kill_dns(self):
        self.kill("dns")

    def kill_record(self):
        self.kill("record")

    def upstream_is_silent(self):
        self.authority.process.send_signal(signal.SIGSTOP)
        time.sleep(TROUBLE_S)
        self.authority.process.send_signal(signal.SIGCONT)

    def packets_are_lost(self):
        nft = lambda *words: self.network.client.run("nft", *words)
        nft("add", "table", "inet", "soak")
        for hook in ("input", "output"):
            nft("add", "chain", "inet", "soak", hook, f"{{ type filter hook {hook} priority 0; }}")
            nft("add", "rule", "inet", "soak", hook, "numgen", "random", "mod", "100", "lt", str(LOST_PERCENT), "drop")
        time.sleep(TROUBLE_S)
        nft("delete", "table", "inet", "soak")

    def next(self):
        self.turn += 1
        kinds = [self.reload, self.upstream_is_silent, self.reload, self.packets_are_lost, self.reload, self.kill_dns,
                 self.reload, self.kill_record]
        kinds[self.turn % len(kinds)]()
        wait_for("ready", self.gate.is_ready, 60)


@pytest.mark.deep
def test_troubles_neither_stop_blocking_nor_grow_memory_nor_break_the_evidence(other_agency, network, authority):
    gate = other_agency
    gate.settings["record"].update(heartbeat_interval="1 s", aggregate_window="1 s")
    gate.settings["dns"].update(workers=1, cache={"size": "1 MiB"})  # soon full: what grows then, grows
    gate.organisation["lists"] = [{"id": "soak", "file": "soak.txt", "reason": "Soak."}]
    (gate.directory / "soak.txt").write_text("".join(f"n{i}.soak.example\n" for i in range(100000)))
    gate.write()
    gate.start()
    troubles, sizes, end = Troubles(gate, network, authority), {"dns": [], "record": []}, time.monotonic() + MINUTES * 60
    with Clients(gate) as clients:
        while time.monotonic() < end:
            troubles.next()
            assert not clients.wrong, clients.wrong[0]
            assert is_blocked(gate.query(BLOCKED, source=CLIENT))
            time.sleep(1)
            for role, seen in sizes.items():
                seen.append(memory_kib(gate.role(role)["pid"]))
    assert clients.answered > 20 * clients.silent, (clients.answered, clients.silent)
    assert gate.stop() == 0
    done = gate.verify()
    assert done.returncode == 0, done.stdout
    if MINUTES < 10:
        return  # the index and its caches fill in the first minutes: before that memory only grows
    for role, seen in sizes.items():
        third = len(seen) // 3
        assert max(seen[-third:]) < 1.3 * max(seen[:third]), f"{role} grows: {seen}"
