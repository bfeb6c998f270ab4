#!/usr/bin/env python3
"""Every format of logs: what an audit finds in FORMAT/input, and in FORMAT/damaged, is FORMAT/expect.json.

    run.py RUN_AUDIT [--update]"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def found(program, path):
    done = subprocess.run([program, path], capture_output=True, check=True, timeout=60)
    return json.loads(done.stdout)


def main():
    program, update = sys.argv[1], "--update" in sys.argv
    failed = 0
    for folder in sorted(path for path in HERE.iterdir() if (path / "input").exists()):
        is_now = {name: found(program, folder / name) for name in ("input", "damaged")}
        text = json.dumps(is_now, indent=1, ensure_ascii=False) + "\n"
        expected = folder / "expect.json"
        if update:
            expected.write_text(text)
        if is_now["input"].get("format") != folder.name:
            print(f"not ok - {folder.name} is taken for {is_now['input'].get('format')}")
            failed += 1
        elif expected.read_text() != text:
            print(f"not ok - {folder.name}\n{text}")
            failed += 1
        else:
            print(f"ok - {folder.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
