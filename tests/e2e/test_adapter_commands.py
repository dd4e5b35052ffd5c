"""hrisgw adapter: list (what adapter files can do, and how many calls to the HRIS each action costs), new, try."""
import json
import os
import subprocess

import pytest

import fronts
import home as homes
from mock_hris import answer

FOUND = "found: {id: .id, status: .s, type_id: .t, marker: .m, start: .a, end: .b%s}"
WHOLE = """\
title: Whole
proven: pages
base_url: https://x.example
amounts: {days: 1, runs: whole}
lost_write: {find: natural, consistent: true}
operations:
  get-agents:
    - {name: ids, request: GET /ids, each: '$[*]', set: {id: .id}}
    - for: {id: steps.ids.id}
      request: GET /people/${id}
      each: $
      agent: {id: .id, email: .mail}
  get-timeoff-types:
    - {request: GET /types, page: {page: p, size: {n: 50}, until: short}, each: '$[*]',
       type: {id: .id, name: .name, unit: days}}
  get-balance:
    - for: {date: in.dates, type: in.types}
      request: GET /people/${in.agent_id}/${type.id}/${date}
      balance: {date: date, type_id: type.id, amount: $.left}
  insert-timeoff:
    - {name: open, request: GET /open, set: {is: $.is, more: $.more}}
    - {name: a, when: {steps.open.is: present}, request: GET /a, answer: none}
    - {name: b, when: {steps.open.is: absent}, request: GET /b, answer: none}
    - {name: c, when: {steps.open.more: 'x'}, request: GET /c, answer: none}
    - {when: {in.status: APPROVED}, request: GET /d, answer: none}
    - request: POST /people/${in.agent_id}/requests
      body: {type: '${in.type_id}', first: '${in.min_date}', last: '${in.max_date}', note: '${in.marker}'}
      result: {id: $.id}
  change-timeoff: replace
  cancel-timeoff:
    - {request: 'DELETE /requests/${in.request_id}', writes: again}
  find-timeoff:
    - {when: {in.request_id: present}, request: 'GET /requests/${in.request_id}', FOUND}
    - {when: {in.request_id: absent}, request: 'GET /people/${in.agent_id}/requests', each: '$[*]', FOUND}
""".replace("FOUND", FOUND % "")


