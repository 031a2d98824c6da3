# SPDX-License-Identifier: Apache-2.0
"""What cases.py goes through: matches, fields that are set and actions, each with the packets that
show whether it works. Frames are made by scapy."""
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr,
                                ICMPv6NDOptSrcLLAddr, IPv6)
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.layers.sctp import SCTP

A, B, C = "00:00:00:00:00:0a", "00:00:00:00:00:0b", "02:00:00:00:00:0c"
ether = Ether(src=A, dst=B)

# Matches.

udp = IP(src="10.1.2.3", dst="10.4.5.6", tos=0x28, ttl=64) / UDP(sport=1000, dport=2000)
tcp = IP(src="10.1.2.3", dst="10.4.5.6") / TCP(sport=1000, dport=80)
sctp = IP(src="10.1.2.3", dst="10.4.5.6") / SCTP(sport=1000, dport=80)
icmp = IP(src="10.1.2.3", dst="10.4.5.6") / ICMP(type=8, code=3)
arp = ARP(op=1, psrc="10.1.2.3", pdst="10.4.5.6", hwsrc=A, hwdst=C)
six = IPv6(src="2001:db8::1", dst="2001:db8::2", fl=0x12345, tc=0x28)
echo6 = six / ICMPv6EchoRequest()
ns = IPv6(src="2001:db8::1", dst="2001:db8::2", hlim=255) / ICMPv6ND_NS(
    tgt="2001:db8::7") / ICMPv6NDOptSrcLLAddr(lladdr=A)
na = IPv6(src="2001:db8::1", dst="2001:db8::2", hlim=255) / ICMPv6ND_NA(
    tgt="2001:db8::7") / ICMPv6NDOptDstLLAddr(lladdr=C)
tagged = ether / Dot1Q(vlan=5, prio=3) / udp
label = ether / MPLS(label=77, cos=5, s=1, ttl=64) / udp

IP4, TCP4, UDP4 = {"eth_type": 0x800}, {"eth_type": 0x800, "ip_proto": 6}, {
    "eth_type": 0x800, "ip_proto": 17}
ICMP4, SCTP4 = {"eth_type": 0x800, "ip_proto": 1}, {"eth_type": 0x800, "ip_proto": 132}
IP6, ICMP6 = {"eth_type": 0x86dd}, {"eth_type": 0x86dd, "ip_proto": 58}
NS, NA = {**ICMP6, "icmpv6_type": 135}, {**ICMP6, "icmpv6_type": 136}
ARPS, LABELS = {"eth_type": 0x806}, {"eth_type": 0x8847}

