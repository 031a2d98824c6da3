#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a database server under load, again and again, and checks what is there afterwards.

usage: ovsdb_kill.py DBSERVER DIRECTORY ROUNDS

Each transaction inserts three rows with its number, keeps a counter and deletes old rows, so half
a transaction would show. One client waits for each answer, one sends ahead; in every fourth round
the journal is large enough to be compacted at once.
"""
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

program, directory, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
sock = os.path.join(directory, "kill.sock")
path = os.path.join(directory, "conf.db")
schema = os.path.join(directory, "kill.ovsschema")

SCHEMA = {"name": "Kill", "version": "1.0.0", "tables": {
    "Row": {"isRoot": True, "columns": {
        "client": {"type": "integer"}, "number": {"type": "integer"}, "part": {"type": "integer"},
        "text": {"type": "string"}}, "indexes": [["client", "number", "part"]]},
    "Counter": {"isRoot": True, "columns": {"client": {"type": "integer"},
                                            "value": {"type": "integer"}},
                "indexes": [["client"]]}}}
KEEP = 5


class Client:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(sock)
        self.text = ""

    def send(self, number, operations):
        message = {"method": "transact", "params": ["Kill", *operations], "id": number}
        self.socket.sendall(json.dumps(message).encode())

    def receive(self):
        while True:
            try:
                message, end = json.JSONDecoder().raw_decode(self.text)
                self.text = self.text[end:].lstrip()
                return message
            except ValueError:
                data = self.socket.recv(1 << 20)
                if not data:
                    raise EOFError from None
                self.text += data.decode()

    def run(self, *operations):
        self.send(0, operations)
        results = self.receive()["result"]
        assert not any(result and "error" in result for result in results), results
        return results


def start():
    server = subprocess.Popen([program, schema, path, f"--remote=punix:{sock}", "-vconsole:warn"],
                              stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            return server, Client()
        except OSError:
            assert server.poll() is None, server.stderr.read().decode()
            time.sleep(0.02)
    raise AssertionError("the server does not come up")


def transaction(client, number, text):
    rows = [{"op": "insert", "table": "Row",
             "row": {"client": client, "number": number, "part": part, "text": text}}
            for part in range(3)]
    return [*rows,
            {"op": "delete", "table": "Row",
             "where": [["client", "==", client], ["number", "<=", number - KEEP]]},
            {"op": "update", "table": "Counter", "where": [["client", "==", client]],
             "row": {"value": number}},
            {"op": "commit", "durable": number % 50 == 0}]


def load(client, first, acknowledged, ahead, text):
    """Sends transactions until the server dies; 'ahead' of them may be unanswered."""
    try:
        connection = Client()
        number, answered = first, first
        while True:
            while number - answered < ahead:
                connection.send(number, transaction(client, number, text))
                number += 1
            reply = connection.receive()
            assert all("error" not in (r or {}) for r in reply["result"]), reply
            acknowledged[client] = max(acknowledged[client], reply["id"])
            answered += 1
    except (OSError, EOFError):
        pass


def check(connection, acknowledged):
    counters, rows = connection.run(
        {"op": "select", "table": "Counter", "where": []},
        {"op": "select", "table": "Row", "where": []})
    values = {row["client"]: row["value"] for row in counters["rows"]}
    for client, number in acknowledged.items():
        assert values[client] >= number, f"lost: client {client}, {number} > {values[client]}"
        here = [(row["number"], row["part"]) for row in rows["rows"] if row["client"] == client]
        last = values[client]
        wanted = [(n, part) for n in range(max(1, last - KEEP + 1), last + 1) for part in range(3)]
        assert sorted(here) == wanted, f"half: client {client}, {sorted(here)} for {last}"
    return values


def main():
    with open(schema, "w", encoding="ascii") as file:
        json.dump(SCHEMA, file)
    server, connection = start()
    acknowledged = {1: 0, 2: 0}
    connection.run(*[{"op": "insert", "table": "Counter", "row": {"client": client, "value": 0}}
                     for client in acknowledged])
    values = dict(acknowledged)
    largest = 0
    for i in range(rounds):
        text = "x" * (100000 if i % 4 == 3 else 10)
        threads = [threading.Thread(target=load, args=(client, values[client] + 1, acknowledged,
                                                       ahead, text))
                   for client, ahead in ((1, 1), (2, 20))]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0.02, 0.4))
        server.kill()
        server.wait()
        for thread in threads:
            thread.join()
        server, connection = start()
        values = check(connection, acknowledged)
        largest = max(largest, os.path.getsize(path))
    server.terminate()
    server.wait()
    print(f"{sum(values.values())} transactions survived {rounds} kills, "
          f"the journal had {largest >> 20} MB at most")


main()
