# SPDX-License-Identifier: Apache-2.0
"""A bridge br0 with the ports p0 and p1 of a case, set up in words that both switches know."""

import os
import sys

import captures
import machine

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import daemon

SOURCE = "net_pcap0,rx_pcap={},infinite_rx=1"
SINK = "net_null0,no-rx=1"


def guest_socket(folder, port):
    return os.path.join(folder, f"guest{port}.sock")


def port_words(number, case, capture, folder):
    """The words of ovs-vsctl that add port number 0 or 1 of the case."""
    name = f"p{number}"
    if case.guest:
        device = ["type=dpdkvhostuserclient",
                  f"options:vhost-server-path={guest_socket(folder, number)}"]
    else:
        devargs = SINK if number else SOURCE.format(capture)
        device = ["type=dpdk", f'options:dpdk-devargs="{devargs}"']
    return ["--", "add-port", bridge_of(number, case), name, "--", "set", "Interface", name,
            f"ofport_request={number + 1}", *device]


def bridge_of(number, case):
    """Outer packets go through br1: they come from p0 or go to p1."""
    outer = {"encap": 1, "decap": 0}
    return "br1" if case.tunnel and outer[case.tunnel] == number else "br0"


def port_names(case):
    return ("p0", "p1") if case.capture or case.guest else ()


def add_tunnel(switch, case):
    """Port 3 of br0, and below it br1, which bears the near end's address."""
    switch.vsctl("add-br", "br1", "--", "set", "Bridge", "br1", "datapath_type=netdev",
                 f'other_config:hwaddr="{text_of(captures.NEAR_MAC)}"')
    for words in (["addr", "add", captures.NEAR_IP + "/24", "dev", "br1"],
                  ["link", "set", "br1", "up"]):
        machine.in_network(switch.pid(), "ip", *words)
    switch.vsctl("add-port", "br0", "tun", "--", "set", "Interface", "tun", "type=vxlan",
                 "ofport_request=3", f"options:remote_ip={captures.FAR_IP}",
                 f"options:key={captures.VNI}")
    switch.appctl("tnl/neigh/set", "br1", captures.FAR_IP, text_of(captures.FAR_MAC))


def set_up(switch, case, capture, folder):
    """Adds the ports. The one that frames come from is the last, so that flows are made from the
    case's rules and not from what was before them."""
    names = port_names(case)
    if case.tunnel:
        add_tunnel(switch, case)
    for number in reversed(range(len(names))):
        if number == 0:
            teach(switch, case, folder)
        switch.vsctl(*port_words(number, case, capture, folder)[1:])


def text_of(mac):
    return ":".join(f"{b:02x}" for b in mac)


def mac_text(number):
    return text_of(captures.mac(captures.DST_MAC, number))


def teach_addresses(switch, port, n):
    """The first n destinations are at the port. There may be very many, so no program is run."""
    if not n:
        return
    control = daemon.Control(switch.control())
    switch.vsctl("set", "Bridge", "br0", f"other_config:mac-table-size={max(8192, 2 * n)}")
    for number in range(n):
        control.command("fdb/add", "br0", port, "0", mac_text(number))


def teach(switch, case, folder):
    """Gives the bridge its rules, or the addresses it would have learned."""
    teach_addresses(switch, "p1", case.macs)
    if case.tunnel:
        port, way = (("in_port=LOCAL", "output:2") if case.tunnel == "encap" else
                     ("in_port=1", "LOCAL"))
        switch.ofctl("add-flow", "br1", f"priority=100,{port},actions={way}")
    if not case.rules:
        return
    path = os.path.join(folder, "rules")
    with open(path, "w", encoding="ascii") as f:
        f.writelines(rule + "\n" for rule in case.rules)
    switch.ofctl("del-flows", "br0")
    switch.ofctl("add-flows", "br0", path)
