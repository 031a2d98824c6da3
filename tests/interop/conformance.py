#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What conformance suites for OpenFlow try: each match behind other headers, on its way to a controller
and in a dump; headers in several layers; groups that spread.

    conformance.py RUNDIR VERSION      br0 has the dummy ports 1, 2 and 3
"""
import openflow
from bench import (OLD, VERSION, cases, control, desc, flow, fresh, leaves, ofp, out, p, padded, peer,
                   remember, seen)
from case_rows import A, B, NEW_MATCHES, OLD_ACTIONS, OLD_MATCHES, SET_FIELDS, ether, udp
from conformance_rows import LAYERS, MORE_SETS, OLD_SETS, PLAIN_MATCHES, THROUGH_TABLES
from os_ken.ofproto import ofproto_parser
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether

PBB, MPLS, VLAN = 0x88e7, 0x8847, 0x8100


def tagged(frame):
    return frame[:12] + bytes.fromhex("81006064") + frame[12:]


def labelled(frame):
    return frame[:12] + bytes.fromhex("884700064740") + frame[14:]


def carried(frame):
    return frame[:12] + bytes.fromhex("88e700000064") + frame


def type_of(fields):
    return fields.get("eth_type", 0x800)


def first_table(wrap, fields):
    """What takes the wrapping off before the second table, or None where the match sees through it."""
    if wrap == labelled:
        return flow(p.OFPMatch(eth_type=MPLS), [p.OFPActionPopMpls(type_of(fields))],
                    instructions=[p.OFPInstructionGotoTable(1)])
    if wrap == carried:
        return flow(p.OFPMatch(eth_type=PBB), [p.OFPActionPopPbb()],
                    instructions=[p.OFPInstructionGotoTable(1)])
    return None


def wrapped(wrap, fields, fits, differs):
    """The same packets match behind a tag, or what is left of them behind a label or a backbone."""
    take_off = first_table(wrap, fields)
    table = 1 if take_off else 0
    rules = [flow(p.OFPMatch(**fields), [out(2)], table=table)]
    if take_off:
        rules += [take_off, flow(p.OFPMatch(), [out(3)], priority=1, table=1)]
    fresh(*rules)
    for frame, port in ((fits, "p2"), (differs, "p3")):
        inner = bytes(frame).ljust(60, b"\0")
        leaves(wrap(inner), port, inner if take_off else wrap(inner))


def sets(wrap, fields, field, packet, make):
    """A field is set behind a tag, or in what is left behind a label or a backbone."""
    acts(wrap, fields, lambda _: p.OFPActionSetField(**field), packet, make)


def acts(wrap, fields, make_action, packet, make):
    take_off = first_table(wrap, fields)
    rules = [flow(p.OFPMatch(**fields), [make_action(p), out(2)], table=1)] if take_off else [
        flow(p.OFPMatch(**fields), [make_action(p), out(2)])]
    fresh(*rules, *([take_off] if take_off else []))
    before, after = (bytes(frame).ljust(60, b"\0") for frame in (packet, make(packet)))
    leaves(wrap(before), "p2", after if take_off else wrap(after))


def asks(fields, fits):
    fresh(flow(p.OFPMatch(**fields), [p.OFPActionOutput(ofp.OFPP_CONTROLLER, 0xffff)]))
    peer.does(p.OFPSetConfig(desc, 0, 0xffff))
    control.call("netdev-dummy/receive", "p1", padded(fits))
    message = peer.wait("OFPPacketIn")
    assert bytes(message.data).hex() == padded(fits), message


def as_bytes(match):
    data = bytearray()
    match.serialize(data, 0)
    return bytes(data)


def plain(match):
    """OpenFlow 1.0's, where 32 to 63 bits of an address may be said not to count: all."""
    told = match.to_jsondict()["OFPMatch"]
    for shift in (8, 14):
        if told["wildcards"] >> shift & 32:
            told["wildcards"] = told["wildcards"] & ~(63 << shift) | 32 << shift
    return told


def answer(request):
    reply = peer.ask(request)
    if VERSION == "14":
        reply = ofproto_parser.msg(desc, 5, 19, len(reply.buf), reply.xid, reply.buf)
    return reply.body


