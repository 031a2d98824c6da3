# SPDX-License-Identifier: Apache-2.0
"""What the checks share: which files there are, C without its comments, and the report.

A check is a script check_NAME with a function check(tree) that yields findings (path, line,
sentence); main() prints them and sets the exit status. Paths are relative to the tree's root.
"""

import argparse
import json
import os
import re
import subprocess
import sys

FOLDERS = ("lib", "datapath", "ofproto", "vswitchd", "utilities", "tests")
# Folders whose files are members of an open family: many of them, each small.
FAMILIES = ("datapath/ops", "datapath/ports", "ofproto/actions", "ofproto/messages",
            "ofproto/wire/actions")
SKIP = 77  # what meson counts as skipped

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


class Tree:
    def __init__(self, root, build=None):
        self.root = os.path.abspath(root)
        self.build = os.path.abspath(build) if build else os.path.join(self.root, "build")
        self.files = sorted(self._list())

    def _list(self):
        if os.path.exists(os.path.join(self.root, ".git")):
            out = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
            return {f for f in out.split("\0") if f and os.path.isfile(self.path(f))}
        found = set()
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if not f.startswith(("build", ".", "__pycache__"))]
            found |= {os.path.relpath(os.path.join(folder, n), self.root) for n in names}
        return found

    def git(self, *args):
        return subprocess.run(("git", "-c", "safe.directory=*", "-C", self.root) + args,
                              check=True, capture_output=True, text=True).stdout

    def path(self, name):
        return os.path.join(self.root, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8", errors="surrogateescape") as f:
            return f.read()

    def compile_commands(self):
        """How the build compiles each source file; none if it is no build folder."""
        path = os.path.join(self.build, "compile_commands.json")
        if not os.path.exists(path):
            return {}
        with open(path, encoding="utf-8") as f:
            entries = json.load(f)
        sources = set(self.c_files((".c",)))
        found = {}
        for entry in entries:
            path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
            name = os.path.relpath(path, os.path.realpath(self.root))
            if name in sources:
                found.setdefault(name, entry)
        return found

    def c_files(self, suffixes=(".c", ".h")):
        return [f for f in self.files if f.endswith(suffixes) and f.split("/")[0] in FOLDERS]


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_only(text):
    """'text' with comments and what stands in quotes blanked; lines and columns stay."""
    return TOKEN.sub(lambda m: blank(m[0]), text)


def without_comments(text):
    return TOKEN.sub(lambda m: blank(m[0]) if m[0][0] == "/" else m[0], text)


def comments(text):
    """(line, comment) of every comment in 'text'."""
    for m in TOKEN.finditer(text):
        if m[0][0] == "/":
            yield text.count("\n", 0, m.start()) + 1, m[0]


def matches(pattern, text):
    """(line, match) of every match of 'pattern' in 'text'."""
    for m in re.finditer(pattern, text):
        yield text.count("\n", 0, m.start()) + 1, m


def main(check):
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "..", ".."))
    parser.add_argument("--build", default=None)
    args = parser.parse_args()
    n = 0
    for path, line, sentence in check(Tree(args.root, args.build)):
        print(f"{path}:{line}: {sentence}")
        n += 1
    sys.exit(1 if n else 0)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)
