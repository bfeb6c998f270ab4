"""What people's programs say on the way to the lab's servers, as tcpdump and dumpcap write it down. To add a program: a row."""
import shutil
import signal
import subprocess
import sys

import pytest

from packet_agency import Browser
from packet_clients import QUESTIONS, TLS_CLIENTS, curl, run_knowing
from packet_lab import RESOLVER, RESOLVER6, WEB, WEB6
from packet_servers import H2C, LENIENT, QUIC, QUIC_RETRY, QUIC_SERVER
from quic_peers import CLIENT as QUIC_CLIENT
from writ import BUILT, ROOT, wait_for

sys.path.append(str(ROOT / "bench/audit"))
import compare  # noqa: E402

DEVICE = "to-hop"  # of the router between clients and servers
WRITERS = {
    "tcpdump": ("tcpdump", "-q", "-i", DEVICE, "-U", "--immediate-mode", "-Z", "root", "-w"),
    "dumpcap": ("dumpcap", "-q", "-i", DEVICE, "-w"),
}


def browser(lab, name, folder):
    return Browser(lab, folder / "browser", lab.servers, WEB, (name,))


def asked(words, resolver):
    return lambda lab, name, _: lab.run(*words, f"@{resolver}", name)


def quic_client(port, address=WEB):
    return lambda lab, name, folder: run_knowing(lab, name, address, folder, QUIC_CLIENT, "-q", "--exit-on-all-streams-close",
                                                 "--timeout=5s", name, port, f"https://{name}:{port}/index.html")


def kdig(way):
    """The name of the server is that of the question."""
    return lambda lab, name, _: lab.run("kdig", way, f"+tls-sni={name}", "+timeout=5", "+retry=0", f"@{RESOLVER}", name)


# title: (the programs that it needs, what is run for a name, with an empty folder)
VISITS = {
    **{title: ((title.split(",")[0],), run) for title, run in TLS_CLIENTS.items()},
    **{f"{title}, {resolver}": ((words[0],), asked(words, resolver))
       for title, words in QUESTIONS.items() for resolver in (RESOLVER, RESOLVER6)},
    "kdig by TLS": (("kdig",), kdig("+tls")),
    "kdig by HTTPS": (("kdig",), kdig("+https=/dns-query")),
    "curl, HTTP": (("curl",), lambda lab, name, _: curl(lab, name, scheme="http")),
    "curl, HTTP by IPv6": (("curl",), lambda lab, name, _: curl(lab, name, scheme="http", address=WEB6)),
    "curl, HTTP with a body": (("curl",), lambda lab, name, _: curl(lab, name, "-d", "x" * 5000, scheme="http", port=LENIENT)),
    "curl, HTTP/2 in the clear": (("curl",), lambda lab, name, _: curl(lab, name, "--http2-prior-knowledge", scheme="http",
                                                                       port=H2C)),
    "curl, much": (("curl",), lambda lab, name, _: curl(lab, name, "-o", "/dev/null", path="/big")),
    "ngtcp2": ((QUIC_SERVER, QUIC_CLIENT), quic_client(QUIC)),
    "ngtcp2, IPv6": ((QUIC_SERVER, QUIC_CLIENT), quic_client(QUIC, WEB6)),
    "ngtcp2, sent back once": ((QUIC_SERVER, QUIC_CLIENT), quic_client(QUIC_RETRY)),
    "Chromium": (("chromium",), lambda lab, name, folder: browser(lab, name, folder).open(f"https://{name}/")),
    "Chromium by QUIC": ((QUIC_SERVER, "chromium"), lambda lab, name, folder: browser(lab, name, folder).open_by_quic(name)),
}


def visit(lab, title, name, folder):
    folder.mkdir()
    VISITS[title][1](lab, name, folder)


def is_possible(title):
    return all(program and shutil.which(program) for program in VISITS[title][0])


def visit_all(lab, folder, names):
    """By every program that is there, for each name."""
    for number, title in enumerate(filter(is_possible, VISITS)):
        for name in names:
            visit(lab, title, name, folder / f"{number}-{name}")


def names_in(path):
    """Every (flow, kind, name) that Writ's reader finds in a capture."""
    if not (BUILT.parent / "bench/audit/capture_names").exists():
        pytest.skip("bench/audit/capture_names is not built")
    return compare.writ_names(BUILT.parent, path)


class Recording:
    """What the writers write while it is open: `files`, by writer."""

    def __init__(self, lab, folder, writers=tuple(WRITERS)):
        self.lab, self.files = lab, {writer: folder / f"{writer}.capture" for writer in writers}

    def __enter__(self):
        self.processes = [self.lab.spawn(self.lab.gate, *WRITERS[writer], path, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL) for writer, path in self.files.items()]
        self._mark("first")
        return self

    def _mark(self, label):
        """Asks for a name of nobody until every writer has written that: all before it is in the files, then."""
        def is_written():
            self.lab.run("dig", "+time=1", "+tries=1", f"@{RESOLVER}", f"{label}.mark.example")
            return all(path.exists() and label.encode() + b"\x04mark" in path.read_bytes() for path in self.files.values())
        wait_for(f"{label} is written", is_written, 60)

    def __exit__(self, *_):
        self._mark("last")
        for process in self.processes:
            process.send_signal(signal.SIGINT)
            process.wait(60)
