#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bundles of everything that may be in one: rules, groups, meters, tables, ports and packets, and what a
connection wants to be told.

    bundle.py RUNDIR VERSION      br0 has the dummy ports 1, 2 and 3
"""
import struct
import sys

import openflow
from openflow import Peer, Raw

RUNDIR, VERSION = sys.argv[1:]
ONF = 0x4f4e4600
OPEN, COMMIT = 0, 4
FRAME = "00000000000b00000000000a0800" + "00" * 46
cases = openflow.Cases()
control = openflow.Control(RUNDIR)
peer = Peer(RUNDIR + "/br0.mgmt", VERSION)
ofp, p, desc = peer.o, peer.p, peer.desc


BAD_ID, UNSUPPORTED, TIMEOUT = 2, 10, 14


def error_code(error):
    """Of an error about bundles; OpenFlow 1.3 has them as the ONF's extension."""
    kind, code = (0xffff, error.exp_type - 2300) if VERSION == "13" else (17, error.code)
    assert error.type == kind, error
    return code


def control_message(kind, number, flags=3):
    body = struct.pack("!IHH", number, kind, flags)
    if VERSION == "13":
        return peer.raw(4, struct.pack("!II", ONF, 2300) + body)
    return peer.raw(33, body)


class Bundle:
    number = 0

    def __init__(self, *messages):
        Bundle.number += 1
        self.number = Bundle.number
        control_message(OPEN, self.number)
        for message in messages:
            peer.xid += 1
            message.set_xid(peer.xid)
            message.serialize()
            body = struct.pack("!IxxH", self.number, 3) + bytes(message.buf)
            kind, body = (4, struct.pack("!II", ONF, 2301) + body) if VERSION == "13" else (34, body)
            # raw() counts the xid on, and the bundle wants that of the message.
            peer.xid -= 1
            peer.raw(kind, body)

    def commit(self):
        """What the switch says to it, once it has told of no error before."""
        xid = control_message(COMMIT, self.number)
        reply = peer.answer(xid)
        errors = [m for m in peer.inbox if type(m).__name__ == "OFPErrorMsg"]
        peer.inbox = [m for m in peer.inbox if m not in errors]
        return reply, errors

    def works(self):
        reply, errors = self.commit()
        assert not errors and type(reply).__name__ != "OFPErrorMsg", (reply, errors)

    def fails(self):
        reply, errors = self.commit()
        assert type(reply).__name__ == "OFPErrorMsg" and errors, (reply, errors)


def flow(match, actions=(), table=0, instructions=()):
    apply = [p.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, list(actions))] if actions else []
    return p.OFPFlowMod(desc, table_id=table, priority=9, match=p.OFPMatch(**match),
                        instructions=apply + list(instructions))


def bad():
    """What no switch can do: output to a group that is not there."""
    return flow({"in_port": 3}, [p.OFPActionGroup(4711)])


def out(port):
    return p.OFPActionOutput(port, 0)


def packet(*actions):
    data = bytes.fromhex(FRAME)
    if VERSION == "15":
        return p.OFPPacketOut(desc, buffer_id=ofp.OFP_NO_BUFFER, match=p.OFPMatch(in_port=1),
                              actions=list(actions), data=data)
    return p.OFPPacketOut(desc, ofp.OFP_NO_BUFFER, 1, list(actions), data)


def meter(command, rate=0):
    bands = [p.OFPMeterBandDrop(rate=rate, burst_size=0)] if rate else []
    return p.OFPMeterMod(desc, command, ofp.OFPMF_KBPS, 5, bands)


def metered(match):
    if VERSION == "15":
        return flow(match, [p.OFPActionMeter(5), out(2)])
    return flow(match, [out(2)], instructions=[p.OFPInstructionMeter(5, None)])


def bucket(port):
    if VERSION == "15":
        return p.OFPBucket(bucket_id=0, actions=[out(port)], properties=[])
    return p.OFPBucket(actions=[out(port)])


def group(number, port):
    if VERSION == "15":
        return p.OFPGroupMod(desc, ofp.OFPGC_ADD, ofp.OFPGT_ALL, number, ofp.OFPG_BUCKET_ALL,
                             [bucket(port)])
    return p.OFPGroupMod(desc, ofp.OFPGC_ADD, ofp.OFPGT_ALL, number, [bucket(port)])


def sent():
    return {port: control.call("dummy/sent", port).split() for port in ("p1", "p2", "p3")}


def leaves(*ports):
    """The frame leaves by these ports, once each, and no other does."""
    found = {}

    def all_there():
        for port, frames in sent().items():
            found.setdefault(port, []).extend(frames)
        return sum(map(len, found.values())) >= len(ports)
    openflow.eventually(all_there)
    assert {port: frames for port, frames in found.items() if frames} == {
        port: [FRAME] for port in ports}, found


