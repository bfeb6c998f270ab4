"""writ audit: sources of every shape, what is said of them, and runs that are cut off in the middle."""
import csv
import gzip
import hashlib
import io
import json
import lzma
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import pytest

import raw_packets
import writ
from writ import BLOCKED, FOUND, INCOMPLETE, INTERRUPTED, OK, PROGRAM, USAGE, catches, wait_for

MEMORY_MAX = 300 << 20


@pytest.fixture
def audit(organisation, tmp_path):
    """Runs writ audit in a folder of its own."""
    def run(*arguments, through=(), **options):
        options = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 600, **options}
        return subprocess.run([*through, PROGRAM, "audit", "--organisation", organisation, *arguments], **options)
    return run


def result(done, status=FOUND):
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def sources(done, status=FOUND):
    return {s["name"]: s for s in result(done, status)["sources"]}


NAMES = f"# names\nwww.example.org\n{BLOCKED}\n..\napi.deepseek.com\nnotdeepseek.com\n"


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, capture_output=True, check=True).stdout


# sources


def test_what_is_listed_is_found_and_what_is_not_is_not_shown(audit, tmp_path):
    (tmp_path / "names").write_text(NAMES)
    done = audit("--json", "names")
    told = result(done)
    assert [(f["what"], f["at"], f["product"], f["proves"]) for f in told["findings"]] == [
        (BLOCKED, 3, "deepseek", "use"), ("api.deepseek.com", 5, "deepseek", "use")]
    assert told["sources"][0]["items"] == 6 and told["sources"][0]["not_understood"] == 1
    assert told["sources"][0]["example"] == ".."
    assert "example.org" not in done.stdout and "notdeepseek" not in done.stdout
    text = audit("names")
    assert text.returncode == FOUND
    assert "2 findings, 2 of which prove use by themselves.\n" in text.stdout and "names:3" in text.stdout and "not understood, as: .." in text.stdout


def test_one_finding_is_told_as_one(audit, tmp_path):
    (tmp_path / "names").write_text(f"{BLOCKED}\n")
    told = audit("names").stdout
    assert "1 finding, 1 of which proves use by itself.\n" in told and f"1 line or packet in {len(BLOCKED) + 1} bytes" in told


def test_a_nil_result_says_what_was_read(audit, tmp_path):
    (tmp_path / "names").write_text("www.example.org\n")
    done = audit("names")
    assert done.returncode == OK
    assert "Nothing was found." in done.stdout and "1 line or packet in 16 bytes" in done.stdout
    told = result(audit("--json", "--digest", "names"), OK)
    assert told["is_nil"] and told["is_complete"] and not told["findings"]
    assert told["sources"][0]["sha256"] == hashlib.sha256(b"www.example.org\n").hexdigest()


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstd,
                                  lambda d: gzip.compress(lzma.compress(d)),
                                  lambda d: gzip.compress(d[:40]) + gzip.compress(d[40:])],
                         ids=["gz", "xz", "zst", "xz gz", "members"])
def test_a_compressed_source_is_read_as_what_is_in_it(audit, tmp_path, pack):
    packed = pack(NAMES.encode())
    (tmp_path / "packed").write_bytes(packed)
    told = result(audit("--json", "--digest", "packed"))
    assert len(told["findings"]) == 2 and told["sources"][0]["items"] == 6
    assert told["sources"][0]["sha256"] == hashlib.sha256(packed).hexdigest()
    piped = result(audit("--json", "--digest", "-", input=packed, text=False))
    assert len(piped["findings"]) == 2
    assert piped["sources"][0]["sha256"] == hashlib.sha256(packed).hexdigest()


@pytest.mark.parametrize("encode", [
    lambda t: t.encode("utf-8-sig"), lambda t: t.encode("utf-16"), lambda t: b"\xfe\xff" + t.encode("utf-16-be"),
    lambda t: gzip.compress(t.encode("utf-16"))], ids=["utf-8", "utf-16", "utf-16be", "utf-16 gz"])
