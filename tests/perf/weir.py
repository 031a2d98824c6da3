# SPDX-License-Identifier: Apache-2.0
"""weir as a switch to be measured: a daemon in a folder of its own, ports p0 and p1."""

import json
import os
import subprocess

import bridge
import machine

import daemon


class Weir:
    name = "weir"

    def __init__(self, build, options=()):
        self.build = build
        self.options = options
        self.process = None
        self.both = False

    def start(self, case, capture, folder, cores, settings):
        self.folder = os.path.join(folder, "weir")
        os.makedirs(self.folder)
        self.cores = cores
        self.spawn()
        machine.wait_for(lambda: os.path.exists(os.path.join(self.folder, "db.sock")), "weir's db")
        self.vsctl("set", "Open_vSwitch", ".", f"other_config:pmd-cpu-mask={1 << cores[1]:#x}",
                   *(f"other_config:{key}={value}" for key, value in settings.items()))
        self.vsctl("add-br", "br0")
        bridge.set_up(self, case, capture, folder)
        self.both = bool(case.guest)

    def spawn(self):
        with open(os.path.join(self.folder, "out.log"), "ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "--net", "taskset", "-c", ",".join(map(str, self.cores)),
                 os.path.join(self.build, "vswitchd", "vswitchd"), "--rundir", self.folder,
                 *self.options],
                stdout=log, stderr=log)

    def ready(self):
        pass

    def pid(self):
        return self.process.pid

    def control(self):
        return os.path.join(self.folder, f"vswitchd.{self.pid()}.ctl")

    def sent(self):
        return self.count("tx_packets", ("p0", "p1") if self.both else ("p1",))

    def received(self, *names):
        return self.count("rx_packets", names)

    def count(self, what, names):
        rows = json.loads(self.appctl("-j", "ports/show"))
        return sum(row[what] for row in rows if row["name"] in names)

    def connect(self):
        control = daemon.Control(self.control())
        control.command("set-options", "--format", "json")
        return control

    @staticmethod
    def traffic(control):
        """Frames (received, sent) by port, asked for on a connection of ours."""
        rows = control.command("ports/show")
        rows = json.loads(rows) if isinstance(rows, str) else rows
        return {row["name"]: (row["rx_packets"], row["tx_packets"]) for row in rows}

    def busy(self):
        rows = json.loads(self.appctl("-j", "dpif-netdev/pmd-perf-show"))
        return sum(row["busy_cycles"] for row in rows)

    def stop(self):
        machine.stop(self.process)

    def vsctl(self, *words):
        return self._run("vsctl", *words)

    def ofctl(self, *words):
        return self._run("ofctl", *words)

    def appctl(self, *words):
        return self._run("appctl", *words)

    def _run(self, program, *words):
        out = subprocess.run([os.path.join(self.build, "utilities", program), *words],
                             env=dict(os.environ, WEIR_RUNDIR=self.folder), capture_output=True,
                             text=True, timeout=30)
        if out.returncode:
            raise RuntimeError(f"{program} {' '.join(words)}: {out.stderr.strip()}")
        return out.stdout
