# SPDX-License-Identifier: Apache-2.0
"""Counts tests: tally.py LOG STATUS [TESTLOG.json] prints 'passed failed skipped'.

LOG is what a runner printed, STATUS its exit status; with TESTLOG meson ran the programs and says
there what each printed. A program's own count is taken where it gives one (TAP, cmocka, pytest),
else the program is one test.
"""

import json
import re
import sys

SKIPPED = 77


def count_tap(text):
    lines = re.findall(r"(?m)^(not ok|ok)\b(.*)$", text)
    if not lines:
        return None
    skipped = sum(1 for word, rest in lines if word == "ok" and "# SKIP" in rest)
    failed = sum(1 for word, _ in lines if word == "not ok")
    return len(lines) - skipped - failed, failed, skipped


def count_cmocka(text):
    run = re.findall(r"\[=+\] (?:\S+ )?.*?(\d+) test\(s\) run\.", text)
    if not run:
        return None
    passed = sum(map(int, re.findall(r"\[  PASSED  \] (\d+) test", text)))
    failed = sum(map(int, re.findall(r"\[  FAILED  \].*?(\d+) test\(s\)", text)))
    skipped = sum(map(int, re.findall(r"\[  SKIPPED \].*?(\d+) test\(s\)", text)))
    return passed, failed, skipped


def count_pytest(text):
    last = re.findall(r"(?m)^=*\s*((?:\d+ \w+(?:, )?)+) in [\d.]+s", text)
    if not last:
        return None
    n = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last[-1])}
    return (n.get("passed", 0), n.get("failed", 0) + n.get("error", 0) + n.get("errors", 0),
            n.get("skipped", 0))


def count(text, status):
    for counter in (count_tap, count_cmocka, count_pytest):
        found = counter(text)
        if found:
            passed, failed, skipped = found
            # A program that dies after its last good line has failed all the same.
            return passed, failed or int(status not in (0, SKIPPED)), skipped
    return int(status == 0), int(status not in (0, SKIPPED)), int(status == SKIPPED)


def count_meson(path):
    total = [0, 0, 0]
    with open(path, encoding="utf-8") as f:
        for line in f:
            test = json.loads(line)
            status = {"OK": 0, "SKIP": SKIPPED}.get(test["result"], 1)
            text = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
            total = [a + b for a, b in zip(total, count(text, status))]
    return total


def main():
    log, status, testlog = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    if testlog:
        try:
            total = count_meson(testlog[0])
        except FileNotFoundError:
            total = [0, 1, 0]
    else:
        with open(log, encoding="utf-8", errors="replace") as f:
            total = count(f.read(), status)
    if status and not total[1]:
        total = (total[0], 1, total[2])
    print(*total)


if __name__ == "__main__":
    main()