def test_a_log_that_windows_wrote_is_read_from_its_first_line(audit, tmp_path, encode):
    line = "1700000000.123    200 10.0.0.5 TCP_TUNNEL/200 40 CONNECT {}:443 an\u00e4 HIER_DIRECT/192.0.2.1 -\r\n"
    (tmp_path / "log").write_bytes(encode(line.format(BLOCKED) + line.format("www.example.org") * 1000))
    told = result(audit("--json", "--reveal", "log"))
    (finding,), (source,) = told["findings"], told["sources"]
    assert (finding["what"], finding["subject"], finding["at"]) == (BLOCKED, "an\u00e4", 1)
    assert source["items"] == 1001 and source["not_understood"] == 0
    assert source["bytes"] == (tmp_path / "log").stat().st_size


def test_a_mark_before_a_large_log_is_no_part_of_its_first_line(audit, tmp_path):
    """So large that threads share it."""
    (tmp_path / "log").write_bytes(b"\xef\xbb\xbf" + f"{BLOCKED}\n".encode() + b"www.example.org\n" * (3 << 20))
    told = result(audit("--json", "log"))
    assert [f["what"] for f in told["findings"]] == [BLOCKED]
    assert told["sources"][0]["bytes"] == (tmp_path / "log").stat().st_size


def test_an_empty_archive_is_read_wholly(audit, tmp_path):
    """As rotation leaves them."""
    (tmp_path / "empty.gz").write_bytes(gzip.compress(b""))
    assert result(audit("--json", "empty.gz"), OK)["is_complete"]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstd], ids=["gz", "xz", "zst"])
