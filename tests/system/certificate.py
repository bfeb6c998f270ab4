"""Certificates for tests, made with openssl: an authority, and servers' certificates signed by it."""
import pathlib
import ssl
import subprocess

EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def openssl(*words, **options):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"openssl {words}: {done.stderr}"
    return done.stdout


class Authority:
    """One that signs what it is asked to; its files are in `directory`."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.certificate, self.key = self.directory / "authority.pem", self.directory / "authority.key"
        openssl("req", "-x509", *EC, "-nodes", "-days", "30", "-subj", "/CN=Authority of the tests",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", self.key, "-out", self.certificate)

    def issue(self, name, host="gate.example", days=30, addresses=(), serial=None, algorithm="ec", names=()):
        """Returns the files of certificate and key. `days` of 0: it has expired; `host` of None: it has addresses only."""
        certificate, key, request = (self.directory / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        kind = EC if algorithm == "ec" else ("-newkey", algorithm)
        openssl("req", *kind, "-nodes", "-subj", f"/CN={host or name}", "-keyout", key, "-out", request)
        names = ",".join([*(f"DNS:{n}" for n in (host, *names) if n), *(f"IP:{a}" for a in addresses)])
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\nauthorityKeyIdentifier=keyid\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-days", days,
                "-set_serial", serial or abs(hash(name)) % 2**60 + 1, "-extfile", extensions, "-out", certificate)
        return certificate, key

    def context(self, host, days=30):
        """A server's TLS context whose certificate bears that name."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*self.issue(host, host, days))
        return made
