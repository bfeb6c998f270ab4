"""What is told of queries, to readers of dnstap and in the query log; and that nothing is told unasked."""
import datetime
import itertools
import json
import os
import signal
import socket
import subprocess

import dns.edns
import dns.message
import dns.query
import pytest

import writ
from writ import PATIENCE, Load, wait_for

dnstap = pytest.importorskip("dnstap", reason="protobuf (python3-protobuf) is not installed")

ALLOWED = "www.example.org"
LONG = ".".join(["x" * 60] * 3) + "." + writ.BLOCKED


@pytest.fixture
def reader(installation):
    if not dnstap.CAPTURE:
        pytest.skip("fstrm_capture (fstrm-bin) is not installed")
    with dnstap.Reader(installation.directory) as made:
        yield made


def configure(installation, workers=1, **sinks):
    """With one worker what is told comes in order."""
    installation.settings["dns"].update(sinks, workers=workers)
    installation.write()
    return installation


def counted(installation, name):
    return installation.status()["counters"]["dns"][name]


def lines(installation, name="queries.jsonl"):
    path = installation.directory / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def told(installation, name="queries.jsonl"):
    """Of each line the name that was asked for, as soon as there is one."""
    return wait_for("lines", lambda: [line.get("name") for line in lines(installation, name)])


def types(frames):
    return [f.message.type for f in frames]


# off


def test_nothing_is_told_unless_somebody_asks(installation):
    with writ.Upstream(installation):
        installation.start()
        assert installation.blocks() and installation.resolve(ALLOWED).answer
    assert installation.status()["recording"] == []
    assert installation.stop() == writ.OK
    assert not [e for e in installation.entries() if e["kind"] == "configuration"]
    assert "recorded" not in installation.stderr()


def test_a_place_that_cannot_be_is_a_mistake_that_is_explained(installation):
    for sinks, sentence in (({"dnstap": {"socket": "a", "tcp": "127.0.0.1:1"}}, "one of `socket` and `tcp`"),
                            ({"query_log": {"file": "a", "socket": "b"}}, "one of `file` and `socket`"),
                            ({"dnstap": {"socket": "x" * 100}}, "is too long"),
                            ({"dnstap": {"socket": "a", "upstream": True}}, "`queries: all` beside `upstream`"),
                            ({"dnstap": {"tcp": "127.0.0.1:1", "clients": "pseudonym"}}, "clients")):
        kept = dict(installation.settings["dns"])
        done = configure(installation, **sinks).run()
        assert done.returncode == writ.USAGE and sentence in done.stderr and "writ.yaml:" in done.stderr
        installation.settings["dns"] = kept


# honest


def test_whoever_looks_is_told_what_is_recorded(installation):
    configure(installation, query_log={"file": "queries.jsonl", "queries": "all", "clients": "full"}).start()
    [one] = installation.status()["recording"]
    assert (one["what"], one["queries"], one["clients"]) == ("query log", "all", "full")
    shown = subprocess.run([writ.PROGRAM, "status", "--config", installation.directory / "writ.yaml"],
                           capture_output=True, text=True).stdout
    above, below = shown.split("ROLE ", 1)
    assert "QUERIES ARE RECORDED" in above and "all queries, allowed ones too" in above
    assert "whole client addresses" in above and one["since"] in above
    assert installation.stop() == writ.OK
    [entry] = [e["data"] for e in installation.entries() if e["kind"] == "configuration"]
    assert entry["actor"] == "settings" and "all queries" in entry["summary"]


# dnstap


