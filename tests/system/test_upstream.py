"""Upstream servers that lie, are slow, cannot do much, or come and go."""
import itertools
import re
import threading
import time

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest

from liar import LIE, TRUTH, Liar, in_lower_case, reply, with_id
from network import SLOW_UPSTREAM
from test_dns_block import ede_of

NO_REACHABLE_AUTHORITY, NETWORK_ERROR = 22, 23


@pytest.fixture
def gate_of(other_agency):
    """Starts a gate that forwards to the tests' own servers."""
    def start(servers=(f"{SLOW_UPSTREAM}:53",), zones=(), **upstream):
        other_agency.settings["dns"].update(workers=1, upstream={"forward": list(servers), "timeout": "3 s", **upstream})
        if zones:
            other_agency.settings["dns"]["zones"] = list(zones)
        other_agency.write()
        return other_agency.start()
    return start


def addresses(answer):
    return [r.to_text() for rrset in answer.answer for r in rrset]


def assert_true_answer(answer):
    assert answer.rcode() == dns.rcode.NOERROR and addresses(answer) == [TRUTH]


# What is no answer.


def another_question(query):
    other = dns.message.from_wire(query.to_wire())
    other.question[0].name = dns.name.from_text("bank.example.org.")
    return reply(other, LIE)


LIES = {
    "another id": lambda q: [with_id(reply(q, LIE), 1), reply(q)],
    "another port": lambda q: [(reply(q, LIE), True), reply(q)],
    "another question": lambda q: [another_question(q), reply(q)],
    "no answer bit": lambda q: [q.to_wire(), reply(q)],
}


@pytest.mark.parametrize("lie", LIES)
def test_what_does_not_match_is_no_answer(network, gate_of, lie):
    with Liar(network, LIES[lie]) as liar:
        gate = gate_of()
        for i in range(5):
            assert_true_answer(gate.query(f"n{i}.unlisted.example"))
        assert liar.over_udp and not liar.over_stream
        again = len(liar.over_udp) - liar.different(liar.over_udp)  # on a slow machine: lies and answers come late, too
        lies = 0 if lie == "another port" else 5  # the kernel drops those
        assert lies <= gate.counters()["upstream_strange"] <= lies + 2 * again


def test_a_guess_in_the_wrong_case_makes_it_ask_over_a_stream(network, gate_of):
    with Liar(network, lambda q: in_lower_case(q, LIE), reply) as liar:
        gate = gate_of()
        assert_true_answer(gate.query("abcdefghijklmnopqrstuvw.unlisted.example"))
        assert all(liar.asked("abcdefghijklmnopqrstuvw.unlisted.example"))


def test_a_server_that_loses_case_is_found_out_and_then_asked_without(network, gate_of):
    with Liar(network, in_lower_case, in_lower_case) as liar:
        gate = gate_of()
        for i in range(10):
            assert_true_answer(gate.query(f"case{i}.unlisted.example"))
        assert liar.different(liar.over_stream) <= 2
        assert liar.over_udp[-1].question[0].name.to_text() == "case9.unlisted.example."


def test_a_server_that_loses_case_and_has_no_tcp_is_believed_after_some_questions(network, gate_of):
    with Liar(network, in_lower_case):
        gate = gate_of(timeout="5 s")
        codes = [gate.query(f"case{i}.unlisted.example").rcode() for i in range(12)]
        assert codes[-2:] == [dns.rcode.NOERROR] * 2


def test_a_flood_of_guesses_makes_it_ask_over_a_stream(network, gate_of):
    with Liar(network, lambda q: [with_id(reply(q, LIE), i) for i in range(1, 200)], reply) as liar:
        gate = gate_of()
        assert_true_answer(gate.query("flood.unlisted.example"))
        assert all(liar.asked("flood.unlisted.example"))
        assert gate.counters()["upstream_strange"] >= 16


def test_what_belongs_to_another_name_is_neither_told_nor_kept(network, gate_of):
    victim = "www.bank.example"

    def poison(query):
        answer = reply(query)
        if query.question[0].name.to_text().lower().startswith("www.bank"):
            return answer
        for section in (answer.answer, answer.additional):
            section.append(dns.rrset.from_text(victim + ".", 86400, "IN", "A", LIE))
        answer.authority.append(dns.rrset.from_text("bank.example.", 86400, "IN", "NS", "ns.evil.example."))
        answer.additional.append(dns.rrset.from_text("ns.evil.example.", 86400, "IN", "A", LIE))
        return answer
    with Liar(network, poison) as liar:
        gate = gate_of()
        answer = gate.query("harmless.unlisted.example")
        assert_true_answer(answer)
        assert not answer.authority and not answer.additional
        assert_true_answer(gate.query(victim))
        assert liar.asked(victim)[0] >= 1


