"""The process that judges packets, and its parent: starting, stopping, dying, reloading, being asked.

What is judged, and how, is not the matter here.
"""
import os
import signal
import socket
import ssl
import subprocess

import mmdb
import pytest
import writ
from packet_clients import curl, is_page
from packet_lab import CLIENT, GATE, OTHER, WEB
from packet_servers import HTTPS, NEIGHBOUR
from writ import BLOCKED, PATIENCE, wait_for

UNPRIVILEGED = 65534
UPLOAD = 600_000


def connected(lab, address=WEB, port=HTTPS, seconds=PATIENCE):
    s = lab.client.socket(socket.SOCK_STREAM, CLIENT)
    s.settimeout(seconds)
    s.connect((address, port))
    return s


def secured(lab, name, **options):
    """A TLS connection with the server of that name, or an error."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connected(lab, **options), server_hostname=name)


def reaches(lab, name, **options):
    try:
        secured(lab, name, **options).close()
    except (OSError, EOFError):
        return False
    return True


def rules_in(namespace):
    """All that the kernel has, but for chains of iptables in which nothing is."""
    words = ["ip", "netns", "exec", namespace.name, "nft", "list", "ruleset"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def has_rules(lab):
    return "inet writ" in rules_in(lab.gate) or "writ-" in rules_in(lab.gate)


def pid_of(gate):
    return gate.role("packet")["pid"]


def kill(gate):
    """Returns when the parent knows."""
    before = gate.role("packet")
    os.kill(before["pid"], signal.SIGKILL)
    wait_for("the end", lambda: gate.role("packet")["restarts"] > before["restarts"])


def without_role(gate, act):
    """What `act` returned while the role was away: it is killed until its restart is put off for long enough."""
    for _ in range(12):
        kill(gate)
        role = gate.role("packet")
        if role["state"] == "waiting":
            result = act()
            if gate.role("packet") == role:
                return result
        wait_for("the role", lambda: gate.role("packet")["state"] == "ready", seconds=40)
    raise AssertionError("the role was never away for long enough")


def forget_ended(lab):
    """The kernel forgets a connection some time after its end: when somebody looks, at once."""
    lab.gate.run("cat", "/proc/net/nf_conntrack")


def what_it_carried(lab, gate):
    """The packet gate's events, once they say of a flow how much went by. That may be told first: by another worker."""
    def told():
        forget_ended(lab)
        events = [e["data"] for e in gate.entries() if e["kind"] == "event" and e["data"]["gate"] == "packet"]
        return events if sum(e["count"] for e in events) and sum(e.get("bytes_up", 0) for e in events) else None
    return wait_for("what it carried", told, seconds=40)


@pytest.fixture
def gate(packet_agency):
    return packet_agency.start()


def test_rules_come_with_the_start_and_go_with_the_stop(lab, packet_agency):
    before = rules_in(lab.gate)
    gate = packet_agency.start()
    assert has_rules(lab)
    printed = gate.command("packet", "rules")
    assert "table inet writ" in printed
    assert gate.ask("packet-rules")["rules"] == printed
    assert gate.stop() == 0
    assert not has_rules(lab)
    if not before:
        assert "writ" not in rules_in(lab.gate)


def test_rules_can_be_printed_without_starting_anything(lab, packet_agency):
    printed = packet_agency.command("packet", "rules", "--print")
    assert "table inet writ" in printed and not has_rules(lab)
    packet_agency.settings["packet"]["mode"] = "off"
    packet_agency.write()
    assert packet_agency.command("packet", "rules", "--print") == ""


def test_a_start_without_privileges_says_so_in_one_sentence(lab, packet_agency):
    packet_agency.settings["dns"]["listen"] = [f"127.0.0.1:{writ.free_port()}"]
    packet_agency.write()
    subprocess.run(["chown", "-R", str(UNPRIVILEGED), packet_agency.directory], check=True)

    def become_nobody():
        lab.gate.enter()
        os.setgroups([])
        os.setgid(UNPRIVILEGED)
        os.setuid(UNPRIVILEGED)
    done = packet_agency.run(preexec_fn=become_nobody)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert done.returncode == writ.PERMISSION, done.stderr
    assert len(errors) == 1 and "CAP_NET_ADMIN" in errors[0], done.stderr
    assert not has_rules(lab)


