"""Suricata in the path of the tests' lab, where Writ stands otherwise: all that it can judge, with no bypass."""
import argparse
import os

import gates
from evasion import Talk, Way, attempt
from packet_servers import NEIGHBOUR
from writ import BLOCKED


class SuricataInLab(gates.Suricata):
    tls_ports = "443,444,8443,853"
    protocols = "    http2: {enabled: yes}\n    smtp: {enabled: yes}\n"
    plain = Way("as it comes", Talk.whole)

    def __init__(self, root):
        super().__init__(argparse.Namespace(gate_cpu=f"0-{os.cpu_count() - 1}"), root)

    def names(self):
        return [BLOCKED, f"{BLOCKED}."]

    def rules(self):
        return [[program, *rule[1:]] for rule in super().rules() for program in ("iptables", "ip6tables")]

    def wait_until_it_judges(self, host):
        self.wait_ready(lambda: attempt(Talk, host, self.plain, NEIGHBOUR) and not attempt(Talk, host, self.plain, BLOCKED))
