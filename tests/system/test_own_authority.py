"""Certificates that the gate makes under the organisation's own authority, and what clients think of them."""
import datetime
import json
import pathlib
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

import writ
from certificate import openssl
from network import CLIENT, CLIENT6, GATE
from private import HOST, Client, dot, offer_own, serial
from test_dns_block import assert_blocked
from test_dns_tls import Asking, in_client_network, query
from writ import wait_for


def connect(agency, **options):
    return Client(agency, agency.tls_port, **options)


def server_certificate(agency):
    return x509.load_pem_x509_certificate((agency.folder / "server.pem").read_bytes())


# what clients of others make of it


@pytest.mark.parametrize("source, address", [(CLIENT, GATE[4]), (CLIENT6, GATE[6])], ids=["4", "6"])
@pytest.mark.parametrize("name", [HOST, None], ids=["name", "address"])
def test_kdig_accepts_it_by_name_and_by_address(own, source, address, name):
    done = in_client_network(own, "kdig", "-b", source, f"@{address}", "-p", own.tls_port, "+tls",
                             f"+tls-ca={own.authority.certificate}", f"+tls-hostname={name or address}",
                             "chat.deepseek.com", "A")
    assert "Censored" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("host", [HOST, GATE[4]])
def test_curl_accepts_it_by_name_and_by_address(own, host):
    done = in_client_network(own, "curl", "-sS", "--cacert", own.authority.certificate, "--resolve",
                             f"{HOST}:{own.https_port}:{GATE[4]}", "-o", "/dev/null", "-w", "%{http_code} %{ssl_verify_result}",
                             f"https://{host}:{own.https_port}/dns-query")
    assert done.stdout == "400 0", done.stdout + done.stderr  # there is no query in it


@pytest.mark.parametrize("who", [("-verify_hostname", HOST), ("-verify_ip", GATE[4]), ("-verify_ip", GATE[6])])
def test_openssl_accepts_it(own, who):
    done = in_client_network(own, "openssl", "s_client", "-connect", f"{GATE[4]}:{own.tls_port}", "-CAfile",
                             own.authority.certificate, "-verify_return_error", "-x509_strict", *who)
    assert "Verify return code: 0 (ok)" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("who", [("-verify_hostname", "other.example"), ("-verify_ip", "10.53.0.2")])
def test_it_is_for_no_other_name_and_no_other_address(own, who):
    done = in_client_network(own, "openssl", "s_client", "-connect", f"{GATE[4]}:{own.tls_port}", "-CAfile",
                             own.authority.certificate, "-verify_return_error", *who)
    assert done.returncode != 0 and "mismatch" in done.stdout + done.stderr


def test_without_the_authority_it_is_not_accepted(own):
    done = in_client_network(own, "openssl", "s_client", "-connect", f"{GATE[4]}:{own.tls_port}",
                             "-verify_return_error", "-verify_hostname", HOST)
    assert done.returncode != 0 and "self-signed certificate in certificate chain" in done.stdout + done.stderr


# files, commands, times


def test_secrets_are_for_nobody_else_and_the_log_says_what_to_trust(own):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in own.folder.iterdir()}
    assert modes == {"authority.key": 0o600, "authority.crt": 0o644, "server.pem": 0o600}
    assert b"PRIVATE" not in (own.folder / "authority.crt").read_bytes()
    assert f"clients must trust the authority in {own.authority.certificate}" in own.stderr()


def test_the_command_shows_what_openssl_shows(own):
    pem = own.authority.certificate.read_text()
    fingerprint = openssl("x509", "-in", own.authority.certificate, "-noout", "-fingerprint", "-sha256")
    shown = own.command("authority", "show")
    assert pem in shown and fingerprint.strip().split("=")[1] in shown
    told = json.loads(own.command("authority", "show", "--json"))
    assert told["pem"] == pem and told["sha256"] == fingerprint.strip().split("=")[1]
    assert told["file"] == str(own.authority.certificate)


def test_status_says_until_when(own):
    shown = {c["of"]: c for c in own.status()["certificates"]}
    assert set(shown) == {"tls", "https", "authority"} and not any(c["ends_soon"] for c in shown.values())
    until = server_certificate(own).not_valid_after
    assert shown["tls"]["until"] == shown["https"]["until"] == until.isoformat() + "Z"
    assert 89 <= (until - datetime.datetime.utcnow()).days <= 90
    digest = server_certificate(own).fingerprint(hashes.SHA256()).hex(":").upper()
    assert shown["tls"]["sha256"] == digest and shown["tls"]["own"]
    assert "authority" in own.command("status")


def test_a_restart_keeps_it_and_other_names_make_another(other_agency):
    agency = offer_own(other_agency).start()
    files = {path: path.read_bytes() for path in agency.folder.iterdir()}
    assert agency.stop() == 0
    agency.start()
    assert files == {path: path.read_bytes() for path in agency.folder.iterdir()}
    assert agency.stop() == 0
    agency.settings["dns"]["server"].update(names=[HOST, "other.example"], addresses=["192.0.2.53"])
    agency.write()
    agency.start()
    names = server_certificate(agency).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [HOST, "other.example"]
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.53"]
    kept = {path: path.read_bytes() for path in agency.folder.iterdir()}
    assert {p.name for p in files if files[p] != kept[p]} == {"server.pem"}


