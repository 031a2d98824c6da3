# SPDX-License-Identifier: Apache-2.0
"""What conformance.py goes through beyond case_rows.py. Headers that scapy lacks are bytes."""
from case_rows import (A, B, C, ICMP6, IP4, IP6, NA, SCTP4, TCP4, UDP4, changed, echo6, ether, label, na,
                       sctp, six, tagged, tcp, udp)
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import (ICMPv6EchoRequest, ICMPv6NDOptDstLLAddr, IPv6, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting)
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.layers.sctp import SCTP

BACKBONE, LABELS, LABELS_MC = {"eth_type": 0x88e7}, {"eth_type": 0x8847}, {"eth_type": 0x8848}
SERVICE, CUSTOMER = {"eth_type": 0x88e7, "vlan_vid": 0x100a}, {"vlan_vid": (0x1000, 0x1000)}


def backbone(inner, tag=0x64, addresses=None):
    """The frame in a backbone's: I-TAG, and addresses of the backbone's own if given."""
    inner = bytes(inner)
    return (addresses or inner[:12]) + b"\x88\xe7" + tag.to_bytes(4, "big") + inner


def service(frame, tci=10):
    """A service tag behind the addresses."""
    return frame[:12] + b"\x88\xa8" + tci.to_bytes(2, "big") + frame[12:]


def multicast(packet):
    return bytes(packet).replace(b"\x88\x47", b"\x88\x48", 1)


plain = ether / udp
extended = ether / IPv6(src="2001:db8::1", dst="2001:db8::2") / IPv6ExtHdrHopByHop() / TCP()
double = ether / Dot1AD(vlan=10) / Dot1Q(vlan=5, prio=3) / udp
stack = ether / MPLS(label=7, s=0, ttl=9) / MPLS(label=77, cos=5, s=1, ttl=64) / udp


six_tcp, six_udp = six / TCP(sport=1000, dport=80), six / UDP(sport=1000, dport=80)
six_sctp = six / SCTP(sport=1000, dport=80)
plain_arp = ether / ARP(op=1, psrc="10.1.2.3", pdst="10.4.5.6", hwsrc=A, hwdst=C)
ARPS, OLD6 = {"eth_type": 0x806}, {"dl_type": 0x86dd}
TCP6, UDP6, SCTP6 = {**IP6, "ip_proto": 6}, {**IP6, "ip_proto": 17}, {**IP6, "ip_proto": 132}

# OpenFlow 1.0 knows nothing of IPv6; what suites for it expect is that IPv6's fields count as IPv4's do.
OLD_SIX = [
    ({**OLD6, "nw_tos": 0x28}, ether / six_tcp, ether / IPv6(tc=0x41) / TCP()),
    ({**OLD6, "nw_proto": 6}, ether / six_tcp, ether / six_udp),
    ({**OLD6, "nw_proto": 6, "tp_src": 1000}, ether / six_tcp, ether / six / TCP(sport=7)),
    ({**OLD6, "nw_proto": 6, "tp_dst": 80}, ether / six_tcp, ether / six / TCP(dport=7)),
    ({**OLD6, "nw_proto": 17, "tp_src": 1000}, ether / six_udp, ether / six / UDP(sport=7)),
    ({**OLD6, "nw_proto": 17, "tp_dst": 80}, ether / six_udp, ether / six / UDP(dport=7)),
    ({"dl_type": 0x800, "nw_dst": "10.4.0.0", "nw_dst_mask": 16}, ether / udp,
     ether / IP(dst="10.5.0.1") / UDP()),
    ({"dl_type": 0x800, "nw_proto": 17, "tp_src": 1000}, ether / udp, ether / IP() / UDP(sport=7)),
]

# Name, match, action, packet, what becomes of it.
OLD_SETS = [
    ("set_nw_tos of IPv6", OLD6, lambda p: p.OFPActionSetNwTos(0xb8), ether / six_tcp,
     lambda q: changed(q, IPv6, tc=0xb8)),
    ("set_tp_src of TCP", {"dl_type": 0x800, "nw_proto": 6, "tp_src": 1000},
     lambda p: p.OFPActionSetTpSrc(7), ether / tcp, lambda q: changed(q, TCP, sport=7)),
    ("set_tp_dst of TCP", {"dl_type": 0x800, "nw_proto": 6}, lambda p: p.OFPActionSetTpDst(7), ether / tcp,
     lambda q: changed(q, TCP, dport=7)),
    ("set_tp_src of UDP", {"dl_type": 0x800, "nw_proto": 17}, lambda p: p.OFPActionSetTpSrc(7), ether / udp,
     lambda q: changed(q, UDP, sport=7)),
    ("set_tp_src of TCP and IPv6", {**OLD6, "nw_proto": 6, "tp_src": 1000},
     lambda p: p.OFPActionSetTpSrc(7), ether / six_tcp, lambda q: changed(q, TCP, sport=7)),
    ("set_tp_dst of TCP and IPv6", {**OLD6, "nw_proto": 6}, lambda p: p.OFPActionSetTpDst(7),
     ether / six_tcp, lambda q: changed(q, TCP, dport=7)),
    ("set_tp_src of UDP and IPv6", {**OLD6, "nw_proto": 17}, lambda p: p.OFPActionSetTpSrc(7),
     ether / six_udp, lambda q: changed(q, UDP, sport=7)),
    ("set_tp_dst of UDP and IPv6", {**OLD6, "nw_proto": 17}, lambda p: p.OFPActionSetTpDst(7),
     ether / six_udp, lambda q: changed(q, UDP, dport=7)),
]


