# SPDX-License-Identifier: Apache-2.0
"""Frames that the targets of frames and tunnels begin with: what tells them apart is in them, the
rest is zeros."""

import struct

TYPES = {"ipv4": 0x0800, "arp": 0x0806, "ipv6": 0x86dd, "mpls": 0x8847, "pbb": 0x88e7}
VXLAN, GENEVE = 4789, 6081
CHECKSUM, SPLIT, CHECKED, LEFT, COPY = 1, 2, 4, 8, 16  # decap_fuzz.c's circumstances


def ethernet(kind, payload, tags=()):
    head = bytes(5) + b"\1" + bytes(5) + b"\2"
    for tpid, tci in tags:
        head += struct.pack("!HH", tpid, tci)
    return head + struct.pack("!H", TYPES.get(kind, kind)) + payload


def fold(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[:len(data) // 2 * 2]))
    total += data[-1] << 8 if len(data) % 2 else 0
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(proto, payload, tos=0, fragment=0, options=b""):
    size = 20 + len(options)
    head = struct.pack("!BBHHHBBH", 0x40 | size // 4, tos, size + len(payload), 0, fragment, 64,
                       proto, 0) + bytes((10, 0, 0, 1, 10, 0, 0, 2)) + options
    return head[:10] + struct.pack("!H", fold(head)) + head[12:] + payload


def ipv6(proto, payload, tos=0):
    return struct.pack("!IHBB", 6 << 28 | tos << 20, len(payload), proto, 64) + \
        b"\xfd" + bytes(14) + b"\1\xfd" + bytes(14) + b"\2" + payload


def udp(port, payload, pseudo=None):
    """'pseudo': the addresses, for a checksum; without, there is none."""
    head = struct.pack("!HHHH", 1, port, 8 + len(payload), 0)
    if pseudo is None:
        return head + payload
    whole = head + payload
    checksum = fold(pseudo + struct.pack("!HH", 17, len(whole)) + whole) or 0xffff
    return head[:6] + struct.pack("!H", checksum) + payload


def tcp(flags=2):
    return struct.pack("!HHIIHHHH", 1, 80, 0, 0, 5 << 12 | flags, 0, 0, 0)


def gre(kind, payload, flags=0x2000, words=(7,)):
    head = struct.pack("!HH", flags, kind) + b"".join(struct.pack("!I", w) for w in words)
    if flags & 0x8000:
        head = head[:4] + struct.pack("!H", fold(head + payload)) + head[6:]
    return head + payload


def geneve(payload, options=b"", flags=0, kind=0x6558):
    return struct.pack("!BBHI", len(options) // 4, flags, kind, 7 << 8) + options + payload


def option(number, kind, data):
    return struct.pack("!HBB", number, kind, len(data) // 4) + data


def vxlan(payload, flags=0x08, policy=0):
    return struct.pack("!BBHI", flags, 0x48, policy, 7 << 8) + payload


def plain():
    """Frames as hosts send them."""
    nd = ipv6(58, struct.pack("!BBHI", 135, 0, 0, 0) + bytes(16) + b"\1\1" + bytes(6))
    advert = ipv6(58, struct.pack("!BBHI", 136, 0, 0, 0) + bytes(16) + b"\2\1" + bytes(6))
    arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + bytes(20)
    icmp = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
    label = struct.pack("!I", 16 << 12 | 64), struct.pack("!I", 17 << 12 | 0x100 | 64)
    hops = bytes((6, 0)) + bytes(6)
    yield ethernet("ipv4", ipv4(6, tcp()))
    yield ethernet("ipv4", ipv4(17, udp(53, b"")), [(0x8100, 7)])
    yield ethernet("ipv4", ipv4(17, udp(53, b"")), [(0x88a8, 7), (0x8100, 8)])
    yield ethernet("ipv4", ipv4(1, icmp))
    yield ethernet("ipv4", ipv4(2, struct.pack("!BBHI", 0x16, 0, 0, 0xe0000001)))
    yield ethernet("ipv4", ipv4(132, struct.pack("!HHII", 1, 2, 0, 0)))
    yield ethernet("ipv4", ipv4(17, bytes(16), fragment=0x2000))
    yield ethernet("ipv4", ipv4(17, bytes(16), fragment=5))
    yield ethernet("ipv4", ipv4(6, tcp(), options=bytes(8)))
    yield ethernet("ipv6", ipv6(6, tcp()))
    yield ethernet("ipv6", ipv6(17, udp(53, b"")), [(0x8100, 7)])
    for first in (0, 43, 60):
        yield ethernet("ipv6", ipv6(first, hops + tcp()))
    yield ethernet("ipv6", ipv6(44, bytes((6, 0, 0, 1)) + bytes(4) + tcp()))
    yield ethernet("ipv6", ipv6(44, bytes((6, 0, 0, 8)) + bytes(4) + tcp()))
    yield ethernet("ipv6", ipv6(51, bytes((6, 1)) + bytes(10) + tcp()))
    yield ethernet("ipv6", ipv6(58, struct.pack("!BBHI", 128, 0, 0, 0)))
    yield ethernet("ipv6", nd)
    yield ethernet("ipv6", advert)
    yield ethernet("arp", arp)
    yield ethernet(0x8035, arp)
    yield ethernet("mpls", label[0] + label[1] + ipv4(6, tcp()))
    yield ethernet("mpls", label[1] + ipv6(6, tcp()))
    yield ethernet("pbb", bytes(3) + b"\5" + ethernet("ipv4", ipv4(6, tcp())))
    yield ethernet(0x894f, bytes((0, 2, 1, 3)) + bytes(4) + ipv4(6, tcp()))
    yield ethernet(60, b"\xaa\xaa\3\0\0\0\x08\0" + ipv4(6, tcp()))
    yield ethernet(60, bytes(60))


def headers(inner, pseudo):
    """Tunnels' headers, with the protocol of the outer IP header."""
    known, must = option(0x102, 3, bytes(4)), option(0x102, 0x85, bytes(8))
    yield 17, udp(VXLAN, vxlan(inner))
    yield 17, udp(VXLAN, vxlan(inner), pseudo)
    yield 17, udp(VXLAN, vxlan(inner, 0x88, 9))
    yield 17, udp(VXLAN, vxlan(inner, 0))
    # What is inside is said by a number, which may be one of no meaning.
    yield 17, udp(VXLAN, vxlan(inner, 0x0c, 3))
    yield 17, udp(VXLAN, vxlan(inner, 0x0d, 3))
    for number in (1, 2, 4):
        yield 17, udp(VXLAN, vxlan(inner[14:], 0x0c, number))
    yield 47, gre(0x0800, inner[14:])
    yield 17, udp(GENEVE, geneve(inner))
    yield 17, udp(GENEVE, geneve(inner, known + must, 0xc0))
    yield 17, udp(GENEVE, geneve(inner, option(0x103, 0x81, b""), 0x40))
    yield 17, udp(GENEVE, geneve(inner, option(0x102, 0x85, bytes(4)), 0x40))
    yield 17, udp(GENEVE, geneve(inner, option(1, 1, b"")[:3] + b"\2"))
    yield 17, udp(GENEVE, geneve(inner, kind=0x0800))
    yield 47, gre(0x6558, inner)
    yield 47, gre(0x6558, inner, 0xb000, (0, 7, 1))
    yield 47, gre(0x6558, inner, 0, ())
    yield 47, gre(0x0800, inner, 0x4000)
    yield 47, gre(0x88be, struct.pack("!HHI", 0x1000, 5, 9) + inner, 0x1000, (1,))
    yield 47, gre(0x22eb, struct.pack("!HHIHH", 0x2000, 5, 0, 0, 0x18) + inner, 0x1000, (1,))
    yield 47, gre(0x22eb, struct.pack("!HHIHH", 0x2000, 5, 0, 0, 9) + bytes(8) + inner, 0x1000, (1,))


def tunnelled():
    """Inputs of decap_fuzz.c: circumstances, where the first segment ends, and a frame."""
    plains = [ipv4(6, tcp(), tos=ecn) for ecn in range(4)]
    inners = [ethernet("ipv4", ip) for ip in plains]
    inners += [ethernet("ipv4", plains[2], [(0x8100, 7)]), ethernet("arp", bytes(28)), bytes(10)]
    inners += [ethernet("ipv6", ipv6(6, tcp(), tos=ecn)) for ecn in (0, 2)]
    for outer in (ipv4, ipv6):
        addresses = outer(17, b"")[12:20] if outer is ipv4 else outer(17, b"")[8:40]
        kind = "ipv4" if outer is ipv4 else "ipv6"
        for circumstances in (CHECKSUM, SPLIT, CHECKED | COPY, LEFT):
            for proto, header in headers(inners[0], addresses):
                frame = ethernet(kind, outer(proto, header))
                yield bytes((circumstances, len(frame) - 60)) + frame
        for ecn in range(4):
            for inner in inners:
                frame = ethernet(kind, outer(17, udp(VXLAN, vxlan(inner)), tos=ecn))
                yield bytes((CHECKSUM, 0)) + frame + bytes(4)
                yield bytes((CHECKSUM | SPLIT, len(frame) - 1 & 0xff)) + frame + bytes(4)
        for proto, header in headers(inners[0], addresses):
            for n in (4, 12, len(header) - 60):
                yield bytes((0, 0)) + ethernet(kind, outer(proto, header[:n]))