def dumped(fields):
    """A dump has the match as it was sent, byte for byte, and the same instructions."""
    rule = flow(p.OFPMatch(**fields), [out(2)])
    fresh(rule)
    if OLD:
        request = p.OFPFlowStatsRequest(desc, 0, p.OFPMatch(), 0xff, ofp.OFPP_NONE)
    else:
        request = p.OFPFlowStatsRequest(desc, 0, ofp.OFPTT_ALL, ofp.OFPP_ANY, ofp.OFPG_ANY, 0, 0,
                                        p.OFPMatch())
    found = [row for row in answer(request) if row.priority == 10]
    assert len(found) == 1, found
    if OLD:
        same = plain(found[0].match) == plain(rule.match)
        actions = found[0].actions, rule.actions
    else:
        same = as_bytes(found[0].match) == as_bytes(rule.match)
        actions = found[0].instructions[0].actions, rule.instructions[0].actions
    assert same, "%s\n%s" % (found[0].match, rule.match)
    assert [a.to_jsondict() for a in actions[0]] == [a.to_jsondict() for a in actions[1]], actions


def layered(fields, make_actions, before, after):
    fresh(flow(p.OFPMatch(**fields), make_actions(p) + [out(2)]))
    leaves(before, "p2", after)


def first_and_then(make_actions, instructions, fields, differs):
    """What the first table sets is seen by the second."""
    fresh(flow(p.OFPMatch(in_port=1), make_actions(p),
               instructions=instructions(p) + [p.OFPInstructionGotoTable(1)]),
          flow(p.OFPMatch(**fields), [out(2)], table=1),
          flow(p.OFPMatch(), [out(3)], table=1, priority=1))
    leaves(ether / udp, "p2")
    peer.does(flow(p.OFPMatch(**differs), [out(2)], table=1, priority=20))
    peer.does(flow(p.OFPMatch(**fields), [out(3)], table=1))
    leaves(ether / udp, "p3")


def bucket(port, number, weight):
    if VERSION == "15":
        weight = p.OFPGroupBucketPropWeight(weight=weight, length=8, type_=0)
        return p.OFPBucket(bucket_id=number, actions=[out(port)], properties=[weight])
    return p.OFPBucket(weight=weight, watch_port=ofp.OFPP_ANY, watch_group=ofp.OFPG_ANY,
                       actions=[out(port)])


def select(weights):
    fresh()
    buckets = [bucket(2 + i, i, weight) for i, weight in enumerate(weights)]
    more = (ofp.OFPG_BUCKET_ALL,) if VERSION == "15" else ()
    peer.does(p.OFPGroupMod(desc, ofp.OFPGC_ADD, ofp.OFPGT_SELECT, 1, *more, buckets))
    peer.does(flow(p.OFPMatch(in_port=1), [p.OFPActionGroup(1)]))


def counts_of(frames):
    """{port: how many of the frames have left by it}, once all have."""
    frames = [padded(frame) for frame in frames]
    # So many at once may wait for translation.
    for i in range(0, len(frames), 25):
        control.call("netdev-dummy/receive", "p1", *frames[i:i + 25])
        control.call("dummy/wait")
    openflow.eventually(lambda: sum(map(len, remember().values())) == len(frames))
    found = {port: len(sent) for port, sent in seen.items()}
    seen.clear()
    return found


def spreads(weights, frames):
    """Of 300 packets that differ in one thing each port gets its share, give or take luck: the least
    likely of these bounds is more than five standard deviations away."""
    select(weights)
    found = counts_of(frames)
    for port, weight in zip(("p2", "p3"), weights):
        share = len(frames) * weight / sum(weights)
        assert share - 50 < found.get(port, 0) < share + 50, found


def selects(method, frames, stays):
    """A method hashes what it names, or all that makes a connection."""
    openflow.run("ofctl", "del-groups", "br0")
    fresh()
    openflow.run("ofctl", "-O", "OpenFlow" + VERSION, "add-group", "br0",
                 "group_id=1,type=select,selection_method=" + method +
                 ",bucket=bucket_id:1,weight:10,output:2,bucket=bucket_id:2,weight:10,output:3")
    openflow.run("ofctl", "-O", "OpenFlow" + VERSION, "add-flow", "br0",
                 "priority=10,in_port=1,actions=group:1")
    found = counts_of(frames)
    assert (len(found) == 1) == stays, found


def mac(i):
    return "02:00:00:%02x:%02x:%02x" % (i, i * 7 % 251, i * 13 % 241)