def with_protocol(packet, number):
    """Another protocol in the header, and in what TCP's checksum covers, where it counts as a number."""
    packet = Ether(bytes(packet))
    kind, name = (IP, "proto") if packet.haslayer(IP) else (IPv6, "nh")
    packet[TCP].chksum -= number - getattr(packet[kind], name)
    setattr(packet[kind], name, number)
    if kind == IP:
        packet[IP].chksum = None
    return packet


# As SET_FIELDS.
MORE_SETS = [
    (TCP4, {"ip_proto": 17}, ether / tcp, lambda q: with_protocol(q, 17)),
    (TCP6, {"ip_proto": 17}, ether / six_tcp, lambda q: with_protocol(q, 17)),
    (SCTP4, {"sctp_src": 7}, ether / sctp, lambda q: changed(q, SCTP, sport=7)),
    (TCP6, {"tcp_src": 7}, ether / six_tcp, lambda q: changed(q, TCP, sport=7)),
    (TCP6, {"tcp_dst": 7}, ether / six_tcp, lambda q: changed(q, TCP, dport=7)),
    (UDP6, {"udp_src": 7}, ether / six_udp, lambda q: changed(q, UDP, sport=7)),
    (UDP6, {"udp_dst": 7}, ether / six_udp, lambda q: changed(q, UDP, dport=7)),
    (SCTP6, {"sctp_src": 7}, ether / six_sctp, lambda q: changed(q, SCTP, sport=7)),
    (SCTP6, {"sctp_dst": 7}, ether / six_sctp, lambda q: changed(q, SCTP, dport=7)),
    (ICMP6, {"icmpv6_type": 129}, ether / echo6, lambda q: changed(q, ICMPv6EchoRequest, type=129)),
    (ICMP6, {"icmpv6_code": 7}, ether / echo6, lambda q: changed(q, ICMPv6EchoRequest, code=7)),
    (NA, {"ipv6_nd_tll": B}, ether / na, lambda q: changed(q, ICMPv6NDOptDstLLAddr, lladdr=B)),
    (IP6, {"ip_dscp": 46}, ether / six_tcp, lambda q: changed(q, IPv6, tc=0xb8)),
    (IP6, {"ip_ecn": 2}, ether / six_tcp, lambda q: changed(q, IPv6, tc=0x2a)),
]


