"""`writ scan` on databases of rpm, in every form that it had on Linux: made by rpm itself and by Berkeley DB's own tool; in
the form of ndb, which Debian's rpm does not write (it warns and keeps nothing), of headers that rpm has made."""
import json
import shutil
import sqlite3
import subprocess

import planted
import pytest
from writ import FOUND, PROGRAM

BOTH = ["rpm deepseek-cli 1.5", "rpm deepseek-gui 1.5"]
TOOLS = ("rpm", "rpmbuild", "db5.3_load")

pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")

SPEC = """Name: {name}
Version: 1.5
Release: 1
Summary: A package of the tests
License: None
BuildArch: noarch
AutoReqProv: no
%description
{words}
%files
"""


def build(folder, name, words):
    """An empty package with a description that long."""
    spec = folder / f"{name}.spec"
    spec.write_text(SPEC.format(name=name, words=words))
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}/build", "--define", f"_rpmdir {folder}",
                    "--dbpath", folder / "none", spec], check=True, capture_output=True)
    return folder / f"noarch/{name}-1.5-1.noarch.rpm"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packages")
    # headers of one page, and of many
    return [build(folder, "bash", "short"), build(folder, "deepseek-cli", "word " * 30_000), build(folder, "zsh", "x " * 3000),
            build(folder, "deepseek-gui", "short")]


def install(packages, database, backend="sqlite"):
    options = ["--dbpath", database, "--define", f"_db_backend {backend}", "--root", "/"]
    subprocess.run(["rpm", *options, "--initdb"], check=True, capture_output=True)
    subprocess.run(["rpm", *options, "--install", "--justdb", "--nodeps", "--nosignature", "--nodigest", "--ignorearch", *packages],
                   check=True, capture_output=True)


@pytest.fixture(scope="module")
def headers(packages, tmp_path_factory):
    """What rpm puts into a database."""
    database = tmp_path_factory.mktemp("database")
    install(packages, database)
    with sqlite3.connect(database / "rpmdb.sqlite") as db:
        return [row[0] for row in db.execute("SELECT blob FROM Packages ORDER BY hnum")]


def found(organisation, root):
    done = subprocess.run([PROGRAM, "scan", "--organisation", organisation, "--json", root], capture_output=True, timeout=120)
    assert done.returncode == FOUND, (done.stdout, done.stderr)
    result = json.loads(done.stdout)
    assert result["not_read"] == []
    assert not [row for row in result["coverage"] if row["not_understood"]]
    return sorted(finding["what"] for finding in result["findings"])


def has_backend(folder, name):
    done = subprocess.run(["rpm", "--dbpath", folder, "--define", f"_db_backend {name}", "--initdb"], capture_output=True, text=True)
    return "invalid" not in done.stderr


@pytest.mark.parametrize("backend", ["sqlite", "ndb"])
def test_what_rpm_installs_is_found(organisation, packages, tmp_path, backend):
    if not has_backend(tmp_path / "none", backend):
        pytest.skip(f"this rpm writes no {backend}")
    install(packages, tmp_path / "usr/lib/sysimage/rpm", backend)
    assert found(organisation, tmp_path) == BOTH


def test_ndb_is_read(organisation, headers, tmp_path):
    planted.Tree(tmp_path).put("usr/lib/sysimage/rpm/Packages.db", planted.rpm_ndb(headers))
    assert found(organisation, tmp_path) == BOTH


@pytest.mark.parametrize("page, order", [(512, 1234), (4096, 1234), (65536, 1234), (4096, 4321)])
def test_a_hash_of_berkeley_db_is_read(organisation, headers, tmp_path, page, order):
    """As older versions of rpm had it: a number in the machine's order, and the header; 0 is the next number."""
    rows = {0: len(headers).to_bytes(4, "little")}
    rows.update(enumerate(headers, 1))
    # many small ones, so that pages of the hash split
    other = next(header for header in headers if b"deepseek" not in header)
    rows.update((i, other) for i in range(100, 400))
    dump = f"VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize={page}\ndb_lorder={order}\nHEADER=END\n"
    dump += "".join(f" {key.to_bytes(4, 'little').hex()}\n {value.hex()}\n" for key, value in rows.items()) + "DATA=END\n"
    folder = tmp_path / "var/lib/rpm"
    folder.mkdir(parents=True)
    subprocess.run(["db5.3_load", folder / "Packages"], input=dump, text=True, check=True, capture_output=True)
    assert found(organisation, tmp_path) == BOTH
