#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Asynchronous messages: who gets which, by role and by configuration.

    async.py RUNDIR"""
import struct
import sys

import openflow
from openflow import Peer, run

RUNDIR = sys.argv[1]
MGMT = RUNDIR + "/br0.mgmt"
cases = openflow.Cases()


def peer(version):
    made = Peer(MGMT, version)
    made.does(made.p.OFPSetConfig(made.desc, 0, 128))
    return made


def add_rule(who, **more):
    ofp, p = who.o, who.p
    args = {"command": ofp.OFPFC_ADD, "flags": ofp.OFPFF_SEND_FLOW_REM, "priority": 5}
    args.update(more)
    if ofp.OFP_VERSION == 1:
        who.does(p.OFPFlowMod(who.desc, match=p.OFPMatch(in_port=1), cookie=1, actions=[], **args))
    else:
        who.does(p.OFPFlowMod(who.desc, match=p.OFPMatch(in_port=1), cookie=1, instructions=[],
                              **args))


def delete_rule(who):
    ofp, p = who.o, who.p
    args = {"command": ofp.OFPFC_DELETE, "out_port": getattr(ofp, "OFPP_ANY", 0xffff)}
    if ofp.OFP_VERSION == 1:
        who.does(p.OFPFlowMod(who.desc, match=p.OFPMatch(in_port=1), cookie=0, actions=[], **args))
    else:
        who.does(p.OFPFlowMod(who.desc, match=p.OFPMatch(in_port=1), table_id=ofp.OFPTT_ALL,
                              out_group=ofp.OFPG_ANY, instructions=[], **args))


def warp(ms):
    run("appctl", "time/warp", str(ms))


def timeouts(version):
    who = peer(version)
    add_rule(who, idle_timeout=10)
    warp(11000)
    removed = who.wait("OFPFlowRemoved")
    assert removed.reason == who.o.OFPRR_IDLE_TIMEOUT, removed
    add_rule(who, hard_timeout=10)
    warp(11000)
    removed = who.wait("OFPFlowRemoved")
    assert removed.reason == who.o.OFPRR_HARD_TIMEOUT, removed
    if version == "15":
        seconds = removed.stats["duration"][0]
    else:
        seconds = removed.duration_sec
    assert 11 <= seconds < 20, seconds
    add_rule(who)
    add_rule(who)
    who.hears_nothing("OFPFlowRemoved")
    delete_rule(who)
    removed = who.wait("OFPFlowRemoved")
    assert removed.reason == who.o.OFPRR_DELETE and removed.priority == 5, removed
    add_rule(who, flags=0)
    delete_rule(who)
    who.hears_nothing("OFPFlowRemoved")
    who.close()


def groups(version):
    who = peer(version)
    p, ofp = who.p, who.o
    who.does(p.OFPGroupMod(who.desc, ofp.OFPGC_ADD, ofp.OFPGT_ALL, 7, buckets=[]))
    go = p.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, [p.OFPActionGroup(7)])
    who.does(p.OFPFlowMod(who.desc, match=p.OFPMatch(in_port=1), flags=ofp.OFPFF_SEND_FLOW_REM,
                          instructions=[go]))
    who.does(p.OFPGroupMod(who.desc, ofp.OFPGC_DELETE, ofp.OFPGT_ALL, 7, buckets=[]))
    removed = who.wait("OFPFlowRemoved")
    assert removed.reason == 3, removed
    if version != "13":
        band = p.OFPMeterBandDrop(rate=1, burst_size=1)
        who.does(p.OFPMeterMod(who.desc, ofp.OFPMC_ADD, ofp.OFPMF_PKTPS, 3, [band]))
        if version == "15":
            use = p.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, [p.OFPActionMeter(3)])
        else:
            use = p.OFPInstructionMeter(3)
        who.does(p.OFPFlowMod(who.desc, match=p.OFPMatch(in_port=1), flags=ofp.OFPFF_SEND_FLOW_REM,
                              instructions=[use]))
        who.does(p.OFPMeterMod(who.desc, ofp.OFPMC_DELETE, ofp.OFPMF_PKTPS, 3, []))
        removed = who.wait("OFPFlowRemoved")
        assert removed.reason == 4, removed
    who.close()


def roles(version):
    one, two = peer(version), peer(version)
    p, ofp = one.p, one.o
    reply = one.ask(p.OFPRoleRequest(one.desc, ofp.OFPCR_ROLE_NOCHANGE, generation_id=0))
    assert reply.role == ofp.OFPCR_ROLE_EQUAL, reply
    reply = one.ask(p.OFPRoleRequest(one.desc, ofp.OFPCR_ROLE_MASTER, generation_id=roles.next))
    assert reply.role == ofp.OFPCR_ROLE_MASTER and reply.generation_id == roles.next, reply
    reply = two.refuses(p.OFPRoleRequest(two.desc, ofp.OFPCR_ROLE_MASTER,
                                         generation_id=roles.next - 1), 11, 0)
    roles.next += 1
    reply = two.ask(p.OFPRoleRequest(two.desc, ofp.OFPCR_ROLE_MASTER, generation_id=roles.next))
    assert reply.role == ofp.OFPCR_ROLE_MASTER, reply
    reply = one.ask(p.OFPRoleRequest(one.desc, ofp.OFPCR_ROLE_NOCHANGE, generation_id=0))
    assert reply.role == ofp.OFPCR_ROLE_SLAVE, reply
    if version != "13":
        told = one.wait("OFPRoleStatus")
        assert (told.role, told.reason, told.generation_id) == (3, 0, roles.next), told
        two.hears_nothing("OFPRoleStatus")
    one.refuses(p.OFPFlowMod(one.desc, match=p.OFPMatch(in_port=1), instructions=[]), 1, 10)
    add_rule(two)
    delete_rule(two)
    two.wait("OFPFlowRemoved")
    one.hears_nothing("OFPFlowRemoved")
    roles.next += 1
    one.close()
    two.close()


roles.next = 100


def masks13():
    one, two = peer("13"), peer("13")
    p, ofp = one.p, one.o
    reply = one.ask(p.OFPGetAsyncRequest(one.desc))
    assert reply.packet_in_mask == [3, 0] and reply.port_status_mask == [7, 7], reply
    assert reply.flow_removed_mask == [15, 0], reply
    one.does(p.OFPSetAsync(one.desc, packet_in_mask=[1, 0], port_status_mask=[0, 3],
                           flow_removed_mask=[1 << ofp.OFPRR_HARD_TIMEOUT, 0]))
    reply = one.ask(p.OFPGetAsyncRequest(one.desc))
    assert reply.packet_in_mask == [1, 0] and reply.port_status_mask == [0, 3], reply
    assert reply.flow_removed_mask == [2, 0], reply
    add_rule(two)
    delete_rule(two)
    two.wait("OFPFlowRemoved")
    one.hears_nothing("OFPFlowRemoved")
    add_rule(two, hard_timeout=5)
    warp(6000)
    two.wait("OFPFlowRemoved")
    one.wait("OFPFlowRemoved")
    run("vsctl", "add-port", "br0", "p9", "--", "set", "Interface", "p9", "type=dummy")
    two.wait("OFPPortStatus")
    one.hears_nothing("OFPPortStatus")
    run("vsctl", "del-port", "p9")
    one.close()
    two.close()


def properties(version):
    one = peer(version)
    kind, get = 28, 26
    one.raw(kind, struct.pack("!HHI", 1, 8, 0x21) + struct.pack("!HHI", 8, 8, 0x18))
    reply = one.ask_raw(get)
    data = bytes(reply.buf)[8:]
    found = {}
    while data:
        number, size, mask = struct.unpack("!HHI", data[:8])
        found[number] = mask
        data = data[size:]
    assert found[1] == 0x21 and found[8] == 0x18 and found[3] == 7, found
    # An unknown reason, an unknown property, one that is too short: and nothing changes.
    for body, error in ((struct.pack("!HHI", 1, 8, 0) + struct.pack("!HHI", 3, 8, 0xff), (15, 0)),
                        (struct.pack("!HHI", 77, 8, 1), (14, 0)),
                        (struct.pack("!HHI", 1, 6, 0), (14, 1))):
        reply = one.ask_raw(kind, body)
        assert (reply.type, reply.code) == error, reply
    assert bytes(one.ask_raw(get).buf)[12:16] == bytes(4)
    one.close()


def nicira():
    """OpenFlow 1.0: roles and masks are Nicira's."""
    one, two = peer("10"), peer("10")
    vendor = struct.pack("!I", 0x2320)
    reply = one.ask_raw(4, vendor + struct.pack("!II", 10, 1))
    assert bytes(reply.buf)[16:20] == struct.pack("!I", 1), reply
    two.raw(4, vendor + struct.pack("!I6I", 19, 0, 0, 0, 0, 2, 0))
    two.raw(4, vendor + struct.pack("!II", 12, 2))
    add_rule(two, hard_timeout=5)
    warp(6000)
    one.wait("OFPFlowRemoved")
    removed = two.find(lambda m: m.msg_type == 4, "Nicira's flow_removed")
    assert bytes(removed.buf)[8:16] == vendor + struct.pack("!I", 14), removed
    run("vsctl", "add-port", "br0", "p9", "--", "set", "Interface", "p9", "type=dummy")
    one.wait("OFPPortStatus")
    two.hears_nothing("OFPPortStatus")
    run("vsctl", "del-port", "p9")
    one.close()
    two.close()


def link():
    who = peer("14")
    run("appctl", "netdev-dummy/set-admin-state", "p2", "down")
    told = who.wait("OFPPortStatus")
    assert told.reason == who.o.OFPPR_MODIFY and told.desc.state == who.o.OFPPS_LINK_DOWN, told
    run("appctl", "netdev-dummy/set-admin-state", "p2", "up")
    told = who.wait("OFPPortStatus")
    assert told.desc.state == who.o.OFPPS_LIVE, told
    who.close()


run("appctl", "time/stop")
for v in ("10", "13", "14", "15"):
    cases.check("%s: timeouts are told" % v, timeouts, v)
for v in ("13", "14", "15"):
    cases.check("%s: rules go with their group and meter" % v, groups, v)
    cases.check("%s: roles" % v, roles, v)
cases.check("13: masks by role", masks13)
for v in ("14", "15"):
    cases.check("%s: masks as properties" % v, properties, v)
cases.check("10: Nicira's roles and masks", nicira)
cases.check("a link goes down and up", link)
cases.end()
