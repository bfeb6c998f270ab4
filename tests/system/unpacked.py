"""What ./check unpacks because it may not be installed."""
import pathlib
import shutil

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "build/unpacked"
NODE_MODULES = FOLDER / "npm/node_modules"


def npm_program(name):
    """The machine's own, else npm's; None: there is none."""
    return shutil.which(name) or shutil.which(name, path=NODE_MODULES / ".bin")
