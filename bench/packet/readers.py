"""Programs that listen, and what names each found in a capture that the client asked for. What the server's certificate
says does not count: it is not there to be read in TLS 1.3. To add one: a class and a row in READERS."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile


class Reader:
    def __init__(self, program, root="/"):
        self.program, self.root = program, pathlib.Path(root)

    def run(self, words, folder):
        enter = [] if self.root == pathlib.Path("/") else ["chroot", str(self.root)]
        return subprocess.run([*enter, self.program, *map(str, words)], capture_output=True, text=True, timeout=120,
                              cwd="/" if enter else folder, stdin=subprocess.DEVNULL)

    def names(self, capture):
        """In lower case, without port and last dot."""
        with tempfile.TemporaryDirectory(prefix="writ-catch-", dir=self.root / "var/tmp") as made:
            folder = pathlib.Path(made)
            folder.chmod(0o777)
            shutil.copyfile(capture, folder / "in.pcap")
            inside = folder if self.root == pathlib.Path("/") else "/" / folder.relative_to(self.root)
            return {name.lower().split(":")[0].rstrip(".") for name in self.found(folder, inside)}

    def version(self):
        done = self.run(self.version_words, "/")
        return (re.search(r"[0-9]+\.[0-9]+[^\s),]*", done.stdout + done.stderr) or ["?"])[0].rstrip(".")


class Ndpi(Reader):
    version_words = ["-h"]

    def found(self, folder, inside):
        done = self.run(["-i", f"{inside}/in.pcap", "-v", "2"], folder)
        return re.findall(r"\[Hostname/SNI: ([^\]]+)\]", done.stdout)  # of the client's; the certificate's stand elsewhere


class Suricata(Reader):
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
