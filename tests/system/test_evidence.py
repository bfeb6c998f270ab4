"""What is written down, what is not, and whether a stranger can trust it."""
import collections
import contextlib
import datetime
import json
import random
import shutil
import sqlite3
import subprocess
import time

import pytest

import writ
from network import CLIENT, CLIENT6, FINANCE, LABORATORY
from writ import INTERNAL, ORDER, split_entries, wait_for

ADDRESSES = CLIENT, FINANCE, LABORATORY, CLIENT6


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def total(events):
    return sum(e["count"] for _, e in events)


# events


@pytest.mark.parametrize("name, kind, source, expected", [
    ("chat.deepseek.com", "A", FINANCE,
     {"order": ORDER, "obligation": "1", "product": "deepseek", "facet": "web", "unit": "finance", "verdict": "block",
      "reason": "prohibited", "gate": "dns", "transport": "udp", "type": "A"}),
    ("api.deepseek.com", "AAAA", CLIENT,
     {"order": ORDER, "product": "deepseek", "facet": "api", "verdict": "block", "type": "AAAA"}),
    ("platform.deepseek.com", "HTTPS", CLIENT6,
     {"order": ORDER, "product": "deepseek", "facet": "platform", "verdict": "block", "type": "HTTPS"}),
    ("a.voluntary.example", "TXT", FINANCE,
     {"order": "test-voluntary", "product": "sample-voluntary", "facet": "web", "verdict": "block", "unit": "finance"}),
    ("status.deepseek.com", "A", FINANCE,
     {"order": ORDER, "product": "deepseek", "facet": "platform", "verdict": "observe", "reason": "supporting"}),
    ("observed.example", "A", FINANCE,
     {"order": "test-observed", "product": "sample-observed", "facet": "web", "verdict": "observe",
      "reason": "observe-mode", "unit": "finance"}),
    ("alias.unlisted.example", "A", FINANCE, {"order": ORDER, "product": "deepseek", "verdict": "block"}),
    ("bad.rpz.example", "A", CLIENT, {"order": "own-list-rpz", "product": "list-rpz", "verdict": "block"}),
])
def test_an_event_says_order_facet_name_and_unit(agency, name, kind, source, expected):
    agency.query(name, kind, source=source)
    _, event = agency.recorded("--name", name)[-1]
    assert expected.items() <= event.items() and event["name"] == name
    assert ("unit" in event) == (source == FINANCE)
    assert event["first"] <= event["last"] <= now()


def test_what_an_exemption_permits_is_allowed_traffic(agency):
    agency.query("hif-dliq.deepseek.com", source=LABORATORY)
    agency.query("hif-dliq.deepseek.com", source=FINANCE)
    found = agency.recorded("--name", "hif-dliq.deepseek.com")
    assert total(found) == 1 and found[0][1]["unit"] == "finance"


def test_allowed_traffic_leaves_no_trace(agency):
    names = "www.unlisted.example", "mail.unlisted.example", "notdeepseek.com", "none.unlisted.example"
    for name in names:
        for tcp in (False, True):
            agency.query(name, tcp=tcp)
    agency.query("static.deepseek.com")
    agency.recorded("--name", "static.deepseek.com")
    agency.ask("checkpoint")
    for path, data in files(agency.directory / "evidence"):
        for name in names:
            assert name.encode() not in data, path


def files(directory):
    return [(p, p.read_bytes()) for p in sorted(directory.rglob("*")) if p.is_file()]


def test_no_client_address_is_written_down(agency):
    for source in ADDRESSES:
        agency.query("cdn.deepseek.com", source=source)
    agency.recorded("--name", "cdn.deepseek.com", count=3)
    agency.ask("checkpoint")
    found = files(agency.directory / "evidence")
    assert any(b"cdn.deepseek.com" in data for _, data in found)
    for path, data in found:
        for address in ADDRESSES:
            assert address.encode() not in data, path
        assert bytes.fromhex("fd530000000000000000000000000010") not in data, path
    assert not any(address in agency.stderr() for address in ADDRESSES)


def test_a_client_has_one_pseudonym_and_another_client_another(agency):
    for source in (CLIENT, FINANCE, CLIENT6):
        for name in ("gitlab.deepseek.com", "dev.deepseek.com"):
            agency.query(name, source=source)
    agency.recorded("--name", "gitlab.deepseek.com", count=3)
    agency.recorded("--name", "dev.deepseek.com", count=3)
    pseudonyms = [sorted(e["subject"] for _, e in agency.events("--name", name))
                  for name in ("gitlab.deepseek.com", "dev.deepseek.com")]
    assert pseudonyms[0] == pseudonyms[1] and len(set(pseudonyms[0])) == 3
    for subject in pseudonyms[0]:
        assert {e["name"] for _, e in agency.events("--subject", subject)} >= {"gitlab.deepseek.com",
                                                                                "dev.deepseek.com"}


