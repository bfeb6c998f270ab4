"""`writ scan` on images of files: AppImages, snaps and others of the form squashfs, as mksquashfs makes them, and as only
somebody who means harm does."""
import json
import pathlib
import shutil

import hostile_image
import planted
import planted_models
import pytest
from test_scan import MEMORY_MAX_KB, peak_of, result_of
from writ import FOUND, INCOMPLETE, OK, is_sanitized

pytestmark = pytest.mark.skipif(not shutil.which("mksquashfs"), reason="needs mksquashfs (squashfs-tools)")

ENV = "OPENAI_BASE_URL=https://api.deepseek.com/v1\n"
DESKTOP = "[Desktop Entry]\nName=DeepSeek Harness\nExec=dsh-desk %U\n"


def zipped(folder, members):
    t = planted.Tree(folder)
    t.zip("/x.zip", members)
    return (t.root / "x.zip").read_bytes()


def database(folder, make, *args):
    folder.mkdir(exist_ok=True)
    file = folder / "db"
    make(file, *args)
    return file.read_bytes()


def members(folder):
    """A file for each way in which finders read one: whole, by name, in pieces, by a descriptor."""
    return [
        ("/usr/share/applications/com.deepseek.harness.desktop", DESKTOP, "desktop entry", "app", "desktop"),
        ("/app/node_modules/@ai-sdk/deepseek/package.json", {"name": "@ai-sdk/deepseek", "version": "1.0.1"}, "npm", "package", "npm"),
        ("/app/.env", ENV, "configuration", "api", "configuration"),
        ("/models/weights", planted_models.gguf(60000, general__architecture="qwen2", tokenizer__ggml__pre="deepseek-r1-qwen"),
         "weights of many blocks", "weights", "models"),
        ("/models/config", {"model_type": "deepseek_v4"}, "config.json", "weights", "models"),
        ("/go/bin/tool", planted.go_program([("github.com/cohesion-org/deepseek-go", "v1.2.1")]), "program of Go", "package", "go-programs"),
        ("/data/webui.db", database(folder, planted.open_webui, {"openai.api_base_urls": ["https://api.deepseek.com/v1"]}),
         "database", "api", "open-webui"),
        ("/usr/lib/sysimage/rpm/rpmdb.sqlite", database(folder, planted.rpm_database, [("deepseek-cli", "2.0")]), "rpm", "package", "rpm"),
        ("/profile/extensions/ds@example.org.xpi",
         zipped(folder, {"manifest.json": json.dumps({"name": "Panel", "content_scripts": [{"matches": ["*://chat.deepseek.com/*"]}]})}),
         "archive", "web", "xpi"),
    ]


def missing(t, result):
    found = {}
    for finding in result["findings"]:
        found.setdefault((finding["where"], finding["source"].split()[-1]), set()).update(finding["facets"])
    return [row for row in t.expected if row[2] not in found.get((row[1], row[3]), ())]


@pytest.mark.parametrize("options", [["-comp", "gzip"], ["-comp", "lzma"], ["-comp", "lzo"], ["-comp", "xz"], ["-comp", "lz4"],
                                     ["-comp", "zstd"], ["-noI", "-noD", "-noF"], ["-no-fragments", "-b", "4096"],
                                     ["-always-use-fragments", "-b", "1M"]], ids=lambda o: "".join(o).replace("-comp", ""))
def test_what_lies_in_an_image_is_found_however_it_is_packed(organisation, tmp_path, options):
    t = planted.Tree(tmp_path / "root")
    t.image("/srv/x.squashfs", members(tmp_path / "made"), *options)
    result = result_of(organisation, t.root)
    assert not missing(t, result)
    assert result["not_read"] == [] and result["is_complete"]
    assert {row["finder"]: row["looked_at"] for row in result["coverage"]}["images"] == 1


def test_an_image_behind_a_program_is_found_by_content_or_by_name(organisation, tmp_path):
    t = planted.Tree(tmp_path)
    unmarked = pathlib.Path(shutil.which("true")).read_bytes()
    row = ("/usr/share/applications/com.deepseek.harness.desktop", DESKTOP, "desktop entry", "app", "desktop")
    t.image("/home/anna/bin/renamed", [row], program=planted.appimage_program())
    t.image("/home/anna/bin/unmarked.appimage", [row], program=unmarked)
    result = result_of(organisation, tmp_path)
    assert not missing(t, result)
    assert {f["subject"] for f in result["findings"]} == {"anna"}, "it is of whose home the image lies in"


