#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what changes of rules do to packets under way, weir and OVS-DPDK in turn.

usage: change.py [--build DIR] [--peer DIR] [--changes N] [--rounds N] [--only weir|ovs] [CASE…]

cases: effect  with 100,000 megaflows in use, a rule takes a thousand of them to another port: how long
               after it was sent the first packet arrives there; and what such a change costs in
               processor time besides the worker's, and one that concerns none of them
       macs    with 100,000 megaflows of NORMAL in use, 1,000 addresses move to another port: how long
               after one was told to move its first packet arrives there, and what all of them
               moving costs in processor time besides the worker's; and what as many commands
               cost that move addresses to which nobody sends
       dip     how much less is forwarded while rules are loaded, deleted and dumped

One worker, one core for all else; frames are replayed from memory as fast as the worker takes them.
"""
import argparse
import ctypes
import os
import socket
import statistics
import struct
import subprocess
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
import slow_path

N_FLOWS, NETS = 100000, 100
NOWHERE = 1000  # a network that nobody sends to
SO_TIMESTAMPNS = 35
ETH_P_ALL = 3
LOCAL = 0xfffffffe
# A rule for one source address that nobody has makes every address worth a look.
RULES = cases.EACH_RULES[:1] + [f"priority=100,in_port=1,ip,nw_dst=10.128.{net}.0/24,actions=output:2"
                                for net in range(NETS)]
CASE = cases.case("change", "", lambda folder: captures.flows(folder, N_FLOWS, 64, sources=1,
                                                              nets=NETS), RULES)
MACS, SENDERS = 1000, 100
MACS_CASE = cases.case("macs", "", lambda folder: captures.flows(
    folder, MACS * SENDERS, 64, macs=MACS, hosts=SENDERS), macs=MACS)
WINDOW = 1.5  # seconds: five rounds of ageing with weir, three with OVS
AT_ONCE = 10  # changes in a window, evenly, so that each is one for itself
SETTLE = 3  # seconds until all megaflows are there


def socket_in(pid, device):
    """A socket that sees what the switch sends out through a device in its network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    found = []

    def inside():
        with open(f"/proc/{pid}/ns/net", "rb") as f:
            if libc.setns(f.fileno(), 0):
                raise OSError(ctypes.get_errno(), "setns")
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        s.bind((device, 0))
        found.append(s)

    # With an address it would end tunnels, and what goes there be looked at for that.
    for words in (["sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1"],
                  ["ip", "link", "set", device, "up"]):
        subprocess.run(["nsenter", "-t", str(pid), "-n", *words], check=True)
    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    found[0].setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return found[0]


def net_mod(net, command):
    """Adds (0) or deletes strictly (4) the rule that takes a network to the bridge's own device."""
    match = struct.pack("!HHHBBHHBBII", 1, 22, 0x8000, 5 << 1, 2, 0x800, 0x8000, 12 << 1 | 1, 8,
                        0x0a800000 + net * 256, 0xffffff00) + bytes(2)
    actions = b"" if command else struct.pack("!HHxxxxHHIHxxxxxx", 4, 24, 0, 16, LOCAL, 0)
    return struct.pack("!BBHIQQBBHHHIIIHxx", 4, 14, 48 + len(match) + len(actions), 1, 0, 0, 0,
                       command, 0, 0, 300, openflow.ANY, openflow.ANY, openflow.ANY,
                       0) + match + actions


def drain(tap):
    tap.setblocking(False)
    quiet = time.monotonic()
    while time.monotonic() - quiet < 0.02:
        try:
            tap.recv(2048)
            quiet = time.monotonic()
        except BlockingIOError:
            time.sleep(0.001)
    tap.settimeout(3)


def first_packet(tap):
    """When the kernel had it, by the clock of time.time_ns()."""
    _, more, _, _ = tap.recvmsg(2048, 64)
    for _, kind, data in more:
        if kind == SO_TIMESTAMPNS:
            seconds, ns = struct.unpack("qq", data[:16])
            return seconds * 10**9 + ns
    raise RuntimeError("the kernel notes no times")


