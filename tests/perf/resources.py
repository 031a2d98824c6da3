# SPDX-License-Identifier: Apache-2.0
"""What a switch takes without traffic: CPU time when idle, memory at start, per port, per megaflow."""

import os
import time

import machine

IDLE_PORTS = 20
MEMORY_PORTS = 50
SECONDS = 5


def cpu_share(pid):
    """Of one core, all threads together."""
    before = machine.thread_times(pid)
    time.sleep(SECONDS)
    after = machine.thread_times(pid)
    return sum(after[tid] - before.get(tid, 0) for tid in after) / 1e9 / SECONDS


def memory(pid):
    """Resident kilobytes: (ordinary anonymous ones, huge pages)."""
    found = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        for line in f:
            words = line.split()
            found[words[0]] = words[1]
    huge = int(found["Private_Hugetlb:"]) + int(found["Shared_Hugetlb:"])
    return int(found["Anonymous:"]), huge


def add_ports(switch, folder, kind, n):
    words = []
    for number in range(n):
        name = f"{kind[:2]}{number}"
        words += ["--", "add-port", "br0", name, "--", "set", "Interface", name, f"type={kind}"]
        if kind == "dpdkvhostuserclient":
            socket = os.path.join(folder, f"idle{number}.sock")
            words += [f"options:vhost-server-path={socket}"]
    switch.vsctl(*words[1:])
    time.sleep(1)


def of_idle_switch(switch, folder):
    """With ports of guests that are not there and internal ones, nothing to forward."""
    start, huge = memory(switch.pid())
    add_ports(switch, folder, "internal", MEMORY_PORTS)
    internal, _ = memory(switch.pid())
    add_ports(switch, folder, "dpdkvhostuserclient", IDLE_PORTS)
    guests, _ = memory(switch.pid())
    return {
        "ordinary memory at start, kB": start,
        "huge pages at start, kB": huge,
        "memory per internal port, kB": (internal - start) / MEMORY_PORTS,
        "memory per guest port, kB": (guests - internal) / IDLE_PORTS,
        "idle CPU, percent of a core": 100 * cpu_share(switch.pid()),
    }


def per_megaflow(few, many, n):
    """From the memory of the same traffic with few and with n megaflows."""
    return {"memory per megaflow, bytes": 1024 * (sum(many) - sum(few)) / n}
