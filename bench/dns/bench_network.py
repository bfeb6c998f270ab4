"""What every bench begins with: a network of its own, the first place on the machine, and fresh programs."""
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def add_places(parser):
    """Options: where programs and names are, and on which ports and processors it runs."""
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--workload", type=pathlib.Path, default=pathlib.Path("/var/tmp/writ-bench-dns"))
    parser.add_argument("--port", type=int, default=5301)
    parser.add_argument("--upstream-port", type=int, default=5300)
    parser.add_argument("--server-cpu", default="1")
    parser.add_argument("--load-cpu", default="0")


def enter():
    """A network namespace with nothing but loopback: no packet leaves, none comes in."""
    if os.environ.get("BENCH_DNS_NETWORK"):
        return
    if os.geteuid() != 0:
        sys.exit("needs root, to make a network of its own")
    os.environ["BENCH_DNS_NETWORK"] = "1"
    os.execvp("unshare", ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "bench", sys.executable,
                          *sys.argv])


def come_first():
    """Other work on the machine waits: a session, and so a group of the scheduler, of our own."""
    try:
        os.setsid()
    except PermissionError:
        pass  # we lead one already
    try:
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError:
        pass  # the kernel was built without
    os.setpriority(os.PRIO_PROCESS, 0, -20)


def build(options):
    subprocess.run(["ninja", "-C", options.build, "writ", "bench/dns/dns_load", "bench/dns/udp_echo"], check=True,
                   stdout=subprocess.DEVNULL)


def namespace(process):
    """Of the network; "self" is this process."""
    return os.readlink(f"/proc/{process}/ns/net")


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the network of the bench cannot be made")
        time.sleep(0.01)
