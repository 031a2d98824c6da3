#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares how weir and OVS take configuration: whole daemons with dummy ports, in turn.

usage: manage.py [--build DIR] [--peer DIR] [--rounds N] [--ports dummy|tap]

A change counts as done when the daemon says so (cur_cfg), as ovs-vsctl waits for it. Prints one
table: what was done, weir's median, the peer's, and the ratio.
"""
import argparse
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from ovsdb import TOP, Client, port_operations

BUMP = {"op": "mutate", "table": "Open_vSwitch", "where": [], "mutations": [["next_cfg", "+=", 1]]}
LOOK = {"op": "select", "table": "Open_vSwitch", "where": [], "columns": ["cur_cfg", "next_cfg"]}


def resident_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        # What is the process's own: libraries are shared with everybody.
        return sum(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024


def wait_for(path):
    end = time.monotonic() + 20
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise RuntimeError(path + " did not appear")
        time.sleep(0.02)
    time.sleep(0.3)


class Weir:
    name = "weir"

    @staticmethod
    def datapath_type(_kind):
        return ""

    def __init__(self, build, folder):
        log = os.path.join(folder, "weir.log")
        self.pids = []
        self.processes = [subprocess.Popen(
            [os.path.join(build, "vswitchd/vswitchd"), "--rundir", folder, "--enable-dummy",
             "-vconsole:off", "--log-file=" + log])]
        self.path = os.path.join(folder, "db.sock")
        wait_for(self.path)


class Ovs:
    name = "ovsdb-server + ovs-vswitchd"

    @staticmethod
    def datapath_type(kind):
        return "dummy" if kind == "dummy" else "netdev"

    def __init__(self, peer, folder):
        env = dict(os.environ, OVS_RUNDIR=folder, OVS_DBDIR=folder, OVS_LOGDIR=folder,
                   LD_LIBRARY_PATH=os.path.join(peer, "usr/lib/x86_64-linux-gnu"))
        schema = os.path.join(peer, "usr/share/openvswitch/vswitch.ovsschema")
        database = os.path.join(folder, "conf.db")
        self.path = os.path.join(folder, "db.sock")
        subprocess.run([os.path.join(peer, "usr/bin/ovsdb-tool"), "create", database, schema],
                       check=True, env=env)
        quiet = ["-vconsole:off", "--log-file"]
        self.processes = [subprocess.Popen(
            [os.path.join(peer, "usr/sbin/ovsdb-server"), database,
             "--remote=punix:" + self.path, "--unixctl=db.ctl", *quiet], env=env, cwd=folder)]
        wait_for(self.path)
        Client(self.path).transact({"op": "insert", "table": "Open_vSwitch", "row": {}})
        daemon = os.path.join(peer, "usr/lib/openvswitch-switch/ovs-vswitchd")
        if not os.path.exists(daemon):
            daemon = os.path.join(peer, "usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk")
        self.processes.append(subprocess.Popen(
            [daemon, "unix:" + self.path, "--enable-dummy", "--disable-system",
             "--unixctl=vswitchd.ctl", *quiet], env=env, cwd=folder))
        time.sleep(1)


def configure(client, *operations):
    """Milliseconds until the daemon has applied the operations."""
    start = time.monotonic()
    client.transact(*operations, BUMP)
    while True:
        row = client.transact(LOOK)[0]["rows"][0]
        if row["cur_cfg"] >= row["next_cfg"]:
            return (time.monotonic() - start) * 1000
        if time.monotonic() - start > 60:
            raise RuntimeError("a change was not applied within a minute")
        time.sleep(0.0005)


def watch(path, pipe):
    client, longest = Client(path), 0
    pipe.send(None)
    while not pipe.poll():
        start = time.monotonic()
        client.call("echo", [])
        longest = max(longest, (time.monotonic() - start) * 1000)
        time.sleep(0.001)
    pipe.send(longest)


class Bystander:
    """Another client of the database: how long does its longest echo take meanwhile?"""

    def __init__(self, path):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=watch, args=(path, theirs), daemon=True)
        self.process.start()
        self.pipe.recv()

    def stop(self):
        self.pipe.send(None)
        longest = self.pipe.recv()
        self.process.join()
        return longest


def uuids_of(client, where):
    rows = client.transact({"op": "select", "table": "Port", "columns": ["_uuid"],
                            "where": where})[0]["rows"]
    return ["set", [row["_uuid"] for row in rows]]


def delete(uuids):
    return {"op": "mutate", "table": "Bridge", "where": [["name", "==", "br0"]],
            "mutations": [["ports", "delete", uuids]]}


def add(kind, *numbers):
    operations = [op for i in numbers for op in port_operations(i)]
    for op in operations:
        if op["op"] == "insert" and op["table"] == "Interface":
            op["row"]["type"] = kind
    return operations


def one_by_one(client, kind, n):
    """Ports added and deleted per second, each awaited."""
    spent = 0
    for i in range(5000, 5000 + n):
        spent += configure(client, *add(kind, i))
        uuids = uuids_of(client, [["name", "==", f"p{i}"]])
        spent += configure(client, delete(uuids))
    return 2 * n / spent * 1000


def measure(switch, kind):
    client = Client(switch.path)
    figures = {}
    configure(client, {"op": "insert", "table": "Bridge", "uuid-name": "b",
                       "row": {"name": "br0", "datapath_type": switch.datapath_type(kind)}},
              {"op": "mutate", "table": "Open_vSwitch", "where": [],
               "mutations": [["bridges", "insert", ["set", [["named-uuid", "b"]]]]]})
    figures["add-port and del-port per second"] = one_by_one(client, kind, 200)
    bystander = Bystander(switch.path)
    figures["1,000 ports in one transaction, applied, ms"] = configure(
        client, *add(kind, *range(1000)))
    figures["  longest echo of another client meanwhile, ms"] = bystander.stop()
    time.sleep(1)
    figures["anonymous memory with 1,000 ports, MB"] = sum(
        resident_mb(process.pid) for process in switch.processes)
    rows = client.transact({"op": "select", "table": "Interface", "where": [["name", "==", "p999"]],
                            "columns": ["ofport"]})[0]["rows"]
    if not isinstance(rows[0]["ofport"], int) or rows[0]["ofport"] <= 0:
        raise RuntimeError(f"{switch.name}: p999 has no number: {rows}")
    figures["add-port and del-port per second among 1,000"] = one_by_one(client, kind, 50)
    bystander = Bystander(switch.path)
    figures["1,000 ports deleted in one transaction, ms"] = configure(
        client, delete(uuids_of(client, [["name", "!=", "br0"]])))
    figures["  longest echo of another client meanwhile, ms "] = bystander.stop()
    return figures


def run(make, kind):
    folder = tempfile.mkdtemp(prefix="weir-manage-")
    switch = make(folder)
    try:
        return measure(switch, kind)
    finally:
        for process in reversed(switch.processes):
            process.terminate()
            process.wait()
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default=os.path.join(TOP, "build"))
    parser.add_argument("--peer", type=os.path.abspath, default=os.path.join(TOP, "build/peer"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ports", choices=["dummy", "tap"], default="dummy",
                        help="tap: devices of the kernel's, in a network namespace of their own")
    args = parser.parse_args()
    if args.ports == "tap" and "WEIR_NAMESPACE" not in os.environ:
        os.environ["WEIR_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    makers = [lambda folder: Weir(args.build, folder), lambda folder: Ovs(args.peer, folder)]
    results = [[], []]
    for turn in range(args.rounds):
        for i, make in enumerate(makers):
            results[i].append(run(make, args.ports))
            print(f"  round {turn + 1}, {('weir', 'OVS')[i]}", file=sys.stderr)
    print(f"{'':49}{'weir':>10}{'OVS':>10}{'weir : OVS':>12}")
    for key in results[0][0]:
        ours, theirs = (statistics.median(figures[key] for figures in side) for side in results)
        print(f"{key:49}{ours:10.1f}{theirs:10.1f}{ours / theirs:12.2f}")


if __name__ == "__main__":
    main()
