"""`writ scan` on databases of SQLite that a program has open: what stands in the log beside them (-wal) only."""
import shutil
import sqlite3
import subprocess
import sys

import planted
import pytest
from test_scan import result_of, scan, state_of
from writ import FOUND, INCOMPLETE

URL = "https://api.deepseek.com/v1"
HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA wal_autocheckpoint=0")
db.execute(sys.argv[2])
db.commit()
print("written", flush=True)
time.sleep(600)
"""


def in_log_mode(file):
    with sqlite3.connect(file) as db:
        assert db.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    db.close()


def webui(tree):
    file = tree.put("/srv/webui/webui.db")
    planted.open_webui(file, {"openai.api_base_urls": ["https://api.openai.com/v1"]})
    in_log_mode(file)
    return file, f"""UPDATE config SET value = '["{URL}"]' WHERE key = 'openai.api_base_urls'"""


def rpm(tree):
    file = tree.put("/usr/lib/sysimage/rpm/rpmdb.sqlite")
    planted.rpm_database(file, [("bash", "5.2")])
    in_log_mode(file)
    return file, f"INSERT INTO Packages (blob) VALUES (x'{planted.rpm_header('deepseek-cli', '2.0').hex()}')"


@pytest.fixture
def hold():
    """A process that has changed the database and holds it open."""
    held = []

    def start(file, change):
        held.append(subprocess.Popen([sys.executable, "-c", HOLD, file, change], stdout=subprocess.PIPE))
        assert held[-1].stdout.readline() == b"written\n"
        return held[-1]
    yield start
    for process in held:
        process.kill()
        process.wait()
        process.stdout.close()


def found(result):
    return {(f["where"], f["what"]) for f in result["findings"] if f["product"] == "deepseek"}


@pytest.mark.parametrize("make, where, what", [(webui, "/srv/webui/webui.db", URL),
                                               (rpm, "/usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm deepseek-cli 2.0")], ids=["webui", "rpm"])
def test_what_a_program_has_only_written_to_the_log_is_found(organisation, tmp_path, hold, make, where, what):
    t = planted.Tree(tmp_path / "root")
    file, change = make(t)
    hold(file, change)
    alone = planted.Tree(tmp_path / "alone")
    shutil.copy(file, alone.put(where))
    assert found(result_of(organisation, alone.root, 0)) == set(), "it is not in the database itself"
    before = state_of(t.root)
    result = result_of(organisation, t.root)
    assert found(result) == {(where, what)}
    assert result["not_read"] == [] and result["is_complete"]
    assert state_of(t.root) == before, "neither database, nor log, nor shared memory"


def test_a_log_without_its_shared_memory_stays_alone(organisation, tmp_path, hold):
    """As a machine leaves it whose power went: there is a log, and nobody who would bring it in."""
    t = planted.Tree(tmp_path)
    file, change = webui(t)
    process = hold(file, change)
    process.kill()
    process.wait()
    file.with_name("webui.db-shm").unlink()
    for form in (0o644, 0o444):
        file.chmod(form)
        file.parent.chmod(form | 0o111)
        before = state_of(tmp_path)
        assert found(result_of(organisation, tmp_path)) == {("/srv/webui/webui.db", URL)}
        assert state_of(tmp_path) == before
        assert sorted(path.name for path in file.parent.iterdir()) == ["webui.db", "webui.db-wal"]
    file.parent.chmod(0o755)


def test_what_was_not_committed_is_not_there(organisation, tmp_path, hold):
    t = planted.Tree(tmp_path)
    file, change = webui(t)
    hold(file, change)
    log = file.with_name("webui.db-wal")
    torn = planted.Tree(tmp_path.parent / (tmp_path.name + "-torn"))
    shutil.copy(file, torn.put("/srv/webui/webui.db"))
    torn.put("/srv/webui/webui.db-wal", log.read_bytes()[:-100])
    assert found(result_of(organisation, torn.root, 0)) == set()


def test_a_log_that_cannot_be_used_is_told(organisation, tmp_path, hold):
    t = planted.Tree(tmp_path)
    file, change = webui(t)
    t.put("/srv/webui/webui.db-wal", b"\xff" * 5000)
    result = result_of(organisation, tmp_path, INCOMPLETE)
    assert [(row["path"], row["why"]) for row in result["not_read"]] == [
        ("/srv/webui/webui.db-wal", "a log of changes that breaks its format")]


def test_a_link_beside_a_database_is_no_log(organisation, tmp_path, hold):
    outside = planted.Tree(tmp_path / "outside")
    file, change = webui(outside)
    hold(file, change)
    inside = planted.Tree(tmp_path / "root")
    shutil.copy(file, inside.put("/srv/webui/webui.db"))
    (inside.root / "srv/webui/webui.db-wal").symlink_to(file.with_name("webui.db-wal"))
    result = result_of(organisation, inside.root, INCOMPLETE)
    assert found(result) == set() and [row["path"] for row in result["not_read"]] == ["/srv/webui/webui.db-wal"]


@pytest.mark.skipif(not shutil.which("mksquashfs"), reason="needs mksquashfs (squashfs-tools)")
def test_a_log_in_an_image_belongs_to_the_database_beside_it(organisation, tmp_path, hold):
    made = planted.Tree(tmp_path / "made")
    file, change = webui(made)
    hold(file, change)
    t = planted.Tree(tmp_path / "root")
    t.image("/backup", [("/data/webui.db", file.read_bytes()), ("/data/webui.db-wal", file.with_name("webui.db-wal").read_bytes())])
    assert found(result_of(organisation, t.root)) == {("/backup/data/webui.db", URL)}


def test_no_key_of_a_log_is_shown(organisation, tmp_path, hold):
    t = planted.Tree(tmp_path)
    file, _ = webui(t)
    hold(file, f"""INSERT INTO config (key, value) VALUES ('deepseek.api_keys', '["{planted.SECRET}"]')""")
    done = scan(organisation, tmp_path, "--json")
    assert done.returncode == FOUND and b"deepseek.api_keys" in done.stdout
    assert planted.SECRET[3:15].encode() not in done.stdout + done.stderr