def test_the_role_keeps_one_capability_and_a_user_of_its_own(gate):
    with open(f"/proc/{pid_of(gate)}/status") as status:
        rows = dict(line.split(":\t", 1) for line in status.read().splitlines() if ":\t" in line)
    assert {int(rows[row], 16) for row in ("CapEff", "CapPrm")} == {1 << 12}  # CAP_NET_ADMIN
    assert {int(rows[row], 16) for row in ("CapInh", "CapBnd", "CapAmb")} == {0}
    assert rows["Seccomp"] == "2" and rows["NoNewPrivs"] == "1"
    assert rows["Uid"].split()[0] not in ("0", *(str(os.stat(f"/proc/{gate.role(r)['pid']}").st_uid)
                                               for r in ("dns", "record")))


def test_blocked_names_are_blocked_and_what_was_done_is_told(lab, gate):
    assert reaches(lab, NEIGHBOUR)
    assert not reaches(lab, BLOCKED)
    event = gate.recorded("--gate", "packet", "--verdict", "block")[0][1]
    assert (event["destination"], event["port"], event["name"]) == (WEB, HTTPS, BLOCKED)
    status = gate.ask("packet-status")
    assert (status["mode"], status["failure"], status["role"], status["rules"]) == ("routed", "open", "ready", True)
    assert {c["name"]: c["count"] for c in status["counters"]}["blocked"] == 1
    assert [o["order"] for o in status["orders"] if o["blocked"]] == [writ.ORDER]
    assert "web" in [f["facet"] for f in status["facets"] if f["blocked"]]
    assert [q["number"] for q in status["queues"]]
    def are_alike():
        """Not while a packet is judged."""
        status = gate.ask("packet-status")
        return sum(m["count"] for m in status["packets_met"]) == sum(t["packets"] for t in status["time"]) > 0
    wait_for("two counts of packets that are alike", are_alike)
    shown = gate.command("packet", "status")
    assert "blocked" in shown and writ.ORDER in shown and "time per packet" in shown
    metrics = gate.command("metrics")
    assert "writ_packet_blocked_total 1" in metrics
    assert f'writ_packet_rule_decisions_total{{order="{writ.ORDER}"' in metrics
    assert "writ_packet_seconds_count" in metrics and 'writ_packet_met_total{why="' in metrics


def test_flows_under_judgement_are_shown(lab, gate):
    half = connected(lab)
    half.sendall(bytes.fromhex("160301020001"))  # the beginning of a hello
    def flows(*words):
        return gate.command("packet", "flows", *words)
    port = half.getsockname()[1]
    wait_for("the flow", lambda: f"{CLIENT}:{port}" in flows())
    line = next(line for line in flows("--from", CLIENT).splitlines() if f":{port}" in line)
    assert line.split()[:3] == ["tcp", f"{CLIENT}:{port}", f"{WEB}:{HTTPS}"]
    assert f":{port}" not in flows("--from", OTHER)
    assert "0 shown of" in flows("--from", OTHER)
    half.close()


def test_a_reload_changes_the_verdict_of_the_next_flow(lab, gate):
    assert not reaches(lab, BLOCKED)
    gate.organisation["adoptions"][0]["mode"] = "observe"
    gate.reload()
    assert reaches(lab, BLOCKED)
    gate.organisation["adoptions"][0]["mode"] = "enforce"
    gate.reload()
    assert not reaches(lab, BLOCKED)
    assert gate.role("packet")["restarts"] == 0


def test_a_role_that_is_killed_is_started_again_and_judges(lab, gate):
    kill(gate)
    wait_for("the next", lambda: gate.role("packet")["state"] == "ready")
    assert has_rules(lab)
    assert not reaches(lab, BLOCKED) and reaches(lab, NEIGHBOUR)
    assert gate.role("packet")["restarts"] == 1
    def stops():
        """Written by another role, which may have much else to write."""
        return [e["data"]["reason"] for e in gate.entries() if e["kind"] == "stop" and e["data"]["role"] == "packet"]
    reason, = wait_for("its end is told", stops)
    assert "signal 9" in reason