def test_a_listener_of_all_addresses_has_those_of_the_interfaces(other_agency):
    agency = offer_own(other_agency)
    agency.settings["dns"].update(listen=["127.0.0.1:5399"], https={},
                                  tls={"listen": [f"0.0.0.0:{agency.tls_port}", f"[::]:{agency.tls_port}"]})
    agency.write()
    agency.start()
    names = server_certificate(agency).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(a) for a in names.get_values_for_type(x509.IPAddress)} == {GATE[4], GATE[6], "127.0.0.1"}


def test_it_is_renewed_under_load_and_nothing_is_lost(other_agency):
    agency = offer_own(other_agency, certificate_life="10 s").start()
    with Asking(agency) as asking, connect(agency) as old:
        seen = {serial(old)}

        def renewed():
            with connect(agency) as client:
                seen.add(serial(client))
            return len(seen) == 3 or asking.errors
        wait_for("two renewals", renewed, seconds=60)
        assert_blocked(dot(old, query()))
    assert asking.errors == [] and asking.answers > 50
    assert all(r["restarts"] == 0 for r in agency.status()["roles"])
    assert server_certificate(agency).not_valid_after > datetime.datetime.utcnow()


def test_one_that_is_due_is_renewed_at_the_start(other_agency):
    agency = offer_own(other_agency, certificate_life="10 s").start()
    before = server_certificate(agency).serial_number
    assert agency.stop() == 0
    expired = server_certificate(agency).not_valid_after
    wait_for("its end", lambda: datetime.datetime.utcnow() > expired, seconds=30)
    agency.start()
    assert server_certificate(agency).serial_number != before
    with connect(agency) as client:
        assert_blocked(dot(client, query()))


# what is wrong with files


def cut(path):
    text = path.read_text()
    path.write_text(text[:len(text) // 2] + "\n")


BROKEN = {
    "authority cut": ("authority.key", cut),
    "authority empty": ("authority.key", lambda path: path.write_text("")),
    "server cut": ("server.pem", cut),
    "server without key": ("server.pem", lambda path: path.write_bytes(path.read_bytes().split(b"-----BEGIN PRIV")[0])),
    "public copy not PEM": ("authority.crt", lambda path: path.write_text("hello\n")),
    "public copy of another": ("authority.crt", lambda path: path.write_text(
        path.with_name("server.pem").read_text().split("-----END CERT")[0] + "-----END CERTIFICATE-----\n")),
    "key gone": ("authority.key", pathlib.Path.unlink),
    "a folder": ("server.pem", lambda path: (path.unlink(), path.mkdir())),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_said_and_left_as_it_is(other_agency, kind):
    agency = offer_own(other_agency).start()
    assert agency.stop() == 0
    name, damage = BROKEN[kind]
    damage(agency.folder / name)
    before = {path.name: path.read_bytes() for path in agency.folder.iterdir() if path.is_file()}
    done = agency.run(preexec_fn=agency.network.gate.enter)
    assert done.returncode == writ.USAGE and str(agency.folder / name) in done.stderr, done.stderr
    assert before == {path.name: path.read_bytes() for path in agency.folder.iterdir() if path.is_file()}


def test_a_public_copy_that_is_gone_is_made_again(other_agency):
    agency = offer_own(other_agency).start()
    before = agency.authority.certificate.read_bytes()
    assert agency.stop() == 0
    agency.authority.certificate.unlink()
    agency.start()
    assert agency.authority.certificate.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_said(other_agency):
    agency = offer_own(other_agency, authority_directory="writ.yaml/authority")
    done = agency.run(preexec_fn=agency.network.gate.enter)
    assert done.returncode == writ.USAGE and "writ.yaml/authority" in done.stderr, done.stderr


def test_without_one_the_command_says_so(other_agency):
    other_agency.command("authority", "show", status=writ.USAGE)


def test_an_authority_that_ends_soon_is_warned_of(other_agency):
    agency = offer_own(other_agency)
    agency.folder.mkdir()
    key, certificate = agency.folder / "authority.key", agency.directory / "short.crt"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "20", "-subj",
            "/CN=Short", "-addext", "keyUsage=critical,keyCertSign", "-keyout", key, "-out", certificate)
    key.write_bytes(key.read_bytes() + certificate.read_bytes())
    agency.start()
    shown = {c["of"]: c["ends_soon"] for c in agency.status()["certificates"]}
    assert shown == {"tls": True, "https": True, "authority": True}
    assert "the certificate of authority expires on" in agency.stderr()
    assert "ENDS SOON" in agency.command("status")
    with connect(agency) as client:
        assert_blocked(dot(client, query()))
    assert server_certificate(agency).not_valid_after <= x509.load_pem_x509_certificate(
        certificate.read_bytes()).not_valid_after


def test_a_given_certificate_that_ends_soon_is_warned_of(private):
    assert {c["of"]: c["ends_soon"] for c in private.status()["certificates"]} == {"tls": True, "https": True}
    assert "the certificate of tls expires on" in private.stderr()
