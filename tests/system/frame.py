# SPDX-License-Identifier: Apache-2.0
"""Sends a frame from one host of a system test and says whether it reaches another.

usage: frame.py FROM TO DESTINATION SOURCE TYPE [PAYLOAD [TIMES]]

FROM and TO are hosts (namespaces ws-NAME with a device NAME), '-' as TO: nobody listens. Addresses
are 12 hex digits, the type and the payload hex digits too; frames are filled up to 60 bytes. SOURCE
'each' is another address for each of the frames. With WEIR_PATIENCE=N it is waited for N times as long.
"""
import ctypes
import os
import socket
import sys
import time

ANY = 3  # all protocols
WAIT_S = 0.7 * int(os.environ.get("WEIR_PATIENCE", "3"))
DID_NOT = 2  # exit status; 1 is Python's for faults


def opened(host):
    """A socket on the host's device. It stays in its namespace, whatever we enter later."""
    namespace = os.open(f"/run/netns/ws-{host}", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(namespace, 0):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(namespace)
    found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ANY))
    found.bind((host, 0))
    return found


def main():
    sender, receiver, dst, src, kind = sys.argv[1:6]
    payload = sys.argv[6] if len(sys.argv) > 6 else ""
    times = int(sys.argv[7]) if len(sys.argv) > 7 else 1
    ear = opened(receiver) if receiver != "-" else None
    mouth = opened(sender)
    for number in range(times):
        source = f"0255{number:08x}" if src == "each" else src
        mouth.send(bytes.fromhex(dst + source + kind + payload).ljust(60, b"\0"))
    if not ear:
        return 0
    # A tag may have been taken off on the way, by the device too: addresses are enough.
    wanted = bytes.fromhex(dst + source)
    ear.settimeout(0.1)
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            frame, address = ear.recvfrom(2048)
        except TimeoutError:
            continue
        if frame[:12] == wanted and address[2] != socket.PACKET_OUTGOING:
            return 0
    return DID_NOT


if __name__ == "__main__":
    sys.exit(main())
