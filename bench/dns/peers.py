"""How each server is set up for the same work: forward to one upstream, cache, block a list of names and
all that is under them. A peer has

    write(place)       writes its settings and its form of the list into place.directory
    command(place)     the server's command line; it stays in the foreground
    install(place, l)  puts another list in the old one's place
    reload(place)      makes the running server take it; None where it can only be restarted

PEERS, at the end, names them. To add one: a class and a row there."""
import os
import shutil
import signal
import subprocess

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
RPZ_HEAD = "$ORIGIN rpz.\n$TTL 300\n@ SOA ns.rpz. admin.rpz. 1 3600 600 86400 300\n@ NS localhost.\n"


class Peer:
    program = None
    head, form = "", "{0}\n"
    answers_dns = True
    is_private = False  # answers over TLS and HTTPS where it is given a certificate
    speaks = ["udp", "dot", "doh", "handshake"]  # of what is measured
    reload = None

    def list_file(self, place):
        return place.directory / "block.list"

    def convert(self, names):
        """The list in the peer's own form, kept beside the plain one."""
        path = names.with_name(f"{names.name}.{type(self).__name__}")
        if not path.exists() or path.stat().st_mtime < names.stat().st_mtime:
            with open(names) as source, open(path, "w") as target:
                target.write(self.head)
                target.writelines(self.form.format(line.rstrip("\n")) for line in source)
        return path

    def install(self, place, names):
        new = self.list_file(place).with_suffix(".new")
        shutil.copyfile(self.convert(names), new)
        os.sync()
        new.rename(self.list_file(place))

    def write(self, place):
        raise NotImplementedError

    def command(self, place):
        raise NotImplementedError


