# SPDX-License-Identifier: Apache-2.0
"""What tests of rules with packets share: a bridge br0 with the dummy ports 1, 2 and 3, one connection
to it of the version that the script is called with (SCRIPT RUNDIR VERSION), rules made by os-ken.

What a rule matches leaves through port 2, everything else through port 3."""
import sys

import openflow
from openflow import Peer

RUNDIR, VERSION = sys.argv[1:3]
cases = openflow.Cases()
control = openflow.Control(RUNDIR)
peer = Peer(RUNDIR + "/br0.mgmt", VERSION)
ofp, p, desc = peer.o, peer.p, peer.desc
OLD = VERSION == "10"


def padded(packet):
    return bytes(packet).ljust(60, b"\0").hex()


def sent():
    """{port: frames that have left since the last time}"""
    return {port: control.call("dummy/sent", port).split() for port in ("p1", "p2", "p3")}


def flow(match, actions, priority=10, table=0, instructions=()):
    if OLD:
        return p.OFPFlowMod(desc, match, 0, ofp.OFPFC_ADD, 0, 0, priority, 0xffffffff,
                            ofp.OFPP_NONE, 0, actions)
    apply = [p.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, actions)] if actions else []
    return p.OFPFlowMod(desc, priority=priority, match=match, table_id=table,
                        instructions=apply + list(instructions))


def out(port):
    return p.OFPActionOutput(port, 0)


def fresh(*flows):
    """The given rules and nothing else but the one that sends the rest to port 3."""
    if OLD:
        peer.send(p.OFPFlowMod(desc, p.OFPMatch(), 0, ofp.OFPFC_DELETE))
    else:
        peer.send(p.OFPFlowMod(desc, table_id=ofp.OFPTT_ALL, command=ofp.OFPFC_DELETE,
                               out_port=ofp.OFPP_ANY, out_group=ofp.OFPG_ANY))
        peer.send(p.OFPGroupMod(desc, ofp.OFPGC_DELETE, 0, ofp.OFPG_ALL))
    for message in flows + (flow(p.OFPMatch(), [out(3)], priority=1),):
        peer.does(message)
    peer.barrier()
    sent()


def leaves(packet, port, frame=None):
    """The packet, or what it becomes, leaves through that port alone."""
    control.call("netdev-dummy/receive", "p1", padded(packet))
    openflow.eventually(lambda: bool(remember()))
    found = dict(seen)
    seen.clear()
    wanted = padded(packet if frame is None else frame)
    # Nobody says how much padding is left when a packet shrinks or grows.
    same = list(found) == [port] and [f.rstrip("0") for f in found[port]] == [wanted.rstrip("0")]
    assert same, "wanted %s at %s\n  got    %s" % (wanted, port, found)


seen = {}


def remember():
    for port, frames in sent().items():
        if frames:
            seen.setdefault(port, []).extend(frames)
    return seen
