#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A ring of two bridges of ours and the kernel's bridge in a guest, which speaks plain STP."""

import json
import subprocess
import sys

from topic import Topic, eventually

SECONDS = 120  # the kernel's forward delay twice, in a guest without KVM
SHORT = ("stp-hello-time=1", "stp-max-age=6", "stp-forward-delay=4")
# Of the kernel's bridge, in hundredths of a second.
KERNEL = (("hello_time", 100), ("max_age", 600), ("forward_delay", 400), ("stp_state", 1))


def make_ring(topic, switch):
    switch.vsctl("add-br", "w0", "--", "add-br", "w1")
    for bridge, priority in (("w0", 4096), ("w1", 8192)):
        keys = (f"rstp-priority={priority}", f"stp-priority={priority}", "rstp-max-age=6",
                "rstp-forward-delay=4", *SHORT)
        switch.vsctl("set", "Bridge", bridge, "rstp_enable=true",
                     *(f"other_config:{key}" for key in keys))
    join(switch)
    return [topic.port(switch, f"w{i}", f"g{i}", f"02:00:00:00:00:0{i}") for i in (0, 1)]


def join(switch):
    switch.vsctl("add-port", "w0", "to1", "--", "set", "Interface", "to1", "type=patch",
                 "options:peer=to0", "--", "add-port", "w1", "to0", "--", "set", "Interface",
                 "to0", "type=patch", "options:peer=to1")


def make_bridge(guest):
    guest.run("load bridge")
    guest.run("ip link add br0 type bridge")
    for name, value in KERNEL:
        guest.run(f"echo {value} >/sys/class/net/br0/bridge/{name}")
    for device in ("eth0", "eth1"):
        guest.run(f"ip link set {device} master br0 && ip link set {device} up")
    guest.run("ip link set br0 up")
    for i in (0, 1):
        guest.run(f"ip addr add 192.0.{i + 2}.9/24 dev br0")
        subprocess.run(["ip", "addr", "add", f"192.0.{i + 2}.1/24", "dev", f"w{i}"], check=True)
        subprocess.run(["ip", "link", "set", f"w{i}", "up"], check=True)


def part(switch, protocol, bridge, port):
    """'role state' of the port, 'none' if it is not there."""
    answer = switch.json.command(f"{protocol}/show", bridge)
    rows = json.loads(answer) if isinstance(answer, str) else answer
    found = [f"{row['role']} {row['state']}".lower() for row in rows[0]["ports"]
             if row["interface"] == port]
    return found[0] if found else "none"


def blocked(switch, guest, protocol):
    """The ports of the ring that do not forward. By RSTP's costs our link is the dearest, by STP's
    the guest's."""
    ours = [(bridge, port) for bridge, port in (("w0", "g0"), ("w0", "to1"), ("w1", "g1"),
                                                ("w1", "to0"))
            if not part(switch, protocol, bridge, port).endswith("forwarding")]
    return ours + [device for device in ("eth0", "eth1") if guest.run(
        f"cat /sys/class/net/{device}/brport/state").strip() != "3"]


def root_is_ours(guest):
    return guest.run("cat /sys/class/net/br0/bridge/root_port").strip() != "0"


def check_ring(topic, switch, guest, protocol):
    topic.check(f"{protocol}: the guest's bridge finds the root", eventually, SECONDS,
                root_is_ours, guest)
    topic.check(f"{protocol}: one port of the ring is blocked", eventually, SECONDS, lambda:
                len(blocked(switch, guest, protocol)) == 1)
    topic.check(f"{protocol}: all hear each other", eventually, SECONDS, lambda:
                guest.hears("192.0.2.1") and guest.hears("192.0.3.1"))
    switch.vsctl("del-port", "w0", "to1", "--", "del-port", "w1", "to0")
    topic.check(f"{protocol}: a cut is gone round through the guest", eventually, SECONDS, lambda:
                part(switch, protocol, "w1", "g1") == "root forwarding")
    topic.check(f"{protocol}: and all hear each other again", eventually, SECONDS, lambda:
                guest.hears("192.0.2.1") and guest.hears("192.0.3.1"))


def run(topic):
    switch = topic.switch()
    guest = topic.guest("a", make_ring(topic, switch))
    guest.ready()
    make_bridge(guest)
    check_ring(topic, switch, guest, "rstp")
    join(switch)
    for bridge in ("w0", "w1"):
        switch.vsctl("set", "Bridge", bridge, "rstp_enable=false", "stp_enable=true")
    check_ring(topic, switch, guest, "stp")


if __name__ == "__main__":
    sys.exit(Topic("spanning").run([run]))