def test_many_alike_events_are_few_entries_and_none_is_lost(agency):
    began = time.monotonic()
    for i in range(300):
        agency.query("download.deepseek.com", source=FINANCE, tcp=i % 2 == 1)
    seconds = time.monotonic() - began
    found = agency.recorded("--name", "download.deepseek.com", count=300)
    assert total(found) == 300
    # of each transport in each second the first at once, and the others as one
    assert len(found) <= 4 * (seconds + 2) and collections.Counter(e["transport"] for _, e in found).keys() == {"udp", "tcp"}


def test_filters_take_what_they_say(agency):
    begin = now()
    time.sleep(0.01)
    for source in (FINANCE, CLIENT):
        for name in ("www.deepseek.com", "api.deepseek.com", "observed.example", "bad.hosts.example"):
            agency.query(name, source=source)
    wait_for("all", lambda: total(agency.events("--since", begin)) == 8)
    time.sleep(0.01)
    end = now()

    def names(*filters):
        return sorted(e["name"] for _, e in agency.events("--since", begin, *filters))
    assert names() == sorted(2 * ["www.deepseek.com", "api.deepseek.com", "observed.example", "bad.hosts.example"])
    assert names("--order", ORDER) == sorted(2 * ["api.deepseek.com", "www.deepseek.com"])
    assert names("--facet", "api") == 2 * ["api.deepseek.com"]
    assert names("--unit", "finance", "--product", "deepseek") == ["api.deepseek.com", "www.deepseek.com"]
    assert names("--verdict", "observe", "--unit", "finance") == ["observed.example"]
    assert names("--verdict", "block", "--order", "own-list-hosts") == 2 * ["bad.hosts.example"]
    assert names("--name", "deepseek.com", "--unit", "finance") == ["api.deepseek.com", "www.deepseek.com"]
    assert names("--name", "seek.com") == [] and names("--unit", "laboratory") == []
    assert names("--until", begin) == [] and len(names("--until", end)) == 8
    assert agency.events("--since", end) == []
    assert len(agency.events("--since", begin, "--limit", "3")) == 3
    numbers = [n for n, _ in agency.events("--since", begin)]
    assert numbers == sorted(numbers)
    table = agency.command("events", "--since", begin, "--facet", "api")
    assert table.count("api.deepseek.com A") == 2 and "VERDICT" in table
    event = agency.events("--since", begin, "--facet", "api", "--unit", "finance")[0][1]
    assert names("--reference", event["reference"].lower()) == ["api.deepseek.com"]
    assert agency.command("why", event["reference"].lower()) == agency.command("why", event["reference"])
    assert len(names("--subject", event["subject"][:8])) == 4 == len(names("--subject", event["subject"]))
    assert names("--subject", event["subject"][:7] + "g") == []
    assert len(names("--name", "API.DeepSeek.com.")) == 2
    for wrong in (("--kind", "dance"), ("--limit", "0"), ("--since", "yesterday"), ("--verdict", "blocked"),
                  ("--gate", "door")):
        agency.command("events", *wrong, status=writ.USAGE)


def test_events_are_found_again_when_the_index_is_lost(agency):
    agency.query("oauth2callback.deepseek.com")
    before = agency.recorded("--name", "oauth2callback.deepseek.com")
    agency.stop()
    index = list((agency.directory / "evidence").glob("index.sqlite*"))
    assert index
    for path in index:
        path.unlink()
    agency.start()
    assert agency.events("--name", "oauth2callback.deepseek.com") == before


def test_why_leads_from_the_clause_to_the_entry_and_back(agency):
    agency.query("applink.deepseek.com", source=FINANCE)
    number, event = agency.recorded("--name", "applink.deepseek.com")[-1]
    text = agency.command("why", str(number))
    for words in (ORDER, "Executive Yuan", "prevent-use", "Do not use the DeepSeek AI service", "https://ithome.com.tw",
                  "deepseek", "applink.deepseek.com", "unit finance", event["subject"], f"entry       {number}"):
        assert words in text, words
    answer = json.loads(agency.command("why", "--json", str(number)))
    assert answer["order"] == ORDER and answer["obligation"] == 1 and answer["entry"] == number
    assert answer["value"]["data"] == event and answer["identifier"] == event["identifier"]
    assert answer["source"].startswith("https://")
    assert "is no event" in agency.command("why", "0")
    answer = json.loads(agency.command("why", "--json", "0"))
    assert answer["entry"] == 0 and answer["value"] == agency.entries()[0] and "order" not in answer
    agency.command("why", "99999999", status=writ.USAGE)


