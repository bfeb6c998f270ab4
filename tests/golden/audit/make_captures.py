#!/usr/bin/env python3
"""Makes the cases of captures anew: each program of tests/system/captured.py asks for one name, and tcpdump or dumpcap writes
it down. Needs root. The bytes are others each time, so all expect.json are made anew, too:

    make_captures.py && run.py RUN_AUDIT --update"""

import pathlib
import platform
import re
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "system"))

import captured  # noqa: E402
import packet_lab  # noqa: E402
import packet_servers  # noqa: E402

NAME = "www.seek.example"
SIZE_MAX = 60_000  # of what is kept: the rest of a long download says nothing more
LEFT_OUT = ("curl, much", "kdig,", "kdig by TCP", "kdig padded")


def shorten(path, shortest):
    """The packets but those of the marks, as far as they go into SIZE_MAX."""
    form = "pcapng" if path.name.startswith("dumpcap") else "pcap"
    subprocess.run(["tshark", "-n", "-r", path, "-Y", "!(dns.qry.name contains \"mark.example\") && (ip || ipv6)", "-F", form,
                    "-w", shortest], check=True, capture_output=True)
    count = 4096
    while shortest.stat().st_size > SIZE_MAX:
        count //= 2
        subprocess.run(["editcap", "-r", "-F", form, shortest, shortest.with_suffix(".cut"), f"1-{count}"], check=True,
                       capture_output=True)
        shortest.with_suffix(".cut").replace(shortest)


def nameless(data):
    """Without what pcapng says of the machine: its processor and its kernel."""
    told, at = bytearray(data.replace(platform.release().encode(), b"x" * len(platform.release()))), 24
    while data.startswith(b"\n\r\r\n") and (option := struct.unpack_from("<HH", told, at)) != (0, 0):
        if option[0] in (2, 3):
            told[at + 4:at + 4 + option[1]] = b"x" * option[1]
        at += 4 + (option[1] + 3 & ~3)
    return bytes(told)


def damage(data):
    """The length of one packet is wrong, and the last one is cut."""
    broken = bytearray(data[:-7])
    at = len(broken) // 2
    broken[at:at + 40] = struct.pack("<I", 0xfffffff0) * 10
    return bytes(broken)


def make(lab, title, writer, folder):
    with captured.Recording(lab, folder, [writer]) as recording:
        captured.visit(lab, title, NAME, folder / "program")
    short = folder / f"{writer}.short"
    shorten(recording.files[writer], short)
    form = "pcapng" if writer == "dumpcap" else "pcap"
    case = HERE / f"{form}.{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-')}"
    case.mkdir(exist_ok=True)
    data = nameless(short.read_bytes())
    (case / "input").write_bytes(data)
    (case / "damaged").write_bytes(damage(data))
    (case / "expect.json").touch()
    print(case.name, len(data))


def main():
    lab = packet_lab.Lab("routed")
    try:
        lab.servers = packet_servers.Servers(lab)
        lab.servers.files[NAME] = lab.servers.files[packet_servers.NOBODY]
        titles = [t for t in captured.VISITS if captured.is_possible(t) and not t.startswith(LEFT_OUT)]
        for number, title in enumerate(titles):
            with tempfile.TemporaryDirectory() as folder:
                make(lab, title, list(captured.WRITERS)[number % len(captured.WRITERS)], pathlib.Path(folder))
    finally:
        lab.close()


main()
