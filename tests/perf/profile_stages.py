# SPDX-License-Identifier: Apache-2.0
"""Where a thread's cycles go, by stage: the source files that the sampled instructions are from."""

import collections
import os
import re
import subprocess
import tempfile
import time

import machine

STAGES = [  # the first that fits
    ("parse", r"datapath/fast/parse"),
    ("exact cache", r"datapath/fast/exact"),
    ("flow table", r"datapath/fast/classify|datapath/subtable"),
    ("miss", r"datapath/miss|datapath/punt"),
    ("execute", r"datapath/fast/execute"),
    ("ops", r"datapath/ops"),
    ("send", r"datapath/fast/transmit"),
    ("receive", r"datapath/fast/process|datapath/worker"),
    ("device", r"datapath/ports|datapath/packet"),
]


def stage_of(place):
    for name, pattern in STAGES:
        if re.search(pattern, place):
            return name
    return "other"


def busiest_thread(pid, seconds=0.5):
    before = machine.thread_times(pid)
    time.sleep(seconds)
    after = machine.thread_times(pid)
    return max(after, key=lambda tid: after[tid] - before.get(tid, 0))


def sample(pid, program, seconds=4):
    """(stage, function) -> share of the samples of the process's busiest thread."""
    with tempfile.TemporaryDirectory(prefix="weir-profile-") as folder:
        data = os.path.join(folder, "perf.data")
        subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "5000", "-t",
                        busiest_thread(pid), "-o", data, "--", "sleep", str(seconds)],
                       check=True, capture_output=True)
        out = subprocess.run(["perf", "script", "-i", data, "-F", "ip,sym,dso"],
                             check=True, capture_output=True, text=True).stdout
    counts = collections.Counter()
    for line in out.splitlines():
        found = re.match(r"\s*[0-9a-f]+ (\S+) \((.*)\)", line)
        if found:
            counts[found[1], os.path.basename(found[2])] += 1
    total = sum(counts.values())
    files = source_files(program, {name for name, dso in counts if dso == "vswitchd"})
    shares = collections.Counter()
    for (name, dso), n in counts.items():
        stage = stage_of(files.get(name, "")) if dso == "vswitchd" else dso.split(".so")[0]
        shares[stage, name] += n / total
    return shares


def source_files(program, names):
    """The source file of each function."""
    nm = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    addresses = {}
    for line in nm.splitlines():
        words = line.split()
        if len(words) == 3 and words[2] in names:
            addresses[words[2]] = words[0]
    found = subprocess.run(["addr2line", "-e", program, *addresses.values()], capture_output=True,
                           text=True, check=True).stdout.splitlines()
    return dict(zip(addresses, found))


def print_profile(case, shares):
    stages = collections.Counter()
    for (stage, _), share in shares.items():
        stages[stage] += share
    print(f"{case}: share of the worker's cycles by stage, and its functions above 1 %")
    for stage, share in stages.most_common():
        print(f"  {100 * share:5.1f} %  {stage}")
        for (of, name), part in shares.most_common():
            if of == stage and part > 0.01:
                print(f"           {100 * part:5.1f} %  {name}")
