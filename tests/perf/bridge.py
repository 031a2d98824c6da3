# SPDX-License-Identifier: Apache-2.0
"""A bridge br0 with the ports p0 and p1 of a case, set up in words that both switches know."""

import os

import captures

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
    return ["--", "add-port", "br0", name, "--", "set", "Interface", name,
            f"ofport_request={number + 1}", *device]


def port_names(case):
    return ("p0", "p1") if case.capture or case.guest else ()


def set_up(switch, case, capture, folder):
    """Adds the ports. The one that frames come from is the last, so that flows are made from the
    case's rules and not from what was before them."""
    names = port_names(case)
    for number in reversed(range(len(names))):
        if number == 0:
            teach(switch, case, folder)
        switch.vsctl(*port_words(number, case, capture, folder)[1:])


def mac_text(number):
    return ":".join(f"{b:02x}" for b in captures.mac(captures.DST_MAC, number))


def teach(switch, case, folder):
    """Gives the bridge its rules, or the addresses it would have learned."""
    for number in range(case.macs):
        switch.appctl("fdb/add", "br0", "p1", "0", mac_text(number))
    if not case.rules:
        return
    path = os.path.join(folder, "rules")
    with open(path, "w", encoding="ascii") as f:
        f.writelines(rule + "\n" for rule in case.rules)
    switch.ofctl("del-flows", "br0")
    switch.ofctl("add-flows", "br0", path)
