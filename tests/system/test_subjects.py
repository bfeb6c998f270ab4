"""Pseudonyms of people, and the end of them: keys of months are erased, and the evidence holds."""
import datetime
import hashlib
import hmac
import json
import os
import subprocess

import pytest

import writ
from test_daemon import assert_kept, assert_verifies, kinds
from writ import BLOCKED, FOUND, OK, PROGRAM, USAGE, wait_for

CLIENT = "127.0.0.1"
REASON = "retention of one year is over"
NOT_SANITIZED = pytest.mark.skipif(writ.is_sanitized(), reason="nothing may be loaded before the sanitizer")


def run(w, *words, status=OK, **options):
    done = subprocess.run([PROGRAM, *words, "--config", w.directory / "writ.yaml"], capture_output=True, text=True,
                          timeout=120, **options)
    assert status is None or done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done


def erase(w, month, *words, **options):
    return run(w, "subjects", "erase", month, "--reason", REASON, *words, **options)


def months(w):
    return {m["month"]: m for m in json.loads(run(w, "subjects", "list", "--json").stdout)}


def key_file(w, month):
    return w.directory / "evidence/subjects" / month


def pseudonym(key):
    """Who holds the key of a month can tell whether an address is behind a pseudonym of it."""
    return hmac.new(key, CLIENT.encode(), hashlib.sha256).hexdigest()[:32]


def subjects(w):
    return [e.get("subject") for e in kinds(w.entries(), "event")]


def holds_key(w, key):
    """Files of the evidence in which the key still is."""
    return [p for p in (w.directory / "evidence").rglob("*") if p.is_file() and key in p.read_bytes()]


def built(directory, name):
    library = directory / f"{name}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, writ.ROOT / f"tests/system/{name}.c", "-ldl"], check=True)
    return str(library)


@pytest.fixture
def past(installation):
    """An installation that blocked a client some months ago; it does not run. `month` is that month."""
    behind = 70 * 86400
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=behind)
    installation.month = then.strftime("%Y-%m")
    installation.behind = {**os.environ, "LD_PRELOAD": built(installation.directory, "clock_behind"),
                           "CLOCK_BEHIND_S": str(behind)}
    installation.start(env=installation.behind)
    record(installation)
    assert installation.stop() == OK
    installation.month_key = key_file(installation, installation.month).read_bytes()
    assert len(installation.month_key) == 32
    return installation


def record(w, name=BLOCKED):
    """A block that is in the log when this returns."""
    before = len(subjects(w)) if w.log.exists() else 0
    assert w.blocks(name)
    wait_for("the event", lambda: len(subjects(w)) > before, 30)


@pytest.mark.smoke
@NOT_SANITIZED
@pytest.mark.parametrize("is_running", [True, False], ids=["instance", "alone"])
def test_who_was_known_by_an_erased_key_is_known_no_more(past, is_running):
    who = pseudonym(past.month_key)
    assert subjects(past) == [who]  # revealed, to the holder of the key
    if is_running:
        past.start()
        record(past)
    before = past.entries()
    done = erase(past, past.month, "--yes")
    assert done.stdout.startswith(f"the key of {past.month} is erased: nobody can link its pseudonyms to people any more")
    assert key_file(past, past.month).read_bytes() == b"" and not holds_key(past, past.month_key)
    assert subjects(past)[0] == who  # the log is as it was
    after = past.entries()
    assert_kept(before, after)
    entry, = kinds(after, "erase")
    assert (entry["period"], entry["reason"], entry["actor"]) == (past.month, REASON, "root" if os.geteuid() == 0 else entry["actor"])
    told = months(past)[past.month]
    assert told["key"] == "erased" and told["reason"] == REASON
    assert after[told["entry"]] == {"data": entry, "kind": "erase", "time": told["erased"]}
    assert not list((past.directory / "evidence").glob("incoming-*")) and not key_file(past, "erasing").exists()
    if is_running:  # this month's is in use as before
        record(past, "api.deepseek.com")
        assert len(set(subjects(past))) == 2 and None not in subjects(past)
        assert past.stop() == OK
    assert_verifies(past)


