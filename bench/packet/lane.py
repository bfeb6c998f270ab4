"""A client, the gate and a server in network namespaces of their own, with a veth between each: the gate's is the
bench's own. Every end of a veth receives in a kernel thread (threaded NAPI), those of the gate on the gate's
processor, so that the kernel's work for the gate can be counted apart from that for its neighbours."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys

import machine
from processes import cpu_seconds

CLIENT_END, SERVER_END = "wb-client", "wb-server"  # of the gate; the neighbours' ends are CLIENT_FAR and SERVER_FAR
CLIENT_FAR, SERVER_FAR = "wb-far-c", "wb-far-s"
GATE_TO_CLIENT, CLIENT = "10.91.0.1", "10.91.0.2"
GATE_TO_SERVER, SERVER = "10.92.0.1", "10.92.0.2"
SERVERS, SERVER_COUNT = "10.93.0.1", 250             # all of them the server's
NOBODY_CLIENTS, NOBODY_SERVERS = "10.96.0.0", "10.97.0.0"  # 65,536 each, whom no kernel answers for
PACKET = 1500
# Real-time priorities: other work on the machine waits while a measurement lasts. Who sends by the clock never sleeps,
# so it comes after those that answer it. On one processor all have the same: none interrupts another.
KERNEL_FIRST, SERVER_NEXT, GATE_NEXT, CLIENT_LAST = 12, 11, 10, 9


def run(*words, **more):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, **more)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stdout[-300:]}{done.stderr[-600:]}")
    return done.stdout


def enter():
    """A network namespace with nothing but loopback: no packet leaves, none comes in."""
    if os.environ.get("BENCH_PACKET_NETWORK") == machine.namespace("self"):
        return
    if os.geteuid() != 0:
        sys.exit("needs root, to make networks of its own")
    command = ["unshare", "-n", "sh", "-c", 'export BENCH_PACKET_NETWORK=$(readlink /proc/self/ns/net) && '
               'ip link set lo up && exec "$@"', "bench", sys.executable, *sys.argv]
    os.execvp(command[0], command)


class Host:
    """A network namespace, kept by a process that sleeps."""
    def __init__(self, cpu):
        self.cpu, self.are_equal = cpu, False
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
        machine.wait_for(lambda: machine.namespace(self.holder.pid) != machine.namespace("self"))
        self.run("ip", "link", "set", "lo", "up")

    def inside(self, *words, urgency=None):
        urgency = GATE_NEXT if urgency and self.are_equal else urgency
        urgent = ["chrt", "-f", str(urgency)] if urgency else []
        return ["nsenter", "-t", str(self.holder.pid), "-n", "taskset", "-c", str(self.cpu), *urgent, *map(str, words)]

    def run(self, *words):
        return run(*self.inside(*words))

    def start(self, *words, urgency=SERVER_NEXT):
        return subprocess.Popen(self.inside(*words, urgency=urgency), stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def json(self, *words, urgency=CLIENT_LAST):
        return json.loads(run(*self.inside(*words, urgency=urgency)))

    def close(self):
        self.holder.kill()
        self.holder.wait()


def threaded(inside, end):
    """The kernel thread that receives for this end."""
    run(*inside, "ethtool", "-K", end, "gro", "on", "tso", "off")  # a veth receives by NAPI only with these
    # /sys shows the interfaces of the namespace in which it is mounted
    run(*inside, "unshare", "-m", "sh", "-c", f"mount -t sysfs sysfs /sys && echo 1 >/sys/class/net/{end}/threaded")
    for path in pathlib.Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if path.read_text().startswith(f"napi/{end}"[:15]):
                return int(path.parent.name)
    raise SystemExit(f"no kernel thread receives for {end}")


def place(thread, cpu, urgency):
    os.sched_setaffinity(thread, {int(cpu)})
    os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(urgency))


def write(inside, path, value):
    run(*inside, "sh", "-c", f"echo {value} >{path}")


class Lane:
    def __init__(self, gate_cpu, load_cpu):
        self.gate_cpu, self.load_cpu = gate_cpu, load_cpu

    def __enter__(self):
        self.client, self.server = Host(self.load_cpu), Host(self.load_cpu)
        self.far_threads = []
        self.threads = [self.cable(self.client, CLIENT_END, GATE_TO_CLIENT, CLIENT_FAR, CLIENT),
                        self.cable(self.server, SERVER_END, GATE_TO_SERVER, SERVER_FAR, SERVER)]
        for host, gate in ((self.client, GATE_TO_CLIENT), (self.server, GATE_TO_SERVER)):
            host.run("ip", "route", "add", "default", "via", gate)
        self.server.run("ip", "route", "add", "local", "10.93.0.0/16", "dev", "lo")
        run("ip", "route", "add", "10.93.0.0/16", "via", SERVER)
        run("ip", "route", "add", NOBODY_CLIENTS + "/16", "via", CLIENT)
        run("ip", "route", "add", NOBODY_SERVERS + "/16", "via", SERVER)
        write([], "/proc/sys/net/ipv4/ip_forward", 1)
        for host in (self.client, self.server):
            write(host.inside(), "/proc/sys/net/ipv4/tcp_max_syn_backlog", 65536)
            write(host.inside(), "/proc/sys/net/core/somaxconn", 65536)
            write(host.inside(), "/proc/sys/net/ipv4/ip_local_port_range", "'1024 65535'")
        return self

    def __exit__(self, *_):
        self.client.close()
        self.server.close()

    def cable(self, host, end, address, far_end, far_address):
        """Returns the gate's thread."""
        run("ip", "link", "add", end, "type", "veth", "peer", "name", far_end, "netns", host.holder.pid)
        run("ip", "addr", "add", f"{address}/16", "dev", end)
        run("ip", "link", "set", end, "up")
        host.run("ip", "addr", "add", f"{far_address}/16", "dev", far_end)
        host.run("ip", "link", "set", far_end, "up")
        ours, theirs = threaded([], end), threaded(host.inside(), far_end)
        self.far_threads.append(theirs)
        for thread, cpu in ((ours, self.gate_cpu), (theirs, self.load_cpu)):
            place(thread, cpu, KERNEL_FIRST)
        return ours

    @contextlib.contextmanager
    def on_one_processor(self):
        """Client and server, too, use the gate's: each runs until it has nothing to do, so that work comes in
        heaps, as on a busy gate, and nobody pays for waking another processor."""
        self.set_together(self.gate_cpu, GATE_NEXT, True)
        try:
            yield
        finally:
            self.set_together(self.load_cpu, KERNEL_FIRST, False)

    def set_together(self, cpu, urgency, are_equal):
        for thread in self.threads:
            place(thread, self.gate_cpu, urgency)
        for thread in self.far_threads:
            place(thread, cpu, urgency)
        for host in (self.client, self.server):
            host.cpu, host.are_equal = cpu, are_equal

    def set_merging(self, is_on):
        """On: what waits is put together to pieces of up to 64 KiB before it crosses the gate (GRO), as cards and
        drivers do; off: packets stay as they were on the cable."""
        for inside, end in (([], CLIENT_END), ([], SERVER_END), (self.client.inside(), CLIENT_FAR),
                            (self.server.inside(), SERVER_FAR)):
            run(*inside, "ip", "link", "set", end, "gro_max_size", 65536 if is_on else PACKET)

    def kernel_seconds(self):
        return sum(cpu_seconds(thread) for thread in self.threads)
