#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plugs and unplugs virtual machines' interfaces the way OpenStack's os-vif does over ovsdbapp.

usage: os_vif.py REMOTE DIRECTORY DEVICE

REMOTE is an address such as tcp:127.0.0.1:6640, DIRECTORY a place for guests' sockets, DEVICE a tap
device that exists. Fails with an assertion when the switch does not do what is relied on.
"""
import sys
import time

import ovs.db.idl
import ovs.jsonrpc
import ovs.poller
import ovs.stream

TABLES = ["Interface", "Port", "Bridge", "Open_vSwitch", "QoS"]
TRUNK = 4095


class Switch:
    """One connection, which knows the server's schema and nothing else."""

    def __init__(self, remote):
        helper = ovs.db.idl.SchemaHelper(schema_json=fetch_schema(remote))
        for table in TABLES:
            helper.register_table(table)
        self.idl = ovs.db.idl.Idl(remote, helper)
        self.wait(self.idl.has_ever_connected, "the database's contents")

    def wait(self, condition, what, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"timed out: {what}"
            self.idl.run()
            poller = ovs.poller.Poller()
            self.idl.wait(poller)
            poller.timer_wait(100)
            poller.block()

    def rows(self, table):
        return self.idl.tables[table].rows.values()

    def find(self, table, name):
        return next((row for row in self.rows(table) if row.name == name), None)

    def root(self):
        return next(iter(self.rows("Open_vSwitch")))

    def transact(self, change):
        """Runs change(txn), commits, and waits until the switch says that it is in force."""
        while True:
            txn = ovs.db.idl.Transaction(self.idl)
            change(txn)
            self.root().increment("next_cfg")
            status = txn.commit_block()
            if status != txn.TRY_AGAIN:
                break
        if status == txn.UNCHANGED:
            return
        assert status == txn.SUCCESS, (status, txn.get_error())
        wanted = txn.get_increment_new_value()
        self.wait(lambda: self.root().cur_cfg >= wanted, "cur_cfg")

    def has_column(self, table, column):
        return column in self.idl.tables[table].columns


def fetch_schema(remote):
    error, stream = ovs.stream.Stream.open_block(ovs.stream.Stream.open(remote))
    assert not error, f"{remote}: {error}"
    connection = ovs.jsonrpc.Connection(stream)
    request = ovs.jsonrpc.Message.create_request("get_schema", ["Open_vSwitch"])
    error, reply = connection.transact_block(request)
    connection.close()
    assert not error and not reply.error, (error, reply)
    return reply.result


def ensure_bridge(switch, name):
    def change(txn):
        bridge = switch.find("Bridge", name)
        if not bridge:
            bridge = txn.insert(switch.idl.tables["Bridge"])
            bridge.name = name
            interface = txn.insert(switch.idl.tables["Interface"])
            interface.name, interface.type = name, "internal"
            port = txn.insert(switch.idl.tables["Port"])
            port.name, port.interfaces = name, [interface]
            bridge.ports = [port]
            switch.root().addvalue("bridges", bridge)
        bridge.datapath_type = "netdev"
    switch.transact(change)


def plug(switch, bridge, name, vif, interface_type="", options=None, tag=None, mtu=None):
    """Makes the port unless it is there, and says all that belongs to it, as a retry also does."""
    def change(txn):
        interface, port = switch.find("Interface", name), switch.find("Port", name)
        if not port:
            interface = txn.insert(switch.idl.tables["Interface"])
            interface.name = name
            port = txn.insert(switch.idl.tables["Port"])
            port.name, port.interfaces = name, [interface]
            switch.find("Bridge", bridge).addvalue("ports", port)
        if tag is not None:
            port.vlan_mode, port.tag = "access", tag
        if tag == TRUNK:
            port.trunks, port.vlan_mode, port.tag = [TRUNK], "trunk", []
        interface.type = interface_type
        interface.external_ids = {"iface-id": vif, "iface-status": "active",
                                  "attached-mac": "fa:16:3e:00:00:01", "vm-uuid": "vm-" + vif}
        for key, value in (options or {}).items():
            interface.setkey("options", key, value)
        if mtu and switch.has_column("Interface", "mtu_request"):
            interface.mtu_request = mtu
    switch.transact(change)
    return switch.find("Interface", name)


def unplug(switch, bridge, name):
    def change(_txn):
        port = switch.find("Port", name)
        if port:
            switch.find("Bridge", bridge).delvalue("ports", port)
            for interface in port.interfaces:
                interface.delete()
            port.delete()
    switch.transact(change)
    assert not switch.find("Port", name) and not switch.find("Interface", name), name


def number_of(interface):
    assert interface.ofport, f"{interface.name} has no number: {interface.error}"
    return interface.ofport[0]


def main():
    remote, directory, device = sys.argv[1:]
    switch = Switch(remote)
    assert switch.has_column("Interface", "mtu_request")
    ensure_bridge(switch, "br-int")
    ensure_bridge(switch, "br-int")

    # A tap that libvirt made, with the network's MTU.
    interface = plug(switch, "br-int", device, "1", tag=7, mtu=1450)
    number = number_of(interface)
    assert number > 0 and not interface.error, interface.error
    assert interface.mtu == [1450], interface.mtu
    assert number_of(plug(switch, "br-int", device, "1", tag=7, mtu=1450)) == number, "plugged twice"
    plug(switch, "br-int", device, "1", tag=7, mtu=1400)
    switch.wait(lambda: interface.mtu == [1400], "the new MTU")

    # Guests on vhost-user, the switch as client and as server.
    path = directory + "/vhu-client"
    client = plug(switch, "br-int", "vhu-client", "2", "dpdkvhostuserclient",
                  {"vhost-server-path": path}, tag=4095, mtu=9000)
    assert number_of(client) > 0, client.error
    assert switch.find("Port", "vhu-client").trunks == [4095]
    server = plug(switch, "br-int", "vhu-server", "3", "dpdkvhostuser")
    assert number_of(server) > 0, server.error

    # A virtual function that this host does not have: the others go on, and it says why.
    missing = plug(switch, "br-int", "vf0", "4", "dpdk",
                   {"dpdk-devargs": "0000:ff:1f.7,representor=[3]"})
    assert missing.ofport == [-1] and missing.error, (missing.ofport, missing.error)

    # Two connections change the same bridge: the loser tries again.
    other = Switch(remote)
    plug(other, "br-int", "late", "5", "internal")
    switch.wait(lambda: switch.find("Port", "late"), "the other's port")

    for name in (device, "vhu-client", "vhu-server", "vf0", "late"):
        unplug(switch, "br-int", name)
        unplug(switch, "br-int", name)
    assert [port.name for port in switch.find("Bridge", "br-int").ports] == ["br-int"]


main()
