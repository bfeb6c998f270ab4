"""nginx over TLS, under a certificate authority that the tests make, as the server of public lists."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

from certificate import Authority
from writ import free_port, wait_for

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

CONFIG = """
daemon off;
{user}
worker_processes 1;
error_log {directory}/error.log;
pid {directory}/pid;
events {{}}
http {{
    access_log {directory}/access.log combined;
    {temporary}
    default_type text/plain;
    gzip on;
    gzip_min_length 1;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {directory}/server.pem;
        ssl_certificate_key {directory}/server.key;
        root {directory}/www;
        location = /500 {{ return 500; }}
        location = /to-http {{ return 302 http://127.0.0.1:{plain}/list.txt; }}
        location = /to-https {{ return 302 https://127.0.0.1:{port}/list.txt; }}
        location = /circle {{ return 302 https://127.0.0.1:{port}/circle; }}
        location = /page {{ default_type text/html; return 200 "<!DOCTYPE html><p>This list has moved.</p>"; }}
        location /slow/ {{ alias {directory}/www/; limit_rate 1; }}
    }}
    server {{
        listen 127.0.0.1:{wrong} ssl;
        ssl_certificate {directory}/wrong.pem;
        ssl_certificate_key {directory}/wrong.key;
        root {directory}/www;
    }}
    server {{
        listen 127.0.0.1:{plain};
        root {directory}/www;
    }}
}}
"""


class ListServer:
    """Serves www/ on `port`; the same under a certificate for another name on `wrong`, without TLS on `plain`."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="writ-lists-"))
        self.directory.chmod(0o755)
        (self.directory / "www").mkdir()
        self.port, self.wrong, self.plain = free_port(), free_port(), free_port()
        self.process = None
        signer = Authority(self.directory)
        self.authority = signer.certificate
        signer.issue("server", host=None, addresses=["127.0.0.1"])
        signer.issue("wrong", "other.example")
        places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        (self.directory / "nginx.conf").write_text(CONFIG.format(
            directory=self.directory, port=self.port, wrong=self.wrong, plain=self.plain,
            user="user root;" if os.geteuid() == 0 else "",
            temporary="\n".join(f"{p}_temp_path {self.directory}/{p};" for p in places)))
        self.start()

    def url(self, path="list.txt", port=None):
        return f"https://127.0.0.1:{port or self.port}/{path}"

    def write(self, *names, path="list.txt"):
        """Another file in the place of the old one; nginx makes its ETag from time and size."""
        new = self.directory / "www/new"
        new.write_text("".join(f"{name}\n" for name in names))
        new.rename(self.directory / "www" / path)

    def requests(self):
        """Status of each request so far, in order."""
        log = self.directory / "access.log"
        return [int(line.split('"')[2].split()[0]) for line in log.read_text().splitlines()] if log.exists() else []

    def answered(self, *statuses):
        """Waits until it has written down so many requests, which it does behind its answer; whether they are these."""
        wait_for(f"{len(statuses)} requests", lambda: len(self.requests()) >= len(statuses))
        return self.requests() == list(statuses)

    def start(self):
        self.process = subprocess.Popen([NGINX, "-p", self.directory, "-c", self.directory / "nginx.conf",
                                         "-e", self.directory / "error.log"])
        wait_for("nginx", self._is_up)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def close(self):
        self.stop()
        shutil.rmtree(self.directory)

    def _is_up(self):
        assert self.process.poll() is None, (self.directory / "error.log").read_text()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0


class CutServer:
    """An HTTP server on this machine that announces more bytes than it sends."""

    def __init__(self, body):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/list.txt"
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body) + 100, body)

    def __enter__(self):
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        return self

    def _run(self):
        while True:
            connection, _ = self.socket.accept()
            with connection:
                if not connection.recv(65536):
                    return
                connection.sendall(self.answer)

    def __exit__(self, *_):
        socket.create_connection(self.socket.getsockname()).close()
        self.thread.join()
        self.socket.close()