def frames_by(what):
    rows = {
        "MAC": lambda i: Ether(src=mac(i % 250), dst=mac(i // 250 + 3)) / udp,
        "MAC of no protocol": lambda i: Ether(src=mac(i % 250), dst=mac(i // 250 + 3), type=0x9999),
        "IPv4": lambda i: ether / IP(src="10.0.%d.%d" % (i // 250, i % 250 + 1), dst="10.4.5.6") / TCP(),
        "IPv6": lambda i: ether / IPv6(src="2001:db8::%x" % (i + 1), dst="2001:db8::2") / TCP(),
        "ARP": lambda i: ether / ARP(psrc="10.0.%d.%d" % (i // 250, i % 250 + 1), pdst="10.4.5.6",
                                     hwsrc=A, hwdst=B),
        "port": lambda i: ether / IP(src="10.1.2.3", dst="10.4.5.6") / TCP(sport=1000 + i, dport=80),
    }
    return [rows[what](i) for i in range(300)]


def name_of(fields):
    return ",".join("%s=%s" % item for item in fields.items())


def of_packet(row):
    """Whether the row is about a packet that can be behind something else."""
    return row[2] is not None and not any(
        name in row[0] for name in ("vlan_vid", "vlan_pcp", "dl_vlan", "mpls_label", "mpls_tc",
                                    "mpls_bos", "in_port", "pbb_isid", "pbb_uca"))


def plainly(frame):
    return frame


def can_be_behind(wrap, fields, field):
    """Whether the field can be set in a packet that has this in front."""
    if wrap == plainly:
        return True
    if "eth_type" in field or any(name in fields for name in ("vlan_vid", "dl_vlan")):
        return False
    if wrap == tagged:
        return True
    return "eth_type" in fields and (wrap == carried or fields["eth_type"] != MPLS)


ROWS = OLD_MATCHES if OLD else NEW_MATCHES + PLAIN_MATCHES(VERSION)
for row in ROWS:
    cases.check("%s: %s for a controller" % (VERSION, name_of(row[0])), asks, row[0], row[1])
    if VERSION != "15":  # os-ken cannot read 1.5's own
        cases.check("%s: %s in a dump" % (VERSION, name_of(row[0])), dumped, row[0])
for row in PLAIN_MATCHES(VERSION):
    cases.check("%s: %s" % (VERSION, name_of(row[0])), wrapped, plainly, *row)
for row in filter(of_packet, ROWS):
    for wrap in (tagged,) if OLD else (tagged, labelled, carried):
        # Only what is known by its type can be behind a label, and it is that type then.
        if wrap != labelled or ("eth_type" in row[0] and len(row[0]) > 1):
            cases.check("%s: %s %s" % (VERSION, name_of(row[0]), wrap.__name__), wrapped, wrap, *row)
for method, thing, stays in (("hash,fields(ip_src)", "port", True), ("dp_hash", "port", False),
                             ("hash,fields(ip_src)", "IPv4", False)):
    cases.check("%s: select with %s by %s" % (VERSION, method, thing), selects, method,
                frames_by(thing)[:50], stays)
if OLD:
    for name, *row in OLD_SETS + [(row[0], {}, *row[1:]) for row in OLD_ACTIONS if "vlan" not in row[0]]:
        for wrap in (plainly, tagged):
            cases.check("10: %s %s" % (name, wrap.__name__), acts, wrap, *row)
else:
    # What is behind what is the same in all versions.
    for wrap in (plainly,) + ((tagged, labelled, carried) if VERSION == "13" else ()):
        for row in (MORE_SETS if wrap == plainly else SET_FIELDS + MORE_SETS):
            if can_be_behind(wrap, row[0], row[1]):
                cases.check("%s: set %s of %s %s" % (VERSION, name_of(row[1]), name_of(row[0]),
                                                     wrap.__name__), sets, wrap, *row)
    for name, *row in LAYERS(VERSION):
        cases.check("%s: %s" % (VERSION, name), layered, *row)
    for name, *row in THROUGH_TABLES:
        cases.check("%s: %s" % (VERSION, name), first_and_then, *row)
    for shares in ((1, 1), (2, 1)):
        for thing in ("MAC", "MAC of no protocol", "IPv4", "IPv6", "ARP", "port"):
            cases.check("%s: select %s:%s by %s" % (VERSION, *shares, thing), spreads, shares,
                        frames_by(thing))
cases.end()