def test_aliases_stay_in_the_answer_and_strangers_among_them_do_not(network, gate_of):
    def chain(query):
        answer = dns.message.make_response(query)
        owner = query.question[0].name
        for name, kind, data in ((owner, "CNAME", "a.other.example."), ("evil.example.", "A", LIE),
                                 ("a.other.example.", "CNAME", "b.other.example."), ("b.other.example.", "A", TRUTH)):
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, data))
        return answer
    with Liar(network, chain):
        answer = gate_of().query("start.unlisted.example")
        assert addresses(answer) == ["a.other.example.", "b.other.example.", TRUTH]


# What questions look like.


def test_questions_cannot_be_guessed_and_tell_nothing_of_the_client(network, gate_of):
    with Liar(network) as liar:
        gate = gate_of()
        names = [f"q{i}.abcdefghijkl.unlisted.example" for i in range(200)]
        for name in names:
            assert_true_answer(gate.query(name))
        assert len({port for _, port in liar.sources}) >= 8
        assert len({q.id for q in liar.over_udp}) > 190
        written = {q.question[0].name.to_text().split(".", 1)[1] for q in liar.over_udp}
        assert len(written) > 190
        for query in liar.over_udp:
            assert query.edns == 0 and query.ednsflags & dns.flags.DO and query.payload == 1232
            assert not query.options and query.flags & dns.flags.RD


def test_ports_change_after_some_hundred_questions(network, gate_of):
    with Liar(network) as liar:
        gate = gate_of()
        with gate.udp() as client:
            for i in range(8 * 512 + 2000):
                client.send(dns.message.make_query(f"p{i}.unlisted.example", "A").to_wire())
                client.recv(4096)
        assert len(liar.sources) > 8


# What a server cannot do.


def truncated(query):
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.TC
    return answer


def test_a_truncated_answer_is_asked_for_over_tcp(network, gate_of):
    def long(query):
        answer = dns.message.make_response(query)
        answer.answer.append(dns.rrset.from_text_list(query.question[0].name, 60, "IN", "TXT",
                                                      [f'"{i:03d}{"x" * 240}"' for i in range(200)]))
        return answer
    with Liar(network, truncated, long) as liar:
        gate = gate_of()
        answer = gate.query("long.unlisted.example", "TXT", tcp=True)
        assert len(answer.answer[0]) == 200
        assert all(liar.asked("long.unlisted.example"))


