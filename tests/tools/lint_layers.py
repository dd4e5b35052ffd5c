"""
lint_layers.py: a file includes only files of its own layer or below, headers include no circle, and
each foreign library has one door. The two tables are the whole rule.

    lint_layers.py      from the top of the tree; prints file:line: what; exit 1 where it found any
"""
import fnmatch
import glob
import os
import re
import sys

# From the ground up. The longest pattern that fits a file's name, with or without its ending, says
# where it belongs. hris.h is the interface that adapters and the local HRIS fill in, hence below both;
# hris.c is the policy that uses them.
LAYERS = [
    ("ground", "fail arena buf text value faults decimal decimal_* date date_* amount amount_* "
               "clock bounds records version"),
    ("formats", "json json_* jsonpath jsonpath_* iregexp* yaml yaml_* crypto crypto_* url url_* "
                "http http_* store store_* log request sfv sfv_* csv pattern"),
    ("configuration", "schema secret callers callers_* config config_* route route_* "
                      "registry registry_* expr expr_* filter filter_* template template_* tree "
                      "cond bind shapes in_value adapter adapter_* hris.h"),
    ("stages", "auth auth_* contract contract_* timeoff_in hris hris_* local local_*"),
    ("actions", "cgi-bin/* exchange reply reply_* gateway gateway_*"),
    ("program", "fcgi fcgi_* cgi cli cli_* listen listen_* process serve serve_* start main"),
]

# Header of a library: the only files that may include it.
DOORS = [
    (r"fcgi\w*\.h", "src/fcgi.c"),
    (r"curl/.*", "src/http*.[ch]"),
    (r"yajl/.*", "src/json*.[ch]"),
    (r"openssl/.*", "src/crypto*.[ch]"),
    (r"yaml\.h", "src/yaml*.[ch]"),
    (r"sqlite3\.h", "src/store_sqlite.c src/local_db.c"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def layer_of(path):
    name = path[len("src/"):] if path.startswith("src/") else path
    stem = os.path.splitext(name)[0]
    fits = [(len(pattern.rstrip("*")), layer) for layer, (_, patterns) in enumerate(LAYERS)
            for pattern in patterns.split()
            if fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(stem, pattern)]
    return max(fits)[1] if fits else None


def includes(path):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            found = INCLUDE.match(line)
            if found:
                yield number, found.group(1) == "<", found.group(2)


def resolve(path, name):
    for candidate in (os.path.join(os.path.dirname(path), name), "src/" + name):
        if os.path.exists(candidate):
            return os.path.normpath(candidate)
    return None


def check_file(path, complain, graph):
    layer = layer_of(path)
    if layer is None:
        complain(path, 1, "belongs to no layer; add it to the table in tests/tools/lint_layers.py")
        return
    for number, angled, name in includes(path):
        if angled:
            for pattern, door in DOORS:
                if re.fullmatch(pattern, name) and not any(
                        fnmatch.fnmatchcase(path, d) for d in door.split()):
                    complain(path, number, f"<{name}> may be included by {door} only")
            continue
        target = resolve(path, name)
        if target is None:
            complain(path, number, f'"{name}" is not there')
            continue
        if path.endswith(".h"):
            graph.setdefault(path, []).append(target)
        below = layer_of(target)
        if below is not None and below > layer:
            complain(path, number, f"{LAYERS[layer][0]} may not include {target}, "
                                   f"which is of {LAYERS[below][0]} above it")


def find_circle(graph):
    """A circle of headers as a list, or None."""
    done, path = set(), []

    def walk(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for following in graph.get(node, []):
            circle = walk(following)
            if circle:
                return circle
        path.pop()
        done.add(node)
        return None

    for start in graph:
        circle = walk(start)
        if circle:
            return circle
    return None


def main():
    faults, graph = [], {}
    paths = sorted(p for pattern in ("src/*.[ch]", "cgi-bin/*.[ch]") for p in glob.glob(pattern))
    for path in paths:
        check_file(path, lambda *fault: faults.append(fault), graph)
    circle = find_circle(graph)
    if circle:
        faults.append((circle[0], 1, "headers include each other: " + " -> ".join(circle)))
    for path, number, text in faults:
        print(f"{path}:{number}: {text}")
    print(f"layers: {len(paths)} files, {len(faults)} faults")
    return 1 if faults or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