def test_a_damaged_archive_is_said_to_be_one(audit, tmp_path, pack):
    text = "".join(f"n{i}.deepseek.com\n" for i in range(200000)).encode()
    packed = pack(text)
    (tmp_path / "short").write_bytes(packed[:len(packed) * 2 // 3])
    broken = bytearray(packed)
    for at in range(len(broken) // 2, len(broken) // 2 + 50):
        broken[at] ^= 0x5a
    (tmp_path / "broken").write_bytes(broken)
    told = sources(audit("--json", "short", "broken"))
    assert told["short"]["problem"] == "it ends within a compressed or framed part"
    assert 0 < told["short"]["items"] < 200000
    assert told["broken"]["problem"] and told["broken"]["items"] < 200000


SKIPPED = b"\x5a\x2a\x4d\x18\x04\x00\x00\x00more"


@pytest.mark.parametrize("members", [
    (gzip.compress, b"", gzip.compress, b""), (gzip.compress, b"\0" * 512, gzip.compress, b"\0" * 512),
    (lzma.compress, b"\0" * 8, lzma.compress, b"\0" * 4), (zstd, b"", zstd, SKIPPED),
    (lambda data: SKIPPED + zstd(data), SKIPPED * 2, zstd, b"")], ids=["gz", "padded gz", "padded xz", "zst", "skipped zst"])
def test_members_of_an_archive_that_follow_each_other_are_all_read(audit, tmp_path, members):
    first, between, second, after = members
    (tmp_path / "packed").write_bytes(first(f"{BLOCKED}\n".encode()) + between + second(b"api.deepseek.com\n") + after)
    told = result(audit("--json", "packed"))
    assert [f["what"] for f in told["findings"]] == [BLOCKED, "api.deepseek.com"] and told["is_complete"]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstd], ids=["gz", "xz", "zst"])
def test_what_follows_an_archive_and_is_no_part_of_it_is_said(audit, tmp_path, pack):
    (tmp_path / "packed").write_bytes(pack(f"{BLOCKED}\n".encode()) + b"api.deepseek.com\n")
    told = result(audit("--json", "packed"))
    assert [f["what"] for f in told["findings"]] == [BLOCKED]
    assert "follows it" in told["sources"][0]["problem"] and not told["is_complete"]


def test_every_place_to_cut_an_archive_ends_in_a_message(audit, tmp_path):
    packed = zstd(NAMES.encode()) + gzip.compress(NAMES.encode())
    for size in range(1, len(packed), 3):
        (tmp_path / f"{size:04}").write_bytes(packed[:size])
    done = audit("--json", tmp_path)
    assert done.returncode == FOUND, done.stderr
    assert len(json.loads(done.stdout)["sources"]) == len(range(1, len(packed), 3))


def test_a_folder_is_walked_in_order_and_no_link_is_followed(audit, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text(NAMES)
    folder = tmp_path / "folder"
    (folder / "b/deep").mkdir(parents=True)
    (folder / "a").write_text("www.example.org\n")
    (folder / "b/deep/c").write_text(NAMES)
    (folder / "b/link").symlink_to(outside)
    (folder / "b/loop").symlink_to(folder)
    (folder / "d").write_bytes(random.Random(1).randbytes(5000))
    (folder / "empty").write_bytes(b"")
    os.mkfifo(folder / "pipe")
    told = result(audit("--json", "folder"))
    assert [(s["name"], s["problem"]) for s in told["sources"]] == [
        ("folder/a", None), ("folder/b/deep/c", None),
        ("folder/b/link", "a link, which is not followed in a folder"),
        ("folder/b/loop", "a link, which is not followed in a folder"),
        ("folder/d", "no known format is recognised"), ("folder/empty", None),
        ("folder/pipe", "a pipe or socket, which is not read in a folder")]
    assert all(f["source"] == "folder/b/deep/c" for f in told["findings"])
    assert not told["is_complete"]
    # a link that is named is meant
    assert len(result(audit("--json", "folder/b/link"))["findings"]) == 2


def test_a_file_that_is_given_twice_counts_once(audit, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "log").write_text(NAMES)
    os.link(folder / "log", folder / "name")
    (tmp_path / "link").symlink_to(folder / "log")
    done = audit("--json", "folder/log", "link", "folder", "./folder/log", "-", stdin=open(folder / "log"))
    told = result(done)
    assert [s["name"] for s in told["sources"]] == ["folder/log"] and [f["count"] for f in told["findings"]] == [1, 1]
    said = done.stderr.splitlines()
    assert said == [f"writ audit: {other} is the same file as folder/log: it is read once"
                    for other in ("link", "folder/log", "folder/name", "./folder/log", "-")]
    # another file is another source, whatever is in it; with digests that is said
    (tmp_path / "copy").write_text(NAMES)
    done = audit("--json", "--digest", "folder/log", "copy")
    assert [f["count"] for f in result(done)["findings"]] == [2, 2]
    assert done.stderr == "writ audit: copy has the same bytes as folder/log: what is in them counts twice\n"


def test_what_cannot_be_read_makes_a_nil_result_incomplete(audit, tmp_path):
    (tmp_path / "names").write_text("www.example.org\n")
    told = result(audit("--json", "names", "absent"), INCOMPLETE)
    assert told["is_nil"] and not told["is_complete"]
    assert told["sources"][1]["problem"]


# many threads


def big_list(path, lines, seed=1):
    rng = random.Random(seed)
    with open(path, "w") as out:
        for i in range(lines):
            kind = rng.randrange(50)
            name = BLOCKED if kind == 0 else f"n{i}.api.deepseek.com" if kind == 1 else \
                "x" * rng.randrange(1, 60) + f".example{i}.org"
            out.write("bad name\n" if kind == 2 and i else name + "\n")


def test_the_result_is_the_same_however_many_threads_read(audit, tmp_path):
    big_list(tmp_path / "big", 2500000)
    assert (tmp_path / "big").stat().st_size > 96 << 20
    told = [result(audit("--json", "--threads", n, "big")) for n in ("1", "2", "7")]
    for one in told:
        one.pop("at")
    assert told[0] == told[1] == told[2]
    assert told[0]["sources"][0]["items"] == 2500000
    assert sum(f["count"] for f in told[0]["findings"]) == sum(
        line.endswith("deepseek.com\n") for line in open(tmp_path / "big"))
    # the places are those of the whole file
    lines = open(tmp_path / "big").read().split("\n")
    assert all(lines[f["at"] - 1] == f["what"] for f in told[0]["findings"])


def test_an_audit_that_was_killed_goes_on_where_it_was(audit, organisation, tmp_path):
    big_list(tmp_path / "big", 2500000)
    names = [f"big{i}" for i in range(12)] # it takes longer than a state's interval
    for name in names:
        shutil.copy(tmp_path / "big", tmp_path / name)
    expected = result(audit("--json", *names))
    command = [PROGRAM, "audit", "--organisation", organisation, "--json", "--threads", "1", "--resume", "state", *names]
    kills, state = 0, tmp_path / "state"
    while True:
        before = state.stat().st_mtime_ns if state.exists() else 0
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while kills < 8 and process.poll() is None:
            time.sleep(0.01)
            if state.exists() and state.stat().st_mtime_ns != before:
                process.send_signal(signal.SIGKILL)
                break
        out, err = process.communicate(timeout=600)
        if process.returncode == FOUND:
            break
        assert process.returncode == -signal.SIGKILL, err
        kills += 1
    told = json.loads(out)
    assert kills, "it was never slow enough to be killed"
    assert not state.exists()
    assert told["findings"] == expected["findings"] and told["sources"] == expected["sources"]


def test_an_interrupted_audit_keeps_its_state_and_refuses_what_has_changed(audit, organisation, tmp_path):
    big_list(tmp_path / "big", 2500000)
    command = [PROGRAM, "audit", "--organisation", organisation, "--json", "--threads", "1", "--resume", "state", "-", "big"]
    process = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    wait_for("state", (tmp_path / "state").exists, 60) # so it reads, and waits for its input
    process.send_signal(signal.SIGINT)
    process.stdin.close()
    assert process.wait(60) == INTERRUPTED
    assert "go on with the same command, from state" in process.stderr.read()
    assert (tmp_path / "state").exists() and (tmp_path / "state").stat().st_mode & 0o777 == 0o600
    damaged = bytearray((tmp_path / "state").read_bytes())
    assert b"no known format is recognised" in damaged  # why the empty input was not read
    damaged[-12] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    done = audit("--resume", "damaged", "big")
    assert done.returncode == USAGE and "damaged" in done.stderr


# what is large


MEASURE = """import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=open(sys.argv[1], "w"))
sys.exit(code)"""


def limited(audit, *arguments, **options):
    """The run and the most memory that it had. A process between is small: what it was forked from counts as its own."""
    with tempfile.NamedTemporaryFile("r") as peak:
        done = audit(*arguments, through=[sys.executable, "-c", MEASURE, peak.name], **options)
        return done, int(peak.read()) * 1024


def test_lines_of_a_gibibyte_take_no_memory(audit, tmp_path):
    with open(tmp_path / "long", "wb") as out:
        out.write(f"{BLOCKED}\n".encode())
        for _ in range(2):
            for _ in range(1024):
                out.write(b"x" * (1 << 20))
            out.write(f"\n{BLOCKED}\n".encode())
    done, memory = limited(audit, "--json", "long")
    told = result(done)
    assert told["sources"][0]["items"] == 5 and told["sources"][0]["not_understood"] == 2
    assert told["findings"][0]["count"] == 3
    assert 0 < memory < MEMORY_MAX or writ.is_sanitized()


def test_a_list_with_a_hole_of_100_gib_is_read_beside_it(audit, tmp_path):
    with open(tmp_path / "sparse", "wb") as out:
        out.write(NAMES.encode())
        out.seek(100 << 30)
        out.write(b"\n" + NAMES.encode())
    done, memory = limited(audit, "--json", "sparse")
    told = result(done)
    assert "were never written (a hole): they were skipped" in told["sources"][0]["problem"]
    assert [f["count"] for f in told["findings"]] == [2, 2]
    assert 0 < memory < MEMORY_MAX or writ.is_sanitized()


def test_a_log_whose_line_is_a_gibibyte_comes_through_a_pipe_in_little_memory(audit, tmp_path):
    line = f"1768435200.123     12 192.0.2.7 TCP_TUNNEL/200 99 CONNECT {BLOCKED}:443 - HIER_DIRECT/203.0.113.9 -\n"
    (tmp_path / "begin").write_text(line * 2)
    with open(tmp_path / "long", "wb") as out:
        out.truncate(1 << 30)
    (tmp_path / "end").write_text("\n" + line)
    with subprocess.Popen(["cat", "begin", "long", "end", "long"], cwd=tmp_path, stdout=subprocess.PIPE) as cat:
        done, memory = limited(audit, "--json", "-", stdin=cat.stdout)
    told = result(done)
    assert told["sources"][0]["format"] == "squid" and told["sources"][0]["bytes"] > 2 << 30
    assert told["sources"][0]["items"] == 5 and told["sources"][0]["not_understood"] == 2
    assert told["sources"][0]["example"].startswith("\\x00\\x00")
    assert sum(f["count"] for f in told["findings"]) == 3
    assert 0 < memory < MEMORY_MAX or writ.is_sanitized()


def capture_of(*packets, is_pcapng=False):
    """Ethernet frames of these IPv4 packets in a file."""
    frames = [bytes(12) + b"\x08\0" + packet for packet in packets]
    if not is_pcapng:
        return struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b"".join(
            struct.pack("<IIII", 1768435200, 0, len(f), len(f)) + f for f in frames)
    blocks = [(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)), (1, struct.pack("<HHI", 1, 0, 65535))]
    blocks += [(6, struct.pack("<IIIII", 0, 411732, 2882912256, len(f), len(f)) + f + bytes(-len(f) % 4)) for f in frames]
    return b"".join(struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
                    for kind, body in blocks)


@pytest.mark.parametrize("is_pcapng", [False, True], ids=["pcap", "pcapng"])
def test_a_capture_of_100_gib_that_was_never_written_ends_at_once(audit, tmp_path, is_pcapng):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in BLOCKED.split("."))
    query = struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"
    source, destination = "192.0.2.7", "192.0.2.53"
    packet = raw_packets.ipv4(source, destination, raw_packets.UDP, raw_packets.udp(source, destination, (5353, 53), query))
    with open(tmp_path / "sparse", "wb") as out:
        out.write(capture_of(packet, is_pcapng=is_pcapng))
        out.truncate(100 << 30)
    done, memory = limited(audit, "--json", "sparse")
    told = result(done)
    assert "were never written (a hole): reading ended there" in told["sources"][0]["problem"]
    assert [f["what"] for f in told["findings"]] == [BLOCKED]
    assert told["sources"][0]["bytes"] < 1 << 20 and not told["is_complete"]
    assert 0 < memory < MEMORY_MAX or writ.is_sanitized()


