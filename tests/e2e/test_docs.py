"""What README.md and the man pages say is true: commands and options, error codes, keys, filters with their
examples, files, and sample configuration. Words are compared with the program and its sources."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import fronts
import home as homes

sys.path.insert(0, os.path.join(fronts.TOP, "tests", "tools"))
import man_keys     # noqa: E402

PAGES = sorted(glob.glob(os.path.join(fronts.TOP, "src", "*.[578]")))
OPTION = re.compile(r"--([a-z][a-z-]*)")


def read(*parts):
    with open(os.path.join(fronts.TOP, *parts), encoding="utf-8") as file:
        return file.read()


def hrisgw(*words):
    return subprocess.run([homes.BINARY, *words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def commands():
    """{command: its options}, by --help."""
    listed = hrisgw("--help").stdout.split("commands:\n")[1].split("\n\n")[0]
    names = [line.split()[0] for line in listed.splitlines()]
    assert len(names) > 5
    return {name: set(re.findall(r"^  --([a-z-]+)", hrisgw(name, "--help").stdout, re.M)) - {"help"}
            for name in names}


# Commands and options

def code_of(markdown):
    """Fenced blocks and code spans."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", markdown, re.M | re.S)
    rest = re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.M | re.S)
    return blocks + re.findall(r"`([^`\n]+)`", rest)


def texts_that_name_commands():
    out = {"README.md": code_of(read("README.md")),
           "conf/local/README.md": re.findall(r"^    (.*)|`([^`\n]+)`", read("conf/local/README.md"), re.M)}
    for name in ("conf/genesys/README.md", "conf/genesys/function/README.md"):
        out[name] = re.findall(r"^ {4,}(.*)|`([^`\n]+)`", read(name), re.M)
    out.update((name, ["".join(pair) for pair in out[name]]) for name in out if name != "README.md")
    for name in glob.glob(os.path.join(fronts.TOP, "conf", "genesys", "templates", "*.md")):
        out["conf/genesys/templates/" + os.path.basename(name)] = code_of(read(name))
    for page in PAGES:
        out[os.path.basename(page)] = re.findall(r"^(?:\.Ql )?(hrisgw .*)", read(page), re.M)
    return out


@pytest.mark.parametrize("where, texts", texts_that_name_commands().items())
def test_commands_that_are_named_exist(commands, where, texts):
    for text in texts:
        for line in text.replace("\\\n", " ").splitlines():
            line = line.replace("\\-", "-")
            for name, rest in re.findall(r"(?<![\w./-])(?<!-[uo] )hrisgw ([a-z]+)([^#]*)", line):
                assert name in commands, f"{where}: {line}"
                for option in OPTION.findall(rest):
                    assert option in commands[name] | {"help"}, f"{where}: {line}"


def test_options_that_are_named_alone_exist(commands):
    known = set().union(*commands.values()) | {"help", "version"}
    named = {option for text in code_of(read("README.md")) if text.startswith("--")
             for option in OPTION.findall(text)}
    assert named and not named - known


def synopses():
    """{command: options} of the section COMMANDS of hrisgw(8)."""
    section = read("src", "hrisgw.8").split("\n.Sh COMMANDS\n")[1].split("\n.Sh ")[0]
    out = {}
    for head in re.findall(r"^\.It Xo Nm Cm (.*?)^\.Xc|^\.It Nm Cm (.*?)$", section, re.M | re.S):
        text = "".join(head)
        out.setdefault(text.split()[0], set()).update(re.findall(r"Fl Fl ([a-z-]+)", text))
    return out


def test_the_page_has_every_command_with_every_option(commands):
    assert synopses() == commands


# Samples

@pytest.mark.parametrize("sample", sorted(glob.glob(os.path.join(fronts.TOP, "nginx", "*.conf"))),
                         ids=os.path.basename)
def test_the_command_of_a_sample_changes_every_host_name(sample):
    with open(sample, encoding="utf-8") as file:
        text = file.read()
    command = re.search(r"^#     (sed -i '(s/[^']*YOUR\.HOST[^']*)' " + re.escape(os.path.basename(sample)) +
                        ")$", text, re.M)
    changed = subprocess.run(["sed", command.group(2), sample], capture_output=True, text=True,
                             check=True).stdout
    used = "\n".join(line for line in changed.splitlines() if not line.lstrip().startswith("#"))
    assert "YOUR.HOST" in used and "example" not in used


