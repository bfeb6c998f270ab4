"""Logs in `writ audit`: where the destinations are, by databases of places (packet.places). The logs are those of
tests/golden/audit, with names and addresses that the catalogue lists."""
import csv
import io
import ipaddress
import json
import subprocess

import mmdb
import pytest
import yaml
from writ import FOUND, OK, PROGRAM, ROOT

GOLDEN = ROOT / "tests/golden/audit"
OLD = "192.0.2.9"
PRODUCT = yaml.safe_load((ROOT / "catalogue/products/deepseek.yaml").read_text())
ADDRESS = next(i["value"].split("/")[0] for i in PRODUCT["identifiers"] if i["kind"] == "address" and "." in i["value"])


def is_log(folder):
    """A log with a destination, that no form of it names otherwise."""
    expected = folder / "expect.json"
    if folder.name.startswith("pcap") or not expected.exists():
        return False
    return any(f["destination"] == OLD for f in json.loads(expected.read_text())["input"].get("findings", []))


FORMATS = sorted(folder.name for folder in GOLDEN.iterdir() if is_log(folder))


@pytest.fixture
def audit(installation, tmp_path):
    """Runs it with both databases: a country for the destination's network, who announces it for the one address."""
    mmdb.write(tmp_path / "country.mmdb", str(ipaddress.ip_network(ADDRESS + "/24", strict=False)), {"country": {"iso_code": "CN"}})
    mmdb.write(tmp_path / "network.mmdb", ADDRESS + "/32",
               {"autonomous_system_number": 64500, "autonomous_system_organization": "Example"})

    def run(log, *options, places=("country", "network"), status=(FOUND, OK)):
        installation.settings["packet"] = {"places": {kind: str(tmp_path / f"{kind}.mmdb") for kind in places}} if places else {}
        installation.write()
        done = subprocess.run([PROGRAM, "audit", "--config", installation.directory / "writ.yaml", *options, log], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode in status and done.stderr == "", done.stderr
        return done.stdout
    return run


def log_of(name, tmp_path):
    """The golden log, about what is listed."""
    log = tmp_path / "log"
    content = (GOLDEN / name / "input").read_bytes()
    log.write_bytes(content.replace(b"seek.example", b"deepseek.com").replace(OLD.encode(), ADDRESS.encode()))
    mapping = GOLDEN / name / "mapping.yaml"
    return log, ["--mapping", mapping] if mapping.exists() else []


def test_there_are_formats_of_all_kinds():
    assert {"eve", "squid", "fortigate", "nfdump", "zeek-ssl", "zeek-conn-json", "mapping-csv"} <= set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_log_says_where_its_destinations_are(audit, tmp_path, name):
    log, mapping = log_of(name, tmp_path)
    findings = [f for f in json.loads(audit(log, "--json", "--reveal", *mapping))["findings"] if f["product"] == "deepseek"]
    for f in findings:
        there = f["destination"] == ADDRESS
        assert (f["country"], f["network"]) == (("CN", "AS64500 Example") if there else (None, None)), f
    assert any(f["destination"] == ADDRESS for f in findings)


def test_a_table_and_csv_have_columns_for_it(audit, tmp_path):
    log, _ = log_of("eve", tmp_path)
    table = audit(log)
    assert "COUNTRY" in table and "AS64500 Example" in table
    rows = list(csv.DictReader(io.StringIO(audit(log, "--csv"))))
    assert {(row["country"], row["network"]) for row in rows if row["destination"] == ADDRESS} == {("CN", "AS64500 Example")}


def test_one_database_of_two_is_enough(audit, tmp_path):
    log, _ = log_of("zeek-ssl", tmp_path)
    told = [(f["country"], f["network"]) for f in json.loads(audit(log, "--json", places=["country"]))["findings"]]
    assert told and set(told) == {("CN", None)}
    told = [(f["country"], f["network"]) for f in json.loads(audit(log, "--json", places=["network"]))["findings"]]
    assert told and set(told) == {(None, "AS64500 Example")}


def test_without_databases_nothing_is_said_of_it(audit, tmp_path):
    log, _ = log_of("zeek-ssl", tmp_path)
    assert "COUNTRY" not in audit(log, places=())
    assert {(f["country"], f["network"]) for f in json.loads(audit(log, "--json", places=()))["findings"]} == {(None, None)}
