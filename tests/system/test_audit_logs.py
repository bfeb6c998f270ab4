"""writ audit: logs as the programs themselves write them."""
import gzip
import json
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

import dns.message
import dns.name
import pytest
import yaml

import dnstap
from writ import BLOCKED, FOUND, INCOMPLETE, OK, PROGRAM, ROOT, USAGE, free_port, wait_for


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def program():
    """Starts one, and ends it with the test."""
    started = []

    def start(*command, **options):
        if not shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/bin"):
            pytest.skip(f"{command[0]} is not installed")
        started.append(subprocess.Popen(command, **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}))
        return started[-1]
    yield start
    for process in started:
        process.terminate()
        process.wait(20)


def ask(port, log, *names):
    """Asks for each name until the log has it."""
    for name in names:
        def is_logged():
            subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+tries=1", "+time=1", name, "A"], capture_output=True)
            return log.exists() and name in log.read_text(errors="replace").lower()
        wait_for(f"{name} in the log", is_logged, 30)


def fetch(port, log, *urls):
    for url in urls:
        def is_logged():
            subprocess.run(["curl", "-s", "-m", "5", "-o", "/dev/null", "-x", f"http://127.0.0.1:{port}", url])
            return log.exists() and url.split("/")[2] in log.read_text(errors="replace")
        wait_for(f"{url} in the log", is_logged, 30)


def run(organisation, folder, *arguments):
    return subprocess.run([PROGRAM, "audit", "--organisation", organisation, "--json", "--reveal", *arguments], cwd=folder,
                          capture_output=True, text=True, timeout=120)


def audit(organisation, log, folder):
    done = run(organisation, folder, log)
    assert done.returncode == FOUND, done.stderr
    told = json.loads(done.stdout)
    (source,) = told["sources"]
    assert source["not_understood"] == 0, source
    assert "www.example.org" not in done.stdout
    return source["format"], told["findings"]


def holds(organisation, log, folder, name):
    """The format is known, and the one name found with its client."""
    form, findings = audit(organisation, log, folder)
    assert form == name
    assert any(BLOCKED in json.dumps(f) and "127.0.0.1" in json.dumps(f) for f in findings), findings


def test_dnsmasq_says_who_asked(organisation, program, port, tmp_path):
    log = tmp_path / "log"
    program("dnsmasq", "-k", "-C", "/dev/null", "-p", str(port), "--listen-address=127.0.0.1", "--bind-interfaces", "-u", "root",
            "--no-resolv", "--no-hosts", "--address=/#/192.0.2.1", "--log-queries", f"--log-facility={log}",
            f"--pid-file={tmp_path}/pid")
    ask(port, log, "www.example.org", BLOCKED)
    holds(organisation, log, tmp_path, "dnsmasq")


def ask_unbound(program, port, tmp_path, more=""):
    """A blocked name and another; returns the log of them."""
    log = tmp_path / "log"
    (tmp_path / "conf").write_text(
        f'server:\n interface: 127.0.0.1@{port}\n chroot: ""\n username: ""\n directory: "{tmp_path}"\n pidfile: ""\n'
        f' use-syslog: no\n logfile: "{log}"\n log-queries: yes\n log-replies: yes\n do-daemonize: no\n{more}'
        ' local-zone: "." refuse\nremote-control:\n control-enable: no\n')
    program("unbound", "-d", "-c", str(tmp_path / "conf"))
    ask(port, log, "www.example.org", BLOCKED)
    return log


def test_unbound_says_who_asked(organisation, program, port, tmp_path):
    holds(organisation, ask_unbound(program, port, tmp_path), tmp_path, "unbound")


@pytest.mark.parametrize("category, prints", [("queries", "yes"), ("default", "yes"), ("default", "no")],
                         ids=["queries", "everything", "everything, times alone"])
def test_bind_says_who_asked(organisation, program, port, tmp_path, category, prints):
    """Also among all that it says of itself."""
    log = tmp_path / "log"
    (tmp_path / "conf").write_text(
        f'options {{ directory "{tmp_path}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no;\n'
        f' pid-file "{tmp_path}/pid"; session-keyfile none; querylog yes; }};\ncontrols {{ }};\n'
        f'logging {{ channel q {{ file "{log}"; print-time yes; print-category {prints}; print-severity {prints}; }};\n'
        f' category {category} {{ q; }}; }};\n')
    program("named", "-f", "-u", "root", "-c", str(tmp_path / "conf"))
    ask(port, log, "www.example.org", BLOCKED)
    holds(organisation, log, tmp_path, "bind")


