"""Servers behind the packet gate: real ones, each with a certificate for every name that it is asked by.

A TLS 1.2 server shows its certificate in the clear, so whoever reads it knows by which name it was asked.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

from certificate import Authority
from packet_lab import OTHER, OTHER6, RESOLVER, RESOLVER6, WEB, WEB6
from writ import BLOCKED, wait_for

NEIGHBOUR, SECOND = "www.neighbour.example", "shop.neighbour.example"
NAMES = (BLOCKED, NEIGHBOUR, SECOND)
NOBODY = "nobody.example"  # whom the server takes for what it does not know
ANSWER = {BLOCKED: "192.0.2.1", NEIGHBOUR: "192.0.2.2", SECOND: "192.0.2.3"}  # of the foreign resolver
HTTPS, FAST_OPEN, HTTP, LENIENT, H2C, HRR, QUIC, QUIC_RETRY, SMTP = 443, 444, 80, 8080, 8081, 8443, 443, 4434, 25
RESOLVER_NAME = "dns.google"  # one of the catalogue's
BIG = 8 << 20
QUIC_SERVER = shutil.which("gtlsserver", path="/usr/sbin:/usr/bin")  # of ngtcp2
# of version 1.0 or later
QUIC_SERVER_IS_NEW = bool(QUIC_SERVER) and "--available-versions" in subprocess.run(
    [QUIC_SERVER, "--help"], capture_output=True, text=True).stdout

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
	access_log {folder}/access.log;
	client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
	default_type text/html;
	large_client_header_buffers 8 64k;
	client_header_timeout 90s;
	{servers}
}}
"""
VIRTUAL = """
	server {{
{listens}
		server_name {name};
		ssl_certificate {certificate}; ssl_certificate_key {key};
		ssl_protocols TLSv1.2 TLSv1.3;
		location = /big {{ alias {folder}/big; }}
		location / {{ return 200 "<title>this is {name}</title>\\n"; }}
	}}
	server {{
		listen {web}:{hrr} ssl {default}; listen [{web6}]:{hrr} ssl {default};
		server_name {name};
		ssl_certificate {certificate}; ssl_certificate_key {key};
		# few clients send a share of this group: they are asked for another hello
		ssl_protocols TLSv1.3; ssl_ecdh_curve secp384r1;
		location / {{ return 200 "<title>this is {name}</title>\\n"; }}
	}}
"""
UNBOUND = """
server:
	directory: "{folder}"
	chroot: ""
	username: ""
	pidfile: ""
	use-syslog: no
	do-daemonize: no
	interface: {a}@53
	interface: {a6}@53
	interface: {a}@5399
	interface: {a}@853
	interface: {a6}@853
	interface: {a}@443
	# with fewer it ends those that are not quick, when half of them are taken
	incoming-num-tcp: 200
	access-control: 0.0.0.0/0 allow
	access-control: ::/0 allow
	tls-port: 853
	https-port: 443
	tls-service-key: "{key}"
	tls-service-pem: "{certificate}"
	module-config: "iterator"
	local-zone: "." static
{data}
remote-control:
	control-enable: no
"""
# CPython's own server: it takes much that nginx refuses
LENIENT_SERVER = """
import http.server, socket, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = f"<title>this is {str(self.headers.get('Host')).strip()}</title>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_POST = do_GET
    def log_message(self, *words):
        pass
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    request_queue_size = 512
    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()
Server(("::", int(sys.argv[1])), Handler).serve_forever()
"""
STARTTLS_SERVER = """
import asyncio, ssl, sys
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP
default, *more = [pair.split("=") for pair in sys.argv[2:]]
def context(name, stem):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(stem + ".pem", stem + ".key")
    return made
contexts = {name: context(name, stem) for name, stem in [default, *more]}
first = contexts[default[0]]
def choose(s, name, _):
    s.context = contexts.get(name, first)
first.sni_callback = choose
async def main():
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: SMTP(Sink(), tls_context=first), None, int(sys.argv[1]), backlog=512)
    await asyncio.Event().wait()
asyncio.run(main())
"""