def test_who_follows_is_told_why_it_ends(gate):
    with subprocess.Popen([writ.PROGRAM, "events", "--follow", "--json", "--kind", "all", "--config", gate.directory / "writ.yaml"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as follower:
        assert json.loads(follower.stdout.readline())["entry"] == 0
        assert gate.stop() == 0
        with contextlib.closing(sqlite3.connect(gate.directory / "evidence/index.sqlite")) as index:
            index.execute("DROP TABLE entries")
            index.commit()
        _, said = follower.communicate(timeout=60)
    assert follower.returncode == INTERNAL and "the index cannot be asked: no such table" in said


def test_heartbeats_say_that_recording_works(agency):
    begin = now()
    began = time.monotonic()
    def beats():
        lines = agency.command("events", "--kind", "heartbeat", "--json", "--since", begin).splitlines()
        return lines if len(lines) >= 4 else None
    lines = wait_for("four heartbeats", beats)
    assert len(lines) <= time.monotonic() - began + 2  # one a second, and the first may have come late
    assert all(json.loads(line)["value"]["kind"] == "heartbeat" for line in lines)


# proofs


def verify_proof(agency, proof, entry, key=None, *more):
    return subprocess.run([writ.VERIFIER, "--proof", proof, "--entry", entry, "--key", key or agency.key, *more],
                          capture_output=True, text=True).returncode


def test_every_event_can_be_proved_with_the_public_key_alone(agency, tmp_path):
    for i in range(20):
        agency.query(f"p{i}.deepseek.com")
    agency.recorded("--name", "p19.deepseek.com")
    checkpoint = agency.command("log", "checkpoint").splitlines()
    origin, size = checkpoint[0], int(checkpoint[1])
    assert origin == agency.key.split("+")[0]
    numbers = [n for n, _ in agency.events()]
    assert size > max(numbers)
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    for number in numbers + [0, size - 1]:
        agency.command("log", "prove", str(number), "--output", str(proof), "--entry", str(entry))
        assert verify_proof(agency, proof, entry) == 0
        json.loads(entry.read_bytes())
    assert verify_proof(agency, proof, entry, None, "--origin", origin) == 0
    assert verify_proof(agency, proof, entry, None, "--origin", "another") == 1
    agency.command("log", "prove", "99999999", status=writ.USAGE)


def test_a_checkpoint_covers_what_was_answered_before_it(agency):
    for i in range(30):
        name = f"before{i}.deepseek.com"
        agency.query(name)
        size = int(agency.command("log", "checkpoint").splitlines()[1])
        (number, _), = agency.events("--name", name)
        assert number < size


def flipped(data, rng):
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]


def test_a_proof_holds_for_no_other_entry_key_or_bytes(agency, tmp_path):
    agency.query("fe-static.deepseek.com")
    number, _ = agency.recorded("--name", "fe-static.deepseek.com")[-1]
    agency.command("log", "checkpoint")
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    agency.command("log", "prove", str(number), "--output", str(proof), "--entry", str(entry))
    good = {path: path.read_bytes() for path in (proof, entry)}
    rng = random.Random(6)
    for path, data in good.items():
        for _ in range(60):
            path.write_bytes(flipped(data, rng))
            assert verify_proof(agency, proof, entry) == 1, path.read_bytes()
        for size in range(0, len(data), 23):
            path.write_bytes(data[:size])
            assert verify_proof(agency, proof, entry) == 1, size
        path.write_bytes(data + b"\n")
        assert verify_proof(agency, proof, entry) == 1
        path.write_bytes(data)
    assert verify_proof(agency, proof, entry) == 0
    name, _, rest = agency.key.split("+", 2)
    other = f"{name}+00000000+{rest}"
    assert verify_proof(agency, proof, entry, other) != 0


# the whole log


@pytest.fixture(scope="module")
def log(agency, tmp_path_factory):
    """A copy of a log of a few hundred entries, the last ones in its journal, and a function that judges it."""
    for i in range(400):
        agency.query(f"n{i}.deepseek.com")
    agency.recorded("--name", "n399.deepseek.com")
    agency.command("log", "checkpoint")
    for i in range(400, 420):
        agency.query(f"n{i}.deepseek.com")
    agency.recorded("--name", "n419.deepseek.com")
    directory = tmp_path_factory.mktemp("evidence") / "log"
    for _ in range(5):  # a checkpoint under way moves files
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(agency.log, directory)
        done = judge(directory, agency.key)
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["holds"] and report["entries"] > 400 and report["journal_entries"] >= 20
    return directory, agency.key


def judge(directory, key, *more):
    return subprocess.run([writ.VERIFIER, directory, "--key", key, "--json", *more], capture_output=True, text=True,
                          timeout=60)


def assert_refused(directory, key, what):
    done = judge(directory, key)
    assert done.returncode != 0, what
    if done.returncode == 1:
        report = json.loads(done.stdout)
        assert not report["holds"] and report["file"] and report["sentence"].endswith("."), what


def test_an_earlier_checkpoint_goes_with_the_log_that_went_on_and_with_no_other(agency, tmp_path):
    earlier = tmp_path / "earlier"
    earlier.write_text(agency.command("log", "checkpoint"))
    size = int(earlier.read_text().splitlines()[1])
    agency.query("later.deepseek.com")
    agency.recorded("--name", "later.deepseek.com")
    agency.command("log", "checkpoint")
    done = judge(agency.log, agency.key, "--earlier", earlier)
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["earlier_entries"] == size < report["entries"]
    assert f"; the first {size} are those of the earlier one" in report["sentence"]
    earlier.write_text(earlier.read_text().replace(f"\n{size}\n", f"\n{size + 1}\n"))
    refused = judge(agency.log, agency.key, "--earlier", earlier)
    assert refused.returncode == 2 and "not a checkpoint of this log" in refused.stderr


def test_the_log_of_a_running_gate_verifies(agency):
    for i in range(20):
        agency.query(f"r{i}.deepseek.com")
        assert agency.verify().returncode == 0
    assert "holds" in agency.command("log", "verify", "--json")


def test_a_flipped_bit_anywhere_is_found(log):
    directory, key = log
    rng = random.Random(7)
    found = [(p, d) for p, d in files(directory) if d]
    assert {p.relative_to(directory).parts[0] for p, _ in found} >= {"checkpoint", "journal", "tile"}
    for i in range(200):
        path, data = found[i % len(found)]
        at = rng.randrange(len(data))
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:])
        assert_refused(directory, key, (path, at))
        path.write_bytes(data)
    assert judge(directory, key).returncode == 0


