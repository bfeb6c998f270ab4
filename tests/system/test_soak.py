"""Long life: reloads and killed roles under load, over and over."""
import os
import pathlib
import signal
import time

import pytest

from writ import Load, wait_for

MINUTES = 10 if "WRIT_SOAK_MINUTES" not in os.environ else float(os.environ["WRIT_SOAK_MINUTES"])


def memory_kib(pid):
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


@pytest.mark.deep
def test_reloads_and_killed_roles_neither_stop_blocking_nor_grow_memory_nor_break_the_evidence(installation, root):
    installation.settings["record"].update(heartbeat_interval="1 s", aggregate_window="1 s")
    installation.organisation["lists"] = [{"id": "soak", "file": "soak.txt", "reason": "Soak."}]
    names = installation.directory / "soak.txt"
    names.write_text("".join(f"n{i}.soak.example\n" for i in range(100000)))
    installation.write()
    instance = installation.start()
    sizes, turn, end = {"dns": [], "record": []}, 0, time.monotonic() + MINUTES * 60
    with Load(instance):
        while time.monotonic() < end:
            turn += 1
            with names.open("a") as f:
                f.write(f"more{turn}.soak.example\n")
            assert instance.ask("reload")["ok"]
            assert instance.blocks(f"more{turn}.soak.example")
            if turn % 10 == 0:
                os.kill(instance.role(("dns", "record")[turn // 10 % 2])["pid"], signal.SIGKILL)
                wait_for("ready again", instance.is_ready)
            time.sleep(2)
            for role, seen in sizes.items():
                seen.append(memory_kib(instance.role(role)["pid"]))
    assert instance.stop() == 0
    done = instance.verify()
    assert done.returncode == 0, done.stdout
    for role, seen in sizes.items():
        third = len(seen) // 3
        assert max(seen[-third:]) < 1.3 * max(seen[:third]), f"{role} grows: {seen}"
