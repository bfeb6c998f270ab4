"""What is kept when its time is over, is renewed before that, and outlives a reload; floods of random names."""
import time

import dns.message
import dns.rcode
import pytest

from network import SLOW_UPSTREAM
from test_dns_block import assert_answered, assert_blocked, ede_of
from upstream import Upstream
from writ import wait_for

STALE, STALE_NXDOMAIN = 3, 19
SHORT = "short.unlisted.example"  # of 2 seconds
FLOOD, RATE = 600, 20


@pytest.fixture
def gate_of(other_agency):
    def start(**settings):
        other_agency.settings["dns"].update(
            workers=1, upstream={"forward": [f"{SLOW_UPSTREAM}:53"], "timeout": "3 s"}, **settings)
        other_agency.write()
        return other_agency.start()
    return start


class Switched(Upstream):
    """One that can be silent."""

    def __init__(self, network):
        super().__init__(network, self.relay_or_not)
        self.is_silent = False

    def relay_or_not(self, query):
        return None if self.is_silent else self._relay(query)


def test_while_the_upstream_is_silent_what_is_kept_serves_with_a_reason_and_soon_at_once(network, authority, gate_of):
    with Switched(network) as upstream:
        gate = gate_of(cache={"stale_wait": "500 ms"})
        before = gate.query(SHORT)
        assert before.answer and ede_of(before)[0] is None
        upstream.is_silent = True
        time.sleep(3.1)
        answers = [gate.query(SHORT) for _ in range(3)]
        for answer in answers:
            assert answer.rcode() == dns.rcode.NOERROR and list(answer.answer[0]) == list(before.answer[0])
            assert answer.answer[0].ttl == 30 and ede_of(answer)[0] == STALE
        assert gate.counters()["cache_stale"] == 3
        # what was never known is not
        assert gate.query("mail.unlisted.example").rcode() == dns.rcode.SERVFAIL
        assert_blocked(gate.query("chat.deepseek.com"))


def test_what_a_new_policy_blocks_is_blocked_when_stale_too(network, authority, gate_of):
    with Switched(network) as upstream:
        gate = gate_of(cache={"stale_wait": "500 ms"})
        assert gate.query(SHORT).answer
        upstream.is_silent = True
        time.sleep(3.1)
        assert ede_of(gate.query(SHORT))[0] == STALE
        (gate.directory / "plain.list").write_text(f"{SHORT}\n")
        gate.command("reload")
        assert_blocked(gate.query(SHORT), 15)


def test_a_name_in_use_is_asked_for_before_its_time_is_over(network, authority, gate_of):
    with Upstream(network):
        gate = gate_of()
        name = "ttl12.unlisted.example"
        assert gate.query(name).answer[0].ttl == 12
        misses = 0

        def is_renewed():
            """Where it runs out because this test was kept from asking, it is kept anew."""
            nonlocal misses
            counters = gate.counters()
            if counters["cache_renewals"]:
                return counters
            misses = counters["cache_misses"]
            gate.query(name)
            return None
        counters = wait_for("renewed", is_renewed)
        assert counters["cache_renewals"] == 1 and counters["cache_misses"] == misses
        wait_for("its answer", lambda: gate.query(name).answer[0].ttl > 6)


def asked_directly(gate_of, **settings):
    """A gate that asks the name servers itself."""
    return gate_of(**settings, zones=[{"zone": "unlisted.example", "stub": [SLOW_UPSTREAM], "validate": False}])


def test_the_resolver_inside_asks_for_a_name_in_use_again_though_no_client_does(network, authority, gate_of):
    name = "ttl12.unlisted.example"
    asked = 0

    def is_nearly_over():
        nonlocal asked
        asked = upstream.count(name)
        return gate.query(name).answer[0].ttl <= 1
    with Upstream(network) as upstream:
        gate = asked_directly(gate_of)
        wait_for("nearly over", is_nearly_over, 60)
        before = gate.counters()
        wait_for("a question that no client asked", lambda: upstream.count(name) > asked)
        wait_for("its answer", lambda: gate.counters()["upstream_in_flight"] == 0)
        assert gate.query(name).answer[0].ttl > 1
        after = gate.counters()
        assert after["queries_udp"] == before["queries_udp"] + 1
        assert after["cache_misses"] == before["cache_misses"] and after["cache_renewals"] == 1


def test_what_nobody_asks_for_near_its_end_is_not_asked_for_again(network, authority, gate_of):
    name = "short.unlisted.example"
    with Upstream(network) as upstream:
        gate = asked_directly(gate_of)
        assert gate.query(name).answer
        asked = upstream.count(name)
        time.sleep(4.1)
        assert upstream.count(name) == asked and gate.counters()["cache_renewals"] == 0


@pytest.mark.parametrize("way", [asked_directly, lambda gate_of, **settings: gate_of(**settings)],
                         ids=["recursion", "forwarding"])
def test_nothing_is_told_to_be_good_for_longer_than_the_options_say(network, authority, gate_of, way):
    with Upstream(network):
        gate = way(gate_of, cache={"ttl_max": "60 s"})
        for _ in range(2):  # first, and from the cache
            assert 0 < gate.query("long.unlisted.example").answer[0].ttl <= 60
            none = gate.query("none.unlisted.example")
            assert none.rcode() == dns.rcode.NXDOMAIN and none.authority[0].ttl <= 60


def misses(gate):
    """How many questions of each kind go to the upstream."""
    def missed(kind):
        before = gate.counters()["cache_misses"]
        gate.query("https.unlisted.example", kind)
        return gate.counters()["cache_misses"] - before
    return [missed(kind) for kind in ("A", "AAAA", "HTTPS", "TXT")]


def test_a_reload_fetches_nothing_again_that_the_policy_treats_alike(network, authority, gate_of):
    with Upstream(network):
        gate = gate_of()
        assert misses(gate) == [1, 1, 1, 1]
        gate.organisation["lists"] = gate.organisation["lists"][:1]
        gate.write()
        gate.command("reload")
        assert misses(gate) == [0, 0, 0, 0]
        gate.organisation["ech"] = "strip"
        gate.write()
        gate.command("reload")
        assert misses(gate) == [0, 0, 1, 0]


def test_a_flood_of_random_names_below_one_domain_leaves_others_alone(network, authority, gate_of):
    def answer(query):
        name = dns.message.from_wire(query).question[0].name.to_text().lower()  # 0x20
        return None if "victim" in name else upstream._relay(query)
    with Upstream(network, answer) as upstream:
        gate = gate_of(rate={"misses": RATE})
        began = time.monotonic()
        with gate.udp() as s:
            for i in range(FLOOD):
                s.send(dns.message.make_query(f"r{i}.victim.example", "A").to_wire())
                if i % 50 == 0:
                    time.sleep(0.01)
            assert_answered(gate.query("www.unlisted.example"), "192.0.2.80")
            wait_for("the flood to be over", lambda: gate.counters()["queries_udp"] > FLOOD)
        counters = gate.counters()
        # the rate, with what it saved up, and one in ten of the rest
        allowed = RATE * (time.monotonic() - began + 2) + FLOOD / 10
        # each may have been sent more than once: nobody answers
        assert len({q.name for q in upstream.questions if "victim" in q.name.to_text().lower()}) <= allowed
        assert counters["limit_misses"] >= FLOOD - allowed
