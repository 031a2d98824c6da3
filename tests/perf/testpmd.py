# SPDX-License-Identifier: Apache-2.0
"""DPDK's own test program: as the floor that every switch is above, and as the guest."""

import os
import re
import subprocess

import bridge
import machine


class Testpmd:
    def __init__(self):
        self.process = None
        self.log = None

    def spawn(self, folder, name, cores, devices, words):
        self.log = os.path.join(folder, name + ".log")
        vdevs = [word for device in devices for word in ("--vdev", device)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["stdbuf", "-oL", "dpdk-testpmd", "--lcores", f"0@{cores[0]},1@{cores[1]}",
                 "--in-memory", "--single-file-segments", "--no-pci", "--file-prefix",
                 "weir-" + name, *vdevs, "--", "-i", "--nb-cores=1", "--burst=32",
                 "--no-flush-rx", "--record-core-cycles", *words],
                stdin=subprocess.PIPE, stdout=log, stderr=log)

    def begin(self, what, command="start"):
        self.type(command)
        machine.wait_for(lambda: "packets/burst" in self.read(), what)

    def pid(self):
        return self.process.pid

    def sent_by(self, port):
        at = len(self.read())
        self.type(f"show port stats {port}")
        found = machine.wait_for(lambda: re.search(r"TX-packets: (\d+)", self.read()[at:]),
                                 "testpmd's counters")
        return int(found[1])

    def busy(self):
        at = len(self.read())
        self.type("show fwd stats all")
        found = machine.wait_for(lambda: re.search(r"total cycles=(\d+)", self.read()[at:]),
                                 "testpmd's cycles")
        return int(found[1])

    def stop(self):
        if not self.process:
            return
        try:
            self.type("quit")
            self.process.wait(10)
        except (RuntimeError, subprocess.TimeoutExpired):
            machine.stop(self.process)
        self.process.stdin.close()

    def type(self, text):
        try:
            self.process.stdin.write(text.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError("testpmd ended: " + self.read()[-300:]) from None

    def read(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()


class Floor(Testpmd):
    """Forwards p0 to p1 and looks at nothing: what receiving and sending alone cost."""

    name = "testpmd"

    def start(self, case, capture, folder, cores, settings):
        self.both = bool(case.guest)
        if case.guest:
            devices = [f"net_vhost{n},iface={bridge.guest_socket(folder, n)},client=1"
                       for n in (0, 1)]
        else:
            devices = [bridge.SOURCE.format(capture), bridge.SINK]
        self.spawn(folder, "floor", cores, devices,
                   ["--total-num-mbufs=262144", "--forward-mode=" + case.floor])

    def ready(self):
        self.begin("testpmd to forward")

    def sent(self):
        return self.sent_by(1) + (self.sent_by(0) if self.both else 0)


class Guest(Testpmd):
    """A guest with two vhost-user devices. With many flows it sends as much as it can in both
    directions; else it sends back what comes, which costs it less than making frames: then it is the
    switch that is waited for. It waits at start until the switch has come to its sockets, so the switch
    is there before it."""

    IN_FLIGHT = 16  # times 32 frames from each device, half of what a ring has room for

    def start(self, case, folder, cores):
        self.loops = case.flows == 1
        mode = ["io"] if self.loops else ["flowgen", f"--flowgen-flows={case.flows}"]
        layout = "packed_vq=1,mrg_rxbuf=0,in_order=1" if case.guest == "packed" else "mrg_rxbuf=1"
        devices = [f"net_virtio_user{n},path={bridge.guest_socket(folder, n)},server=1,"
                   f"mac=02:00:00:00:00:0{n},queue_size=1024,{layout}" for n in (0, 1)]
        self.spawn(folder, "guest", (cores[0], cores[0]), devices,
                   ["--forward-mode=" + mode[0], *mode[1:], "--rxd=1024", "--txd=1024",
                    "--total-num-mbufs=32768"])

    def send(self):
        self.begin("the guest to send", f"start tx_first {self.IN_FLIGHT}" if self.loops else "start")