def besides_worker(switch):
    return sum(slow_path.thread_seconds(
        switch, lambda name: not name.startswith(("worker", "pmd"))).values())


def worker_seconds(switch):
    return sum(slow_path.thread_seconds(
        switch, lambda name: name.startswith(("worker", "pmd"))).values())


def cost(switch, work, window=WINDOW):
    """Processor milliseconds, besides the worker's, and what ageing takes in as much time. Ageing
    goes by rounds, of which the one time may have more than the other: single costs may come out
    below nothing, and only many together tell something."""
    start, idle = time.monotonic(), besides_worker(switch)
    time.sleep(window)
    before, middle = besides_worker(switch), time.monotonic()
    idle = (before - idle) / (middle - start)
    work()
    time.sleep(max(0, middle - start - (time.monotonic() - middle)))
    return (besides_worker(switch) - before - idle * (time.monotonic() - middle)) * 1e3


def say(switch, *words):
    print(f"  {switch.label}:", *words, file=sys.stderr, flush=True)


def effect(switch, args):
    connection, tap = openflow.Connection(switch), socket_in(switch.pid(), "br0")
    taken, spent, vain = [], [], []

    def change(number):
        start = time.time_ns()
        connection.socket.sendall(net_mod(number % NETS, 0))
        taken.append((first_packet(tap) - start) / 1e6)
        connection.stream(net_mod(number % NETS, 4) + openflow.barrier(7), 7)
        drain(tap)

    def change_nothing(_):
        connection.stream(net_mod(NOWHERE, 0) + openflow.barrier(5), 5)
        connection.stream(net_mod(NOWHERE, 4) + openflow.barrier(6), 6)

    def do_some(what, first):
        start = time.monotonic()
        for i in range(AT_ONCE):
            what(first + i)
            time.sleep(max(0, start + (i + 1) * WINDOW / AT_ONCE - time.monotonic()))

    # What is found only once there are such rules is made now.
    do_some(change, 0)
    taken.clear()
    for first in range(0, args.changes, AT_ONCE):
        # Two changes each: a rule comes, and goes.
        for what, costs in ((change, spent), (change_nothing, vain)):
            costs.append(cost(switch, lambda w=what, f=first: do_some(w, f)) / AT_ONCE / 2)
        say(switch, f"{len(taken)} changes of {args.changes}, processor ms: {spent[-1]:.2f},",
            f"of no concern {vain[-1]:.2f}")
    taken.sort()
    return {
        "first packet, ms, median": statistics.median(taken),
        "first packet, ms, p99": taken[int(len(taken) * 0.99)],
        "first packet, ms, most": taken[-1],
        "processor ms a change": statistics.mean(spent),
        "the same, median of the rounds": statistics.median(spent),
        "processor ms a change of no concern": statistics.mean(vain),
        "the same, median of the rounds ": statistics.median(vain),
    }


def first_packet_for(tap, address):
    """When the kernel had the first one for this address."""
    while True:
        packet, more, _, _ = tap.recvmsg(2048, 64)
        if packet[:6] != address:
            continue
        for _, kind, data in more:
            if kind == SO_TIMESTAMPNS:
                seconds, ns = struct.unpack("qq", data[:16])
                return seconds * 10**9 + ns
        raise RuntimeError("the kernel notes no times")


