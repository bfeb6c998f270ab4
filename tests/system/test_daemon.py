"""The life of an instance: start, reload, kill, stop, and every way in which it cannot start."""
import contextlib
import json
import os
import pathlib
import platform
import signal
import socket
import subprocess
import sys
import time

import pytest

import writ
from writ import Load, wait_for


def kinds(entries, kind):
    return [e["data"] for e in entries if e["kind"] == kind]


def assert_verifies(instance):
    done = instance.verify()
    assert done.returncode == 0, done.stdout + done.stderr


def assert_kept(before, after):
    """Every entry that was acknowledged before is there after, in its place."""
    assert after[:len(before)] == before


def is_running(pid):
    """A zombie is none: whoever inherited it may be slow to reap."""
    stat = pathlib.Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


# start, status, stop


@pytest.mark.smoke
def test_it_starts_blocks_and_writes_it_down(gate):
    assert gate.blocks()
    assert gate.blocks(tcp=True)
    status = gate.status()
    assert [r["name"] for r in status["roles"]] == ["record", "dns"]
    assert [o["id"] for o in status["orders"]] == [writ.ORDER]
    assert status["orders"][0]["in_force"]
    assert status["counters"]["dns"]["blocked"] == 2
    assert wait_for("an entry", lambda: kinds(gate.entries(), "event"))
    assert gate.status()["log"]["bytes"] > 0
    assert gate.stop() == writ.OK
    events = kinds(gate.entries(), "event")
    assert events[0]["name"] == writ.BLOCKED and events[0]["order"] == writ.ORDER
    assert "127.0.0.1" not in json.dumps(events)


def test_other_names_are_resolved_from_inside_the_sandbox(installation):
    with writ.Upstream(installation):
        installation.start()
        for tcp in (False, True):
            answer = installation.resolve("www.example.org", tcp=tcp)
            assert answer.answer[0][0].address == "192.0.2.7"
    assert installation.role("dns")["restarts"] == 0
    assert installation.stop() == writ.OK
    assert not kinds(installation.entries(), "event")


def test_sigterm_is_a_clean_stop(gate):
    assert gate.blocks()
    assert gate.stop() == writ.OK
    entries = gate.entries()
    assert sum(e["count"] for e in kinds(entries, "event")) == 1
    assert entries[-1]["kind"] == "stop" and entries[-1]["data"] == {"reason": "SIGTERM", "role": "record"}
    assert not (gate.directory / "run/control").exists()
    assert_verifies(gate)
    checkpoint = (gate.log / "checkpoint").read_text().split("\n")
    assert int(checkpoint[1]) == len(entries)


def test_stop_and_checkpoint_can_be_asked_for(gate):
    entries = gate.status()["log"]["entries"]
    assert gate.ask("checkpoint")["ok"]
    log = gate.status()["log"]
    assert entries <= log["checkpoint_entries"] <= log["entries"] and log["checkpoint_at"]
    assert gate.ask("stop")["ok"]
    assert gate.process.wait(30) == writ.OK


def test_every_process_but_the_parent_gave_up_its_rights(gate, root):
    for role in gate.status()["roles"]:
        status = pathlib.Path(f"/proc/{role['pid']}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
        assert fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2"
        assert "0" not in fields["Uid"].split() and not fields["Groups"].split()


def turn_ns(task):
    """How long the scheduler lets it work before another is let in."""
    fields = dict(line.split(":", 1) for line in (task / "sched").read_text().splitlines() if ":" in line)
    return next(int(value) for name, value in fields.items() if name.strip() == "se.slice")


@pytest.mark.skipif(tuple(map(int, platform.release().split(".")[:2])) < (6, 12), reason="Linux before 6.12")
def test_who_is_waited_for_asks_for_short_turns(gate):
    roles = {role["name"]: pathlib.Path(f"/proc/{role['pid']}/task") for role in gate.status()["roles"]}
    assert {turn_ns(task) for task in roles["dns"].iterdir()} == {100_000}
    assert 100_000 not in {turn_ns(task) for task in roles["record"].iterdir()}


def test_a_request_that_is_none_is_refused(gate):
    assert gate.ask("dance")["status"] == writ.USAGE
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(gate.directory / "run/control"))
        s.sendall(b"x" * 5000)
        with contextlib.suppress(ConnectionResetError):
            assert s.recv(100) == b""
    assert gate.is_ready()


