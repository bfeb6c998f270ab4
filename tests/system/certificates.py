"""Certificates for servers of the tests, made by openssl."""
import pathlib
import ssl
import subprocess
import tempfile

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """One that signs what it is asked to."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="writ-certificates-"))
        self.directory.chmod(0o755)
        self.file = self.directory / "ca.pem"
        openssl("req", "-x509", *KEY, "-keyout", self.directory / "ca.key", "-out", self.file, "-subj", "/CN=Tests",
                "-days", 2)

    def context(self, name, days=1):
        """A server's TLS context whose certificate bears that name; `days` of -1: it has expired."""
        key, request, file = (self.directory / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extensions = self.directory / "extensions"
        extensions.write_text(f"subjectAltName=DNS:{name}\n")
        openssl("req", *KEY, "-keyout", key, "-out", request, "-subj", "/CN=server")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.directory / "ca.key", "-days", days,
                "-extfile", extensions, "-out", file)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(file, key)
        return made