def macs(switch, args):
    control, tap = daemon.Control(switch.control()), socket_in(switch.pid(), "br0")
    tap.settimeout(3)
    addresses = [captures.mac(captures.DST_MAC, number) for number in range(MACS)]
    strangers = [captures.mac(captures.DST_MAC, MACS + number) for number in range(MACS)]
    taken, spent, vain = [], [], []

    def move(address, port):
        control.command("fdb/add", "br0", port, "0", bridge.text_of(address))

    def cost_of(of):
        """Of 1,000 moves. As many are made as a window has time for, so that a round of ageing more
        or less matters little; but each address moves there and back."""
        n = 0

        def move_all():
            nonlocal n
            end = time.monotonic() + WINDOW
            while time.monotonic() < end:
                for port in ("br0", "p1"):
                    for address in of:
                        move(address, port)
                n += 2 * len(of)

        return cost(switch, move_all) * 1e3 / n

    for address in addresses[:args.changes]:
        start = time.time_ns()
        move(address, "br0")
        taken.append((first_packet_for(tap, address) - start) / 1e6)
        move(address, "p1")
        drain(tap)
    tap.close()
    for address in strangers:
        move(address, "p1")
    for _ in range(2 * args.rounds - 1):
        spent.append(cost_of(addresses))
        vain.append(cost_of(strangers))
        say(switch, f"processor ms for 1,000 moves {spent[-1]:.1f}, to strangers {vain[-1]:.1f}")
    taken.sort()
    return {
        "first packet, ms, median": statistics.median(taken),
        "first packet, ms, p99": taken[int(len(taken) * 0.99)],
        "processor ms for 1,000 that move": statistics.median(spent),
        "the same, most of the rounds": max(spent),
        "the same, nobody sends there": statistics.median(vain),
    }


def rate(switch, seconds, work=None):
    """Packets forwarded per second that the worker runs, while 'work' is done over and over."""
    before, ran, start = switch.sent(), worker_seconds(switch), time.monotonic()
    while time.monotonic() - start < seconds:
        if work:
            work()
        else:
            time.sleep(0.1)
    return (switch.sent() - before) / (worker_seconds(switch) - ran)


def only_to(port, message):
    """A request to delete rules, for those that output to the port."""
    return message[:36] + struct.pack("!I", port) + message[40:]


def dip(switch, args):
    connection = openflow.Connection(switch)
    stream = openflow.stream_of(args.rules, 1)
    ours = only_to(1, openflow.delete_all()) + openflow.barrier(8)

    def load():
        connection.stream(*stream)
        connection.stream(ours, 8)

    found = {"load and delete": [], "dump": []}
    for name, work in (("load and delete", load), ("dump", connection.dump)):
        if work == connection.dump:
            connection.stream(*stream)
        for _ in range(args.rounds):
            before = rate(switch, 1)
            busy = rate(switch, 1, work)
            found[name].append(1 - busy / statistics.mean((before, rate(switch, 1))))
    return {f"less is forwarded, %, {name}": 100 * statistics.median(values)
            for name, values in found.items()}


MEASURES = {"effect": effect, "macs": macs, "dip": dip}


def run(switch, name, args, folder):
    try:
        case = MACS_CASE if name == "macs" else CASE
        switch.start(case, case.capture(args.store), folder, machine.cores(), {})
        switch.prepare()
        switch.purge()
        machine.wait_for(lambda: switch.flows() >= N_FLOWS * 0.9, "the megaflows", 60)
        time.sleep(SETTLE)
        return MEASURES[name](switch, args)
    finally:
        switch.stop()


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("--build", default=os.path.join(slow_path.TOP, "build"))
    parser.add_argument("--peer", type=os.path.abspath,
                        default=os.path.join(slow_path.TOP, "build/peer"))
    parser.add_argument("--changes", type=int, default=50)
    parser.add_argument("--rules", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("weir", "ovs"))
    parser.add_argument("cases", nargs="*")
    args = parser.parse_args()
    args.store = os.path.realpath(os.path.join(args.build, "captures"))
    os.makedirs(args.store, exist_ok=True)
    with machine.Hugepages(slow_path.PAGES):
        for name in args.cases or MEASURES:
            found = {}
            for switch in (slow_path.Weir(args.build), slow_path.Ovs(args.peer)):
                if args.only and switch.label != args.only:
                    continue
                with tempfile.TemporaryDirectory(prefix="weir-perf-") as folder:
                    found[switch.label] = run(switch, name, args, folder)
            print(f"{'':42}", *(f"{label:>9}" for label in found))
            for row in next(iter(found.values())):
                print(f"{row:42}", *(f"{rows[row]:9.2f}" for rows in found.values()))


if __name__ == "__main__":
    sys.exit(main())