def test_an_archive_that_needs_much_memory_is_refused(audit, tmp_path):
    packed = subprocess.run(["zstd", "-qc", "--long=28", "-"], input=b"a.example.org\n" * 30000000, capture_output=True,
                            check=True).stdout
    (tmp_path / "wide").write_bytes(packed)
    done, memory = limited(audit, "--json", "wide")
    assert "more memory" in sources(done, INCOMPLETE)["wide"]["problem"]
    assert 0 < memory < MEMORY_MAX or writ.is_sanitized()


def test_an_archive_that_expands_a_thousandfold_is_read_in_little_memory(audit, tmp_path):
    with gzip.open(tmp_path / "bomb.gz", "wb", 9) as out:
        for _ in range(400):
            out.write(b"\0" * (1 << 20))
    with gzip.open(tmp_path / "names.gz", "wb", 9) as out:
        for _ in range(200):
            out.write(f"{BLOCKED}\n".encode() * 50000)
    done, memory = limited(audit, "--json", "bomb.gz", "names.gz")
    told = sources(done)
    assert told["bomb.gz"]["problem"] == "no known format is recognised"
    assert told["names.gz"]["items"] == 10000000
    assert 0 < memory < MEMORY_MAX or writ.is_sanitized()


# results


def test_csv_has_no_formula_and_as_many_cells_everywhere(audit, tmp_path):
    (tmp_path / "=cmd").write_text(NAMES)
    done = audit("--csv", "=cmd")
    rows = list(csv.reader(io.StringIO(done.stdout, newline="")))
    assert len(rows) == 3 and len({len(row) for row in rows}) == 1
    row = dict(zip(rows[0], rows[1]))
    assert row["source"] == "'=cmd" and row["what"] == BLOCKED and row["count"] == "1"


