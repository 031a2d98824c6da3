# SPDX-License-Identifier: Apache-2.0
"""Each check finds what it is for, and leaves good code alone."""

import json
import os
import shutil
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
GOOD_H = SPDX + "#pragma once\n\n/* Apples.  */\n\nint apple_count(void);\n"
GOOD_C = SPDX + '#include "lib/apple.h"\n\nint apple_count(void)\n{\n\treturn 1;\n}\n'

# (check, file, its text, what the finding says)
FAULTS = [
    ("includes", "lib/a.c", '#include "datapath/port.h"\n', "lib/ may not use"),
    ("includes", "datapath/a.c", '#include "ofproto/bridge.h"\n', "datapath/ may not use"),
    ("includes", "ofproto/wire/a.c", '#include "ofproto/bridge.h"\n', "ofproto/wire/ may not use"),
    ("includes", "ofproto/a.c", '#include "datapath/fast/fast.h"\n', "inside of the datapath"),
    ("includes", "utilities/a.c", '#include "ofproto/bridge.h"\n', "utilities/ may not use"),
    ("includes", "vswitchd/a.c", '#include "datapath/port_priv.h"\n', "private to datapath/"),
    ("includes", "lib/a.c", '#include "errbuf.h"\n', "from the top"),
    ("includes", "lib/apple.c", '#include "lib/log.h"\n#include "lib/apple.h"\n', "own header"),
    ("includes", "lib/a.h", "int a(void);\n", "#pragma once"),
    ("includes", "lib/a.c", "".join(f'#include "lib/x{i}.h"\n' for i in range(13)), "13 own"),
    ("sizes", "lib/a.c", "\n" * 801, "801 lines"),
    ("sizes", "lib/a.h", "\n" * 201, "201 lines"),
    ("sizes", "datapath/ops/a.c", "\n" * 251, "251 lines"),
    ("sizes", "ofproto/wire/actions/a.c", "\n" * 251, "251 lines"),
    ("words", "datapath/a.c", "pthread_mutex_t m;\n", "no locks"),
    ("words", "tests/unit/a.c", "uv_mutex_t m;\n", "no locks"),
    ("words", "ofproto/a.c", 'int x = printf("x");\n', "only programs print"),
    ("words", "ofproto/a.c", "struct rte_mbuf *m;\n", "know DPDK"),
    ("words", "lib/a.c", "#include <rte_mbuf.h>\n", "know DPDK"),
    ("words", "lib/a.c", "__attribute__((constructor)) void f(void);\n", "before main"),
    ("words", "lib/a.c", "strcpy(a, b);\n", "bounded"),
    ("words", "lib/a.c", "typedef struct apple apple_t;\n", "not typedef'd"),
    ("text", "lib/a.c", SPDX + "int a; // note\n", "notes that do not land"),
    ("text", "lib/a.c", SPDX + "/* TO" + "DO */\n", "unfinished"),
    ("text", "lib/a.c", SPDX + "int a; \n", "white space at the end"),
    ("text", "lib/a.c", SPDX + "int a;", "no newline"),
    ("text", "lib/a.c", SPDX + "int a;\n\n", "empty lines"),
    ("text", "lib/a.c", "int a;\n", "the first line says"),
    ("text", "lib/a.c", SPDX + "/* see /wo" + "rk/x */\n", "somebody's machine"),
    ("text", "tests/a.py", "# " + SPDX + "\tpass\n", "indented with blanks"),
    ("glossary", "lib/a.c", "int n_ifaces;\n", "say port"),
    ("glossary", "lib/a.c", "struct vport *p;\n", "say port"),
    ("glossary", "lib/a.c", "int netdev_open(void);\n", "device or port"),
    ("glossary", "lib/a.c", "int pmd_id;\n", "say worker"),
    ("glossary", "datapath/lcore.c", "int a;\n", "say worker"),
    ("format", "lib/a.c", "int  a ;\n", "make format"),
    ("traced", "lib/flow/fields.def", 'FIELD(A, "apple", "", "apple", HEX, 32, 4, AT(a), 0, NONE,\n'
     '      0, IDS(NX(1)), "Apple.")\n', "no trace test has the field apple"),
    ("traced", "tests/lint/registry.golden", "action_room eat\n", "no trace test has the action eat"),
    ("docs", "docs/a.md", "See `lib/no_such.c`.\n", "there is no lib/no_such.c"),
    ("docs", "docs/a.md", "It calls `no_such()`.\n", "there is no no_such()"),
    ("docs", "docs/a.md", "A `struct no_such`.\n", "there is no struct no_such"),
    ("docs", "docs/a.md", "The key `no-such_key`.\n", "nothing is called no-such_key"),
    ("docs", "docs/a.md", "So:\n\n    appctl no-such/command     # words\n", "appctl does not know"),
    ("docs", "docs/a.md", "So:\n\n    tests/no/such\n", "there is no tests/no/such"),
    ("docs", "docs/a.md", "[there](b.md)\n", "the link leads to docs/b.md"),
    ("docs", "docs/a.md", "# A b\n[here](a.md#c)\n", "no heading for #c"),
    ("docs", "datapath/a.c", 'int a = add(status, "no_such");\n', "does not describe no_such"),
    ("spelling", "lib/a.c", "/* rec" + "ieve */\n", "spelling"),
    ("cppcheck", "lib/a.c", "int f(void)\n{\n\tint a[2];\n\ta[2] = 1;\n\treturn a[0];\n}\n",
     "arrayIndexOutOfBounds"),
]
GOOD = [
    ("includes", "datapath/ports/tap.c", '#include "datapath/ports/tap_priv.h"\n#include <rte_mbuf.h>\n'),
    ("words", "lib/a.c", 'int f(int, ...) __attribute__((format(printf, 1, 2))); /* rte_ */\n'),
    ("words", "lib/a.c", "typedef enum color color_fn(int);\n"),
    ("words", "utilities/a.c", 'int x = printf("x");\n'),
    ("text", "lib/a.c", SPDX + 'static const char *link = "http://example.com";\n'),
    ("docs", "docs/a.md", "# A, b\n`lib/apple.c`, `apple.c`, `apple_count()`, [x](a.md#a-b)\n"),
    ("glossary", "lib/a.c", 'const char *s = "netdev-dummy/receive"; int lcore = 0;\n'
     .replace("lcore", "rte_lcore_id")),
]