def PLAIN_MATCHES(version):
    """What is matched, a packet that has it, one that has not."""
    if version == "10":
        return OLD_SIX
    rows = [
        ({**BACKBONE, "pbb_isid": 100}, backbone(plain), backbone(plain, 101)),
        ({**BACKBONE, "pbb_isid": (96, 0xfffff0)}, backbone(tagged), backbone(tagged, 0x74)),
        ({**SERVICE, "pbb_isid": 100}, service(backbone(plain)), service(backbone(plain), 11)),
        ({**LABELS_MC, "mpls_label": 77}, multicast(label),
         multicast(ether / MPLS(label=78, s=1) / udp)),
        ({"vlan_vid": 0x100a}, double, ether / Dot1AD(vlan=11) / Dot1Q(vlan=5) / udp),
        ({**IP6, "ipv6_exthdr": (64, 64)}, extended, ether / echo6),
        ({**IP6, "ipv6_exthdr": 64}, extended,
         ether / six / IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting() / TCP()),
        ({**IP6, "ip_ecn": 0}, ether / echo6, ether / IPv6(tc=1) / TCP()),
        ({**IP6, "ip_proto": 58}, ether / echo6, ether / six / TCP()),
        ({**TCP6, "tcp_dst": 80}, ether / six_tcp, ether / six / TCP(dport=81)),
        ({**TCP6, "tcp_src": 1000}, ether / six_tcp, ether / six / TCP(sport=7)),
        ({**UDP6, "udp_dst": 80}, ether / six_udp, ether / six / UDP(dport=7)),
        ({**UDP6, "udp_src": 1000}, ether / six_udp, ether / six / UDP(sport=7)),
        ({**SCTP6, "sctp_dst": 80}, ether / six_sctp, ether / six / SCTP(dport=7)),
        ({**SCTP6, "sctp_src": 1000}, ether / six_sctp, ether / six / SCTP(sport=7)),
        ({**ARPS, "arp_spa": ("10.1.0.0", "255.255.0.0")}, plain_arp, ether / ARP(psrc="10.2.0.1")),
        ({**ARPS, "arp_sha": (A, "00:00:00:00:00:ff")}, plain_arp, ether / ARP(hwsrc=B)),
        ({**ARPS, "arp_tha": (C, "ff:00:00:00:00:ff")}, plain_arp, ether / ARP(hwdst=B)),
        ({"vlan_vid": (0x1004, 0x1006)}, tagged, ether / Dot1Q(vlan=7) / udp),
        ({**IP6, "ipv6_dst": "2001:db8::2"}, ether / echo6, ether / IPv6(dst="2001:db8::3") / TCP()),
        ({**IP4, "ipv4_src": ("10.0.2.0", "255.0.255.0")}, plain, ether / IP(src="10.1.3.3") / TCP()),
        ({**IP6, "ipv6_src": ("::1", "::ffff")}, ether / echo6, ether / IPv6(src="::2") / TCP()),
        ({**IP6, "ipv6_flabel": (0x12000, 0xff000)}, ether / echo6, ether / IPv6(fl=0x13000) / TCP()),
    ]
    if version != "13":
        rows.append(({**BACKBONE, "pbb_uca": 1}, backbone(plain, 0x08000064), backbone(plain)))
    return rows