# What is matched, a packet that has it, one that has not.
NEW_MATCHES = [
    ({"in_port": 1}, ether / udp, None),
    ({"eth_dst": B}, ether / udp, Ether(src=A, dst=C) / udp),
    ({"eth_dst": ("02:00:00:00:00:00", "ff:00:00:00:00:00")}, Ether(src=A, dst=C) / udp, ether / udp),
    ({"eth_dst": ("01:00:00:00:00:00", "01:00:00:00:00:00")},
     Ether(src=A, dst="ff:ff:ff:ff:ff:ff") / udp, ether / udp),
    ({"eth_src": A}, ether / udp, Ether(src=C, dst=B) / udp),
    ({"eth_src": ("00:00:00:00:00:0a", "00:00:00:00:00:ff")}, ether / udp, Ether(src=C, dst=B) / udp),
    ({"eth_type": 0x800}, ether / udp, ether / arp),
    ({"vlan_vid": 0x1005}, tagged, ether / Dot1Q(vlan=6) / udp),
    ({"vlan_vid": 0}, ether / udp, tagged),
    ({"vlan_vid": (0x1000, 0x1000)}, tagged, ether / udp),
    ({"vlan_vid": 0x1005, "vlan_pcp": 3}, tagged, ether / Dot1Q(vlan=5, prio=4) / udp),
    ({**IP4, "ip_dscp": 10}, ether / udp, ether / tcp),
    ({**IP4, "ip_ecn": 0}, ether / udp, ether / IP(tos=1) / UDP()),
    ({**IP4, "ip_proto": 17}, ether / udp, ether / tcp),
    ({**IP4, "ipv4_src": "10.1.2.3"}, ether / udp, ether / IP(src="10.1.2.4") / UDP()),
    ({**IP4, "ipv4_src": ("10.1.0.0", "255.255.0.0")}, ether / udp, ether / IP(src="10.2.0.1") / UDP()),
    ({**IP4, "ipv4_dst": "10.4.5.6"}, ether / udp, ether / IP(dst="10.4.5.7") / UDP()),
    ({**IP4, "ipv4_dst": ("0.0.5.0", "0.0.255.0")}, ether / udp, ether / IP(dst="10.4.6.6") / UDP()),
    ({**TCP4, "tcp_src": 1000}, ether / tcp, ether / IP() / TCP(sport=1001)),
    ({**TCP4, "tcp_dst": 80}, ether / tcp, ether / IP() / TCP(dport=81)),
    ({**UDP4, "udp_src": 1000}, ether / udp, ether / IP() / UDP(sport=1001)),
    ({**UDP4, "udp_dst": 2000}, ether / udp, ether / IP() / UDP(dport=81)),
    ({**SCTP4, "sctp_src": 1000}, ether / sctp, ether / IP() / SCTP(sport=1001)),
    ({**SCTP4, "sctp_dst": 80}, ether / sctp, ether / IP() / SCTP(dport=81)),
    ({**ICMP4, "icmpv4_type": 8}, ether / icmp, ether / IP() / ICMP(type=0)),
    ({**ICMP4, "icmpv4_code": 3}, ether / icmp, ether / IP() / ICMP(type=8, code=4)),
    ({**ARPS, "arp_op": 1}, ether / arp, ether / ARP(op=2)),
    ({**ARPS, "arp_spa": "10.1.2.3"}, ether / arp, ether / ARP(psrc="10.1.2.4")),
    ({**ARPS, "arp_tpa": ("10.4.0.0", "255.255.0.0")}, ether / arp, ether / ARP(pdst="10.5.0.1")),
    ({**ARPS, "arp_sha": A}, ether / arp, ether / ARP(hwsrc=B)),
    ({**ARPS, "arp_tha": C}, ether / arp, ether / ARP(hwdst=B)),
    ({**IP6, "ipv6_src": "2001:db8::1"}, ether / echo6, ether / IPv6(src="2001:db8::3") / UDP()),
    ({**IP6, "ipv6_dst": ("2001:db8::", "ffff:ffff::")}, ether / echo6, ether / IPv6(dst="fe80::1") / UDP()),
    ({**IP6, "ipv6_flabel": 0x12345}, ether / echo6, ether / IPv6() / UDP()),
    ({**IP6, "ip_dscp": 10}, ether / echo6, ether / IPv6() / UDP()),
    ({**ICMP6, "icmpv6_type": 128}, ether / echo6, ether / ns),
    ({**ICMP6, "icmpv6_code": 0}, ether / echo6, ether / six / ICMPv6EchoRequest(code=1)),
    ({**NS, "ipv6_nd_target": "2001:db8::7"}, ether / ns,
     ether / IPv6(hlim=255) / ICMPv6ND_NS(tgt="2001:db8::8")),
    ({**NS, "ipv6_nd_sll": A}, ether / ns, ether / IPv6(hlim=255) / ICMPv6ND_NS(
        tgt="2001:db8::7") / ICMPv6NDOptSrcLLAddr(lladdr=B)),
    ({**NA, "ipv6_nd_tll": C}, ether / na, ether / IPv6(hlim=255) / ICMPv6ND_NA(
        tgt="2001:db8::7") / ICMPv6NDOptDstLLAddr(lladdr=B)),
    ({**LABELS, "mpls_label": 77}, label, ether / MPLS(label=78, s=1) / udp),
    ({**LABELS, "mpls_tc": 5}, label, ether / MPLS(label=77, cos=4, s=1) / udp),
    ({**LABELS, "mpls_bos": 1}, label, ether / MPLS(label=77, s=0) / MPLS(label=1, s=1) / udp),
]

