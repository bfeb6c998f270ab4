"""`writ scan --egress`: programs in network namespaces that the tests make; no packet leaves the machine."""
import contextlib
import json
import os
import pathlib
import secrets
import socket
import subprocess

import cgroup_filter
import pytest
import writ
from network import Namespace
from writ import PROGRAM

CONFINED, NOT_CONFINED, USAGE, PERMISSION, UNKNOWN = 0, 1, 2, 6, 12
OUTSIDE = "203.0.113.9"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")


@pytest.fixture
def space():
    n = Namespace(f"writ-egress-{secrets.token_hex(3)}")
    yield n
    n.remove()


def connect(n):
    """A route to everywhere, whose packets end at the other end of a cable."""
    n.run("ip", "link", "add", "out0", "type", "veth", "peer", "name", "end0")
    n.run("ip", "link", "set", "end0", "up")
    n.address("out0", "10.78.9.1/24", f"{OUTSIDE}/32")
    n.run("ip", "link", "set", "out0", "up")
    n.run("ip", "route", "add", "default", "dev", "out0")


@contextlib.contextmanager
def program(n=None, is_privileged=False, uid=65534, words=("sleep", "600")):
    drop = [] if is_privileged else ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    p = subprocess.Popen([*drop, "sh", "-c", 'echo; exec "$@"', "sh", *words], stdout=subprocess.PIPE, preexec_fn=n and n.enter)
    p.stdout.readline()
    try:
        yield p
    finally:
        p.kill()
        p.wait()


def judge(organisation, target, status, n=None, words=()):
    done = subprocess.run([*words, PROGRAM, "scan", "--organisation", organisation, "--json", "--egress", str(target)],
                          capture_output=True, preexec_fn=n and n.enter, timeout=60)
    assert done.returncode == status, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def has(result, words):
    return any(words in reason for reason in result["reasons"])


def test_a_namespace_with_the_loopback_only_confines(organisation, space):
    with program(space) as p:
        result = judge(organisation, p.pid, CONFINED)
    assert result["verdict"] == "confined" and has(result, "no interface but the loopback")


def test_who_may_leave_is_not_confined_for_sure(organisation, space):
    with program(space, is_privileged=True) as p:
        result = judge(organisation, p.pid, UNKNOWN)
    assert has(result, "CAP_SYS_ADMIN")


def test_what_it_may_take_into_effect_counts(organisation, space):
    """CAP_SYS_ADMIN is permitted, and not in effect just now."""
    code = ("import ctypes, time; libc = ctypes.CDLL(None); "
            "head = (ctypes.c_uint32 * 2)(0x20080522, 0); sets = (ctypes.c_uint32 * 6)(0, 1 << 21, 0, 0, 0, 0); "
            "assert libc.capset(head, sets) == 0; print('set', flush=True); time.sleep(600)")
    with program(space, is_privileged=True, words=("/usr/bin/python3", "-c", code)) as p:
        assert p.stdout.readline() == b"set\n"
        result = judge(organisation, p.pid, UNKNOWN)
    assert has(result, "CAP_SYS_ADMIN")


def test_a_route_out_and_no_rules_do_not_confine(organisation, space):
    connect(space)
    with program(space) as p:
        result = judge(organisation, p.pid, NOT_CONFINED, space)
    assert has(result, "IPv4: there is a route out, and no rule that closes it")
    assert has(result, "IPv4: a route leads outside: default dev out0")
    assert has(result, "IPv6: the kernel has no route")


def test_an_interface_without_a_route_confines(organisation, space):
    connect(space)
    space.run("ip", "route", "del", "default")
    with program(space) as p:
        assert judge(organisation, p.pid, CONFINED, space)["verdict"] == "confined"
    space.run("ip", "route", "add", "blackhole", "default")
    with program(space) as p:
        judge(organisation, p.pid, CONFINED, space)


