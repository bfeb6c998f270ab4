"""What a person is told in the organisation's own words."""
import json
import subprocess

import dns.edns
import pytest

import writ


def refusal(instance):
    answer = instance.resolve()
    return next(o.text for o in answer.options if o.otype == dns.edns.EDE)


def test_a_refusal_speaks_the_language_of_the_organisation(installation):
    installation.organisation["language"] = "zh-TW"
    installation.organisation["contact"] = "資訊室 1234"
    installation.write()
    text = refusal(installation.start())
    assert text.startswith(f"命令 {writ.ORDER}：此處禁止使用 DeepSeek。 聯絡：資訊室 1234。 代碼：")


def test_check_names_the_approved_alternatives_beside_a_block_only(installation):
    installation.organisation["alternatives"] = ["Approved Chat, https://chat.agency.example"]
    installation.write()
    done = subprocess.run([writ.PROGRAM, "check", "--json", "--config", installation.directory / "writ.yaml",
                           "chat.deepseek.com", "example.org"], capture_output=True, text=True)
    blocked, allowed = (target["acts"][0] for target in json.loads(done.stdout))
    assert blocked["alternatives"] == installation.organisation["alternatives"]
    assert allowed["alternatives"] == []


@pytest.mark.parametrize("target", ["chat.deepseek.com:443", "chat.deepseek.com/chat", "192.0.2.1:53", "a@deepseek.com"])
def test_check_takes_a_port_or_a_path_for_no_part_of_a_name(installation, target):
    done = subprocess.run([writ.PROGRAM, "check", "--config", installation.directory / "writ.yaml", target],
                          capture_output=True, text=True)
    assert done.returncode == writ.USAGE and not done.stdout
    assert f"{target}: expected a name, an address, a URL as https://HOST/PATH" in done.stderr
