"""Programs that listen, and what names each found in a capture that the client asked for. What the server's certificate
says does not count: it is not there to be read in TLS 1.3. To add one: a class and a row in READERS."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

import roots


class Reader:
    def __init__(self, root=roots.HERE, path=None):
        self.root, self.path = root, path or self.program

    def run(self, words, folder):
        enter = roots.entering(self.root)
        return subprocess.run([*enter, str(self.path), *map(str, words)], capture_output=True, text=True, timeout=120,
                              cwd="/" if enter else folder, stdin=subprocess.DEVNULL)

    def names(self, capture):
        """In lower case, without port and last dot."""
        with tempfile.TemporaryDirectory(prefix="writ-catch-", dir=self.root / "var/tmp") as made:
            folder = pathlib.Path(made)
            folder.chmod(0o777)
            shutil.copyfile(capture, folder / "in.pcap")
            inside = roots.inside(self.root, folder)
            return {name.lower().split(":")[0].rstrip(".") for name in self.found(folder, inside)}

    def title(self):
        return f"{self.program} {roots.version(self.root, self.path, self.version_words)}"


class Ndpi(Reader):
    program = "ndpiReader"
    version_words = ["-h"]

    def found(self, folder, inside):
        done = self.run(["-i", f"{inside}/in.pcap", "-v", "2"], folder)
        return re.findall(r"\[Hostname/SNI: ([^\]]+)\]", done.stdout)  # of the client's; the certificate's stand elsewhere


class Suricata(Reader):
    program = "suricata"
    version_words = ["-V"]
    SETTINGS = """%YAML 1.1
---
vars: {{address-groups: {{HOME_NET: "any", EXTERNAL_NET: "any"}}, port-groups: {{}}}}
logging: {{default-log-level: error, outputs: [{{console: {{enabled: yes}}}}]}}
outputs:
  - eve-log: {{enabled: yes, filetype: regular, filename: eve.json, types: [{{tls: {{extended: yes}}}}, http, dns{more}]}}
classification-file: /etc/suricata/classification.config
reference-config-file: /etc/suricata/reference.config
app-layer:
  protocols:
    tls: {{enabled: yes, detection-ports: {{dp: "443,444,8443,853"}}}}
    quic: {{enabled: yes}}
    http: {{enabled: yes}}
    http2: {{enabled: yes}}
    smtp: {{enabled: yes}}
    dns: {{udp: {{enabled: yes, detection-ports: {{dp: 53}}}}, tcp: {{enabled: yes, detection-ports: {{dp: 53}}}}}}
stream: {{checksum-validation: yes, inline: no, midstream: false}}
defrag: {{enabled: yes}}
"""

    def found(self, folder, inside):
        (folder / "s.yaml").write_text(self.SETTINGS.format(more=", quic, http2"))
        self.run(["-c", f"{inside}/s.yaml", "-r", f"{inside}/in.pcap", "-l", inside, "-S", "/dev/null",
                  "--runmode", "single", "--pidfile", f"{inside}/pid"], folder)
        if not (folder / "eve.json").exists():
            return
        for line in (folder / "eve.json").read_text(errors="replace").splitlines():
            event = json.loads(line)
            yield from (event.get(part, {}).get(key, "") for part, key in (("tls", "sni"), ("quic", "sni"),
                                                                           ("http", "hostname")))
            dns = event.get("dns", {})
            yield dns.get("rrname", "")
            yield from (q.get("rrname", "") for q in dns.get("queries", []) + dns.get("query", []) if isinstance(q, dict))
            for header in event.get("http", {}).get("request_headers", []):
                if header.get("name", "").lower() in (":authority", "host"):
                    yield header.get("value", "")


class Tshark(Reader):
    """With segments put in order and fragments together."""
    program = "tshark"
    version_words = ["--version"]
    FIELDS = ("tls.handshake.extensions_server_name", "http.host", "http.request.full_uri", "http2.headers.authority",
              "dns.qry.name")

    def found(self, folder, inside):
        words = ["-r", f"{inside}/in.pcap", "-o", "tcp.reassemble_out_of_order:TRUE", "-o", "tcp.check_checksum:TRUE",
                 "-o", "ip.defragment:TRUE", "-d", "tcp.port==444,tls", "-d", "tcp.port==8443,tls", "-T", "fields",
                 "-E", "separator=,"]
        done = self.run(words + sum((["-e", field] for field in self.FIELDS), []), folder)
        for field in re.split(r"[,\s]+", done.stdout):
            yield re.sub(r"^https?://|[/:].*$", "", field) if "/" in field else field.split(":")[0]


READERS = (Ndpi, Suricata, Tshark)


def add_options(parser):
    roots.add_option(parser)
    parser.add_argument("--ndpi", action="append", default=[], type=pathlib.Path, metavar="PROGRAM",
                        help="an ndpiReader that is not installed")


def present(options):
    """{title: reader}; of the same version in two roots the last is taken."""
    found = [kind(root) for kind in READERS for root in roots.having(kind.program, options.roots)]
    return {reader.title(): reader for reader in [*(Ndpi(path=path.resolve()) for path in options.ndpi), *found]}
