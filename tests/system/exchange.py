# SPDX-License-Identifier: Apache-2.0
"""Sends a frame from one host of a system test and says who got it, and with which tags.

usage: exchange.py FROM 'PACKET' HOST=TAGS…

PACKET is what trace tests have (tests/trace/packet.py); hosts are namespaces ws-NAME with a device
NAME. TAGS are 'untagged' or VLANs from the outside in, as '10', '10/5' with a priority, 's10+20' with
an outer tag of 802.1ad, with commas between those of several copies; '-': nothing arrives; '=N': so many bytes do. Sent again until all is so,
for some seconds. Ends with status 0 if it was.
"""
import os
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trace"))

import frame
import packet

PATIENCE_S = 5 * int(os.environ.get("WEIR_PATIENCE", "3"))
QUIET_S = 0.15  # after the frame was sent, or after the last arrival
SOL_PACKET, PACKET_AUXDATA = 263, 8
VLAN_VALID, TPID_VALID = 0x10, 0x40


def received(ear, wanted):
    """The frame if it is one that we sent, with the tag that the kernel took off."""
    data, extras, _, address = ear.recvmsg(65536, 256)
    if address[2] == socket.PACKET_OUTGOING or data[:12] != wanted[:12]:
        return None
    for level, kind, value in extras:
        if level != SOL_PACKET or kind != PACKET_AUXDATA:
            continue
        status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", value[:20])
        if status & VLAN_VALID:
            tpid = tpid if status & TPID_VALID else 0x8100
            data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
    return data


def attempt(mouth, ears, data):
    """Who got what: {name: [frame…]}"""
    got = {name: [] for name in ears}
    for ear in ears.values():  # what came late of earlier attempts
        while select.select([ear], [], [], 0)[0]:
            ear.recv(65536)
    mouth.send(data)
    end = time.monotonic() + QUIET_S
    while time.monotonic() < end:
        for name, ear in ears.items():
            while select.select([ear], [], [], 0.01)[0]:
                found = received(ear, data)
                if found:
                    got[name].append(found)
                    end = time.monotonic() + QUIET_S
    return got


def word_of(frames, wanted):
    if wanted.startswith("=") and frames:
        return f"={len(frames[0])}"
    return ",".join(sorted(packet.tags_of(data) for data in frames)) or "-"


def main():
    wanted = dict(word.split("=", 1) for word in sys.argv[3:])
    data = packet.build(packet.parse(sys.argv[2].split()))
    ears = {name: frame.opened(name) for name in wanted}
    for ear in ears.values():
        ear.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    mouth = frame.opened(sys.argv[1])
    end = time.monotonic() + PATIENCE_S
    while True:
        got = attempt(mouth, ears, data)
        found = {name: word_of(got[name], wanted[name]) for name in wanted}
        if found == wanted:
            return 0
        if time.monotonic() > end:
            print("wanted", *(f"{name}={word}" for name, word in wanted.items()))
            print("got   ", *(f"{name}={word}" for name, word in found.items()))
            return 1


if __name__ == "__main__":
    sys.exit(main())
