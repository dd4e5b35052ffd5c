"""Throughput and memory through a real nginx, with an HRIS that costs next to nothing: get-balance beside
nginx that asks that HRIS directly, signed requests with the replay store beside tokens without it, and memory
with many slow calls in flight. Real time is what is measured here; nothing is asserted.

    HRISGW=build/release/hrisgw /usr/bin/python3 tests/bench/bench_gateway.py
"""
import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import sign     # noqa: E402

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
CONNECTIONS = 64
BODY = json.dumps({"agentId": "4", "inputDates": "2026-12-01", "inputTimeOffTypeIds": "78"}).encode()

NGINX = """
worker_processes 2; pid {dir}/nginx.pid; error_log {dir}/error.log; {user}
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {dir}/tmp1; fastcgi_temp_path {dir}/tmp2;
  proxy_temp_path {dir}/tmp3; scgi_temp_path {dir}/tmp4; uwsgi_temp_path {dir}/tmp5;
  keepalive_requests 1000000;
  upstream hris {{ server 127.0.0.1:{hris}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location /v1/ {{
      fastcgi_param REQUEST_METHOD $request_method; fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param REQUEST_SCHEME $scheme; fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length; fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_read_timeout 70; fastcgi_pass unix:{dir}/hrisgw.sock;
    }}
    location /direct {{ proxy_http_version 1.1; proxy_set_header Connection "";
                        proxy_pass http://hris/api/v1/employees/4/time_off/calculator; }}
  }}
}}
"""


def cpu_s(pids):
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(x) for x in f.read().split()]


def rss_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Bench:
    def __init__(self, threads=64, delay_ms=0, in_flight=64):
        self.dir = tempfile.mkdtemp(prefix="hrisgw-bench-")
        os.chmod(self.dir, 0o755)
        for name in ("routes.d", "secrets", "state"):
            os.mkdir(os.path.join(self.dir, name), 0o700)
        for name in ("upstream", "replay"):
            subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", f"{self.dir}/{name}",
                            f"{HERE}/load/{name}.c", "-lpthread"], check=True)
        self.hris = subprocess.Popen([f"{self.dir}/upstream", "--delay-ms", str(delay_ms)],
                                     stdout=subprocess.PIPE, text=True)
        self.hris_port = int("".join(c for c in self.hris.stdout.readline() if c.isdigit()))
        self.port = free_port()
        self.key = secrets.token_bytes(32)
        self.secret("tok", secrets.token_urlsafe(32))
        self.secret("key", "hris-key")
        self.secret("sig", "base64:" + base64.b64encode(self.key).decode())
        group = "www-data" if os.geteuid() == 0 else ""
        self.write("hrisgw.yaml", f"listen: {{socket: hrisgw.sock{', group: ' + group if group else ''}}}\n"
                   f"threads: {threads}\nstate_dir: state\nroutes: routes.d\n"
                   f"adapters: {TOP}/conf/adapters\ndeadline: 50s\nlog: {{level: warning}}\n")
        self.write("routes.d/r.yaml", f"""adapter: bamboohr
settings: {{company: x, api_key: 'file:../secrets/key', base_url: 'http://127.0.0.1:{self.hris_port}/api/v1'}}
insecure_http: true
limits: {{in_flight: {in_flight}}}
callers:
  g: {{token: 'file:../secrets/tok'}}
  s: {{signature: [rfc9421], keys: {{k1: 'file:../secrets/sig'}}}}
""")
        self.write("nginx.conf", NGINX.format(dir=self.dir, hris=self.hris_port, port=self.port,
                                              user=f"user {group};" if group else ""))
        binary = os.environ.get("HRISGW", f"{TOP}/build/release/hrisgw")
        self.gateway = subprocess.Popen([binary, "serve", "--config", f"{self.dir}/hrisgw.yaml"])
        self.nginx = subprocess.Popen(["nginx", "-c", f"{self.dir}/nginx.conf", "-g", "daemon off;"],
                                      stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}/v1/r"
        deadline = time.monotonic() + 20
        while True:
            try:
                self.token = sign.fetch_token(f"{self.url}/token", "g",
                                              sign.read_secret(f"{self.dir}/secrets/tok"))
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, mode)

    def secret(self, name, text):
        self.write("secrets/" + name, text + "\n", 0o600)

    def request(self, path, headers, body=BODY):
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{n}: {v}\r\n" for n, v in headers.items())
        return (head + "Content-Type: application/json\r\n\r\n").encode() + body

    def by_token(self):
        return self.request("/v1/r/get-balance", sign.bearer(self.token))

    def signed(self):
        return self.request("/v1/r/get-balance", sign.rfc9421(
            self.key, "k1", "POST", f"{self.url}/get-balance", BODY))

    def direct(self):
        return f"GET /direct HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode()

    def replay(self, messages, connections=CONNECTIONS, seconds=SECONDS):
        path = os.path.join(self.dir, "requests")
        with open(path, "wb") as f:
            for m in messages:
                f.write(str(len(m)).encode() + b"\n" + m)
        workers = children(self.nginx.pid)
        before = cpu_s([self.gateway.pid]), cpu_s(workers)
        run = subprocess.run([f"{self.dir}/replay", "--port", str(self.port), "--connections",
                              str(connections), *(["--seconds", str(seconds)] if seconds else []),
                              path], check=True, capture_output=True, text=True)
        out = json.loads(run.stdout)
        out["gateway_us"] = (cpu_s([self.gateway.pid]) - before[0]) * 1e6 / out["requests"]
        out["nginx_us"] = (cpu_s(workers) - before[1]) * 1e6 / out["requests"]
        out["per_second"] = out["requests"] / out["seconds"]
        return out

    def stop(self):
        for p in (self.nginx, self.gateway, self.hris):
            p.terminate()
            p.wait(20)
        shutil.rmtree(self.dir)


def line(name, r):
    print(f"{name:44} {r['per_second']:9.0f}/s  CPU us/request: gateway {r['gateway_us']:6.0f}, "
          f"nginx {r['nginx_us']:5.0f}  median {r['median_ms']:.1f} ms, p99 {r['p99_ms']:.1f} ms  {r['statuses']}")


def main():
    b = Bench()
    print(f"memory at rest (64 threads): {rss_mb(b.gateway.pid):.1f} MB")
    b.replay([b.by_token()], seconds=1)
    line("nginx straight to the HRIS", b.replay([b.direct()]))
    line("get-balance, token (no nonce)", b.replay([b.by_token()]))
    many = [b.signed() for _ in range(20000)]
    line("get-balance, RFC 9421, replay store", b.replay(many, seconds=0))
    print(f"memory after that: {rss_mb(b.gateway.pid):.1f} MB")
    b.stop()
    b = Bench(threads=512, delay_ms=2000, in_flight=256)
    rest = rss_mb(b.gateway.pid)
    with open(os.path.join(b.dir, "requests"), "wb") as f:
        m = b.by_token()
        f.write((str(len(m)).encode() + b"\n" + m) * 256)
    run = subprocess.Popen([f"{b.dir}/replay", "--port", str(b.port), "--connections", "256",
                            f"{b.dir}/requests"], stdout=subprocess.PIPE, text=True)
    peak = 0
    while run.poll() is None:
        peak = max(peak, rss_mb(b.gateway.pid))
        time.sleep(0.02)
    print(f"512 threads: {rest:.1f} MB at rest, {peak:.1f} MB with 256 slow calls in flight "
          f"{json.loads(run.stdout.read())['statuses']}")
    b.stop()


if __name__ == "__main__":
    main()
