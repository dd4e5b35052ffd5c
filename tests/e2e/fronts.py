"""The web servers in front of a gateway, run from the samples in nginx/ (host name, paths and port replaced)
on a free loopback port. Each Front is one of FRONTS; request() sends it HTTP.
"""
import http.client
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MODULES = "/usr/lib/apache2/modules"
HOST = "localhost"
FRONTS = ("nginx", "proxy_fcgi", "fcgid", "cgi")
SAMPLES = {"nginx": "hrisgw.nginx.conf", "proxy_fcgi": "hrisgw.apache-proxy.conf",
           "fcgid": "hrisgw.apache-fcgid.conf", "cgi": "hrisgw.apache-cgi.conf"}
APACHE = {"proxy_fcgi": ["proxy", "proxy_fcgi"], "fcgid": ["fcgid"], "cgi": ["cgid"]}
APACHE_ALWAYS = ["mpm_event", "authz_core", "authz_host", "ssl", "socache_shmcb", "headers", "alias", "env",
                 "setenvif", "mime", "reqtimeout"]

NGINX = """
{user}
daemon off;
worker_processes 1;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 2048; }}
http {{
	access_log off;
	client_body_temp_path {dir}/body;
	proxy_temp_path {dir}/proxy;
	fastcgi_temp_path {dir}/fastcgi;
	uwsgi_temp_path {dir}/uwsgi;
	scgi_temp_path {dir}/scgi;
	include {dir}/sample.conf;
}}
"""

APACHE_CONF = """
ServerRoot "{dir}"
{modules}
{user}
PidFile {dir}/apache.pid
ErrorLog {dir}/error.log
DefaultRuntimeDir {dir}
Mutex file:{dir}
TypesConfig /dev/null
DocumentRoot {dir}/htdocs
ServerName localhost
Listen {address}:{port} https
{more}
Include {dir}/sample.conf
"""
APACHE_MORE = {"fcgid": "FcgidIPCDir {dir}/sock\nFcgidProcessTableFile {dir}/fcgid_shm",
               "cgi": "ScriptSock {dir}/cgisock"}


def worker():
    """Name of the user that workers and gateway run as; None: our own."""
    return "www-data" if os.geteuid() == 0 else None


def give(path):
    """Hands a tree to the workers' user."""
    if worker() is None:
        return
    entry = pwd.getpwnam(worker())
    for folder, _, files in os.walk(path):
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        for name in files:
            os.chown(os.path.join(folder, name), entry.pw_uid, entry.pw_gid, follow_symlinks=False)


def as_worker():
    """Arguments of Popen for a process of the workers' user."""
    if worker() is None:
        return {}
    entry = pwd.getpwnam(worker())
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def program(name):
    return shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")


def missing():
    """What the tests need and is not installed; tests/tools/deps.sh test installs it."""
    modules = {m for kind in APACHE for m in APACHE[kind]} | set(APACHE_ALWAYS)
    return [name for name in ("nginx", "apache2", "openssl", "cgi-fcgi") if program(name) is None] + \
        [f"Apache's mod_{m}" for m in sorted(modules)
         if not os.path.exists(f"{MODULES}/mod_{m}.so")]


def certificate(folder):
    """Makes a self-signed certificate where the samples look for one; returns its path."""
    live = os.path.join(folder, HOST)
    os.makedirs(live)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
                    "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", f"{live}/privkey.pem",
                    "-out", f"{live}/fullchain.pem"], check=True, capture_output=True)
    return f"{live}/fullchain.pem"


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"<{self.status} {self.headers.get('content-type')} {self.body[:400]!r}>"


class Front:
    """One running web server. home: the Home of the gateway that it serves."""

    def __init__(self, kind, home, edit=None, address="127.0.0.1"):
        self.kind, self.home, self.edit, self.address = kind, home, edit, address
        self.dir = tempfile.mkdtemp(prefix=kind + "-", dir=home.dir)
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        os.makedirs(os.path.join(self.dir, "htdocs"))
        self.context = ssl.create_default_context(cafile=home.certificate)
        self.process = None

    def sample(self):
        with open(os.path.join(TOP, "nginx", SAMPLES[self.kind]), encoding="utf-8") as file:
            text = file.read()
        for old, new in (("gateway.example.com", HOST),
                         ("/etc/letsencrypt/live", os.path.dirname(os.path.dirname(
                             self.home.certificate))),
                         ("listen [::]:443", "#listen [::]:443"),
                         ("listen 443", f"listen {self.address}:{self.port}"),
                         ("<VirtualHost *:443>", f"<VirtualHost *:{self.port}>"),
                         ("/run/hrisgw/hrisgw.sock", self.home.socket),
                         ("/usr/local/lib/cgi-bin", self.home.lib)):
            text = text.replace(old, new)
        return self.edit(text) if self.edit else text

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def command(self):
        user = worker()
        if self.kind == "nginx":
            path = self.write("nginx.conf", NGINX.format(
                dir=self.dir, user=f"user {user};" if user else ""))
            return [program("nginx"), "-p", self.dir, "-c", path, "-e", f"{self.dir}/error.log"]
        path = self.write("apache.conf", APACHE_CONF.format(
            dir=self.dir, address=self.address, port=self.port,
            user=f"User {user}\nGroup {user}" if user else "",
            more=APACHE_MORE.get(self.kind, "").format(dir=self.dir),
            modules="\n".join(f"LoadModule {m}_module {MODULES}/mod_{m}.so"
                              for m in APACHE_ALWAYS + APACHE[self.kind])))
        return [program("apache2"), "-f", path, "-D", "FOREGROUND"]

    def start(self):
        self.write("sample.conf", self.sample())
        command = self.command()
        give(self.dir)
        with open(os.path.join(self.dir, "output.log"), "wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, start_new_session=True,
                                            env={"PATH": os.environ["PATH"], "TZ": "UTC"})
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((self.address, self.port), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.kind} did not start: {self.logs()}") from None
                time.sleep(0.02)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def logs(self):
        out = ""
        for name in ("output.log", "error.log"):
            path = os.path.join(self.dir, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    out += file.read()
        return out[-8000:]

    @property
    def origin(self):
        return f"https://{HOST}:{self.port}"

    def connect(self, timeout=70):
        """A TLS connection, for what http.client would not send."""
        plain = socket.create_connection((self.address, self.port), timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(plain, server_hostname=HOST)

    def request(self, method, target, body=None, headers=None, context=None):
        connection = http.client.HTTPSConnection(self.address, self.port, timeout=70,
                                                 context=context or self.context)
        connection.sock = self.connect() if context is None else context.wrap_socket(
            socket.create_connection((self.address, self.port), 70), server_hostname=HOST)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            headers = {"Host": f"{HOST}:{self.port}", **(headers or {})}
            if body is not None and not any(n.lower() in ("content-length", "transfer-encoding")
                                            for n in headers):
                headers["Content-Length"] = str(len(body))
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Response(answer.status, {n.lower(): v for n, v in answer.getheaders()},
                            answer.read())
        finally:
            connection.close()

    def raw(self, data):
        """Sends bytes; reads until the server closes or the answer is whole."""
        with self.connect() as connection:
            connection.sendall(data)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return Response(answer.status, {n.lower(): v for n, v in answer.getheaders()},
                            answer.read())
