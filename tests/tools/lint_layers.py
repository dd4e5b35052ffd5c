"""
lint_layers.py: a folder includes and calls only folders above it in README's table, files form no
circle (by includes and by calls), each foreign library has one door, and a folder has five files or
more. The tables below are the whole rule.

    lint_layers.py      from the top of the tree; prints file:line: what; exit 1 where it found any
"""
import fnmatch
import glob
import os
import re
import sys

# Each folder may include those before it and itself. README's table has the same order.
ORDER = ("base engine format store ledger http config auth hris lang adapter local routes gateway cgi-bin "
         "server genesys cli main.c").split()
FILES_MIN = 5

# (file, what it may nevertheless include or call): why. Three at most.
EXCEPTIONS = {}
EXCEPTIONS_MAX = 3

# Header of a library: the only files that may include it.
DOORS = [
    (r"(fast|f)cgi\w*\.h", "src/server/fcgi*.c"),
    (r"curl/.*", "src/http/*.[ch]"),
    (r"yajl/.*", "src/format/json*.[ch]"),
    (r"openssl/.*", "src/base/crypto.c"),
    (r"yaml\.h", "src/format/yaml.c"),
    (r"sqlite3\.h", "src/store/db.c"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
# A function's name stands in the first column, after a line with what it returns.
DEFINITION = re.compile(r"^([^\n]*)\n(\w+)\([^;{]*\)\s*\n\{", re.M)


def blanked(text):
    """C text with comments, strings and character constants blanked, lines kept."""
    return TOKEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def folder_of(path):
    return path.split("/")[0] if path.startswith("cgi-bin/") else path.split("/")[1]


def resolve(path, name):
    for candidate in (os.path.join(os.path.dirname(path), name), "src/" + name, name):
        if os.path.exists(candidate):
            return os.path.normpath(candidate)
    return None


class Tree:
    def __init__(self, paths):
        self.faults = []
        self.text = {}
        self.code = {}
        for path in paths:
            with open(path, encoding="utf-8") as file:
                self.text[path] = file.read()
            self.code[path] = blanked(self.text[path])
        self.owners = {}        # a function that other files may call: the file that defines it
        for path in paths:
            if path.endswith(".c"):
                for found in DEFINITION.finditer(self.code[path]):
                    if "static" not in found.group(1).split():
                        self.owners[found.group(2)] = path
        self.used_exceptions = set()

    def complain(self, path, line, text):
        self.faults.append((path, line, text))

    def may(self, path, target):
        for pair in EXCEPTIONS:
            if pair == (path, target):
                self.used_exceptions.add(pair)
                return True
        return ORDER.index(folder_of(target)) <= ORDER.index(folder_of(path))

    def includes(self, path):
        """Files that it includes; foreign headers are held against their doors on the way."""
        for number, line in enumerate(self.text[path].splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            if found.group(1) == "<":
                self.check_door(path, number, found.group(2))
                continue
            target = resolve(path, found.group(2))
            if target is None:
                self.complain(path, number, f'"{found.group(2)}" is not there')
            elif target not in self.text:
                self.complain(path, number, f"includes {target}, which is not of the program")
            else:
                yield number, target

    def check_door(self, path, number, name):
        for pattern, door in DOORS:
            if re.fullmatch(pattern, name) and not any(
                    fnmatch.fnmatchcase(path, d) for d in door.split()):
                self.complain(path, number, f"<{name}> may be included by {door} only")

    def calls(self, path):
        """(line, file) of each other file whose functions it names; a prototype is no call."""
        code, seen = self.code[path], set()
        if path.endswith(".h"):
            return
        for found in re.finditer(r"\b[a-z]\w+\b", code):
            target = self.owners.get(found.group())
            if target in (None, path) or target in seen:
                continue
            if re.search(r"(\.|->)$", code[:found.start()]):   # a member of that name
                continue
            seen.add(target)
            yield code.count("\n", 0, found.start()) + 1, target

    def graphs(self):
        """Which file includes which, and which calls which; what runs up is a fault."""
        including, calling = {}, {}
        for path in self.text:
            including[path], calling[path] = [], []
            for how, edges, graph in (("include", self.includes(path), including),
                                      ("call", self.calls(path), calling)):
                for number, target in edges:
                    graph[path].append(target)
                    if not self.may(path, target):
                        self.complain(path, number, f"{folder_of(path)} may not {how} {target}: "
                                                    f"{folder_of(target)} is above it")
        return including, calling


def circles(graph):
    """The strongly connected components of more than one node (Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def check_folders(tree):
    files = {}
    for path in tree.text:
        files.setdefault(folder_of(path), []).append(path)
    for folder, paths in sorted(files.items()):
        if folder not in ORDER:
            tree.complain(paths[0], 1, "its folder is not in ORDER of tests/tools/lint_layers.py")
        elif len(paths) < FILES_MIN and not folder.endswith(".c"):
            tree.complain(paths[0], 1, f"its folder has fewer than {FILES_MIN} files")
    with open("README.md", encoding="utf-8") as file:
        rows = re.findall(r"^\| `([\w.-]+)` \|", file.read().split("### Reading the code")[-1], re.M)
    if rows != ORDER:
        tree.complain("README.md", 1, f"its table of folders has another order: {' '.join(rows)}")


def main():
    sys.setrecursionlimit(10000)
    paths = sorted(glob.glob("src/**/*.[ch]", recursive=True) +
                   glob.glob("cgi-bin/**/*.[ch]", recursive=True))
    tree = Tree(paths)
    check_folders(tree)
    for how, graph in zip(("include", "call"), tree.graphs()):
        for circle in circles(graph):
            tree.complain(circle[0], 1, f"files {how} each other in a circle: "
                                        + ", ".join(circle))
    for pair in sorted(set(EXCEPTIONS) - tree.used_exceptions):
        tree.complain(pair[0], 1, f"the exception for {pair[1]} is no longer needed")
    if len(EXCEPTIONS) > EXCEPTIONS_MAX:
        tree.complain("tests/tools/lint_layers.py", 1, f"more than {EXCEPTIONS_MAX} exceptions")
    for path, number, text in sorted(tree.faults):
        print(f"{path}:{number}: {text}")
    print(f"layers: {len(paths)} files, {len(tree.faults)} faults")
    return 1 if tree.faults or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
