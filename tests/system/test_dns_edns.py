"""EDNS(0), sizes and truncation, by RFC 6891, as clients and the tools of administrators see them."""
import subprocess

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from network import CLIENT, GATE
from test_dns_block import ede_of

NAME = "www.unlisted.example"
UDP_MAX = 1232


def opt(*, name=b"\0", size=UDP_MAX, rcode=0, version=0, flags=0, options=b""):
    return (name + b"\x00\x29" + size.to_bytes(2, "big") + bytes([rcode, version]) + flags.to_bytes(2, "big") +
            len(options).to_bytes(2, "big") + options)


def query(*records, name=NAME, kind="A"):
    """A query whose additional section is these bytes."""
    plain = bytearray(dns.message.make_query(name, kind).to_wire())
    plain[10:12] = len(records).to_bytes(2, "big")
    return bytes(plain) + b"".join(records)


def option(code, value):
    return code.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def answer_to(agency, *records, tcp=False, **options):
    return dns.message.from_wire(agency.exchange(query(*records, **options), tcp=tcp))


@pytest.mark.parametrize("name", [NAME, "chat.deepseek.com"])
@pytest.mark.parametrize("version", [1, 2, 255])
def test_another_version_is_badvers_and_names_ours(agency, name, version):
    answer = answer_to(agency, opt(version=version), name=name)
    assert answer.rcode() == dns.rcode.BADVERS
    assert answer.edns == 0 and not answer.answer


@pytest.mark.parametrize("name", [NAME, "chat.deepseek.com", "none.unlisted.example"])
def test_who_sends_no_edns_gets_none(agency, name):
    assert answer_to(agency, name=name).edns == -1
    assert answer_to(agency, name=name, tcp=True).edns == -1


@pytest.mark.parametrize("name", [NAME, "chat.deepseek.com", "none.unlisted.example"])
def test_who_sends_edns_gets_it_with_our_size_and_the_do_bit_back(agency, name):
    for flags in (0, dns.flags.DO):
        answer = answer_to(agency, opt(flags=flags), name=name)
        assert answer.edns == 0 and answer.payload == UDP_MAX
        assert answer.ednsflags & 0xffff == flags


def test_unknown_flags_are_ignored_and_not_sent_back(agency):
    answer = answer_to(agency, opt(flags=0x7fff))
    assert answer.rcode() == dns.rcode.NOERROR and answer.ednsflags & 0xffff == 0


def test_unknown_options_are_ignored_and_not_sent_back(agency):
    options = option(65001, b"private") + option(4242, b"") + option(8, bytes.fromhex("0001180053")) + option(3, b"")
    answer = answer_to(agency, opt(options=options))
    assert answer.rcode() == dns.rcode.NOERROR and answer.answer
    assert not {65001, 4242, 3} & {int(o.otype) for o in answer.options}


@pytest.mark.parametrize("records", [
    (opt(), opt()),
    (opt(name=b"\x01x\0"),),
    (opt(options=b"\x00"),),
    (opt(options=b"\xfd\xe9\x00\x05abc"),),
    (opt(options=option(10, b"1234")),),
    (opt(options=option(10, b"x" * 41)),),
], ids=["twice", "not of the root", "cut option", "short option", "short cookie", "long cookie"])
def test_a_malformed_opt_is_formerr(agency, records):
    answer = answer_to(agency, *records)
    assert answer.rcode() == dns.rcode.FORMERR and not answer.answer


def test_an_opt_outside_the_additional_section_is_formerr(agency):
    wire = bytearray(query(opt()))
    wire[6:8], wire[10:12] = b"\0\1", b"\0\0"
    assert dns.message.from_wire(agency.exchange(bytes(wire))).rcode() == dns.rcode.FORMERR


@pytest.mark.parametrize("size, whole", [(None, False), (0, False), (100, False), (512, False), (1232, True),
                                         (4096, True), (65535, True)])
def test_no_answer_is_larger_than_the_client_says(agency, size, whole):
    """The RRset has about 800 bytes."""
    records = () if size is None else (opt(size=size),)
    wire = agency.exchange(query(*records, name="big07.unlisted.example", kind="TXT"))
    answer = dns.message.from_wire(wire)
    assert bool(answer.flags & dns.flags.TC) != whole
    assert len(wire) <= max(size or 512, 512)
    assert sum(len(r) for r in answer.answer) == 3 if whole else sum(len(r) for r in answer.answer) < 3
    assert answer.rcode() == dns.rcode.NOERROR


def test_no_answer_over_udp_is_larger_than_what_fits_everywhere(agency):
    for size in (1232, 4096, 65535):
        wire = agency.exchange(query(opt(size=size), name="big3.unlisted.example", kind="TXT"))
        assert len(wire) <= UDP_MAX and dns.message.from_wire(wire).flags & dns.flags.TC


@pytest.mark.parametrize("name, count", [("big3.unlisted.example", 12), ("big60.unlisted.example", 235)])
def test_large_answers_are_whole_over_tcp_first_and_again(agency, name, count):
    for _ in range(2):
        truncated = agency.query(name, "TXT")
        assert truncated.flags & dns.flags.TC and truncated.rcode() == dns.rcode.NOERROR
        answer = agency.query(name, "TXT", tcp=True)
        assert not answer.flags & dns.flags.TC
        assert {s for r in answer.answer[0] for s in r.strings} == {
            (f"{i:04d}" + "x" * 246).encode() for i in range(count)}


def test_a_block_fits_the_smallest_size(agency):
    name = ".".join(["a" * 63] * 3 + ["b" * 47, "deepseek.com"])
    for records in ((), (opt(size=512),)):
        wire = agency.exchange(query(*records, name=name))
        answer = dns.message.from_wire(wire)
        assert len(wire) <= 512 and answer.rcode() == dns.rcode.NXDOMAIN
        assert not answer.flags & dns.flags.TC
    assert ede_of(answer)[0] == 16


def test_keepalive_is_answered_over_tcp_alone(agency):
    keepalive = opt(options=option(11, b""))
    over_tcp, over_udp = answer_to(agency, keepalive, tcp=True), answer_to(agency, keepalive)
    idle = [o.data for o in over_tcp.options if o.otype == 11]
    assert idle and int.from_bytes(idle[0], "big") == 100  # 10 s
    assert not [o for o in over_udp.options if o.otype == 11]


@pytest.mark.parametrize("tool, explanation", [("dig", "EDE: 16"), ("kdig", "EDE: 16")])
def test_the_tools_of_administrators_show_answer_and_explanation(agency, tool, explanation):
    def run(*words):
        done = subprocess.run([tool, "-b", CLIENT, f"@{GATE[4]}", "-p", str(agency.port), *words],
                              capture_output=True, text=True, preexec_fn=agency.network.client.enter)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
    blocked = run("+edns" if tool == "kdig" else "+nocookie", "chat.deepseek.com")
    assert "NXDOMAIN" in blocked and explanation in blocked and "it@agency.example" in blocked
    assert "WARNING" not in blocked and "malformed" not in blocked.lower()
    assert run("+short", NAME).split() == ["192.0.2.80"]
    assert run("+short", "+tcp", NAME, "AAAA").split() == ["2001:db8::80"]
    assert run("+short", "big3.unlisted.example", "TXT").count("xxxx\"") == 12  # TC makes it ask again
