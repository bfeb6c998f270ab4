"""DNS over TLS and HTTPS: what a query costs on connections that stay, and what a handshake costs.

The generators are dnsperf, h2load and tls_handshakes.c, on the other processor: they encrypt as much as the server, so the
rate is theirs as much as its own, and the server's processor time is what counts. (`openssl s_time -reuse` resumes nothing
over TLS 1.3: it ends a connection before the ticket comes.)
"""
import base64
import contextlib
import itertools
import json
import re
import subprocess

import dns_message
import measures
from server import Server, StartFailed

MODES, HANDSHAKES = ["dot", "doh"], ["new", "resumed"]
REQUESTS = 20_000  # different ones of the workload, for h2load
# connections, and queries outstanding on all of them: many ahead on each, and one at a time
LOADS = {"pipelined": (20, 400), "one by one": (50, 50)}


def certificate(options):
    """One for all servers: ECDSA on P-256."""
    made, key = options.workload / "certificate.pem", options.workload / "certificate.key"
    if not made.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "3650", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                        "-out", made], check=True, capture_output=True)
        key.chmod(0o644)  # some servers read it when they have given up their rights
    return made, key


def query_file(options):
    """The workload as dnsperf reads it."""
    path = options.workload / "dnsperf.txt"
    if not path.exists():
        with open(options.workload / "queries.txt") as source, open(path, "w") as target:
            target.writelines(" ".join(line.split()[:2]) + "\n" for line in source)
    return path


def number(text, label):
    return float(re.search(label + r":\s+([\d.]+)", text)[1])


def request_file(options, server):
    """The same for h2load, as GET."""
    path = server.directory / "requests"
    with open(options.workload / "queries.txt") as source, open(path, "w") as target:
        for line in itertools.islice(source, REQUESTS):
            name, kind, _ = line.split()
            query = dns_message.query(name, getattr(dns_message, kind))
            text = base64.urlsafe_b64encode(query).rstrip(b"=").decode()
            target.write(f"https://127.0.0.1:{server.https_port}/dns-query?dns={text}\n")
    return path


def dot(options, server, connections, window):
    done = subprocess.run(
        ["taskset", "-c", options.load_cpu, "dnsperf", "-m", "dot", "-s", "127.0.0.1", "-p", str(server.tls_port), "-d",
         query_file(options), "-c", str(connections), "-q", str(window), "-l", str(options.seconds), "-e"],
        capture_output=True, text=True, check=True)
    return {"answered": int(number(done.stdout, "Queries completed")), "lost": int(number(done.stdout, "Queries lost")),
            "seconds": number(done.stdout, r"Run time \(s\)"), "qps": number(done.stdout, "Queries per second")}


def doh(options, server, connections, window):
    done = subprocess.run(
        ["taskset", "-c", options.load_cpu, "h2load", "-i", request_file(options, server), "-c", str(connections), "-m",
         str(window // connections), "-D", str(max(1, round(options.seconds)))], capture_output=True, text=True, check=True)
    answered, failed = (int(re.search(rf"(\d+) {word}", done.stdout)[1]) for word in ("2xx", "failed"))
    seconds = max(1, round(options.seconds))
    return {"answered": answered, "lost": failed, "seconds": seconds, "qps": answered / seconds}


def ask(options, server, mode, load):
    return {"dot": dot, "doh": doh}[mode](options, server, *LOADS[load])


def shake_hands(options, server, kind, seconds):
    done = subprocess.run(["taskset", "-c", options.load_cpu, str(options.build / "bench/dns/tls_handshakes"), kind, str(seconds),
                           str(server.tls_port)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def run(options, peers, upstream):
    """All servers are there at once and take turns."""
    files = certificate(options)
    with contextlib.ExitStack() as stack:
        servers = []
        for peer in peers:
            server = Server(options, peer, options.size, place=len(servers), private=files)
            try:
                stack.enter_context(server).start()
            except StartFailed as problem:
                yield {"peer": peer, "kind": "private", "failed": str(problem)}
                continue
            if server.peer.answers_dns:
                measures.warm(options, server)
            servers.append(server)
        for _ in range(options.runs):
            for what, load in [(mode, load) for mode in MODES for load in LOADS] + [("handshake", k) for k in HANDSHAKES]:
                for server in (s for s in servers if what in s.peer.speaks):
                    def generate(options, server, what=what, load=load):
                        if what == "handshake":
                            return shake_hands(options, server, load, options.seconds)
                        return ask(options, server, what, load)
                    yield {"peer": server.name, "kind": "private", "what": what, "load": load,
                           **measures.accounted(options, server, upstream, load=generate)}
