"""The packet gate in trouble: its role dies or stands still, packets are lost, overtake each other, do not fit."""
import os
import signal
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import raw_packets as raw
import tls_hello
from packet_clients import SECONDS, SILENCE, Visitors, curl, is_page
from packet_lab import CLIENT, OTHER, WEB, WEB6
from packet_servers import HTTPS, NEIGHBOUR
from packet_trouble import Reordering
from test_daemon import is_running
from writ import BLOCKED, wait_for

QUEUE = 64
FAILURES = ("open", "closed")


def configured(agency, failure):
    agency.settings["packet"].update(failure=failure, queues=1, queue_length=QUEUE, limits={"idle": "2 s"})
    agency.write()
    return agency.start()


def visitors(lab, *names, failure="open"):
    """With `closed` they may wait in vain."""
    return Visitors(lab, *names, count=3, seconds=SECONDS if failure == "open" else SILENCE)


def is_up(agency):
    return agency.role("packet")["state"] == "ready"


def blocks(lab):
    visitor = visitors(lab)
    return not visitor.is_answered(BLOCKED) and visitor.is_answered(NEIGHBOUR)


OUTCOMES = {"open": "passed", "closed": "dropped"}


def losses(agency, failure):
    """Entries of the evidence log about packets that nobody judged, as that rule of failure makes them."""
    found = [e["data"] for e in agency.entries() if e["kind"] == "loss"]
    return [d for d in found if (d["source"], d["unit"], d["outcome"]) == ("packet", "packets", OUTCOMES[failure])]


def check_loss_is_told(agency, failure, reason, at_least=1):
    """In the log, in the evidence, by the counters: the same number."""
    counter = f"{OUTCOMES[failure]}_unjudged"
    def told():
        # what tests before sent may have come before this role was ready: that is told earlier, with its own reason
        entries = losses(agency, failure)
        for_that = sum(d["count"] for d in entries if d["reason"] == reason)
        is_same = sum(d["count"] for d in entries) == agency.counters()[counter]
        return entries if for_that >= at_least and is_same else None
    entries = wait_for(f"the loss is told: {reason}", told)
    assert all(d["since"] for d in entries)
    assert f"unjudged: {reason}" in agency.stderr()
    assert counter in agency.command("packet", "status")
    assert f"writ_packet_{counter}_total " in agency.command("metrics")
    assert agency.verify().returncode == 0


@pytest.mark.parametrize("failure", FAILURES)
def test_while_the_role_is_dead_new_flows_meet_the_rule_of_failure(lab, packet_agency, failure):
    agency = configured(packet_agency, failure)
    assert blocks(lab)
    visitor = visitors(lab, failure=failure)
    pid = agency.role("packet")["pid"]
    agency.process.send_signal(signal.SIGSTOP)  # so that nobody starts it anew
    try:
        os.kill(pid, signal.SIGKILL)
        wait_for("its end", lambda: not is_running(pid))
        assert visitor.is_answered(NEIGHBOUR) == (failure == "open")
        assert visitor.is_answered(BLOCKED) == (failure == "open")
    finally:
        agency.process.send_signal(signal.SIGCONT)
    wait_for("another role", lambda: agency.role("packet")["pid"] not in (pid, 0) and is_up(agency))
    assert blocks(lab)
    check_loss_is_told(agency, failure, "the role was away")