def LAYERS(version):
    """Name, match, actions, packet, what becomes of it."""
    rows = [
        ("push a tag on a tag", CUSTOMER, lambda p: [p.OFPActionPushVlan(0x88a8)], tagged,
         ether / Dot1AD(vlan=5, prio=3) / Dot1Q(vlan=5, prio=3) / udp),
        ("push the same kind of tag", CUSTOMER, lambda p: [p.OFPActionPushVlan(0x8100)], tagged,
         ether / Dot1Q(vlan=5, prio=3) / Dot1Q(vlan=5, prio=3) / udp),
        ("push two tags", {}, lambda p: [
            p.OFPActionPushVlan(0x8100), p.OFPActionSetField(vlan_vid=0x1005),
            p.OFPActionPushVlan(0x88a8), p.OFPActionSetField(vlan_vid=0x100a)], plain,
         ether / Dot1AD(vlan=10) / Dot1Q(vlan=5) / udp),
        ("pop the outer tag", CUSTOMER, lambda p: [p.OFPActionPopVlan()], double, tagged),
        ("set the outer tag", CUSTOMER, lambda p: [p.OFPActionSetField(vlan_vid=0x1014)], double,
         ether / Dot1AD(vlan=20) / Dot1Q(vlan=5, prio=3) / udp),
        ("push a label on a label", LABELS, lambda p: [p.OFPActionPushMpls(0x8847)], label,
         ether / MPLS(label=77, cos=5, s=0, ttl=64) / MPLS(label=77, cos=5, s=1, ttl=64) / udp),
        ("push a label behind a tag", {**IP4, **CUSTOMER}, lambda p: [p.OFPActionPushMpls(0x8847)], tagged,
         ether / Dot1Q(vlan=5, prio=3) / MPLS(label=0, cos=2, s=1, ttl=64) / udp),
        ("push a label before what has no TTL", ARPS, lambda p: [p.OFPActionPushMpls(0x8847)], plain_arp,
         ether / MPLS(label=0, cos=0, s=1, ttl=64) / plain_arp[ARP]),
        ("push a label before IPv6", IP6, lambda p: [p.OFPActionPushMpls(0x8847)], ether / six_tcp,
         ether / MPLS(label=2, cos=2, s=1, ttl=64) / six_tcp),
        ("pop a label before ARP", LABELS, lambda p: [p.OFPActionPopMpls(0x806)],
         ether / MPLS(label=7, s=1, ttl=9) / plain_arp[ARP], plain_arp),
        ("push a tag before ARP", ARPS, lambda p: [p.OFPActionPushVlan(0x88a8)], plain_arp,
         ether / Dot1AD(vlan=0) / plain_arp[ARP]),
        ("push a multicast label", IP4, lambda p: [p.OFPActionPushMpls(0x8848)], plain,
         multicast(ether / MPLS(label=0, cos=2, s=1, ttl=64) / udp)),
        ("pop the outer label", LABELS, lambda p: [p.OFPActionPopMpls(0x8847)], stack, label),
        ("copy the TTL of a label out", LABELS, lambda p: [p.OFPActionCopyTtlOut()], stack,
         ether / MPLS(label=7, s=0, ttl=64) / MPLS(label=77, cos=5, s=1, ttl=64) / udp),
        ("copy the TTL of a label in", LABELS, lambda p: [p.OFPActionCopyTtlIn()], stack,
         ether / MPLS(label=7, s=0, ttl=9) / MPLS(label=77, cos=5, s=1, ttl=9) / udp),
        ("copy the TTL into IPv6", LABELS, lambda p: [p.OFPActionCopyTtlIn()],
         ether / MPLS(label=7, s=1, ttl=9) / echo6,
         ether / MPLS(label=7, s=1, ttl=9) / changed(echo6, IPv6, hlim=9)),
        ("copy the TTL out of IPv6", LABELS, lambda p: [p.OFPActionCopyTtlOut()],
         ether / MPLS(label=7, s=1, ttl=9) / echo6, ether / MPLS(label=7, s=1, ttl=64) / echo6),
        ("take one from a hop limit", IP6, lambda p: [p.OFPActionDecNwTtl()], ether / echo6,
         ether / changed(echo6, IPv6, hlim=63)),
        ("set a hop limit", IP6, lambda p: [p.OFPActionSetNwTtl(9)], ether / echo6,
         ether / changed(echo6, IPv6, hlim=9)),
        ("set DSCP of IPv6", IP6, lambda p: [p.OFPActionSetField(ip_dscp=46)], ether / echo6,
         ether / changed(echo6, IPv6, tc=0xb8)),
        ("set ECN of IPv6", IP6, lambda p: [p.OFPActionSetField(ip_ecn=2)], ether / echo6,
         ether / changed(echo6, IPv6, tc=0x2a)),
        ("set a port behind IPv6", {**IP6, "ip_proto": 6}, lambda p: [p.OFPActionSetField(tcp_dst=7)],
         ether / six / TCP(dport=80), ether / six / TCP(dport=7)),
        ("push a backbone", IP4, lambda p: [p.OFPActionPushPbb(0x88e7)], plain, backbone(plain, 0)),
        ("push a backbone on a tag", CUSTOMER, lambda p: [p.OFPActionPushPbb(0x88e7)], tagged,
         backbone(tagged, 0x60000000)),
        ("push a backbone and name it", IP4, lambda p: [
            p.OFPActionPushPbb(0x88e7), p.OFPActionSetField(pbb_isid=100),
            p.OFPActionSetField(eth_dst=C)], plain,
         backbone(plain, 100, bytes(Ether(src=A, dst=C))[:12])),
        ("push two backbones", IP4, lambda p: [p.OFPActionPushPbb(0x88e7)] * 2, plain,
         backbone(backbone(plain, 0), 0)),
        ("pop a backbone", BACKBONE, lambda p: [p.OFPActionPopPbb()], backbone(tagged), tagged),
        ("pop one of two backbones", BACKBONE, lambda p: [p.OFPActionPopPbb()],
         backbone(backbone(plain, 9), 100, bytes(Ether(src=B, dst=C))[:12]), backbone(plain, 9)),
        ("set a backbone's service", BACKBONE, lambda p: [p.OFPActionSetField(pbb_isid=203)],
         backbone(tagged), backbone(tagged, 203)),
    ]
    if version != "13":
        rows.append(("set a backbone's address bit", BACKBONE,
                     lambda p: [p.OFPActionSetField(pbb_uca=1)], backbone(tagged),
                     backbone(tagged, 0x08000064)))
    return rows


# Name, actions and instructions of the first table, what the second one matches, what it must not.
THROUGH_TABLES = [
    ("metadata", lambda p: [], lambda p: [p.OFPInstructionWriteMetadata(0x1122334455667788, 2**64 - 1)],
     {"metadata": 0x1122334455667788}, {"metadata": 0x1122334455667789}),
    ("a part of the metadata", lambda p: [],
     lambda p: [p.OFPInstructionWriteMetadata(0x1122334455667788, 0xffffffff)],
     {"metadata": (0x55660000, 0xffffffffffff0000)}, {"metadata": (0x1122 << 48, 0xffff << 48)}),
    ("a tunnel's number", lambda p: [p.OFPActionSetField(tunnel_id=12345)], lambda p: [],
     {"tunnel_id": 12345}, {"tunnel_id": 12346}),
    ("a part of a tunnel's number", lambda p: [p.OFPActionSetField(tunnel_id=0x3039)], lambda p: [],
     {"tunnel_id": (0x3000, 0xff00)}, {"tunnel_id": (0x3100, 0xff00)}),
]