def rates():
    """The rates of meter 5's bands, or None if there is no such meter."""
    text = openflow.run("ofctl", "-O", "OpenFlow13", "dump-meters", "br0")
    if "meter=5 " not in text:
        return None
    return [int(line.split("rate=")[1].split()[0]) for line in text.splitlines() if "rate=" in line]


def count(match):
    return openflow.run("ofctl", "--no-stats", "dump-flows", "br0", match).count("actions=")


def sends_what_its_rules_say():
    """A packet meets the rules that came with it, wherever it stands in the bundle."""
    sent()
    Bundle(packet(out(ofp.OFPP_TABLE)), group(7, 2), flow({"in_port": 1}, [p.OFPActionGroup(7)]),
           packet(out(3))).works()
    leaves("p2", "p3")


def sends_nothing_when_it_fails():
    sent()
    Bundle(packet(out(2)), flow({"in_port": 2}, [out(3)]), bad()).fails()
    Bundle(packet(out(3))).works()
    leaves("p3")
    assert count("in_port=2") == 0


def refuses_a_bad_packet():
    """One that could not be sent keeps the rest from being done."""
    Bundle(flow({"in_port": 2}, [out(3)]), packet(p.OFPActionGroup(4711))).fails()
    assert count("in_port=2") == 0


def makes_meters():
    Bundle(meter(ofp.OFPMC_ADD, 1000), metered({"in_port": 2})).works()
    assert rates() == [1000] and count("in_port=2") == 1, rates()


def gives_meters_back():
    Bundle(meter(ofp.OFPMC_MODIFY, 2000), meter(ofp.OFPMC_MODIFY, 3000), bad()).fails()
    assert rates() == [1000], rates()
    Bundle(meter(ofp.OFPMC_DELETE), bad()).fails()
    assert rates() == [1000] and count("in_port=2") == 1, rates()
    Bundle(meter(ofp.OFPMC_DELETE), meter(ofp.OFPMC_ADD, 4000), metered({"in_port": 3}),
           bad()).fails()
    assert rates() == [1000] and count("in_port=2") == 1 and count("in_port=3") == 0, rates()
    text = openflow.run("ofctl", "-O", "OpenFlow13", "meter-stats", "br0")
    assert "flow_count:1 " in text, text


def replaces_meters():
    Bundle(meter(ofp.OFPMC_DELETE), meter(ofp.OFPMC_ADD, 4000), metered({"in_port": 3})).works()
    assert rates() == [4000] and count("in_port=2") == 0 and count("in_port=3") == 1, rates()
    Bundle(meter(ofp.OFPMC_MODIFY, 5000)).works()
    assert rates() == [5000], rates()
    Bundle(meter(ofp.OFPMC_DELETE)).works()
    assert rates() is None and count("in_port=3") == 0


def is_down():
    lines = openflow.run("ofctl", "dump-ports-desc", "br0").splitlines()
    at = [i for i, line in enumerate(lines) if line.startswith(" 3(")][0]
    return "PORT_DOWN" in lines[at + 1]


def port_mod(config):
    text = openflow.run("ofctl", "dump-ports-desc", "br0")
    address = text[text.index(" 3("):].split("addr:")[1].split()[0]
    if VERSION == "13":
        return p.OFPPortMod(desc, 3, address, config, ofp.OFPPC_PORT_DOWN, 0)
    return p.OFPPortMod(desc, 3, address, config, ofp.OFPPC_PORT_DOWN, [])


def changes_ports():
    Bundle(port_mod(ofp.OFPPC_PORT_DOWN), bad()).fails()
    assert not is_down()
    Bundle(port_mod(ofp.OFPPC_PORT_DOWN)).works()
    assert is_down()
    Bundle(port_mod(0)).works()
    assert not is_down()


def table_mod(table, config):
    return p.OFPTableMod(desc, table, config, [])


def evicts(table):
    text = openflow.run("ofctl", "-O", "OpenFlow14", "dump-table-desc", "br0")
    return "eviction=on" in text[text.index("table %d:" % table):].split("vacancy=")[0]


def changes_tables():
    Bundle(table_mod(7, 4), bad()).fails()
    assert not evicts(7)
    Bundle(table_mod(7, 4), table_mod(8, 4), table_mod(8, 0)).works()
    assert evicts(7) and not evicts(8)
    Bundle(table_mod(7, 0)).works()
    assert not evicts(7)


def changes_tables_in_their_turn():
    """A table is full: there is room for a rule only behind the message that makes it."""
    openflow.run("vsctl", "--id=@t", "create", "Flow_Table", "flow_limit=1", "--", "set", "bridge", "br0",
                 "flow_tables:7=@t")
    Bundle(flow({"in_port": 1}, table=7)).works()
    Bundle(flow({"in_port": 2}, table=7), table_mod(7, 4)).fails()
    assert count("table=7,in_port=1") == 1 and not evicts(7)
    Bundle(table_mod(7, 4), flow({"in_port": 2}, table=7), bad()).fails()
    assert count("table=7,in_port=1") == 1 and not evicts(7)
    Bundle(table_mod(7, 4), flow({"in_port": 2}, table=7), table_mod(7, 0)).works()
    assert count("table=7,in_port=1") == 0 and count("table=7,in_port=2") == 1 and not evicts(7)
    openflow.run("vsctl", "clear", "bridge", "br0", "flow_tables")


