"""`writ scan --from` for bills of materials: the same bill gives the same findings in every syntax, and none can do harm."""
import json
import os
import shutil
import subprocess

import bill
import pytest
import yaml
from test_scan import MEMORY_MAX_KB, peak_of
from test_scan_models import result_of
from unpacked import npm_program
from writ import FOUND, INCOMPLETE, is_sanitized


def rows(organisation, file, status=FOUND):
    """All that a finding says, but for which file it is in, and when."""
    result = result_of(organisation, "--from", file, status=status)
    source = result["sources"][0]
    assert source["problem"] is None and source["not_understood"] == 0
    return [{name: value for name, value in f.items() if name not in ("source", "first", "last", "file")} for f in result["findings"]], source["items"]


@pytest.mark.parametrize("prefix", ["", "cdx"])
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
def test_cyclonedx_in_xml_is_what_it_is_in_json(organisation, tmp_path, version, prefix):
    both = tmp_path / "bom.json", tmp_path / "bom.xml"
    both[0].write_text(json.dumps(bill.example()))
    both[1].write_text(bill.xml(bill.example(), version, prefix))
    json_rows, items = rows(organisation, both[0])
    assert rows(organisation, both[1]) == (json_rows, items)
    assert items == 10 and len(json_rows) >= 7


@pytest.mark.parametrize("code, declared", [("utf-16", "utf-16"), ("utf-8-sig", "utf-8"), ("iso-8859-1", "iso-8859-1"), ("utf-8", "utf-16")])
def test_cyclonedx_is_read_in_the_encodings_that_programs_write(organisation, tmp_path, code, declared):
    """The last is what .NET writes when a text becomes a file in a second step."""
    file = tmp_path / "bom.xml"
    plain = bill.example()
    file.write_text(json.dumps(plain))
    expected = rows(organisation, file)
    file.write_bytes(bill.xml(plain, encoding=declared).encode(code))
    assert rows(organisation, file) == expected


SPDX_FORMS = {
    "spdx-yaml": lambda b: yaml.safe_dump(b, sort_keys=False), "spdx-yaml, keys sorted": yaml.safe_dump,
    "spdx-yaml, lists in brackets": lambda b: yaml.safe_dump(b, default_flow_style=None),
    "spdx-yaml, quoted": lambda b: yaml.safe_dump(b, default_style='"', explicit_start=True),
    "spdx-xml": bill.spdx_xml, "spdx-rdf": bill.spdx_rdf, "spdx-rdf, flat": bill.spdx_rdf_flat,
    "spdx-tag-value": bill.spdx_lines, "spdx": lambda b: json.dumps(b, sort_keys=True)}


@pytest.mark.parametrize("form", SPDX_FORMS)
def test_spdx_is_the_same_in_every_syntax(organisation, tmp_path, form):
    both = tmp_path / "bill.json", tmp_path / "bill.other"
    both[0].write_text(json.dumps(bill.spdx()))
    both[1].write_text(SPDX_FORMS[form](bill.spdx()))
    json_rows, items = rows(organisation, both[0])
    assert rows(organisation, both[1]) == (json_rows, items)
    assert items == 9 and len(json_rows) >= 5


def broken(organisation, file, items):
    """The source that has one package URL that is none, whose component is found all the same."""
    result = result_of(organisation, "--from", file, status=FOUND)
    source = result["sources"][0]
    assert source["problem"] is None and (source["not_understood"], source["items"]) == (1, items)
    assert "DeepSeek Harness 1.0" in " ".join(f["what"] for f in result["findings"])
    return source["example"]


@pytest.mark.parametrize("form", SPDX_FORMS)
def test_a_package_url_of_spdx_that_is_none_is_counted_and_shown(organisation, tmp_path, form):
    bad = bill.spdx()
    bad["packages"][2]["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "npm/harness"}]
    file = tmp_path / "bill"
    file.write_text(SPDX_FORMS[form](bad))
    assert broken(organisation, file, 9) == "npm/harness"


@pytest.mark.parametrize("syntax", [json.dumps, bill.xml])
def test_a_package_url_of_cyclonedx_that_is_none_is_counted_and_shown(organisation, tmp_path, syntax):
    bad = bill.example()
    bad["components"][2]["purl"] = "pkg:npm/%4"
    file = tmp_path / "bom"
    file.write_text(syntax(bad))
    assert broken(organisation, file, 10) == "pkg:npm/%4"


LAUGHS = ("<!DOCTYPE bom [\n<!ENTITY a \"pkg:npm/%40deepseek-ai/dsh@1\">\n"
          + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">\n' for i in range(12)) + "]>\n"
          + f'<bom xmlns="{bill.SPACE}1.5"><components><component type="library"><purl>&a;&m;</purl></component></components></bom>')
OUTSIDE = (f'<!DOCTYPE bom SYSTEM "FOLDER/outside.dtd"><bom xmlns="{bill.SPACE}1.5"><components><component type="library">'
           "<purl>&outside;</purl></component></components></bom>")
BROKEN = f'<bom xmlns="{bill.SPACE}1.5">\n <components><component type="library"><purl>pkg:npm/%40deepseek-ai/dsh@1</purl></component>\n  </bom>'


@pytest.mark.parametrize("content, place, findings", [(LAUGHS, ":1:", 0), (BROKEN, ":3:5: mismatched tag", 1)])
def test_xml_that_is_broken_or_means_harm_says_where(organisation, tmp_path, content, place, findings):
    file = tmp_path / "bom.xml"
    file.write_text(content)
    result = result_of(organisation, "--from", file, status=FOUND if findings else INCOMPLETE)
    assert result["sources"][0]["problem"].startswith(f"{file}{place}")
    assert len(result["findings"]) == findings


