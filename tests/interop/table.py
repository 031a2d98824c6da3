#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What controllers are told about tables that get full, and about what others change.

    table.py RUNDIR"""
import struct
import sys

import openflow
from openflow import Peer, run

MGMT = sys.argv[1] + "/br0.mgmt"
EVICTION, VACANCY = 4, 8
cases = openflow.Cases()


def peer(version):
    who = Peer(MGMT, version)
    who.does(who.p.OFPSetConfig(who.desc, 0, 128))
    return who


def table_mod(who, table, config, properties=b""):
    return who.raw(17, struct.pack("!B3xI", table, config) + properties)


def vacancy(down, up):
    return struct.pack("!HHBBBx", 3, 8, down, up, 0)


def flows(who, command, priorities):
    ofp, p = who.o, who.p
    for priority in priorities:
        who.send(p.OFPFlowMod(who.desc, table_id=5, command=command, priority=priority,
                              out_port=ofp.OFPP_ANY, out_group=ofp.OFPG_ANY,
                              flags=ofp.OFPFF_SEND_FLOW_REM, match=p.OFPMatch(),
                              instructions=[]))
    who.barrier()


def events(version):
    who = peer(version)
    ofp = who.o
    run("vsctl", "--id=@t", "create", "Flow_Table", "flow_limit=10", "--", "set", "bridge", "br0",
        "flow_tables:5=@t")
    table_mod(who, 5, VACANCY, vacancy(30, 60))
    flows(who, ofp.OFPFC_ADD, range(1, 8))
    who.hears_nothing("OFPTableStatus")
    flows(who, ofp.OFPFC_ADD, range(8, 10))
    told = who.wait("OFPTableStatus")
    assert (told.reason, told.table.table_id) == (3, 5), told
    flows(who, ofp.OFPFC_ADD, range(10, 11))
    flows(who, ofp.OFPFC_DELETE_STRICT, range(5, 11))
    who.hears_nothing("OFPTableStatus")
    flows(who, ofp.OFPFC_DELETE_STRICT, range(4, 5))
    told = who.wait("OFPTableStatus")
    assert (told.reason, told.table.table_id) == (4, 5), told
    flows(who, ofp.OFPFC_DELETE, [0])
    table_mod(who, 5, 0)
    run("vsctl", "clear", "bridge", "br0", "flow_tables")
    who.close()


def evicted():
    who = peer("14")
    run("vsctl", "--id=@t", "create", "Flow_Table", "flow_limit=2", "--", "set", "bridge", "br0",
        "flow_tables:5=@t")
    table_mod(who, 5, EVICTION)
    flows(who, who.o.OFPFC_ADD, range(1, 4))
    removed = who.wait("OFPFlowRemoved")
    assert removed.reason == 5, removed
    flows(who, who.o.OFPFC_DELETE, [0])
    table_mod(who, 255, 0)
    run("vsctl", "clear", "bridge", "br0", "flow_tables")
    who.close()


def refused():
    who = peer("14")
    for table, config, properties, error in (
            (254, 0, b"", (8, 0)), (3, 0x100, b"", (8, 1)),
            (3, VACANCY, vacancy(70, 30), (14, 2)), (3, VACANCY, vacancy(0, 101), (14, 2)),
            (3, 0, struct.pack("!HHI", 9, 8, 0), (14, 0)),
            (3, 0, struct.pack("!HHHxx", 2, 6, 0), (14, 1))):
        reply = who.answer(table_mod(who, table, config, properties))
        assert (reply.type, reply.code) == error, (table, config, reply)
    who.close()


def forwarded():
    one, two = peer("14"), peer("14")
    p, ofp = one.p, one.o
    one.does(p.OFPGroupMod(one.desc, ofp.OFPGC_ADD, ofp.OFPGT_ALL, 77, []))
    two.hears_nothing("OFPRequestForward")
    two.raw(28, struct.pack("!HHI", 11, 8, 3))
    two.barrier()
    xid = one.send(p.OFPGroupMod(one.desc, ofp.OFPGC_DELETE, ofp.OFPGT_ALL, 77, []))
    one.barrier()
    told = two.wait("OFPRequestForward")
    assert type(told.request).__name__ == "OFPGroupMod" and told.request.xid == xid, told
    band = p.OFPMeterBandDrop(rate=1, burst_size=1)
    one.does(p.OFPMeterMod(one.desc, ofp.OFPMC_ADD, ofp.OFPMF_PKTPS, 3, [band]))
    told = two.wait("OFPRequestForward")
    assert type(told.request).__name__ == "OFPMeterMod", told
    one.does(p.OFPMeterMod(one.desc, ofp.OFPMC_DELETE, ofp.OFPMF_PKTPS, 3, []))
    one.hears_nothing("OFPRequestForward")
    one.close()
    two.close()


for v in ("14", "15"):
    cases.check("%s: tables that get full" % v, events, v)
cases.check("an evicted rule is told", evicted)
cases.check("nonsense is refused", refused)
cases.check("requests are forwarded", forwarded)
cases.end()
