#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Flow monitors in OpenFlow 1.4's form: own changes, cancelling, and a controller that does not
read.

    monitor.py RUNDIR"""
import struct
import sys
import time

import openflow
from openflow import Peer

MGMT = sys.argv[1] + "/br0.mgmt"
INITIAL, ADDED, REMOVED, MODIFIED, ABBREV, PAUSED, RESUMED = range(7)
cases = openflow.Cases()


def flow(who, command=0, priority=5, port=1, **more):
    return who.p.OFPFlowMod(who.desc, command=command, priority=priority, out_port=who.o.OFPP_ANY,
                            out_group=who.o.OFPG_ANY, match=who.p.OFPMatch(in_port=port),
                            instructions=[], **more)


def watch(who, number, flags, command=0):
    body = struct.pack("!HH4xIIIHBBHH4x", 16, 0, number, 0xffffffff, 0xffffffff, flags, 255, command,
                       1, 4)
    return who.raw(18, body)


def updates(message):
    data, found = bytes(message.buf)[16:], []
    while data:
        size, event = struct.unpack("!HH", data[:4])
        found.append((event, data[4:size]))
        data = data[size:]
    return found


def told(who):
    def is_update(message):
        return message.msg_type == 19 and message.xid == 0
    return updates(who.find(is_update, "an update"))


def peer():
    who = Peer(MGMT, "14")
    who.does(who.p.OFPFlowMod(who.desc, command=who.o.OFPFC_DELETE, table_id=who.o.OFPTT_ALL,
                              out_port=who.o.OFPP_ANY, out_group=who.o.OFPG_ANY,
                              match=who.p.OFPMatch(), instructions=[]))
    return who


def own():
    who, other = peer(), peer()
    other.does(flow(other))
    shown = updates(who.answer(watch(who, 1, 0x1f)))
    assert [event for event, _ in shown] == [INITIAL], shown
    xid = who.send(flow(who, priority=6))
    event, rest = told(who)[0]
    assert event == ABBREV and struct.unpack("!I", rest) == (xid,), (event, rest)
    other.does(flow(other, priority=7))
    assert told(who)[0][0] == ADDED
    reply = who.answer(watch(who, 1, 0x1f))
    assert (reply.type, reply.code) == (16, 1), reply
    reply = who.answer(watch(who, 2, 0x80))
    assert (reply.type, reply.code) == (16, 5), reply
    reply = who.answer(watch(who, 2, 0x1f, 2))
    assert (reply.type, reply.code) == (16, 3), reply
    reply = who.answer(watch(who, 2, 0x1f, 3))
    assert (reply.type, reply.code) == (16, 4), reply
    who.answer(watch(who, 1, 0x3f, 1))
    who.send(flow(who, priority=8))
    assert told(who)[0][0] == ADDED
    who.answer(watch(who, 1, 0, 2))
    other.does(flow(other, priority=9))
    who.barrier()
    assert not [m for m in who.inbox if m.msg_type == 19], who.inbox
    who.close()
    other.close()


def bundles():
    """What a bundle does is told once it is done, and only then."""
    who, other = peer(), peer()
    who.answer(watch(who, 1, 0x1f))
    ofp, p = other.o, other.p
    other.ask(p.OFPBundleCtrlMsg(other.desc, 1, ofp.OFPBCT_OPEN_REQUEST, 3, []))
    for priority in (1, 2):
        mod = flow(other, priority=priority)
        add = p.OFPBundleAddMsg(other.desc, 1, 3, mod, [])
        other.xid += 1
        add.set_xid(other.xid)
        mod.set_xid(other.xid)
        add.serialize()
        other.sock.sendall(add.buf)
    other.barrier()
    who.barrier()
    assert not [m for m in who.inbox if m.msg_type == 19], who.inbox
    other.ask(p.OFPBundleCtrlMsg(other.desc, 1, ofp.OFPBCT_COMMIT_REQUEST, 3, []))
    assert [event for event, _ in told(who)] == [ADDED, ADDED]
    who.close()
    other.close()


def slow():
    """Whoever does not read is told that it is not told, and later what has changed."""
    who, other = peer(), peer()
    who.answer(watch(who, 1, 0x1f))
    for priority in range(1, 40000):
        other.send(flow(other, priority=priority))
    other.barrier()
    events = []

    def over():
        who.read(0.2)
        for message in [m for m in who.inbox if m.msg_type == 19]:
            who.inbox.remove(message)
            events.extend(updates(message))
        return RESUMED in [event for event, _ in events]
    end = time.monotonic() + 30
    while not over():
        assert time.monotonic() < end, events[-3:]
    kinds = [event for event, _ in events]
    assert kinds.count(PAUSED) >= 1 and kinds.count(RESUMED) >= 1
    seen = {struct.unpack("!H", rest[6:8])[0] for event, rest in events
            if event in (ADDED, MODIFIED)}
    while len(seen) < 39999:
        assert who.read(5), len(seen)
        for message in [m for m in who.inbox if m.msg_type == 19]:
            who.inbox.remove(message)
            for event, rest in updates(message):
                if event in (ADDED, MODIFIED):
                    seen.add(struct.unpack("!H", rest[6:8])[0])
    who.close()
    other.close()


cases.check("own changes are told in short", own)
cases.check("a bundle is told when it is done", bundles)
cases.check("a controller that does not read", slow)
cases.end()