def control(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")


class Echo(Peer):
    """No DNS work at all: what is left is the price of the socket path."""
    program = "udp_echo"
    answers_dns = False

    def install(self, place, names):
        pass

    def write(self, place):
        pass

    def command(self, place):
        return [place.echo, str(place.port)]


class TlsEcho(Echo):
    """The same for DNS over TLS: sockets and OpenSSL. It speaks nothing else."""
    program = "tls_echo"
    is_private = True
    speaks = ["dot", "handshake"]

    def command(self, place):
        return [place.tls_echo, str(place.tls_port), *map(str, place.private)]


class Writ(Peer):
    """Compiles the list when it starts."""
    program = "writ"
    workers = 1
    is_private = True
    organised = "organisation: organisation.yaml\n"

    def write(self, place):
        (place.directory / "organisation.yaml").write_text("""organisation: bench
name: Bench
jurisdiction: TW
classes: [central-agency]
contact: it@bench.example
networks:
  - {prefix: 127.0.0.0/8, class: official}
lists:
  - {id: bench, file: block.list, format: plain, reason: Bench.}
""")
        (place.directory / "writ.yaml").write_text(f"""{self.organised}policy: {{image: policy.image}}
daemon: {{run_directory: run}}
record: {{evidence_directory: evidence, signing_key: signing.key}}
dns:
  listen: ["127.0.0.1:{place.port}"]
  workers: {self.workers}
  upstream: {{forward: ["127.0.0.1:{place.upstream}"]}}
{self.private(place)}""")

    def private(self, place):
        if not place.private:
            return ""
        certificate, key = place.private
        limits = "connections: 4096, connections_per_client: 4096, idle: 60 s"
        return f"""  tls: {{listen: ["127.0.0.1:{place.tls_port}"], certificate: {certificate}, key: {key}, {limits}}}
  https: {{listen: ["127.0.0.1:{place.https_port}"], {limits}}}
"""

    def command(self, place):
        return [place.writ, "run", "--config", str(place.directory / "writ.yaml")]

    def reload(self, place):
        place.process.send_signal(signal.SIGHUP)


class WritTwoThreads(Writ):
    """For two processors: --server-cpu 0,1 --load-cpu 0,1."""
    workers = 2


class WritImage(Writ):
    """Starts from an image that was compiled before."""
    organised = ""

    def install(self, place, names):
        super().install(place, names)
        Writ.write(self, place)
        control(place.writ, "compile", "--organisation", str(place.directory / "organisation.yaml"),
                "--output", str(place.directory / "policy.image"))


class UnboundRpz(Peer):
    program = "unbound"
    is_private = True
    head, form = RPZ_HEAD, "{0} CNAME .\n*.{0} CNAME .\n"
    modules, server = "respip iterator", ""
    threads = 1
    rpz = "rpz:\n  name: rpz.\n  zonefile: {list}\n"

    def write(self, place):
        (place.directory / "unbound.conf").write_text(f"""server:
  directory: {place.directory}
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  logfile: {place.directory}/log
  do-daemonize: no
  interface: 127.0.0.1
  port: {place.port}
  do-ip6: no
  num-threads: {self.threads}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "{self.modules}"
  msg-cache-size: 128m
  rrset-cache-size: 256m
  outgoing-range: 8192
  num-queries-per-thread: 4096
  so-rcvbuf: 4m
  so-sndbuf: 4m
  edns-buffer-size: 1232
  minimal-responses: yes
  ede: yes
{self.server.format(list=self.list_file(place))}{self.private(place)}
remote-control:
  control-enable: yes
  control-interface: {place.directory}/control
  control-use-cert: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{place.upstream}
{self.rpz.format(list=self.list_file(place))}""")

    def private(self, place):
        if not place.private:
            return ""
        certificate, key = place.private
        return f"""
  interface: 127.0.0.1@{place.tls_port}
  interface: 127.0.0.1@{place.https_port}
  tls-port: {place.tls_port}
  https-port: {place.https_port}
  tls-service-pem: {certificate}
  tls-service-key: {key}
  incoming-num-tcp: 1000
  tcp-idle-timeout: 60000
"""

    def command(self, place):
        return ["unbound", "-d", "-c", str(place.directory / "unbound.conf")]

    def reload(self, place, *verb):
        control("unbound-control", "-c", str(place.directory / "unbound.conf"), *(verb or ("auth_zone_reload", "rpz.")))


class UnboundLocalZone(UnboundRpz):
    head, form = "", 'local-zone: "{0}." always_nxdomain\n'
    modules, server, rpz = "iterator", "  include: {list}\n", ""

    def reload(self, place):
        super().reload(place, "reload_keep_cache")


class Bind(Peer):
    program = "named"
    head, form = RPZ_HEAD, UnboundRpz.form

    def write(self, place):
        (place.directory / "named.conf").write_text(f"""key k {{ algorithm hmac-sha256; secret "{KEY}"; }};
controls {{ inet 127.0.0.1 port {place.control} allow {{ 127.0.0.1; }} keys {{ k; }}; }};
options {{
  directory "{place.directory}"; pid-file none; session-keyfile "{place.directory}/session.key";
  listen-on port {place.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion yes; allow-query {{ any; }}; allow-recursion {{ any; }};
  forward only; forwarders {{ 127.0.0.1 port {place.upstream}; }};
  dnssec-validation no; empty-zones-enable no; minimal-responses yes; notify no; prefetch 0;
  max-cache-size 512m; recursive-clients 20000; querylog no;
  response-policy {{ zone "rpz"; }} qname-wait-recurse no break-dnssec yes min-update-interval 0;
}};
zone "rpz" {{ type primary; file "{self.list_file(place)}"; allow-query {{ none; }}; }};
logging {{ category default {{ null; }}; category rpz {{ null; }}; category queries {{ null; }}; }};
""")
        (place.directory / "rndc.conf").write_text(f"""key k {{ algorithm hmac-sha256; secret "{KEY}"; }};
options {{ default-key k; default-server 127.0.0.1; default-port {place.control}; }};
""")

    def command(self, place):
        return ["named", "-f", "-n", "1", "-c", str(place.directory / "named.conf")]

    def install(self, place, names):
        """A zone is read anew only when its serial number has grown."""
        place.serial = getattr(place, "serial", 0) + 1
        text = self.convert(names).read_text().replace(" 1 3600 ", f" {place.serial} 3600 ", 1)
        self.list_file(place).write_text(text)

    def reload(self, place):
        control("rndc", "-c", str(place.directory / "rndc.conf"), "reload", "rpz")


class KnotResolver(Peer):
    program = "kresd"
    head, form = RPZ_HEAD, UnboundRpz.form

    def write(self, place):
        (place.directory / "cache").mkdir(exist_ok=True)
        (place.directory / "kresd.conf").write_text(f"""net.ipv6 = false
net.listen('127.0.0.1', {place.port}, {{ kind = 'dns' }})
for _, m in ipairs({{'priming', 'ta_signal_query', 'ta_update', 'detect_time_jump', 'detect_time_skew'}}) do
  pcall(modules.unload, m)
end
trust_anchors.remove('.')
log_level('err')
cache.open(512 * MB, 'lmdb://{place.directory}/cache')
policy.add(policy.rpz(policy.DENY, '{self.list_file(place)}', true))
policy.add(policy.all(policy.FORWARD({{'127.0.0.1@{place.upstream}'}})))
""")

    def command(self, place):
        return ["kresd", "-n", "-c", str(place.directory / "kresd.conf"), str(place.directory)]

    def reload(self, place):
        """It watches the file."""


class PowerDnsRecursor(Peer):
    program = "pdns_recursor"
    head, form = RPZ_HEAD, UnboundRpz.form

    def write(self, place):
        (place.directory / "rpz.lua").write_text(
            f'rpzFile("{self.list_file(place)}", {{policyName="block", extendedErrorCode=15}})\n')
        (place.directory / "recursor.conf").write_text(f"""local-address=127.0.0.1
local-port={place.port}
allow-from=127.0.0.0/8
forward-zones-recurse=.=127.0.0.1:{place.upstream}
dont-query=
dnssec=off
threads=1
pdns-distributes-queries=no
max-cache-entries=2000000
max-packetcache-entries=1000000
packetcache-ttl=86400
security-poll-suffix=
hint-file=no
lua-config-file={place.directory}/rpz.lua
write-pid=no
daemon=no
quiet=yes
loglevel=2
extended-resolution-errors=yes
socket-dir={place.directory}
""")

    def command(self, place):
        return ["pdns_recursor", f"--config-dir={place.directory}"]

    def reload(self, place):
        control("rec_control", f"--config-dir={place.directory}", f"--socket-dir={place.directory}",
                "reload-lua-config")


class Dnsdist(Peer):
    program = "dnsdist"
    is_private = True

    def write(self, place):
        (place.directory / "dnsdist.conf").write_text(f"""setLocal('127.0.0.1:{place.port}')
setACL({{'127.0.0.0/8'}})
setSecurityPollSuffix('')
controlSocket('127.0.0.1:{place.control}')
setKey('{KEY}')
setMaxUDPOutstanding(65535)
newServer({{address='127.0.0.1:{place.upstream}', checkInterval=10, sockets=8}})
getPool(''):setCache(newPacketCache(1000000, {{maxTTL=86400, numberOfShards=32}}))
{self.private(place)}
function rule()
  local names = newSuffixMatchNode()
  for line in io.lines('{self.list_file(place)}') do names:add(line) end
  return newRuleAction(SuffixMatchNodeRule(names, true), RCodeAction(DNSRCode.NXDOMAIN))
end
function reload_list()
  setRules({{rule()}})
end
reload_list()
""")

    def private(self, place):
        if not place.private:
            return ""
        files = ", ".join(f"'{path}'" for path in place.private)
        return f"""setMaxTCPClientThreads(1)
addTLSLocal('127.0.0.1:{place.tls_port}', {files}, {{maxInFlight=1000}})
addDOHLocal('127.0.0.1:{place.https_port}', {files}, '/dns-query')
"""

    def command(self, place):
        return ["dnsdist", "--supervised", "--disable-syslog", "-C", str(place.directory / "dnsdist.conf")]

    def reload(self, place):
        control("dnsdist", "-C", str(place.directory / "dnsdist.conf"), "-e", "reload_list()")


class Dnsmasq(Peer):
    program = "dnsmasq"
    form = "server=/{0}/\n"

    def write(self, place):
        (place.directory / "dnsmasq.conf").write_text(f"""port={place.port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
no-poll
user=root
server=127.0.0.1#{place.upstream}
cache-size=300000
cache-rr=HTTPS
dns-forward-max=10000
edns-packet-max=1232
servers-file={self.list_file(place)}
""")

    def command(self, place):
        return ["dnsmasq", "--keep-in-foreground", f"--log-facility={place.directory}/log",
                f"--pid-file={place.directory}/pid", "-C", str(place.directory / "dnsmasq.conf")]

    def reload(self, place):
        place.process.send_signal(signal.SIGHUP)


PEERS = {"writ": Writ, "writ-image": WritImage, "writ-two-threads": WritTwoThreads, "unbound-rpz": UnboundRpz,
         "unbound-local-zone": UnboundLocalZone, "bind-rpz": Bind, "knot-resolver-rpz": KnotResolver,
         "pdns-recursor-rpz": PowerDnsRecursor, "dnsdist": Dnsdist, "dnsmasq": Dnsmasq, "echo": Echo, "tls-echo": TlsEcho}