def test_a_snap_that_is_mounted_is_looked_at_where_it_is_mounted(organisation, tmp_path):
    t = planted.Tree(tmp_path)
    for revision in (7, 8):
        t.image(f"/var/lib/snapd/snaps/notes_{revision}.snap", [("/app/.env", ENV)])
    t.put("/snap/notes/8/meta/snap.yaml", "name: notes\n")
    t.put("/snap/notes/8/app/.env", ENV)
    found = {f["where"] for f in result_of(organisation, tmp_path)["findings"] if f["product"] == "deepseek"}
    assert found == {"/snap/notes/8/app/.env", "/var/lib/snapd/snaps/notes_7.snap/app/.env"}


def why_not_read(result):
    return {row["path"]: row["why"] for row in result["not_read"]}


def test_what_is_not_opened_is_told(organisation, tmp_path):
    t = planted.Tree(tmp_path)
    inner = t.image("/inner", [("/.env", ENV)]).read_bytes()
    (tmp_path / "inner").unlink()
    t.image("/srv/outer.squashfs", [("/nested.snap", inner), ("/nested.AppImage", planted.appimage_program() + inner)])
    t.put("/srv/old.AppImage", planted.appimage_program(1) + inner)
    t.put("/srv/other.AppImage", planted.appimage_program() + b"DWARFS" + bytes(2000))
    t.put("/srv/torn.AppImage", (planted.appimage_program() + inner)[:4000])
    t.put("/srv/torn.snap", inner[:150])
    t.put("/srv/another", b"hsqs but a text, and no image of files whatever it begins with, as long as the head of one would be\n")
    why = why_not_read(result_of(organisation, tmp_path, INCOMPLETE))
    within = "an image within an image, which is not opened"
    assert why.pop("/srv/outer.squashfs/nested.snap") == why.pop("/srv/outer.squashfs/nested.AppImage") == within
    assert "type 1" in why.pop("/srv/old.AppImage")
    assert "none of squashfs" in why.pop("/srv/other.AppImage") and "none of squashfs" in why.pop("/srv/torn.AppImage")
    assert set(why) == {"/srv/torn.snap", "/srv/another"}


@pytest.mark.parametrize("content, part, why", [
    (hostile_image.loop(), "/again", "a folder that it lies in"),
    (hostile_image.branching(12), "", "too many files in an image"),
    (hostile_image.deep(210), "/d" * 199, "too many folders in each other"),
    (hostile_image.names(b"a", b".."), "", "malformed"),
    (hostile_image.names(b"../../etc"), "", "malformed"),
    (hostile_image.names(b"a\0b"), "", "malformed"),
    (hostile_image.names(b"x" * 300), "", "malformed"),
    (hostile_image.huge_file(b".env", 1 << 60), "/.env", "limit"),
    (hostile_image.huge_file(b".env", 1 << 30), "/.env", "malformed"),
    (hostile_image.sparse_files(200, b"x.xpi", 60 << 20), "/", "more than is unpacked of an image"),
], ids=["loop", "branching", "deep", "parent", "path", "zero", "long name", "huge", "short", "holes"])
def test_an_image_that_means_harm_is_told_within_memory(organisation, tmp_path, content, part, why):
    t = planted.Tree(tmp_path / "root")
    t.put("/srv/x", content)
    t.put("/srv/y/.env", ENV)
    peak, result = peak_of(organisation, t.root, FOUND)
    told = result["not_read"]
    assert any(row["path"].startswith("/srv/x" + part) and why in row["why"].lower() for row in told), told[:5]
    assert {f["where"] for f in result["findings"]} == {"/srv/y/.env"}, "what follows is looked at"
    if not is_sanitized():
        assert peak < MEMORY_MAX_KB


def test_a_damaged_image_ends_no_scan(organisation, tmp_path):
    t = planted.Tree(tmp_path / "root")
    whole = t.image("/x", members(tmp_path / "made"), "-b", "4096").read_bytes()
    (t.root / "x").unlink()
    for i in range(60):
        at = i * len(whole) // 60 if i % 2 else len(whole) - 1 - i * 40
        t.put(f"/srv/{i}", whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1:])
    t.put("/srv/y/.env", ENV)
    result = result_of(organisation, t.root)
    assert "/srv/y/.env" in {f["where"] for f in result["findings"]}
    assert {row["finder"]: row["looked_at"] for row in result["coverage"]}["images"] == 60


def test_an_image_with_nothing_of_products_is_a_complete_nil_result(organisation, tmp_path):
    planted.Tree(tmp_path).image("/srv/x.snap", [("/bin/x", "#!/bin/sh\n"), ("/empty", "")])
    result = result_of(organisation, tmp_path, OK)
    assert result["is_nil"] and result["is_complete"]