OLD_MATCHES = [
    ({"in_port": 1}, ether / udp, None),
    ({"dl_dst": B}, ether / udp, Ether(src=A, dst=C) / udp),
    ({"dl_src": A}, ether / udp, Ether(src=C, dst=B) / udp),
    ({"dl_type": 0x800}, ether / udp, ether / arp),
    ({"dl_vlan": 5}, tagged, ether / Dot1Q(vlan=6) / udp),
    ({"dl_vlan": 0xffff}, ether / udp, tagged),
    ({"dl_vlan": 5, "dl_vlan_pcp": 3}, tagged, ether / Dot1Q(vlan=5, prio=4) / udp),
    ({"dl_type": 0x800, "nw_tos": 0x28}, ether / udp, ether / tcp),
    ({"dl_type": 0x800, "nw_proto": 17}, ether / udp, ether / tcp),
    ({"dl_type": 0x800, "nw_src": "10.1.2.3"}, ether / udp, ether / IP(src="10.1.2.4") / UDP()),
    ({"dl_type": 0x800, "nw_src": "10.1.0.0", "nw_src_mask": 16}, ether / udp,
     ether / IP(src="10.2.0.1") / UDP()),
    ({"dl_type": 0x800, "nw_dst": "10.4.5.6"}, ether / udp, ether / IP(dst="10.4.5.7") / UDP()),
    ({"dl_type": 0x800, "nw_proto": 6, "tp_src": 1000}, ether / tcp, ether / IP() / TCP(sport=1)),
    ({"dl_type": 0x800, "nw_proto": 6, "tp_dst": 80}, ether / tcp, ether / IP() / TCP(dport=81)),
    ({"dl_type": 0x800, "nw_proto": 17, "tp_dst": 2000}, ether / udp, ether / IP() / UDP(dport=81)),
    ({"dl_type": 0x800, "nw_proto": 1, "tp_src": 8}, ether / icmp, ether / IP() / ICMP(type=0)),
    ({"dl_type": 0x800, "nw_proto": 1, "tp_dst": 3}, ether / icmp, ether / IP() / ICMP(code=4)),
    ({"dl_type": 0x806, "nw_proto": 1}, ether / arp, ether / ARP(op=2)),
    ({"dl_type": 0x806, "nw_src": "10.1.2.3"}, ether / arp, ether / ARP(psrc="10.1.2.4")),
    ({"dl_type": 0x806, "nw_dst": "10.4.5.6"}, ether / arp, ether / ARP(pdst="10.4.5.7")),
]


# Set-field.

def changed(packet, layer, **fields):
    """The packet with these fields, lengths and checksums made anew."""
    packet = packet.copy()
    for name, value in fields.items():
        setattr(packet[layer], name, value)
    for inner in ("chksum", "cksum"):
        for part in (IP, UDP, TCP, ICMP, ICMPv6EchoRequest, ICMPv6ND_NS, ICMPv6ND_NA, SCTP):
            if packet.haslayer(part) and hasattr(packet[part], inner):
                setattr(packet[part], inner, None)
    return packet


SET_FIELDS = [
    ({}, {"eth_dst": C}, ether / udp, lambda q: changed(q, Ether, dst=C)),
    ({}, {"eth_src": C}, ether / udp, lambda q: changed(q, Ether, src=C)),
    ({"vlan_vid": (0x1000, 0x1000)}, {"vlan_vid": 0x1009}, tagged, lambda q: changed(q, Dot1Q, vlan=9)),
    ({"vlan_vid": (0x1000, 0x1000)}, {"vlan_pcp": 6}, tagged, lambda q: changed(q, Dot1Q, prio=6)),
    (IP4, {"ip_dscp": 46}, ether / udp, lambda q: changed(q, IP, tos=0xb8)),
    (IP4, {"ip_ecn": 2}, ether / udp, lambda q: changed(q, IP, tos=0x2a)),
    (IP4, {"ipv4_src": "192.0.2.1"}, ether / tcp, lambda q: changed(q, IP, src="192.0.2.1")),
    (IP4, {"ipv4_dst": "192.0.2.1"}, ether / udp, lambda q: changed(q, IP, dst="192.0.2.1")),
    (TCP4, {"tcp_src": 7}, ether / tcp, lambda q: changed(q, TCP, sport=7)),
    (TCP4, {"tcp_dst": 7}, ether / tcp, lambda q: changed(q, TCP, dport=7)),
    (UDP4, {"udp_src": 7}, ether / udp, lambda q: changed(q, UDP, sport=7)),
    (UDP4, {"udp_dst": 7}, ether / udp, lambda q: changed(q, UDP, dport=7)),
    (SCTP4, {"sctp_dst": 7}, ether / sctp, lambda q: changed(q, SCTP, dport=7)),
    (ICMP4, {"icmpv4_type": 0}, ether / icmp, lambda q: changed(q, ICMP, type=0)),
    (ICMP4, {"icmpv4_code": 9}, ether / icmp, lambda q: changed(q, ICMP, code=9)),
    (ARPS, {"arp_op": 2}, ether / arp, lambda q: changed(q, ARP, op=2)),
    (ARPS, {"arp_spa": "192.0.2.1"}, ether / arp, lambda q: changed(q, ARP, psrc="192.0.2.1")),
    (ARPS, {"arp_tpa": "192.0.2.1"}, ether / arp, lambda q: changed(q, ARP, pdst="192.0.2.1")),
    (ARPS, {"arp_sha": B}, ether / arp, lambda q: changed(q, ARP, hwsrc=B)),
    (ARPS, {"arp_tha": B}, ether / arp, lambda q: changed(q, ARP, hwdst=B)),
    (IP6, {"ipv6_src": "2001:db8::9"}, ether / echo6, lambda q: changed(q, IPv6, src="2001:db8::9")),
    (IP6, {"ipv6_dst": "2001:db8::9"}, ether / echo6, lambda q: changed(q, IPv6, dst="2001:db8::9")),
    (IP6, {"ipv6_flabel": 0x54321}, ether / echo6, lambda q: changed(q, IPv6, fl=0x54321)),
    (NS, {"ipv6_nd_target": "2001:db8::9"}, ether / ns,
     lambda q: changed(q, ICMPv6ND_NS, tgt="2001:db8::9")),
    (NS, {"ipv6_nd_sll": C}, ether / ns, lambda q: changed(q, ICMPv6NDOptSrcLLAddr, lladdr=C)),
    (LABELS, {"mpls_label": 99}, label, lambda q: changed(q, MPLS, label=99)),
    (LABELS, {"mpls_tc": 2}, label, lambda q: changed(q, MPLS, cos=2)),
    (LABELS, {"mpls_bos": 0}, label, lambda q: changed(q, MPLS, s=0)),
    (IP4, {"eth_type": 0x8848}, ether / udp, lambda q: changed(q, Ether, type=0x8848)),
]


