"""`writ scan` on trees that are made here: what it finds, what it must not, and trees that mean harm."""
import csv
import ctypes
import io
import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import zipfile

import planted
import planted_models
import pytest
from writ import BUILT, FOUND, INCOMPLETE, INTERRUPTED, OK, PROGRAM, Writ, catches, is_sanitized, wait_for

MEMORY_MAX_KB = 300 * 1024


def scan(organisation, root, *options, **more):
    return subprocess.run([PROGRAM, "scan", "--organisation", organisation, "--reveal", *options, root],
                          capture_output=True, timeout=120, cwd="/", **more)


def result_of(organisation, root, status=FOUND, **more):
    done = scan(organisation, root, "--json", **more)
    assert done.returncode == status, done.stderr
    assert done.stderr == b""
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def planted_tree(tmp_path_factory):
    root = tmp_path_factory.mktemp("planted")
    models = [(kind, path, "weights", finder) for kind, path, finder in planted_models.plant(root)]
    return root, planted.plant(root) + models


@pytest.fixture(scope="module")
def planted_result(organisation, planted_tree):
    return result_of(organisation, planted_tree[0])


def test_every_planted_kind_is_found_with_its_facet(planted_tree, planted_result):
    found = {}
    for finding in planted_result["findings"]:
        found.setdefault((finding["where"], finding["source"].split()[-1]), set()).update(finding["facets"])
    missing = [row for row in planted_tree[1] if row[2] not in found.get((row[1], row[3]), ())]
    assert not missing
    assert len({row[0] for row in planted_tree[1]}) >= 80


# Finders whose instances are no files of a tree.
OTHERWISE = {
    "homes": "finds no product; test_everybody_whose_home_it_is_is_named",
    "images": "what lies in one is found by the finder that it is for; test_scan_images.py",
    "processes": "test_scan_processes.py",
}


def finders():
    rows = json.loads(subprocess.run([BUILT, "scan", "--finders", "--json"], capture_output=True, check=True).stdout)
    return {row["finder"] for row in rows} - set(OTHERWISE)


def test_there_is_something_planted_for_each_finder(planted_tree):
    assert finders() == {row[3] for row in planted_tree[1]}


def test_a_form_of_a_key_is_told_by_the_name_of_the_key(planted_result):
    told = {(f["where"], f["at"], f["what"]): f["proves"] for f in planted_result["findings"] if f["what"].startswith("secret")}
    assert told["/home/anna/app/.env", 2, "secret in OPENAI_API_KEY"] == "possible", "keys of others have that form, too"
    assert ("/home/anna/key/.env", 2, "secret in TOKEN") in told
    assert ("/srv/webui/data/webui.db", 0, "secret in openai.api_keys") in told


def test_conversations_are_not_looked_at(planted_result):
    own = [f for f in planted_result["findings"] if f["where"].endswith("webui.db")]
    assert not [f for f in own if "reasoner" in f["what"] or "chat.deepseek.com" in f["what"]]


def test_everybody_whose_home_it_is_is_named(planted_result):
    owners = {finding["where"]: finding["subject"] for finding in planted_result["findings"]}
    assert owners["/srv/people/ben/.dsh"] == "ben", "a home by passwd"
    assert owners["/home/ben2/.vscode-server/extensions/extensions.json"] == "ben2", "a home by its folder"
    assert owners["/etc/systemd/system/bot.service"] is None


def test_every_file_and_folder_is_counted_once(organisation, tmp_path):
    t = planted.Tree(tmp_path)
    for path in "/home/anna/.env", "/home/ben/.env", "/srv/a/b/c":
        t.put(path, "A=1\n")
    (tmp_path / "link").symlink_to("srv")
    rows = {row["finder"]: row for row in result_of(organisation, tmp_path, OK)["coverage"]}
    assert rows["folders"]["looked_at"] == len(list(tmp_path.rglob("*"))) == 10


