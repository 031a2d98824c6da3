#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Controllers that the switch calls, with TLS, rate limits and a witness; and peers that are too
many or too rude.

    connection.py RUNDIR OVS-OFCTL"""
import os
import resource
import socket
import ssl
import subprocess
import sys

import openflow
from openflow import Listener, Peer, eventually, run

RUNDIR, OFCTL = sys.argv[1:]
MGMT = RUNDIR + "/br0.mgmt"
cases = openflow.Cases()


def frame(source, size=46):
    return "00000000000200000000%04x8888" % source + "00" * size


def call(port, *more):
    run("vsctl", "set-controller", "br0", "%s:127.0.0.1:%d" % (more[0] if more else "tcp", port))


def with_tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(RUNDIR + "/friend.pem", RUNDIR + "/friend.key")
    context.load_verify_locations(RUNDIR + "/ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    listener = Listener(26701)
    call(26701, "ssl")
    sock, _ = listener.sock.accept()
    who = Peer(None, "13", context.wrap_socket(sock, server_side=True))
    features = who.ask(who.p.OFPFeaturesRequest(who.desc))
    assert features.n_tables == 254, features
    eventually(lambda: "true" in run("vsctl", "--bare", "--columns=is_connected", "list",
                                     "controller").split())
    who.close()
    run("vsctl", "del-controller", "br0")


def limited():
    """Packets of a quiet port do not wait behind a flood from another."""
    listener = Listener(26702)
    call(26702)
    run("vsctl", "set", "controller", "br0", "controller_rate_limit=100",
        "controller_burst_limit=25")
    who = listener.accept("13")
    p, ofp = who.p, who.o
    go = p.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, [p.OFPActionOutput(ofp.OFPP_CONTROLLER)])
    who.does(p.OFPFlowMod(who.desc, match=p.OFPMatch(), instructions=[go]))
    run("appctl", "netdev-dummy/receive", "p1", *[frame(i) for i in range(200)])
    run("appctl", "netdev-dummy/receive", "p2", frame(9999))
    before = 0
    while True:
        packet = who.wait("OFPPacketIn")
        if packet.match["in_port"] == 2:
            break
        before += 1
    assert before < 150, before
    who.close()
    run("vsctl", "del-controller", "br0")
    run("ofctl", "del-flows", "br0")


def witness():
    listener = Listener(26703)
    call(26703)
    who = listener.accept("13")
    path = RUNDIR + "/snoop.log"
    with open(path, "w+", encoding="utf-8", errors="replace") as file:
        with subprocess.Popen([OFCTL, "--timeout=30", "snoop", "br0"], stdout=file,
                              stderr=file) as snoop:
            def heard():
                """It has connected when it hears something."""
                who.ask(who.p.OFPGetConfigRequest(who.desc))
                with open(path, encoding="utf-8", errors="replace") as log:
                    text = log.read()
                return "GET_CONFIG_REQUEST" in text and "GET_CONFIG_REPLY" in text
            try:
                eventually(heard)
            finally:
                snoop.terminate()
    who.close()
    run("vsctl", "del-controller", "br0")


def many():
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    peers = [Peer(MGMT, "13") for _ in range(1000)]
    for who in peers:
        who.send(who.p.OFPEchoRequest(who.desc, data=b"here"))
    for who in peers:
        who.wait("OFPEchoReply")
        who.close()


def deaf():
    """Who asks and never reads is not read from any more; others do not notice."""
    who, other = Peer(MGMT, "13"), Peer(MGMT, "13")
    who.sock.settimeout(3)
    request = bytes.fromhex("0412001000000001" "0000000000000000") * 1000
    sent = 0
    try:
        while sent < 400 * len(request):
            sent += who.sock.send(request)
        blocked = False
    except socket.timeout:
        blocked = True
    assert blocked, sent
    other.ask(other.p.OFPEchoRequest(other.desc, data=b"here"))
    with open(RUNDIR + "/vswitchd.pid", encoding="ascii") as file:
        pid = file.read().strip()
    with open("/proc/%s/status" % pid, encoding="ascii") as file:
        resident = int([line for line in file if line.startswith("VmRSS")][0].split()[1])
    assert resident < 300 * 1024, resident
    who.close()
    other.close()


def flooded(*setting):
    """How many packets wait for a controller that does not read."""
    run("vsctl", *setting)
    who = Peer(RUNDIR + "/late", "13")
    who.does(who.p.OFPSetConfig(who.desc, 0, 0xffff))
    for _ in range(60):
        run("appctl", "netdev-dummy/receive", "p1", *[frame(i, 1400) for i in range(20)])
    run("appctl", "dummy/wait")
    who.barrier()
    n = len([m for m in who.inbox if type(m).__name__ == "OFPPacketIn"])
    who.close()
    return n


def late():
    """Beyond what the kernel takes so many wait as the controller's row says, or the bridge's."""
    run("vsctl", "set-controller", "br0", "punix:" + RUNDIR + "/late")
    eventually(lambda: os.path.exists(RUNDIR + "/late"))
    run("ofctl", "-O", "OpenFlow13", "add-flow", "br0", "actions=controller")
    few = flooded("set", "controller", "br0", "controller_queue_size=5")
    many_more = flooded("set", "controller", "br0", "controller_queue_size=400")
    of_bridge = flooded("clear", "controller", "br0", "controller_queue_size", "--",
                        "set", "bridge", "br0", "other_config:controller-queue-size=0x190")
    assert 345 < many_more - few < 445, (few, many_more)
    assert 345 < of_bridge - few < 445, (few, of_bridge)
    run("vsctl", "del-controller", "br0")
    run("ofctl", "del-flows", "br0")


cases.check("a controller with TLS", with_tls)
cases.check("a rate limit, fair to ports", limited)
cases.check("stock ovs-ofctl listens in", witness)
cases.check("packets wait for a controller that reads late", late)
cases.check("1,000 connections", many)
cases.check("a peer that never reads", deaf)
cases.end()
