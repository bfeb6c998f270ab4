"""Programs of people among the lab's clients, which ask a server for a name."""
import socket
import ssl
import threading

from packet_lab import CLIENT, CLIENT6, WEB, WEB6
from packet_servers import HRR, HTTP, HTTPS, SMTP
from writ import PATIENCE

SECONDS = PATIENCE  # how long a program waits for a server that does not answer
SILENCE = 6  # the same, where it must not answer


def resolve(name, port, address):
    return f"{name}:{port}:{f'[{address}]' if ':' in address else address}"


def curl(lab, name, *more, address=WEB, scheme="https", port=None, source=None, path="/"):
    port = port or (HTTPS if scheme == "https" else HTTP)
    return lab.run("curl", "-sS", "--max-time", SECONDS, "--cacert", lab.servers.authority.certificate, "--interface",
                   source or (CLIENT6 if ":" in address else CLIENT), "--resolve", resolve(name, port, address), *more,
                   f"{scheme}://{name}:{port}{path}")


def s_client(lab, name, *more, port=HTTPS):
    return lab.run("openssl", "s_client", "-connect", f"{WEB}:{port}", "-servername", name, "-brief", *more,
                   input=b"GET / HTTP/1.0\r\nHost: " + name.encode() + b"\r\n\r\n", stdin=None)


def has_certificate(done, name):
    """OpenSSL writes "CN = name", since 3.2 "CN=name"."""
    return b"CN=" + name.encode() in done.stderr.replace(b" = ", b"=")


def run_knowing(lab, name, address, tmp_path, *words):
    """For a program that asks the system for names: with a file of its own in the place where they are looked for."""
    hosts = tmp_path / "hosts"
    hosts.write_text(f"{address} {name}\n")
    first = f"mount --make-rprivate / && mount --bind {hosts} /etc/hosts && exec \"$@\""
    return lab.run("unshare", "--mount", "sh", "-c", first, "sh", *words)


def wget(lab, name, tmp_path):
    return run_knowing(lab, name, WEB, tmp_path, "wget", "-q", "-O", "-", "--tries", 1, "--timeout", SECONDS,
                       "--ca-certificate", lab.servers.authority.certificate, f"https://{name}/")


def is_page(done, name):
    return done.returncode == 0 and f"this is {name}".encode() in done.stdout


# programs that ask for a name in TLS: whether they got its page, or its certificate
TLS_CLIENTS = {
    "curl, TLS 1.2": lambda lab, name, _: is_page(curl(lab, name, "--tls-max", "1.2"), name),
    "curl, TLS 1.3": lambda lab, name, _: is_page(curl(lab, name, "--tlsv1.3"), name),
    "curl, HTTP/1.1": lambda lab, name, _: is_page(curl(lab, name, "--http1.1"), name),
    "curl, IPv6": lambda lab, name, _: is_page(curl(lab, name, address=WEB6), name),
    "curl, asked for another hello": lambda lab, name, _: is_page(curl(lab, name, port=HRR), name),
    "openssl, TLS 1.2": lambda lab, name, _: has_certificate(s_client(lab, name, "-tls1_2"), name),
    "openssl, TLS 1.3": lambda lab, name, _: has_certificate(s_client(lab, name, "-tls1_3"), name),
    "openssl, mail": lambda lab, name, _: has_certificate(s_client(lab, name, "-starttls", "smtp", port=SMTP), name),
    "wget": lambda lab, name, path: is_page(wget(lab, name, path), name),
}

# programs that ask a resolver, in the clear
QUESTIONS = {
    "dig": ("dig", f"+time={SECONDS}", "+tries=1"),
    "dig by TCP": ("dig", "+tcp", f"+time={SECONDS}", "+tries=1"),
    "kdig": ("kdig", f"+timeout={SECONDS}", "+retry=0"),
    "kdig by TCP": ("kdig", "+tcp", f"+timeout={SECONDS}", "+retry=0"),
    "kdig padded": ("kdig", "+padding=256", f"+timeout={SECONDS}", "+retry=0"),
}


class Visitors:
    """They open a page again and again by TLS; what they got is counted by name."""

    def __init__(self, lab, *names, count=3, seconds=SECONDS):
        self.lab, self.names, self.seconds, self.stopping = lab, names, seconds, False
        self.answered, self.refused = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
        self.context = ssl.create_default_context(cafile=lab.servers.authority.certificate)
        self.threads = [threading.Thread(target=self._visit) for _ in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def _visit(self):
        while not self.stopping:
            for name in self.names:
                (self.answered if self.is_answered(name) else self.refused)[name] += 1

    def is_answered(self, name):
        s = self.lab.client.socket(socket.SOCK_STREAM, CLIENT)
        s.settimeout(self.seconds)
        try:
            with s:
                s.connect((WEB, HTTPS))
                with self.context.wrap_socket(s, server_hostname=name) as tls:
                    tls.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
                    return f"this is {name}".encode() in b"".join(iter(lambda: tls.recv(4096), b""))
        except OSError:
            return False

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()