def run(tree, check):
    out = subprocess.run([sys.executable, os.path.join(HERE, "check_" + check), "--root", str(tree),
                          "--build", str(tree / "build")], capture_output=True, text=True)
    if out.returncode == 77:
        pytest.skip(out.stdout)
    assert out.returncode in (0, 1), out.stderr
    assert not out.stderr, out.stderr
    return out.returncode, out.stdout


def write(tree, name, text):
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def tree(tmp_path):
    write(tmp_path, "lib/apple.h", GOOD_H)
    write(tmp_path, "lib/apple.c", GOOD_C)
    for name in (".clang-format", ".clang-tidy"):
        shutil.copy(os.path.join(TOP, name), tmp_path)
    return tmp_path


@pytest.mark.parametrize("check,name,text,says", FAULTS)
def test_fault_is_found(tree, check, name, text, says):
    write(tree, name, text)
    status, out = run(tree, check)
    assert status == 1 and name + ":" in out and says in out


@pytest.mark.parametrize("check", sorted({fault[0] for fault in FAULTS}))
def test_good_tree_passes(tree, check):
    assert run(tree, check) == (0, "")


@pytest.mark.parametrize("check,name,text", GOOD)
def test_good_text_passes(tree, check, name, text):
    write(tree, name, text)
    assert run(tree, check) == (0, "")


def test_folder_of_many_modules_is_found(tree):
    for i in range(20):
        write(tree, f"lib/m{i}.c", "int a;\n")
        write(tree, f"datapath/ops/m{i}.c", "int a;\n")
        write(tree, f"datapath/ops/n{i}.c", "int a;\n")
    assert run(tree, "sizes") == (
        1, "lib:1: 21 modules, 20 are allowed: split it by noun\n")


def test_tidy_finds_a_fault_and_remembers_clean_files(tree):
    write(tree, "lib/bad.c", "int bad(int a);\nint bad(int a)\n{\n\treturn a - a;\n}\n")
    (tree / "build").mkdir()
    (tree / "build" / "compile_commands.json").write_text(json.dumps([
        {"directory": str(tree), "file": f"lib/{name}.c",
         "command": f"cc -I. -c lib/{name}.c -o build/{name}.o"} for name in ("apple", "bad")]))
    status, out = run(tree, "tidy")
    assert status == 1 and "lib/bad.c:4" in out and "apple" not in out
    assert len(list((tree / "build" / "tidy").iterdir())) == 1


def test_analyzer_finds_a_fault_and_remembers_clean_files(tree, monkeypatch):
    write(tree, "lib/bad.c", "#include <stdlib.h>\nvoid bad(int a);\nvoid bad(int a)\n{\n"
          "\tchar *p = malloc(9);\n\tif (p && a)\n\t\t*p = 1;\n}\n")
    (tree / "build").mkdir()
    (tree / "build" / "compile_commands.json").write_text(json.dumps([
        {"directory": str(tree), "file": f"lib/{name}.c",
         "command": f"cc -Werror -I. -c lib/{name}.c -o build/{name}.o"}
        for name in ("apple", "bad")]))
    monkeypatch.setenv("WEIR_LONG", "1")
    status, out = run(tree, "analyzer")
    assert status == 1 and "lib/bad.c:8: leak of" in out and "apple" not in out
    assert len(list((tree / "build" / "analyzer").iterdir())) == 1


def test_lost_and_unlisted_registrations_are_found(tree):
    write(tree, "tests/lint/registry.golden", "command exit\nop drop\n")
    write(tree, "build/vswitchd/vswitchd", "#!/bin/sh\necho command exit\necho op output\n")
    os.chmod(tree / "build/vswitchd/vswitchd", 0o755)
    status, out = run(tree, "registries")
    assert status == 1
    assert "'op drop' is listed but not in the program" in out
    assert "'op output' is in the program but not listed" in out


@pytest.mark.parametrize("message,says", [
    ("Add apples\n\nWhy.\n", "not 'area: do the thing'"),
    ("lib: added apples\n\nWhy.\n", "not what was done"),
    ("lib: add apples.\n\nWhy.\n", "full stop"),
    ("lib: add " + "a" * 60 + "\n\nWhy.\n", "60 are allowed"),
    ("lib: add many apples\n", "no body"),
    ("lib: add apples\n", None),
    ("lib: add apples\n\n" + "why " * 30 + "\n", "72 are allowed"),
    ("lib: fix apples\n\nWhy.\n\nFixes: 123\n", "Fixes: <12 hex>"),
    ("lib: fix apples\n\nWhy.\n\n" + "x" * 90 + '\nFixes: 0123456789ab ("lib: add")\n', None),
])
def test_commit_message(tree, message, says):
    write(tree, "tests/lint/commits.accepted", "")
    git = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(git + ["init", "-q"], check=True)
    write(tree, "lib/many.c", "int a;\n" * (30 if "many" in message else 1))
    subprocess.run(git + ["add", "lib/many.c"], check=True)
    subprocess.run(git + ["commit", "-q", "-m", message], check=True)
    status, out = run(tree, "commits")
    assert (status, out) == (0, "") if says is None else (status == 1 and says in out)
