# SPDX-License-Identifier: Apache-2.0
"""Capture files to replay: many flows of equal frames, made here so that nothing is downloaded."""

import os
import struct

SRC_MAC = bytes.fromhex("02000000000a")
DST_MAC = bytes.fromhex("02000000000b")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(src, dst, protocol, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, src, dst)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp_frame(number, size):
    """The frame of flow 'number', 'size' bytes with the FCS that is not in the file."""
    src = struct.pack("!I", 0x0a000001 + number)
    dst = struct.pack("!I", 0x0a800001 + number % 250)
    n = size - 4 - 14 - 20
    payload = struct.pack("!HHHH", 1024 + number % 60000, 2000, n, 0) + bytes(n - 8)
    return DST_MAC + SRC_MAC + b"\x08\x00" + ipv4(src, dst, 17, payload)


def write(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            f.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)


def udp_flows(folder, n_flows, size):
    """A file of one frame per flow, at least 64 so that a burst is always full."""
    path = os.path.join(folder, f"udp-{n_flows}-{size}.pcap")
    if not os.path.exists(path):
        n = max(64, n_flows)
        write(path, (udp_frame(i % n_flows, size) for i in range(n)))
    return path