def test_a_text_without_an_end_says_where_and_hides_nothing(organisation, tmp_path):
    file = tmp_path / "bill.spdx"
    whole = bill.spdx_lines(bill.spdx())
    file.write_text(whole)
    expected = {f["what"] for f in rows(organisation, file)[0]}
    file.write_text(whole.replace("</text>", "", 1).replace("PackageName: deepseek-no\n", "no\n", 1))
    result = result_of(organisation, "--from", file, status=FOUND)
    source = result["sources"][0]
    line = whole.split("<text>")[0].count("\n") + 1
    assert source["problem"] == f"{file}:{line}:17: a text begins here that has no end: </text> was expected"
    assert source["not_understood"] == 1
    assert {f["what"] for f in result["findings"]} == expected


def test_a_reference_that_leads_nowhere_is_counted(organisation, tmp_path):
    file = tmp_path / "bill.rdf"
    flat = bill.spdx_rdf_flat(bill.spdx())
    file.write_text(flat)
    expected, items = rows(organisation, file)
    file.write_text(flat.replace("<spdx:externalRef rdf:nodeID='A0'/>", "<spdx:externalRef rdf:resource='https://other.example/#A0'/>"))
    result = result_of(organisation, "--from", file, status=FOUND)
    assert result["sources"][0]["not_understood"] == 1 and result["sources"][0]["items"] == items
    assert {f["what"] for f in result["findings"]} >= {f["what"] for f in expected}


def test_nothing_outside_of_a_document_is_read(organisation, tmp_path):
    (tmp_path / "outside.dtd").write_text('<!ENTITY outside "pkg:npm/%40deepseek-ai/dsh@1">')
    file = tmp_path / "bom.xml"
    file.write_text(OUTSIDE.replace("FOLDER", str(tmp_path)))
    result = result_of(organisation, "--from", file, status=INCOMPLETE)
    assert result["findings"] == [] and "declares" in result["sources"][0]["problem"]


@pytest.mark.smoke
@pytest.mark.skipif(is_sanitized(), reason="sanitizers take memory of their own")
@pytest.mark.parametrize("filler", [
    f"<component type='library'><name>n</name><purl>pkg:npm/n@1</purl><description>{'x' * 900}</description></component>",
    f"<!-- {'y' * 1000} -->", f"<component type='library'><description><b>{'z' * 1000}</b></description></component>"], ids=["components", "comments", "unknown"])
def test_memory_does_not_grow_with_a_bill(organisation, tmp_path, filler):
    file = tmp_path / "large.xml"
    with open(file, "w") as out:
        out.write(f'<bom xmlns="{bill.SPACE}1.6"><components>')
        for _ in range(60):
            out.write(filler * 1000)
        out.write(f"<component type='library'><description>{'w' * 50_000_000}</description><purl>pkg:npm/%40deepseek-ai/dsh@1</purl></component>")
        out.write("</components></bom>")
    peak, result = peak_of(organisation, file, FOUND, "--from")
    assert [f["what"] for f in result["findings"]] == ["npm @deepseek-ai/dsh 1"]
    assert peak < MEMORY_MAX_KB


# Real programs

PROJECT = {"name": "shop", "version": "1.0.0", "dependencies": {"@ai-sdk/deepseek": "1.0.1", "left-pad": "1.3.0"}}
LOCK = {"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": {
    "": PROJECT, "node_modules/@ai-sdk/deepseek": {"version": "1.0.1", "dependencies": {"@langchain/deepseek": "1.1.13"}},
    "node_modules/@langchain/deepseek": {"version": "1.1.13"}, "node_modules/left-pad": {"version": "1.3.0"}}}
CYCLONEDX_NPM = npm_program("cyclonedx-npm")
EXPECTED = {"npm @ai-sdk/deepseek 1.0.1", "npm @langchain/deepseek 1.1.13"}


@pytest.fixture
def project(tmp_path):
    """A project of npm that is locked and not installed."""
    (tmp_path / "package.json").write_text(json.dumps(PROJECT))
    (tmp_path / "package-lock.json").write_text(json.dumps(LOCK))
    return tmp_path


def run(project, *words):
    done = subprocess.run(words, cwd=project, capture_output=True, timeout=300,
                          env={**os.environ, "HOME": str(project), "npm_config_offline": "true", "npm_config_update_notifier": "false"})
    return done.stdout if done.returncode == 0 else b""


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_what_npm_writes_is_read(organisation, project, form):
    written = run(project, "npm", "sbom", "--package-lock-only", "--sbom-format", form) if shutil.which("npm") else b""
    if not written:
        pytest.skip("there is no npm that writes bills of materials")
    (project / "bill").write_bytes(written)
    assert {f["what"] for f in rows(organisation, project / "bill")[0]} == EXPECTED


@pytest.mark.skipif(not CYCLONEDX_NPM, reason="no cyclonedx-npm: ./check has it of npm, where there is one")
@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
def test_what_cyclonedx_npm_writes_is_the_same_in_xml_and_json(organisation, project, version):
    for form in ("XML", "JSON"):
        run(project, CYCLONEDX_NPM, "--package-lock-only", "--no-validate", "--sv", version, "--of", form, "-o", f"bill.{form}")
    xml = rows(organisation, project / "bill.XML")
    assert xml == rows(organisation, project / "bill.JSON")
    assert {f["what"] for f in xml[0]} == EXPECTED
