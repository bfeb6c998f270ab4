"""A control group of its own with a BPF program over what its processes send, where the kernel permits one."""
import contextlib
import ctypes
import os
import pathlib
import secrets
import struct

import pytest

SYS_BPF = 321 # x86-64
PROG_LOAD, PROG_ATTACH = 5, 8
CGROUP_SKB, INET_EGRESS = 8, 1
libc = ctypes.CDLL(None, use_errno=True)
PASS = struct.pack("<BBhi", 0xB7, 0, 0, 1) + struct.pack("<BBhi", 0x95, 0, 0, 0) # r0 = 1; exit


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    done = libc.syscall(SYS_BPF, command, buffer, len(attributes))
    if done < 0:
        pytest.skip(f"the kernel takes no BPF program here: {os.strerror(ctypes.get_errno())}")
    return done


def load(name):
    code, licence = ctypes.create_string_buffer(PASS), ctypes.create_string_buffer(b"GPL")
    return bpf(PROG_LOAD, struct.pack("<IIQQIIQII16sII", CGROUP_SKB, len(PASS) // 8, ctypes.addressof(code),
                                      ctypes.addressof(licence), 0, 0, 0, 0, 0, name.encode(), 0, INET_EGRESS).ljust(128, b"\0"))


@contextlib.contextmanager
def filtered(pid, name):
    """The process is in a group whose filter has that name."""
    mounts = [f for f in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified") if os.path.exists(f + "/cgroup.controllers")]
    if not mounts or os.uname().machine != "x86_64":
        pytest.skip("no control group can be made here")
    group = pathlib.Path(mounts[0]) / f"writ-{secrets.token_hex(4)}"
    group.mkdir()
    program = folder = -1
    try:
        program, folder = load(name), os.open(group, os.O_RDONLY)
        bpf(PROG_ATTACH, struct.pack("<IIII", folder, program, INET_EGRESS, 0).ljust(64, b"\0"))
        (group / "cgroup.procs").write_text(str(pid))
        yield
        (group.parent / "cgroup.procs").write_text(str(pid))
    finally:
        for fd in (program, folder):
            if fd >= 0:
                os.close(fd)
        group.rmdir()
