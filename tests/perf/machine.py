# SPDX-License-Identifier: Apache-2.0
"""What a benchmark needs of the machine, and gives back: hugepages, cores, processes."""

import os
import re
import signal
import subprocess
import time

HUGEPAGES = "/proc/sys/vm/nr_hugepages"


class Hugepages:
    """Reserves pages while in use; puts the number back afterwards."""

    def __init__(self, n):
        self.wanted = n

    def __enter__(self):
        with open(HUGEPAGES, encoding="ascii") as f:
            self.before = int(f.read())
        self._set(max(self.before, self.wanted))
        with open(HUGEPAGES, encoding="ascii") as f:
            got = int(f.read())
        if got < self.wanted:
            self._set(self.before)
            raise SystemExit(f"only {got} of {self.wanted} hugepages of 2 MB could be reserved")
        return self

    def __exit__(self, *_):
        self._set(self.before)

    @staticmethod
    def _set(n):
        with open(HUGEPAGES, "w", encoding="ascii") as f:
            f.write(str(n))


def cores():
    """(core for everything else, core for the worker)."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise SystemExit("a benchmark needs two cores: one is measured, the other does the rest")
    return allowed[0], allowed[-1]


def tsc_hz():
    """The time stamp counter's rate: the kernel's calibration, else what it says of the core."""
    log = subprocess.run(["dmesg"], capture_output=True, text=True).stdout
    found = re.findall(r"tsc: (?:Refined TSC clocksource calibration|Detected): ([\d.]+) MHz", log)
    if not found:
        with open("/proc/cpuinfo", encoding="ascii") as f:
            found = re.findall(r"cpu MHz\s*: ([\d.]+)", f.read())
    return float(found[-1]) * 1e6


def thread_times(pid):
    """Nanoseconds each thread of a process has run so far."""
    times = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{tid}/schedstat", encoding="ascii") as f:
                times[tid] = int(f.read().split()[0])
        except FileNotFoundError:
            pass  # it has just ended
    return times


def in_network(pid, *words):
    """Runs a command in the network of a process."""
    subprocess.run(["nsenter", "-t", str(pid), "-n", *words], check=True)


def stop(process, seconds=10):
    """Ends a process that we started."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise RuntimeError(f"waited {seconds} s in vain for {what}")