def wants():
    """What the connection wants to be told of ended rules, and how much of packets."""
    config = peer.ask(p.OFPGetConfigRequest(desc))
    masks = bytes(peer.ask(p.OFPGetAsyncRequest(desc)).buf)
    at = 8 + 4 * 4 if VERSION == "13" else masks.index(struct.pack("!HH", 5, 8)) + 4
    return config.miss_send_len, struct.unpack_from("!I", masks, at)[0]


def set_async(reasons):
    if VERSION == "13":
        return p.OFPSetAsync(desc, [7, 7], [7, 7], [reasons, 0])
    return p.OFPSetAsync(desc, [p.OFPAsyncConfigPropReasons(5, 8, reasons)])


def changes_what_it_is_told():
    before = wants()
    Bundle(set_async(1), p.OFPSetConfig(desc, 0, 99), bad()).fails()
    assert wants() == before, wants()
    Bundle(set_async(1), p.OFPSetConfig(desc, 0, 99)).works()
    assert wants() == (99, 1), wants()
    Bundle(p.OFPSetConfig(desc, 0, 128)).works()


def refuses_roles():
    """They are between the controllers; the bundle goes on without."""
    sent()
    bundle = Bundle(flow({"in_port": 2}, [out(3)]), p.OFPRoleRequest(
        desc, role=ofp.OFPCR_ROLE_MASTER, generation_id=1))
    reply, errors = bundle.commit()
    assert type(reply).__name__ != "OFPErrorMsg" and len(errors) == 1, (reply, errors)
    assert error_code(errors[0]) == UNSUPPORTED, errors
    assert count("in_port=2") == 1


def is_discarded_when_mistaken():
    """Who is wrong about a bundle does not find it any more."""
    def commit(number):
        return error_code(peer.answer(control_message(COMMIT, number)))
    for kind, flags in ((0, 3), (2, 1)):
        bundle = Bundle(flow({"in_port": 3}, [out(3)]))
        control_message(kind, bundle.number, flags)
        assert commit(bundle.number) == BAD_ID
    bundle = Bundle()
    control_message(2, bundle.number)
    control_message(2, bundle.number)
    assert commit(bundle.number) == BAD_ID
    assert count("in_port=3") == 0
    peer.barrier()
    peer.inbox.clear()


def is_discarded_when_forgotten():
    control.call("time/stop")
    kept, forgotten = Bundle(flow({"in_port": 3}, [out(2)])), Bundle(flow({"in_port": 3}, [out(3)]))
    control.call("time/warp", "6000")
    control_message(2, kept.number)
    peer.barrier()
    control.call("time/warp", "6000")
    error = peer.wait("OFPErrorMsg")
    assert error_code(error) == TIMEOUT, error
    kept.works()
    assert error_code(peer.answer(control_message(COMMIT, forgotten.number))) == BAD_ID
    assert count("in_port=3") == 1
    control.call("time/start")


def tells_others():
    """Others are shown what was done, and nothing of what was undone."""
    other = Peer(RUNDIR + "/br0.mgmt", VERSION)
    other.ask_raw(26)
    other.raw(28, struct.pack("!HHI", 11, 8, 3))
    other.barrier()
    Bundle(group(20, 2), bad()).fails()
    Bundle(group(21, 2)).works()
    told = other.find(lambda m: isinstance(m, Raw) or "Forward" in type(m).__name__, "a request")
    number = struct.pack("!I", 21)
    assert number in bytes(told.buf), told
    other.close()


peer.send(p.OFPFlowMod(desc, table_id=ofp.OFPTT_ALL, command=ofp.OFPFC_DELETE, out_port=ofp.OFPP_ANY,
                       out_group=ofp.OFPG_ANY))
peer.barrier()
for test in (sends_what_its_rules_say, sends_nothing_when_it_fails, refuses_a_bad_packet,
             makes_meters, gives_meters_back, replaces_meters, changes_ports,
             changes_what_it_is_told, refuses_roles, is_discarded_when_mistaken,
             is_discarded_when_forgotten) + (
                 () if VERSION == "13" else (
                     changes_tables, changes_tables_in_their_turn, tells_others)):
    cases.check("%s: a bundle %s" % (VERSION, test.__name__.replace("_", " ")), test)
peer.send(p.OFPGroupMod(desc, command=ofp.OFPGC_DELETE, group_id=ofp.OFPG_ALL))
peer.barrier()
cases.end()