@pytest.mark.parametrize("over", ["unix", "tcp"])
def test_a_reader_gets_queries_answers_and_the_order_of_a_block(installation, over):
    port = writ.free_port() if over == "tcp" else None
    with dnstap.Reader(installation.directory, port) as reader, writ.Upstream(installation):
        to = {"tcp": f"127.0.0.1:{port}"} if port else {"socket": str(reader.socket)}
        configure(installation, dnstap=dict(to, queries="all", clients="full", identity="gate-7")).start()
        before = datetime.datetime.now().timestamp()
        assert installation.blocks()
        assert installation.resolve(ALLOWED, tcp=True).answer and installation.resolve(ALLOWED).answer
        wait_for("frames", lambda: counted(installation, "dnstap_frames") == 6)
        assert counted(installation, "dnstap_connected") == 1
        assert installation.stop() == writ.OK
        reader.finish()
    frames = reader.frames()
    assert types(frames) == [dnstap.CLIENT_QUERY, dnstap.CLIENT_RESPONSE] * 3
    assert all(f.identity == b"gate-7" and f.version.startswith(b"writ ") and f.type == 1 for f in frames)
    assert all(f.message.query_address == bytes([127, 0, 0, 1]) for f in frames)
    assert [f.message.socket_protocol for f in frames] == [1, 1, 2, 2, 1, 1]
    assert abs(frames[0].message.query_time_sec - before) < 60
    query, answer = frames[0].message, frames[1].message
    assert str(dns.message.from_wire(query.query_message).question[0].name) == writ.BLOCKED + "."
    assert dns.message.from_wire(answer.response_message).rcode() == dns.rcode.NXDOMAIN
    assert answer.query_time_sec == query.query_time_sec and answer.query_time_nsec == query.query_time_nsec
    policy = answer.policy
    assert (policy.type, policy.rule) == ("order", f"{writ.ORDER}/1".encode())
    assert (policy.action, policy.match) == (dnstap.NXDOMAIN, dnstap.QNAME)
    assert writ.BLOCKED.endswith(policy.value.decode())
    assert not any(f.message.HasField("policy") for f in frames[2:])


def test_what_goes_to_a_forwarder_is_told_where_it_is_wanted(installation, reader):
    port = int(installation.settings["dns"]["upstream"]["forward"][0].split(":")[1])
    to = {"socket": str(reader.socket), "queries": "all", "clients": "none", "upstream": True}
    with writ.Upstream(installation):
        configure(installation, dnstap=to).start()
        for _ in range(2): # the second time it is kept
            assert installation.resolve(ALLOWED).answer
        wait_for("frames", lambda: counted(installation, "dnstap_frames") >= 6)
        assert "and what goes to other resolvers" in installation.status()["recording"][0]["text"]
        assert installation.stop() == writ.OK
    reader.finish()
    frames = reader.frames()
    # on a slow machine a question is sent again, with another id
    assert [kind for kind, _ in itertools.groupby(types(frames))] == [
        dnstap.CLIENT_QUERY, dnstap.FORWARDER_QUERY, dnstap.FORWARDER_RESPONSE, dnstap.CLIENT_RESPONSE,
        dnstap.CLIENT_QUERY, dnstap.CLIENT_RESPONSE]
    said, = (f.message for f in frames if f.message.type == dnstap.FORWARDER_RESPONSE)
    asked, = (f.message for f in frames if f.message.type == dnstap.FORWARDER_QUERY
              and f.message.query_message[:2] == said.response_message[:2])
    for m in (asked, said):
        assert (m.response_address, m.response_port, m.socket_protocol) == (bytes([127, 0, 0, 1]), port, 1)
        assert not m.query_address
    query, answer = dns.message.from_wire(asked.query_message), dns.message.from_wire(said.response_message)
    assert query.id == answer.id and str(query.question[0].name).lower() == ALLOWED + "."
    assert answer.answer[0][0].address == "192.0.2.7"
    for m in (asked, said): # of two clocks, so the last digit may differ
        assert (m.query_time_sec, m.query_time_nsec) <= (said.response_time_sec, said.response_time_nsec)


def test_the_decoder_of_other_people_reads_it(installation, reader):
    configure(installation, dnstap={"socket": str(reader.socket)}).start()
    assert installation.blocks()
    wait_for("frames", lambda: counted(installation, "dnstap_frames") == 2)
    assert installation.stop() == writ.OK
    reader.finish()
    done = subprocess.run(["dnstap-ldns", "-r", reader.files[0], "-y"], capture_output=True, text=True)
    assert done.returncode == 0 and "type: CLIENT_RESPONSE" in done.stdout and writ.BLOCKED in done.stdout


def test_allowed_queries_are_not_told_unless_all_are(installation, reader):
    with writ.Upstream(installation):
        configure(installation, dnstap={"socket": str(reader.socket)}).start()
        assert installation.resolve(ALLOWED).answer and installation.resolve(ALLOWED).answer
        assert installation.blocks()
        wait_for("frames", lambda: counted(installation, "dnstap_frames") == 2)
        assert installation.stop() == writ.OK
    reader.finish()
    assert all(writ.BLOCKED.split(".")[1].encode() in f.SerializeToString() for f in reader.frames())


