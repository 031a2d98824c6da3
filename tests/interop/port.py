#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What each version of OpenFlow tells of ports.

    port.py RUNDIR"""
import struct
import sys

import openflow
from openflow import Peer
from os_ken.ofproto import ofproto_parser

MGMT = sys.argv[1] + "/br0.mgmt"
UNKNOWN = (1 << 64) - 1
cases = openflow.Cases()


def taken_apart(who, reply):
    """os-ken's own form of a multipart answer of OpenFlow 1.4, which the peer leaves alone."""
    if isinstance(reply, openflow.Raw):
        reply = ofproto_parser.msg(who.desc, reply.version, reply.msg_type, len(reply.buf),
                                   reply.xid, reply.buf)
    return reply.body


def counts(version):
    """What no device counts is told as all ones; since OpenFlow 1.4 in a property."""
    who = Peer(MGMT, version)
    told = taken_apart(who, who.ask(who.p.OFPPortStatsRequest(who.desc, 0, 1)))
    assert len(told) == 1 and told[0].port_no == 1, told
    at = told[0]
    if version in ("14", "15"):
        at, = told[0].properties
    assert (at.rx_frame_err, at.rx_over_err, at.rx_crc_err, at.collisions) == (UNKNOWN,) * 4, at
    who.close()


def described(version):
    who = Peer(MGMT, version)
    request = who.p.OFPPortDescStatsRequest(who.desc, 0)
    told = taken_apart(who, who.ask(request))
    assert [port.port_no for port in told][:2] == [1, 2], told
    at = told[0]
    if version != "13":
        at, = told[0].properties
    assert (at.curr, at.curr_speed, at.max_speed) == (0, 0, 0), at
    who.close()


def one():
    """OpenFlow 1.5 can ask for one port."""
    who = Peer(MGMT, "15")

    def ask(port):
        return who.ask_raw(18, struct.pack("!HHIII", 13, 0, 0, port, 0))
    told = taken_apart(who, ask(2))
    assert [port.port_no for port in told] == [2], told
    refused = ask(77)
    assert (refused.type, refused.code) == (1, 11), refused
    who.close()


for v in ("10", "13", "14", "15"):
    cases.check("%s: counts" % v, counts, v)
for v in ("13", "14", "15"):
    cases.check("%s: descriptions" % v, described, v)
cases.check("15: the description of one port", one)
cases.end()
