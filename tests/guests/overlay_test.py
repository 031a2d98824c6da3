#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two hypervisors, each with a switch of its own in a namespace, joined by VXLAN: their guests talk, and
one moves from the one to the other while it is spoken with. The gaps are printed."""

import os
import subprocess
import sys

from topic import Topic, eventually
from traffic import Beat, serve, talks

HYPERVISORS = ("1", "2")
UNDERLAY = "203.0.113."
MTU = 1450  # VXLAN's headers take 50 bytes
PATIENCE_MS = 3000
TRIES = 4
MOVED_MAC = "02:00:00:00:00:02"


def sh(command):
    subprocess.run(command, shell=True, check=True)


def space(i):
    return f"wg-{os.getpid()}-{i}"


def underlay_start(topic):
    for i in HYPERVISORS:
        sh(f"ip netns add {space(i)}; ip -n {space(i)} link set lo up")
        topic.at_end.append(f"ip netns del {space(i)}")
    sh(f"ip link add u1 netns {space('1')} type veth peer name u2 netns {space('2')}")
    for i in HYPERVISORS:
        sh(f"ip -n {space(i)} link set u{i} up; ip -n {space(i)} link set u{i} mtu 1600;"
           f" ip -n {space(i)} addr add {UNDERLAY}{i}/24 dev u{i}")


def switch_start(topic, i):
    """The underlay goes through the kernel's device, which the switch has taken as a port."""
    switch = topic.switch(("ip", "netns", "exec", space(i)))
    switch.vsctl("add-br", "br-phy", "--", "add-port", "br-phy", f"u{i}", "--", "set", "Interface",
                 "br-phy", "mtu_request=1600")
    sh(f"ip -n {space(i)} addr flush dev u{i};"
       f" ip -n {space(i)} addr add {UNDERLAY}{i}/24 dev br-phy;"
       f" ip -n {space(i)} link set br-phy up; ip -n {space(i)} link set br-phy mtu 1600")
    return switch


def bridge_start(switch, far):
    switch.vsctl("add-br", "br0", "--", "add-port", "br0", "vx", "--", "set", "Interface", "vx",
                 "type=vxlan", f"options:remote_ip={UNDERLAY}{far}", "options:key=7")


def start(topic):
    underlay_start(topic)
    topic.here, topic.there = switch_start(topic, "1"), switch_start(topic, "2")
    boot(topic, {})


def boot(topic, properties):
    topic.properties = properties
    bridge_start(topic.here, "2")
    bridge_start(topic.there, "1")
    topic.a = topic.guest("a", [topic.port(topic.here, "br0", "a0", "02:00:00:00:00:01",
                                           **properties)])
    topic.b = topic.guest("b", [topic.port(topic.there, "br0", "b0", MOVED_MAC, **properties)])
    for number, guest in ((1, topic.a), (2, topic.b)):
        guest.ready()
        guest.address("eth0", f"192.0.2.{number}/24", MTU)
        guest.run("ethtool -K eth0 gro off")
        serve(guest)


def overlay(topic):
    a, b = topic.a, topic.b
    topic.check("guests of two switches hear each other", eventually, 10, a.hears, "192.0.2.2")
    topic.check("TCP and UDP arrive", talks, a, b, "192.0.2.2", "eth0")
    topic.check("and the other way", talks, b, a, "192.0.2.1", "eth0")
    topic.check("through the tunnel", eventually, 20, lambda: int(
        topic.there.vsctl("get", "Interface", "vx", "statistics:rx_packets")) > 100)


def move_once(topic, number):
    """Guest b moves to the other switch; returns the longer gap of both ways, in ms."""
    a, b = topic.a, topic.b
    switch, port, card = topic.homes[number % 2]
    way = topic.path(f"way{len(topic.guests)}")
    arrived = topic.guest(f"b{len(topic.guests)}", [card], incoming=f"unix:{way}")
    from_b, to_b = Beat(b, a, "192.0.2.1"), Beat(a, b, "192.0.2.2")
    topic.check("both ways there is traffic", eventually, 10, a.hears, "192.0.2.2")
    b.migrate(arrived, way)
    topic.check("the guest has moved", eventually, 60, b.has_moved)
    b.kill()
    arrived.ready()
    topic.b = arrived
    topic.check("after its move a guest is heard", eventually, 10, a.hears, "192.0.2.2")
    from_b.sender = to_b.receiver = arrived
    topic.check("its address is known where it is now", eventually, 10, is_behind, switch, port)
    gaps = []
    for words, beat in (("from", from_b), ("to", to_b)):
        seen = beat.end()
        # The clock of a guest stands still while it moves, so lost datagrams count too.
        gap = max(seen["gap_ms"], seen["lost"] * beat.milliseconds)
        print(f"# live migration: {words} the guest a gap of {gap} ms, {seen['lost']} of"
              f" {seen['received'] + seen['lost']} datagrams lost")
        topic.check(f"what is sent {words} the guest goes on", seen["received"] > 0)
        gaps.append(gap)
    return max(gaps)


def is_behind(switch, port):
    """Whether the switch knows the guest's address behind a port of its own."""
    number = switch.vsctl("get", "Interface", port, "ofport").strip()
    return any(line.split()[0] == number for line in switch.command("fdb/show", "br0").splitlines()
               if MOVED_MAC in line)


def move(topic):
    """Guest b moves to the switch of guest a; and back in the long form, or if a busy machine has made the
    gap too long."""
    card = topic.port(topic.here, "br0", "b1", MOVED_MAC, **topic.properties)
    topic.homes = [(topic.here, "b1", card), (topic.there, "b0", topic.b.cards[0])]
    shortest = PATIENCE_MS
    for number in range(TRIES):
        shortest = min(shortest, move_once(topic, number))
        if shortest < PATIENCE_MS and (number or not topic.is_long):
            break
    topic.check(f"traffic from and to the guest returns within {PATIENCE_MS} ms", shortest < PATIENCE_MS)
    topic.check("TCP and UDP arrive at the guest that has moved", talks, topic.a, topic.b, "192.0.2.2",
                "eth0")


def again(topic):
    """The long form: with packed rings."""
    if not topic.is_long:
        return
    for guest in topic.guests:
        guest.kill()
    for switch in (topic.here, topic.there):
        switch.vsctl("del-br", "br0")
    boot(topic, {"packed": "on"})
    overlay(topic)
    move(topic)


if __name__ == "__main__":
    sys.exit(Topic("overlay").run([start, overlay, move, again]))
