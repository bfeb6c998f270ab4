#!/usr/bin/env python3
"""Names that tshark finds in captures, flow for flow, beside those that Writ's reader finds.

usage: compare.py BUILD FOLDER... [--cache FOLDER] [--show COUNT]

Each folder is one collection of captures (pcap, pcapng, also gz), and one row of the table: how many (file, flow, name)
tshark finds in TLS, QUIC, HTTP and DNS, and the share of them that Writ finds too. The rest is listed, up to COUNT a kind.
What tshark only sees because it has keys, DNS within HTTP (whose host is compared), what ICMP errors quote, DTLS, SSDP,
mDNS and LLMNR are not compared.
tshark takes about a second a file: --cache keeps what it said.
"""
import argparse
import collections
import gzip
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile

KINDS = ("tls", "quic", "http", "dns")
FILTER = ("tls.handshake.extensions_server_name || http.host || http2.headers.authority || "
          "(dns.qry.name && !mdns && !llmnr)")
FIELDS = ("frame.number frame.protocols ip.src ip.dst ipv6.src ipv6.dst tcp.srcport tcp.dstport udp.srcport udp.dstport "
          "tls.handshake.extensions_server_name http.host http2.headers.authority dns.qry.name dns.flags.response").split()
SUFFIXES = (".pcap", ".pcapng", ".cap", ".trace", ".dmp", ".dump", ".ntar", ".1", ".2", ".3")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    parser.add_argument("--cache", type=pathlib.Path)
    parser.add_argument("--show", type=int, default=0)
    return parser.parse_args()


def captures_of(folder):
    for path in sorted(folder.rglob("*")):
        name = path.name.removesuffix(".gz")
        if path.is_file() and name.lower().endswith(SUFFIXES):
            yield path


def ask_tshark(path, cache, more=()):
    """The lines that tshark prints of a file: FIELDS, separated by tabs; '' if it cannot read it."""
    kept = cache / (hashlib.sha1(str(path).encode()).hexdigest() + ".tsv") if cache else None
    if kept and kept.exists():
        return kept.read_text(errors="replace")
    command = ["tshark", "-n", *more, "-r", str(path), "-Y", FILTER, "-T", "fields", "-E", "separator=/t",
               "-E", "occurrence=a", "-E", "aggregator=,"]
    for field in FIELDS:
        command += ["-e", field]
    text = subprocess.run(command, capture_output=True, timeout=600).stdout.decode(errors="replace")
    if kept:
        cache.mkdir(parents=True, exist_ok=True)
        kept.write_text(text)
    return text


def fold(name):
    """Bytes that are no letters are written as `?`, and several as one: both programs have their own way."""
    name = re.sub(r"\\+\d\d\d|[^ -~]|[?]", "?", name.strip().lower().rstrip("."))
    return re.sub(r"[?]+", "?", name).replace("<root>", "")


def without_port(host):
    host = host.strip()
    if host.startswith("["):
        return fold(host[1:].split("]")[0])
    return fold(host.rsplit(":", 1)[0] if host.count(":") == 1 else host)


def flow_of(a, a_port, b, b_port):
    return frozenset([(a, int(a_port)), (b, int(b_port))])


def last(text):
    return text.split(",")[-1]


def flow_of_row(row, protocols):
    a = last(row["ip.src"]), last(row["ip.dst"])
    b = last(row["ipv6.src"]), last(row["ipv6.dst"])
    families = [p for p in protocols if p in ("ip", "ipv6")]
    source, target = b if families and families[-1] == "ipv6" else a
    transports = [p for p in protocols if p in ("tcp", "udp")]
    if not source or not transports:
        return None
    layer = transports[-1]
    return flow_of(source, last(row[f"{layer}.srcport"]), target, last(row[f"{layer}.dstport"]))


def names_of_row(row, protocols):
    """(kind, name) of what is compared."""
    behind_tls = "tls" in protocols and protocols.index("tls") < len(protocols) - 1
    is_quic = "quic" in protocols
    for name in filter(None, row["tls.handshake.extensions_server_name"].split(",")):
        if "dtls" not in protocols and (is_quic or "tcp" in protocols):
            yield ("quic" if is_quic else "tls"), fold(name)
    if behind_tls or is_quic:
        return
    if "tcp" in protocols and ("http" in protocols or "http2" in protocols):
        for name in filter(None, (row["http.host"] + "," + row["http2.headers.authority"]).split(",")):
            yield "http", without_port(name)
    if "dns" in protocols and not {"http", "http2"} & set(protocols):
        for name in filter(None, row["dns.qry.name"].split(",")):
            if not name.startswith("<") or name == "<Root>":  # what tshark writes where it can read no name
                yield "dns", fold(name)


def tshark_names(path, cache, more=()):
    """{(flow, kind, name): frame}; `more` are options of tshark's."""
    found = {}
    for line in ask_tshark(path, cache, more).splitlines():
        if line.startswith("#") or not line:
            continue
        row = dict(zip(FIELDS, line.split("\t")))
        if len(row) < len(FIELDS):
            continue
        protocols = row["frame.protocols"].split(":")
        if "wg" in protocols or any(p.startswith("icmp") for p in protocols) or "mdns" in protocols or "llmnr" in protocols:
            continue
        flow = flow_of_row(row, protocols)
        if flow is None:
            continue
        for kind, name in names_of_row(row, protocols):
            found.setdefault((flow, kind, name), row["frame.number"])
    return found


def writ_names(build, path):
    """{(flow, kind, name)}; HTTP/2 counts as HTTP."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as plain:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            plain.write(gzip.decompress(data))
            plain.flush()
            path = plain.name
        done = subprocess.run([str(build / "bench/audit/capture_names"), str(path)], capture_output=True, timeout=600)
    if done.returncode < 0:
        sys.exit(f"{path}: capture_names ended by signal {-done.returncode}")
    found = set()
    for line in done.stdout.decode(errors="replace").splitlines():
        parts = line.split("\t")
        if len(parts) != 9:
            continue
        kind = "http" if parts[1] == "http2" else parts[1]
        name = without_port(parts[7]) if kind == "http" else fold(parts[7])
        found.add((flow_of(parts[3], parts[4], parts[5], parts[6]), kind, name))
    return found


def print_missing(missing, count):
    for kind in KINDS:
        for path, (flow, _, name), frame in [m for m in missing if m[1][1] == kind][:count]:
            ends = " ".join(f"{a}:{p}" for a, p in sorted(flow))
            print(f"  {kind} {name!r} frame {frame} {ends} {path}")


def main():
    options = arguments()
    print("collection | files | " + " | ".join(KINDS) + " | all")
    for folder in options.folders:
        total, found, files, missing = collections.Counter(), collections.Counter(), 0, []
        for path in captures_of(folder):
            files += 1
            theirs = tshark_names(path, options.cache)
            if not theirs:
                continue
            ours = writ_names(options.build, path)
            for key, frame in theirs.items():
                total[key[1]] += 1
                if key in ours:
                    found[key[1]] += 1
                else:
                    missing.append((path, key, frame))
        cells = [f"{found[k]}/{total[k]}" for k in KINDS]
        every = sum(total.values())
        share = 100 * sum(found.values()) / every if every else 100
        print(f"{folder.name} | {files} | " + " | ".join(cells) + f" | {share:.2f} %")
        print_missing(missing, options.show)


if __name__ == "__main__":
    main()