def listed(*words, code=0):
    done = subprocess.run([homes.BINARY, "adapter", "list", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done
    return done.stdout


def row(folder, text):
    (folder / "a.yaml").write_text(text)
    printed = json.loads(listed("--json", str(folder / "a.yaml")))
    assert printed[0]["faults"] == []
    return printed[0]


def test_what_an_adapter_can_do_and_what_each_action_costs(tmp_path):
    out = row(tmp_path, WHOLE)
    assert {name: out[name] for name in list(out)[1:8]} == {
        "proven": "pages", "units": "days", "partial": "no", "gaps": "calendar", "updates": "replace cancel",
        "lost write": "natural, consistent", "looked at": "dates"}
    assert (out["agents"], out["types"], out["balance"]) == ("1 + 1 a record", "1 a page", "1 a date and type")
    # open, a or b, perhaps c, the write; a look before it and one after
    assert out["insert"] == "5-6 + 1 a date and type"
    # find, cancel, what an insert costs less its balance, find again: the balance once
    assert out["change"] == "7-8 + 1 a date and type"
    assert out["cancel"] == "3"


@pytest.mark.parametrize("was,now,name,value", [
    ("proven: pages\n", "", "proven", "-"),
    ("change-timeoff: replace", "change-timeoff: [{replace: create-first}]", "updates", "create-first cancel"),
    ("change-timeoff: replace", "change-timeoff: [{replace: create-first}]", "change", "7-8 + 1 a date and type"),
    ("runs: whole", "runs: ends", "partial", "no"),
    ("{days: 1, runs: whole}", "{days: 0.5, runs: ends}", "partial", "amounts, at ends"),
    ("amounts: {days: 1, runs: whole}\n", "", "units", "any"),
    ("last: '${in.max_date}'", "last: '${in.last.to}'", "partial", "no"),
    ("{days: 1, runs: whole}", "{hours: 1, days: 0.5}", "units", "hours days"),
    ("{days: 1, runs: whole}", "{hours: 1, records: many}", "gaps", "several"),
    ("first: '${in.min_date}'", "days: {for: {d: in.days}, item: '${d.date}'}", "gaps", "yes"),
    ("first: '${in.min_date}'", "days: {for: {r: in.runs}, item: '${r.first}'}", "gaps", "by runs"),
    ("natural, consistent: true", "marker", "lost write", "marker"),
    ("natural, consistent: true", "marker", "insert", "4-5 + 1 a date and type"),
    ("end: .b", "end: .b, amount: .n", "looked at", "total"),
    ("start: .a, end: .b", "date: .a", "looked at", "days"),
    ("  get-balance:\n    - for: {date: in.dates, type: in.types}", "  get-balance:\n"
     "    - for: {date: in.dates | chunk 9, type: [1, 2]}", "balance", None),
])
def test_each_trait_is_read_from_the_file(tmp_path, was, now, name, value):
    assert was in WHOLE
    text = WHOLE.replace(was, now)
    if value is None:       # dates by nines are one call; two words are two
        text = text.replace("${type.id}/${date}", "${type}/${date[0]}").replace(
            "type_id: type.id", "type_id: .t").replace("date: date,", "date: .d,")
        value = "2"
    assert row(tmp_path, text)[name] == value


def test_the_table_for_people(tmp_path):
    (tmp_path / "whole.yaml").write_text(WHOLE)
    (tmp_path / "bad.yaml").write_text("title: Bad\n")
    lines = listed(str(tmp_path), code=1).splitlines()
    assert lines[0].startswith("bad: BROKEN") and lines[1].split()[:2] == ["adapter", "proven"]
    assert lines[2].split()[:4] == ["whole", "pages", "days", "no"]


def test_the_adapters_that_are_here_say_how_far_they_are_proven():
    for one in json.loads(listed("--json", os.path.join(fronts.TOP, "conf", "adapters"))):
        assert one["proven"] in ("live", "description", "pages"), one["name"]


def test_a_wrong_word_is_a_fault(tmp_path):
    (tmp_path / "a.yaml").write_text(WHOLE.replace("proven: pages", "proven: page"))
    done = subprocess.run([homes.BINARY, "adapter", "check", str(tmp_path / "a.yaml")], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1 and 'a.yaml:2:9: ' in done.stdout and 'did you mean "pages"' in done.stdout


# new

def adapter(*words, code=0):
    done = subprocess.run([homes.BINARY, "adapter", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done
    return done.stdout + done.stderr


def test_a_new_adapter_is_good_as_it_is(tmp_path):
    assert adapter("new", "--adapters", str(tmp_path), "acme-hr") == (
        f"{tmp_path}/acme-hr.yaml\n{tmp_path}/acme-hr.test.yaml\n")
    assert "acme-hr.yaml: good" in adapter("check", str(tmp_path))
    said = adapter("test", str(tmp_path))
    assert "11 passed, 0 failed" in said and "FAIL" not in said
    text = (tmp_path / "acme-hr.yaml").read_text()
    assert "title: 'acme-hr'" in text and "@" not in text
    # What it offers in comments is good too, credentials aside, whose settings are not declared.
    taken = text.replace("## docs", "docs").replace("## pace", "pace").replace("## failures", "failures").replace(
        "##   - {", "  - {")
    assert taken.count("##") < text.count("##")
    (tmp_path / "acme-hr.yaml").write_text(taken)
    assert "acme-hr.yaml: good" in adapter("check", str(tmp_path))


def test_what_is_there_is_not_written_over(tmp_path):
    (tmp_path / "a.test.yaml").write_text("mine")
    assert "a.test.yaml is there already" in adapter("new", "--adapters", str(tmp_path), "a", code=1)
    assert os.listdir(tmp_path) == ["a.test.yaml"] and (tmp_path / "a.test.yaml").read_text() == "mine"
    for name in ("../a", "local", "A", ""):
        adapter("new", "--adapters", str(tmp_path), name, code=2)
    adapter("new", "--adapters", str(tmp_path), code=2)
    assert "No such file" in adapter("new", "--adapters", str(tmp_path) + "/none", "b", code=1)
    assert os.listdir(tmp_path) == ["a.test.yaml"]


# try

@pytest.fixture
def tried(own_home, hris):
    def go(*words, code=0):
        done = subprocess.run([own_home.lib + "/hrisgw", "adapter", "try", "--config", own_home.config,
                               *(words or ("acme",))], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, done
        assert own_home.read_secret("hris") not in done.stdout + done.stderr
        assert not hris.writes
        return done.stdout + done.stderr
    go.hris, go.home = hris, own_home
    return go


def test_try_counts_what_it_reads_and_masks_people(tried):
    tried.hris.holds()
    tried.hris.bamboo(employees=[{"id": "7", "workEmail": None}, {"id": "8", "workEmail": "bob@example.com"}],
                      balances={"78": "40"})
    tried.hris.holds()
    rows = {row["operation"]: row for row in json.loads(tried("--json", "acme"))}
    assert {name: (row["outcome"], row["records"]) for name, row in rows.items()} == {
        "get-agents": ("ok", 2), "get-timeoff-types": ("ok", 2), "get-agent": ("-", 0), "get-balance": ("ok", 1),
        "find-timeoff": ("ok", 1), "writes": ("-", 0)}
    assert rows["get-agents"]["text"] == "1 without e-mail; 7 no e-mail; 8 b***@example.com"
    assert "78 Vacation (hours); 79 Sick (days)" in rows["get-timeoff-types"]["text"]
    assert rows["get-balance"]["text"] == "78 40 hours; none of type 79"
    assert rows["find-timeoff"]["text"] == "1 PENDING"
    assert "insert-timeoff" in rows["writes"]["text"] and "not tried" in rows["writes"]["text"]
    said = tried()
    assert "get-balance" in said and "bob@" not in said and "Ann" not in said


def test_try_says_in_the_vendor_s_words_what_the_key_may_not_do(tried):
    tried.hris.on("GET", "/employees/directory", answer({}, 403, X_BambooHR_Error_Message="not \x1b[31m for you"))
    tried.hris.on("GET", "/time_off/requests", answer([]))
    said = tried(code=1)
    assert "HRIS.FORBIDDEN" in said and "for you" in said and "\x1b" not in said
    assert "--agent names one" in said
    said = tried("--agent", "7", "acme", code=1)
    assert "78 40 hours; 79 5 days" in said and "find-timeoff       ok                          0" in said


def test_try_says_which_status_no_map_knows(tried):
    tried.hris.holds(status="parked")
    said = tried(code=1)
    assert "unknown status" in said and 'no map knows "parked"' in said


def test_try_needs_a_route(tried):
    assert "there is no route nobody" in tried("nobody", code=1)
    tried("acme", "acme", code=2)
