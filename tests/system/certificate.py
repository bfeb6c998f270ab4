"""Certificates for tests, made with openssl: an authority, and servers' certificates signed by it."""
import subprocess


def openssl(*words, **options):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"openssl {words}: {done.stderr}"
    return done.stdout


class Authority:
    def __init__(self, directory):
        self.directory = directory
        self.certificate, self.key = directory / "authority.pem", directory / "authority.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=Authority of the tests", "-keyout", self.key, "-out", self.certificate)

    def issue(self, name, host="gate.example", days=30, addresses=(), serial=None, algorithm="ec"):
        """Returns the files of certificate and key."""
        certificate, key, request = (self.directory / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256") if algorithm == "ec" else ("-newkey", algorithm)
        openssl("req", *kind, "-nodes", "-subj", f"/CN={host}", "-keyout", key, "-out", request)
        names = ",".join([f"DNS:{host}", *(f"IP:{a}" for a in addresses)])
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-days", days,
                "-set_serial", serial or abs(hash(name)) % 2**60 + 1, "-extfile", extensions, "-out", certificate)
        return certificate, key