def test_what_is_new_still_there_and_gone(audit, tmp_path):
    (tmp_path / "names").write_text(f"{BLOCKED}\napi.deepseek.com\n")
    (tmp_path / "earlier.json").write_text(audit("--json", "--reveal", "names").stdout)
    (tmp_path / "names").write_text(f"{BLOCKED}\nplatform.deepseek.com\n")
    told = result(audit("--json", "--reveal", "--diff", "earlier.json", "names"))
    assert {f["what"]: f["change"] for f in told["findings"]} == {BLOCKED: "still", "platform.deepseek.com": "new"}
    assert [g["what"] for g in told["changes"]["gone"]] == ["api.deepseek.com"]
    rows = csv.DictReader(io.StringIO(audit("--csv", "--reveal", "--diff", "earlier.json", "names").stdout, newline=""))
    assert [(row["what"], row["change"]) for row in rows] == [(f["what"], f["change"]) for f in told["findings"]]
    text = audit("--reveal", "--diff", "earlier.json", "names").stdout
    assert "1 new, 1 still there, 1 not seen again" in text
    done = audit("--diff", "earlier.json", "names")
    assert done.returncode == USAGE and "names people otherwise" in done.stderr
    done = audit("--reveal", "--diff", "names", "names")
    assert done.returncode == USAGE and "no result that --json printed" in done.stderr


