# SPDX-License-Identifier: Apache-2.0
"""Traffic between guests: iperf3, with every packet's checksums looked at where it arrives, and
numbered datagrams that say how long nothing arrived."""

import dataclasses
import json
import re
import time

from guest import GuestError


@dataclasses.dataclass
class Arrived:
    """What a receiver saw: see probe.c."""
    packets: int
    large: int
    partial: int
    bad: int
    mbit: float


def numbers(text):
    return {key: int(value) for key, value in re.findall(r"(\w+) (-?\d+)", text)}


def serve(guest):
    guest.run("iperf3 -s -D >/dev/null")


def wrong_sums(guest):
    """Packets whose checksums the guest's own kernel refused."""
    text = guest.run("cat /proc/net/snmp")
    return sum(int(line.split()[-1 if proto == "Tcp:" else -3])
               for proto in ("Tcp:", "Udp:") for line in text.splitlines()
               if line.startswith(proto) and line.split()[1].isdigit())


def iperf(sender, receiver, address, device, words):
    """Sends as the words of iperf3 say; the receiver looks at what comes in at the device."""
    receiver.run(f"probe watch {device} >/tmp/seen 2>&1 & echo $! >/tmp/watch")
    report = sender.run(f"iperf3 -J -c {address} {words} 2>&1", seconds=90, check=False)
    seen = numbers(receiver.run(
        "kill $(cat /tmp/watch); while kill -0 $(cat /tmp/watch) 2>/dev/null; do usleep 20000; done;"
        " cat /tmp/seen"))
    try:
        end = json.loads(report[report.find("{"):])["end"]
        total = end.get("sum_received") or end["sum"]
    except (ValueError, KeyError):
        raise GuestError(f"iperf3 {words}: {report[-200:]}") from None
    if not total["bytes"] or total.get("lost_packets", 0) >= total.get("packets", 1):
        raise GuestError(f"iperf3 {words}: all was lost: {total}")
    return Arrived(seen["packets"], seen["large"], seen["partial"], seen["bad"],
                   total["bits_per_second"] / 1e6)


def tcp(sender, receiver, address, device, size="1M"):
    return iperf(sender, receiver, address, device, f"-n {size}")


def udp(sender, receiver, address, device, size="300K", length=1400):
    return iperf(sender, receiver, address, device, f"-u -b 30M -n {size} -l {length}")


def flows(sender, address, n=64):
    """Some packets each of many connections."""
    sender.run(f"iperf3 -u -c {address} -P {n} -b 100K -l 200 -t 1 >/dev/null 2>&1", seconds=60)


def talks(sender, receiver, address, device):
    """TCP and UDP arrive, and what arrives is right."""
    for arrived in (tcp(sender, receiver, address, device), udp(sender, receiver, address, device)):
        if not arrived.packets or arrived.bad:
            raise GuestError(f"{device} saw {arrived}")
    if wrong_sums(receiver):
        raise GuestError(f"the kernel refused {wrong_sums(receiver)} packets for their checksums")
    return True


class Beat:
    """Datagrams sent all the time: what the receiver missed, and for how long."""
    last_port = 7000

    def __init__(self, sender, receiver, address, milliseconds=5):
        Beat.last_port += 1
        self.port = Beat.last_port
        self.sender, self.receiver = sender, receiver
        self.milliseconds = milliseconds
        receiver.run(f"probe receive {self.port} >/tmp/beat{self.port} 2>&1 & echo $! >/tmp/to{self.port}")
        sender.run(f"probe send {address} {self.port} {milliseconds} >/dev/null 2>&1 &"
                   f" echo $! >/tmp/from{self.port}")

    def so_far(self):
        """How many have arrived."""
        file = f"/tmp/beat{self.port}"
        return numbers(self.receiver.run(
            f"n=$(wc -l <{file}); i=0; kill -USR1 $(cat /tmp/to{self.port});"
            f" while [ $(wc -l <{file}) = $n ] && [ $i -lt 100 ]; do usleep 20000; i=$((i+1)); done;"
            f" tail -n 1 {file}")).get("so_far", 0)

    def goes_on(self):
        before = self.so_far()
        time.sleep(0.2)
        return self.so_far() > before

    def end(self):
        """{'received', 'lost', 'gap_ms'}"""
        seen = numbers(self.receiver.run(
            f"pid=$(cat /tmp/to{self.port}); kill $pid; while kill -0 $pid 2>/dev/null;"
            f" do usleep 20000; done; cat /tmp/beat{self.port}"))
        self.sender.run(f"kill $(cat /tmp/from{self.port})")
        return seen
