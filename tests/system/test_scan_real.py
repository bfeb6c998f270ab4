"""`writ scan` on trees that real programs made here, beside what these programs themselves list."""
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from packet_agency import Browser
from test_scan import result_of

DPKG = all(map(shutil.which, ("dpkg", "dpkg-deb", "dpkg-query")))
PIP = all(map(importlib.util.find_spec, ("pip", "setuptools", "wheel")))


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, timeout=120, **options).stdout


def found(organisation, root, finder, kind):
    """Names and versions that a finder told of that kind."""
    result = result_of(organisation, root)
    rows = [f["what"].split(" ") for f in result["findings"] if f["source"].endswith(f" {finder}")]
    assert rows and all(row[0] == kind for row in rows)
    return {tuple(row[1:]) for row in rows}


# dpkg

CONTROL = "Package: {}\nVersion: {}\nArchitecture: all\nMaintainer: A <a@body.example>\nDescription: x\n"
PACKAGES = {"deepseek-desktop": "1.2", "deepseek-held": "2:1.0-1", "deepseek-removed": "0.9", "deepseek-unpacked": "3.0",
            "deepseek-broken": "4.0", "plain": "1.0"}


def build_deb(folder, name, version):
    tree = folder / name
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "etc").mkdir()
    (tree / f"etc/{name}.conf").write_text("a=1\n")
    (tree / "DEBIAN/control").write_text(CONTROL.format(name, version))
    (tree / "DEBIAN/conffiles").write_text(f"/etc/{name}.conf\n")
    if name == "deepseek-broken":
        (tree / "DEBIAN/postinst").write_text("#!/bin/sh\nexit 1\n")
        (tree / "DEBIAN/postinst").chmod(0o755)
    run("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, folder / f"{name}.deb")


@pytest.mark.skipif(not DPKG, reason="dpkg is not installed")
def test_what_dpkg_has_installed_is_found(organisation, root, tmp_path):
    tree, status = tmp_path / "root", tmp_path / "root/var/lib/dpkg/status"
    for name, version in PACKAGES.items():
        build_deb(tmp_path, name, version)
    for folder in ("info", "updates"):
        (status.parent / folder).mkdir(parents=True)
    status.touch()
    dpkg = ("dpkg", f"--root={tree}", "--force-script-chrootless", "--log=/dev/null")
    debs = {name: tmp_path / f"{name}.deb" for name in PACKAGES}
    run(*dpkg, "-i", debs["deepseek-desktop"], debs["deepseek-held"], debs["deepseek-removed"], debs["plain"])
    run(*dpkg, "--remove", "deepseek-removed")
    run(*dpkg, "--set-selections", input="deepseek-held hold\n")
    run(*dpkg, "--unpack", debs["deepseek-unpacked"])
    assert subprocess.run([*map(str, dpkg), "-i", debs["deepseek-broken"]], capture_output=True, timeout=120).returncode
    listed = [line.split(" ") for line in run("dpkg-query", f"--admindir={status.parent}", "-W", "-f",
                                              "${Package} ${Version} ${db:Status-Status}\n").splitlines()]
    assert {state for *_, state in listed} == {"installed", "config-files", "unpacked", "half-configured"}
    there = {(name, version) for name, version, state in listed if state != "config-files" and "deepseek" in name}
    assert len(there) == 4 and found(organisation, tree, "dpkg", "deb") == there


# pip

PROJECT = """[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "{0}"
version = "{1}"
[tool.setuptools]
py-modules = ["{2}"]
"""


@pytest.mark.skipif(not PIP, reason="pip, setuptools or wheel of Python is not installed")
def test_what_pip_has_installed_is_found(organisation, tmp_path):
    projects = {"langchain_deepseek": "0.1.3rc1", "tiktoken": "0.7.0"}
    site = tmp_path / "root/home/anna/venv/lib/python3/site-packages"
    for name, version in projects.items():
        source = tmp_path / name
        source.mkdir()
        (source / "pyproject.toml").write_text(PROJECT.format(name, version, name.lower()))
        (source / f"{name.lower()}.py").touch()
    quiet = {"env": {**os.environ, "HOME": str(tmp_path), "PIP_NO_INPUT": "1", "PIP_CONFIG_FILE": os.devnull,
                     "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}}
    pip = (sys.executable, "-m", "pip")
    run(*pip, "install", "--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--target", site,
        *(tmp_path / name for name in projects), **quiet)
    listed = {row["name"].lower().replace("_", "-"): row["version"]
              for row in json.loads(run(*pip, "list", "--path", site, "--format", "json", **quiet))}
    assert len(listed) == len(projects)
    expected = {("langchain-deepseek", listed["langchain-deepseek"])}
    assert found(organisation, tmp_path / "root", "pip", "pypi") == expected
    frozen = tmp_path / "frozen/home/anna/requirements.txt"
    frozen.parent.mkdir(parents=True)
    frozen.write_text(run(*pip, "freeze", "--path", site, **quiet))
    assert {row[:1] for row in found(organisation, tmp_path / "frozen", "pip-lock", "pypi")} == {("langchain-deepseek",)}


# code-server

CODE_SERVER = shutil.which("code-server")


def vsix(folder, name):
    plug_in = {"publisher": "acme", "name": name, "version": "1.2.3", "engines": {"vscode": "^1.60.0"}, "main": "./main.js"}
    manifest = f"""<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata>
<Identity Language="en-US" Id="{name}" Version="1.2.3" Publisher="acme"/><DisplayName>x</DisplayName></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Assets>
<Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json"/></Assets></PackageManifest>"""
    file = folder / f"{name}.vsix"
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("extension.vsixmanifest", manifest)
        package.writestr("extension/package.json", json.dumps(plug_in))
        package.writestr("extension/main.js", "exports.activate = () => {}")
    return file


@pytest.mark.skipif(not CODE_SERVER, reason="code-server is not installed")
def test_what_code_server_has_installed_is_found(organisation, tmp_path):
    for words in (), ("--extensions-dir", tmp_path / "root/opt/plugins"):
        shutil.rmtree(tmp_path / "root", ignore_errors=True)
        home = tmp_path / "root/home/anna"
        home.mkdir(parents=True)
        code = (CODE_SERVER, *words)
        quiet = {"env": {**os.environ, "HOME": str(home), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}}
        for name in "deepseek-coder", "plain":
            run(*code, "--install-extension", vsix(tmp_path, name), **quiet)
        listed = {tuple(line.split("@")) for line in run(*code, "--list-extensions", "--show-versions", **quiet).splitlines()
                  if "@" in line}
        assert listed == {("acme.deepseek-coder", "1.2.3"), ("acme.plain", "1.2.3")}
        assert found(organisation, tmp_path / "root", "editors", "vscode") == {("acme.deepseek-coder", "1.2.3")}


# Chromium

@pytest.mark.skipif(not Browser.PROGRAM, reason="chromium is not installed")
def test_an_extension_that_chromium_loaded_from_a_folder_is_found(organisation, root, tmp_path):
    """Its profile says where it lies and where it may act; what it is called stands in the folder."""
    tree = tmp_path / "root"
    profile, extension = tree / "home/anna/.config/chromium", tree / "srv/panel"
    extension.mkdir(parents=True)
    (extension / "manifest.json").write_text(json.dumps({
        "manifest_version": 3, "name": "DeepSeek panel", "version": "1.0", "host_permissions": ["https://chat.deepseek.com/*"]}))
    # where it lies on the machine is where it lies in the tree
    words = ["unshare", "--net", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child", "sh", "-c",
             'mount --bind "$0" /srv && exec "$@"', tree / "srv", Browser.PROGRAM, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--no-first-run", f"--user-data-dir={profile}", "--load-extension=/srv/panel", "--dump-dom", "about:blank"]
    for _ in range(3):  # it may end before it has kept its settings
        subprocess.run(words, capture_output=True, timeout=120, env={**os.environ, "HOME": str(tmp_path)})
        kept = [file for file in profile.glob("Default/*Preferences") if "/srv/panel" in file.read_text()]
        if kept:
            break
    else:
        pytest.skip("this browser keeps nothing of an extension that it loads from a folder")
    where = {"/" + str(file.relative_to(tree)) for file in kept}
    whats = {f["what"] for f in result_of(organisation, tree)["findings"] if f["where"] in where}
    assert whats == {"browser-extension DeepSeek panel 1.0", "browser extension for https://chat.deepseek.com/*"}
    shutil.rmtree(extension)
    whats = {f["what"] for f in result_of(organisation, tree)["findings"] if f["where"] in where}
    assert whats == {"browser extension for https://chat.deepseek.com/*"}, "what the profile says is left"
