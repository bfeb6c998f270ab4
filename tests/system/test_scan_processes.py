"""`writ scan` of what runs: in a small root with process numbers of its own, so that it is a machine of its own."""
import json
import os
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
    for program, name in (("/bin/sh", "bin/sh"), ("/bin/mount", "bin/mount"), ("/bin/grep", "bin/grep"),
                          (tmp_path / "server", "bin/server"), (PROGRAM, "writ")):
        put_program(root, program, name)
    (root / "srv/model.bin").write_bytes(planted_models.gguf(general__architecture="deepseek4") + bytes(2 << 20))
    body.write(root)
    return root


def test_programs_that_run_are_found_and_no_secret_is_told(machine):
    done = subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "chroot", machine, "/bin/sh", "-c", SERVER],
                          capture_output=True, timeout=100)
    assert done.returncode == FOUND, done.stderr
    findings = [f for f in json.loads(done.stdout)["findings"] if f["source"].split()[-1] == "processes"]
    told = {(f["where"], f["what"]) for f in findings}
    assert ("/bin/server", "environment=DEEPSEEK_API_KEY") in told
    assert any(where == "/bin/server" and "api.deepseek.com" in what for where, what in told)
    assert any(where == "/srv/model.bin" and "gguf-architecture=deepseek4, loaded by server" in what for where, what in told)
    assert {f["subject"] for f in findings if f["where"] == "/bin/server"} == {"anna"}
    assert SECRET.encode() not in done.stdout + done.stderr