@pytest.mark.parametrize("kind", ["pipe", "fifo", "fifo that nobody writes to"])
def test_a_source_that_says_nothing_can_be_left(organisation, tmp_path, kind):
    path, ends = "-", os.pipe()
    if kind != "pipe":
        path = str(tmp_path / "fifo")
        os.mkfifo(path)
    if kind == "fifo":
        ends += (os.open(path, os.O_RDWR),)
    process = subprocess.Popen([PROGRAM, "audit", "--organisation", organisation, path], stdin=ends[0],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_for("what a signal does", lambda: catches(process, signal.SIGTERM))
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        assert process.returncode == INTERRUPTED and "interrupted" in err
    finally:
        process.kill()
        process.wait()
        for end in ends:
            os.close(end)


def test_columns_may_change_within_a_large_log(audit, tmp_path):
    """Threads that read what follows learn it of those before: c-ip and cs-username have changed their places."""
    first, second = "date time c-ip cs-username cs-host", "date time cs-username c-ip cs-host"
    line = "2026-01-05 10:00:0{} {} {}\n".format
    text = (f"#Fields: {first}\n" + line(0, "10.0.0.7 anna", BLOCKED) + line(0, "10.0.0.7 anna", "www.example.org") * 50
            + f"#Fields: {second}\n" + line(1, "anna 10.0.0.7", "www.example.org") * (1 << 20)
            + line(2, "anna 10.0.0.7", BLOCKED))
    (tmp_path / "log").write_text(text)
    told = result(audit("--json", "--reveal", "log"))
    piped = result(audit("--json", "--reveal", "-", input=text))
    for one in (told, piped):
        assert one["is_complete"] and [(f["subject"], f["count"]) for f in one["findings"]] == [("anna", 2)]


def zeek_log(path, fields, *rows):
    head = f"#separator \\x09\n#set_separator\t,\n#path\t{path}\n#fields\t" + "\t".join(fields.split()) + "\n"
    return head + "".join("\t".join(row.split()) + "\n" for row in rows) + "#close\t2026-01-05-11-00-00\n"


def test_zeek_logs_of_different_kinds_are_read_each_by_its_own_header(audit, tmp_path):
    """However they come: through a pipe, in members of an archive, in a file that threads share."""
    other = ["1767607200.0 10.0.0.{} www.example.org {}"] * 400
    logs = [zeek_log("dhcp", "ts client_addr domain", *[f"1767607200.0 10.0.0.9 {BLOCKED}"] * 300),
            zeek_log("dns", "ts id.orig_h query answers", *[o.format(5, "-") for o in other],
                     f"1767607201.0 10.0.0.5 {BLOCKED} -"),
            zeek_log("weird", "ts name", f"1767607201.0 {BLOCKED}"),
            zeek_log("ssl", "ts id.orig_h server_name cipher", *[o.format(6, "X") for o in other],
                     f"1767607202.0 10.0.0.6 {BLOCKED} X"),
            zeek_log("quic", "client_initial_dcid server_name id.orig_h ts", f"0a {BLOCKED} 10.0.0.7 1767607203.0")]
    text, many = "".join(logs), 3000
    (tmp_path / "long").write_text(text * many)
    assert (tmp_path / "long").stat().st_size > 96 << 20
    piped = audit("--json", "--reveal", "-", input=text)
    packed = audit("--json", "--reveal", "-", input=b"".join(gzip.compress(log.encode()) for log in logs), text=False)
    shared = [audit("--json", "--reveal", "--threads", n, "long") for n in ("1", "2")]
    for done, times in [(piped, 1), (packed, 1), (shared[0], many), (shared[1], many)]:
        told = result(done)
        assert told["is_complete"]
        assert sorted((f["subject"], f["count"]) for f in told["findings"]) == [
            ("10.0.0.5", times), ("10.0.0.6", times), ("10.0.0.7", times)]
        (source,) = told["sources"]
        assert source["not_understood"] == 301 * times and "10.0.0.9" in source["example"]
    assert [{**result(one), "at": None} for one in shared] == [{**result(shared[0]), "at": None}] * 2


def test_a_source_of_several_kinds_is_called_by_none_of_them(audit, tmp_path):
    text = (zeek_log("dns", "ts id.orig_h query answers", *[f"1767607201.0 10.0.0.5 {BLOCKED} -"] * 60)
            + zeek_log("ssl", "ts id.orig_h server_name cipher", f"1767607202.0 10.0.0.6 {BLOCKED} X"))
    (tmp_path / "whole").write_text(text)
    (tmp_path / "packed").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "one").write_text(text[:text.index("#separator", 1)])
    told = sources(audit("--json", "whole", "packed", "one", "-", input=text))
    assert {name: s["format"] for name, s in told.items()} == {
        "whole": "zeek", "packed": "zeek gz", "one": "zeek-dns", "-": "zeek"}


