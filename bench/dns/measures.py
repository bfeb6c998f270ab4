"""The measurements. Each yields rows, which are dictionaries for the results file."""
import contextlib
import copy
import json
import os
import subprocess
import threading
import time

import dns_message
import workload
from processes import cpu_seconds
from server import Server, StartFailed

HZ = os.sysconf("SC_CLK_TCK")
WARM_WINDOW = 32
RELOAD_AFTER_S = 3
QUESTIONS = [("listed, A", workload.PRODUCTS[0], dns_message.A),
             ("under it, A", "chat.deepseek.com", dns_message.A),
             ("under it, AAAA", "chat.deepseek.com", dns_message.AAAA),
             ("under it, HTTPS", "chat.deepseek.com", dns_message.HTTPS),
             ("under it, TXT", "chat.deepseek.com", dns_message.TXT),
             ("mixed case", "ChAt.DeepSeek.COM", dns_message.A),
             ("alias of one under it", "www.alias.example", dns_message.A),
             ("the alias, from the cache", "www.alias.example", dns_message.A),
             ("not listed, A", "www.not-listed-name.org", dns_message.A),
             ("only ends alike", "notdeepseek.com", dns_message.A)]


def load_command(options, server, *arguments):
    return ["taskset", "-c", options.load_cpu, str(options.build / "bench/dns/dns_load"), *map(str, arguments),
            str(server.port), str(options.workload / "queries.txt")]