def test_unless_clients_are_told_in_full_a_query_loses_what_marks_them(installation, reader):
    configure(installation, dnstap={"socket": str(reader.socket), "clients": "network"}).start()
    subnet = dns.edns.ECSOption("198.51.100.77", 32)
    query = dns.message.make_query(writ.BLOCKED, "A", use_edns=0, options=[subnet])
    dns.query.udp(query, "127.0.0.1", port=installation.port, timeout=PATIENCE)
    wait_for("frames", lambda: counted(installation, "dnstap_frames") == 2)
    assert installation.stop() == writ.OK
    reader.finish()
    asked = reader.frames()[0].message
    assert asked.query_address == bytes([127, 0, 0, 0])
    assert bytes([198, 51, 100, 77]) not in asked.query_message
    assert dns.message.from_wire(asked.query_message).edns == -1


def test_a_reader_that_was_killed_is_found_again_and_gets_what_waited(installation, reader):
    configure(installation, dnstap={"socket": str(reader.socket)}).start()
    assert installation.blocks()
    wait_for("frames", lambda: counted(installation, "dnstap_frames") == 2)
    reader.kill()
    wait_for("it is missed", lambda: counted(installation, "dnstap_connected") == 0)
    assert installation.blocks("meanwhile." + writ.BLOCKED)
    reader.start()
    wait_for("it is found", lambda: counted(installation, "dnstap_connected") == 1)
    wait_for("frames", lambda: counted(installation, "dnstap_frames") == 4)
    assert counted(installation, "dnstap_dropped") == 0 and counted(installation, "dnstap_lost") == 0
    assert installation.stop() == writ.OK
    reader.finish()
    names = [str(dns.message.from_wire(f.message.query_message).question[0].name)
             for f in dnstap.decode(reader.files[1]) if f.message.query_message]
    assert names == [f"meanwhile.{writ.BLOCKED}."]


def test_a_reader_that_stops_reading_costs_frames_that_are_counted_and_no_answer(installation, reader):
    configure(installation, workers=2, dnstap={"socket": str(reader.socket), "queue": "256 KiB"}).start()
    assert installation.blocks()
    wait_for("frames", lambda: counted(installation, "dnstap_frames") == 2)
    reader.signal(signal.SIGSTOP)
    with Load(installation, PATIENCE) as load:
        wait_for("drops", lambda: counted(installation, "dnstap_dropped") > 10, 60)
    assert load.answered > 100 and load.silent == 0
    reader.signal(signal.SIGCONT)
    status = wait_for("the rest", lambda: all_are_accounted_for(installation))
    assert installation.stop() == writ.OK
    reader.finish()
    assert types(reader.frames()).count(dnstap.CLIENT_RESPONSE) == status["dnstap_frames"] / 2


def all_are_accounted_for(installation):
    counts = installation.status()["counters"]["dns"]
    return counts["dnstap_frames"] / 2 + counts["dnstap_dropped"] == counts["blocked"] and counts


def test_the_service_stops_though_the_reader_does_not_read(installation, reader):
    configure(installation, workers=2, dnstap={"socket": str(reader.socket), "queue": "256 KiB"}).start()
    reader.signal(signal.SIGSTOP)
    with Load(installation):
        wait_for("drops", lambda: counted(installation, "dnstap_dropped") > 0, 60)
    assert installation.stop() == writ.OK
    assert "killed" not in installation.stderr()


# the query log


