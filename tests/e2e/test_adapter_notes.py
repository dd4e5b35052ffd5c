"""What `adapter check` asks an author of an adapter that is not wrong."""
import json
import subprocess

from home import BINARY

FILE = """\
title: Two
docs: https://example.com
base_url: https://example.com
auth: {{header: {{X-Key: k}}}}
amounts: {{hours: 0.25}}
operations:
  get-agents:
{agents}
  get-timeoff-types:
    - {{request: GET /types, each: '$[*]', type: {{id: .id, name: .name, unit: hours}}}}
  get-balance:
    - for: {{date: in.dates}}
      request: GET /people/${{in.agent_id}}/balance
      query: {{at: '${{date}}'}}
      each: $[*]
      {failures}
      balance: {{date: date, type_id: .type, amount: .amount}}
"""
AGENTS = "    - {request: GET /people, each: '$[*]', agent: {id: .id, email: .mail}}"
BY_ID = """\
    - {{name: all, request: GET /people, each: '$[*]', set: {{ids: '.id'}}{page}}}
    - for: {{id: steps.all.ids}}
      request: GET /people/${{id}}
      agent: {{id: id, email: $.mail}}"""
AT_ONCE = """\
    - {name: all, request: GET /people, each: '$[*]', set: {ids: '.id'}}
    - {request: POST /mails, body: {ids: '${steps.all.ids}'}, each: '$[*]', agent: {id: .id, email: .mail}}"""
RIGHT, IDS = "note: get-balance: where the key lacks the right", "note: get-agents: the ids come from a list without page"


def check(tmp_path, agents=AGENTS, failures=""):
    path = tmp_path / "two.yaml"
    path.write_text(FILE.format(agents=agents, failures=failures))
    out = subprocess.run([BINARY, "adapter", "check", str(path)], capture_output=True, text=True, timeout=30, check=False)
    assert out.returncode == 0 and ": good" in out.stdout, out
    printed = json.loads(subprocess.run([BINARY, "adapter", "check", "--json", str(path)], capture_output=True,
                                        timeout=30, check=True).stdout)
    assert out.stdout == f"{path}: good\n" + "".join(f"{path}: note: {note}\n" for note in printed[0]["notes"])
    return out.stdout


def test_how_a_lack_of_rights_shows(tmp_path):
    assert RIGHT in check(tmp_path)
    assert RIGHT not in check(tmp_path, failures="failures: [{status: 2xx, $.error: denied, is: forbidden}]")


def test_where_the_ids_come_from(tmp_path):
    assert IDS in check(tmp_path, BY_ID.format(page=""))
    assert IDS in check(tmp_path, AT_ONCE)
    assert IDS not in check(tmp_path, BY_ID.format(page=", page: {page: p, until: empty}"))
    assert IDS not in check(tmp_path)


def test_the_adapters_that_are_shipped_leave_nothing_open():
    out = subprocess.run([BINARY, "adapter", "check", "conf/adapters/bamboohr.yaml", "conf/adapters/odoo.yaml"],
                         capture_output=True, text=True, timeout=30, check=False)
    assert out.returncode == 0 and "note" not in out.stdout, out
