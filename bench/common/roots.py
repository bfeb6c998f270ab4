"""Programs of other systems than this one. A root (of a newer Debian, say) is entered by chroot, and its programs run with
this system's kernel; ../README.md has how one is made."""
import pathlib
import re
import subprocess

HERE = pathlib.Path("/")
FOLDERS = ("usr/bin", "usr/sbin", "usr/local/bin", "bin", "sbin")


def add_option(parser):
    parser.add_argument("--root", dest="roots", action="append", default=[], type=lambda p: pathlib.Path(p).resolve(),
                        metavar="DIRECTORY", help="of another system, whose peers take part too; as often as there are some")


def having(program, roots):
    """Those of the roots, this system's first, that have it."""
    return [r for r in (HERE, *roots) if any((r / folder / program).exists() for folder in FOLDERS)]


def entering(root):
    """Words before a command of that root's."""
    return [] if root == HERE else ["chroot", str(root)]


def inside(root, path):
    """A path as programs of that root see it."""
    return HERE / path.relative_to(root)


def version(root, program, words):
    """As the program prints it."""
    done = subprocess.run([*entering(root), program, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=60)
    return (re.search(r"[0-9]+\.[0-9]+[^\s),]*", done.stdout + done.stderr) or ["?"])[0].rstrip(".")