def test_a_line_says_who_asked_what_and_by_which_order_it_was_blocked(installation):
    with writ.Upstream(installation):
        configure(installation,
                  query_log={"file": "queries.jsonl", "queries": "all", "clients": "full"}).start()
        answer = installation.resolve()
        assert installation.resolve(ALLOWED, tcp=True).answer and installation.resolve(ALLOWED).answer
        wait_for("lines", lambda: len(lines(installation)) == 3)
    block, asked, kept = lines(installation)
    assert (block["client"], block["transport"], block["name"], block["type"]) == ("127.0.0.1", "udp", writ.BLOCKED, "A")
    assert (block["rcode"], block["verdict"], block["reason"]) == ("NXDOMAIN", "block", "prohibited")
    assert (block["order"], block["obligation"], block["source"]) == (writ.ORDER, 1, "gate")
    assert block["reference"] in answer.options[0].text
    assert (asked["verdict"], asked["source"], asked["transport"]) == ("allow", "upstream", "tcp")
    assert (kept["verdict"], kept["source"], kept["rcode"]) == ("allow", "cache", "NOERROR")
    assert asked["duration_us"] > 0 and "order" not in asked
    assert datetime.datetime.fromisoformat(block["time"].replace("Z", "+00:00"))
    assert counted(installation, "query_log_lines") == 3


@pytest.mark.parametrize("clients", ["none", "network", "pseudonym"])
def test_only_so_much_of_a_client_is_told_as_was_chosen(installation, clients):
    configure(installation, query_log={"file": "queries.jsonl", "clients": clients}).start()
    for _ in range(2):
        assert installation.blocks()
    wait_for("lines", lambda: len(lines(installation)) == 2)
    first, second = lines(installation)
    assert "127.0.0.1" not in (installation.directory / "queries.jsonl").read_text()
    if clients == "none":
        assert "client" not in first and "reference" not in first
    elif clients == "network":
        assert first["client"] == "127.0.0.0/24"
    else:
        assert len(first["client"]) == 32 and first["client"] == second["client"]
        wait_for("the event", lambda: [e for e in installation.entries() if e["kind"] == "event"])
        assert first["client"] not in json.dumps(installation.entries())


def test_what_is_observed_is_told_where_it_is_wanted(installation):
    installation.organisation["adoptions"][0]["mode"] = "observe"
    with writ.Upstream(installation):
        configure(installation, query_log={"file": "queries.jsonl", "queries": "observed"}).start()
        for _ in range(2): # from the upstream, then from the cache
            assert installation.resolve().answer
        assert installation.resolve(ALLOWED).answer
        wait_for("lines", lambda: len(lines(installation)) == 2)
        assert counted(installation, "query_log_lines") == 2
    assert [line["verdict"] for line in lines(installation)] == ["observe", "observe"]
    assert [line["source"] for line in lines(installation)] == ["upstream", "cache"]


def test_a_block_is_told_as_one_though_its_answer_waited_for_an_alias(installation):
    installation.organisation["answers"] = [{"product": "deepseek", "cname": "intranet.agency.example"}]
    with writ.Upstream(installation):
        configure(installation, query_log={"file": "queries.jsonl", "queries": "all"}).start()
        for _ in range(2): # the alias is asked for, then known
            assert "intranet.agency.example." in str(installation.resolve().answer[0])
        assert installation.resolve(ALLOWED).answer
        wait_for("lines", lambda: len(lines(installation)) == 3)
    assert [line["verdict"] for line in lines(installation)] == ["block", "block", "allow"]
    assert all(line["order"] == writ.ORDER and line["reference"] for line in lines(installation)[:2])
    assert lines(installation)[0]["source"] == "upstream"


def test_a_rule_of_the_house_is_told_by_its_name(installation):
    installation.organisation["adoptions"] = []
    installation.organisation["rules"] = [
        {"id": "no-chat", "product": "deepseek", "mode": "enforce", "facets": ["web"], "reason": "Rule 4."}]
    configure(installation, query_log={"file": "queries.jsonl"}).start()
    assert installation.blocks()
    told(installation)
    assert lines(installation)[0]["order"] == "own-no-chat"


def test_a_rotated_log_is_opened_anew_by_a_reload(installation):
    configure(installation, query_log={"file": "queries.jsonl"}).start()
    path, moved = installation.directory / "queries.jsonl", installation.directory / "queries.jsonl.1"
    assert installation.blocks("before." + writ.BLOCKED)
    assert told(installation) == [f"before.{writ.BLOCKED}"]
    path.rename(moved)
    assert installation.blocks("moved." + writ.BLOCKED)
    wait_for("the moved file", lambda: len(lines(installation, moved.name)) == 2)
    installation.process.send_signal(signal.SIGHUP)
    wait_for("the new file", path.exists)
    wait_for("the new policy", lambda: "is in force, before it" in installation.stderr())
    assert installation.blocks("after." + writ.BLOCKED)
    assert told(installation) == [f"after.{writ.BLOCKED}"]
    assert len(lines(installation, moved.name)) == 2
    assert path.stat().st_mode & 0o777 == 0o640


