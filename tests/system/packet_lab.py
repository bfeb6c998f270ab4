"""Clients, the packet gate, one more hop and servers: namespaces in a row, so that all between them passes the gate.

    client --+
             +-- gate -- hop -- server        routed: the gate is a router
    crafty --+                                bridged: a bridge between clients and the hop
                                              host: clients are programs on the gate's own machine

`crafty` has a link but no addresses: what is sent there is made up byte for byte (rawhost.py), and no kernel
answers for it. A packet of TTL 2 from a client dies at the hop: the gate sees it and no server does.
"""
import contextlib
import secrets
import shutil
import subprocess

from network import Namespace

# the organisation at large, its units
CLIENT, FINANCE, LABORATORY = "10.54.0.10", "10.54.1.10", "10.54.2.10"
CLIENT6, LABORATORY6 = "fd54::10", "fd54:0:0:2::10"
CRAFTY, CRAFTY6 = "10.57.", "fd57::"  # prefixes of as many clients as a test likes
GATE, GATE6 = "10.54.0.1", "fd54::1"

# one address of many names; a resolver; one address of nobody in particular
WEB, WEB6 = "198.51.100.10", "2001:db8:100::10"
RESOLVER, RESOLVER6 = "198.51.100.53", "2001:db8:100::53"
OTHER, OTHER6 = "198.51.100.20", "2001:db8:100::20"

LINKS = {"hop": (("10.55.0.1/24", "fd55::1/64"), ("10.55.0.2/24", "fd55::2/64")),
         "server": (("10.56.0.1/24", "fd56::1/64"), ("10.56.0.2/24", "fd56::2/64"))}
CLIENTS = ("10.54.0.0/16", "10.55.0.0/24", "10.57.0.0/16", "fd54::/48", "fd55::/64", "fd57::/48")
SERVERS = ("198.51.100.0/24", "2001:db8:100::/48", "10.56.0.0/24", "fd56::/64")