@pytest.mark.smoke
@NOT_SANITIZED
def test_an_erased_key_is_not_made_again_for_what_comes_late(past):
    erase(past, past.month, "--yes")
    past.start(env=past.behind)  # the clock of the gates is in that month again
    record(past)
    assert subjects(past)[1] is None and key_file(past, past.month).read_bytes() == b""
    assert past.stop() == OK
    assert_verifies(past)


def plant(w, month, key=None):
    """A key of a month in which nothing happened."""
    folder = w.directory / "evidence/subjects"
    file = folder / month
    file.write_bytes(key or os.urandom(32))
    owner = folder.stat()
    os.chown(file, owner.st_uid, owner.st_gid)
    file.chmod(0o600)
    return file


@pytest.fixture
def used(installation):
    """An installation with a log, that does not run."""
    installation.start()
    assert installation.stop() == OK
    return installation


def this_month():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")


@pytest.mark.parametrize("words, said", [
    (("2025-13", "--reason", "x", "--yes"), "not a month, expected it as 2026-01"),
    (("../2025", "--reason", "x", "--yes"), "not a month"), (("2025-1", "--reason", "x", "--yes"), "not a month"),
    (("2025-01", "--yes"), "it needs --reason"), (("2025-01", "--reason", "", "--yes"), "it needs --reason"),
    (("2025-01", "--reason", "x"), "nothing brings the key back: it needs --yes"),
    (("2999-01", "--reason", "x", "--yes"), "this month is not over"),
    (("2025-02", "--reason", "x", "--yes"), "has no key of 2025-02")])
@pytest.mark.parametrize("is_running", [True, False], ids=["instance", "alone"])
def test_what_is_not_to_be_erased_is_said_and_stays(used, words, said, is_running):
    key = plant(used, "2025-01").read_bytes()
    if is_running:
        used.start()
    before = kinds(used.entries(), "erase")
    assert said in run(used, "subjects", "erase", *words, status=USAGE).stderr
    assert "this month is not over" in erase(used, this_month(), "--yes", status=USAGE).stderr
    assert key_file(used, "2025-01").read_bytes() == key and kinds(used.entries(), "erase") == before == []


def test_what_is_erased_is_erased_once_and_a_key_that_is_back_once_more(used):
    key = plant(used, "2025-01").read_bytes()
    plant(used, "2025-03")
    erase(used, "2025-01", "--yes")
    again = erase(used, "2025-01", "--yes")
    assert "the key of 2025-01 was erased already: entry " in again.stdout and REASON in again.stdout
    assert len(kinds(used.entries(), "erase")) == 1
    plant(used, "2025-01", key)  # as from a backup
    assert months(used)["2025-01"]["key"] == months(used)["2025-03"]["key"] == "present"
    table = run(used, "subjects", "list").stdout.splitlines()
    assert table[0].split() == ["MONTH", "KEY", "FINDINGS", "ERASED", "BY", "REASON"]
    assert table[1].startswith("2025-01") and "present" in table[1] and REASON in table[1]
    used.start()
    erase(used, "2025-01", "--yes")
    first, second = kinds(used.entries(), "erase")
    assert first["period"] == second["period"] == "2025-01" and first["id"] != second["id"]
    assert months(used)["2025-01"]["key"] == "erased" and months(used)["2025-03"]["key"] == "present"
    key_file(used, "2025-01").unlink()
    assert months(used)["2025-01"]["key"] == "missing"
    assert "was erased already" in erase(used, "2025-01", "--yes").stdout


def test_a_key_that_was_emptied_by_hand_or_is_none_gets_its_entry(used):
    plant(used, "2025-01").write_bytes(b"")
    plant(used, "2025-02").write_bytes(b"half a key")
    assert {m: r["key"] for m, r in months(used).items() if m < "2026"} == {"2025-01": "erased", "2025-02": "damaged"}
    for month in ("2025-01", "2025-02"):
        assert "erased" not in months(used)[month]
        erase(used, month, "--yes")
        assert months(used)[month]["key"] == "erased" and months(used)[month]["reason"] == REASON
    assert_verifies(used)


# findings