def test_settings_that_are_linked_to_where_programs_look_are_read(organisation, tmp_path):
    """Once each: not where the file that a link leads to is read itself, nor what lies outside ROOT or is no file."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    tree, text = planted.Tree(root), "export OPENAI_BASE_URL=https://api.deepseek.com/v1\n"
    planted.Tree(outside).put("/env", text)
    tree.put("/etc/passwd", planted.PASSWD)
    tree.put("/home/anna/dotfiles/bash/rc", text)
    tree.put("/opt/bot/unit", text)
    tree.put("/srv/a/.env", text)
    for place, target in {"/home/anna/.bashrc": "dotfiles/bash/../bash/rc", "/home/anna/.profile": ".bashrc",
                          "/etc/systemd/system/bot.service": "/opt/bot/unit", "/srv/b/.env": "../a/.env", "/srv/c/.env": ".env",
                          "/srv/d/.env": str(outside / "env"), "/srv/e/.env": "../" * 40 + str(outside / "env"), "/srv/f/.env": "/opt/bot",
                          "/srv/g/.env": "/dev/null", "/srv/h/.env": "/nothing", "/srv/i/.env": "pipe", "/srv/k/.env": "l"}.items():
        tree.folder(place.rsplit("/", 1)[0])
        (root / place.lstrip("/")).symlink_to(target)
    (root / "srv/k/l").symlink_to(".env")
    os.mkfifo(root / "srv/i/pipe")
    result = result_of(organisation, root)
    assert sorted(f["where"] for f in result["findings"]) == ["/etc/systemd/system/bot.service", "/home/anna/.bashrc", "/home/anna/.profile",
                                                              "/srv/a/.env"]
    assert not result["not_read"] and {f["subject"] for f in result["findings"] if "anna" in f["where"]} == {"anna"}


def test_a_home_that_lies_behind_a_link_is_one(organisation, tmp_path):
    tree = planted.Tree(tmp_path)
    tree.put("/etc/passwd", planted.PASSWD)
    tree.put("/data/people/anna/.zshenv", "export OPENAI_BASE_URL=https://api.deepseek.com/v1\n")
    tree.put("/var/roothome/.profile", "export OPENAI_BASE_URL=https://api.deepseek.com/v1\n")
    (tmp_path / "home").symlink_to("/data/people")
    (tmp_path / "root").symlink_to("var/roothome")
    found = {(f["where"], f["subject"]) for f in result_of(organisation, tmp_path)["findings"]}
    assert found == {("/data/people/anna/.zshenv", "anna"), ("/var/roothome/.profile", "root")}


RESOLVERS = {
    "/run/systemd/resolve/resolv.conf": ("nameserver 203.0.113.1\n", "203.0.113.1"),
    "/etc/NetworkManager/system-connections/Home.nmconnection":
        ("[ipv4]\ndns=203.0.113.2;203.0.113.3;\nmethod=auto\n[ipv6]\ndns=2001:db8::2;\n", "203.0.113.2 203.0.113.3 2001:db8::2"),
    "/etc/NetworkManager/conf.d/all.conf":
        ("[main]\ndns=systemd-resolved\n[global-dns-domain-*]\nservers=203.0.113.4,dns+tls://a:b@203.0.113.5#dns.example\n",
         "203.0.113.4 203.0.113.5"),
    "/etc/netplan/50.yaml": ("network:\n  ethernets:\n    e0:\n      addresses: [192.0.2.2/24, 192.0.2.3]\n      nameservers:\n"
                             "        addresses:\n        - 203.0.113.6 # x\n        - \"2001:db8::6\"\n      routes:\n      - via: 192.0.2.1\n",
                             "203.0.113.6 2001:db8::6"),
    "/etc/netplan/60.yaml": ("network:\n  nameservers: {search: [a.example], addresses: [203.0.113.7]}\n", "203.0.113.7"),
    "/etc/network/interfaces": ("iface e0 inet static\n  address 192.0.2.4\n\tdns-nameservers 203.0.113.8\t203.0.113.9\n", "203.0.113.8 203.0.113.9"),
    "/etc/sysconfig/network-scripts/ifcfg-e0": ("DEVICE=e0\nDNS1=203.0.113.10\nDNS2=\"203.0.113.11\"\n", "203.0.113.10 203.0.113.11"),
}


def test_resolvers_are_told_wherever_a_machine_is_set_to_use_them(organisation, tmp_path):
    tree = planted.Tree(tmp_path)
    for path, (text, _) in RESOLVERS.items():
        tree.put(path, text)
    told = [(row["where"], row["what"]) for row in result_of(organisation, tmp_path, OK)["resolvers"]]
    assert sorted(told) == sorted((path, f"asks {server}") for path, (_, servers) in RESOLVERS.items() for server in servers.split())


def test_resolvers_that_go_past_the_network_are_told(planted_result):
    told = {(row["where"], row["what"]) for row in planted_result["resolvers"]}
    assert ("/etc/resolv.conf", "asks 9.9.9.9") in told, "through a link inside ROOT"
    assert ("/home/anna/.librewolf/x.default/prefs.js", "DNS over HTTPS is always used") in told
    assert ("/home/anna/.config/microsoft-edge/Local State",
            "DNS over HTTPS is always used, by doh.la.ahadns.net") in told


def test_coverage_says_what_was_looked_at(planted_result):
    coverage = {row["finder"]: row for row in planted_result["coverage"]}
    assert coverage["dpkg"]["looked_at"] == 1
    assert "**/var/lib/dpkg/status" in coverage["dpkg"]["looks_at"]
    assert coverage["folders"]["looked_at"] > 300
    assert coverage["images"]["looked_at"] == 5
    assert planted_result["not_read"] == []


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]], ids=["table", "json", "csv"])
def test_no_secret_is_shown(organisation, planted_tree, form):
    done = scan(organisation, planted_tree[0], *form)
    assert done.returncode == FOUND
    assert b"DEEPSEEK_API_KEY" in done.stdout, "the name is shown"
    for part in (planted.SECRET, planted.SECRET[3:], planted.SECRET[3:15]):
        assert part.encode() not in done.stdout + done.stderr


def test_csv_has_a_line_a_finding(organisation, planted_tree, planted_result):
    rows = list(csv.DictReader(io.StringIO(scan(organisation, planted_tree[0], "--csv").stdout.decode())))
    assert len(rows) == len(planted_result["findings"])
    assert {row["where"] for row in rows} == {finding["where"] for finding in planted_result["findings"]}


def test_a_clean_tree_has_nothing(organisation, tmp_path):
    planted.plant_clean(tmp_path)
    planted_models.plant_clean(tmp_path)
    result = json.loads(scan(organisation, tmp_path, "--json").stdout)
    own = [f for f in result["findings"] if f["product"] in ("deepseek", "encrypted-dns")]
    assert own == []
    looked = {row["finder"] for row in result["coverage"] if row["looked_at"]}
    assert not finders() - looked, "each finder had something that looks alike"


def test_an_architecture_that_others_use_is_possible_only(organisation, tmp_path):
    t = planted.Tree(tmp_path)
    t.put("/srv/config.json", {"architectures": ["DeepseekV3ForCausalLM"], "model_type": "kimi_k2", "vocab_size": 163840,
                               "auto_map": {"AutoConfig": "configuration_deepseek.DeepseekV3Config",
                                            "AutoModelForCausalLM": "modeling_deepseek.DeepseekV3ForCausalLM"}})
    t.put("/srv/own.json", {"_name_or_path": "deepseek-ai/DeepSeek-V3", "model_type": "x"})
    own = {f["where"]: f for f in result_of(organisation, tmp_path)["findings"] if f["product"] == "deepseek"}
    assert own["/srv/config.json"]["proves"] == "possible"
    assert own["/srv/config.json"]["what"] == "config-architecture=DeepseekV3ForCausalLM"
    assert own["/srv/own.json"]["proves"] == "use" and own["/srv/own.json"]["facets"] == ["weights"]


def test_an_empty_tree_is_a_complete_nil_result(organisation, tmp_path):
    result = result_of(organisation, tmp_path, OK)
    assert result["is_nil"] and result["is_complete"]


def state_of(root):
    """All that a look at a tree must not change."""
    state = {}
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files, "."]:
            s = os.lstat(os.path.join(folder, name))
            state[os.path.join(folder, name)] = (s.st_mode, s.st_size, s.st_nlink, s.st_mtime_ns, s.st_ctime_ns,
                                                 s.st_atime_ns if not stat.S_ISDIR(s.st_mode) else 0)
    return state


def test_nothing_is_written_and_no_access_time_changes(organisation, planted_tree):
    root = planted_tree[0]
    old = 1_000_000_000
    for file in root.rglob("*"):
        if file.is_file() and not file.is_symlink():
            os.utime(file, (old, file.stat().st_mtime))
    before = state_of(root)
    assert scan(organisation, root).returncode == FOUND
    assert state_of(root) == before


# What tries to write whenever a folder is read, and says how that went.
INTRUDER = """
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
struct dirent64 *readdir64(DIR *folder)
{
	struct dirent64 *(*next)(DIR *) = dlsym(RTLD_NEXT, "readdir64");
	int new = open("%s", O_WRONLY | O_CREAT, 0600), old = open("%s", O_RDWR);
	dprintf(2, "%%d %%d\\n", new < 0 ? errno : 0, old < 0 ? errno : 0);
	if (new >= 0)
		close(new);
	if (old >= 0)
		close(old);
	return next(folder);
}
"""


@pytest.mark.smoke
@pytest.mark.skipif(is_sanitized(), reason="a sanitizer wants to be loaded first")
def test_the_kernel_keeps_it_from_writing(organisation, tmp_path):
    t = planted.Tree(tmp_path / "root")
    kept = t.put("/home/anna/.env", "DEEPSEEK_API_KEY=x\n")
    source, library, new = tmp_path / "x.c", tmp_path / "x.so", tmp_path / "new"
    source.write_text(INTRUDER % (new, kept))
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", library], check=True)
    done = scan(organisation, t.root, "--json", "--cyclonedx", tmp_path / "bill.json", env={**os.environ, "LD_PRELOAD": str(library)})
    result = json.loads(done.stdout)
    assert len(result["findings"]) == 1 and json.loads((tmp_path / "bill.json").read_text())["components"]
    if result["landlock"] == 0:
        pytest.skip("the kernel has no Landlock")
    assert set(done.stderr.split(b"\n")) == {b"13 13", b""} and not new.exists()


def test_a_bill_stays_as_it_was_when_the_disk_is_full(organisation, root, tmp_path):
    t = planted.Tree(tmp_path / "root")
    for i in range(200):
        t.put(f"/home/anna/{i}/.env", "OPENAI_BASE_URL=https://api.deepseek.com\n")
    (tmp_path / "disk").mkdir()
    script = ("mount -t tmpfs -o size=8k none disk && echo old >disk/bill.json && chmod 640 disk/bill.json && "
              '"$@"; echo $? >status; ls disk >names; cp -p disk/bill.json after')
    command = [PROGRAM, "scan", "--organisation", organisation, "--cyclonedx", "disk/bill.json", t.root]
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", *command], cwd=tmp_path, capture_output=True, text=True)
    if not (tmp_path / "after").exists():
        pytest.skip(f"no file system can be mounted: {done.stderr}")
    assert (tmp_path / "after").read_text() == "old\n" and (tmp_path / "names").read_text() == "bill.json\n"
    assert (tmp_path / "status").read_text() not in ("0\n", "11\n") and "cannot write disk/bill.json: No space left" in done.stderr
    # where there is room it is replaced, with the rights that it had, and a link stays a link
    (tmp_path / "link.json").symlink_to("after")
    assert scan(organisation, t.root, "--cyclonedx", tmp_path / "link.json").returncode == FOUND
    assert len(json.loads((tmp_path / "after").read_text())["components"]) and (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "after").stat().st_mode & 0o777 == 0o640
    assert not list(tmp_path.glob("after.*"))


def test_a_bill_that_was_begun_is_gone_when_the_scan_is_killed(organisation, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    process = subprocess.Popen([PROGRAM, "scan", "--organisation", organisation, "--cyclonedx", tmp_path / "bill.json",
                                "--from", tmp_path / "fifo"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for("its file", lambda: list(tmp_path.glob("bill.json.*")))
    wait_for("who removes it", pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text)
    process.kill()
    process.wait()
    wait_for("nothing of it", lambda: not list(tmp_path.glob("bill.json*")))


def test_links_lead_nowhere_out_of_the_root(organisation, tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    planted.Tree(outside).put("/.env", "OPENAI_BASE_URL=https://api.deepseek.com\n")
    planted.Tree(outside).put("/passwd", "mallory:x:1:1::/srv/x:/bin/sh\n")
    planted.Tree(outside).put("/resolv.conf", "nameserver 1.1.1.1\n")
    t = planted.Tree(root)
    t.folder("/etc")
    t.folder("/home/anna/app")
    (root / "etc/passwd").symlink_to(outside / "passwd")
    (root / "etc/resolv.conf").symlink_to("../../../../../../.." + str(outside / "resolv.conf"))
    (root / "home/anna/app/.env").symlink_to(outside / ".env")
    (root / "home/anna/out").symlink_to(outside)
    (root / "home/anna/loop").symlink_to("loop")
    (root / "home/anna/up").symlink_to("..")
    result = result_of(organisation, root, OK)
    assert result["findings"] == [] and result["resolvers"] == []
    assert "/srv/x" not in result["homes"]


def test_what_is_no_file_is_never_opened(organisation, tmp_path):
    t = planted.Tree(tmp_path)
    t.folder("/home/anna/app")
    t.folder("/etc")
    os.mkfifo(tmp_path / "home/anna/app/.env")
    os.mkfifo(tmp_path / "etc/passwd")
    os.mkfifo(tmp_path / "home/anna/app/package.json")
    with socket.socket(socket.AF_UNIX) as s:
        os.chdir(tmp_path)
        s.bind("home/anna/app/config.json")
        os.chdir("/")
    if os.geteuid() == 0:
        try:
            os.mknod(tmp_path / "home/anna/app/settings.json", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        except PermissionError:
            pass
    result_of(organisation, tmp_path, OK)


def peak_of(organisation, root, status, *options):
    """The scan's largest memory, and its result. What this process has in memory counts as the scan's, too."""
    out = root.parent / "out.json"
    with open(out, "wb") as to:
        pid = os.posix_spawn(PROGRAM, [str(PROGRAM), "scan", "--organisation", str(organisation), "--json", *options, str(root)],
                             os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, to.fileno(), 1)])
        _, waited, used = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(waited) == status
    return used.ru_maxrss, json.loads(out.read_text())


def test_huge_and_nested_files_stay_within_memory(organisation, tmp_path):
    t = planted.Tree(tmp_path / "root")
    for path, size in (("/var/lib/dpkg/status", 100 << 30), ("/home/anna/package.json", 4 << 30),
                       ("/home/anna/x/config.json", 4 << 30), ("/home/anna/.env", 1 << 40)):
        with open(t.put(path), "r+b") as file:
            file.truncate(size)
    t.put("/home/anna/a/package-lock.json", "[" * 5_000_000)
    t.put("/home/anna/b/package-lock.json", "[" + "0," * 20_000_000 + "0]")
    t.put("/home/anna/c/package-lock.json", '{"a":' * 3000 + "1" + "}" * 3000)
    t.put("/home/anna/d/yarn.lock", "@" * 30_000_000)
    t.put("/home/anna/e/requirements.txt", "a" * 10_000_000)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"name": "deepseek inside"}))
    t.zip("/home/anna/nested.xpi", {"inner.xpi": inner.getvalue()})
    with zipfile.ZipFile(t.put("/home/anna/bomb.xpi"), "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("manifest.json", "w") as member:
            for _ in range(512):
                member.write(bytes(1 << 20))
    t.put("/home/anna/torn.xpi", inner.getvalue()[:40])
    peak, result = peak_of(organisation, tmp_path / "root", INCOMPLETE)
    if not is_sanitized():
        assert peak < MEMORY_MAX_KB
    unread = {row["path"]: row["why"] for row in result["not_read"]}
    assert {"/var/lib/dpkg/status", "/home/anna/package.json", "/home/anna/x/config.json", "/home/anna/.env",
            "/home/anna/b/package-lock.json", "/home/anna/bomb.xpi"} <= set(unread)
    assert result["findings"] == [], "archives in archives are not opened"


@pytest.mark.parametrize("name, count, why", [("d", 260, "too many folders in each other"),
                                              ("d" * 250, 20, "the path of an entry is too long")])
def test_what_is_too_deep_is_told(organisation, tmp_path, name, count, why):
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(count):
        os.mkdir(name, dir_fd=here)
        deeper = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    result = result_of(organisation, tmp_path, INCOMPLETE)
    subprocess.run(["rm", "-rf", tmp_path / name], check=True)
    assert [row["why"] for row in result["not_read"]] == [why]


def test_more_homes_and_resolvers_than_are_kept_are_said(organisation, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("".join(f"u{i}:x:{i}:{i}::/people/u{i}:/bin/sh\n" for i in range(5000)))
    (tmp_path / "etc/resolv.conf").write_text("".join(f"nameserver 203.0.113.{i}\n" for i in range(1, 251)))
    result = json.loads(scan(organisation, tmp_path, "--json").stdout)
    problems = " ".join(s["problem"] or "" for s in result["sources"])
    assert "more homes than are known" in problems and "more resolvers than are told" in problems
    assert not result["is_complete"]


def test_names_that_mean_harm_do_none(organisation, tmp_path):
    folder = tmp_path / "home/anna"
    folder.mkdir(parents=True)
    for name in (b"\x1b[31mred\n\x07", b"\xff\xfe\x80", b"a'b\"c;$(reboot)", b"-rf", b"%s%n%s", b"*"):
        own = os.path.join(os.fsencode(folder), name)
        os.mkdir(own)
        with open(os.path.join(own, b".env"), "w") as file:
            file.write("OPENAI_BASE_URL=https://api.deepseek.com\n")
    result = result_of(organisation, tmp_path)
    assert len(result["findings"]) == 6
    table = scan(organisation, tmp_path).stdout
    assert b"\x1b" not in table and b"\x07" not in table


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_what_may_not_be_read_is_told_with_the_reason(organisation, tmp_path):
    for folder in [tmp_path, *tmp_path.parents[:3]]:
        folder.chmod(folder.stat().st_mode | 0o755)  # what it allows already it goes on to allow: it may be /tmp
    t = planted.Tree(tmp_path)
    t.put("/home/anna/.env", "DEEPSEEK_API_KEY=x\n").chmod(0)
    t.put("/root/.env", "DEEPSEEK_API_KEY=x\n").parent.chmod(0o700)
    t.put("/srv/.env", "A=1\n")
    result = result_of(organisation, tmp_path, INCOMPLETE, user=65534, group=65534)
    assert {(row["path"], row["why"].lower()) for row in result["not_read"]} == {
        ("/home/anna/.env", "permission denied"), ("/root", "permission denied")}


def test_it_can_be_stopped(organisation, tmp_path):
    """In a tree that takes a second at the least: a file that is read has its name 200 times in each of 100 folders."""
    (tmp_path / "0").mkdir()
    (tmp_path / "0/0.env").write_text("A=1\n" * 10000)
    for i in range(100):
        folder = tmp_path / str(i)
        folder.mkdir(exist_ok=True)
        for k in range(200):
            if i or k:
                os.link(tmp_path / "0/0.env", folder / f"{k}.env")
    process = subprocess.Popen([PROGRAM, "scan", "--organisation", organisation, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_for("what a signal does", lambda: catches(process, signal.SIGTERM))
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        assert process.returncode == INTERRUPTED and b"interrupted" in err
    finally:
        process.kill()
        process.wait()


def test_others_come_first(organisation):
    """The lowest priority of the processor, and the disk only when nobody else wants it."""
    process = subprocess.Popen([PROGRAM, "scan", "--organisation", organisation, "--from", "-"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    try:
        wait_for("the lowest priority", lambda: os.getpriority(os.PRIO_PROCESS, process.pid) == 19)
        ioprio_get, who, idle = 252, 1, 3 # x86-64
        if os.uname().machine == "x86_64":
            wait_for("an idle disk", lambda: ctypes.CDLL(None).syscall(ioprio_get, who, process.pid) >> 13 == idle)
        out, _ = process.communicate(b"package:com.deepseek.chat\n", timeout=60)
        assert process.returncode == FOUND and b"com.deepseek.chat" in out
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("words", [("--from", "x", "/"), ("--egress", "1", "/"), ("--from", "x", "--egress", "1"), ("--since", "2026-01-01", "/")])
def test_options_that_would_be_ignored_are_refused(organisation, words):
    done = subprocess.run([PROGRAM, "scan", "--organisation", organisation, *words], capture_output=True)
    assert done.returncode == 2 and b"--egress" in done.stderr and not done.stdout


def test_one_result_is_not_shown_in_two_forms(organisation, tmp_path):
    done = subprocess.run([PROGRAM, "scan", "--organisation", organisation, "--json", "--csv", tmp_path], capture_output=True)
    assert done.returncode == 2 and b"two forms" in done.stderr and not done.stdout


def test_the_table_of_finders_is_printed():
    text = subprocess.run([BUILT, "scan", "--finders"], capture_output=True, check=True).stdout.decode()
    rows = json.loads(subprocess.run([BUILT, "scan", "--finders", "--json"], capture_output=True, check=True).stdout)
    assert len(rows) > 25 and all(f"{row['finder']}: {row['help']}" in text for row in rows)


def test_a_later_scan_says_what_is_gone(organisation, tmp_path):
    t = planted.Tree(tmp_path / "root")
    env = t.put("/home/anna/.env", "DEEPSEEK_API_KEY=x\n")
    t.put("/home/ben/.env", "DEEPSEEK_API_KEY=x\n")
    earlier = tmp_path / "earlier.json"
    earlier.write_bytes(scan(organisation, t.root, "--json").stdout)
    env.unlink()
    later = json.loads(scan(organisation, t.root, "--json", "--diff", earlier).stdout)
    assert (later["changes"]["new"], later["changes"]["still"]) == (0, 1)
    assert [row["where"] for row in later["changes"]["gone"]] == ["/home/anna/.env"]


@pytest.fixture
def agency():
    w = Writ()
    w.start()
    yield w
    w.close()


def test_what_was_recorded_is_gone_when_a_later_scan_of_the_machine_does_not_find_it(tmp_path, agency):
    first, other = planted.Tree(tmp_path / "first"), planted.Tree(tmp_path / "other")
    env = first.put("/home/anna/.env", "DEEPSEEK_API_KEY=x\n")
    other.put("/home/anna/.env", "DEEPSEEK_API_KEY=x\n")

    def run(*command):
        return subprocess.run([PROGRAM, *command, "--config", agency.directory / "writ.yaml"], capture_output=True,
                              cwd=agency.directory, text=True, timeout=120)

    for tree in (first, other):
        done = run("scan", tree.root, "--record")
        assert done.returncode == FOUND, done.stderr
    listed = json.loads(run("findings", "list", "--json").stdout)
    assert len(listed) == 2, "the same file of two machines is two findings"
    assert {row["where"] for row in listed} == {"/home/anna/.env"}
    env.unlink()
    assert run("scan", first.root, "--record").returncode == OK
    assert sorted(row["state"] for row in json.loads(run("findings", "list", "--json").stdout)) == ["gone", "open"]
