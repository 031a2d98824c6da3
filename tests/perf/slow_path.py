#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what packets cost that no worker can handle by itself, weir and OVS-DPDK in turn.

usage: slow_path.py [--build DIR] [--peer DIR] [--rounds N] [CASE…]

cases: new        packets of new flows per second that are translated, by one rule
       new-deep   the same through 15 tables of 10,000 rules
       packet-in  packets per second that reach a controller which reads everything

One worker, one core for all else; frames are replayed from memory as fast as the worker takes them.
Shown are things per second by the clock, and per second of the processor's that the thread took which
does them, which a busy machine disturbs less.
"""
import argparse
import json
import os
import re
import struct
import sys
import tempfile
import threading
import time

import bridge
import captures
import cases
import daemon
import machine
import openflow
import peers
import weir

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGES = 1000
N_FLOWS = 200000
FLOW_LIMIT = 1000000
TABLES, RULES = 15, 10000
ROUNDS, WINDOWS, WINDOW = 6, 4, 0.04  # seconds
# A rule for one source address that nobody has makes every address worth a look.
NOBODY = "priority=200,in_port=1,dl_src=0e:00:00:00:00:01,actions=drop"


def deep_rules():
    """Each packet meets a rule in each table; the last one sends it out."""
    for table in range(TABLES):
        then = f"resubmit(,{table + 1})" if table + 1 < TABLES else "output:2"
        yield f"table={table},priority=1,ip,actions={then}"
        for i in range(RULES // TABLES):
            address = f"0e:00:00:{table:02x}:{i >> 8:02x}:{i & 255:02x}"
            more = ("", f",nw_dst=192.{i >> 8}.{i & 255}.0/24", ",tp_dst=99")[i % 3]
            yield f"table={table},priority=100,udp,dl_src={address}{more},actions=drop"


def flows_of(n):
    return lambda folder: captures.flows(folder, n, 64, sources=1)


CASES = {
    "new": cases.case("new", "", flows_of(N_FLOWS),
                      [NOBODY, "priority=100,in_port=1,ip,actions=output:2"]),
    "new-deep": cases.case("new-deep", "", flows_of(N_FLOWS), list(deep_rules())),
    "packet-in": cases.case("packet-in", "", flows_of(64),
                            ["in_port=1,actions=controller:65535"]),
}


class Weir(weir.Weir):
    label = "weir"

    @staticmethod
    def translates(thread):
        return not thread.startswith("worker")

    def prepare(self):
        self.vsctl("set", "Open_vSwitch", ".", f"other_config:flow-limit={FLOW_LIMIT}",
                   "other_config:max-idle=600000")

    def purge(self):
        self.appctl("revalidator/purge")

    @staticmethod
    def translated(control):
        return int(re.search(r"translated\W+(\d+)", str(control.command("translators/show")))[1])

    def flows(self):
        return json.loads(self.appctl("-j", "translators/show"))["flows"]


class Ovs(peers.Ovs):
    label = "ovs"

    @staticmethod
    def translates(thread):
        return thread.startswith("pmd")

    def prepare(self):
        self.vsctl("set", "Open_vSwitch", ".", f"other_config:flow-limit={FLOW_LIMIT}",
                   "other_config:max-idle=600000")
        self.appctl("upcall/set-flow-limit", str(FLOW_LIMIT))

    def purge(self):
        self.appctl("revalidator/purge")

    @staticmethod
    def translated(control):
        text = control.command("dpif-netdev/pmd-stats-show")
        return sum(map(int, re.findall(r"miss with success upcall: (\d+)", text)))

    def flows(self):
        return int(re.search(r"flows: (\d+)", self.appctl("dpctl/show", "netdev@ovs-netdev"))[1])


def thread_seconds(switch, wanted):
    """Processor time of each thread whose name is wanted."""
    found = {}
    for thread, taken in machine.thread_times(switch.pid()).items():
        try:
            with open(f"/proc/{switch.pid()}/task/{thread}/comm", encoding="ascii") as f:
                if wanted(f.read()):
                    found[thread] = taken / 1e9
        except FileNotFoundError:
            pass  # it has just ended
    return found


class Clock:
    """Counts per second by the clock and by the busiest of the wanted threads."""

    def __init__(self, switch, wanted):
        self.switch, self.wanted = switch, wanted
        self.start, self.threads = time.monotonic(), thread_seconds(switch, wanted)

    def rates(self, count):
        threads = thread_seconds(self.switch, self.wanted)
        busy = max(taken - self.threads.get(thread, 0) for thread, taken in threads.items())
        return count / (time.monotonic() - self.start), count / max(busy, 1e-3)


def best_of(a, b):
    return tuple(map(max, a, b))


def new_flows(switch):
    """The translations per second while most packets are of flows that are not there. Windows are short,
    so that some have the machine for themselves."""
    best, control = (0, 0), daemon.Control(switch.control())
    for _ in range(ROUNDS):
        control.command("revalidator/purge")
        before, clock = switch.translated(control), Clock(switch, switch.translates)
        for _ in range(WINDOWS):
            time.sleep(WINDOW)
            now = switch.translated(control)
            best = best_of(best, clock.rates(now - before))
            before, clock = now, Clock(switch, switch.translates)
        time.sleep(0.5)
    return best


class Reader(threading.Thread):
    """Reads all that comes, and counts the bytes."""

    def __init__(self, sock):
        super().__init__(daemon=True)
        self.socket, self.n = sock, 0
        self.start()

    def run(self):
        buffer = bytearray(1 << 20)
        while True:
            n = self.socket.recv_into(buffer)
            if not n:
                return
            self.n += n


def packet_ins(switch):
    connection = openflow.Connection(switch)
    # Whoever was not called by the switch has to ask for packets.
    connection.socket.sendall(struct.pack("!BBHIHH", 4, 9, 12, 5, 0, 0xffff))
    size = len(connection.receive())
    while size < 64:
        size = len(connection.receive())
    reader, best = Reader(connection.socket), (0, 0)
    for _ in range(5):
        before, clock = reader.n, Clock(switch, lambda name: not name.startswith(("worker", "pmd")))
        time.sleep(0.5)
        best = best_of(best, clock.rates((reader.n - before) / size))
    return best


MEASURES = {"new": new_flows, "new-deep": new_flows, "packet-in": packet_ins}


def run(switch, name, folder, store):
    case = CASES[name]
    try:
        switch.start(case, case.capture(store), folder, machine.cores(), {})
        switch.prepare()
        time.sleep(1)
        return MEASURES[name](switch)
    finally:
        switch.stop()


def show(name, best):
    for label, rates in best.items():
        print(f"{name:12} {label:6}", *(f"{rate:10.0f}" for rate in rates))
    if len(best) == 2 and min(best["ovs"]):
        print(f"{name:12} {'ratio':6}",
              *(f"{a / b:10.2f}" for a, b in zip(best["weir"], best["ovs"])))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("--build", default=os.path.join(TOP, "build"))
    parser.add_argument("--peer", type=os.path.abspath, default=os.path.join(TOP, "build/peer"))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", choices=("weir", "ovs"))
    parser.add_argument("cases", nargs="*")
    args = parser.parse_args()
    store = os.path.realpath(os.path.join(args.build, "captures"))
    os.makedirs(store, exist_ok=True)
    with machine.Hugepages(PAGES):
        for name in args.cases or CASES:
            best = {}
            for _ in range(args.rounds):
                for switch in (Weir(args.build), Ovs(args.peer)):
                    if args.only and switch.label != args.only:
                        continue
                    with tempfile.TemporaryDirectory(prefix="weir-perf-") as folder:
                        rates = run(switch, name, folder, store)
                    best[switch.label] = best_of(best.get(switch.label, (0, 0)), rates)
            show(name, best)


if __name__ == "__main__":
    sys.exit(main())