SQUID = "{}.123    200 {} TCP_TUNNEL/200 4000 CONNECT {}:443 - HIER_DIRECT/192.0.2.1 -\n"


def audit(w, name, text, **options):
    (w.directory / name).write_text(text)
    return run(w, "audit", "--record", w.directory / name, status=FOUND, **options).stderr


def findings(w):
    return json.loads(run(w, "findings", "list", "--json").stdout)


@pytest.fixture
def found(used):
    """Findings of some months ago: `seen` names a client, `listed` nobody."""
    behind = 70 * 86400
    used.month = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=behind)).strftime("%Y-%m")
    environment = {**os.environ, "LD_PRELOAD": built(used.directory, "clock_behind"), "CLOCK_BEHIND_S": str(behind)}
    audit(used, "access.log", SQUID.format(1700000000, CLIENT, BLOCKED), env=environment)
    audit(used, "names", "api.deepseek.com\n", env=environment)
    used.seen, used.listed = (f["finding"] for f in findings(used))
    return used


@pytest.mark.smoke
@NOT_SANITIZED
@pytest.mark.parametrize("is_running", [True, False], ids=["instance", "alone"])
def test_a_finding_whose_key_is_erased_is_forgotten_and_what_names_nobody_stays(found, is_running):
    assert [(f["state"], f["period"], bool(f["subject"])) for f in findings(found)] == [
        ("open", found.month, True), ("open", found.month, False)]
    if is_running:
        found.start()
    assert "2025-01" not in months(found) and months(found)[found.month]["findings"] == 1
    assert "1 finding is forgotten: what is still there is found anew" in erase(found, found.month, "--yes").stdout
    seen, listed = findings(found)
    entry = months(found)[found.month]["entry"]
    assert (seen["state"], seen["reason"], seen["entry"]) == ("forgotten", REASON, entry) and listed["state"] == "open"
    shown = run(found, "findings", "show", found.seen).stdout
    assert f"{found.seen} is forgotten" in shown and f"by the key of {found.month}" in shown
    assert f"entry {entry}  forgotten  by root  {REASON}" in shown or os.geteuid() != 0
    shown = json.loads(run(found, "findings", "show", found.seen, "--json").stdout)["entries"]
    assert [e["kind"] for e in shown] == ["finding", "erase"]
    assert [f["finding"] for f in json.loads(run(found, "findings", "list", "--state", "forgotten", "--json").stdout)] == [
        found.seen]
    for words in (("assign", found.seen, "helpdesk"), ("remove", found.seen), ("accept", found.seen, "--exemption", "x"),
                  ("close", found.seen, "--run", "1")):
        assert "it is forgotten" in run(found, "findings", *words, "--reason", "r", status=USAGE).stderr
    # the one is found anew, the other is the same
    assert "1 finding, 1 of them new, 0 known; 0 gone" in audit(
        found, "access.log.1", SQUID.format(1700001000, CLIENT, BLOCKED))
    assert "1 finding, 0 of them new, 1 known; 0 gone" in audit(found, "names", "api.deepseek.com\n")
    assert [(f["finding"] in (found.seen, found.listed), f["state"]) for f in findings(found)] == [
        (True, "forgotten"), (True, "open"), (False, "open")]
    (found.directory / "names").write_text("www.example.org\n")
    assert "0 of them new, 0 known; 1 gone" in run(found, "audit", "--record", found.directory / "names").stderr
    assert [f["state"] for f in findings(found)] == ["forgotten", "gone", "open"]
    if is_running:
        assert found.stop() == OK
    assert_verifies(found)


@pytest.mark.smoke
@NOT_SANITIZED
@pytest.mark.parametrize("is_running", [True, False], ids=["instance", "alone"])
def test_a_key_that_went_by_hand_does_not_keep_its_findings_open(found, is_running):
    key_file(found, found.month).unlink()
    if is_running:
        found.start()
    told = months(found)[found.month]
    assert told["key"] == "missing" and "erased" not in told
    assert "1 finding is forgotten" in erase(found, found.month, "--yes").stdout
    assert [f["state"] for f in findings(found)] == ["forgotten", "open"]
    assert key_file(found, found.month).read_bytes() == b"" and months(found)[found.month]["key"] == "erased"
    assert "erased already" in erase(found, found.month, "--yes").stdout


