"""The resolver behind all servers under test: knotd with one zone that knows every name."""
import shutil
import subprocess
import tempfile
import time

import dns_message


class Upstream:
    def __init__(self, options):
        self.options = options

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="bench-upstream-")
        path = f"{self.directory}/knot.conf"
        with open(path, "w") as f:
            f.write(f"""server:
  rundir: {self.directory}
  listen: 127.0.0.1@{self.options.upstream_port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: {self.directory}/database
log:
- target: stderr
  any: error
zone:
- domain: .
  file: {self.options.workload}/root.zone
  zonefile-sync: -1
  journal-content: none
""")
        self.process = subprocess.Popen(["taskset", "-c", self.options.load_cpu, "knotd", "-c", path])
        for _ in range(100):
            if dns_message.state(dns_message.ask(self.options.upstream_port, "any.example.org", timeout=0.2)) == "open":
                return self
            time.sleep(0.1)
        self.__exit__()
        raise SystemExit("the upstream does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
