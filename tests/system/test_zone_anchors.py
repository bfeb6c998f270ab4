"""Keys of one zone each: signed zones of the organisation's own that no parent vouches for."""
import re

import dns.flags
import dns.rcode
import pytest

import signed
from authority import BOGUS, SECURE
from network import SLOW_UPSTREAM, UPSTREAM
from test_upstream import addresses
from test_validated_forwarding import (EARLY, EXPIRED, NO_SIGNATURE, PLAIN, WWW, GOOD, assert_bogus, assert_secure,
                                       checked, is_secure, zones)  # noqa: F401 (zones is a fixture)

pytestmark = pytest.mark.skipif(not (signed.SIGNER and signed.KEYGEN), reason="dnssec-signzone is not installed")
CHECKED = ("good", "expired", "early", "stranger")
HIDDEN = f"early.{signed.PARENT}"


@pytest.fixture
def keys(zones):  # noqa: F811
    """A file for each zone with its keys alone."""
    files = {}
    for name in zones.names:
        lines = [line for line in zones.anchors.read_text().splitlines() if line.startswith(f"{name}.")]
        files[name] = zones.directory / f"{name}.anchor"
        files[name].write_text("; the key of one zone\n" + "\n".join(lines) + "\n")
    return files


@pytest.fixture(params=["recursion", "forwarded", "unchecked"])
def gate(request, other_agency, authority, keys):
    """Keys of zones beside the root's, or alone: where all else is forwarded unchecked, or not to be checked."""
    upstream = {"recursion": {"root_hints": str(authority.root_hints), "trust_anchor": str(authority.trust_anchor)},
                "forwarded": {"forward": [UPSTREAM]},
                "unchecked": {"root_hints": str(authority.root_hints), "validate": False}}
    ways = {"good": "forward", "expired": "forward", "early": "stub", "stranger": "stub"}
    zones = [{"zone": f"{name}.{signed.PARENT}", ways[name]: [SLOW_UPSTREAM], "validate": True,  # noqa: F811
              "trust_anchor": str(keys[name])} for name in CHECKED]
    zones.append({"zone": f"unsigned.{signed.PARENT}", "stub": [SLOW_UPSTREAM]})
    other_agency.settings["dns"].update(workers=1, upstream={"timeout": "10 s", **upstream[request.param]}, zones=zones)
    other_agency.write()
    started = other_agency.start()
    started.root_is_checked = request.param == "recursion"
    return started


def test_each_zone_is_checked_by_its_own_key(gate):
    for _ in range(2):  # asked for, and from the cache
        assert_secure(checked(gate, f"www.{GOOD}"), WWW)
        assert is_secure(checked(gate, f"none.{GOOD}")) and checked(gate, f"none.{GOOD}").rcode() == dns.rcode.NXDOMAIN
        assert_bogus(checked(gate, f"www.{PLAIN}"), EXPIRED)
        assert_bogus(checked(gate, f"www.{HIDDEN}"), EARLY)
        assert_bogus(checked(gate, f"www.stranger.{signed.PARENT}"), NO_SIGNATURE)
        # of a zone without a key of its own nothing is checked
        unsigned = checked(gate, f"www.unsigned.{signed.PARENT}")
        assert addresses(unsigned)[0] == WWW[0] and not is_secure(unsigned)
    assert gate.counters()["relay_refused"] == 0


def test_what_holds_for_all_others_is_as_it_was(gate):
    secure, bogus = checked(gate, SECURE), checked(gate, BOGUS)
    assert secure.rcode() == dns.rcode.NOERROR and is_secure(secure) == gate.root_is_checked
    assert bogus.rcode() == (dns.rcode.SERVFAIL if gate.root_is_checked else dns.rcode.NOERROR)
    assert not checked(gate, "www.unlisted.example").flags & dns.flags.AD


def write_zone(agency, zone):
    agency.settings["dns"]["zones"] = [{"zone": GOOD, "stub": [SLOW_UPSTREAM], **zone}]
    agency.write()


@pytest.mark.parametrize("content, said", [
    (None, "cannot read /.*anchor: No such file or directory, expected a file with keys"),
    ("", "has no key of good.signed-test"), ("; good.signed-test. DS\n", "has no key of good.signed-test"),
    ("other.signed-test. DS 1 13 2 00\n", "has no key of good.signed-test"),
    ("good.signed-test. A 192.0.2.1\n", "has no key of good.signed-test"),
    ("good.signed-test.example. DS 1 13 2 00\n", "has no key of good.signed-test, expected a line that begins")])
def test_a_file_without_a_key_of_the_zone_is_refused_with_its_place(other_agency, content, said):
    file = other_agency.directory / "some.anchor"
    if content is not None:
        file.write_text(content)
    write_zone(other_agency, {"validate": True, "trust_anchor": "some.anchor"})
    done = other_agency.run()
    assert done.returncode in (2, 3), done.stderr
    assert re.search(r"writ\.yaml:\d+:\d+: .*" + said, done.stderr), done.stderr


def test_a_key_for_what_is_not_checked_is_refused(other_agency):
    write_zone(other_agency, {"trust_anchor": "some.anchor"})
    done = other_agency.run()
    assert done.returncode in (2, 3)
    assert re.search(r"writ\.yaml:\d+:\d+: .*trust_anchor only beside `validate: yes`", done.stderr), done.stderr


def test_a_file_in_which_the_key_is_none_stops_the_start(other_agency, network):
    (other_agency.directory / "some.anchor").write_text(f"{GOOD}. IN DS not a key\n")
    write_zone(other_agency, {"validate": True, "trust_anchor": "some.anchor"})
    done = other_agency.run(preexec_fn=network.gate.enter)
    assert done.returncode != 0 and "some.anchor" in done.stderr, done.stderr
