#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A guest whose kernel is the far end of tunnels: weir's vxlan, geneve and gre ports talk with the
devices of the same name. The host behind the switch is its own device of the bridge."""

import subprocess
import sys

from topic import PATIENCE, Topic, eventually
from traffic import serve, wrong_sums

UNDERLAY = "203.0.113."
# The shell would take its own, smaller 'ip': hence its path.
# (type of port, what 'ip link add' is told, network)
KINDS = (
    ("vxlan", "type vxlan id 7 dstport 4789", "192.0.1."),
    ("geneve", "type geneve id 7", "192.0.2."),
    ("gre", "type gretap key 7", "192.0.3."),
)
MODULES = {"vxlan": "vxlan", "geneve": "geneve", "gre": "ip_gre"}


def sh(command):
    return subprocess.run(command, shell=True, check=False, capture_output=True, text=True)


def start(topic):
    sh("ip link set lo up")
    topic.kit = topic.switch()
    topic.a = topic.guest("a", [topic.port(topic.kit, "br-phy", "a0", "02:00:00:00:00:01")])
    sh(f"ip addr add {UNDERLAY}1/24 dev br-phy; ip link set br-phy up")
    topic.a.ready()
    topic.a.address("eth0", f"{UNDERLAY}2/24")
    serve(topic.a)
    topic.check("the underlay works", eventually, 10, topic.a.hears, f"{UNDERLAY}1")


def tunnels(topic):
    for kind, words, network in KINDS:
        bridge = f"br-{kind}"
        topic.kit.vsctl("add-br", bridge, "--", "add-port", bridge, f"{kind}0", "--", "set",
                        "Interface", f"{kind}0", f"type={kind}", "options:key=7",
                        f"options:remote_ip={UNDERLAY}2")
        sh(f"ip addr add {network}1/24 dev {bridge}; ip link set {bridge} up mtu 1400")
        local = f"local {UNDERLAY}2" if kind != "geneve" else ""
        topic.a.run(f"load {MODULES[kind]}; /bin/ip link add t-{kind} {words} remote {UNDERLAY}1"
                    f" {local}; ip link set t-{kind} up mtu 1400;"
                    f" ip addr add {network}2/24 dev t-{kind}")
        topic.check(f"{kind}: the kernel's device and the port hear each other", eventually, 10,
                    topic.a.hears, f"{network}1")
        topic.check(f"{kind}: and the other way", lambda net=network: not sh(
            f"ping -c 2 -i 0.2 -W 2 {net}2").returncode)
        topic.check(f"{kind}: TCP arrives, none with a wrong checksum", lambda net=network: not sh(
            f"timeout {20 * PATIENCE} iperf3 -c {net}2 -n 1M").returncode and not wrong_sums(topic.a))
        topic.a.run(f"ip link del t-{kind}")
        topic.kit.vsctl("del-br", bridge)


if __name__ == "__main__":
    sys.exit(Topic("tunnel").run([start, tunnels]))