@pytest.mark.smoke
@NOT_SANITIZED
@pytest.mark.parametrize("is_running", [True, False], ids=["instance", "alone"])
def test_what_was_recorded_while_the_key_went_is_forgotten_the_next_time(found, is_running):
    key = key_file(found, found.month).read_bytes()
    erase(found, found.month, "--yes")
    assert "was erased already" in erase(found, found.month, "--yes").stdout
    # a run that had read the key before is recorded behind the erasure
    key_file(found, found.month).write_bytes(key)
    assert "1 known" in audit(found, "access.log.1", SQUID.format(1700001000, CLIENT, BLOCKED))
    key_file(found, found.month).write_bytes(b"")
    assert [f["state"] for f in findings(found)] == ["open", "open"]
    if is_running:
        found.start()
    assert "1 finding is forgotten" in erase(found, found.month, "--yes").stdout
    assert [f["state"] for f in findings(found)] == ["forgotten", "open"]
    assert "was erased already" in erase(found, found.month, "--yes").stdout


# kill -9


def attempt(used, month, library, number, whole, **options):
    """An erasure that is killed before its n-th call that changes a disk. Returns whether it came to that."""
    at = used.directory / "evidence/kill-at"
    at.write_bytes(b"x" * number)
    at.chmod(0o666)
    environment = {**os.environ, "LD_PRELOAD": library, "KILL_AT": str(at), "KILL_WHILE": str(whole)}
    erase(used, month, "--yes", status=None, env=environment, **options)
    was_killed = not at.exists()
    at.unlink(missing_ok=True)
    return was_killed


def of_month(w, month):
    return [e for e in kinds(w.entries(), "erase") if e["period"] == month]


def assert_done_once(w, month, key):
    assert len(of_month(w, month)) == 1
    assert key_file(w, month).read_bytes() == b"" and not holds_key(w, key)


@pytest.mark.smoke
@NOT_SANITIZED
def test_a_command_that_is_killed_anywhere_leaves_neither_half(used):
    library, number, was_killed = built(used.directory, "kill_at"), 0, True
    while was_killed:
        number += 1
        assert number < 100
        month = f"{1970 + number}-01"
        key = plant(used, month).read_bytes()
        was_killed = attempt(used, month, library, number, used.directory / "evidence")
        # what the log says is so already, whatever is left to do
        if of_month(used, month):
            assert key_file(used, month).read_bytes() == b"" and not holds_key(used, key)
        else:
            assert key_file(used, month).read_bytes() in (key, bytes(32), b"")
        erase(used, month, "--yes")
        assert_done_once(used, month, key)
    assert number > 10 and not key_file(used, "erasing").exists()
    assert_verifies(used)


@pytest.mark.smoke
@NOT_SANITIZED
def test_a_recorder_that_is_killed_anywhere_ends_it_when_it_is_started_again(used):
    library, number, was_killed = built(used.directory, "kill_at"), 0, True
    at, erasing = used.directory / "evidence/kill-at", key_file(used, "erasing")
    while was_killed:
        number += 1
        assert number < 40
        month = f"{1970 + number}-01"
        key = plant(used, month).read_bytes()
        # each time anew: one that has died before is not started again at once
        used.start(env={**os.environ, "LD_PRELOAD": library, "KILL_AT": str(at), "KILL_WHILE": str(erasing)})
        recorder = used.role("record")["pid"]
        at.write_bytes(b"x" * number)
        done = erase(used, month, "--yes", status=None)
        was_killed = not at.exists()
        assert (done.returncode != OK) == was_killed, done.stderr
        if was_killed:
            wait_for("another recorder", lambda: used.role("record")["pid"] not in (0, -1, recorder), 60)
            wait_for("the instance", used.is_ready, 60)
            erase(used, month, "--yes")
        assert len(of_month(used, month)) == 1 and not erasing.exists()
        assert key_file(used, month).read_bytes() == b"" and not holds_key(used, key)
        assert used.stop() == OK
    assert number > 4
    assert_verifies(used)
