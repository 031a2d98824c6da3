# SPDX-License-Identifier: Apache-2.0
"""OVS's userspace switch with dummy ports, from the packages unpacked in build/peer: what the trace
tests can be run against instead of weir, so that both are held to the same expectations."""

import atexit
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time

import daemon

PATIENCE = 5  # seconds for what must come
QUIET = 0.02  # and for what must not, once the packet was dealt with


class OvsSwitch:
    is_peer = True

    def __init__(self, peer):
        self.peer = os.path.abspath(peer)
        self.rundir = tempfile.mkdtemp(prefix="ovs-test-")
        self.processes = []
        self.offsets = {}  # of what was read of each port's file of sent packets

    def path(self, name):
        return os.path.join(self.rundir, name)

    def program(self, name):
        for folder in ("usr/bin", "usr/sbin", "usr/lib/openvswitch-switch"):
            path = os.path.join(self.peer, folder, name)
            if os.path.exists(path):
                return path
        raise RuntimeError(f"{self.peer} has no {name}")

    def run(self, name, *words, check=True):
        out = subprocess.run([self.program(name), *words], capture_output=True, text=True,
                             env=self.environment(), timeout=60)
        if check and out.returncode:
            raise daemon.CommandError(f"{name} {' '.join(words)}: {out.stderr.strip()}")
        return out.stdout

    def environment(self):
        return dict(os.environ, OVS_RUNDIR=self.rundir, OVS_SYSCONFDIR=self.rundir,
                    OVS_PKGDATADIR=os.path.join(self.peer, "usr/share/openvswitch"))

    def spawn(self, name, *words):
        with open(self.path(name + ".console"), "ab") as log:
            self.processes.append(subprocess.Popen(
                [self.program(name), *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment()))

    def start(self):
        atexit.register(self.kill)
        schema = os.path.join(self.peer, "usr/share/openvswitch/vswitch.ovsschema")
        remote = "unix:" + self.path("db.sock")
        self.run("ovsdb-tool", "create", self.path("conf.db"), schema)
        self.spawn("ovsdb-server", self.path("conf.db"), f"--remote=p{remote}",
                   "--unixctl=" + self.path("db.ctl"))
        self.eventually(lambda: self.listens("db.sock"), "ovsdb-server did not start")
        self.run("ovs-vsctl", "--db=" + remote, "--no-wait", "init")
        self.spawn("ovs-vswitchd", remote, "--enable-dummy=override", "--disable-system",
                   "--unixctl=" + self.path("switch.ctl"))
        self.eventually(lambda: self.listens("switch.ctl"), "ovs-vswitchd did not start")
        return self

    def listens(self, name):
        """A socket is there a moment before anybody can connect to it."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.path(name)) == 0

    def eventually(self, condition, complaint):
        end = time.monotonic() + PATIENCE * 2
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError(complaint)
            time.sleep(0.01)

    def command(self, name, *words):
        """Those commands of weir that OVS has too. To wait until flows have followed a change takes
        it half a second; without flows there is nothing to wait for."""
        if name == "revalidator/check":
            name = "revalidator/purge"
        return self.run("ovs-appctl", "-t", self.path("switch.ctl"), name, *words)

    def table(self, name, *words):
        return []  # OVS counts no drops by port and reason

    def tool(self, name, *words, check=True):
        return self.run("ovs-" + name, *words, check=check)

    def vsctl(self, *words):
        return self.run("ovs-vsctl", "--timeout=10", "--db=unix:" + self.path("db.sock"), *words)

    def port_words(self, name, number=None):
        """Columns of Interface that a port of the tests needs. OVS numbers ports that come together
        in any order, so it is told if that matters."""
        request = [f"ofport_request={number}"] if number else []
        return [f"options:tx_pcap={self.path(name + '.pcap')}", *request]

    def lookups(self):
        """Packets the datapath has looked up."""
        line = next(line for line in self.command("dpctl/show").splitlines() if "lookups:" in line)
        return sum(int(word.split(":")[1]) for word in line.split()[1:] if word[:4] in ("hit:", "miss"))

    def new_bytes(self, port):
        path = self.path(port + ".pcap")
        return os.path.exists(path) and os.path.getsize(path) > self.offsets.get(port, 24)

    def receive(self, port, data, n):
        before = self.lookups()
        self.command("netdev-dummy/receive", port, data.hex())
        self.eventually(lambda: self.lookups() > before, "the packet was not looked at")
        time.sleep(QUIET)

    def sent(self, port):
        path, frames = self.path(port + ".pcap"), []
        if not os.path.exists(path):
            return frames
        with open(path, "rb") as file:
            file.seek(self.offsets.get(port, 24))
            data = file.read()
        at = 0
        while at + 16 <= len(data):
            size = struct.unpack_from("=IIII", data, at)[2]
            if at + 16 + size > len(data):
                break
            frames.append(data[at + 16:at + 16 + size])
            at += 16 + size
        self.offsets[port] = self.offsets.get(port, 24) + at
        return frames

    def console(self):
        with open(self.path("ovs-vswitchd.console"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def ended(self):
        return any(process.poll() is not None for process in self.processes)

    def kill(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def stop(self):
        self.kill()

    def remove(self):
        shutil.rmtree(self.rundir, ignore_errors=True)