@pytest.fixture
def open_folder():
    """One that a program may write in that gives up its rights."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        pathlib.Path(folder).chmod(0o777)
        yield pathlib.Path(folder)


def test_squid_says_where_to(organisation, program, port, open_folder):
    tmp_path, log = open_folder, open_folder / "log"
    (tmp_path / "conf").write_text(
        f"memory_cache_shared off\nshutdown_lifetime 0 seconds\nmax_filedescriptors 1024\nhttp_port 127.0.0.1:{port}\nhttp_access deny all\naccess_log stdio:{log} squid\nlogfile_rotate 0\n"
        f"access_log stdio:{tmp_path}/common combined\ncache_log {tmp_path}/cache\npid_filename {tmp_path}/pid\n"
        f"cache deny all\ncoredump_dir {tmp_path}\nbuffered_logs off\nvisible_hostname squid.example\n")
    program("squid", "-n", f"audit{port}", "-N", "-f", str(tmp_path / "conf"))
    fetch(port, log, "http://www.example.org/", f"http://{BLOCKED}/a?secret", f"https://{BLOCKED}/")
    holds(organisation, log, tmp_path, "squid")
    holds(organisation, tmp_path / "common", tmp_path, "squid-common")
    assert "secret" not in json.dumps(audit(organisation, log, tmp_path))


def test_nginx_says_where_to(organisation, program, port, tmp_path):
    log = tmp_path / "log"
    (tmp_path / "conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/error;\nevents {{ }}\n"
        f"http {{ access_log {log} combined; client_body_temp_path {tmp_path}/b; proxy_temp_path {tmp_path}/p;\n"
        f" fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n"
        f" server {{ listen 127.0.0.1:{port}; return 204; }} }}\n")
    program("nginx", "-c", str(tmp_path / "conf"), "-p", str(tmp_path), "-e", str(tmp_path / "error"))
    fetch(port, log, "http://www.example.org/", f"http://{BLOCKED}/a")
    holds(organisation, log, tmp_path, "combined")
    subprocess.run(["curl", "-s", "-o", "/dev/null", "-u", "anna b c:x", "-x", f"http://127.0.0.1:{port}", f"http://{BLOCKED}/b"])
    wait_for("the user in the log", lambda: "anna b c" in log.read_text(), 30)
    assert "anna b c" in [f["subject"] for f in audit(organisation, log, tmp_path)[1]]



def test_unbound_tells_dnstap_who_asked(organisation, program, port, tmp_path):
    log = tmp_path / "log"
    with dnstap.Reader(tmp_path) as reader:
        (tmp_path / "conf").write_text(
            f'server:\n interface: 127.0.0.1@{port}\n chroot: ""\n username: ""\n directory: "{tmp_path}"\n pidfile: ""\n'
            f' use-syslog: no\n logfile: "{log}"\n log-queries: yes\n do-daemonize: no\n local-zone: "." refuse\n'
            f'remote-control:\n control-enable: no\ndnstap:\n dnstap-enable: yes\n dnstap-socket-path: "{reader.socket}"\n'
            ' dnstap-log-client-query-messages: yes\n dnstap-log-client-response-messages: yes\n'
            ' dnstap-log-resolver-query-messages: yes\n')
        unbound = program("unbound", "-d", "-c", str(tmp_path / "conf"))
        ask(port, log, "www.example.org", BLOCKED)
        told = [dns.name.from_text(name).to_wire() for name in ("www.example.org", BLOCKED)]

        def is_told():
            reader.signal(signal.SIGHUP) # it writes what it has
            frames = reader.files[0].read_bytes()
            return all(name in frames for name in told)
        wait_for("both names in the reader's file", is_told, 30)
        unbound.terminate()
        unbound.wait(20)
        reader.finish()
    frames = reader.files[0]
    asked = [dns.message.from_wire(f.message.query_message).question[0].name.to_text(True)
             for f in dnstap.decode(frames, is_ours=False) if f.message.type == dnstap.CLIENT_QUERY]
    assert BLOCKED in asked and "www.example.org" in asked
    holds(organisation, frames, tmp_path, "dnstap")
    _, findings = audit(organisation, frames, tmp_path)
    assert [f["count"] for f in findings] == [asked.count(BLOCKED)] # responses are not counted beside their queries
    packed, cut = tmp_path / "packed", tmp_path / "cut"
    packed.write_bytes(gzip.compress(frames.read_bytes()))
    assert audit(organisation, packed, tmp_path)[0] == "dnstap gz"
    cut.write_bytes(frames.read_bytes()[:-20]) # without its end, and a part of the frame before that
    told = json.loads(run(organisation, tmp_path, cut).stdout)
    assert "ends within" in told["sources"][0]["problem"]
    assert told["sources"][0]["not_understood"] == 1
    assert told["findings"]


MAPPING = """mapping: export
separator: ";"
time: {field: When, format: "%d/%m/%Y %H:%M:%S", zone: "+08:00"}
columns: {client: From, name: Host}
"""


def test_a_log_of_suricata_may_begin_with_a_long_silence(organisation, tmp_path):
    """Of a night in which nothing happened but statistics."""
    head = '{"timestamp":"2026-01-15T%02d:00:00.000000+0000","event_type":"%s",'
    lines = [head % (hour, "stats") + '"stats":{"uptime":%d,"%s":0}}' % (hour, "x" * 8000) for hour in range(20)]
    lines.append(head % (20, "tls") + '"src_ip":"127.0.0.1","src_port":50000,"dest_ip":"192.0.2.1","dest_port":443,'
                 '"proto":"TCP","tls":{"sni":"%s"}}' % BLOCKED)
    (tmp_path / "log").write_text("\n".join(lines) + "\n")
    holds(organisation, tmp_path / "log", tmp_path, "eve")


def test_a_mapping_says_how_a_log_is_read(organisation, tmp_path):
    log, mapping = tmp_path / "log", tmp_path / "mapping.yaml"
    lines = [f"02/01/2026 10:00:{i:02};10.0.0.1;www.example.org" for i in range(60)] * 50
    lines.insert(2000, f"02/01/2026 11:00:00;127.0.0.1;{BLOCKED}")
    log.write_text("\n".join(["When;From;Host", *lines]) + "\n")
    mapping.write_text(MAPPING)
    done = run(organisation, tmp_path, log, "--mapping", mapping)
    assert done.returncode == FOUND, done.stderr
    told = json.loads(done.stdout)
    assert told["sources"][0]["format"] == "mapping export"
    assert told["sources"][0]["items"] == 3002 and told["sources"][0]["not_understood"] == 0
    (finding,) = told["findings"]
    assert finding["at"] == 2002 and finding["first"] == "2026-01-02T03:00:00Z"
    assert "127.0.0.1" in json.dumps(finding)


def test_a_mapping_of_what_is_not_there_reads_nothing(organisation, tmp_path):
    log, mapping = tmp_path / "log", tmp_path / "mapping.yaml"
    log.write_text(f"When;From;Site\n02/01/2026 10:00:00;10.0.0.1;{BLOCKED}\n")
    mapping.write_text(MAPPING)
    done = run(organisation, tmp_path, log, "--mapping", mapping)
    assert done.returncode == INCOMPLETE, done.stderr
    told = json.loads(done.stdout)
    assert told["sources"][0]["problem"] == f'{mapping}:4:31: there is no column "Host"'
    assert not told["findings"]


def test_a_mapping_that_is_wrong_is_refused_with_its_place(organisation, tmp_path):
    log, mapping = tmp_path / "log", tmp_path / "mapping.yaml"
    log.write_text("a;b\n")
    mapping.write_text("mapping: m\ntime: {field: t, format: '%H'}\ncolumns: {hosts: a}\n")
    done = run(organisation, tmp_path, log, "--mapping", mapping)
    assert done.returncode == USAGE and not done.stdout
    assert f"{mapping}:2:26: " in done.stderr and f"{mapping}:3:11: " in done.stderr
    done = run(organisation, tmp_path, log, "--mapping", tmp_path / "none")
    assert done.returncode == USAGE and f"{tmp_path}/none: " in done.stderr


def test_unbound_tags_who_asked(organisation, program, port, tmp_path):
    log = ask_unbound(program, port, tmp_path, " log-tag-queryreply: yes\n log-time-ascii: yes\n")
    holds(organisation, log, tmp_path, "unbound")
    queries = [line for line in log.read_text().splitlines() if " query: " in line and BLOCKED in line]
    _, (finding,) = audit(organisation, log, tmp_path)
    assert finding["count"] == len(queries) # replies are no acts of their own


def test_knot_resolver_says_what_was_asked(organisation, program, port, tmp_path):
    log = tmp_path / "log"
    (tmp_path / "conf").write_text(f"net.listen('127.0.0.1', {port}, {{ kind = 'dns' }})\nlog_level('debug')\n"
                                   "cache.size = 10*MB\npolicy.add(policy.all(policy.DENY))\n")
    with log.open("w") as to:
        program("kresd", "-n", "-c", str(tmp_path / "conf"), str(tmp_path), stderr=to)
        ask(port, log, "www.example.org", BLOCKED)
    form, (finding,) = audit(organisation, log, tmp_path)
    assert form == "knot" and BLOCKED in json.dumps(finding) # it does not log clients


def packets(*flows):
    """A capture of TCP connections (client, server, its port) of a few packets each."""
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    for number, (client, server, port) in enumerate(flows):
        ends = (client, 50000 + number), (server, port)
        for second, flags in enumerate((2, 18, 24, 24, 17, 17)):
            (source, source_port), (target, target_port) = ends[second % 2], ends[1 - second % 2]
            tcp = struct.pack(">HHIIBBHHH", source_port, target_port, 1, 1, 5 << 4, flags, 65535, 0, 0) + bytes(100)
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, socket.inet_aton(source),
                             socket.inet_aton(target))
            frame = bytes(12) + b"\x08\0" + ip + tcp
            out += struct.pack("<IIII", 1768471200 + second, 0, len(frame), len(frame)) + frame
    return out


def listed_address():
    product = yaml.safe_load((ROOT / "catalogue/products/deepseek.yaml").read_text())
    return next(i["value"].split("/")[0] for i in product["identifiers"] if i["kind"] == "address" and "." in i["value"])


def test_nfdump_says_who_spoke_to_an_address(organisation, program, port, tmp_path):
    if not shutil.which("softflowd", path="/usr/sbin:/usr/bin"):
        pytest.skip("softflowd is not installed")
    flows, log, address = tmp_path / "flows", tmp_path / "log", listed_address()
    flows.mkdir()
    (tmp_path / "pcap").write_bytes(packets(("10.0.0.5", "198.51.100.9", 443), ("127.0.0.1", address, 443)))
    collector = program("nfcapd", "-w", str(flows), "-l", str(flows), "-p", str(port), "-b", "127.0.0.1", "-t", "3600")
    def waiting():
        """Bytes that the collector has not read; None: it does not listen."""
        rows = map(str.split, pathlib.Path("/proc/net/udp").read_text().splitlines()[1:])
        return next((int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(f":{port:04X}")), None)
    wait_for("nfcapd listens", lambda: waiting() is not None, 30)
    subprocess.run(["softflowd", "-r", tmp_path / "pcap", "-n", f"127.0.0.1:{port}", "-v", "9"], capture_output=True,
                   timeout=60, check=True)
    wait_for("nfcapd reads", lambda: waiting() == 0, 30)
    collector.terminate()
    collector.wait(60)
    (file,) = flows.iterdir()
    log.write_text(subprocess.run(["nfdump", "-r", file, "-o", "csv"], capture_output=True, text=True, check=True).stdout)
    assert "Summary" in log.read_text() or log.read_text().startswith("firstSeen,")  # since 1.7 there is none
    done = run(organisation, tmp_path, log)
    assert done.returncode == OK, done.stderr # the address is shared: alone it proves nothing
    told = json.loads(done.stdout)
    (source,), (finding,) = told["sources"], told["findings"]
    assert source["format"] == "nfdump" and source["not_understood"] == 0
    assert finding["what"] == address and finding["proves"] == "nothing"
    assert finding["count"] == 1 and finding["bytes_up"] == 3 * 140 # the way back is no flow to it
    assert "127.0.0.1" in json.dumps(finding)
