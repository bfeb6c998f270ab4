"""`writ scan` for models, for what others collected, and its bill of materials."""
import json
import re
import subprocess

import planted_models
import pytest
import unpacked
from writ import FOUND, OK, PROGRAM, USAGE, is_sanitized

SECRET = "sk-" + "0f9e8d7c6b5a4938" * 2


def scan(organisation, *words, **more):
    return subprocess.run([PROGRAM, "scan", "--organisation", organisation, "--reveal", *words], capture_output=True, timeout=120, **more)


def result_of(organisation, *words, status=FOUND, **more):
    done = scan(organisation, "--json", *words, **more)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return root, planted_models.plant(root)


def test_every_kind_of_model_is_found(organisation, tree):
    root, expected = tree
    found = {(f["where"], f["source"].split()[-1]) for f in result_of(organisation, root)["findings"]}
    assert not [row for row in expected if row[1:] not in found]
    assert len(expected) >= 15


def test_what_looks_alike_or_is_damaged_is_not_found(organisation, tmp_path):
    planted_models.plant_clean(tmp_path)
    result = result_of(organisation, tmp_path, status=OK)
    assert result["findings"] == []
    models = next(s for s in result["sources"] if s["name"].split()[-1] == "models")
    assert models["not_understood"] == 1, "the file that says it has 2^60 entries"


def check_bill(bill):
    """What CycloneDX 1.6 requires of the members that we write."""
    assert bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.6" and bill["version"] == 1
    assert re.fullmatch("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", bill["serialNumber"])
    assert set(bill) == {"bomFormat", "specVersion", "serialNumber", "version", "metadata", "components"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", bill["metadata"]["timestamp"])
    allowed = {"type", "bom-ref", "name", "purl", "modelCard", "evidence", "properties"}
    references = [component["bom-ref"] for component in bill["components"]]
    assert len(set(references)) == len(references)
    for component in bill["components"]:
        assert set(component) <= allowed and component["name"]
        assert component["type"] in ("application", "library", "machine-learning-model", "data")
        assert component["type"] == "machine-learning-model" or "modelCard" not in component
        assert all(set(o) <= {"location", "line"} and o["location"] for o in component["evidence"]["occurrences"])
        assert all(set(p) == {"name", "value"} for p in component["properties"])


SCHEMAS = unpacked.NODE_MODULES / "@cyclonedx/cyclonedx-library/res/schema"


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="no schemas of CycloneDX: ./check has them of npm, where there is one")
def test_a_bill_is_valid_by_the_schema(organisation, tree, tmp_path):
    import jsonschema

    # the library's files have names of their own, by which they call each other
    files = {file.name.replace(".SNAPSHOT", ""): file for file in SCHEMAS.glob("*.schema.json")}
    schema = json.loads(files["bom-1.6.schema.json"].read_text())
    store = {"http://cyclonedx.org/schema/" + file.name: json.loads(file.read_text()) for file in files.values()}
    validator = jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store=store))
    (tmp_path / "empty").mkdir()
    for root, status in (tree[0], FOUND), (tmp_path / "empty", OK):
        assert scan(organisation, "--cyclonedx", tmp_path / "bill.json", root).returncode == status
        bill = json.loads((tmp_path / "bill.json").read_text())
        validator.validate(bill)
    bill["specVersion"] = 1.6
    assert not validator.is_valid(bill)


def test_the_bill_of_materials_has_models_and_where_they_lie(organisation, tree, tmp_path):
    file = tmp_path / "bill.json"
    assert scan(organisation, "--cyclonedx", file, tree[0]).returncode == FOUND
    bill = json.loads(file.read_text())
    check_bill(bill)
    models = [c for c in bill["components"] if c["type"] == "machine-learning-model"]
    assert any(c.get("modelCard", {}).get("modelParameters", {}).get("modelArchitecture") == "deepseek4" for c in models)
    places = {o["location"] for c in bill["components"] for o in c["evidence"]["occurrences"]}
    assert {path for _, path, _ in tree[1]} <= places
    assert any(c.get("purl") == "pkg:huggingface/deepseek-ai/DeepSeek-R1" for c in models)


