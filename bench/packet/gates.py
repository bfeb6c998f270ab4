"""What stands in the way: nothing, the kernel alone, Writ, and its peers, each set up for the same work: refuse
TLS connections by a list of names, let all others pass. A gate has

    write()       its settings, into self.directory, which is self.here to its program
    command()     what it runs in the foreground, or None
    rules()       commands for the kernel, when it is there

GATES, at the end, names them. To add one: a class and a row there. One whose program is in several roots is several gates."""
import base64
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import lane
import roots
from processes import cpu_seconds, descendants, memory_mib

BLOCKED, ALLOWED = "www.blocked.example", "www.allowed.example"
QUEUE = 0
PORT = 8443


class Gate:
    program, version_words = None, None
    judges = True  # refuses the listed names
    is_proxy = False  # ends connections and opens its own: only what is sent to port 443 goes through it

    def __init__(self, options, root=roots.HERE):
        self.options, self.root, self.process = options, root, None

    @classmethod
    def places(cls, options):
        """Roots of the systems that have its program."""
        return roots.having(cls.program, options.roots) if cls.program else [roots.HERE]

    def title(self, name):
        return f"{name} {roots.version(self.root, self.program, self.version_words)}" if self.version_words else name

    def write(self):
        pass

    def command(self):
        return None

    def rules(self):
        return []

    def names(self):
        return [f"name-{n}.listed.example" for n in range(self.options.names - 1)] + [BLOCKED]

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="writ-bench-", dir=self.root / "var/tmp"))
        self.directory.chmod(0o755)
        self.here = roots.inside(self.root, self.directory)
        self.write()
        command = self.command()
        if command:
            log = open(self.directory / "output", "w")
            words = ["taskset", "-c", self.options.gate_cpu, *roots.entering(self.root), *command]
            self.process = subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for rule in self.rules():
            lane.run(*rule)
        return self

    def __exit__(self, *_):
        for chain in (("filter", "FORWARD"), ("mangle", "PREROUTING"), ("mangle", "POSTROUTING")):
            subprocess.run(["iptables", "-t", chain[0], "-F", chain[1]], capture_output=True)
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        lane.run("nft", "flush", "ruleset")
        subprocess.run(["conntrack", "-F"], capture_output=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    def wait_ready(self, is_right, limit_s=60):
        """Until a listed name is refused and another is not."""
        end = time.monotonic() + limit_s
        while not is_right():
            if time.monotonic() > end or (self.process and self.process.poll() is not None):
                log = self.directory / "output"
                raise RuntimeError("does not judge as it should: " + (log.read_text()[-1500:] if log.exists() else ""))
            time.sleep(0.2)

    def pids(self):
        return descendants(self.process.pid) if self.process else []

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in self.pids())

    def pss_mib(self):
        return memory_mib(self.pids())[0]

    def set_urgent(self):
        for pid in self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                os.sched_setscheduler(int(task.name), os.SCHED_FIFO, os.sched_param(lane.GATE_NEXT))


class Forward(Gate):
    """Plain forwarding, without conntrack: the floor."""
    judges = False


class Conntrack(Gate):
    """The kernel follows connections and accepts those that it knows: what every gate by connection pays."""
    judges = False

    def rules(self):
        return [["nft", "add table inet bench; add chain inet bench forward { type filter hook forward priority 0; }; "
                 "add rule inet bench forward ct state established accept; "
                 "add rule inet bench forward ct state new accept"]]


class Writ(Gate):
    more = ""

    def build(self):
        return self.options.build

    @classmethod
    def places(cls, options):
        return [roots.HERE] if (cls(options).build() / "writ").exists() else []

    def write(self):
        (self.directory / "block.list").write_text("".join(f"{name}\n" for name in self.names()))
        (self.directory / "organisation.yaml").write_text("""organisation: bench
name: Bench
jurisdiction: TW
classes: [central-agency]
contact: it@bench.example
networks:
  - {prefix: 10.0.0.0/8, class: official}
lists:
  - {id: bench, file: block.list, format: plain, reason: Bench.}
""")
        (self.directory / "writ.yaml").write_text(f"""organisation: organisation.yaml
policy: {{image: policy.image}}
daemon: {{run_directory: run}}
record: {{evidence_directory: evidence, signing_key: signing.key}}
packet:
  mode: routed
  queues: 1
{self.more}""")

    def command(self):
        return [self.build() / "writ", "run", "--config", self.directory / "writ.yaml"]


class WritBefore(Writ):
    """Of another build, for what a change is worth."""
    def build(self):
        return self.options.before.resolve()


class WritManyFlows(Writ):
    """With room for what the measurement `flows` opens."""
    more = "  limits: {flows: 1200000, held: 1 GiB, idle: 3600 s, time: 600 s}\n"


class WritUntracked(WritManyFlows):
    """The same where conntrack does not follow the flows that nobody stands behind: its own limit is lower, and cannot be
    raised in a namespace."""
    def rules(self):
        nobody = f"{lane.NOBODY_CLIENTS}/16"
        return [["nft", "add table ip bench; add chain ip bench raw { type filter hook prerouting priority raw; }; "
                 f"add rule ip bench raw ip saddr {nobody} notrack; add rule ip bench raw ip daddr {nobody} notrack"]]


