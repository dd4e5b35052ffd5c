"""A gateway whose route genesystest plays a BambooHR company: adapter local with the BambooHR face. The route
mirror is a customer's: adapter bamboohr, with that face as its HRIS.
"""
import base64
import json
import subprocess

import fronts
import home as homes

COMPANY = """\
adapter: local
face: bamboohr
agents: {{no_email_percent: 50}}
timezone: America/Chicago
day_minutes: 480
callers:
  blueprint:
    basic: file:{dir}/secrets/bamboo-key
"""

TABLES = {
    "types": "id,name,unit,unlimited,yearly,carry_over,day_minutes,starts\n"
             "78,Vacation,hours,no,160,0,480,2027-01-01\n"
             "79,Personal,days,no,3,0,480,2027-01-01\n"
             "80,Unpaid,hours,yes,0,0,480,2027-01-01\n",
    "employees": "id,email,name,hired,active\n"
                 "4,cabbott@example.com,Charlotte Abbott,2020-01-01,yes\n"
                 "5,,Nora Mail,2020-01-01,yes\n"
                 "12,émile@example.com,Émile Zola,2020-01-01,yes\n"
                 "13,gone@example.com,Gone Away,2020-01-01,no\n",
}


class FaceHome:
    """get() and put() speak BambooHR's API; call() is an action of the route mirror."""

    def __init__(self, hris):
        self.home = homes.Home(hris)
        self.fronts = {}
        try:
            self.start()
        except BaseException:
            self.end()
            self.home.remove()
            raise

    def start(self):
        self.key = self.home.secret("bamboo-key")
        self.home.write("routes.d/genesystest.yaml", COMPANY.format(dir=self.home.dir))
        self.home.write("routes.d/faceless.yaml",
                        COMPANY.format(dir=self.home.dir).replace("face: bamboohr\n", ""))
        self.fronts["nginx"] = fronts.Front("nginx", self.home)
        self.home.secret("hris", self.key)
        self.home.route("mirror", more=f"ca_file: {self.home.certificate}\n",
                        url=f"{self.fronts['nginx'].origin}/api/gateway.php/genesystest/v1")
        for table, text in TABLES.items():
            self.load(table, text)
        self.home.start()
        self.fronts["nginx"].start()

    def load(self, table, text):
        path = self.home.write(f"run/{table}.csv", text)
        done = subprocess.run([f"{self.home.lib}/hrisgw", "local", "genesystest", "import", "--config",
                               self.home.config, path], capture_output=True, check=False,
                              stdin=subprocess.DEVNULL, **fronts.as_worker())
        assert done.returncode == 0, (done.stdout, done.stderr)

    def front(self, kind="nginx"):
        if kind not in self.fronts:
            self.fronts[kind] = fronts.Front(kind, self.home).start()
        return self.fronts[kind]

    def end(self):
        for front in self.fronts.values():
            front.stop()
        return self.home.stop()

    def stop(self):
        code = self.end()
        try:
            assert code == 0, (code, self.home.log()[-3000:])
            self.home.check_reports()
        finally:
            self.home.remove()

    def headers(self, key=None):
        text = f"{self.key if key is None else key}:x".encode()
        return {"Authorization": "Basic " + base64.b64encode(text).decode(),
                "Accept": "application/json"}

    def ask(self, method, path, body=None, kind="nginx", route="genesystest", key=None):
        """path: what follows /v1."""
        data, headers = None, self.headers(key)
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        return self.front(kind).request(method, f"/api/gateway.php/{route}/v1{path}", data, headers)

    def get(self, path, kind="nginx"):
        answer = self.ask("GET", path, kind=kind)
        assert answer.status == 200, (answer, answer.headers, self.home.log()[-2000:])
        assert answer.headers["content-type"].split(";")[0] == "application/json", answer
        return json.loads(answer.body)

    def put(self, path, body, kind="nginx"):
        answer = self.ask("PUT", path, body, kind=kind)
        assert answer.status == 201, (answer, answer.headers, self.home.log()[-2000:])
        return json.loads(answer.body)

    def balances(self, employee, end, more=""):
        rows = self.get(f"/employees/{employee}/time_off/calculator?end={end}{more}")
        return {row["timeOffType"]: row["balance"] for row in rows}

    def call(self, action, body):
        caller = homes.Caller(self.home, self.front(), route="mirror")
        return caller.call(action, body)
