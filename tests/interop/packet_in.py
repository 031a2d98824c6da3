#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Packets that are paused, changed by their controller, and go on.

    packet_in.py RUNDIR"""
import struct
import sys

import openflow
from openflow import Peer, run

RUNDIR = sys.argv[1]
MGMT = RUNDIR + "/br0.mgmt"
NICIRA = struct.pack("!I", 0x2320)
PACKET, COOKIE, REASON, METADATA, USERDATA, CONTINUATION = 0, 4, 5, 6, 7, 8
FRAME = bytes.fromhex("0000000000020000000000018888") + bytes(46)
cases = openflow.Cases()


def flow(text):
    run("ofctl", "add-flow", "br0", text)


def receive(frame=FRAME, port="p1"):
    run("appctl", "netdev-dummy/receive", port, frame.hex())


def sent(port):
    """What has left through the port since the last time."""
    return run("appctl", "dummy/sent", port).split()


def peer(version):
    run("ofctl", "del-flows", "br0")
    sent("p2")
    sent("p1")
    made = Peer(MGMT, version)
    made.does(made.p.OFPSetConfig(made.desc, 0, 128))
    made.raw(4, NICIRA + struct.pack("!II", 16, 2))
    made.barrier()
    return made


def properties(message):
    data, found = bytes(message.buf)[16:], {}
    while data:
        kind, size = struct.unpack("!HH", data[:4])
        found[kind] = data[4:size]
        data = data[(size + 7) // 8 * 8:]
    return found


def paused(who):
    message = who.find(lambda m: m.msg_type == 4, "Nicira's packet_in")
    found = properties(message)
    assert CONTINUATION in found, found
    return found


def prop(kind, data):
    return struct.pack("!HH", kind, 4 + len(data)) + data + bytes(-(4 + len(data)) % 8)


def resume(who, found, **changes):
    packet = changes.get("packet", found[PACKET])
    metadata = changes.get("metadata", found[METADATA])
    who.raw(4, NICIRA + struct.pack("!I", 28) + prop(PACKET, packet) + prop(METADATA, metadata) +
            prop(CONTINUATION, found[CONTINUATION]))
    who.barrier()


def left(port, frame):
    got = []

    def there():
        got.extend(sent(port))
        return frame.hex() in got
    openflow.eventually(there)


def goes_on(version):
    who = peer(version)
    flow("in_port=1,actions=load:7->NXM_NX_REG0[],resubmit(,1),load:1->NXM_NX_REG4[],"
         "resubmit(,2),mod_dl_src:00:00:00:00:00:09,output:2")
    flow("table=1,reg0=7,actions=push:NXM_NX_REG0[],controller(pause,userdata=01.02),"
         "pop:NXM_NX_REG1[],resubmit(,3)")
    flow("table=3,reg1=7,actions=load:8->NXM_NX_REG0[]")
    flow("table=2,reg0=8,reg4=1,actions=mod_dl_dst:00:00:00:00:00:08")
    receive()
    found = paused(who)
    assert found[USERDATA] == b"\1\2" and found[PACKET] == FRAME, found
    assert not sent("p2")
    changed = FRAME[:14] + b"changed" + FRAME[21:]
    resume(who, found, packet=changed)
    left("p2", bytes.fromhex("000000000008000000000009") + changed[12:])
    who.close()


def metadata(version):
    """The controller may write to registers; tables see it."""
    who = peer(version)
    flow("in_port=1,actions=controller(pause),resubmit(,4)")
    flow("table=4,reg5=0x11223344,actions=output:2")
    receive()
    found = paused(who)
    reg5 = struct.pack("!HBBI", 1, 5 << 1, 4, 0x11223344)
    resume(who, found, metadata=found[METADATA] + reg5)
    left("p2", FRAME)
    who.close()


def action_set():
    who = peer("13")
    run("ofctl", "-O", "OpenFlow13", "add-flow", "br0",
        "in_port=1,actions=write_actions(set_field:00:00:00:00:00:05->eth_src,output:2),goto_table:1")
    flow("table=1,actions=controller(pause)")
    receive()
    found = paused(who)
    resume(who, found)
    left("p2", FRAME[:6] + bytes.fromhex("000000000005") + FRAME[12:])
    who.close()


def clones():
    """Only the copy waits."""
    who = peer("13")
    flow("in_port=1,actions=clone(controller(pause),mod_dl_src:00:00:00:00:00:03,output:2),output:2")
    receive()
    left("p2", FRAME)
    resume(who, paused(who))
    left("p2", FRAME[:6] + bytes.fromhex("000000000003") + FRAME[12:])
    who.close()


def again():
    """A packet may be paused more than once."""
    who = peer("13")
    flow("in_port=1,actions=resubmit(,1),output:2")
    flow("table=1,actions=controller(pause,userdata=01),controller(pause,userdata=02)")
    receive()
    found = paused(who)
    assert found[USERDATA] == b"\1", found
    resume(who, found)
    found = paused(who)
    assert found[USERDATA] == b"\2", found
    assert not sent("p2")
    resume(who, found)
    left("p2", FRAME)
    who.close()


def long_userdata():
    who = peer("13")
    data = bytes(range(200)) * 5
    flow("in_port=1,actions=controller(pause,userdata=%s),output:2" % data.hex("."))
    receive()
    found = paused(who)
    assert found[USERDATA] == data
    resume(who, found)
    left("p2", FRAME)
    who.close()


def nonsense():
    who = peer("13")
    flow("in_port=1,actions=controller(pause),output:2")
    receive()
    found = paused(who)
    note = found[CONTINUATION]
    head = NICIRA + struct.pack("!I", 28) + prop(PACKET, FRAME) + prop(METADATA, found[METADATA])
    for i in range(len(note)):
        for bad in (note[:i], note[:i] + bytes([note[i] ^ 0xff]) + note[i + 1:]):
            who.raw(4, head + prop(CONTINUATION, bad))
    who.raw(4, head)
    who.barrier()
    errors = [m for m in who.inbox if type(m).__name__.startswith("OFPError")]
    assert errors, who.inbox
    stale = [m for m in errors if (m.type, getattr(m, "exp_type", m.code)) == (0xffff, 35)]
    assert stale, errors
    who.close()


def reasons():
    who = peer("14")
    p, ofp = who.p, who.o
    ask = p.OFPActionOutput(ofp.OFPP_CONTROLLER)
    who.does(p.OFPGroupMod(who.desc, ofp.OFPGC_ADD, ofp.OFPGT_ALL, 5, [p.OFPBucket(actions=[ask])]))
    for actions, wanted in (("controller", 1), ("write_actions(controller)", 3), ("group:5", 4)):
        run("ofctl", "-O", "OpenFlow14", "del-flows", "br0")
        run("ofctl", "-O", "OpenFlow14", "add-flow", "br0", "in_port=1,actions=" + actions)
        receive()
        message = who.find(lambda m: m.msg_type == 4, "Nicira's packet_in")
        found = properties(message)
        assert found[REASON][0] == wanted, (actions, found)
    who.send(p.OFPPacketOut(who.desc, ofp.OFP_NO_BUFFER, ofp.OFPP_CONTROLLER, [ask], FRAME))
    found = properties(who.find(lambda m: m.msg_type == 4, "Nicira's packet_in"))
    assert found[REASON][0] == 5, found
    who.does(p.OFPGroupMod(who.desc, ofp.OFPGC_DELETE, ofp.OFPGT_ALL, ofp.OFPG_ALL))
    who.close()


def used_up():
    """Only who asks for them gets packets whose TTL is used up."""
    who = peer("13")
    p = who.p
    frame = FRAME[:12] + bytes.fromhex("0800 4500002e 00000000 01fd65cc 0a000001 0a000002") + bytes(26)
    flow("ip,in_port=1,actions=dec_ttl,output:2")
    receive(frame)
    run("appctl", "dummy/wait")
    who.does(p.OFPSetAsync(who.desc, packet_in_mask=[7, 0], port_status_mask=[0, 0],
                           flow_removed_mask=[0, 0]))
    receive(frame)
    found = properties(who.find(lambda m: m.msg_type == 4, "Nicira's packet_in"))
    assert found[REASON][0] == 2 and found[PACKET] == frame, found
    assert not [m for m in who.inbox if m.msg_type == 4], who.inbox
    who.close()


for v in ("10", "13", "15"):
    cases.check("%s: a paused packet goes on where it was" % v, goes_on, v)
    cases.check("%s: a controller writes registers" % v, metadata, v)
cases.check("the action set waits too", action_set)
cases.check("a clone is paused alone", clones)
cases.check("a packet is paused twice", again)
cases.check("much userdata", long_userdata)
cases.check("continuations that make no sense", nonsense)
cases.check("reasons", reasons)
cases.check("packets whose TTL is used up", used_up)
cases.end()