class Servers:
    def __init__(self, lab):
        self.lab = lab
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="writ-lab-"))
        self.folder.chmod(0o755)
        self.authority = Authority(self.folder)
        self.files = {name: self.authority.issue(name, name) for name in (*NAMES, NOBODY)}
        self.files[RESOLVER_NAME] = self.authority.issue(RESOLVER_NAME, RESOLVER_NAME, addresses=[RESOLVER])
        (self.folder / "big").write_bytes(os.urandom(1 << 20) * (BIG >> 20))
        self.log = open(self.folder / "log", "ab")
        try:
            self._start_all()
        except BaseException:
            self.close()
            raise

    def _start_all(self):
        self._nginx()
        self._unbound()
        self._lenient()
        if QUIC_SERVER:
            self._quic()
        self._smtp()
        for port in (HTTPS, HTTP, LENIENT, H2C, HRR, SMTP):
            wait_for(f"port {port} of {WEB}", lambda p=port: self.listens(WEB, p))
        wait_for("the resolver", lambda: self.listens(RESOLVER, 853))

    def _start(self, *words, **options):
        return self.lab.spawn(self.lab.server, *words, stdin=options.pop("stdin", subprocess.DEVNULL), stdout=self.log,
                              stderr=self.log, cwd=self.folder, **options)

    def listens(self, address, port):
        with self.lab.server.entered():
            s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        with s:
            s.settimeout(2)
            return s.connect_ex((address, port)) == 0

    def _nginx(self):
        # fast open without cookies, where a listener takes it
        self.lab.server.run("sysctl", "-q", "-w", f"net.ipv4.tcp_fastopen={0x202}")
        virtual = "".join(
            VIRTUAL.format(name=name, certificate=self.files[name][0], key=self.files[name][1], folder=self.folder,
                           web=WEB, web6=WEB6, hrr=HRR, default="" if at else "default_server",
                           listens=self._listens("" if at else "default_server backlog=4096"))
            for at, name in enumerate((NOBODY, *NAMES)))
        path = self.folder / "nginx.conf"
        path.write_text(NGINX.format(folder=self.folder, servers=virtual))
        self._start(shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c", path, "-p", self.folder)

    @staticmethod
    def _listens(more):
        fast = more and "fastopen=256"
        kinds = ((HTTPS, "ssl http2"), (FAST_OPEN, f"ssl {fast}"), (HTTP, ""), (H2C, "http2"))
        return "".join(f"\t\tlisten {address}:{port} {kind} {more};\n" for address in (WEB, f"[{WEB6}]", OTHER, f"[{OTHER6}]")
                       for port, kind in kinds)

    def _unbound(self):
        data = "".join(f"\tlocal-data: \"{name}. 60 IN A {address}\"\n" for name, address in ANSWER.items())
        certificate, key = self.files[RESOLVER_NAME]
        path = self.folder / "unbound.conf"
        path.write_text(UNBOUND.format(folder=self.folder, a=RESOLVER, a6=RESOLVER6, certificate=certificate, key=key,
                                       data=data))
        self._start(shutil.which("unbound", path="/usr/sbin:/usr/bin"), "-d", "-c", path)

    def _lenient(self):
        self._start(sys.executable, "-c", LENIENT_SERVER, LENIENT)

    def _quic(self):
        (self.folder / "htdocs").mkdir()
        (self.folder / "htdocs/index.html").write_text("<title>this is QUIC</title>\n")
        self.quic_certificate, key = self.authority.issue("quic", "quic.example", names=NAMES)
        self.quic_log = self.folder / "quic.log"
        for address, port, more in ((WEB, QUIC, ()), (WEB6, QUIC, ()), (WEB, QUIC_RETRY, ("-V",)), (WEB6, QUIC_RETRY, ("-V",))):
            self._start(QUIC_SERVER, "-q", "--no-quic-dump", "--no-http-dump", "-d", self.folder / "htdocs", *more, address,
                        port, key, self.quic_certificate)

    def _smtp(self):
        stems = [f"{name}={self.folder / name}" for name in (NOBODY, *NAMES)]
        self._start(sys.executable, "-c", STARTTLS_SERVER, SMTP, *stems)

    def close(self):
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
