# SPDX-License-Identifier: Apache-2.0
"""Capture files to replay: many flows of equal frames, made here so that nothing is downloaded.

All sizes are those on the wire, with the four bytes of checksum that are not in the file.
"""

import os
import struct

SRC_MAC = bytes.fromhex("02000000000a")
DST_MAC = bytes.fromhex("02000000000b")
HOST_MAC = bytes.fromhex("0200000a0000")  # the first of those who send to many
FCS_SIZE = 4
# The ends of a tunnel.
NEAR_MAC, FAR_MAC = bytes.fromhex("020000000101"), bytes.fromhex("020000000102")
NEAR_IP, FAR_IP, VNI = "198.51.100.1", "198.51.100.2", 5000
VXLAN_PORT = 4789


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def udp(number, size):
    return struct.pack("!HHHH", 1024 + number % 60000, 2000, size, 0) + bytes(size - 8)


def ipv4(number, n_nets, size):
    """Source by number, destination in one of n_nets networks of 256 addresses."""
    src = struct.pack("!I", 0x0a000001 + number)
    dst = struct.pack("!I", 0x0a800001 + number % n_nets * 256 + number // n_nets % 250)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 64, 17, 0, src, dst)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return head + udp(number, size - 20)


def ipv6(number, size):
    net = bytes.fromhex("20010db8000000000000000000000000")
    src = net[:12] + struct.pack("!I", 1 + number)
    dst = net[:8] + b"\0\1\0\0" + struct.pack("!I", 1 + number % 250)
    return struct.pack("!IHBB", 0x60000000, size - 40, 17, 64) + src + dst + udp(number, size - 40)


def mac(first, number):
    return first[:3] + struct.pack("!I", int.from_bytes(first[3:], "big") + number)[1:]


def frame(number, size, kind):
    """The frame of flow 'number'; 'kind' says in what the flows differ."""
    payload = size - FCS_SIZE - 14
    dst, src, tag = DST_MAC, SRC_MAC, b""
    if kind.get("macs"):
        dst = mac(DST_MAC, number % kind["macs"])
    if kind.get("sources"):
        src = mac(SRC_MAC, number)
    if kind.get("hosts"):
        src = mac(HOST_MAC, number // kind["macs"] % kind["hosts"])
    if kind.get("vlan"):
        tag = struct.pack("!HH", 0x8100, kind["vlan"])
    if kind.get("ipv6"):
        return dst + src + tag + b"\x86\xdd" + ipv6(number, max(payload, 48))
    return dst + src + tag + b"\x08\x00" + ipv4(number, kind.get("nets", 1), payload - len(tag))


def vxlan(inner, number):
    """The frame as the far end sends it; the source port tells the flows apart."""
    size = 20 + 8 + 8 + len(inner)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 0, 0x4000, 64, 17, 0,
                       *(bytes(map(int, ip.split("."))) for ip in (FAR_IP, NEAR_IP)))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    ports = struct.pack("!HHHH", 32768 + number * 7919 % 28000, VXLAN_PORT, size - 20, 0)
    return NEAR_MAC + FAR_MAC + b"\x08\x00" + head + ports + struct.pack("!II", 1 << 27, VNI << 8) + inner


def write(path, frames):
    with open(path + ".new", "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for one in frames:
            f.write(struct.pack("<IIII", 0, 0, len(one), len(one)) + one)
    os.rename(path + ".new", path)


def flows(folder, n_flows, size, **kind):
    """A file of one frame per flow, at least 64 so that a burst is always full."""
    words = "".join(f"-{name}{value}" for name, value in sorted(kind.items()))
    path = os.path.join(folder, f"udp-{n_flows}-{size}{words}.pcap")
    if not os.path.exists(path):
        n = max(64, n_flows)
        frames = (frame(i % n_flows, size, kind) for i in range(n))
        if kind.get("tunnel"):
            frames = (vxlan(inner, i % n_flows) for i, inner in enumerate(frames))
        write(path, frames)
    return path