def test_many_questions_share_one_tcp_connection_and_answers_come_in_any_order(network, gate_of):
    def late(query):
        time.sleep(0.02)
        return reply(query)
    with Liar(network, None, late) as liar:
        gate = gate_of([f"tcp://{SLOW_UPSTREAM}:53"])
        threads = [threading.Thread(target=lambda i=i: assert_true_answer(gate.query(f"t{i}.unlisted.example")))
                   for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert liar.different(liar.over_stream) == 20 and not liar.over_udp
        # UDP, the listener, one connection; and another where an answer took too long
        assert len(liar.threads) == 3 or len(liar.over_stream) > 20


def test_a_server_that_truncates_and_has_no_tcp_is_servfail_in_time(network, gate_of):
    with Liar(network, truncated):
        gate = gate_of(timeout="1 s")
        answer = gate.query("none.unlisted.example")
        assert answer.rcode() == dns.rcode.SERVFAIL and ede_of(answer)[0] in (22, 23)


def garbled(query):
    wire = reply(query).to_wire()
    return wire[:6] + b"\x00\x09" + wire[8:]


def test_garbage_behind_the_right_question_is_asked_for_over_tcp(network, gate_of):
    with Liar(network, garbled, reply) as liar:
        assert_true_answer(gate_of().query("garbage.unlisted.example"))
        assert all(liar.asked("garbage.unlisted.example"))


def test_garbage_everywhere_is_servfail(network, gate_of):
    with Liar(network, garbled, garbled):
        assert gate_of().query("garbage.unlisted.example").rcode() == dns.rcode.SERVFAIL


def test_a_server_without_edns_is_asked_without(network, gate_of):
    def old(query):
        if query.edns < 0:
            return reply(query)
        answer = dns.message.make_response(query)
        answer.use_edns(False)
        answer.set_rcode(dns.rcode.FORMERR)
        return answer
    with Liar(network, old) as liar:
        gate = gate_of()
        assert_true_answer(gate.query("one.unlisted.example"))
        assert_true_answer(gate.query("two.unlisted.example"))
        # each may have been sent more than once
        assert [edns for edns, _ in itertools.groupby(q.edns for q in liar.over_udp)] == [0, -1]
        assert {q.edns for q in liar.over_udp if q.question[0].name.to_text().lower().startswith("two.")} == {-1}


def test_why_a_server_failed_is_passed_on(network, gate_of):
    def failing(query):
        answer = dns.message.make_response(query)
        answer.set_rcode(dns.rcode.SERVFAIL)
        answer.use_edns(0, options=[dns.edns.EDEOption(7, "made up")])
        return answer
    with Liar(network, failing):
        answer = gate_of().query("failing.unlisted.example")
        assert answer.rcode() == dns.rcode.SERVFAIL and ede_of(answer)[0] == 7


# Several servers.

SERVERS = [f"{SLOW_UPSTREAM}:{port}" for port in (5311, 5312)]


def refuse(query):
    answer = dns.message.make_response(query)
    answer.set_rcode(dns.rcode.SERVFAIL)
    return answer


def test_what_one_server_cannot_say_another_may(network, gate_of):
    with Liar(network, refuse, port=5311) as bad, Liar(network, port=5312) as good:
        gate = gate_of(SERVERS)
        for i in range(4):
            assert_true_answer(gate.query(f"n{i}.unlisted.example"))
        assert good.different(good.over_udp) == 4 and len(bad.over_udp) >= 1


def test_a_server_without_edns_is_no_reason_to_ask_another_without(network, gate_of):
    def broken(query):
        answer = dns.message.make_response(query)
        answer.use_edns(False)
        answer.set_rcode(dns.rcode.FORMERR)
        return answer
    with Liar(network, broken, port=5311) as bad, Liar(network, port=5312) as good:
        gate = gate_of(SERVERS)
        for i in range(4):
            assert_true_answer(gate.query(f"n{i}.unlisted.example"))
        assert bad.over_udp and {q.edns for q in good.over_udp} == {0}


def test_a_silent_server_is_raced_by_another_and_then_left_alone(network, gate_of):
    with Liar(network, lambda q: None, port=5311) as silent, Liar(network, port=5312) as good:
        gate = gate_of(SERVERS)
        for i in range(60):
            assert_true_answer(gate.query(f"n{i}.unlisted.example"))
        assert good.different(good.over_udp) == 60
        assert len(silent.over_udp) < 30


def test_while_one_server_is_away_the_other_answers_and_it_is_used_again_when_it_is_back(network, gate_of):
    with Liar(network, port=5312) as second:
        with Liar(network, port=5311) as first:
            gate = gate_of(SERVERS)
            for i in range(10):
                assert_true_answer(gate.query(f"a{i}.unlisted.example"))
            assert first.over_udp and second.over_udp
        for i in range(20):
            assert_true_answer(gate.query(f"b{i}.unlisted.example"))
        with Liar(network, port=5311) as first:
            end, i = time.monotonic() + 90, 0  # each probe that fails doubles the pause, to a minute at most
            while not first.over_udp and time.monotonic() < end:
                i += 1
                assert_true_answer(gate.query(f"c{i}.unlisted.example"))
            assert first.over_udp


def test_when_all_are_away_it_is_said_at_once_and_they_are_found_again(network, gate_of):
    gate = gate_of(SERVERS)
    gate.settings["dns"]["cache"] = {"failure_ttl": "1 s"}
    answer = gate.query("away.unlisted.example")
    assert answer.rcode() == dns.rcode.SERVFAIL and ede_of(answer)[0] == NETWORK_ERROR
    with Liar(network, port=5312):
        end, i = time.monotonic() + 90, 0  # each probe that fails doubles the pause, to a minute at most
        while gate.query(f"d{i}.unlisted.example").rcode() != dns.rcode.NOERROR:
            i += 1
            assert time.monotonic() < end


def test_a_slow_server_is_waited_for(network, gate_of):
    def slow(query):
        time.sleep(0.7)
        return reply(query)
    with Liar(network, slow):
        assert_true_answer(gate_of().query("slow.unlisted.example"))


def test_settings_that_name_no_server_are_refused_with_their_place(other_agency):
    for text in ("192.0.2.1:0", "resolver.example", "192.0.2.1#", "udp://192.0.2.1", "192.0.2.1:99999"):
        other_agency.settings["dns"]["upstream"] = {"forward": [text]}
        other_agency.write()
        done = other_agency.run()
        assert done.returncode == 2 or done.returncode == 3
        assert re.search(r"writ\.yaml:\d+:\d+: .*" + re.escape(text) + ".*expected", done.stderr), done.stderr
