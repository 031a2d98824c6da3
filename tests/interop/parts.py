#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Long answers: they are made in parts, and nobody else has to wait for them.

    parts.py RUNDIR

The bridge has RULES rules of three kinds. Messages are taken apart here, because os-ken takes seconds
for so many."""
import collections
import os
import re
import select
import socket
import struct
import sys

import openflow
from openflow import Control, run

RUNDIR = sys.argv[1]
MGMT = RUNDIR + "/br0.mgmt"
RULES = 12000
HELLO, ECHO, ECHO_REPLY, REQUEST, REPLY, BARRIER_REPLY = 0, 2, 3, 18, 19, 21
BARRIER, FLOWS, AGGREGATE, GROUP_STATS, GROUP_DESC = 20, 1, 2, 6, 7
METER_STATS, METER_CONFIG, PORTS, PORT_DESC = 9, 10, 4, 13
PATIENCE = 20 * float(os.environ.get("WEIR_PATIENCE", "1"))
cases = openflow.Cases()
control = Control(RUNDIR)


class Client:
    """Speaks OpenFlow 1.3 and reads no more than it is told to."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(MGMT)
        self.data = b""
        self.send(HELLO, 0)
        assert self.next()[0] == HELLO

    def send(self, kind, xid, body=b""):
        self.sock.sendall(struct.pack("!BBHI", 4, kind, 8 + len(body), xid) + body)

    def request(self, kind, xid, body=b""):
        self.send(REQUEST, xid, struct.pack("!HHI", kind, 0, 0) + body)

    def flows(self, xid, kind=FLOWS, table=255):
        any_match = struct.pack("!HHI", 1, 4, 0)
        self.request(kind, xid, struct.pack("!B3xIIIQQ", table, 0xffffffff, 0xffffffff, 0, 0, 0)
                     + any_match)

    def next(self):
        """The next message: type, xid, body."""
        while len(self.data) < 8 or len(self.data) < struct.unpack("!H", self.data[2:4])[0]:
            ready, _, _ = select.select([self.sock], [], [], PATIENCE)
            assert ready, "nothing comes"
            more = self.sock.recv(1 << 16)
            assert more, "the switch has closed the connection"
            self.data += more
        size = struct.unpack("!H", self.data[2:4])[0]
        message, self.data = self.data[:size], self.data[size:]
        return message[1], struct.unpack("!I", message[4:8])[0], message[8:]

    def parts(self, xid):
        """The bodies of a multipart answer, which must be all that comes meanwhile."""
        bodies, more = [], 1
        while more:
            kind, got, body = self.next()
            assert (kind, got) == (REPLY, xid), (kind, got)
            more = struct.unpack("!H", body[2:4])[0]
            bodies.append(body[8:])
        return bodies

    def close(self):
        self.sock.close()


def cookies(bodies):
    """How often each rule is told, by its cookie."""
    counts = collections.Counter()
    for body in bodies:
        while body:
            counts[struct.unpack("!Q", body[24:32])[0]] += 1
            body = body[struct.unpack("!H", body[:2])[0]:]
    return counts


def continued():
    """How often an answer had to wait for another turn."""
    found = re.search(r"openflow_answer_continued +total: (\d+)", control.call("coverage/show"))
    return int(found[1]) if found else 0


def load(text, name="rules"):
    path = RUNDIR + "/" + name
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def rule(i, what="drop"):
    kinds = ["in_port=%d" % (i + 1), "udp,tp_dst=%d" % i, "ip,nw_dst=10.%d.%d.0/24" % (i >> 8, i & 255)]
    return "table=%d,cookie=%d,%s,actions=%s\n" % (i % 2, i, kinds[i % 3], what)


def fill():
    run("ofctl", "del-flows", "br0")
    run("ofctl", "add-flows", "br0", load("".join(rule(i) for i in range(RULES))))


def each_once():
    who, before = Client(), continued()
    who.flows(7)
    who.send(BARRIER, 8)
    who.flows(9, AGGREGATE)
    counts = cookies(who.parts(7))
    assert counts == collections.Counter(range(RULES)), (len(counts), counts.most_common(3))
    # What was asked later is answered later.
    assert who.next()[:2] == (BARRIER_REPLY, 8)
    sums = who.parts(9)
    assert struct.unpack("!I", sums[0][16:20])[0] == RULES, sums
    # No turn tells of more than some thousand rules.
    assert continued() - before >= RULES // 2000, continued() - before
    who.close()


def others_do_not_wait():
    slow, who = Client(), Client()
    for xid in range(50):
        slow.flows(xid)
    who.send(ECHO, 1, b"here")
    assert who.next() == (ECHO_REPLY, 1, b"here")
    # Who does not read is not told more than what fits in between.
    who.flows(2)
    assert cookies(who.parts(2)) == collections.Counter(range(RULES))
    before = continued()
    who.flows(3)
    assert cookies(who.parts(3)) == collections.Counter(range(RULES))
    assert continued() - before < 50, continued() - before
    for xid in range(50):
        bodies = slow.parts(xid)
        if xid % 10 == 0:
            assert cookies(bodies) == collections.Counter(range(RULES))
    slow.close()
    who.close()