# Pages

@pytest.mark.parametrize("page", PAGES, ids=os.path.basename)
def test_pages_are_well_formed(page):
    if shutil.which("mandoc") is None:
        print("SKIPPED aloud: mandoc is not installed")
        pytest.skip("mandoc is not installed")
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_three_pages_are_there():
    assert [os.path.basename(page) for page in PAGES] == ["hrisgw-adapter.7", "hrisgw.8",
                                                          "hrisgw.yaml.5"]


def test_every_error_code_is_on_the_page():
    codes = set(re.findall(r'\bX\([A-Z_]+,\s*"([A-Z]+\.[A-Z_]+)"', read("src", "base", "fail.h"), re.M))
    section = read("src", "hrisgw.8").split("\n.Sh ERROR CODES\n")[1].split("\n.Sh ")[0]
    assert len(codes) > 30
    assert set(re.findall(r"^\.It Cm (\S+)$", section, re.M)) == codes


def test_the_page_lists_the_program_s_keys():
    before, after = man_keys.difference(homes.BINARY)
    assert before == after, "make it again: tests/tools/man_keys.py --binary " + homes.BINARY


# The adapter language

def words_of(file):
    """The texts of a C file's lists of keys and words, and the names in its tables of rules."""
    text = read(file)
    lists = re.findall(r"\b\w*(?:keys|_names|_words)\[[^]]*\] = \{(.*?)\};", text, re.S)
    rules = re.findall(r"_rules\[\] = \{(.*?)^\};", text, re.S | re.M)
    return set(re.findall(r'"([^"]*)"', "".join(lists + rules))) - {""}


LANGUAGE = sorted(glob.glob(os.path.join(fronts.TOP, "src", "adapter", "*.c")) +
                  glob.glob(os.path.join(fronts.TOP, "src", "cli", "play*.c")))


def test_every_key_of_the_language_is_on_its_page():
    page = set(re.findall(r"[\w-]+", read("src", "hrisgw-adapter.7")))
    words = {file: words_of(file) for file in LANGUAGE}
    assert not {file: words[file] - page for file in LANGUAGE if words[file] - page}
    assert len(set().union(*words.values())) > 100


def test_every_member_of_in_is_on_its_page():
    text = read("src", "lang", "in.c").split("struct shape shape_input = {")[1].split(".of =")[0]
    page = set(re.findall(r"\w+", read("src", "hrisgw-adapter.7").split(".Sh WHAT IN HOLDS")[1]))
    names = set(re.findall(r'"(\w+)"', text))
    assert len(names) > 20 and not names - page


def filter_rows():
    table = read("src", "hrisgw-adapter.7").split("\n.Sh FILTERS\n")[1].split("\n.El\n")[0]
    return re.findall(r"^\.It (\S.*?) Ta (.*)$", table, re.M)[1:]


def test_every_filter_is_on_the_page():
    source = read("src", "lang", "filter.c").split("filters[] = {")[1].split("};")[0]
    filters = set(re.findall(r'^\s*\{"([a-z0-9-]+)"', source, re.M))
    named = {word for row in filter_rows() for word in re.findall(r"(?:^|, )([a-z0-9-]+)", row[0])}
    used = {word for row in filter_rows() for word in re.findall(r"\| ([a-z0-9-]+)", row[1])}
    assert len(filters) > 35 and named == used == filters


ADAPTER = """\
title: Filters
settings: {{plans: {{kind: map}}}}
base_url: https://hris.example.com
maps: {{status: {{PENDING: open, APPROVED: done}}}}
amounts: {{minutes: 1, hours: 0.0001}}
operations:
  insert-timeoff:
    - request: POST /
      body: {{of: '${{in.agent_id}} ${{in.type_id}} ${{in.first.date}}', values: [{values}]}}
      result: {{id: $.id}}
"""

SCRIPT = """\
settings: {{plans: {{'7': P1}}}}
types: {{v: {{id: '7', name: V, unit: hours}}}}
cases:
  - name: examples
    operation: insert-timeoff
    in: {{agent_id: '4', type: v, status: PENDING, days: {{2026-06-15: 480, 2026-06-16: 240}}}}
    calls:
      - request: POST https://hris.example.com/
        body: {{of: 4 7 2026-06-15, values: {values}}}
        answer: {{json: {{id: '1'}}}}
    out: {{result: {{id: '1'}}}}
"""


