"""Lists that are fetched over TLS from nginx, and local ones whose file changes."""
import hashlib
import os
import pathlib
import signal
import subprocess

import pytest

import list_server
import writ
from writ import PATIENCE, Load, wait_for

OLD = ["one.example", "two.example", "three.example", "four.example"]


@pytest.fixture
def server():
    if not list_server.NGINX:
        pytest.skip("nginx is not installed")
    made = list_server.ListServer()
    made.write(*OLD)
    yield made
    made.close()


def subscribe(installation, server, **fields):
    """One list of the server's, before the start or as a change; returns the installation."""
    row = {"id": "malware", "url": server.url(), "ca_file": str(server.authority), "format": "plain",
           "reason": "Rule 5 of the house."}
    row.update(fields)
    installation.organisation["lists"] = [{k: v for k, v in row.items() if v is not None}]
    installation.settings["daemon"]["lists_directory"] = "fetched"
    installation.settings["daemon"]["fetch_timeout"] = "5 s"
    installation.write()
    return installation


def start(installation):
    """Without the proxies of whoever runs the tests."""
    return installation.start(env={k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")})


def lists(installation):
    return {row["id"]: row for row in installation.status()["lists"]}


def command(installation, *arguments):
    return subprocess.run([writ.PROGRAM, "lists", *arguments, "--config", installation.directory / "writ.yaml"],
                          capture_output=True, text=True, timeout=60)


def refresh(installation):
    done = command(installation, "refresh")
    assert done.returncode == 0, done.stderr
    return lists(installation)["malware"]


def reload(installation):
    """The lists may be causing one already."""
    wait_for("a reload", lambda: installation.ask("reload")["ok"])


def wait_until_current(installation):
    """In force everywhere: only then is it the copy for the next start."""
    wait_for("the copy", (installation.directory / "fetched/malware.list").exists)
    assert lists(installation)["malware"]["state"] == "current"
    assert all(installation.blocks(name) for name in OLD)


def changes(installation, words=""):
    """The changes of the configuration that the evidence log holds."""
    return [e["data"] for e in installation.entries() if e["kind"] == "configuration" and words in e["data"]["summary"]]


@pytest.fixture
def subscribed(installation, server):
    """Runs, and its list is in force."""
    start(subscribe(installation, server))
    wait_until_current(installation)
    return installation


def assert_old_stays(installation, state, problem):
    row = lists(installation)["malware"]
    assert row["state"] == state and problem in (row["problem"] or ""), row
    assert row["names"] == len(OLD)
    assert all(installation.blocks(name) for name in OLD)


# the ways of a good list


def test_a_list_is_fetched_at_the_first_start(installation, server):
    server.stop()
    start(subscribe(installation, server))
    row = lists(installation)["malware"]
    assert row["state"] == "missing" and not row["in_force"]
    assert installation.blocks()
    assert "no copy has been fetched yet" in installation.stderr()
    assert installation.role("fetch")["state"] == "ready"
    server.start()
    row = refresh(installation)
    assert (row["state"], row["names"], row["bad_lines"]) == ("current", len(OLD), 0)
    assert row["copy"]["sha256"] == hashlib.sha256("".join(f"{n}\n" for n in OLD).encode()).hexdigest()
    assert all(installation.blocks(name) for name in OLD)


def test_an_unchanged_list_costs_a_304(subscribed, server):
    row = refresh(subscribed)
    assert row["state"] == "current" and server.answered(200, 304)
    before = changes(subscribed)
    refresh(subscribed)
    assert server.answered(200, 304, 304) and changes(subscribed) == before


def test_a_change_is_in_force_and_in_the_evidence_without_a_lost_query(subscribed, server):
    before = subscribed.status()["policy"]["version"]
    with Load(subscribed, PATIENCE) as load:
        wait_for("load", lambda: load.answered > 50)
        server.write(*OLD, "five.example")
        refresh(subscribed)
        assert subscribed.blocks("five.example")
        answered = load.answered
        wait_for("load after it", lambda: load.answered > answered + 50)
    assert load.silent == 0
    after = subscribed.status()["policy"]["version"]
    sha256 = hashlib.sha256("".join(f"{n}\n" for n in OLD + ["five.example"]).encode()).hexdigest()
    entry = wait_for("the entry", lambda: changes(subscribed, sha256))[0]
    assert entry["summary"] == f"list malware has SHA-256 {sha256}, 5 names"
    assert entry["digest"] == after != before
    assert subscribed.verify().returncode == 0


def test_a_restart_uses_the_kept_copy_offline(subscribed, server):
    assert subscribed.stop() == 0
    server.stop()
    start(subscribed)
    assert all(subscribed.blocks(name) for name in OLD)
    assert lists(subscribed)["malware"]["in_force"]


def test_a_redirect_is_followed_to_https_only(installation, server):
    start(subscribe(installation, server, url=server.url("to-https")))
    wait_until_current(installation)
    subscribe(installation, server, url=server.url("to-http"))
    reload(installation)
    row = wait_for("refusal", lambda: lists(installation)["malware"]["failures"]
                   and lists(installation)["malware"])
    assert 'rotocol "http"' in row["problem"], row
    assert all(installation.blocks(name) for name in OLD)


def test_http_on_this_machine_and_a_pin(installation, server):
    content = (server.directory / "www/list.txt").read_bytes()
    url = f"http://127.0.0.1:{server.plain}/list.txt"
    start(subscribe(installation, server, url=url, ca_file=None, sha256=hashlib.sha256(content).hexdigest()))
    wait_until_current(installation)
    server.write("other.example")
    row = refresh(installation)
    assert "expected the pinned one" in row["problem"]
    assert_old_stays(installation, "failing", "SHA-256")


# what a server can do wrong


@pytest.mark.parametrize("path, problem", [
    ("500", "answers 500"), ("nothing-there", "answers 404"), ("page", "a web page"), ("circle", "redirects"),
    ("slow/list.txt", "timed out")])
def test_an_answer_that_is_no_list_changes_nothing(subscribed, server, path, problem):
    subscribe(subscribed, server, url=server.url(path))
    reload(subscribed)
    refresh(subscribed)
    assert_old_stays(subscribed, "failing", problem)


@pytest.mark.parametrize("content, problem", [
    pytest.param(b"", "empty", id="nothing"), pytest.param(b"\n \n", "empty", id="blanks"),
    pytest.param(b"<html>\n", "a web page", id="markup"),
    pytest.param(b"# nothing\n", "no line of it is a name", id="comments"),
    pytest.param(bytes(range(256)) * 16, "no line of it is a name", id="binary"),
    pytest.param(b"a.example\n" * 2000, "longer than 10240 bytes", id="huge")])
def test_a_content_that_is_no_list_changes_nothing(subscribed, server, content, problem):
    subscribe(subscribed, server, size_max="10 KiB")
    reload(subscribed)
    (server.directory / "www/list.txt").write_bytes(content)
    refresh(subscribed)
    assert_old_stays(subscribed, "failing", problem)


def test_a_body_that_is_cut_off_changes_nothing(subscribed, server):
    with list_server.CutServer("".join(f"{n}\n" for n in OLD + ["five.example"]).encode()) as cut:
        subscribe(subscribed, server, url=cut.url, ca_file=None)
        reload(subscribed)
        refresh(subscribed)
        assert_old_stays(subscribed, "failing", "100 bytes")  # curl: remaining, or missing
    assert not subscribed.blocks("five.example", timeout=10)


@pytest.mark.parametrize("name, fields", [
    ("another name", lambda s: {"url": s.url(port=s.wrong)}), ("an unknown authority", lambda s: {"ca_file": None})])
def test_a_certificate_that_is_not_the_servers_is_refused(installation, server, name, fields):
    start(subscribe(installation, server, **fields(server)))
    row = refresh(installation)
    assert row["state"] == "missing" and "certificate" in row["problem"], row
    assert server.requests() == []


def test_a_list_that_shrinks_is_held_until_it_is_accepted(subscribed, server):
    server.write("one.example")
    row = refresh(subscribed)
    assert row["held"]["names"] == 1
    assert_old_stays(subscribed, "held", "less than half")
    assert "writ lists accept malware" in subscribed.stderr()
    status = subprocess.run([writ.PROGRAM, "status", "--config", subscribed.directory / "writ.yaml"],
                            capture_output=True, text=True, timeout=60)
    assert "list malware (held): held: it has less than half" in status.stdout
    row = refresh(subscribed)
    assert_old_stays(subscribed, "held", "less than half")
    assert command(subscribed, "accept", "other").returncode == writ.USAGE
    done = command(subscribed, "accept", "malware")
    assert done.returncode == 0, done.stderr
    row = lists(subscribed)["malware"]
    assert (row["state"], row["names"], row.get("held"), row["problem"]) == ("current", 1, None, None)
    assert subscribed.blocks("one.example")
    assert command(subscribed, "accept", "malware").returncode == writ.USAGE


def test_a_list_that_grows_again_needs_no_acceptance(subscribed, server):
    server.write("one.example")
    refresh(subscribed)
    assert_old_stays(subscribed, "held", "less than half")
    server.write(*OLD, "five.example")
    row = refresh(subscribed)
    assert (row["state"], row["names"], row.get("held")) == ("current", 5, None)


# what can happen on this side


def test_a_killed_fetch_role_comes_back_and_goes_on(subscribed, server):
    old = subscribed.role("fetch")["pid"]
    os.kill(old, signal.SIGKILL)
    wait_for("a new one", lambda: (role := subscribed.role("fetch"))["state"] == "ready" and role["pid"] != old)
    assert all(subscribed.blocks(name) for name in OLD)
    server.write(*OLD, "five.example")
    refresh(subscribed)
    assert subscribed.blocks("five.example")


def test_an_offer_waits_while_other_files_are_wrong(subscribed, server):
    (subscribed.directory / "organisation.yaml").write_text("nonsense: yes\n")
    server.write(*OLD, "five.example")
    assert command(subscribed, "refresh").returncode == 0
    row = lists(subscribed)["malware"]
    assert row["names"] == len(OLD) and "held" not in row
    subscribed.write()
    reload(subscribed)
    assert subscribed.blocks("five.example")


def test_a_first_list_starts_the_role_and_a_damaged_state_is_forgotten(gate, server):
    assert [r["name"] for r in gate.status()["roles"]] == ["record", "dns"]
    subscribe(gate, server)
    gate.settings["daemon"].pop("lists_directory")
    gate.write()
    gate.stop()
    subscribe(gate, server)
    (gate.directory / "fetched").mkdir()
    (gate.directory / "fetched/malware.state").write_text("\0 {[")
    start(gate)
    wait_until_current(gate)
    assert all(gate.blocks(name) for name in OLD)


def test_links_and_pipes_in_the_folder_are_not_followed(subscribed, root):
    assert subscribed.stop() == 0
    copy = subscribed.directory / "fetched/malware.list"
    copy.unlink()
    os.mkfifo(copy)
    done = subprocess.run([writ.PROGRAM, "compile", "--config", subscribed.directory / "writ.yaml", "--output",
                           subscribed.directory / "image"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "it is not in force" in done.stderr, done.stderr
    copy.unlink()
    copy.symlink_to("/etc/hostname")
    done = subprocess.run([writ.PROGRAM, "compile", "--config", subscribed.directory / "writ.yaml", "--output",
                           subscribed.directory / "image"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "it is not in force" in done.stderr, done.stderr


def test_only_the_fetch_role_talks_to_the_server_and_as_its_own_user(subscribed, root):
    status = pathlib.Path(f"/proc/{subscribed.role('fetch')['pid']}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    owner = (subscribed.directory / "fetched").stat().st_uid
    assert fields["Uid"].split() == [str(owner)] * 4 and owner not in (0, 61184, 61185)
    assert int(fields["CapEff"], 16) == 0 and fields["Seccomp"].strip() == "2"


# local files


def local(installation, *names):
    installation.organisation["lists"] = [{"id": "house", "file": "house.txt", "format": "plain",
                                           "reason": "Rule 4 of the house."}]
    installation.write()
    (installation.directory / "house.txt").write_text("".join(f"{n}\n" for n in names))


def test_a_changed_file_is_picked_up(installation):
    local(installation, "one.example")
    installation.start()
    new = installation.directory / "new.txt"
    new.write_text("one.example\ntwo.example\n")
    new.rename(installation.directory / "house.txt")
    wait_for("the new name", lambda: installation.blocks("two.example"))
    with open(installation.directory / "house.txt", "a") as out:
        out.write("three.example\n")
    wait_for("the third name", lambda: installation.blocks("three.example"))
    sha256 = hashlib.sha256((installation.directory / "house.txt").read_bytes()).hexdigest()
    wait_for("the entry", lambda: changes(installation, f"list house has SHA-256 {sha256}, 3 names"))


def test_a_file_that_becomes_wrong_changes_nothing(installation):
    local(installation, "one.example")
    installation.start()
    (installation.directory / "house.txt").write_text("")
    # the reason comes behind it
    wait_for("a refusal, and why", lambda: "holds no name at all" in installation.stderr())
    assert "the policy stays as it is" in installation.stderr()
    assert installation.blocks("one.example")


def test_without_watching_a_file_waits_for_a_reload(installation):
    local(installation, "one.example")
    installation.settings["daemon"]["watch_lists"] = False
    installation.write()
    installation.start()
    (installation.directory / "house.txt").write_text("two.example\n")
    assert "inotify" not in "".join(os.readlink(f) for f in
                                    pathlib.Path(f"/proc/{installation.process.pid}/fd").iterdir())
    reload(installation)
    assert installation.blocks("two.example")
