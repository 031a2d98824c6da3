#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares weir's database server with ovsdb-server, in turn on one machine.

usage: ovsdb.py [--build DIR] [--peer OVSDB_SERVER] [--tool OVSDB_TOOL] [--schema FILE]

Prints one table: what was done, weir's figure, the peer's, and the ratio. Without a peer only
weir's figures are printed.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Client:
    """A JSON-RPC client that does no more than the measurement needs."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.decoder = json.JSONDecoder()
        self.text = ""
        self.next_id = 0

    def receive(self):
        while True:
            try:
                message, end = self.decoder.raw_decode(self.text)
                self.text = self.text[end:].lstrip()
                return message
            except ValueError:
                data = self.socket.recv(1 << 20)
                if not data:
                    raise EOFError("the server closed the connection")
                self.text += data.decode()

    def call(self, method, params):
        self.next_id += 1
        request = {"method": method, "params": params, "id": self.next_id}
        self.socket.sendall(json.dumps(request, separators=(",", ":")).encode())
        while True:
            message = self.receive()
            if message.get("id") == self.next_id:
                if message["error"]:
                    raise RuntimeError(message["error"])
                return message["result"]

    def transact(self, *operations):
        results = self.call("transact", ["Open_vSwitch", *operations])
        for result in results:
            if result and "error" in result:
                raise RuntimeError(result)
        return results

    def drain(self):
        self.socket.setblocking(False)
        n = 0
        try:
            while True:
                data = self.socket.recv(1 << 20)
                if not data:
                    break
                n += len(data)
        except BlockingIOError:
            pass
        return n


class Server:
    def __init__(self, name, command, directory):
        self.name = name
        self.path = os.path.join(directory, "db.sock")
        self.process = subprocess.Popen(command)
        for _ in range(100):
            if os.path.exists(self.path):
                break
            time.sleep(0.05)
        time.sleep(0.1)

    def client(self):
        return Client(self.path)

    def rss(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        return 0

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def port_operations(i):
    return [
        {"op": "insert", "table": "Interface", "uuid-name": f"i{i}",
         "row": {"name": f"p{i}", "type": "dummy",
                 "external_ids": ["map", [["iface-id", f"id-{i}"],
                                          ["attached-mac", "00:00:00:00:00:01"]]]}},
        {"op": "insert", "table": "Port", "uuid-name": f"p{i}",
         "row": {"name": f"p{i}", "interfaces": ["named-uuid", f"i{i}"]}},
        {"op": "mutate", "table": "Bridge", "where": [["name", "==", "br0"]],
         "mutations": [["ports", "insert", ["set", [["named-uuid", f"p{i}"]]]]]},
    ]


def prepare(client):
    if client.transact({"op": "select", "table": "Open_vSwitch", "where": []})[0]["rows"]:
        return
    client.transact({"op": "insert", "table": "Open_vSwitch",
                     "row": {"bridges": ["named-uuid", "b"]}},
                    {"op": "insert", "table": "Bridge", "uuid-name": "b", "row": {"name": "br0"}})


def thousand_ports(client):
    operations = [op for i in range(1000) for op in port_operations(i)]
    start = time.monotonic()
    client.transact(*operations)
    return (time.monotonic() - start) * 1000


def sequential(client, n=1500):
    start = time.monotonic()
    for i in range(n):
        client.transact(*port_operations(5000 + i % 7))
        client.transact({"op": "mutate", "table": "Bridge", "where": [["name", "==", "br0"]],
                         "mutations": [["ports", "delete", ["set", []]]]},
                        {"op": "select", "table": "Port",
                         "where": [["name", "==", f"p{5000 + i % 7}"]], "columns": ["_uuid"]})
        uuid = client.transact({"op": "select", "table": "Port",
                                "where": [["name", "==", f"p{5000 + i % 7}"]],
                                "columns": ["_uuid"]})[0]["rows"][0]["_uuid"]
        client.transact({"op": "mutate", "table": "Bridge", "where": [["name", "==", "br0"]],
                         "mutations": [["ports", "delete", ["set", [uuid]]]]})
    return 2 * n / (time.monotonic() - start)


def small_updates(client, n=5000):
    start = time.monotonic()
    for i in range(n):
        client.transact({"op": "update", "table": "Interface", "where": [["name", "==", "p1"]],
                         "row": {"external_ids": ["map", [["n", str(i)]]]}})
    return n / (time.monotonic() - start)


COLUMNS = {"Interface": {"columns": ["name", "ofport", "external_ids", "statistics", "type"]},
           "Port": {"columns": ["name", "interfaces", "tag"]},
           "Bridge": {"columns": ["name", "ports"]}}


def with_monitors(server, n=1000, n_monitors=100):
    clients = [server.client() for _ in range(n_monitors)]
    for client in clients:
        client.call("monitor_cond", ["Open_vSwitch", "m", COLUMNS])
    writer = server.client()
    before = server.cpu()
    start = time.monotonic()
    for i in range(n):
        writer.transact({"op": "update", "table": "Interface", "where": [["name", "==", "p1"]],
                         "row": {"external_ids": ["map", [["n", str(i)]]]}})
        if i % 100 == 99:
            for client in clients:
                client.drain()
    rate = n / (time.monotonic() - start)
    return rate, (server.cpu() - before) / n * 1e6


def measure(server):
    figures = {}
    client = server.client()
    prepare(client)
    before = server.cpu()
    figures["1,000 ports in one transaction, ms"] = thousand_ports(client)
    figures["  server CPU, ms"] = (server.cpu() - before) * 1000
    time.sleep(1)
    figures["resident memory with 1,000 ports, MB"] = server.rss()
    before = server.cpu()
    figures["small updates per second"] = small_updates(client)
    figures["  server CPU per update, us"] = (server.cpu() - before) / 5000 * 1e6
    figures["add-port and del-port per second"] = sequential(client)
    figures["updates per second, 100 monitors"], cost = with_monitors(server)
    figures["  server CPU per update, us, 100 monitors"] = cost
    figures["resident memory at the end, MB"] = server.rss()
    return figures


def run(name, command_of, directory):
    path = os.path.join(directory, name)
    os.mkdir(path)
    server = Server(name, command_of(path), path)
    try:
        return measure(server)
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.path.join(TOP, "build"))
    parser.add_argument("--peer", default=shutil.which("ovsdb-server"))
    parser.add_argument("--tool", default=shutil.which("ovsdb-tool"))
    parser.add_argument("--schema", default=os.path.join(TOP, "vswitchd/vswitch.ovsschema"))
    options = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="ovsdb-perf.")

    def weir(path):
        return [os.path.join(options.build, "utilities/dbserver"), options.schema,
                os.path.join(path, "conf.db"), f"--remote=punix:{path}/db.sock"]

    def peer(path):
        subprocess.run([options.tool, "create", os.path.join(path, "conf.db"), options.schema],
                       check=True)
        return [options.peer, os.path.join(path, "conf.db"), f"--remote=punix:{path}/db.sock",
                "--no-chdir", f"--unixctl={path}/ctl", "-vconsole:off"]

    try:
        ours = run("weir", weir, directory)
        theirs = run("peer", peer, directory) if options.peer and options.tool else {}
    finally:
        shutil.rmtree(directory)
    print(f"{'':45}{'weir':>12}{'ovsdb-server':>14}{'ratio':>8}")
    for name, value in ours.items():
        other = theirs.get(name)
        print(f"{name:45}{value:12.1f}" + (f"{other:14.1f}{value / other:8.2f}" if other else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
