"""Reads every CASE/input.pcap with the packet gate's core, and compares its events with CASE/expect.ndjson, which are
those that a gate in the path has recorded while the capture was made (make.py).

usage: run.py WRIT RUN_PACKET CATALOGUE
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES_MIN = 8


def main(writ, run_packet, catalogue):
    cases = sorted(HERE.glob("*/input.pcap"))
    failed = len(cases) < CASES_MIN
    with tempfile.TemporaryDirectory() as folder:
        image = pathlib.Path(folder, "policy.image")
        subprocess.run([writ, "compile", "--catalogue", catalogue, "--organisation", HERE / "organisation.yaml", "--output",
                        image], check=True, stdout=subprocess.DEVNULL)
        for case in cases:
            done = subprocess.run([run_packet, image, case], capture_output=True, text=True, timeout=60, check=False)
            expected = case.with_name("expect.ndjson").read_text()
            if done.returncode or done.stdout != expected:
                failed = True
                print(f"{case.parent.name}: expected\n{expected}got\n{done.stdout}{done.stderr}")
    print(f"{len(cases)} captures")
    return int(failed)


sys.exit(main(*sys.argv[1:]))