OLD_ACTIONS = [
    ("set_vlan_vid", lambda p: p.OFPActionVlanVid(9), tagged, lambda q: changed(q, Dot1Q, vlan=9)),
    ("set_vlan_pcp", lambda p: p.OFPActionVlanPcp(6), tagged, lambda q: changed(q, Dot1Q, prio=6)),
    ("strip_vlan", lambda p: p.OFPActionStripVlan(), tagged, lambda q: ether / udp),
    ("set_dl_src", lambda p: p.OFPActionSetDlSrc(C), ether / udp, lambda q: changed(q, Ether, src=C)),
    ("set_dl_dst", lambda p: p.OFPActionSetDlDst(C), ether / udp, lambda q: changed(q, Ether, dst=C)),
    ("set_nw_src", lambda p: p.OFPActionSetNwSrc("192.0.2.1"), ether / tcp,
     lambda q: changed(q, IP, src="192.0.2.1")),
    ("set_nw_dst", lambda p: p.OFPActionSetNwDst("192.0.2.1"), ether / udp,
     lambda q: changed(q, IP, dst="192.0.2.1")),
    ("set_nw_tos", lambda p: p.OFPActionSetNwTos(0xb8), ether / udp, lambda q: changed(q, IP, tos=0xb8)),
    ("set_tp_src", lambda p: p.OFPActionSetTpSrc(7), ether / tcp, lambda q: changed(q, TCP, sport=7)),
    ("set_tp_dst", lambda p: p.OFPActionSetTpDst(7), ether / udp, lambda q: changed(q, UDP, dport=7)),
]

NEW_ACTIONS = [
    ("push_vlan", lambda p: p.OFPActionPushVlan(0x8100), ether / udp,
     lambda q: ether / Dot1Q(vlan=0) / udp, {}),
    ("pop_vlan", lambda p: p.OFPActionPopVlan(), tagged, lambda q: ether / udp,
     {"vlan_vid": (0x1000, 0x1000)}),
    ("push_mpls", lambda p: p.OFPActionPushMpls(0x8847), ether / udp,
     lambda q: ether / MPLS(label=0, cos=2, s=1, ttl=64) / udp, IP4),
    ("pop_mpls", lambda p: p.OFPActionPopMpls(0x800), label, lambda q: ether / udp, LABELS),
    ("set_mpls_ttl", lambda p: p.OFPActionSetMplsTtl(9), label, lambda q: changed(q, MPLS, ttl=9), LABELS),
    ("dec_mpls_ttl", lambda p: p.OFPActionDecMplsTtl(), label, lambda q: changed(q, MPLS, ttl=63), LABELS),
    ("set_nw_ttl", lambda p: p.OFPActionSetNwTtl(9), ether / udp, lambda q: changed(q, IP, ttl=9), IP4),
    ("dec_nw_ttl", lambda p: p.OFPActionDecNwTtl(), ether / udp, lambda q: changed(q, IP, ttl=63), IP4),
    ("copy_ttl_out", lambda p: p.OFPActionCopyTtlOut(), ether / MPLS(label=7, s=1, ttl=9) / udp,
     lambda q: changed(q, MPLS, ttl=64), LABELS),
    ("copy_ttl_in", lambda p: p.OFPActionCopyTtlIn(), ether / MPLS(label=7, s=1, ttl=9) / udp,
     lambda q: changed(q, IP, ttl=9), LABELS),
]