def test_other_users_cannot_ask(gate, root):
    code = f"import socket; socket.socket(socket.AF_UNIX).connect({str(gate.directory / 'run/control')!r})"
    done = subprocess.run([sys.executable, "-c", code], user=65534, capture_output=True, text=True)
    assert "PermissionError" in done.stderr


# reload


def test_a_good_reload_exchanges_the_policy(gate):
    before = gate.status()["policy"]["version"]
    gate.organisation["adoptions"][0]["mode"] = "observe"
    gate.write()
    with Load(gate) as load:
        wait_for("load", lambda: load.answered > 5)
        answer = gate.ask("reload")
    assert answer["ok"] and answer["previous"] == before
    after = gate.status()["policy"]["version"]
    assert after == answer["policy"] != before
    gate.stop()
    change = kinds(gate.entries(), "configuration")[-1]
    assert change["digest"] == after and change["previous"] == before and writ.ORDER in change["summary"]


def test_a_bad_reload_changes_nothing_and_says_everything(gate):
    before = gate.status()["policy"]["version"]
    image = (gate.directory / "policy.image").read_bytes()
    path = gate.directory / "organisation.yaml"
    path.write_text(path.read_text() + "colour: blue\nshape: round\n")
    answer = gate.ask("reload")
    assert not answer["ok"] and answer["status"] == writ.USAGE
    assert {p["file"] for p in answer["problems"]} == {str(path)}
    assert len({p["line"] for p in answer["problems"]}) == 2
    assert all(p["column"] > 0 for p in answer["problems"])
    assert gate.status()["policy"]["version"] == before
    assert (gate.directory / "policy.image").read_bytes() == image
    assert gate.blocks()


def test_sighup_reloads(gate):
    before = gate.status()["policy"]["version"]
    gate.organisation["adoptions"][0]["mode"] = "observe"
    gate.write()
    gate.process.send_signal(signal.SIGHUP)
    wait_for("the new policy", lambda: gate.status()["policy"]["version"] != before)
    assert gate.is_ready()


def test_a_sighup_that_comes_during_a_reload_is_not_forgotten(gate):
    versions = [gate.status()["policy"]["version"]]
    dns = gate.role("dns")["pid"]
    os.kill(dns, signal.SIGSTOP)  # the reload lasts until it has taken the policy over
    try:
        for mode in ("observe", "enforce"):
            gate.organisation["adoptions"][0]["mode"] = mode
            gate.organisation["contact"] = f"{mode}@agency.example"
            gate.write()
            gate.process.send_signal(signal.SIGHUP)
            if mode == "observe":
                wait_for("the first policy", lambda: gate.status()["policy"]["version"] != versions[-1])
                versions.append(gate.status()["policy"]["version"])
        assert not gate.ask("reload")["ok"], "the first reload is over: nothing was tried"
    finally:
        os.kill(dns, signal.SIGCONT)
    wait_for("the second policy", lambda: gate.status()["policy"]["version"] not in versions)
    wait_for("the role", gate.is_ready)


# kill


@pytest.mark.parametrize("name", ["dns", "record"])
def test_a_killed_role_is_started_again_and_nothing_acknowledged_is_lost(gate, name):
    with Load(gate) as load:
        for _ in range(3):
            answered = load.answered
            wait_for("load", lambda: load.answered > answered + 20)
            before = gate.entries()
            role = gate.role(name)
            os.kill(role["pid"], signal.SIGKILL)
            wait_for("restart", lambda: gate.role(name)["restarts"] > role["restarts"] and gate.is_ready())
            assert_kept(before, gate.entries())
    assert gate.blocks()
    assert gate.stop() == writ.OK
    entries = gate.entries()
    assert_kept(before, entries)
    assert any("killed by signal 9" in e["reason"] and e["role"] == name for e in kinds(entries, "stop"))
    # every event is counted once, or its loss is
    counted = sum(e["count"] for e in kinds(entries, "event")) + sum(e["count"] for e in kinds(entries, "loss"))
    assert counted >= load.answered
    assert_verifies(gate)


