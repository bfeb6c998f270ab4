"""Suricata reads captures and writes what it saw: EVE."""
import json
import re
import shutil
import subprocess

from packet_servers import QUIC, QUIC_RETRY

PROGRAM = shutil.which("suricata", path="/usr/sbin:/usr/bin:/sbin:/bin")
# QUIC is looked for where it is expected only; checksums are left to network cards that veth has not
SETTINGS = """%YAML 1.1
---
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
{eve}
app-layer:
  protocols:
    quic: {{enabled: yes, detection-ports: {{dp: "{ports}"}}}}
    http2: {{enabled: yes}}
"""
USUAL = """      types:
        - dns: {version: 2}
        - tls: {extended: yes}
        - http: {extended: yes}
        - http2
        - quic
        - flow
"""


def version():
    """As numbers; of none that is installed, 0."""
    done = subprocess.run([PROGRAM, "-V"], capture_output=True, text=True, check=True) if PROGRAM else None
    return tuple(map(int, re.search(r"version (\d+)\.(\d+)\.(\d+)", done.stdout).groups())) if done else (0,)


def version_of_dns(wanted):
    """Of its events, since version 8 more than one."""
    return wanted if version() >= (8,) else 2


def is_all_of_quic_read():
    """Since 7.0.9: hellos of several packets, too, and those that follow a Retry."""
    return version() >= (7, 0, 9)


def read(capture, folder, eve=USUAL, rules=""):
    """The file that it writes of a capture."""
    folder.mkdir()
    settings, signatures = folder / "suricata.yaml", folder / "rules"
    settings.write_text(SETTINGS.format(eve=eve, ports=f"{QUIC}, {QUIC_RETRY}"))
    signatures.write_text(rules)
    done = subprocess.run([PROGRAM, "-r", capture, "-c", settings, "-S", signatures, "-l", folder, "-k", "none", "--runmode", "single"],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in (done.stdout + done.stderr).lower(), done.stdout + done.stderr
    return folder / "eve.json"


def events(eve):
    """As JSON says them; before it may stand what syslog wants."""
    return [json.loads(line[line.index("{"):]) for line in eve.read_text().splitlines()]
