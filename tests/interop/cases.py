#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Matches, actions and groups, case by case, with packets: rules made by os-ken, the rows in case_rows.py.

    cases.py RUNDIR VERSION      br0 has the dummy ports 1, 2 and 3

What a rule matches leaves through port 2, everything else through port 3.
"""
import openflow
from bench import (OLD, VERSION, cases, control, desc, flow, fresh, leaves, ofp, out, p, padded, peer,
                   remember, seen)
from case_rows import (A, C, NEW_ACTIONS, NEW_MATCHES, OLD_ACTIONS, OLD_MATCHES, SET_FIELDS, arp,
                       changed, ether, udp)
from os_ken.ofproto import ofproto_parser
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether


def matches(fields, fits, differs):
    fresh(flow(p.OFPMatch(**fields), [out(2)]))
    leaves(fits, "p2")
    if differs is not None:
        leaves(differs, "p3")


def sets(fields, field, packet, make):
    fresh(flow(p.OFPMatch(**fields), [p.OFPActionSetField(**field), out(2)]))
    leaves(packet, "p2", make(packet))


def acts(make_action, packet, make, fields=None):
    fresh(flow(p.OFPMatch(**(fields or {})), [make_action(p), out(2)]))
    leaves(packet, "p2", make(packet))


def table_counts():
    reply = peer.ask(p.OFPTableStatsRequest(desc, 0))
    if VERSION == "14":
        reply = ofproto_parser.msg(desc, 5, 19, len(reply.buf), reply.xid, reply.buf)
    return [(t.lookup_count, t.matched_count) for t in reply.body if t.table_id < 2]


def counted():
    """Each table counts what was looked up there, and for how much of it there was a rule."""
    if OLD:
        peer.send(p.OFPFlowMod(desc, p.OFPMatch(), 0, ofp.OFPFC_DELETE))
        peer.does(flow(p.OFPMatch(dl_type=0x806), [out(2)]))
    else:
        fresh()
        peer.send(p.OFPFlowMod(desc, table_id=0, command=ofp.OFPFC_DELETE, out_port=ofp.OFPP_ANY,
                               out_group=ofp.OFPG_ANY))
        peer.does(flow(p.OFPMatch(eth_type=0x806), [], instructions=[p.OFPInstructionGotoTable(1)]))
    before = table_counts()
    control.call("netdev-dummy/receive", "p1", padded(ether / udp))
    openflow.eventually(lambda: table_counts()[0] == (before[0][0] + 1, before[0][1]))
    for _ in range(3):
        control.call("netdev-dummy/receive", "p1", padded(ether / arp))
    openflow.eventually(lambda: table_counts()[0] == (before[0][0] + 4, before[0][1] + 3))
    if not OLD:
        openflow.eventually(lambda: table_counts()[1] == (before[1][0] + 3, before[1][1]))


# Outputs, tables, groups.

def floods(port):
    fresh(flow(p.OFPMatch(in_port=1), [out(port)]))
    control.call("netdev-dummy/receive", "p1", padded(ether / udp))
    openflow.eventually(lambda: len(remember()) == 2)
    found = dict(seen)
    seen.clear()
    assert found == {"p2": [padded(ether / udp)], "p3": [padded(ether / udp)]}, found


def returns():
    fresh(flow(p.OFPMatch(in_port=1), [out(ofp.OFPP_IN_PORT)]))
    leaves(ether / udp, "p1")


def never_back():
    """Output to the port it came from does nothing."""
    fresh(flow(p.OFPMatch(in_port=1), [out(1), out(2)]))
    leaves(ether / udp, "p2")


def asks():
    fresh(flow(p.OFPMatch(in_port=1), [p.OFPActionOutput(ofp.OFPP_CONTROLLER, 0xffff)]))
    peer.does(p.OFPSetConfig(desc, 0, 0xffff))
    control.call("netdev-dummy/receive", "p1", padded(ether / udp))
    message = peer.wait("OFPPacketIn")
    assert bytes(message.data).hex() == padded(ether / udp), message


def through_tables():
    fresh(flow(p.OFPMatch(in_port=1), [p.OFPActionSetField(eth_dst=C)],
               instructions=[p.OFPInstructionWriteMetadata(7, 0xff), p.OFPInstructionGotoTable(5)]),
          flow(p.OFPMatch(metadata=7, eth_dst=C), [out(2)], table=5))
    leaves(ether / udp, "p2", changed(ether / udp, Ether, dst=C))


def written():
    """The action set is done at the end, in its own order."""
    write = p.OFPInstructionActions(ofp.OFPIT_WRITE_ACTIONS, [
        out(2), p.OFPActionSetField(eth_dst=C)])
    fresh(flow(p.OFPMatch(in_port=1), [], instructions=[write]))
    leaves(ether / udp, "p2", changed(ether / udp, Ether, dst=C))


def cleared():
    write = p.OFPInstructionActions(ofp.OFPIT_WRITE_ACTIONS, [out(3)])
    clear = p.OFPInstructionActions(ofp.OFPIT_CLEAR_ACTIONS, [])
    later = p.OFPInstructionActions(ofp.OFPIT_WRITE_ACTIONS, [out(2)])
    fresh(flow(p.OFPMatch(in_port=1), [], instructions=[write, p.OFPInstructionGotoTable(1)]),
          flow(p.OFPMatch(), [], table=1, instructions=[clear, later]))
    leaves(ether / udp, "p2")


def bucket(actions, number=0, weight=0, watch=None):
    if VERSION == "15":
        properties = [p.OFPGroupBucketPropWeight(weight=weight, length=8, type_=0)] if weight else []
        if watch:
            properties.append(p.OFPGroupBucketPropWatch(type_=1, length=8, watch=watch))
        return p.OFPBucket(bucket_id=number, actions=actions, properties=properties)
    return p.OFPBucket(weight=weight, watch_port=watch or ofp.OFPP_ANY, watch_group=ofp.OFPG_ANY,
                       actions=actions)


def group(kind, buckets, number=1):
    if VERSION == "15":
        return p.OFPGroupMod(desc, ofp.OFPGC_ADD, kind, number, ofp.OFPG_BUCKET_ALL, buckets)
    return p.OFPGroupMod(desc, ofp.OFPGC_ADD, kind, number, buckets)


def to_group(*groups):
    fresh()
    for message in groups:
        peer.does(message)
    peer.does(flow(p.OFPMatch(in_port=1), [p.OFPActionGroup(1)]))


def group_all():
    to_group(group(ofp.OFPGT_ALL, [bucket([p.OFPActionSetField(eth_dst=C), out(2)]),
                                   bucket([out(3)], 1)]))
    control.call("netdev-dummy/receive", "p1", padded(ether / udp))
    openflow.eventually(lambda: len(remember()) == 2)
    found = dict(seen)
    seen.clear()
    assert found == {"p2": [padded(Ether(src=A, dst=C) / udp)], "p3": [padded(ether / udp)]}, found


def group_select():
    """Each packet leaves once; many of them through both ports."""
    to_group(group(ofp.OFPGT_SELECT, [bucket([out(2)], 0, 10), bucket([out(3)], 1, 10)]))
    for i in range(64):
        control.call("netdev-dummy/receive", "p1", padded(ether / IP(src="10.0.0.%d" % i) / UDP()))
    openflow.eventually(lambda: sum(map(len, remember().values())) == 64)
    found = dict(seen)
    seen.clear()
    assert set(found) == {"p2", "p3"}, {port: len(frames) for port, frames in found.items()}


def group_indirect():
    to_group(group(ofp.OFPGT_INDIRECT, [bucket([out(2)])]))
    leaves(ether / udp, "p2")


def group_failover():
    to_group(group(ofp.OFPGT_FF, [bucket([out(2)], 0, 0, 2), bucket([out(3)], 1, 0, 3)]))
    leaves(ether / udp, "p2")


def group_chain():
    to_group(group(ofp.OFPGT_INDIRECT, [bucket([out(2)])], 2),
             group(ofp.OFPGT_INDIRECT, [bucket([p.OFPActionGroup(2)])], 1))
    leaves(ether / udp, "p2")


def name_of(fields):
    return ",".join("%s=%s" % item for item in fields.items())


for row in OLD_MATCHES if OLD else NEW_MATCHES:
    cases.check("%s: match %s" % (VERSION, name_of(row[0])), matches, *row)
for row in [] if OLD else SET_FIELDS:
    cases.check("%s: set %s" % (VERSION, name_of(row[1])), sets, *row)
for row in OLD_ACTIONS if OLD else NEW_ACTIONS:
    cases.check("%s: %s" % (VERSION, row[0]), acts, *row[1:])
for place in ("ALL", "FLOOD"):
    cases.check("%s: output to %s" % (VERSION, place), floods, getattr(ofp, "OFPP_" + place))
for test in (counted, returns, never_back, asks) + (() if OLD else (
        through_tables, written, cleared, group_all, group_select, group_indirect, group_failover,
        group_chain)):
    cases.check("%s: %s" % (VERSION, test.__name__.replace("_", " ")), test)
cases.end()