def test_what_happens_while_the_recorder_cannot_write_is_told_later_and_the_evidence_holds(installation, root):
    installation.settings["record"].update(heartbeat_interval="1 s", aggregate_window="1 s")
    installation.write()
    gate = installation.start()
    recorder, killed = gate.role("record")["pid"], gate.role("dns")["pid"]
    os.kill(recorder, signal.SIGSTOP)
    os.kill(killed, signal.SIGKILL)
    wait_for("another", lambda: gate.role("dns")["pid"] not in (0, killed) and gate.is_ready())
    assert gate.blocks()
    time.sleep(7)
    os.kill(recorder, signal.SIGCONT)
    wait_for("told", lambda: sum("happened" in e["data"] for e in gate.entries()) >= 2)
    assert gate.stop() == 0
    done = gate.verify()
    assert done.returncode == 0, done.stdout
    late = [e for e in gate.entries() if "happened" in e["data"]]
    assert {e["kind"] for e in late} == {"stop", "start"} and all(e["data"]["happened"] < e["time"] for e in late)


def test_a_kill_of_everything_under_load_loses_no_acknowledged_entry(gate):
    with Load(gate) as load:
        for _ in range(2):
            answered = load.answered
            wait_for("load", lambda: load.answered > answered + 50)
            before = gate.entries()
            acknowledged = gate.status()["log"]["entries"]
            gate.kill_all()
            assert_verifies(gate)
            gate.start()
            after = gate.entries()
            assert_kept(before, after)
            assert len(after) >= acknowledged
    assert gate.stop() == writ.OK
    assert_verifies(gate)


def test_roles_end_with_their_parent_and_the_next_start_waits_for_them(gate):
    assert gate.blocks()
    pids = [r["pid"] for r in gate.status()["roles"]]
    gate.process.kill()
    gate.process.wait(10)
    gate.start()
    assert not any(is_running(pid) for pid in pids)
    assert {"role": "record", "reason": "the parent process is gone"} in kinds(gate.entries(), "stop")
    assert sum(e["count"] for e in kinds(gate.entries(), "event")) == 1


# what cannot start


