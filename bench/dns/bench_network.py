"""What every bench begins with: a network of its own, fresh programs, and what all benches share."""
import os
import pathlib
import subprocess
import sys

PROGRAMS = ["dns_load", "udp_echo", "tls_echo", "tls_handshakes"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bench/common"))


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


def build(options):
    subprocess.run(["ninja", "-C", options.build, "writ", *(f"bench/dns/{name}" for name in PROGRAMS)], check=True,
                   stdout=subprocess.DEVNULL)
