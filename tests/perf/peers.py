# SPDX-License-Identifier: Apache-2.0
"""The programs weir is measured against: OVS-DPDK, and testpmd as the floor.

A peer is started for a case, counts what left through p1 when asked, and is stopped.
"""

import os
import re
import subprocess

import captures
import machine

SOURCE = "rx_pcap={},infinite_rx=1"
SINK = "no-rx=1"
MAC_AT_SINK = ":".join(f"{b:02x}" for b in captures.DST_MAC)


class Testpmd:
    """DPDK's own forwarder: what receiving and sending alone cost."""

    def __init__(self, mode):
        self.name = "testpmd " + mode
        self.mode = mode
        self.process = None

    def start(self, case, capture, folder, cores, settings):
        self.log = os.path.join(folder, "testpmd.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["stdbuf", "-oL", "dpdk-testpmd", "-l", f"{cores[0]},{cores[1]}", "--main-lcore", str(cores[0]),
                 "--in-memory", "--no-pci", "-m", "900", "--file-prefix", "weir-floor",
                 "--vdev", "net_pcap0," + SOURCE.format(capture), "--vdev", "net_null0," + SINK,
                 "--", "-i", "--nb-cores=1", "--burst=32", "--no-flush-rx",
                 "--total-num-mbufs=262144", "--forward-mode=" + self.mode],
                stdin=subprocess.PIPE, stdout=log, stderr=log)
        self._type("start")
        machine.wait_for(lambda: "packets/burst" in self._read(), "testpmd to forward")

    def pid(self):
        return self.process.pid

    def sent(self):
        at = len(self._read())
        self._type("show port stats 1")
        found = machine.wait_for(lambda: re.search(r"TX-packets: (\d+)", self._read()[at:]),
                                 "testpmd's counters")
        return int(found[1])

    def stop(self):
        if self.process:
            self._type("quit")
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                machine.stop(self.process)

    def _type(self, text):
        try:
            self.process.stdin.write(text.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError("testpmd ended: " + self._read()[-300:]) from None

    def _read(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()


class Ovs:
    """OVS-DPDK out of the unpacked Debian packages, in a folder and network namespace of its own."""

    name = "OVS-DPDK"

    def __init__(self, root):
        self.root = root
        self.processes = []

    def start(self, case, capture, folder, cores, settings):
        self.folder = os.path.join(folder, "ovs")
        os.makedirs(self.folder)
        self.env = dict(os.environ, OVS_RUNDIR=self.folder, OVS_DBDIR=self.folder,
                        OVS_LOGDIR=self.folder, OVS_SYSCONFDIR=self.folder,
                        OVS_PKGDATADIR=os.path.join(self.root, "usr/share/openvswitch"))
        schema = os.path.join(self.root, "usr/share/openvswitch/vswitch.ovsschema")
        self._run("usr/bin/ovsdb-tool", "create", "conf.db", schema)
        self._spawn("usr/sbin/ovsdb-server", "conf.db", "--remote=punix:db.sock",
                    "--log-file=ovsdb.log", "--unixctl=ovsdb.ctl")
        machine.wait_for(lambda: os.path.exists(os.path.join(self.folder, "db.sock")), "OVS's db")
        self.vsctl("--no-wait", "init")
        config = {"dpdk-init": "true", "dpdk-extra": "--no-pci --in-memory",
                  "dpdk-socket-mem": "900", "dpdk-lcore-mask": hex(1 << cores[0]),
                  "pmd-cpu-mask": hex(1 << cores[1]), **settings}
        self.vsctl("--no-wait", "set", "Open_vSwitch", ".",
                   *(f'other_config:{key}="{value}"' for key, value in config.items()))
        self._spawn("usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk", "unix:db.sock",
                    "--log-file=vswitchd.log", "--unixctl=vswitchd.ctl", "-vconsole:off")
        self.vsctl(
            "add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=netdev",
            *self._port(1, "p0", "net_pcap0," + SOURCE.format(capture)),
            *self._port(2, "p1", "net_null0," + SINK))
        for name in ("p0", "p1"):
            error = self.vsctl("get", "Interface", name, "error").strip()
            if error != "[]":
                raise RuntimeError(f"OVS could not open {name}: {error}")
        if case.rules is None:
            self.appctl("fdb/add", "br0", "p1", "0", MAC_AT_SINK)
        else:
            self._run("usr/bin/ovs-ofctl", "del-flows", "br0")
            for rule in case.rules:
                self._run("usr/bin/ovs-ofctl", "add-flow", "br0", rule)

    @staticmethod
    def _port(number, name, devargs):
        return ("--", "add-port", "br0", name, "--", "set", "Interface", name, "type=dpdk",
                f"ofport_request={number}",
                f'options:dpdk-devargs="{devargs}"')

    def pid(self):
        return self.processes[-1].pid

    def sent(self):
        text = self.appctl("dpctl/show", "-s", "netdev@ovs-netdev")
        return int(re.search(r"port \d+: p1 .*?TX packets:(\d+)", text, re.S)[1])

    def stop(self):
        for process in reversed(self.processes):
            machine.stop(process)
        self.processes = []

    def vsctl(self, *words):
        return self._run("usr/bin/ovs-vsctl", "--timeout=20", *words)

    def appctl(self, *words):
        return self._run("usr/bin/ovs-appctl", "-T", "10", "-t",
                         os.path.join(self.folder, "vswitchd.ctl"), *words)

    def _run(self, program, *words):
        out = subprocess.run([os.path.join(self.root, program), *words], cwd=self.folder,
                             env=self.env, capture_output=True, text=True)
        if out.returncode:
            raise RuntimeError(f"{program} {words}: {out.stderr.strip()}")
        return out.stdout

    def _spawn(self, program, *words):
        with open(os.path.join(self.folder, "out.log"), "ab") as log:
            self.processes.append(subprocess.Popen(
                ["unshare", "--net", os.path.join(self.root, program), *words],
                cwd=self.folder, env=self.env, stdout=log, stderr=log))