def run_load(options, server, *arguments):
    done = subprocess.run(load_command(options, server, *arguments), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def busy_seconds():
    """All processors: by processes, and taken away by the machine's host."""
    with open("/proc/stat") as f:
        user, nice, system, _, _, irq, softirq, steal = map(int, f.readline().split()[1:9])
    return (user + nice + system + irq + softirq) / HZ, steal / HZ


def accounted(options, server, upstream, *arguments, load=run_load):
    """Runs the generator once and says what the server spent, and how much others disturbed. A run that
    was disturbed too much is made again; of all its attempts the least disturbed counts."""
    best = None
    for _ in range(options.retries + 1):
        begin, busy, steal = time.monotonic(), *busy_seconds()
        before, upstream_before = server.cpu_seconds(), cpu_seconds(upstream.process.pid)
        children = os.times()
        row = load(options, server, *arguments)
        seconds = time.monotonic() - begin
        each = [spent - before.get(pid, 0) for pid, spent in server.cpu_seconds().items()]
        known = sum(each) + cpu_seconds(upstream.process.pid) - upstream_before
        known += sum(os.times()[2:4]) - sum(children[2:4])
        after = busy_seconds()
        disturbed = max(0, after[0] - busy - known) + after[1] - steal
        answered = max(1, row["answered"])
        row |= {"cpu_us": sum(each) * 1e6 / answered, "busiest_us": max(each) * 1e6 / answered,
                "server_cpu": sum(each) / row["seconds"], "disturbed": disturbed / seconds}
        if best is None or row["disturbed"] < best["disturbed"]:
            best = row
        if row["disturbed"] <= options.noise:
            break
    return best


def warm(options, server):
    """Every query once, so that all answers are known, and once more to be sure."""
    for _ in range(3):
        row = run_load(options, server, "-1", "-w", WARM_WINDOW, "-l", 90)
        if row["lost"] == 0 and row["servfail"] == 0:
            break
    pss, peak = server.memory_mib()
    return {"kind": "warm", **row, "pss_mib": pss, "peak_mib": peak}


def cold(options, peer, upstream):
    """Every query once, with nothing in the cache: the first of each question goes to the upstream."""
    once = copy.copy(options)
    once.retries = 0  # a second attempt would find a warm cache
    for _ in range(options.runs):
        with Server(options, peer, options.size) as server:
            if server.peer.answers_dns:
                server.start()
                yield {"kind": "cold", **accounted(once, server, upstream, "-1", "-w", WARM_WINDOW, "-l", 90)}


def load(options, peer, _):
    """Start until the list is in force."""
    for size in options.sizes:
        for _ in range(options.runs):
            with Server(options, peer, size) as server:
                if server.peer.answers_dns:
                    yield {"kind": "load", "size": size, **server.start()}


def queries(options, peers, upstream):
    """Warm cache: what a query costs, and how long answers take at a fixed rate. All servers are there at
    once and take turns, so that a change of the machine's speed meets all of them alike."""
    with contextlib.ExitStack() as stack:
        servers = []
        for peer in peers:
            server = Server(options, peer, options.size, place=len(servers))
            try:
                stack.enter_context(server).start()
            except StartFailed as problem:
                yield {"peer": peer, "kind": "qps", "failed": str(problem)}
                continue
            servers.append(server)
            yield {"peer": peer, **warm(options, server)}
        for _ in range(options.runs):
            for server in servers:
                yield {"peer": server.name, "kind": "qps",
                       **accounted(options, server, upstream, "-w", options.window, "-l", options.seconds)}
        for server in servers:
            server.set_urgent()
        for _ in range(options.runs):
            for server in servers:
                yield {"peer": server.name, "kind": "latency",
                       **accounted(options, server, upstream, "-r", options.rate, "-W", 0.5,
                                   "-l", options.seconds + 0.5)}


def block(options, peer, _):
    """What a blocked name gets."""
    with Server(options, peer, options.size) as server:
        if not server.peer.answers_dns:
            return
        server.start()
        answers = {title: dns_message.describe(dns_message.ask(server.port, name, kind))
                   for title, name, kind in QUESTIONS}
        answers["listed, no EDNS"] = dns_message.describe(
            dns_message.ask(server.port, workload.PRODUCTS[0], edns=False))
        yield {"kind": "block", "answers": answers}


def watch(options, server, end, since):
    """Until `end`: when the new list came into force, and the most memory."""
    in_force, peak, number = None, 0, 0
    while time.monotonic() < end:
        number += 1
        if in_force is None:
            packet = dns_message.ask(server.port, f"r{number}.{workload.NEW_NAME}", timeout=0.3)
            if dns_message.state(packet) == "blocked":
                in_force = time.monotonic() - since
        peak = max(peak, server.memory_mib()[0])
        time.sleep(0.02)
    return in_force, peak


def watched_load(options, server, install=lambda: None, reload=lambda: None):
    """Queries at the fixed rate, looked at all the time: looking costs time too. After some seconds the new list is
    put where it belongs, and taken over. Returns the load's row and what watch() saw."""
    command = load_command(options, server, "-r", options.rate, "-l", options.reload_seconds)
    generator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    end = time.monotonic() + options.reload_seconds - 0.5
    time.sleep(RELOAD_AFTER_S)
    install()
    since = time.monotonic()
    call = threading.Thread(target=reload)
    call.start()
    seen = watch(options, server, end, since)
    row = json.loads(generator.communicate()[0])
    call.join()
    return row, *seen


def reload(options, peer, upstream):
    """Another list, while queries come at the fixed rate; and the same without."""
    with Server(options, peer, options.size) as server:
        if server.peer.reload is None:
            return
        longer = workload.longer_list_path(options.workload, options.size)
        server.peer.convert(longer)
        server.start()
        warm(options, server)
        undisturbed, _, _ = watched_load(options, server)
        before, upstream_cpu = server.memory_mib()[0], cpu_seconds(upstream.process.pid)
        row, in_force, peak = watched_load(options, server, lambda: server.peer.install(server, longer),
                                           lambda: server.peer.reload(server))
        yield {"kind": "reload", **row, "p999_without_us": undisturbed["p999_us"], "in_force_s": in_force,
               "pss_before_mib": before, "pss_peak_mib": peak, "pss_after_mib": server.memory_mib()[0],
               "upstream_cpu_s": cpu_seconds(upstream.process.pid) - upstream_cpu}


def run(options, what, peers, upstream):
    """All rows of one measurement; a server that cannot do it is a row too."""
    if what == "qps":
        yield from queries(options, peers, upstream)
        return
    for peer in peers:
        try:
            for row in {"cold": cold, "load": load, "block": block, "reload": reload}[what](options, peer, upstream):
                yield {"peer": peer, **row}
        except (StartFailed, RuntimeError) as problem:
            yield {"peer": peer, "kind": what, "failed": str(problem)}
