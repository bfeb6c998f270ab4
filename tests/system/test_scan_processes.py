"""`writ scan` of what runs: in a small root with process numbers of its own, so that it is a machine of its own."""
import json
import os
import re
import shutil
import subprocess

import body
import planted_models
import pytest
from writ import FOUND, PROGRAM

SECRET = "sk-" + "5a6b7c8d9e0f1a2b" * 2

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a root of its own needs root")

# What runs beside the scan: it maps a model of 2 MiB, and waits.
SERVER = r"""
set -e
mount -t proc proc /proc
export HOME=/home/anna DEEPSEEK_API_KEY=%s
/bin/server --base-url https://api.deepseek.com/v1 --api-key $DEEPSEEK_API_KEY >/server.out &
unset DEEPSEEK_API_KEY
i=0; while ! grep -q model.bin /proc/$!/maps; do i=$((i+1)); [ $i -lt 2000 ] || exit 99; done
/writ scan --organisation /organisation.yaml --reveal --json /
""" % SECRET

# A program that has more than is looked at: of what, one word says. It goes on in the background when it has.
MANY = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int ready[2], model;

static int map(size_t size)
{
	return mmap(0, size, PROT_READ, MAP_SHARED, model, 0) == MAP_FAILED;
}

static int have(const char *what)
{
	int is_wrong = 0, own[2];
	char c;
	if (!strcmp(what, "mappings")) {
		/* the kernel lists what is mapped later first */
		is_wrong |= map(2 << 20);
		for (int i = 0; i < 5000; i++)
			is_wrong |= map(4096);
	} else if (!strcmp(what, "namespaces")) {
		is_wrong |= pipe(own);
		for (int i = 0; i < 257 && !is_wrong; i++) {
			if (fork() == 0)
				return unshare(CLONE_NEWNET) || write(own[1], "", 1) != 1 || pause();
			is_wrong |= read(own[0], &c, 1) != 1;
		}
	}
	return is_wrong || write(ready[1], "", 1) != 1 || pause();
}

int main(int count, char **words)
{
	char c;
	model = open("/srv/model.bin", O_RDONLY);
	if (count != 2 || model < 0 || pipe(ready))
		return 1;
	if (fork() == 0)
		return have(words[1]);
	close(ready[1]);
	return read(ready[0], &c, 1) != 1;
}
"""

LIMITS = r"""
set -e
mount -t proc proc /proc
/bin/many mappings
text=$(printf %0120000d 1)
A=$text B=$text C=$text /bin/many variables
/bin/many namespaces
/writ scan --organisation /organisation.yaml --reveal --json /
"""


def put_program(root, program, name):
    target = root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(program, target)
    for line in subprocess.run(["ldd", program], capture_output=True, text=True).stdout.splitlines():
        for word in line.split():
            if word.startswith("/"):
                library = root / word.lstrip("/")
                library.parent.mkdir(parents=True, exist_ok=True)
                if not library.exists():
                    shutil.copy(word, library)


@pytest.fixture
def machine(tmp_path):
    source = tmp_path / "server.c"
    source.write_text('#include <fcntl.h>\n#include <sys/mman.h>\n#include <unistd.h>\n'
                      'int main(void) { int fd = open("/srv/model.bin", O_RDONLY);\n'
                      'return mmap(0, 2 << 20, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? 1 : (sleep(60), 0); }\n')
    root = tmp_path / "root"
    for folder in "proc", "home/anna", "srv", "dev":
        (root / folder).mkdir(parents=True)
    (root / "dev/null").touch() # a shell gives it to what runs in the background
    subprocess.run(["cc", source, "-o", tmp_path / "server"], check=True)
    (tmp_path / "many.c").write_text(MANY)
    subprocess.run(["cc", tmp_path / "many.c", "-o", tmp_path / "many"], check=True)
    for program, name in (("/bin/sh", "bin/sh"), ("/bin/mount", "bin/mount"), ("/bin/grep", "bin/grep"),
                          (tmp_path / "server", "bin/server"), (tmp_path / "many", "bin/many"), (PROGRAM, "writ")):
        put_program(root, program, name)
    (root / "srv/model.bin").write_bytes(planted_models.gguf(general__architecture="deepseek4") + bytes(2 << 20))
    body.write(root)
    return root


def run(machine, script):
    return subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "chroot", machine, "/bin/sh", "-c", script],
                          capture_output=True, timeout=600)


def test_programs_that_run_are_found_and_no_secret_is_told(machine):
    done = run(machine, SERVER)
    assert done.returncode == FOUND, done.stderr
    findings = [f for f in json.loads(done.stdout)["findings"] if f["source"].split()[-1] == "processes"]
    told = {(f["where"], f["what"]) for f in findings}
    assert ("/bin/server", "environment=DEEPSEEK_API_KEY") in told
    assert any(where == "/bin/server" and "api.deepseek.com" in what for where, what in told)
    assert any(where == "/srv/model.bin" and "gguf-architecture=deepseek4, loaded by server" in what for where, what in told)
    assert {f["subject"] for f in findings if f["where"] == "/bin/server"} == {"anna"}
    assert SECRET.encode() not in done.stdout + done.stderr


def test_what_is_more_than_is_looked_at_is_told(machine):
    done = run(machine, LIMITS)
    assert done.returncode == FOUND, done.stderr
    result = json.loads(done.stdout)
    assert any(f["where"] == "/srv/model.bin" and "loaded by many" in f["what"] for f in result["findings"]), "behind 5,000 mappings"
    told = {(re.sub(r"[0-9]+", "N", row["path"]), row["why"]) for row in result["not_read"]}
    assert ("/proc/N/environ", "longer than is read of it") in told
    assert any(path == "/proc" and why.endswith("in more network namespaces than are looked at") for path, why in told), told
