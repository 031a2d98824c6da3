# SPDX-License-Identifier: Apache-2.0
"""The switch weir is measured against: OVS-DPDK.

A switch is started for a case, counts what left through its ports when asked, and is stopped.
"""

import os
import re
import subprocess

import bridge
import machine

import daemon


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
        self.spawn_vswitchd()
        self.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=netdev")
        bridge.set_up(self, case, capture, folder)
        for name in bridge.port_names(case):
            error = self.vsctl("get", "Interface", name, "error").strip()
            if error != "[]":
                raise RuntimeError(f"OVS could not open {name}: {error}")
        self.both = bool(case.guest)

    def spawn_vswitchd(self):
        self._spawn("usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk", "unix:db.sock",
                    "--log-file=vswitchd.log", "--unixctl=vswitchd.ctl", "-vconsole:off")

    def ready(self):
        pass

    def pid(self):
        return self.processes[-1].pid

    def control(self):
        return os.path.join(self.folder, "vswitchd.ctl")

    def sent(self):
        return self.count("TX", ("p0", "p1") if self.both else ("p1",))

    def received(self, *names):
        return self.count("RX", names)

    def count(self, way, names):
        text = self.appctl("dpctl/show", "-s", "netdev@ovs-netdev")
        return sum(int(re.search(fr"port \d+: {name} .*?{way} packets:(\d+)", text, re.S)[1])
                   for name in names)

    def connect(self):
        return daemon.Control(self.control())

    @staticmethod
    def traffic(control):
        """Frames (received, sent) by port, asked for on a connection of ours."""
        found = {}
        for port in re.split(r"\n\s*port \d+: ", control.command("dpctl/show", "-s", "netdev@ovs-netdev")):
            counts = [re.search(way + r" packets:(\d+)", port) for way in ("RX", "TX")]
            if all(counts):
                found[port.split()[0]] = tuple(int(count[1]) for count in counts)
        return found

    def busy(self):
        return int(re.search(r"processing cycles: (\d+)", self.appctl("dpif-netdev/pmd-stats-show"))[1])

    def stop(self):
        for process in reversed(self.processes):
            machine.stop(process)
        self.processes = []

    def vsctl(self, *words):
        return self._run("usr/bin/ovs-vsctl", "--timeout=20", *words)

    def ofctl(self, *words):
        return self._run("usr/bin/ovs-ofctl", *words)

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