def assert_refused(done, status, *words):
    assert done.returncode == status, done.stderr
    sentences = [line for line in done.stderr.splitlines() if line.startswith("error") or ": " in line]
    assert any(all(w in line for w in words) for line in sentences), done.stderr


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_in_use(installation, kind):
    with socket.socket(type=kind) as other:
        other.bind(("127.0.0.1", installation.port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        assert_refused(installation.run(), writ.IN_USE, f"127.0.0.1:{installation.port}", "in use")


def test_a_second_instance(gate):
    assert_refused(gate.run(), writ.RUNNING, "another instance")
    assert gate.blocks()


def test_two_installations_do_not_share_a_port(gate):
    other = writ.Writ()
    try:
        other.settings["dns"]["listen"] = gate.settings["dns"]["listen"]
        other.write()
        assert_refused(other.run(), writ.IN_USE, "in use")
    finally:
        other.close()


def test_bad_settings(installation):
    path = installation.directory / "writ.yaml"
    upstream = installation.settings["dns"]["upstream"]["forward"][0]
    done = subprocess.run([writ.PROGRAM, "run", "--config", path, "--listen", upstream], capture_output=True, text=True,
                          timeout=60)
    assert_refused(done, writ.USAGE, "--listen", "not this gate itself")
    path.write_text(path.read_text() + "colour: blue\n")
    done = installation.run()
    assert_refused(done, writ.USAGE, f"{path}:", "colour")
    path.unlink()
    assert_refused(installation.run(), writ.USAGE, str(path), "cannot read")


def damage(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("file, at", [("checkpoint", 30), ("journal", 100)])
def test_an_altered_log_is_refused_and_left_as_it_is(gate, file, at):
    assert gate.blocks()
    wait_for("entries", lambda: gate.status()["log"]["entries"] > 3)
    gate.kill_all()
    damage(gate.log / file, at)
    before = {p: p.read_bytes() for p in gate.log.rglob("*") if p.is_file()}
    done = gate.run()
    assert_refused(done, writ.EVIDENCE, "evidence log", "left as it is")
    assert {p: p.read_bytes() for p in gate.log.rglob("*") if p.is_file()} == before


def test_a_truncated_log_is_refused(gate):
    gate.stop()
    bundles = [p for p in gate.log.glob("tile/entries/**/*") if p.is_file()]
    bundles[0].write_bytes(bundles[0].read_bytes()[:-40])
    done = gate.run()
    assert_refused(done, writ.EVIDENCE, "evidence log")


def test_a_damaged_image(gate):
    gate.stop()
    image = gate.directory / "policy.image"
    del gate.settings["organisation"]
    gate.write()
    good = image.read_bytes()
    for bad, why in ((good[:-1], "shorter"), (good[:-1] + bytes([good[-1] ^ 1]), "altered"),
                     (b"not a policy" * 100, "no policy image"), (b"", "shorter")):
        image.write_bytes(bad)
        assert_refused(gate.run(), writ.POLICY, str(image), why)
    image.write_bytes(good)
    gate.start()
    assert gate.blocks()


def test_an_unsigned_image(gate):
    gate.stop()
    del gate.settings["organisation"]
    gate.settings["policy"]["key"] = gate.key
    gate.write()
    assert_refused(gate.run(), writ.POLICY, "not signed")


def test_no_permission(installation, root):
    os.chown(installation.directory, 65534, 65534)
    for path in installation.directory.iterdir():
        os.chown(path, 65534, 65534)
    (installation.directory / "evidence").mkdir(mode=0o700)
    done = installation.run(user=65534, group=65534, extra_groups=[])
    assert_refused(done, writ.PERMISSION, "evidence")


def test_a_low_port_needs_root(installation, root):
    if int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80:
        pytest.skip("this system lets everybody have low ports")
    os.chown(installation.directory, 65534, 65534)
    installation.settings["dns"]["listen"] = ["127.0.0.1:79"]
    installation.write()
    done = installation.run(user=65534, group=65534, extra_groups=[])
    assert_refused(done, writ.PERMISSION, "127.0.0.1:79", "not permitted")


def test_it_works_without_root(installation, root):
    os.chown(installation.directory, 65534, 65534)
    for path in installation.directory.iterdir():
        os.chown(path, 65534, 65534)
    installation.start(user=65534, group=65534, extra_groups=[])
    assert installation.blocks()
    assert "started by root it would have" in installation.stderr()
    assert installation.stop() == writ.OK
    assert_verifies(installation)


def test_a_role_is_not_for_people():
    done = subprocess.run([writ.PROGRAM, "run", "--role", "dns"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    assert_refused(done, writ.USAGE, "--role is for the parent's use")


# a full disk


@pytest.mark.smoke
@pytest.mark.skipif(writ.is_sanitized(), reason="nothing may be loaded before the sanitizer")
def test_a_clock_that_was_set_back_breaks_no_evidence(gate):
    library = gate.directory / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, writ.ROOT / "tests/system/clock_behind.c"], check=True)
    assert gate.blocks()
    assert gate.stop() == writ.OK
    before = len(gate.entries())
    gate.settings["record"].update(heartbeat_interval="1 s", checkpoint_interval="1 s")
    gate.write()
    gate.start(env={**os.environ, "LD_PRELOAD": str(library), "CLOCK_BEHIND_S": "3600"})
    assert gate.blocks("www.deepseek.com") and gate.blocks("www.deepseek.com")

    def counted():
        new = gate.entries()[before:]
        return sum(e["count"] for e in kinds(new, "event")) == 2 and len(kinds(new, "heartbeat")) > 2
    wait_for("both events and heartbeats", counted, seconds=60)
    assert "behind the newest entry of the log" in gate.stderr()
    assert gate.stop() == writ.OK
    times = [e["time"] for e in gate.entries()]
    assert times == sorted(times)
    assert_verifies(gate)


def test_a_full_disk_stops_nothing_but_the_log(installation, root):
    evidence = installation.directory / "evidence"
    evidence.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", evidence]).returncode:
        pytest.skip("cannot mount here")
    try:
        installation.settings["record"]["checkpoint_interval"] = "1 s"
        installation.write()
        installation.start()
        filler = evidence / "filler"
        with open(filler, "wb", buffering=0) as out, contextlib.suppress(OSError):
            while out.write(bytes(4096)):
                pass
        with Load(installation) as load:
            wait_for("a full disk", lambda: installation.status()["log"]["writing_fails"], 30)
            answered = load.answered
            wait_for("answers", lambda: load.answered > answered + 20)
        # the status says it a moment before the log does
        wait_for("the failure is told", lambda: "cannot write the evidence log" in installation.stderr())
        filler.unlink()
        wait_for("writing again", lambda: not installation.status()["log"]["writing_fails"])
        wait_for("that is told", lambda: "is written again" in installation.stderr())
        assert installation.stop() == writ.OK
        entries = installation.entries()
        counted = sum(e["count"] for e in kinds(entries, "event")) + sum(e["count"] for e in kinds(entries, "loss"))
        assert counted >= load.answered
        assert_verifies(installation)
    finally:
        installation.close()
        time.sleep(0.1)
        subprocess.run(["umount", evidence])
        os.rmdir(evidence)
        os.rmdir(installation.directory)
