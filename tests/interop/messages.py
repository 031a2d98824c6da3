#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""OpenFlow messages of all kinds as hex, "VERSION NAME HEX" a line: some made by os-ken, what it
cannot make by hand."""
import struct

from os_ken.ofproto import (ofproto_v1_0, ofproto_v1_0_parser, ofproto_v1_3, ofproto_v1_3_parser,
                            ofproto_v1_4, ofproto_v1_4_parser, ofproto_v1_5, ofproto_v1_5_parser)

WIRE = {10: 1, 13: 4, 14: 5, 15: 6}
ANY = 0xffffffff
TCP = bytes.fromhex("000000000002000000000001080045000028000100004006000001010101020202020001"
                    "005000000000000000005002000000000000")
ARP = bytes.fromhex("ffffffffffff0000000000010806000108000604000100000000000101010101"
                    "00000000000002020202")
UDP_IN_VLAN = bytes.fromhex("000000000002000000000001810060050800450000200001000040110000010101010"
                            "2020202000500070000abcd00000000")
ICMP6 = bytes.fromhex("00000000000200000000000186dd6001234500083aff20010db8000000000000000000000001"
                      "20010db80000000000000000000000028000beef00010002")
pack = struct.pack


class Datapath:
    id = 1

    def __init__(self, version, ofproto, parser):
        self.version = version
        self.ofproto = ofproto
        self.ofproto_parser = parser

    def set_xid(self, message):
        message.set_xid(7)

    def made(self, name, message):
        message.set_xid(7)
        message.serialize()
        print(self.version, name, bytes(message.buf).hex())

    def raw(self, name, number, body=b""):
        head = pack("!BBHI", WIRE[self.version], number, 8 + len(body), 9)
        print(self.version, name, (head + body).hex())

    def stats(self, name, reply, number, body=b""):
        old = self.version == 10
        kind = (16 if old else 18) + reply
        self.raw(name, kind, pack("!HH", number, 0) + (b"" if old else bytes(4)) + body)

    def nicira(self, name, number, body=b""):
        self.raw(name, 4, pack("!II", 0x2320, number) + body)


def text(words, size):
    return words.encode().ljust(size, b"\0")


def common(dp):
    p = dp.ofproto_parser
    dp.made("hello", p.OFPHello(dp))
    dp.made("echo", p.OFPEchoRequest(dp, b"abc"))
    dp.made("features_request", p.OFPFeaturesRequest(dp))
    dp.made("get_config", p.OFPGetConfigRequest(dp))
    dp.made("set_config", p.OFPSetConfig(dp, 1, 65535))
    dp.made("barrier", p.OFPBarrierRequest(dp))
    dp.raw("config", 8, pack("!HH", 2, 128))
    dp.stats("desc_request", 0, 0)
    dp.stats("desc", 1, 0, text("weir", 256) + text("hw", 256) + text("sw", 256) + text("1", 32) +
             text("dp", 256))
    dp.stats("table_request", 0, 3)
    dp.raw("hello_error", 1, pack("!HH", 0, 0) + b"no common version")
    dp.raw("error", 1, pack("!HH", 1, 1) + pack("!BBHI", WIRE[dp.version], 5, 8, 1))
    dp.raw("error_about_a_part", 1,
           pack("!HH", 1, 6) + pack("!BBHI", WIRE[dp.version], 14, 200, 9) + bytes(56))


# OpenFlow 1.0.

def match10(wildcards=0x3ffffe, port=1):
    return pack("!IH34x", wildcards, port)


def port10(number):
    return pack("!H6s16sIIIIII", number, b"\2\0\0\0\0\1", text(f"p{number}", 16), 1, 0x201, 0x840,
                3, 0x1001, 1)


def flows10(dp):
    ofp, p = dp.ofproto, dp.ofproto_parser
    match = p.OFPMatch(in_port=1, dl_type=0x800, nw_proto=6, nw_src="10.0.0.0", nw_src_mask=8,
                       tp_dst=80)
    actions = [p.OFPActionOutput(2), p.OFPActionEnqueue(1, 5)]
    for command in range(5):
        dp.made(f"flow_mod_{command}", p.OFPFlowMod(
            dp, match, 5, command, 10, 20, 99, ANY, ofp.OFPP_NONE, 3, actions))
    dp.raw("flow_removed", 11, match10() + pack("!QHBxIIHxxQQ", 5, 99, 1, 4, 500000000, 7, 8, 9))
    dp.stats("flow_request", 0, 1, match10() + pack("!BxH", 255, 0xffff))
    dp.stats("aggregate_request", 0, 2, match10() + pack("!BxH", 3, 0xffff))
    dp.stats("aggregate", 1, 2, pack("!QQI4x", 1, 2, 3))


def packets10(dp):
    p = dp.ofproto_parser
    for name, data in (("tcp", TCP), ("arp", ARP), ("vlan", UDP_IN_VLAN), ("icmp6", ICMP6)):
        dp.made("packet_out_" + name, p.OFPPacketOut(dp, ANY, 1, [p.OFPActionOutput(2)], data))
    dp.raw("packet_in", 10, pack("!IHHBx", ANY, len(TCP), 1, 0) + TCP)
    dp.raw("packet_in_buffered", 10, pack("!IHHBx", 7, len(TCP), 0xfffe, 1) + TCP)


def ports10(dp):
    p = dp.ofproto_parser
    dp.raw("port_status", 12, pack("!B7x", 2) + port10(1))
    dp.raw("features", 6, pack("!QIBxxxII", 5, 256, 254, 0xcf, 0xfff) + port10(1) + port10(65534))
    dp.made("port_mod", p.OFPPortMod(dp, 2, "00:00:00:00:00:05", 5, 0x25, 3))
    dp.stats("port_request", 0, 4, pack("!H6x", 2))
    dp.stats("ports", 1, 4, pack("!H6x12Q", 1, *range(12)) +
             pack("!H6x12Q", 65534, *([0xffffffffffffffff] * 12)))
    dp.stats("queue_request", 0, 5, pack("!HxxI", 0xfffc, ANY))
    dp.stats("queues", 1, 5, pack("!HxxIQQQ", 1, 5, 1, 2, 3))


def nicira10(dp):
    in_port = pack("!HBBHxx", 0, 0, 2, 1)
    dp.nicira("nx_role", 10, pack("!I", 1))
    dp.nicira("nx_flow_format", 12, pack("!I", 2))
    dp.nicira("nx_table_id", 15, b"\1" + bytes(7))
    dp.nicira("nx_packet_in_format", 16, pack("!I", 1))
    dp.nicira("nx_controller_id", 20, bytes(6) + b"\0\5")
    dp.nicira("nx_flow_age", 18)
    dp.nicira("nx_async", 19, pack("!6I", 7, 0, 7, 7, 15, 0))
    dp.nicira("nx_monitor_cancel", 21, pack("!I", 5))
    dp.nicira("nx_monitor_paused", 22)
    dp.nicira("nx_monitor_resumed", 23)
    dp.nicira("nx_tlv_request", 25)
    dp.nicira("nx_tlv", 26, pack("!IH10x", 248, 64) + pack("!HBBHxx", 0xffff, 0, 4, 1))
    dp.nicira("nx_tlv_mod", 24, pack("!H6x", 0) + pack("!HBBHxx", 0xffff, 0, 4, 1))
    dp.nicira("nx_flush_zone", 29, bytes(6) + b"\0\5")
    dp.nicira("nx_packet_in", 17, pack("!IHBBQH6x", ANY, len(TCP), 1, 3, 5, 6) + in_port + bytes(2)
              + TCP)
    dp.nicira("nx_flow_removed", 14,
              pack("!QHBBIIHHQQ", 5, 99, 1, 3, 4, 5000, 7, 6, 8, 9) + in_port)
    dp.nicira("nx_packet_in2", 30, pack("!HH", 0, 4 + len(TCP)) + TCP + bytes(-(4 + len(TCP)) % 8) +
              pack("!HHI", 1, 8, 100) + pack("!HHB3x", 3, 5, 4) + pack("!HHB3x", 5, 5, 1) +
              pack("!HH4xQ", 4, 16, 77))
    dp.stats("nx_flow_request", 0, 0xffff, pack("!II4x", 0x2320, 0) + pack("!HHB3x", 0xffff, 0, 255))
    dp.stats("nx_monitor_request", 0, 0xffff,
             pack("!II4x", 0x2320, 2) + pack("!IHHHB5x", 5, 7, 0xffff, 0, 255))
    added = pack("!HHHHHHHBxQ", 40, 0, 0, 99, 0, 5, 6, 3, 7) + in_port + pack("!HHHH", 0, 8, 2, 0)
    dp.stats("nx_monitor", 1, 0xffff, pack("!II4x", 0x2320, 2) + added + pack("!HHI", 8, 3, 77))


# OpenFlow 1.3 and later.

IN_PORT = pack("!HHHBBI4x", 1, 12, 0x8000, 0, 4, 1)


def port(dp, number, config, state):
    rates = pack("!IIIIII", 0x840, 3, 0x1001, 1, 1000000, 10000000)
    if dp.version == 13:
        return pack("!I4x6s2x16sII", number, b"\2\0\0\0\0\1", text(f"p{number}", 16), config,
                    state) + rates
    return pack("!IH2x6s2x16sII", number, 72, b"\2\0\0\0\0\1", text(f"p{number}", 16), config,
                state) + pack("!HH4x", 0, 32) + rates


def ports(dp):
    p = dp.ofproto_parser
    dp.raw("features", 6, pack("!QIBBxxI4x", 5, 3, 254, 1, 0x16f))
    dp.stats("port_desc", 1, 13,
             port(dp, 1, 0, 4) + port(dp, 2, 0x65, 3) + port(dp, 0xfffffffe, 1, 1))
    for reason in range(3):
        dp.raw(f"port_status_{reason}", 12, pack("!B7x", reason) + port(dp, 1, 0, 4))
    if dp.version == 13:
        mod = p.OFPPortMod(dp, 2, "00:00:00:00:00:05", 5, 0x25, 0)
        stats = pack("!I4x12QII", 1, *range(12), 5, 123000000)
    else:
        mod = p.OFPPortMod(dp, 2, "00:00:00:00:00:05", 5, 0x25, [
            p.OFPPortModPropEthernet(type_=0, length=8, advertise=3)])
        stats = (pack("!HxxIII8Q", 120, 1, 5, 123000000, *range(8)) +
                 pack("!HH4x4Q", 0, 40, 1, 2, 3, 4))
    dp.made("port_mod", mod)
    dp.stats("ports", 1, 4, stats)
    dp.stats("port_request", 0, 4, pack("!I4x", ANY))
    dp.stats("port_desc_request", 0, 13, b"" if dp.version < 15 else pack("!I4x", ANY))
    dp.stats("queue_request", 0, 5, pack("!II", ANY, ANY))
    queue = pack("!IIQQQII", 1, 2, 3, 4, 5, 6, 7000000)
    dp.stats("queues", 1, 5, queue if dp.version == 13 else pack("!H6x", 48) + queue)


def groups(dp):
    p = dp.ofproto_parser
    if dp.version < 15:
        buckets = [p.OFPBucket(weight=10, watch_port=ANY, watch_group=ANY,
                               actions=[p.OFPActionOutput(2, 0)]),
                   p.OFPBucket(weight=1, watch_port=3, watch_group=ANY, actions=[])]
        extra = ()
    else:
        buckets = [p.OFPBucket(bucket_id=1, actions=[p.OFPActionOutput(2, 0)], properties=[
            p.OFPGroupBucketPropWeight(weight=10, length=8, type_=0)])]
        extra = (ANY,)
        dp.made("insert_bucket", p.OFPGroupMod(dp, 3, 1, 77, 0xfffffffe, buckets))
        dp.made("remove_bucket", p.OFPGroupMod(dp, 5, 1, 77, ANY, []))
    for command, name in enumerate(("add", "modify", "delete")):
        dp.made("group_" + name, p.OFPGroupMod(dp, command, 1, 77, *extra,
                                               buckets if command < 2 else []))
    dp.stats("group_request", 0, 6, pack("!I4x", 5))
    dp.stats("group_desc_request", 0, 7, b"" if dp.version < 15 else pack("!I4x", 0xfffffffc))
    dp.stats("group_features_request", 0, 8)
    dp.stats("group_features", 1, 8, pack("!10I", 15, 15, 1, 2, 3, 4, ANY, 1, 0x400001, 0))
    dp.stats("groups", 1, 6, pack("!HxxIIxxxxQQII", 72, 5, 2, 10, 20, 3, 4) +
             pack("!QQQQ", 1, 2, 3, 4))


def meters(dp):
    p = dp.ofproto_parser
    bands = [p.OFPMeterBandDrop(100, 20), p.OFPMeterBandDscpRemark(200, 30, 2)]
    for command in range(3):
        dp.made(f"meter_mod_{command}",
                p.OFPMeterMod(dp, command, 5, 3, bands if command < 2 else []))
    dp.stats("meter_request", 0, 9, pack("!I4x", 5))
    dp.stats("meter_config_request", 0, 10, pack("!I4x", ANY))
    dp.stats("meter_features_request", 0, 11)
    dp.stats("meters", 1, 9, pack("!IH6xIQQII", 5, 56, 3, 1, 2, 7, 500000000) + pack("!QQ", 8, 9))
    dp.stats("meter_config", 1, 10,
             pack("!HHI", 40, 0xd, 7) + pack("!HHII4x", 1, 16, 100, 20) +
             pack("!HHIIB3x", 2, 16, 200, 20, 1) + pack("!HHI", 24, 2, 9) +
             pack("!HHII4x", 1, 16, 5, 0))
    # ovs-ofctl knows nothing of what OpenFlow 1.5 added.
    if dp.version < 15:
        dp.stats("meter_features", 1, 11, pack("!IIIBBxx", 1000, 6, 15, 3, 4))


def flows(dp):
    p = dp.ofproto_parser
    match = p.OFPMatch(in_port=1, eth_type=0x800, ip_proto=6, ipv4_src=("10.0.0.0", "255.0.0.0"),
                       tcp_dst=80)
    actions = [p.OFPActionSetField(eth_src="00:00:00:00:00:05"), p.OFPActionOutput(2, 0),
               p.OFPActionOutput(0xfffffffd, 128)]
    instructions = [p.OFPInstructionActions(4, actions), p.OFPInstructionGotoTable(4)]
    for command in range(5):
        dp.made(f"flow_mod_{command}", p.OFPFlowMod(
            dp, cookie=5, cookie_mask=7 if command else 0, table_id=2, command=command,
            idle_timeout=10, hard_timeout=20, priority=99, match=match, flags=0x1f,
            instructions=instructions if command < 3 else []))
    dp.made("flow_mod_of_a_port", p.OFPFlowMod(
        dp, match=match, instructions=instructions, out_port=5, out_group=3, command=3,
        table_id=255))
    # os-ken's request is OpenFlow 1.5's new one, which ovs-ofctl does not know.
    if dp.version < 15:
        dp.made("flow_request", p.OFPFlowStatsRequest(dp, 0, 255, ANY, ANY, 5, 7, match))
    dp.made("aggregate_request", p.OFPAggregateStatsRequest(dp, 0, 3, 4, ANY, 0, 0, match))
    if dp.version < 15:
        dp.raw("flow_removed", 11,
               pack("!QHBBIIHHQQ", 5, 99, 2, 3, 4, 500000000, 7, 8, 9, 10) + IN_PORT)
    else:
        dp.raw("flow_removed", 11, pack("!BBHHHQ", 3, 2, 99, 7, 8, 5) + IN_PORT +
               pack("!HH", 0, 40) + pack("!HBBII", 0x8002, 0, 8, 4, 500000000) +
               pack("!HBBQ", 0x8002, 8, 8, 9) + pack("!HBBQ", 0x8002, 10, 8, 10))


def packets(dp):
    p = dp.ofproto_parser
    actions = [p.OFPActionOutput(2, 0)]
    for name, data in (("tcp", TCP), ("arp", ARP), ("vlan", UDP_IN_VLAN), ("icmp6", ICMP6)):
        if dp.version < 15:
            message = p.OFPPacketOut(dp, ANY, 1, actions, data)
        else:
            message = p.OFPPacketOut(dp, ANY, p.OFPMatch(in_port=1), actions, data)
        dp.made("packet_out_" + name, message)
    dp.raw("packet_in", 10, pack("!IHBBQ", ANY, len(TCP), 1, 3, 5) + IN_PORT + bytes(2) + TCP)
    two = pack("!HHHBBIHBBQ", 1, 24, 0x8000, 0, 4, 1, 0x8000, 4, 8, 9)
    dp.raw("packet_in_buffered", 10, pack("!IHBBQ", 5, 100, 0, 3, 5) + two + bytes(2) + TCP)


def roles(dp):
    ofp, p = dp.ofproto, dp.ofproto_parser
    short_id = () if dp.version < 15 else (0,)
    dp.made("role", p.OFPRoleRequest(dp, ofp.OFPCR_ROLE_MASTER, *short_id, 5))
    dp.made("role_nochange", p.OFPRoleRequest(dp, ofp.OFPCR_ROLE_NOCHANGE, *short_id, 5))
    dp.raw("role_reply", 25, pack("!I4xQ", 3, 0xffffffffffffffff))
    dp.raw("get_async", 26)
    if dp.version == 13:
        dp.raw("async", 27, pack("!6I", 7, 0, 7, 7, 15, 0))
        dp.raw("set_async", 28, pack("!6I", 3, 1, 7, 7, 15, 0))
    else:
        dp.raw("async", 27, b"".join(pack("!HHI", i, 8, i * 3 + 1) for i in range(12)))
        dp.raw("set_async", 28, pack("!HHI", 0, 8, 5) + pack("!HHI", 1, 8, 7))
        dp.raw("role_status", 30, pack("!IB3xQ", 3, 0, 5))


def tables(dp):
    p = dp.ofproto_parser
    rows = ((0, 3, 4, 5), (1, 0, 0, 0), (2, 0, 0, 0), (5, 1, 0, 0))
    dp.stats("tables", 1, 3, b"".join(pack("!BxxxIQQ", *row) for row in rows))
    dp.stats("table_features_request", 0, 12)
    if dp.version == 13:
        dp.made("table_mod", p.OFPTableMod(dp, 3, 0))
        return
    dp.made("table_mod", p.OFPTableMod(dp, 3, 12, [
        p.OFPTableModPropEviction(type_=2, flags=1),
        p.OFPTableModPropVacancy(type_=3, vacancy_down=10, vacancy_up=20, vacancy=0)]))
    dp.stats("table_desc_request", 0, 14)
    dp.stats("table_desc", 1, 14, pack("!HBxI", 8, 0, 0) +
             pack("!HBxIHHIHHBBBx", 24, 1, 0xc, 2, 8, 4, 3, 8, 10, 20, 15))
    dp.raw("table_status", 31,
           pack("!B7x", 3) + pack("!HBxIHHBBBx", 16, 1, 8, 3, 8, 10, 20, 15))


def since14(dp):
    p = dp.ofproto_parser
    dp.raw("requestforward", 32,
           pack("!BBHI", WIRE[dp.version], 29, 16, 9) + pack("!HHI", 2, 0, 5))
    dp.stats("queue_desc_request", 0, 15, pack("!II", 1, ANY))
    dp.stats("queue_desc", 1, 15,
             pack("!IIH6x", 1, 7, 32) + pack("!HHH2xHHH2x", 1, 8, 100, 2, 8, 0xffff))
    dp.stats("flow_monitor_request", 0, 16,
             pack("!IIIHBBHH4x", 5, ANY, ANY, 7, 255, 0, 1, 4))
    for kind in range(8):
        dp.raw(f"bundle_control_{kind}", 33, pack("!IHH", 5, kind, kind % 4))
    inside = p.OFPFlowMod(dp, match=p.OFPMatch(in_port=1), table_id=3, command=3)
    inside.set_xid(9)
    inside.serialize()
    dp.raw("bundle_add", 34, pack("!IxxH", 5, 1) + bytes(inside.buf))


def main():
    old = Datapath(10, ofproto_v1_0, ofproto_v1_0_parser)
    for make in (common, flows10, packets10, ports10, nicira10):
        make(old)
    for version, ofproto, parser in ((13, ofproto_v1_3, ofproto_v1_3_parser),
                                     (14, ofproto_v1_4, ofproto_v1_4_parser),
                                     (15, ofproto_v1_5, ofproto_v1_5_parser)):
        dp = Datapath(version, ofproto, parser)
        for make in (common, ports, groups, meters, flows, packets, roles, tables):
            make(dp)
        if version > 13:
            since14(dp)


if __name__ == "__main__":
    main()
