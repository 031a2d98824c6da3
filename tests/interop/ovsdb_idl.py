#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Drives a database server with python3-openvswitch's IDL, as os-vif and Neutron do.

usage: ovsdb_idl.py REMOTE SCHEMA
"""
import sys
import time

import ovs.db.idl
import ovs.poller

remote, schema = sys.argv[1:]


def connect():
    helper = ovs.db.idl.SchemaHelper(location=schema)
    helper.register_all()
    return ovs.db.idl.Idl(remote, helper)


def run_until(idl, condition, what):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, f"timed out: {what}"
        idl.run()
        poller = ovs.poller.Poller()
        idl.wait(poller)
        poller.timer_wait(100)
        poller.block()


def commit(idl, txn):
    status = txn.commit_block()
    assert status == txn.SUCCESS, (status, txn.get_error())


def by_name(idl, table, name):
    return next((row for row in idl.tables[table].rows.values() if row.name == name), None)


def root(idl):
    return next(iter(idl.tables["Open_vSwitch"].rows.values()))


def main():
    idl, other = connect(), connect()
    run_until(idl, idl.has_ever_connected, "first contents")
    run_until(other, other.has_ever_connected, "first contents of the other")

    txn = ovs.db.idl.Transaction(idl)
    bridge = txn.insert(idl.tables["Bridge"])
    bridge.name = "br0"
    for i in range(20):
        iface = txn.insert(idl.tables["Interface"])
        iface.name = f"p{i}"
        iface.options = {"a": str(i)}
        port = txn.insert(idl.tables["Port"])
        port.name = f"p{i}"
        port.interfaces = [iface]
        bridge.addvalue("ports", port)
    root(idl).addvalue("bridges", bridge)
    root(idl).increment("next_cfg")
    commit(idl, txn)
    assert txn.get_increment_new_value() == 1

    run_until(other, lambda: by_name(other, "Bridge", "br0"), "the other sees the bridge")
    assert len(by_name(other, "Bridge", "br0").ports) == 20
    assert by_name(other, "Interface", "p7").options == {"a": "7"}

    # Partial changes arrive as differences.
    txn = ovs.db.idl.Transaction(idl)
    by_name(idl, "Interface", "p7").setkey("options", "b", "x")
    by_name(idl, "Bridge", "br0").delvalue("ports", by_name(idl, "Port", "p3"))
    by_name(idl, "Port", "p5").tag = 5
    commit(idl, txn)
    run_until(other, lambda: len(by_name(other, "Bridge", "br0").ports) == 19, "a port less")
    assert by_name(other, "Interface", "p7").options == {"a": "7", "b": "x"}
    assert by_name(other, "Interface", "p3") is None
    assert by_name(other, "Port", "p5").tag == [5]

    # A stale view makes the transaction fail, and the client tries again.
    txn = ovs.db.idl.Transaction(other)
    port = by_name(other, "Port", "p5")
    port.verify("tag")
    port.tag = 6
    early = ovs.db.idl.Transaction(idl)
    by_name(idl, "Port", "p5").tag = 7
    commit(idl, early)
    assert txn.commit_block() == txn.TRY_AGAIN

    # Names are unique.
    txn = ovs.db.idl.Transaction(idl)
    again = txn.insert(idl.tables["Bridge"])
    again.name = "br0"
    root(idl).addvalue("bridges", again)
    assert txn.commit_block() == txn.ERROR
    assert "constraint violation" in txn.get_error(), txn.get_error()

    # Conditions.
    other.cond_change("Port", [["name", "==", "p1"]])
    run_until(other, lambda: len(other.tables["Port"].rows) == 1, "one port left in sight")
    other.cond_change("Port", [])
    idl.set_lock("test")
    run_until(idl, lambda: idl.has_lock, "the lock")
    print("ok")


main()