class Suricata(Gate):
    """In the path by NFQUEUE, one worker thread for one queue, only the four rules; blocks are logged."""
    program, version_words = "suricata", ["-V"]
    bypasses = False
    tls_ports, protocols = "443", ""  # where TLS is looked for first; protocols beside TLS, QUIC, HTTP and DNS

    def write(self):
        lines = "".join(base64.b64encode(name.encode()).decode() + "\n" for name in self.names())
        (self.directory / "names.lst").write_text(lines)
        bypass = "yes" if self.bypasses else "no"
        listed = f"dataset:isset,listed,type string,load {self.here}/names.lst,memcap 64mb,hashsize 65536"
        (self.directory / "block.rules").write_text("".join(
            f'drop {protocol} any any -> any any (msg:"listed"; {keyword}; to_lowercase; {listed}; sid:{number};)\n'
            for number, (protocol, keyword) in enumerate((("tls", "tls.sni"), ("quic", "quic.sni"),
                                                          ("http", "http.host"), ("dns", "dns.query")), 1)))
        (self.directory / "suricata.yaml").write_text(f"""%YAML 1.1
---
vars: {{address-groups: {{HOME_NET: "any", EXTERNAL_NET: "any"}}, port-groups: {{}}}}
default-log-dir: {self.here}
stats: {{enabled: no}}
logging: {{default-log-level: warning, outputs: [{{console: {{enabled: yes}}}}]}}
outputs:
  - eve-log: {{enabled: yes, filetype: regular, filename: eve.json, types: [{{drop: {{alerts: yes}}}}]}}
classification-file: /etc/suricata/classification.config
reference-config-file: /etc/suricata/reference.config
app-layer:
  protocols:
    tls: {{enabled: yes, detection-ports: {{dp: "{self.tls_ports}"}}, encryption-handling: {"bypass" if self.bypasses else "default"}}}
    quic: {{enabled: yes}}
    http: {{enabled: yes}}
    dns: {{udp: {{enabled: yes, detection-ports: {{dp: 53}}}}, tcp: {{enabled: yes, detection-ports: {{dp: 53}}}}}}
{self.protocols}nfq:
  mode: accept
  bypass-mark: 1
  bypass-mask: 1
  batchcount: 20
  fail-open: yes
flow: {{memcap: 4gb, hash-size: 262144, prealloc: 10000, emergency-recovery: 30}}
stream: {{memcap: 4gb, checksum-validation: yes, inline: auto, bypass: {bypass}, prealloc-sessions: 10000,
  reassembly: {{memcap: 4gb, depth: 1mb}}}}
detect: {{profile: medium}}
max-pending-packets: 4096
runmode: workers
threading: {{set-cpu-affinity: no, detect-thread-ratio: 1.0}}
""")

    def command(self):
        return ["suricata", "-c", f"{self.here}/suricata.yaml", "-S", f"{self.here}/block.rules", "-q", QUEUE,
                "--runmode", "workers", "-l", self.here, "--pidfile", f"{self.here}/pid"]

    def rules(self):
        queue = ["iptables", "-A", "FORWARD", "-j", "NFQUEUE", "--queue-num", str(QUEUE)]
        if not self.bypasses:
            return [queue]
        # as Suricata's guide has it: the packet's mark becomes the connection's
        queue[3:3] = ["-m", "mark", "!", "--mark", "1/1"]
        return [["iptables", "-t", "mangle", "-A", "PREROUTING", "-j", "CONNMARK", "--restore-mark"], queue,
                ["iptables", "-t", "mangle", "-A", "POSTROUTING", "-j", "CONNMARK", "--save-mark"]]


class SuricataBypass(Suricata):
    bypasses = True


class Redirected(Gate):
    """A proxy of its own connections, to which the kernel brings what is sent to port 443."""
    is_proxy = True

    def rules(self):
        return [["nft", "add table ip bench; add chain ip bench in { type nat hook prerouting priority dstnat; }; "
                 f"add rule ip bench in iifname {lane.CLIENT_END} tcp dport 443 redirect to :{PORT}"]]


class Haproxy(Redirected):
    """Reads the name, then copies bytes in the kernel (splice)."""
    program, version_words = "haproxy", ["-v"]

    def write(self):
        (self.directory / "names").write_text("".join(f"{name}\n" for name in self.names()))
        (self.directory / "haproxy.cfg").write_text(f"""global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option splice-auto
frontend all
  bind :{PORT}
  tcp-request inspect-delay 5s
  tcp-request content reject if {{ req.ssl_sni,lower -m str -f {self.here}/names }}
  tcp-request content accept if {{ req.ssl_hello_type 1 }}
  default_backend where-it-went
backend where-it-went
  server any 0.0.0.0
""")

    def command(self):
        return ["haproxy", "-db", "-f", self.here / "haproxy.cfg"]


class String(Gate):
    """The kernel looks for bytes in each packet of a connection's beginning (xt_string), one rule a name: no parser, so a
    name that is cut in two passes, and one that stands anywhere else is refused."""
    listed = 1

    def rules(self):
        lines = ["*filter", ":FORWARD ACCEPT [0:0]", ":names - [0:0]",
                 "-A FORWARD -p tcp --dport 443 -m connbytes --connbytes 0:8 --connbytes-mode packets "
                 "--connbytes-dir original -j names"]
        lines += [f"-A names -m string --algo bm --string {name} -j DROP" for name in self.names()[-self.listed:]]
        return [["sh", "-c", f"iptables-restore <<'E'\n{chr(10).join(lines)}\nCOMMIT\nE\n"]]

    def __enter__(self):
        pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_acct").write_text("1")
        return super().__enter__()

    def __exit__(self, *_):
        pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_acct").write_text("0")
        super().__exit__()


class String1000(String):
    listed = 1000


GATES = {"forward": Forward, "conntrack": Conntrack, "writ": Writ, "writ-before": WritBefore, "writ-many-flows": WritManyFlows,
         "writ-untracked": WritUntracked, "suricata": Suricata, "suricata-bypass": SuricataBypass, "haproxy": Haproxy, "string-1": String, "string-1000": String1000}
