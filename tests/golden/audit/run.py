#!/usr/bin/env python3
"""Every format of logs: what an audit finds in FORMAT/input, in other forms of it (FORMAT/input-NAME), and in
FORMAT/damaged, is FORMAT/expect.json. Where there is a FORMAT/mapping.yaml they are read as it says.
Of captures there are many, FORMAT.PROGRAM: make_captures.py makes them.

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
        if not others and expected.read_text() != text:
            print(f"not ok - {folder.name}\n{text}")
        elif not others:
            print(f"ok - {folder.name}")
        failed += bool(others) or expected.read_text() != text
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
