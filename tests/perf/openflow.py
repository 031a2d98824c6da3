#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares how fast weir and OVS are programmed over OpenFlow, in turn on one machine.

usage: openflow.py [--build DIR] [--peer DIR] [--flows N] [--dump N] [--rounds N] [CASE…]

Both run with a userspace bridge and dummy ports. For each case: things per second by the clock, and
per second of processor that the daemon took (which a busy machine disturbs less), the best of all
rounds; weir's, the peer's, the ratio.
"""
import argparse
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import machine

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BARRIER_EVERY = 100
ANY = 0xffffffff


class Daemon:
    """A switch in a folder of its own with bridge br0 and ports p1 and p2."""

    def start(self, folder):
        self.folder = os.path.join(folder, self.name)
        os.makedirs(self.folder)
        self.env = dict(os.environ, OVS_RUNDIR=self.folder, OVS_SYSCONFDIR=self.folder,
                        OVS_DBDIR=self.folder, OVS_LOGDIR=self.folder,
                        OVS_PKGDATADIR=os.path.join(self.peer, "usr/share/openvswitch"))
        self.launch()
        self.tool("ovs-vsctl", "--timeout=20", "add-br", "br0", "--", "set", "Bridge", "br0",
                  "datapath_type=netdev", "fail_mode=secure", "--", "add-port", "br0", "p1", "--",
                  "set", "Interface", "p1", "type=dummy", "ofport_request=1", "--", "add-port",
                  "br0", "p2", "--", "set", "Interface", "p2", "type=dummy", "ofport_request=2")

    def tool(self, name, *words):
        out = subprocess.run([os.path.join(self.peer, "usr/bin", name), *words], env=self.env,
                             cwd=self.folder, capture_output=True, text=True)
        if out.returncode:
            raise RuntimeError(f"{name} {' '.join(words)}: {out.stderr.strip()}")
        return out.stdout

    def spawn(self, *words):
        with open(os.path.join(self.folder, "out.log"), "ab") as log:
            self.processes.append(subprocess.Popen(
                ["unshare", "--net", *words], env=self.env, cwd=self.folder, stdout=log,
                stderr=log))
        return self.processes[-1]

    def pid(self):
        return self.processes[-1].pid

    def processor(self):
        return sum(machine.thread_times(self.pid()).values()) / 1e9

    def memory(self):
        with open(f"/proc/{self.pid()}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) * 1024

    def stop(self):
        for process in reversed(self.processes):
            machine.stop(process)
        self.processes = []


class Weir(Daemon):
    name = "weir"

    def __init__(self, build, peer):
        self.build, self.peer, self.processes = build, peer, []

    def launch(self):
        self.spawn(os.path.join(self.build, "vswitchd/vswitchd"), "--rundir", self.folder,
                   "--enable-dummy", "--compat-names")
        machine.wait_for(lambda: os.path.exists(os.path.join(self.folder, "db.sock")), "weir")


class Ovs(Daemon):
    name = "ovs"

    def __init__(self, peer):
        self.peer, self.processes = peer, []

    def launch(self):
        self.tool("ovsdb-tool", "create", "conf.db",
                  os.path.join(self.peer, "usr/share/openvswitch/vswitch.ovsschema"))
        self.spawn(os.path.join(self.peer, "usr/sbin/ovsdb-server"), "conf.db",
                   "--remote=punix:db.sock", "--log-file=ovsdb.log", "--unixctl=ovsdb.ctl")
        machine.wait_for(lambda: os.path.exists(os.path.join(self.folder, "db.sock")), "OVS's db")
        self.tool("ovs-vsctl", "--no-wait", "init")
        self.spawn(next(path for path in (
            os.path.join(self.peer, "usr/lib/openvswitch-switch/ovs-vswitchd"),
            os.path.join(self.peer, "usr/sbin/ovs-vswitchd")) if os.path.exists(path)),
            "unix:db.sock", "--log-file=vswitchd.log", "--unixctl=vswitchd.ctl", "--enable-dummy",
            "-vconsole:off")


class Connection:
    """OpenFlow 1.3, no more of it than is measured."""

    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_UNIX)
        machine.wait_for(lambda: os.path.exists(os.path.join(daemon.folder, "br0.mgmt")), "br0")
        self.socket.connect(os.path.join(daemon.folder, "br0.mgmt"))
        self.buffer = b""
        self.socket.sendall(struct.pack("!BBHI", 4, 0, 8, 1))
        self.receive()

    def receive(self):
        while len(self.buffer) < 8 or len(self.buffer) < self._length():
            data = self.socket.recv(1 << 20)
            if not data:
                raise EOFError("the switch closed the connection")
            self.buffer += data
        length = self._length()
        message, self.buffer = self.buffer[:length], self.buffer[length:]
        return message

    def _length(self):
        return int.from_bytes(self.buffer[2:4], "big")

    def stream(self, data, last_xid):
        """Sends everything; returns when the reply with the last xid has come."""
        sender = threading.Thread(target=self.socket.sendall, args=(data,))
        sender.start()
        wanted, tail, errors = struct.pack("!BBHI", 4, 21, 8, last_xid), b"", 0
        while wanted not in tail:
            more = self.socket.recv(1 << 20)
            if not more:
                raise EOFError("the switch closed the connection")
            errors += more.count(b"\x04\x01\x00")
            tail = tail[-8:] + more
        sender.join()
        if errors:
            raise RuntimeError(f"{errors} errors")

    def dump(self):
        """Asks for all flows; returns how many bytes describe them."""
        request = struct.pack("!BBHIHHxxxxBxxxIIxxxxQQHHxxxx", 4, 18, 56, 7, 1, 0, 255, ANY, ANY, 0,
                              0, 1, 4)
        self.socket.sendall(request)
        total, data = 0, bytearray()
        while True:
            data += self.socket.recv(1 << 20)
            at = 0
            while len(data) - at >= 16:
                length = int.from_bytes(data[at + 2:at + 4], "big")
                if len(data) - at < length:
                    break
                total += length - 16
                at += length
                if not data[at - length + 11] & 1:
                    return total
            del data[:at]


def flow_mod(i, port, command=0):
    match = struct.pack("!HHHBBHHBBI", 1, 18, 0x8000, 5 << 1, 2, 0x800, 0x8000, 12 << 1, 4,
                        0x0a000000 + i) + bytes(6)
    actions = struct.pack("!HHxxxxHHIHxxxxxx", 4, 24, 0, 16, port, 0)
    return struct.pack("!BBHIQQBBHHHIIIHxx", 4, 14, 48 + len(match) + len(actions), i, 0, 0, 0,
                       command, 0, 0, 100, ANY, ANY, ANY, 0) + match + actions


def barrier(xid):
    return struct.pack("!BBHI", 4, 20, 8, xid)


def delete_all():
    return struct.pack("!BBHIQQBBHHHIIIHxxHHxxxx", 4, 14, 56, 1, 0, 0, 255, 3, 0, 0, 0, ANY, ANY,
                       ANY, 0, 1, 4)


def stream_of(n, port):
    parts, xid = [], 1 << 24
    for i in range(n):
        parts.append(flow_mod(i, port))
        if i % BARRIER_EVERY == BARRIER_EVERY - 1 or i == n - 1:
            xid += 1
            parts.append(barrier(xid))
    return b"".join(parts), xid


class Bench:
    def __init__(self, daemon, options, folder):
        self.daemon, self.options, self.folder = daemon, options, folder
        self.results = {}

    def timed(self, case, work, count=1):
        """Notes (seconds, processor seconds) of 'work', per 'count' things."""
        if self.options.cases and case not in self.options.cases:
            return work()
        before, start = self.daemon.processor(), time.monotonic()
        result = work()
        rates = (count / (time.monotonic() - start),
                 count / max(1e-3, self.daemon.processor() - before))
        self.results[case] = tuple(map(max, rates, self.results.get(case, (0, 0))))
        return result

    def file(self):
        path = os.path.join(self.folder, "flows")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as f:
                for i in range(self.options.flows):
                    address = ".".join(str((0x0a000000 + i) >> s & 255) for s in (24, 16, 8, 0))
                    f.write(f"priority=100,ip,nw_dst={address},actions=output:2\n")
        return path

    def clear(self):
        self.connection.stream(delete_all() + barrier(99), 99)

    def run(self):
        n, daemon = self.options.flows, self.daemon
        self.connection = Connection(daemon)
        self.empty = daemon.memory()
        path = self.file()
        self.timed("load, plain", lambda: daemon.tool("ovs-ofctl", "add-flows", "br0", path), n)
        self.clear()
        self.timed("load, bundle", lambda: daemon.tool(
            "ovs-ofctl", "-O", "OpenFlow14", "--bundle", "add-flows", "br0", path), n)
        self.clear()
        first, second = stream_of(n, 1), stream_of(n, 2)
        for _ in range(self.options.rounds):
            self.timed("stream", lambda: self.connection.stream(*first), n)
            self.timed("replace all", lambda: self.connection.stream(*second), n)
            self.timed("delete all", self.clear, n)
        self.many()

    def many(self):
        n = self.options.dump
        self.connection.stream(*stream_of(n, 1))
        self.results["bytes a rule"] = ((self.daemon.memory() - self.empty) / n,) * 2
        self.timed("dump", self.connection.dump, n)


def show(results):
    names = list(results)
    print(f"{'':14} {'per second':>24} {'per processor second':>26}")
    print(f"{'':14} {names[0]:>9} {names[-1]:>9} {'':5} {names[0]:>9} {names[-1]:>9}")
    for case in results[names[0]]:
        ours, theirs = results[names[0]][case], results[names[-1]].get(case, (0, 0))
        ratios = [a / b if b else 0 for a, b in zip(ours, theirs)]
        print(f"{case:14} {ours[0]:9.0f} {theirs[0]:9.0f} {ratios[0]:5.2f} "
              f"{ours[1]:9.0f} {theirs[1]:9.0f} {ratios[1]:5.2f}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("--build", default=os.path.join(TOP, "build"))
    parser.add_argument("--peer", type=os.path.abspath, default=os.path.join(TOP, "build/peer"))
    parser.add_argument("--flows", type=int, default=100000)
    parser.add_argument("--dump", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("weir", "ovs"))
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    results = {}
    for daemon in (Weir(options.build, options.peer), Ovs(options.peer)):
        if options.only and daemon.name != options.only:
            continue
        folder = tempfile.mkdtemp(prefix="weir-openflow-")
        try:
            daemon.start(folder)
            bench = Bench(daemon, options, folder)
            bench.run()
            results[daemon.name] = bench.results
        finally:
            daemon.stop()
            shutil.rmtree(folder, ignore_errors=True)
    show(results)


if __name__ == "__main__":
    sys.exit(main())