@pytest.mark.parametrize("failure", ["open", "closed"])
def test_without_the_role_the_option_failure_decides(lab, packet_agency, failure):
    packet_agency.settings["packet"]["failure"] = failure
    packet_agency.write()
    gate = packet_agency.start()
    judged = secured(lab, NEIGHBOUR)
    judged.sendall(f"GET / HTTP/1.1\r\nHost: {NEIGHBOUR}\r\n\r\n".encode())
    assert judged.recv(4096)

    new = failure == "open"
    seconds = PATIENCE if new else 1

    def meanwhile():
        judged.sendall(f"GET / HTTP/1.1\r\nHost: {NEIGHBOUR}\r\n\r\n".encode())
        return bool(judged.recv(4096)), reaches(lab, BLOCKED, seconds=seconds), reaches(lab, NEIGHBOUR, seconds=seconds)
    assert without_role(gate, meanwhile) == (True, new, new)
    wait_for("the role", lambda: gate.role("packet")["state"] == "ready", seconds=40)
    assert reaches(lab, NEIGHBOUR) and not reaches(lab, BLOCKED)


def test_what_a_killed_instance_left_is_replaced_or_removed_by_the_next(lab, gate):
    gate.kill_all()
    assert has_rules(lab)
    gate.start()
    assert not reaches(lab, BLOCKED)
    gate.kill_all()
    gate.settings["packet"]["mode"] = "off"
    gate.write()
    gate.start()
    assert not has_rules(lab)
    assert [r["name"] for r in gate.status()["roles"] if r["name"] == "packet"] == []
    assert reaches(lab, BLOCKED)


def test_a_gate_that_is_off_says_so(packet_agency):
    packet_agency.settings["packet"]["mode"] = "off"
    packet_agency.write()
    gate = packet_agency.start()
    assert gate.command("packet", "status").startswith("mode off")
    assert gate.command("packet", "rules") == "no rules are installed: mode off\n"
    refused = subprocess.run([writ.PROGRAM, "packet", "flows", "--config", gate.directory / "writ.yaml"],
                             capture_output=True, text=True)
    assert refused.returncode == writ.USAGE and "its mode is off" in refused.stderr


def test_observed_flows_say_where_to_how_much_and_how_long(lab, packet_agency):
    country, network = (packet_agency.directory / name for name in ("country.mmdb", "network.mmdb"))
    mmdb.write(country, "198.51.100.0/24", {"country": {"iso_code": "CN"}})
    mmdb.write(network, "198.51.100.0/25", {"autonomous_system_number": 64500, "autonomous_system_organization": "Example"})
    packet_agency.settings["packet"]["places"] = {"country": "country.mmdb", "network": "network.mmdb"}
    gate = packet_agency.observe_only()
    gate.write()
    gate.start()
    lab.gate.run("sysctl", "-q", "-w", *(f"net.netfilter.nf_conntrack_tcp_timeout_{state}=1"
                                         for state in ("time_wait", "close", "last_ack")))
    s = secured(lab, BLOCKED)
    s.sendall(f"GET / HTTP/1.1\r\nHost: {BLOCKED}\r\nConnection: close\r\n\r\n".encode())
    while s.recv(65536):
        pass
    s.close()
    events = what_it_carried(lab, gate)
    assert {(e["country"], e["network"], e["destination"], e["port"]) for e in events} == {
        ("CN", "AS64500 Example", WEB, HTTPS)}
    assert sum(e["count"] for e in events) == 1
    assert sum(e.get("bytes_up", 0) for e in events) > 300 and sum(e.get("bytes_down", 0) for e in events) > 1000
    assert sum(e.get("duration_us", 0) for e in events) > 0
    def is_shown():
        """The index is written behind the log."""
        shown = gate.command("events", "--flows", "--country", "CN", "--port", str(HTTPS))
        return f"{WEB}:{HTTPS}" in shown and BLOCKED in shown
    wait_for("the flow is shown", is_shown)
    assert gate.command("events", "--flows", "--country", "TW").count("\n") == 1
    # another file, taken by a reload
    mmdb.write(country, "198.51.100.0/24", {"country_code": "TW"})
    gate.command("reload")
    assert reaches(lab, BLOCKED)
    wait_for("the other country", lambda: "TW" in gate.command("events", "--flows"))