def is_leftover(path, directory, size):
    """A partial tile of an earlier checkpoint, which readers may still want; the log does not need it."""
    level = path.relative_to(directory).parts[1] if path.parent.suffix == ".p" else None
    width = size >> 8 * int(level) if level not in (None, "entries") else size
    return level is not None and path.name != str(width % 256)


def test_a_truncated_or_missing_file_is_found(log):
    directory, key = log
    size = int((directory / "checkpoint").read_text().splitlines()[1])
    for path, data in files(directory):
        if not data or is_leftover(path, directory, size):
            continue
        sizes = {0, 1, len(data) // 2, len(data) - 1}
        if path.name == "journal":
            sizes = {0, 1, 40}  # a torn tail is what a crash leaves: nothing was acknowledged
        for cut in sizes:
            path.write_bytes(data[:cut])
            assert_refused(directory, key, (path, cut))
        path.unlink()
        assert_refused(directory, key, path)
        path.write_bytes(data)
    assert judge(directory, key).returncode == 0


def joined(entries):
    return b"".join(len(e).to_bytes(2, "big") + e for e in entries)


def test_a_dropped_swapped_doubled_or_reworded_entry_is_found(log):
    directory, key = log
    bundles = [(p, d) for p, d in files(directory / "tile/entries") if d]
    assert bundles
    for path, data in bundles:
        entries = list(split_entries(data))
        assert joined(entries) == data
        middle = len(entries) // 2
        changes = {
            "first dropped": entries[1:],
            "middle dropped": entries[:middle] + entries[middle + 1:],
            "last dropped": entries[:-1],
            "two swapped": entries[:middle - 1] + [entries[middle], entries[middle - 1]] + entries[middle + 1:],
            "one doubled": entries[:middle] + entries[middle:middle + 1] + entries[middle:],
            "one more": entries + entries[-1:],
            "reworded": [e.replace(b'"block"', b'"allow"') for e in entries],
        }
        for what, changed in changes.items():
            if changed == entries:
                continue
            path.write_bytes(joined(changed))
            assert_refused(directory, key, (path, what))
        path.write_bytes(data)
    assert judge(directory, key).returncode == 0


def test_something_that_does_not_belong_into_the_log_is_found(log):
    directory, key = log
    for name in ("extra", "tile/extra", "tile/0/x999/000"):
        path = directory / name
        made = [p for p in path.parents if not p.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        assert_refused(directory, key, name)
        path.unlink()
        for p in made:
            p.rmdir()
    assert judge(directory, key).returncode == 0


def test_another_key_and_another_name_are_refused(log, installation):
    directory, key = log
    installation.start()
    assert judge(directory, installation.key).returncode != 0
    assert judge(directory, key, "--origin", "another").returncode == 1
    assert judge(directory, "nonsense").returncode == 2
    assert judge(directory.parent / "none", key).returncode == 2