def test_a_bill_of_nothing_is_one_too(organisation, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    assert scan(organisation, "--cyclonedx", tmp_path / "bill.json", root).returncode == OK
    bill = json.loads((tmp_path / "bill.json").read_text())
    assert bill["components"] == []
    check_bill(bill)


COLLECTIONS = {
    "osquery": ('{"name":"pack_x_npm_packages","hostIdentifier":"pc-7","columns":{"name":"@deepseek-ai/dsh","version":"1","path":"/srv/x"},'
                '"action":"added"}\n', "npm @deepseek-ai/dsh 1", "pc-7"),
    "osquery-windows": ('[{"name":"x","version":"1","install_location":"C:\\\\Users\\\\ben\\\\AppData\\\\Local\\\\Programs\\\\DeepSeek Harness\\\\"}]',
                        "application x 1", None),
    "wazuh": ('{"data":{"affected_items":[{"name":"@deepseek-ai/dsh","format":"npm","agent_id":"007"}]}}', "npm @deepseek-ai/dsh", "007"),
    "cyclonedx": (json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "machine-learning-model", "name": "R1", "purl": "pkg:huggingface/deepseek-ai/DeepSeek-R1@abc"}]}),
        "model deepseek-ai/DeepSeek-R1 abc", None),
    "cyclonedx-service": (json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "services": [
        {"name": "llm", "endpoints": [f"https://user:{SECRET}@api.deepseek.com/v1?key={SECRET}"]}]}),
        "address of api.deepseek.com", None),
    # by an identifier that is an expression
    "cyclonedx-tenant": (json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "services": [
        {"name": "llm", "endpoints": ["https://acme-7.snowflakecomputing.com:443/api/v2/cortex/v1/chat"]}]}),
        "address of acme-7.snowflakecomputing.com", None),
    "spdx": ('{"spdxVersion":"SPDX-2.3","packages":[{"name":"x","externalRefs":[{"referenceType":"purl",'
             '"referenceLocator":"pkg:npm/%40deepseek-ai/dsh@2"}]}]}', "npm @deepseek-ai/dsh 2", None),
    "spdx-tag-value": ("SPDXVersion: SPDX-2.3\nPackageName: x\nExternalRef: PACKAGE-MANAGER purl pkg:npm/%40deepseek-ai/dsh@2\n",
                       "npm @deepseek-ai/dsh 2", None),
    "intune": ("Application Name,Application Version,Device name\nDeepSeek Harness,1.0,PC-9\n", "application DeepSeek Harness 1.0", "PC-9"),
    "jamf": ("\ufeffComputer Name;Title;Bundle ID\nmac-1;Chat;com.deepseek.chat\n", "application com.deepseek.chat", "mac-1"),
    "graph": ('{"deviceName":"ph","detectedApps":[{"displayName":"DeepSeek Harness","version":"1"}]}', "application DeepSeek Harness 1", "ph"),
    "android": ("package:com.android.shell\npackage:com.deepseek.chat\n", "application com.deepseek.chat", None),
    "ios": ("CFBundleIdentifier, CFBundleVersion, CFBundleDisplayName\ncom.deepseek.chat, \"1\", \"DeepSeek\"\n",
            "application com.deepseek.chat 1", None),
}


@pytest.mark.parametrize("name", COLLECTIONS)
def test_what_others_collected_is_read(organisation, tmp_path, name):
    content, what, machine = COLLECTIONS[name]
    file = tmp_path / "collected"
    file.write_text(content)
    result = result_of(organisation, "--from", file)
    assert (what, machine) in {(f["what"], f["subject"]) for f in result["findings"]}
    assert result["sources"][0]["sha256"]
    assert SECRET not in json.dumps(result)


@pytest.mark.parametrize("mark, code", [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_a_collection_of_utf16_is_read(organisation, tmp_path, mark, code):
    content, what, machine = COLLECTIONS["ios"]
    file = tmp_path / "collected"
    file.write_bytes(mark + (content + "com.example.x, \"1\", \"\U0001f600\"\n" * 20000).encode(code))
    result = result_of(organisation, "--from", file)
    assert [(f["what"], f["subject"]) for f in result["findings"]] == [(what, machine)]
    assert result["sources"][0]["items"] == 20002
    # without a mark nobody says what it is: refused, and no report of nothing
    file.write_bytes(content.encode(code))
    assert scan(organisation, "--from", file).returncode == USAGE


def test_standard_input_is_read(organisation):
    assert result_of(organisation, "--from", "-", input=b"package:com.deepseek.chat\n")["findings"]


def test_a_collection_without_the_product_is_nothing(organisation, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("Device name,Application Name\npc,About deepseek.pdf\npc,Harness\n")
    assert result_of(organisation, "--from", file, status=OK)["findings"] == []


def test_a_library_is_no_application_with_such_a_name(organisation, tmp_path):
    """The catalogue knows TikTok's application by a part of its name, and tiktoken is a library of another vendor."""
    file = tmp_path / "bill.json"
    urls = ["pkg:npm/js-tiktoken@1.0.21", "pkg:pypi/tiktoken@0.7.0"]
    file.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6",
                                "components": [{"type": "library", "name": url, "purl": url} for url in urls]}))
    assert result_of(organisation, "--from", file, status=OK)["findings"] == []


def test_a_broken_collection_says_so_and_keeps_what_was_read(organisation, tmp_path):
    file = tmp_path / "broken.json"
    file.write_text('{"bomFormat":"CycloneDX","components":[{"type":"library","name":"x","purl":"pkg:npm/%40deepseek-ai/dsh@1"},{')
    result = result_of(organisation, "--from", file)
    assert len(result["findings"]) == 1
    assert result["sources"][0]["problem"]


def test_an_unknown_file_is_refused(organisation, tmp_path):
    file = tmp_path / "x"
    file.write_text("hello\n")
    done = scan(organisation, "--from", file)
    assert done.returncode == USAGE and b"--formats" in done.stderr


def test_memory_does_not_grow_with_a_collection(organisation, tmp_path):
    file = tmp_path / "large.json"
    row = json.dumps({"hostIdentifier": "pc", "name": "deb_packages", "columns": {"name": "x" * 2000, "version": "1"}, "action": "added"})
    with open(file, "w") as out:
        for _ in range(100_000):
            out.write(row + "\n")
        out.write('{"hostIdentifier":"pc","name":"npm_packages","columns":{"name":"@deepseek-ai/dsh","long":"' + "y" * 50_000_000 + '"}}\n')
    done = subprocess.run(["/bin/sh", "-c", 'ulimit -v 1500000; exec "$@"', "sh", PROGRAM, "scan", "--organisation", organisation,
                           "--json", "--from", file], capture_output=True)
    if not is_sanitized():
        assert done.returncode == FOUND, done.stderr
        assert len(json.loads(done.stdout)["findings"]) == 1


def test_formats_are_printed():
    done = subprocess.run([PROGRAM, "scan", "--formats"], capture_output=True, text=True)
    assert done.returncode == 0 and "cyclonedx" in done.stdout and "android-packages" in done.stdout