class Lab:
    def __init__(self, kind="routed"):
        self.kind, self.suffix, self.made, self.processes = kind, secrets.token_hex(2), [], []
        self.servers = None
        try:
            self.gate, self.hop, self.server = self._add("gate"), self._add("hop"), self._add("server")
            self.client = self.gate if kind == "host" else self._add("client")
            self._servers_side()
            getattr(self, f"_{kind}")()
        except BaseException:
            self.close()
            raise

    def _add(self, name):
        made = Namespace(f"lab-{self.suffix}-{name}")
        self.made.append(made)
        for setting in ("ipv4.ip_forward=1", "ipv6.conf.all.forwarding=1", "ipv6.conf.default.forwarding=1",
                        "ipv6.conf.default.accept_dad=0", "ipv6.conf.all.accept_dad=0"):
            made.run("sysctl", "-q", "-w", f"net.{setting}")
        return made

    def cable(self, one, other, one_addresses=(), other_addresses=(), names=None):
        """A link between two namespaces; returns the names of its ends."""
        one_end, other_end = names or (f"to-{other.name.rsplit('-', 1)[1]}", f"to-{one.name.rsplit('-', 1)[1]}")
        one.run("ip", "link", "add", one_end, "type", "veth", "peer", "name", other_end, "netns", other.name)
        for namespace, end, addresses in ((one, one_end, one_addresses), (other, other_end, other_addresses)):
            namespace.address(end, *addresses)
            namespace.run("ip", "link", "set", end, "up")
        return one_end, other_end

    def _servers_side(self):
        self.cable(self.hop, self.server, *LINKS["server"])
        self.server.address("lo", *(f"{a}/{128 if ':' in a else 32}" for a in (WEB, WEB6, RESOLVER, RESOLVER6, OTHER, OTHER6)))
        for prefix in SERVERS[:2]:
            self._route(self.hop, prefix, LINKS["server"][1])
        for prefix in CLIENTS:
            self._route(self.server, prefix, LINKS["server"][0])

    @staticmethod
    def _route(namespace, prefix, neighbours):
        via = neighbours[":" in prefix].split("/")[0]
        namespace.run("ip", "route", "replace", prefix, "via", via)

    def _gate_to_hop(self):
        self.cable(self.gate, self.hop, *LINKS["hop"])
        for prefix in SERVERS:
            self._route(self.gate, prefix, LINKS["hop"][1])
        for prefix in CLIENTS:
            if not prefix.startswith(("10.55.", "fd55:")):
                self._route(self.hop, prefix, LINKS["hop"][0])

    CLIENT_SIDE = (f"{CLIENT}/16", f"{FINANCE}/16", f"{LABORATORY}/16", f"{CLIENT6}/48", f"{LABORATORY6}/48")
    ROUTER_SIDE = (f"{GATE}/16", f"{GATE6}/48")

    def _routed(self):
        self._gate_to_hop()
        self.cable(self.gate, self.client, self.ROUTER_SIDE, self.CLIENT_SIDE)
        for prefix in SERVERS + ("10.57.0.0/16", "fd57::/48"):
            self._route(self.client, prefix, self.ROUTER_SIDE)
        self._crafty()

    def _crafty(self):
        """A link whose far end answers nothing by itself, and that need not be asked for its address."""
        self.crafty = self._add("crafty")
        self.crafty.run("sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1", "net.ipv4.ip_forward=0")
        ends = self.cable(self.gate, self.crafty, ("10.58.0.1/24", "fd58::1/64"))
        self.crafty_device = ends[1]
        self.crafty_hardware = self._hardware(self.crafty, ends[1])
        self.gate_hardware = self._hardware(self.gate, ends[0])
        for prefix, via in (("10.57.0.0/16", "10.58.0.2"), ("fd57::/48", "fd58::2")):
            self.gate.run("ip", "neigh", "replace", via, "lladdr", self.crafty_hardware, "dev", ends[0], "nud", "permanent")
            self.gate.run("ip", "route", "replace", prefix, "via", via)

    @staticmethod
    def _hardware(namespace, device):
        words = ["ip", "netns", "exec", namespace.name, "cat", f"/sys/class/net/{device}/address"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

    def _bridged(self):
        ends = [self.cable(self.gate, other)[0] for other in (self.client, self.hop)]
        self.gate.run("ip", "link", "add", "bridge", "type", "bridge")
        for end in ends:
            self.gate.run("ip", "link", "set", end, "master", "bridge")
        self.gate.run("ip", "link", "set", "bridge", "up")
        self.hop.address("to-gate", *self.ROUTER_SIDE)
        self.gate.address("bridge", "10.54.0.2/16", "fd54::2/48")
        self.client.address("to-gate", *self.CLIENT_SIDE)
        for prefix in SERVERS:
            self._route(self.client, prefix, self.ROUTER_SIDE)
        self.gate.run("sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=1", "net.bridge.bridge-nf-call-ip6tables=1")

    def _host(self):
        self._gate_to_hop()
        self.gate.address("lo", *(f"{a.split('/')[0]}/{128 if ':' in a else 32}" for a in self.CLIENT_SIDE))

    # programs

    def spawn(self, namespace, *words, **options):
        """Starts a program that ends with the lab."""
        process = subprocess.Popen([str(w) for w in words], preexec_fn=namespace.enter, **options)
        self.processes.append(process)
        return process

    def run(self, *words, seconds=90, **options):
        """What a client's program printed and how it ended."""
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([str(w) for w in words], capture_output=True, preexec_fn=self.client.enter,
                              timeout=seconds, **options)

    # trouble on the way

    def nft(self, text):
        """Rules of the hop's, instead of those before."""
        rules = f"table inet lab\ndelete table inet lab\ntable inet lab {{\n{text}\n}}\n"
        subprocess.run(["nft", "-f", "-"], input=rules.encode(), preexec_fn=self.hop.enter, check=True)

    @contextlib.contextmanager
    def losing(self, percent):
        self.nft(f"chain c {{ type filter hook forward priority 0; iifname != reorder numgen random mod 100 < {percent} drop; }}")
        try:
            yield
        finally:
            self.nft("")

    @contextlib.contextmanager
    def mtu(self, size):
        """A narrower link behind the gate."""
        for namespace, device in ((self.hop, "to-server"), (self.server, "to-hop")):
            namespace.run("ip", "link", "set", device, "mtu", str(size))
        try:
            yield
        finally:
            for namespace, device in ((self.hop, "to-server"), (self.server, "to-hop")):
                namespace.run("ip", "link", "set", device, "mtu", "1500")

    def close(self):
        if self.servers:
            self.servers.close()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait(10)
        for namespace in self.made:
            namespace.remove()



def is_possible():
    """Whether namespaces can be made here."""
    if not shutil.which("ip"):
        return False
    try:
        Namespace(f"lab-probe-{secrets.token_hex(3)}").remove()
    except OSError:
        return False
    return True
