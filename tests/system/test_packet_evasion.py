"""Every way of evasion in the lab: what gets to the server without a gate, and with it.

A way that a server takes must work without a gate for either name, else it would prove nothing; with the gate it
must fail for the blocked name and work for the other one.
"""
import evasion_dns
import evasion_http
import evasion_open
import evasion_quic
import evasion_tcp
import evasion_tls
import pytest
from evasion import NO_SERVER, attempt_all
from packet_agency import PacketAgency
from packet_servers import NEIGHBOUR, QUIC_SERVER
from writ import BLOCKED

PARTS = (evasion_tcp, evasion_tls, evasion_http, evasion_quic, evasion_dns, evasion_open)
WAYS = [*evasion_tcp.TCP_WAYS, *evasion_open.OPEN_WAYS, *evasion_tls.TLS_WAYS, *evasion_http.HTTP_WAYS, *evasion_dns.DNS_WAYS,
        *(evasion_quic.QUIC_WAYS if QUIC_SERVER else ())]
TALKS = {service: talk for part in PARTS for service, talk in getattr(part, "TALKS", {}).items()}
REAL = [way for way in WAYS if way.note != NO_SERVER]


def outcomes(host, ways):
    return {name: attempt_all(host, ways, TALKS, name) for name in (BLOCKED, NEIGHBOUR)}


@pytest.fixture(scope="module")
def without(lab, raw_host):
    """What became of all ways while nobody stood in between."""
    return outcomes(raw_host, WAYS)


@pytest.fixture(scope="module")
def through(lab, raw_host, without):
    """What became of those that servers take, through the gate as it is by default. It is started after `without`."""
    gate = PacketAgency(lab)
    try:
        gate.start()
        yield outcomes(raw_host, REAL)
    finally:
        gate.close()


def test_there_are_ways_enough_and_each_has_a_name_of_its_own():
    assert len(REAL) >= 60
    assert len({str(way) for way in WAYS}) == len(WAYS)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_what_the_server_takes_without_a_gate_is_what_is_written_down(without, way):
    expected = way.note != NO_SERVER
    assert [without[BLOCKED][way], without[NEIGHBOUR][way]] == [expected, expected]


@pytest.mark.parametrize("way", REAL, ids=str)
def test_the_gate_hears_the_name(through, way):
    assert not through[BLOCKED][way], "the blocked name was answered"


@pytest.mark.parametrize("way", REAL, ids=str)
def test_the_gate_breaks_nothing_that_is_allowed(through, way):
    assert through[NEIGHBOUR][way], "the allowed name was not answered"