PARTS = {
    "a route": (["route", "add", "198.51.100.0/24", "dev", "out0"], "198.51.100.0/24 dev out0"),
    "a gateway": (["route", "add", "198.51.100.7", "via", "10.78.9.2"], "198.51.100.7 via 10.78.9.2 dev out0"),
    "its link": (["addr", "add", "198.18.9.1/24", "dev", "out0"], "198.18.9.0/24 dev out0"),
    "a half": (["route", "add", "128.0.0.0/1", "dev", "out0"], "128.0.0.0/1 dev out0"),
    "IPv6": (["addr", "add", "2001:db8:7::1/64", "dev", "out0", "nodad"], "2001:db8:7::/64 dev out0"),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_way_to_a_part_of_the_outside_does_not_confine(organisation, space, name):
    words, route = PARTS[name]
    connect(space)
    space.run("ip", "route", "del", "default")
    space.run("ip", *words)
    with program(space) as p:
        result = judge(organisation, p.pid, NOT_CONFINED, space)
    assert has(result, f"a route leads outside: {route}"), result


def test_an_address_of_its_own_is_no_way_out(organisation, space):
    """For one of IPv6 the kernel has a route, too."""
    connect(space)
    space.run("ip", "route", "del", "default")
    space.address("out0", "2001:db8:7::1/128")
    with program(space) as p:
        judge(organisation, p.pid, CONFINED, space)


def test_a_route_that_packets_take_only_by_a_rule_counts_by_the_rule(organisation, space):
    connect(space)
    space.run("ip", "route", "del", "default")
    space.run("ip", "route", "add", "default", "dev", "out0", "table", "77")
    with program(space) as p:
        result = judge(organisation, p.pid, UNKNOWN, space)
        assert has(result, "default dev out0 table 77") and has(result, "does not take that route now")
        space.run("ip", "rule", "add", "fwmark", "7", "lookup", "77")
        judge(organisation, p.pid, UNKNOWN, space)
        space.run("ip", "rule", "add", "uidrange", "65534-65534", "lookup", "77")
        judge(organisation, p.pid, NOT_CONFINED, space)
    with program(space, uid=65533) as p:
        judge(organisation, p.pid, UNKNOWN, space)
        space.run("nft", "add table inet t; add chain inet t o { type filter hook output priority 0; policy drop; }")
        judge(organisation, p.pid, CONFINED, space)


RULES = {
    "policy": ("policy drop;", 'oifname "lo" accept; ct state established,related accept', CONFINED),
    "reject": ("policy accept;", 'oifname != "lo" counter reject', CONFINED),
    "user": ("policy accept;", "meta skuid 65534 drop", CONFINED),
    "another user": ("policy accept;", "meta skuid 12345 drop", NOT_CONFINED),
    "a hole": ("policy drop;", "tcp dport 443 accept", UNKNOWN),
    "a part": ("policy accept;", "tcp dport 443 drop", UNKNOWN),
    "open": ("policy accept;", "counter", NOT_CONFINED),
    "a limit": ("policy accept;", "limit rate over 10/second drop", UNKNOWN),
    "a quota": ("policy accept;", "quota over 25 mbytes drop", UNKNOWN),
}


@pytest.mark.parametrize("name", RULES)
def test_rules_of_the_kernel_count(organisation, space, name):
    policy, rule, status = RULES[name]
    connect(space)
    space.run("nft", "add table inet t; add chain inet t o { type filter hook output priority 0; " + policy + " }")
    for one in rule.split("; "):
        space.run("nft", f"add rule inet t o {one}")
    with program(space) as p:
        judge(organisation, p.pid, status, space)


def test_a_table_that_sleeps_closes_nothing(organisation, space):
    connect(space)
    space.run("nft", "add table inet t { flags dormant; }; "
              "add chain inet t o { type filter hook output priority 0; policy drop; }")
    with program(space) as p:
        judge(organisation, p.pid, UNKNOWN, space)


def test_a_filter_of_its_control_group_is_told(organisation, space):
    connect(space)
    with program(space) as p:
        with cgroup_filter.filtered(p.pid, "keeper"):
            result = judge(organisation, p.pid, UNKNOWN, space)
        assert has(result, "a filter of its control group (BPF: keeper)")
        assert not has(judge(organisation, p.pid, NOT_CONFINED, space), "BPF"), "it is in another group now"


def test_what_gates_met_of_its_addresses_is_told(agency, network):
    agency.query(writ.BLOCKED)
    agency.query("www.observed.example")
    agency.recorded("--verdict", "block")
    agency.recorded("--verdict", "observe")

    def run(p, *options):
        return subprocess.run([PROGRAM, "scan", "--egress", str(p.pid), "--config", agency.directory / "writ.yaml", *options],
                              capture_output=True, text=True, cwd=agency.directory, timeout=60)

    with program(network.client) as p:
        alone = run(p, "--json")
        assert alone.returncode == CONFINED and json.loads(alone.stdout)["events"] is None, "no route leads out"
        told = run(p, "--json", "--since", "2026-01-01")
        assert told.returncode == UNKNOWN, (told.stdout, told.stderr)
        result = json.loads(told.stdout)
        assert result["events"]["refused"] >= 1 and result["events"]["answered"] >= 1 and result["events"]["recorded_s"] >= 1
        assert result["events"]["since"] == "2026-01-01T00:00:00Z" and has(result, "gates refused")
        assert run(p, "--record").returncode == UNKNOWN
        entry = [e for e in agency.entries() if e["kind"] == "audit"][-1]
        assert entry["data"]["egress"]["events"]["refused"] >= 1 and not entry["data"]["is_nil"]
        for wrong in ("tomorrow", "2099-01-01"):
            done = run(p, "--since", wrong)
            assert done.returncode == USAGE and "not a time" in done.stderr
    with program(network.gate) as p:
        result = json.loads(run(p, "--json", "--since", "2026-01-01").stdout)
        assert has(result, "gates met none of its addresses")


def test_who_may_not_read_the_keys_is_told_so(agency, network):
    """And not that gates met none: nobody can be named."""
    agency.query(writ.BLOCKED)
    agency.recorded("--verdict", "block")
    folder = (agency.directory / "evidence").stat()
    drop = "-dac_override,-dac_read_search"
    with program(network.gate) as p:
        done = subprocess.run(["setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}", f"--groups={folder.st_gid}", PROGRAM, "scan",
                               "--egress", str(p.pid), "--config", agency.directory / "writ.yaml", "--since", "2026-01-01"],
                              capture_output=True, text=True, cwd=agency.directory, timeout=60)
    assert folder.st_uid != os.geteuid() and folder.st_mode & 0o777 == 0o750
    assert done.returncode == PERMISSION and "cannot ask the evidence log" in done.stderr, (done.stdout, done.stderr)


def test_an_open_connection_outside_tells(organisation, space):
    """Whatever rules say: here the address is the namespace's own, so that nothing is sent."""
    connect(space)
    code = f"import socket,time; s=socket.create_connection(('{OUTSIDE}', 8443)); print('open', flush=True); time.sleep(600)"
    with space.entered():
        listener = socket.create_server((OUTSIDE, 8443))
    with listener, program(space, words=("/usr/bin/python3", "-c", code)) as p:
        assert p.stdout.readline() == b"open\n"
        result = judge(organisation, p.pid, NOT_CONFINED, space)
    assert has(result, f"connection to {OUTSIDE}")


def test_a_socket_of_udp_that_is_connected_outside_tells(organisation, space):
    """As QUIC has; nothing is sent."""
    connect(space)
    code = (f"import socket,time; s=socket.socket(type=socket.SOCK_DGRAM); s.connect(('{OUTSIDE}', 443)); "
            "print('open', flush=True); time.sleep(600)")
    with program(space, words=("/usr/bin/python3", "-c", code)) as p:
        assert p.stdout.readline() == b"open\n"
        result = judge(organisation, p.pid, NOT_CONFINED, space)
    assert has(result, f"connection to {OUTSIDE}")


def test_connections_that_cannot_be_looked_at_are_told(organisation, space):
    """Namespaces of others may be asked about, and not their files."""
    drop = "-dac_override,-dac_read_search"
    with program(space) as p:
        result = judge(organisation, p.pid, UNKNOWN, words=("setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}"))
    assert has(result, "could not be looked at wholly")


@pytest.fixture
def inner(space):
    """A namespace behind `space`: its way goes through the rules there for what is forwarded."""
    n = Namespace(space.name + "-in")
    try:
        connect(space)
        space.run("ip", "link", "add", "in0", "type", "veth", "peer", "name", "eth0", "netns", n.name)
        space.address("in0", "10.77.0.1/24")
        space.run("ip", "link", "set", "in0", "up")
        n.address("eth0", "10.77.0.2/24")
        n.run("ip", "link", "set", "eth0", "up")
        n.run("ip", "route", "add", "default", "via", "10.77.0.1")
        yield n
    finally:
        n.remove()


def test_the_machine_may_stop_what_a_container_sends(organisation, space, inner):
    with program(inner) as p:
        judge(organisation, p.pid, NOT_CONFINED, space)
        space.run("nft", "add table inet t; add chain inet t f { type filter hook forward priority 0; policy drop; }")
        assert has(judge(organisation, p.pid, CONFINED, space), "forwards nothing")


def test_rules_of_iptables_of_the_machine_are_not_followed(organisation, space, inner):
    try:
        space.run("iptables-legacy", "--policy", "FORWARD", "DROP")
    except OSError as e:
        pytest.skip(f"no iptables of the old kind: {e}")
    with program(inner) as p:
        assert has(judge(organisation, p.pid, UNKNOWN, space), "the machine's rules of iptables (legacy)")
        space.run("nft", "add table inet t; add chain inet t f { type filter hook forward priority 0; policy drop; }")
        judge(organisation, p.pid, CONFINED, space)


@contextlib.contextmanager
def control_group():
    """What it is called by, and its folder."""
    top = next((f for f in ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup") if os.access(f + "/cgroup.procs", os.W_OK)), None)
    identity = secrets.token_hex(32)
    if not top:
        pytest.skip("no control group can be made here")
    group = pathlib.Path(top) / f"docker-{identity}.scope"
    group.mkdir()
    try:
        yield identity[:12], group
    finally:
        for folder, _, _ in os.walk(group, topdown=False):
            os.rmdir(folder)


def put(p, group):
    (group / "cgroup.procs").write_text(str(p.pid))


TOO_DEEP = "/".join(["in"] * 13)


def test_a_container_is_found_by_its_control_group(organisation, space):
    with control_group() as (name, group), program(space) as p:
        put(p, group)
        assert judge(organisation, name, CONFINED)["processes"] == 1
        (group / TOO_DEEP).mkdir(parents=True)
        assert has(judge(organisation, name, UNKNOWN), "more processes than are looked at")


def test_groups_that_lie_too_deep_hide_no_others(organisation, space):
    """Whichever of the two is read first; only what is too deep is left out."""
    with control_group() as (name, group), program(space) as p, program(space) as other:
        for each, inner in (p, group / "one"), (other, group / "other"):
            (inner / TOO_DEEP).mkdir(parents=True)
            put(each, inner)
        assert judge(organisation, name, UNKNOWN)["processes"] == 2


def test_what_does_not_run_is_said(organisation):
    for target in "no-such-unit.service", "9999999", "../..", "":
        done = subprocess.run([PROGRAM, "scan", "--organisation", organisation, "--egress", target], capture_output=True, timeout=60)
        assert done.returncode == USAGE and done.stderr.startswith(b"writ"), target


def test_who_may_not_look_at_a_program_is_not_told_that_it_does_not_run(organisation, space):
    with program(space, is_privileged=True) as p:
        result = judge(organisation, p.pid, UNKNOWN, words=("setpriv", "--bounding-set=-all", "--inh-caps=-all"))
    assert result["verdict"] == "unknown"
    assert has(result, "could not be looked at wholly (root can)")


def test_the_result_is_evidence(space):
    w = writ.Writ()
    try:
        w.write()
        w.start()
        with program(space) as p:
            done = subprocess.run([PROGRAM, "scan", "--record", "--egress", str(p.pid), "--config", w.directory / "writ.yaml"],
                                  cwd=w.directory, capture_output=True, text=True, timeout=60)
        assert done.returncode == CONFINED, done.stderr
        entry, = (e for e in w.entries() if e["kind"] == "audit")
        assert entry["data"]["egress"]["verdict"] == "confined" and entry["data"]["is_nil"]
        assert entry["data"]["egress"]["reasons"]
    finally:
        w.close()