def test_a_source_of_which_nothing_was_understood_was_not_read(audit, tmp_path):
    (tmp_path / "dhcp.log").write_text(zeek_log("dhcp", "ts client_addr domain", f"1767607200.0 10.0.0.9 {BLOCKED}"))
    (source,) = result(audit("--json", "dhcp.log"), INCOMPLETE)["sources"]
    assert source["not_understood"] == 1 and source["problem"] == "none of its lines was understood"


@pytest.mark.parametrize("sni, names, proves, status", [
    (None, ["*.deepseek.com", "deepseek.com"], ["possible"], FOUND),
    ("front.example.org", [BLOCKED], ["possible"], FOUND),
    (BLOCKED, ["*.deepseek.com"], ["use"], FOUND),
    (None, ["*.deepseek.com", "www.example.org"], [], OK)])
def test_a_certificate_of_one_product_alone_proves_possible_use(audit, tmp_path, sni, names, proves, status):
    tls = {"subject": f"C=XA, O=Somebody, CN={names[0]}", "issuerdn": f"CN={BLOCKED}", "subjectaltname": names}
    event = {"timestamp": "2026-01-05T10:00:00.000000+0000", "event_type": "tls", "src_ip": "10.0.0.5", "src_port": 50000,
             "dest_ip": "198.51.100.9", "dest_port": 443, "tls": {**tls, **({"sni": sni} if sni else {})}}
    (tmp_path / "eve.json").write_text(json.dumps(event) + "\n")
    told = result(audit("--json", "--reveal", "eve.json"), status)
    assert [f["proves"] for f in told["findings"]] == proves
    assert all(f.get("indirect", False) == (f["proves"] == "possible") for f in told["findings"])


def test_a_fifo_is_read_to_its_end(organisation, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    process = subprocess.Popen([PROGRAM, "audit", "--json", "--organisation", organisation, tmp_path / "fifo"],
                               stdout=subprocess.PIPE, text=True)
    with open(tmp_path / "fifo", "w") as out:
        for _ in range(100000):
            out.write("www.example.org\n")
        out.write(f"{BLOCKED}\n")
    (source,) = json.loads(process.communicate(timeout=60)[0])["sources"]
    assert process.returncode == FOUND and source["items"] == 100001


@pytest.mark.parametrize("options, words", [
    (("--diff", "earlier.json"), "names people otherwise"), (("--reveal", "--diff", "names"), "no result that --json printed"),
    (("--reveal", "--diff", "none"), "cannot read none"), (("--json", "--csv"), "two forms")])
def test_what_cannot_be_compared_or_shown_is_said_before_anything_is_read(audit, tmp_path, options, words):
    (tmp_path / "names").write_text(f"{BLOCKED}\n")
    (tmp_path / "earlier.json").write_text(audit("--json", "--reveal", "names").stdout)
    source, feed = os.pipe()
    try:
        done = audit(*options, "-", stdin=source, timeout=60)
    finally:
        os.close(source)
        os.close(feed)
    assert done.returncode == USAGE and words in done.stderr and not done.stdout


def test_sums_are_never_negative(audit, tmp_path):
    line = "1700000000.123 200 10.0.0.5 TCP_TUNNEL/200 9999999999999999999 CONNECT {}:443 - HIER_DIRECT/192.0.2.1 -\n"
    (tmp_path / "log").write_text(line.format(BLOCKED) * 2)
    (finding,) = result(audit("--json", "log"))["findings"]
    assert finding["bytes_down"] == 2**63 - 1 and finding["count"] == 2


def test_the_formats_are_told(audit):
    done = audit("--formats")
    assert done.returncode == OK and "An address alone proves nothing" in done.stdout
    assert "names" in {row["format"] for row in json.loads(audit("--formats", "--json").stdout)}
    assert audit().returncode == USAGE