def changes_meanwhile():
    """What is there all the while is told once, whatever happens beside it."""
    slow = Client()
    slow.flows(1)
    run("ofctl", "add-flows", "br0",
        load("".join(rule(i, "output:1") for i in range(0, RULES, 5)), "replaced"))
    run("ofctl", "del-flows", "br0", "table=1,udp")
    run("ofctl", "-O", "OpenFlow13", "mod-flows", "br0", "table=0,actions=output:2")
    run("ofctl", "add-flows", "br0",
        load("".join("table=3,cookie=%d,in_port=%d,actions=drop\n" % (RULES + i, i + 1)
                     for i in range(3000)), "more"))
    counts = cookies(slow.parts(1))
    for i in range(RULES):
        assert counts[i] == 1 or (counts[i] == 0 and i % 2 and i % 3 == 1), (i, counts[i])
    slow.flows(2)
    run("ofctl", "del-flows", "br0")
    assert max(cookies(slow.parts(2)).values(), default=0) <= 1
    slow.flows(3)
    assert not cookies(slow.parts(3))
    slow.close()


def closed_meanwhile():
    for _ in range(20):
        who = Client()
        who.flows(1)
        who.flows(2, AGGREGATE)
        who.close()
    who = Client()
    who.flows(1)
    run("vsctl", "del-br", "br0")
    who.close()


def numbers(bodies, offset, size):
    """The numbers in a list of things that begin with their length or are of one size."""
    found = []
    for body in bodies:
        while body:
            found.append(struct.unpack("!I", body[offset:offset + 4])[0])
            body = body[size or struct.unpack("!H", body[:2])[0]:]
    return found


def many_groups():
    n = 2000
    run("ofctl", "-O", "OpenFlow13", "add-groups", "br0", load("".join(
        "group_id=%d,type=all,bucket=output:1,bucket=output:2\n" % i for i in range(n)), "groups"))
    run("ofctl", "-O", "OpenFlow13", "add-flows", "br0", load("".join(
        "in_port=%d,actions=group:%d,group:%d\n" % (i + 1, i % 7, i % 7) for i in range(70)), "to"))
    who, before = Client(), continued()
    everything = struct.pack("!I4x", 0xfffffffc)
    who.request(GROUP_STATS, 1, everything)
    who.request(GROUP_DESC, 2)
    who.send(ECHO, 3)
    bodies = who.parts(1)
    assert numbers(bodies, 4, 0) == list(range(n))
    used = {number: count for number, count in zip(numbers(bodies, 4, 0), numbers(bodies, 8, 0))}
    assert all(used[i] == (10 if i < 7 else 0) for i in range(n)), used
    assert numbers(who.parts(2), 4, 0) == list(range(n))
    assert who.next()[:2] == (ECHO_REPLY, 3)
    assert continued() > before
    run("ofctl", "-O", "OpenFlow13", "del-groups", "br0", "group_id=3")
    who.request(GROUP_STATS, 4, struct.pack("!I4x", 4))
    assert numbers(who.parts(4), 8, 0) == [10]
    who.flows(5, AGGREGATE)
    assert struct.unpack("!I", who.parts(5)[0][16:20])[0] == 60
    run("ofctl", "-O", "OpenFlow13", "del-groups", "br0")
    who.close()


def many_meters():
    n = 3000
    who = Client()
    for i in range(1, n + 1):
        who.send(29, i, struct.pack("!HHI", 0, 1, i) + struct.pack("!HHII4x", 1, 16, i, 0))
    everything = struct.pack("!I4x", 0xffffffff)
    who.request(METER_CONFIG, 1, everything)
    who.request(METER_STATS, 2, everything)
    assert numbers(who.parts(1), 4, 0) == list(range(1, n + 1))
    bodies = who.parts(2)
    found = []
    for body in bodies:
        while body:
            found.append(struct.unpack("!I", body[:4])[0])
            body = body[struct.unpack("!H", body[4:6])[0]:]
    assert found == list(range(1, n + 1))
    who.send(29, 3, struct.pack("!HHI", 2, 0, 0xffffffff))
    who.close()


def main():
    cases.check("rules are loaded", fill)
    cases.check("each rule is told once, and what was asked later comes later", each_once)
    cases.check("others are answered meanwhile", others_do_not_wait)
    cases.check("rules come and go meanwhile", changes_meanwhile)
    cases.check("groups", many_groups)
    cases.check("meters", many_meters)
    cases.check("rules are loaded again", fill)
    cases.check("connections and bridges go meanwhile", closed_meanwhile)
    cases.end()


main()
