"""writ audit: logs as the programs themselves write them."""
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import pytest

from writ import BLOCKED, PROGRAM

FOUND = 11


@pytest.fixture
def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def program():
    """Starts one, and ends it with the test."""
    started = []

    def start(*command, **options):
        if not shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/bin"):
            pytest.skip(f"{command[0]} is not installed")
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options))
        return started[-1]
    yield start
    for process in started:
        process.terminate()
        process.wait(20)


def wait_until(condition, what):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(what)


def ask(port, log, *names):
    """Asks for each name until the log has it."""
    for name in names:
        def is_logged():
            subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+tries=1", "+time=1", name, "A"], capture_output=True)
            return log.exists() and name in log.read_text(errors="replace").lower()
        wait_until(is_logged, f"{name} was never logged")


def fetch(port, log, *urls):
    for url in urls:
        def is_logged():
            subprocess.run(["curl", "-s", "-m", "5", "-o", "/dev/null", "-x", f"http://127.0.0.1:{port}", url])
            return log.exists() and url.split("/")[2] in log.read_text(errors="replace")
        wait_until(is_logged, f"{url} was never logged")


def audit(organisation, log, folder):
    done = subprocess.run([PROGRAM, "audit", "--organisation", organisation, "--json", "--reveal", log], cwd=folder,
                          capture_output=True, text=True, timeout=120)
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


def test_unbound_says_who_asked(organisation, program, port, tmp_path):
    log = tmp_path / "log"
    (tmp_path / "conf").write_text(
        f'server:\n interface: 127.0.0.1@{port}\n chroot: ""\n username: ""\n directory: "{tmp_path}"\n pidfile: ""\n'
        f' use-syslog: no\n logfile: "{log}"\n log-queries: yes\n log-replies: yes\n do-daemonize: no\n'
        ' local-zone: "." refuse\nremote-control:\n control-enable: no\n')
    program("unbound", "-d", "-c", str(tmp_path / "conf"))
    ask(port, log, "www.example.org", BLOCKED)
    holds(organisation, log, tmp_path, "unbound")


def test_bind_says_who_asked(organisation, program, port, tmp_path):
    log = tmp_path / "log"
    (tmp_path / "conf").write_text(
        f'options {{ directory "{tmp_path}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no;\n'
        f' pid-file "{tmp_path}/pid"; session-keyfile none; querylog yes; }};\ncontrols {{ }};\n'
        f'logging {{ channel q {{ file "{log}"; print-time yes; print-category yes; print-severity yes; }};\n'
        ' category queries { q; }; };\n')
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