def test_it_is_opened_anew_though_the_policy_is_wrong(installation):
    configure(installation, query_log={"file": "queries.jsonl"}).start()
    path = installation.directory / "queries.jsonl"
    path.rename(installation.directory / "old")
    installation.organisation["adoptions"] = "none"
    installation.write()
    assert not installation.ask("reload")["ok"]

    def is_told_there():
        """A reload that is refused waits for no role: until it has the new file it writes to the old one."""
        assert installation.blocks()
        return lines(installation)
    wait_for("a line in the new file", is_told_there)
    assert set(told(installation)) == {writ.BLOCKED}


def test_the_log_goes_on_in_the_same_file_when_the_role_is_killed(installation):
    configure(installation, query_log={"file": "queries.jsonl"}).start()
    assert installation.blocks() and told(installation)
    old = installation.role("dns")["pid"]
    os.kill(old, signal.SIGKILL)
    wait_for("the next one", lambda: installation.is_ready() and installation.role("dns")["pid"] != old)
    assert installation.blocks("again." + writ.BLOCKED)
    wait_for("lines", lambda: told(installation) == [writ.BLOCKED, f"again.{writ.BLOCKED}"])


def test_on_a_full_disk_answers_go_on_and_the_log_says_later_how_much_it_lacks(installation):
    installation.directory.joinpath("queries.jsonl").symlink_to("/dev/full")
    configure(installation, workers=2, query_log={"file": "queries.jsonl", "queue": "256 KiB"}).start()
    with Load(installation, PATIENCE) as load:
        wait_for("drops", lambda: counted(installation, "query_log_dropped") > 10, 60)
    assert load.answered > 100 and load.silent == 0
    assert counted(installation, "query_log_fails") == 1
    assert "cannot write the query log" in installation.stderr()
    (installation.directory / "queries.jsonl").unlink()
    assert installation.ask("reload")["ok"]
    wait_for("it is written again", lambda: counted(installation, "query_log_fails") == 0)
    assert installation.blocks("last." + writ.BLOCKED)
    wait_for("the last line", lambda: told(installation)[-1] == f"last.{writ.BLOCKED}")
    found = lines(installation)
    dropped = sum(line.get("dropped", 0) for line in found)
    assert dropped == counted(installation, "query_log_dropped")
    assert dropped + sum("name" in line for line in found) == counted(installation, "blocked")


def test_a_file_that_cannot_be_opened_is_said_at_the_start(installation):
    done = configure(installation, query_log={"file": "missing/queries.jsonl"}).run()
    assert done.returncode != 0 and "cannot open the query log" in done.stderr and "missing/queries.jsonl" in done.stderr


def test_the_standard_output_gets_lines_and_a_reader_that_does_not_read_holds_nothing_up(installation):
    configure(installation, query_log={"file": "-", "queue": "256 KiB"})
    read, write = os.pipe()
    installation.start(stdout=write)
    os.close(write)
    assert installation.blocks()
    assert json.loads(os.read(read, 65536))["name"] == writ.BLOCKED
    with Load(installation, PATIENCE) as load:
        wait_for("drops", lambda: counted(installation, "query_log_dropped") > 0, 60)
    assert load.silent == 0
    assert installation.stop() == writ.OK
    os.close(read)


def test_a_datagram_socket_gets_a_line_each_and_may_come_late(installation):
    path = installation.directory / "lines.sock"
    configure(installation, query_log={"socket": str(path)}).start()
    assert installation.blocks("early." + writ.BLOCKED)
    wait_for("it is missed", lambda: counted(installation, "query_log_fails") == 1)
    for name in ("early", "late"):
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(path))
            path.chmod(0o777)
            listener.settimeout(15)
            if name == "late": # the first listener has gone
                assert installation.blocks("late." + writ.BLOCKED)
            assert json.loads(listener.recv(65536))["name"] == f"{name}.{writ.BLOCKED}"