def test_what_was_sent_up_on_an_observed_flow_is_told_by_country(lab, packet_agency):
    """The leak itself: a file of known size, put to a service that is only observed."""
    mmdb.write(packet_agency.directory / "country.mmdb", "198.51.100.0/24", {"country": {"iso_code": "CN"}})
    packet_agency.settings["packet"]["places"] = {"country": "country.mmdb"}
    gate = packet_agency.observe_only()
    gate.write()
    gate.start()
    lab.gate.run("sysctl", "-q", "-w", *(f"net.netfilter.nf_conntrack_tcp_timeout_{state}=1"
                                         for state in ("time_wait", "close", "last_ack")))
    file = gate.directory / "upload"
    file.write_bytes(os.urandom(UPLOAD))
    done = curl(lab, BLOCKED, "--http1.1", "--header", "Expect:", "--data-binary", f"@{file}")
    assert done.returncode == 0, done.stderr
    events = what_it_carried(lab, gate)
    up, down = (sum(e.get(f"bytes_{way}", 0) for e in events) for way in ("up", "down"))
    assert UPLOAD < up < 1.2 * UPLOAD, "with headers, and what was sent twice"
    assert 0 < down < UPLOAD
    assert {(e["name"], e["country"], e["verdict"]) for e in events} == {(BLOCKED, "CN", "observe")}
    assert sum(e["count"] for e in events) == 1


def test_a_passive_gate_tells_and_touches_nothing(lab, packet_agency):
    gate = packet_agency.start()
    assert gate.stop() == 0  # it takes away also what an instance of before left
    gate.settings["packet"].update(mode="passive", interfaces=["to-client"])
    gate.write()
    gate.start()
    assert not has_rules(lab)
    assert is_page(curl(lab, BLOCKED), BLOCKED) and is_page(curl(lab, NEIGHBOUR), NEIGHBOUR)
    event = gate.recorded("--name", BLOCKED)[0][1]
    assert (event["verdict"], event["reason"], event["gate"]) == ("observe", "passive", "packet")
    assert (event["destination"], event["port"]) == (WEB, HTTPS)
    assert not [e for _, e in gate.events() if NEIGHBOUR in str(e)]
    pid = pid_of(gate)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert is_page(curl(lab, NEIGHBOUR), NEIGHBOUR), "nobody waits for it"
    finally:
        os.kill(pid, signal.SIGCONT)
    assert gate.stop() == 0


def test_a_flow_without_a_name_has_the_one_that_its_client_was_given(lab, packet_agency):
    """The gate's own resolver gives the address out; nothing in the flow says for whom it is."""
    gate = packet_agency.observe_only()
    gate.settings["dns"]["listen"] = [f"{GATE}:5353"]
    gate.settings["dns"]["zones"] = [{"zone": BLOCKED, "records": [f"{BLOCKED}. 60 A {OTHER}"]}]
    gate.write()
    gate.start()
    def ask(name):
        import dns.message
        with lab.client.socket(socket.SOCK_DGRAM, CLIENT) as s:
            s.sendto(dns.message.make_query(name, "A").to_wire(), (GATE, 5353))
            return dns.message.from_wire(s.recv(4096))
    answer = ask(BLOCKED)
    assert [str(r) for a in answer.answer for r in a] == [OTHER]
    s = connected(lab, address=OTHER, port=80)
    s.sendall(b"\x00\x01nothing that is known here\r\n\r\n")
    events = wait_for("the event", lambda: [
        e["data"] for e in gate.entries()
        if e["kind"] == "event" and e["data"]["gate"] == "packet" and e["data"].get("destination") == OTHER])
    assert events[0]["name"] == BLOCKED
    s.close()