@pytest.mark.parametrize("failure", FAILURES)
def test_a_flow_that_was_under_judgement_when_the_role_died_meets_the_rule_of_failure(lab, packet_agency, failure):
    """Its beginning is not known any more: whoever kills the gate does not get a name past it with `closed`."""
    agency = configured(packet_agency, failure)
    hello = tls_hello.plain(NEIGHBOUR)
    with lab.client.socket(socket.SOCK_STREAM, CLIENT) as s:
        s.connect((WEB, HTTPS))
        s.sendall(hello[:50])
        wait_for("the flow", lambda: agency.counters()["bytes_held"] >= 50)
        pid = agency.role("packet")["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_for("another role", lambda: agency.role("packet")["pid"] not in (pid, 0) and is_up(agency), 30)
        s.sendall(hello[50:])
        if failure == "closed":
            s.settimeout(2)
        assert is_heard(s) == (failure == "open")
    assert blocks(lab), "connections that begin now are judged"


def is_heard(s):
    """Whether the server answered."""
    try:
        return s.recv(1) == b"\x16"
    except OSError:
        return False


@pytest.mark.parametrize("failure", FAILURES)
def test_kill_9_under_load_breaks_no_rule(lab, packet_agency, failure):
    agency = configured(packet_agency, failure)
    with visitors(lab, NEIGHBOUR, failure=failure) as load:
        for _ in range(3):
            pid = agency.role("packet")["pid"]
            os.kill(pid, signal.SIGKILL)
            wait_for("another role", lambda: agency.role("packet")["pid"] not in (pid, 0) and is_up(agency), 30)
        before = load.answered[NEIGHBOUR]
        wait_for("visits", lambda: load.answered[NEIGHBOUR] > before + 20)
    # `closed` refuses also flows of which another role saw the beginning
    assert failure == "closed" or load.refused[NEIGHBOUR] == 0, "what was lost on the way is sent again"
    assert blocks(lab)


@pytest.mark.parametrize("failure", FAILURES)
def test_a_full_queue_meets_the_rule_of_failure_and_the_loss_is_counted(lab, raw_host, packet_agency, failure):
    agency = configured(packet_agency, failure)
    pid = agency.role("packet")["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        fill(raw_host)
        visitor = visitors(lab, failure=failure)
        assert visitor.is_answered(NEIGHBOUR) == (failure == "open")
        assert visitor.is_answered(BLOCKED) == (failure == "open")
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for("the role again", lambda: is_up(agency))
    wait_for("it blocks again", lambda: blocks(lab))
    # the queue took some, and no more
    check_loss_is_told(agency, failure, "the queue was full", at_least=2 * QUEUE)


def test_without_a_loss_none_is_told(lab, packet_agency):
    agency = configured(packet_agency, "closed")
    with visitors(lab, NEIGHBOUR, BLOCKED) as load:
        wait_for("visits", lambda: load.answered[NEIGHBOUR] > 50)
    assert agency.stop() == 0
    # what tests before sent may be sent again while this role is not ready yet
    assert not [e for e in losses(agency, "closed") if e["reason"] != "the role was away"]


def fill(host):
    source = host.address()
    for number in range(4 * QUEUE):
        segment = raw.tcp(source, WEB, (1024 + number, 9), number, 0, raw.SYN)
        host.send(raw.ip(source, WEB, raw.TCP, segment))


def test_killed_wholly_it_starts_again_over_its_own_rules(lab, packet_agency):
    agency = configured(packet_agency, "closed")
    agency.kill_all()
    assert not visitors(lab, failure="closed").is_answered(NEIGHBOUR), "closed means closed"
    agency.start()
    assert blocks(lab)
    assert agency.stop() == 0
    assert visitors(lab).is_answered(BLOCKED), "no rule is left behind"


def connections(lab, name, count, address=WEB, seconds=60):
    with ThreadPoolExecutor(count) as pool:
        done = pool.map(lambda _: is_page(curl(lab, name, "--max-time", seconds, address=address), name), range(count))
        return list(done)


def test_loss_and_disorder_break_no_rule(lab, packet_agency):
    agency = configured(packet_agency, "closed")
    with lab.losing(30), Reordering(lab) as trouble, ThreadPoolExecutor(3) as pool:
        allowed = pool.submit(connections, lab, NEIGHBOUR, 8)
        allowed6 = pool.submit(connections, lab, NEIGHBOUR, 4, WEB6)
        refused = pool.submit(connections, lab, BLOCKED, 8, WEB, 15)
        # where a third is lost in each direction, TCP itself gives up a few of a hundred connections in that time
        assert allowed.result().count(True) >= 6
        assert allowed6.result().count(True) >= 3
        assert refused.result() == [False] * 8
    assert trouble.overtaken > 20
    assert is_up(agency) and blocks(lab)
    assert connections(lab, NEIGHBOUR, 8) == [True] * 8
    wait_for("no flow is stuck", lambda: agency.counters()["flows_open"] == 0)


def test_a_narrower_link_midway_breaks_nothing(lab, packet_agency):
    agency = configured(packet_agency, "closed")
    with ThreadPoolExecutor(1) as pool:
        visit = pool.submit(curl, lab, NEIGHBOUR, "--limit-rate", "4M", "--max-time", "30", path="/big", address=OTHER)
        time.sleep(0.5)
        with lab.mtu(1300):
            assert visit.result().stdout == (lab.servers.folder / "big").read_bytes()
            assert says_much(lab, NEIGHBOUR) and not says_much(lab, BLOCKED)
    assert is_up(agency)


def says_much(lab, name):
    """A hello that is larger than the link takes."""
    context = ssl.create_default_context(cafile=lab.servers.authority.certificate)
    context.set_alpn_protocols(["http/1.1"] + [f"{n}" * 200 for n in range(9)])
    s = lab.client.socket(socket.SOCK_STREAM, CLIENT)
    s.settimeout(SECONDS)
    try:
        with s:
            s.connect((WEB, HTTPS))
            with context.wrap_socket(s, server_hostname=name):
                return True
    except OSError:
        return False


def test_nothing_stays_of_flows_that_are_never_finished(lab, raw_host, packet_agency):
    """Beginnings of connections by the thousand, of which nothing comes any more."""
    agency = configured(packet_agency, "open")
    hello = tls_hello.plain(NEIGHBOUR)[:50]
    for number in range(2000):
        source = raw_host.address()
        raw_host.send(raw.ip(source, WEB, raw.TCP, raw.tcp(source, WEB, (1024, HTTPS), 1, 0, raw.SYN)))
        raw_host.send(raw.ip(source, WEB, raw.TCP, raw.tcp(source, WEB, (1024, HTTPS), 2, 1, raw.ACK, hello)))
    wait_for("they are met", lambda: agency.counters()["packets"])
    # the counters are those of the last quarter of a second, and may be older than what is asked for here
    wait_for("all are forgotten", lambda: agency.command("packet", "flows").endswith("0 shown of 0\n"))
    wait_for("nothing is held", lambda: (now := agency.counters())["flows_open"] == now["bytes_held"] == 0)
    assert blocks(lab)
