#!/usr/bin/env python3
"""Every format of logs: what an audit finds in FORMAT/input, in other forms of it (FORMAT/input-NAME), and in
FORMAT/damaged, is FORMAT/expect.json. Where there is a FORMAT/mapping.yaml they are read as it says. Every line of an
input is understood; of FORMAT/damaged those are not that stand in no input. Of captures there are many,
FORMAT.PROGRAM: make_captures.py makes them.

    run.py RUN_AUDIT [--update]"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def found(program, path):
    mapping = path.parent / "mapping.yaml"
    done = subprocess.run([program, path] + [mapping] * mapping.exists(), capture_output=True, check=True, timeout=60)
    return json.loads(done.stdout)


def is_of(folder, format_name):
    """A mapping's format is called by its name."""
    return format_name == (folder.name.replace("-", " ", 1) if (folder / "mapping.yaml").exists()
                           else folder.name.split(".")[0])


def is_counted(folder, is_now):
    """Packets and frames are no lines, and of Zeek some kinds of logs are not known: what is not understood of them stands
    in expect.json alone."""
    if folder.name.split(".")[0] in ("dnstap", "pcap", "pcapng", "zeek"):
        return True
    good = set().union(*((folder / name).read_bytes().split(b"\n") for name in is_now if name != "damaged"))
    broken = [line for line in (folder / "damaged").read_bytes().split(b"\n") if line not in good]
    return all(one["not_understood"] == (len(broken) if name == "damaged" else 0) for name, one in is_now.items())


def main():
    program, update = sys.argv[1], "--update" in sys.argv
    failed = 0
    for folder in sorted(path for path in HERE.iterdir() if (path / "input").exists()):
        inputs = sorted(path.name for path in folder.glob("input*"))
        is_now = {name: found(program, folder / name) for name in inputs + ["damaged"]}
        text = json.dumps(is_now, indent=1, ensure_ascii=False) + "\n"
        expected = folder / "expect.json"
        if update:
            expected.write_text(text)
        others = [name for name in inputs if not is_of(folder, is_now[name].get("format"))]
        for name in others:
            print(f"not ok - {folder.name}: {name} is taken for {is_now[name].get('format')}")
        if not others and not is_counted(folder, is_now):
            print(f"not ok - {folder.name}: more or less is not understood than was broken")
            failed += 1
        elif not others and expected.read_text() != text:
            print(f"not ok - {folder.name}\n{text}")
            failed += 1
        elif not others:
            print(f"ok - {folder.name}")
        failed += bool(others)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