def test_examples_of_filters_give_what_the_page_says(tmp_path):
    matches = [re.fullmatch(r'Li "([^"]+)" No \\\(-> Li (.+)', row[1]) for row in filter_rows()]
    assert all(matches), [row for row, match in zip(filter_rows(), matches) if not match]
    examples = [match.groups() for match in matches]
    values = [json.loads(value.replace(r"\(dq", '"').replace(r"\e", "\\")) for _, value in examples]
    (tmp_path / "f.yaml").write_text(ADAPTER.format(
        values=", ".join(json.dumps("${" + text + "}") for text, _ in examples)))
    (tmp_path / "f.test.yaml").write_text(SCRIPT.format(values=json.dumps(values)))
    done = hrisgw("adapter", "test", str(tmp_path / "f.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr


def displays(page, heading):
    """The literal displays of a section."""
    section = page.split(f"\n.Sh {heading}\n")[1].split("\n.Sh ")[0]
    return [text.replace(r"\e", "\\")
            for text in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", section, re.M | re.S)]


WALK = "FROM A VENDOR'S PAGES TO A PASSING TEST"


def test_the_walk_through_is_a_good_adapter(tmp_path):
    adapter, _ = displays(read("src", "hrisgw-adapter.7"), WALK)
    path = tmp_path / "walk.yaml"
    path.write_text(adapter)
    done = hrisgw("adapter", "check", str(path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_walk_through_is_of_the_adapter_that_is_there():
    """Its requests, maps and mappings, whatever the line breaks."""
    adapter = re.sub(r"\s+|#.*", "", read("conf", "adapters", "bamboohr.yaml"))
    walk = re.sub(r" +#.*", "", displays(read("src", "hrisgw-adapter.7"), WALK)[0])
    lines = re.findall(r"(?:request|each|agent|query|status|state|find|lost_write|amounts):[^\n{]*$|"
                       r"\{[^{}]*\}", walk, re.M)
    assert len(lines) > 20
    for line in lines:
        if "secret" not in line and "pattern" not in line and "default" not in line:
            assert re.sub(r"\s+", "", line) in adapter, line


def test_the_example_of_a_test_file_passes(tmp_path):
    shutil.copy(os.path.join(fronts.TOP, "conf", "adapters", "bamboohr.yaml"), tmp_path)
    (tmp_path / "bamboohr.test.yaml").write_text(displays(read("src", "hrisgw-adapter.7"), WALK)[1])
    done = hrisgw("adapter", "test", "--json", str(tmp_path / "bamboohr.yaml"))
    printed = json.loads(done.stdout)
    assert printed[0]["faults"] == [] and [case["passed"] for case in printed[0]["cases"]] == [True]
    # The operations that it does not play are failures, unless part of them is enough.
    assert done.returncode == 1 and "cancel-timeoff" in printed[0]["missing"]
    assert hrisgw("adapter", "test", "--partial", str(tmp_path / "bamboohr.yaml")).returncode == 0


SECOND = """\
settings: {host: hr.example, client_id: c, client_secret: s}
base_url: https://hr.example
token: t-1
cases:
  - name: two pages, then each of two
    operation: get-agents
    calls:
      - request: GET /v2/people
        query: {$filter: active eq true, limit: '1'}
        headers: {Authorization: Bearer t-1}
        answer: {json: {data: [{id: 7}], next: x}}
      - request: GET /v2/people
        query: {$filter: active eq true, limit: '1', after: x}
        answer: {json: {data: [{id: 9}], next: null}}
      - request: GET /v2/people/7/contact
        answer: {json: {work: {mail: ann@example.com}}}
      - request: GET /v2/people/9/contact
        answer: {json: {work: null}}
    out: {agents: [{id: '7', email: ann@example.com}, {id: '9'}]}
"""


def test_the_second_example_lists_and_asks_for_each(tmp_path):
    adapter, = displays(read("src", "hrisgw-adapter.7"), "A SECOND EXAMPLE")
    (tmp_path / "example.yaml").write_text(adapter)
    (tmp_path / "example.test.yaml").write_text(SECOND)
    done = hrisgw("adapter", "test", str(tmp_path / "example.yaml"))
    assert done.returncode == 0 and "1 passed, 0 failed" in done.stdout, done.stdout + done.stderr


def test_the_language_has_ten_printed_pages():
    if shutil.which("groff") is None:
        print("SKIPPED aloud: groff is not installed")
        pytest.skip("groff is not installed")
    page = os.path.join(fronts.TOP, "src", "hrisgw-adapter.7")
    printed = subprocess.run(["groff", "-mandoc", "-Tps", page], capture_output=True, check=True).stdout
    assert 5 < printed.count(b"\n%%Page: ") <= 10


# Sample configuration

class Folder:
    """In place of /etc/hrisgw: samples are put into it, and every file that they name is made."""

    def __init__(self, path):
        self.path = str(path)
        os.makedirs(self.path + "/routes.d")
        shutil.copytree(os.path.join(fronts.TOP, "conf", "adapters"), self.path + "/adapters")

    def put(self, name, text):
        text = text.replace("/etc/hrisgw", self.path).replace("/var/lib/hrisgw", self.path + "/state")
        for path in re.findall(r"file:(/[\w./-]+)", text):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            content = "id,email\n" if path.endswith(".csv") else f"a secret of {path}, long enough\n"
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write(content)
        with open(f"{self.path}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def check(self, routes):
        done = hrisgw("check", "--json", "--config", self.path + "/hrisgw.yaml")
        assert json.loads(done.stdout) == {"routes": sorted(routes), "faults": [], "warnings": []}
        assert done.returncode == 0


def test_example_routes_load_without_faults(tmp_path):
    folder, routes = Folder(tmp_path / "etc"), []
    folder.put("hrisgw.yaml", read("conf", "hrisgw.yaml"))
    for path in glob.glob(os.path.join(fronts.TOP, "conf", "routes.d", "*")):
        assert path.endswith(".yaml.example"), path
        routes.append(os.path.basename(path)[:-len(".yaml.example")])
        folder.put(f"routes.d/{routes[-1]}.yaml", read(path))
    assert {"acme", "odoo", "shop"} <= set(routes)
    folder.check(routes)


def test_examples_of_the_page_load_without_faults(tmp_path):
    folder = Folder(tmp_path / "etc")
    config, acme, shop = displays(read("src", "hrisgw.yaml.5"), "EXAMPLES")
    for name, text in (("hrisgw.yaml", config), ("routes.d/acme.yaml", acme),
                       ("routes.d/shop.yaml", shop)):
        folder.put(name, text)
    folder.check(["acme", "shop"])


def test_the_route_of_the_readme_loads_without_faults(tmp_path):
    folder = Folder(tmp_path / "etc")
    folder.put("hrisgw.yaml", read("conf", "hrisgw.yaml"))
    blocks = re.findall(r"^ *```yaml\n(.*?)^ *```", read("README.md"), re.M | re.S)
    assert len(blocks) == 1
    folder.put("routes.d/acme.yaml", re.sub(r"^   ", "", blocks[0], flags=re.M))
    folder.check(["acme"])


# Files

PLACES = ("", "src", "conf", "cgi-bin")
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:\.(?:c|h|md|conf|sample|yaml|example|json|js)|/)")


def exists(name):
    return any(os.path.exists(os.path.join(fronts.TOP, place, name)) for place in PLACES)


def test_files_that_are_named_exist():
    spans = re.findall(r"`([^`\n]+)`", read("README.md"))
    files = {span for span in spans if FILE.fullmatch(span) and "NAME" not in span and
             not span.startswith("acme.")}
    # Files beside an adapter or in tests/ are named from there.
    missing = {name for name in files if not exists(name) and not exists("tests/" + name) and
               not exists("conf/adapters/" + name)}
    assert len(files) > 25 and not missing


def test_adapters_and_samples_are_named():
    readme = read("README.md")
    for pattern in ("conf/adapters/*.yaml", "nginx/*"):
        for path in glob.glob(os.path.join(fronts.TOP, pattern)):
            name = os.path.relpath(path, fronts.TOP)
            assert name.endswith(".test.yaml") or f"`{name}`" in readme, name


def test_variables_of_the_build_are_the_makefile_s():
    table = read("README.md").split("| variable |")[1].split("\n\n")[0]
    head = read("Makefile").split("\n\n")[0]
    rows = re.findall(r"^#   ([A-Z][A-Z_]*(?:, [A-Z][A-Z_]*)*) ", head, re.M)
    assert len(rows) > 5
    assert set(re.findall(r"`([A-Z_]+)`", table)) == set(", ".join(rows).split(", "))
