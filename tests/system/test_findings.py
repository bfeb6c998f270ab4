"""Findings in the evidence log: who writes them, what they tell, and where each stands."""
import json
import os
import subprocess

import pytest

import writ
from agency import exemption
from writ import BLOCKED, FOUND, OK, PROGRAM, USAGE


@pytest.fixture
def agency():
    w = writ.Writ()
    w.organisation.update(units=[{"id": "laboratory", "networks": [{"prefix": "192.0.2.64/26"}]}],
                          exemptions=[exemption("laboratory")])
    w.write()
    w.start()
    yield w
    w.close()


def run(w, *arguments, status=OK):
    done = subprocess.run([PROGRAM, *arguments, "--config", w.directory / "writ.yaml"], cwd=w.directory,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def of_kind(w, kind):
    return [(i, e) for i, e in enumerate(w.entries()) if e["kind"] == kind]


def states(w):
    return {f["what"]: f for f in json.loads(run(w, "findings", "list", "--json").stdout)}


def record(w, text, name="names", status=FOUND):
    (w.directory / "logs").mkdir(exist_ok=True)
    (w.directory / "logs" / name).write_text(text)
    return run(w, "audit", "--record", f"logs/{name}", status=status)


def verified(w):
    done = w.verify()
    return done.returncode == 0 and json.loads(done.stdout)


@pytest.mark.parametrize("is_running", [True, False], ids=["instance", "alone"])
def test_a_run_and_its_findings_are_entries(agency, is_running):
    if not is_running:
        assert agency.stop() == 0
    before = len(agency.entries())
    done = record(agency, f"www.example.org\n{BLOCKED}\napi.deepseek.com\n")
    assert "2 findings, 2 of them new, 0 known; 0 gone" in done.stderr
    run_entry, first, second = [e for e in agency.entries()[before:] if e["kind"] in ("audit", "finding")]
    assert run_entry["kind"] == "audit" and not run_entry["data"]["is_nil"]
    assert run_entry["data"]["sources"][0]["name"] == str(agency.directory / "logs/names")
    assert len(run_entry["data"]["sources"][0]["sha256"]) == 64
    assert {first["data"]["what"], second["data"]["what"]} == {BLOCKED, "api.deepseek.com"}
    for entry in first, second:
        assert entry["data"]["state"] == "open" and entry["data"]["run"] == run_entry["data"]["run"]
    assert "example.org" not in json.dumps(agency.entries()[before:])
    assert {f["state"] for f in states(agency).values()} == {"open"}
    if not is_running:
        agency.start() # what was written beside it is its own log
    assert len(states(agency)) == 2
    agency.ask("checkpoint")
    assert verified(agency)
    assert not list((agency.directory / "evidence").glob("incoming-*"))


def test_what_cannot_be_recorded_is_said_before_anything_is_read():
    w = writ.Writ() # it never ran, and has no log
    source, feed = os.pipe()
    try:
        done = subprocess.run([PROGRAM, "audit", "--record", "-", "--config", w.directory / "writ.yaml"], stdin=source,
                              capture_output=True, text=True, timeout=60)
    finally:
        os.close(source)
        os.close(feed)
        w.close()
    assert done.returncode == USAGE and "makes it at its first start" in done.stderr and not done.stdout


def test_a_nil_result_is_an_entry_too(agency):
    record(agency, "www.example.org\n", status=OK)
    (_, entry), = of_kind(agency, "audit")
    assert entry["data"]["is_nil"] and entry["data"]["is_complete"]
    assert entry["data"]["sources"][0]["items"] == 1 and "example.org" not in json.dumps(entry)


def test_what_is_found_again_is_the_same_finding_and_what_is_not_is_gone(agency):
    record(agency, f"{BLOCKED}\napi.deepseek.com\n")
    ids = {what: f["finding"] for what, f in states(agency).items()}
    done = record(agency, f"{BLOCKED}\n")
    assert "1 finding, 0 of them new, 1 known; 1 gone" in done.stderr
    told = states(agency)
    assert {what: f["finding"] for what, f in told.items()} == ids
    assert told[BLOCKED]["state"] == "open" and told["api.deepseek.com"]["state"] == "gone"
    # and open again when it comes back
    record(agency, "api.deepseek.com\n", name="third")
    assert states(agency)["api.deepseek.com"]["state"] == "open"


def test_another_source_or_an_unread_line_proves_nothing_gone(agency):
    record(agency, f"{BLOCKED}\n")
    (agency.directory / "elsewhere").write_text("www.example.org\n")
    run(agency, "audit", "--record", "elsewhere")
    record(agency, "www.example.org\n", name="later", status=OK)
    record(agency, "www.example.org\n..\n", status=OK)
    assert states(agency)[BLOCKED]["state"] == "open"


def test_names_of_files_give_a_terminal_no_orders(agency):
    folder = agency.directory / "machine/home/anna"
    folder.mkdir(parents=True)
    name = "a\x1b[31m\x9b2J\u202e\u2067\u2028\nb.env"
    (folder / name).write_text("DEEPSEEK_API_KEY=x\n")
    (folder / f"{name}.log").write_text(f"{BLOCKED}\n")
    shown = run(agency, "scan", "--record", "machine", status=FOUND).stdout
    finding, = states(agency).values()
    shown += run(agency, "findings", "show", finding["finding"]).stdout + run(agency, "findings", "list").stdout
    shown += run(agency, "audit", "--record", "machine/home/anna", status=FOUND).stdout
    run(agency, "findings", "remove", finding["finding"], "--reason", "one\ntwo\x1b[31m")
    shown += run(agency, "findings", "show", finding["finding"]).stdout
    assert "a?[31m??2J??????????b.env" in shown and "one?two?[31m" in shown
    assert not set(shown) & {"\x1b", "\x9b", "\u202e", "\u2067", "\u2028"}


def test_a_file_of_the_same_name_elsewhere_proves_nothing_gone(agency):
    """Names are given from where the command is run; and what comes from a pipe has none."""
    squid = "{}.123    200 10.0.0.5 TCP_TUNNEL/200 4000 CONNECT {}:443 - HIER_DIRECT/192.0.2.1 -\n"
    for folder, name, at in ("a", BLOCKED, 1700000000), ("b", "www.example.org", 1800000000):
        (agency.directory / folder).mkdir()
        log = agency.directory / folder / "access.log"
        log.write_text(squid.format(at, name))
        for source, given in ("access.log", None), ("-", log.open()):
            subprocess.run([PROGRAM, "audit", "--config", agency.directory / "writ.yaml", "--record", source],
                           cwd=log.parent, stdin=given, capture_output=True, timeout=120)
    assert len(of_kind(agency, "audit")) == 4
    assert states(agency)[BLOCKED]["state"] == "open"
    (agency.directory / "a/access.log.1").write_text(squid.format(1800000001, "www.example.org"))
    run(agency, "audit", "--record", "./b/../a/access.log.1")
    assert states(agency)[BLOCKED]["state"] == "open"  # the last that has it came from a pipe


def test_people_decide_with_a_reason_and_it_is_an_entry(agency):
    record(agency, f"{BLOCKED}\n")
    finding = states(agency)[BLOCKED]["finding"]
    for reason in (), ("--reason", ""), ("--reason", " \t\n"):
        done = run(agency, "findings", "remove", finding, *reason, status=USAGE)
        assert "--reason" in done.stderr
    run(agency, "findings", "assign", finding[:8], "helpdesk", "--reason", "It is their machine.")
    told = states(agency)[BLOCKED]
    assert told["assignee"] == "helpdesk" and told["state"] == "open"
    run(agency, "findings", "remove", finding, "--reason", "Uninstalled.")
    told = states(agency)[BLOCKED]
    assert told["state"] == "removed" and told["reason"] == "Uninstalled." and told["assignee"] == "helpdesk"
    _, last = of_kind(agency, "finding")[-1]
    assert last["data"]["actor"] and last["data"]["reason"] == "Uninstalled."
    shown = run(agency, "findings", "show", finding).stdout
    assert "It is their machine." in shown and "is removed" in shown
    done = run(agency, "findings", "show", "nonsense", status=USAGE)
    done = run(agency, "findings", "list", "--state", "opne", status=USAGE)
    assert "expected open" in done.stderr
    with open("/dev/full", "w") as full:
        for words in ("list",), ("show", finding):
            done = subprocess.run([PROGRAM, "findings", *words, "--config", agency.directory / "writ.yaml"], stdout=full,
                                  stderr=subprocess.PIPE, text=True)
            assert done.returncode == 8 and "could not be written" in done.stderr
    agency.ask("checkpoint")
    assert verified(agency)


def test_use_is_accepted_only_under_an_exemption_of_the_organisation(agency):
    record(agency, f"{BLOCKED}\n")
    finding = states(agency)[BLOCKED]["finding"]
    done = run(agency, "findings", "accept", finding, "--reason", "r", status=USAGE)
    assert "--exemption" in done.stderr
    done = run(agency, "findings", "accept", finding, "--exemption", "none", "--reason", "r", status=USAGE)
    assert "no exemption of that id" in done.stderr
    agency.organisation["exemptions"].append({**exemption("laboratory"), "id": "ex-2", "not_after": "2026-03-01"})
    agency.write()
    done = run(agency, "findings", "accept", finding, "--exemption", "ex-2", "--reason", "r", status=USAGE)
    assert "that exemption has ended" in done.stderr
    agency.organisation["exemptions"].append({**exemption("laboratory"), "id": "ex-3", "facets": ["api"]})
    agency.write()
    done = run(agency, "findings", "accept", finding, "--exemption", "ex-3", "--reason", "r", status=USAGE)
    assert "other facets" in done.stderr
    assert states(agency)[BLOCKED]["state"] == "open"
    run(agency, "findings", "accept", finding, "--exemption", "ex-1", "--reason", "It is the laboratory's.")
    told = states(agency)[BLOCKED]
    assert told["state"] == "accepted" and told["exemption"] == "ex-1"
    # and stays so when it is found again
    record(agency, f"{BLOCKED}\n", name="later")
    assert states(agency)[BLOCKED]["state"] == "accepted"


def test_a_finding_is_closed_by_a_later_run_that_did_not_find_it(agency):
    record(agency, f"{BLOCKED}\n")
    finding = states(agency)[BLOCKED]["finding"]
    own = of_kind(agency, "audit")[0][1]["data"]["run"]
    done = run(agency, "findings", "close", finding, "--run", own, "--reason", "r", status=USAGE)
    assert "that run found it" in done.stderr
    (agency.directory / "elsewhere").write_text("www.example.org\n")
    run(agency, "audit", "--record", "elsewhere")
    later = of_kind(agency, "audit")[-1][1]["data"]["run"]
    # what people say meanwhile finds nothing
    run(agency, "findings", "assign", finding, "helpdesk", "--reason", "r")
    run(agency, "findings", "close", finding, "--run", later, "--reason", "The machine is gone.")
    assert states(agency)[BLOCKED]["state"] == "gone"
    # a run before the last that found it proves nothing, whatever people said since
    record(agency, f"{BLOCKED}\n")
    run(agency, "findings", "remove", finding, "--reason", "r")
    done = run(agency, "findings", "close", finding, "--run", later, "--reason", "r", status=USAGE)
    assert "a later run than that found it" in done.stderr


def test_a_run_is_found_however_many_came_later(agency):
    """One query of the index gives 10000 entries."""
    record(agency, f"{BLOCKED}\n")
    finding = states(agency)[BLOCKED]["finding"]
    (agency.directory / "elsewhere").write_text("www.example.org\n")
    run(agency, "audit", "--record", "elsewhere")
    later = of_kind(agency, "audit")[-1][1]["data"]["run"]
    (agency.directory / "evidence/incoming-more").write_text("".join(
        f'audit {{"is_complete":true,"is_nil":true,"method":"test","run":"{i:016x}"}}\n' for i in range(10001)))
    assert agency.ask("submit", file="more")["entries"] == 10001
    run(agency, "findings", "close", finding, "--run", later, "--reason", "The machine is gone.")
    assert states(agency)[BLOCKED]["state"] == "gone"


def test_states_follow_from_the_log_alone(agency):
    record(agency, f"{BLOCKED}\napi.deepseek.com\n")
    run(agency, "findings", "remove", states(agency)[BLOCKED]["finding"], "--reason", "Done.")
    before = states(agency)
    assert agency.stop() == 0
    for file in (agency.directory / "evidence").glob("index*"):
        file.unlink()
    agency.start()
    assert states(agency) == before


def test_only_audits_and_findings_are_taken(agency):
    folder = agency.directory / "evidence"
    for number, line in enumerate([
            'heartbeat {"interval_s":1,"source":"x"}', 'finding {"finding":"a","state":"open","subject":"10.0.0.1"}',
            'finding {"state":"open"}', 'finding {"state":"open","finding":"a"}', "finding", "nothing", "",
            'finding {"finding":"a","state":"open"},"kind":"stop","x":{"a":1']):
        (folder / f"incoming-t{number}").write_text(line + "\n")
        before = len(agency.entries())
        answer = agency.ask("submit", file=f"t{number}")
        assert answer["refused"] and answer["entries"] == 0, (line, answer)
        assert not [e for e in agency.entries()[before:] if e["kind"] not in ("heartbeat", "event")]
