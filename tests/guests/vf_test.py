#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A guest that is a host: weir runs inside, with an emulated NIC that has virtual functions and an
IOMMU. Functions are made and set up from the database, one is a port, another is somebody else's.

Behind the NIC's wire is a second card of the guest, in the namespace 'wire'; 'guest' has the tap of
the bridge that the function is a port of; the NIC itself is a port of a bridge of its own, br-nic."""

import re
import shlex
import sys

from nested import BOOT_SECONDS, Nested
from topic import GuestError, Topic, eventually

RUNDIR = "/run/weir"
FUNCTION = "0000:01:10.0"  # the NIC's first, and its second
OTHER = "0000:01:10.2"
MAC = "02:00:00:00:01:00"  # of both functions and of who sits behind them
OTHER_MAC = "02:00:00:00:01:01"
TAP_MAC = "02:00:00:00:02:00"
WIRE_MAC = "02:00:00:00:00:02"
NETWORK = "192.0.2."
GUEST, WIRE, NIC, ELSE, NESTED = (NETWORK + str(i) for i in range(1, 6))
MACHINE = ("-machine", "kernel-irqchip=split",
           "-device", "intel-iommu,intremap=on,caching-mode=on,aw-bits=48",
           "-device", "pcie-root-port,id=rp0,slot=1",
           "-netdev", "hubport,id=h0,hubid=0", "-device", "igb,netdev=h0,bus=rp0,romfile=",
           "-netdev", "hubport,id=h1,hubid=0",
           "-device", f"virtio-net-pci,netdev=h1,mac={WIRE_MAC},romfile=")


class Host:
    """The guest, and the switch in it."""

    def __init__(self, guest):
        self.guest = guest

    def run(self, command, **options):
        # The shell would take its own, smaller 'ip'.
        command = re.sub(r"\bip (?=-|link|addr|netns|neigh)", "/bin/ip ", command)
        return self.guest.run(command, **options)

    def on(self, space, command):
        return self.run(f"ip netns exec {space} {command}")

    def does(self, command):
        """Whether a command succeeds."""
        try:
            self.run(command, seconds=60)
        except GuestError:
            return False
        return True

    def tool(self, name, *words):
        return self.run(f"WEIR_RUNDIR={RUNDIR} {name} {shlex.join(words)}")

    def vsctl(self, *words):
        return self.tool("vsctl", *words)

    def set(self, *words):
        """Waits for nothing: what comes of it is to be seen."""
        self.vsctl("--no-wait", *words)

    def get(self, interface, column):
        return self.vsctl("get", "Interface", interface, column).strip()

    def advice(self, interface):
        """What is said of settings of a port that works, which has no error."""
        if self.get(interface, "error") != "[]":
            return "it has one"
        return self.vsctl("--if-exists", "get", "Interface", interface, "status:config_error").strip()

    def start_switch(self):
        self.run(f"vswitchd --rundir {RUNDIR} --detach --pidfile --log-file=/tmp/weir.log",
                 seconds=60)

    def end_switch(self, signal):
        self.run(f"pid=$(cat {RUNDIR}/vswitchd.pid); kill -{signal} $pid;"
                 " while kill -0 $pid 2>/dev/null; do usleep 50000; done", seconds=60)

    def is_alive(self):
        return self.does(f"kill -0 $(cat {RUNDIR}/vswitchd.pid)")

    def functions(self):
        """{index: what the kernel says of it}"""
        text = self.run("ip link show dev pf0")
        return dict(re.findall(r"^\s+vf (\d+)\s+(.*)$", text, re.MULTILINE))

    def is_deaf(self, space, address):
        return not self.does(f"ip netns exec {space} ping -c 1 -W 1 {address} >/dev/null")

    def heard(self, space, address, seconds=20):
        """Sooner or later a ping is answered."""
        return eventually(seconds, self.does,
                          f"ip netns exec {space} ping -c 2 -W 2 {address} >/dev/null")


def has(host, index, *words):
    now = host.functions().get(str(index), "")
    return all(word in now for word in words)


def driver(host, address):
    return host.run(f"basename $(readlink /sys/bus/pci/devices/{address}/driver)",
                    check=False).strip()


def start(topic):
    guest = topic.guest("host", [], image="nested-image" if topic.is_long else "host-image",
                        memory=2048 if topic.is_long else 1024, smp=2, extra=MACHINE,
                        boot="intel_iommu=on iommu=pt hugepages=128")
    guest.ready()
    topic.host = host = Host(guest)
    host.run(f"mkdir -p {RUNDIR}; ip link set eth0 name wire0;"
             " for i in igb igbvf vfio_iommu_type1 vfio-pci tun 8021q; do load $i || exit; done;"
             " ip link set eth0 name pf0", seconds=120)
    for space in ("wire", "guest", "else"):
        host.run(f"ip netns add {space}; ip -n {space} link set lo up")
    host.run("ip link set wire0 netns wire; ip -n wire link set wire0 up;"
             f" ip -n wire addr add {WIRE}/24 dev wire0")
    host.start_switch()


def made(topic):
    """Functions from the database; one becomes a port although it is not there yet."""
    host = topic.host
    host.set("add-br", "br-nic", "--", "add-port", "br-nic", "pf0",
             "--", "add-br", "br0", "--", "add-port", "br0", "vf0",
             "--", "set", "Interface", "vf0", "type=dpdk", f"options:dpdk-devargs={FUNCTION}",
             "--", "add-port", "br0", "tap0", "--", "set", "Interface", "tap0", "type=tap")
    topic.check("a port whose function is not there says so", eventually, 20,
                lambda: "no such device" in host.get("vf0", "error"))
    host.set("set", "Interface", "pf0", "other_config:sriov-vfs=2",
             f'other_config:vf-0="mac={MAC} trust=on spoofchk=off driver=vfio-pci"')
    host.run("ip link set pf0 up; ip link set br-nic up;"
             f" ip addr add {NIC}/24 dev br-nic")
    topic.check("functions are made", eventually, 30, lambda: len(host.functions()) == 2)
    topic.check("and one is given to vfio-pci", eventually, 30,
                lambda: driver(host, FUNCTION) == "vfio-pci")
    topic.check("the other to whom the kernel chooses", driver(host, OTHER) == "igbvf")
    topic.check("the port is opened with it", eventually, 30,
                lambda: host.get("vf0", "ofport").isdigit())
    topic.check("by its driver", eventually, 20,
                lambda: "net_e1000_igb_vf" in host.get("vf0", "status"))
    topic.check("and has a link", eventually, 20, lambda: host.get("vf0", "link_state") == "up")
    topic.check("its settings are the kernel's", eventually, 20, has, host, 0, MAC, "trust on",
                "spoof checking off")


def normal(topic):
    """Who sits behind the function has its address: it lets no others in."""
    host = topic.host
    host.run(f"ip link set tap0 netns guest address {MAC}; ip -n guest link set tap0 up;"
             f" ip -n guest addr add {GUEST}/24 dev tap0")
    topic.check("NORMAL: the wire is heard through the function", host.heard, "guest", WIRE)
    topic.check("NORMAL: and the other way", host.heard, "wire", GUEST)
    topic.check("NORMAL: the NIC's own bridge is heard", host.heard, "guest", NIC)
    topic.check("NORMAL: and the wire through that", host.heard, "wire", NIC)
    host.on("wire", "iperf3 -s -D >/dev/null")
    topic.check("NORMAL: TCP arrives", eventually, 40, host.does,
                f"ip netns exec guest iperf3 -c {WIRE} -n 1M >/dev/null")
    topic.check("NORMAL: and the other way", eventually, 40, host.does,
                f"ip netns exec guest iperf3 -R -c {WIRE} -n 1M >/dev/null")


def rules(topic):
    """Rules that translate another's address."""
    host = topic.host
    host.run(f"ip -n guest link set tap0 address {TAP_MAC};"
             f" ip -n guest neigh replace {WIRE} lladdr {WIRE_MAC} dev tap0;"
             f" ip -n wire neigh replace {GUEST} lladdr {MAC} dev wire0")
    topic.check("rules: without them another address gets no answer", host.is_deaf, "guest", WIRE)
    host.tool("ofctl", "del-flows", "br0")
    host.tool("ofctl", "add-flow", "br0", f"in_port=tap0,ip,actions=set_field:{MAC}->eth_src,vf0")
    host.tool("ofctl", "add-flow", "br0",
              f"in_port=vf0,ip,nw_dst={GUEST},actions=set_field:{TAP_MAC}->eth_dst,output:tap0")
    topic.check("rules: translated it does", host.heard, "guest", WIRE)
    topic.check("rules: and from the wire", host.heard, "wire", GUEST)
    host.tool("ofctl", "add-flow", "br0", "priority=40000,in_port=vf0,icmp,actions=drop")
    topic.check("rules: one that drops is obeyed", host.is_deaf, "guest", WIRE)
    host.tool("ofctl", "del-flows", "br0")
    host.tool("ofctl", "add-flow", "br0", "actions=NORMAL")
    host.run(f"ip -n guest link set tap0 address {MAC}; ip -n guest neigh flush dev tap0;"
             " ip -n wire neigh flush dev wire0")
    topic.check("NORMAL again", host.heard, "guest", WIRE)


def others(topic):
    """A function that is somebody else's: its settings are the database's all the same."""
    host = topic.host
    settings = f"mac={OTHER_MAC} vlan=10 max-rate=50 trust=on spoofchk=off"
    host.set("set", "Interface", "pf0", f'other_config:vf-1="{settings}"')
    topic.check("another's function: its settings are the kernel's", eventually, 20, has, host, 1,
                OTHER_MAC, "vlan 10", "max_tx_rate 50Mbps", "spoof checking off", "trust on")
    topic.check("another's function: and in the status", eventually, 20,
                lambda: f'vf-1="{OTHER} mac={OTHER_MAC} vlan=10 min-rate=0 max-rate=50 trust=on'
                        ' spoofchk=off link-state=auto driver=igbvf"' in host.get("pf0", "status"))
    topic.check("the NIC's status says how many there are",
                'sriov_vfs="2 of 7"' in host.get("pf0", "status"))
    topic.check("nothing is wrong", eventually, 20, lambda: host.advice("pf0") == "")
    host.set("set", "Interface", "pf0", "other_config:sriov-vfs=one")
    topic.check("a number of functions that is none is told", eventually, 20,
                lambda: "sriov-vfs=one" in host.advice("pf0"))
    topic.check("and takes none away", len(host.functions()) == 2)
    host.set("set", "Interface", "pf0", "other_config:sriov-vfs=0x2")
    topic.check("until it is one", eventually, 20, lambda: host.advice("pf0") == "")
    topic.check("which are as many as before", len(host.functions()) == 2)
    host.set("set", "Interface", "pf0", f'other_config:vf-1="{settings} min-rate=10 link-state=on"')
    for words, sentence in (
            ("min-rate", "function 1: the driver refuses min-rate and max-rate: Invalid argument"
                         " (few NICs can do min-rate: remove it)"),
            ("link-state", "function 1: the driver refuses link-state: Operation not supported"
                           " (this NIC cannot do it: remove the setting)")):
        topic.check(f"a driver that refuses {words}: the row says so", eventually, 20,
                    lambda text=sentence: text in host.advice("pf0"))
    host.set("set", "Interface", "pf0", f'other_config:vf-1="{settings}"')
    topic.check("until the setting is removed", eventually, 20,
                lambda: host.advice("pf0") == "")
    # As a guest would: its driver finds the address that was set, and knows nothing of the VLAN.
    host.run(f"cd /sys/bus/pci/drivers/igbvf; echo {OTHER} >unbind; echo {OTHER} >bind;"
             f" name=$(ls /sys/bus/pci/devices/{OTHER}/net); ip link set $name name else0;"
             f" ip link set else0 netns else; ip -n else link set else0 up;"
             f" ip -n else addr add {ELSE}/24 dev else0;"
             " ip -n wire link add link wire0 name v10 type vlan id 10; ip -n wire link set v10 up;"
             f" ip -n wire addr flush dev wire0; ip -n wire addr add {WIRE}/24 dev v10")
    topic.check("another's function: it has the address that was set",
                lambda: OTHER_MAC in host.run("ip -n else link show dev else0"))
    topic.check("another's function: what it sends is in its VLAN", host.heard, "else", WIRE)
    host.run(f"ip -n wire addr flush dev v10; ip -n wire addr add {WIRE}/24 dev wire0")
    topic.check("another's function: and nowhere else", host.is_deaf, "else", WIRE)


def restarts(topic):
    host = topic.host
    for words, signal in (("killed", "KILL"), ("stopped", "TERM")):
        host.end_switch(signal)
        host.run("ip link set pf0 vf 1 vlan 0; ip link set pf0 vf 1 trust off")
        host.start_switch()
        topic.check(f"{words} and started: settings that were changed are back", eventually, 30,
                    has, host, 1, "vlan 10", "trust on")
        topic.check(f"{words} and started: the function is a port again", host.heard, "guest", WIRE,
                    40)
    host.end_switch("TERM")
    host.run("echo 0 >/sys/class/net/pf0/device/sriov_numvfs")
    host.start_switch()
    topic.check("started without functions: they are made and set up", eventually, 40, has, host, 1,
                OTHER_MAC, "vlan 10")
    topic.check("started without functions: one is a port again", host.heard, "guest", WIRE, 40)


def removed(topic):
    """What is removed from the database does not stay on the NIC."""
    host = topic.host
    host.set("set", "Interface", "pf0", f'other_config:vf-1="mac={OTHER_MAC}"')
    topic.check("words that are removed: the settings are a fresh function's", eventually, 20, has, host,
                1, OTHER_MAC, "spoof checking on", "trust off")
    topic.check("and there is neither a VLAN nor a rate", eventually, 20,
                lambda: not any(word in host.functions()["1"] for word in ("vlan", "max_tx_rate")))
    host.set("remove", "Interface", "pf0", "other_config", "vf-1")
    topic.check("a key that is removed takes the address with it", eventually, 20, has, host, 1,
                "00:00:00:00:00:00")
    topic.check("another function keeps its own", has, host, 0, MAC, "trust on", "spoof checking off")
    host.set("set", "Interface", "pf0", f'other_config:vf-1="mac={OTHER_MAC} vlan=10 trust=on"',
             "--", "set", "Interface", "vf0", f'other_config:vf="mac={MAC} trust=on"')
    topic.check("and is set up anew", eventually, 20, has, host, 1, OTHER_MAC, "vlan 10", "trust on")
    host.end_switch("KILL")
    host.start_switch()
    topic.check("with the switch started again", eventually, 30, lambda: "vf-1=" in host.get(
        "pf0", "status"))
    host.set("del-port", "br-nic", "pf0")
    topic.check("a row that goes takes its settings along", eventually, 20, has, host, 1,
                "00:00:00:00:00:00", "trust off")
    topic.check("but not those that another row wants too", eventually, 20, has, host, 0, MAC, "trust on",
                "spoof checking on")
    host.set("add-port", "br-nic", "pf0", "--", "remove", "Interface", "vf0", "other_config", "vf",
             "--", "set", "Interface", "pf0", "other_config:sriov-vfs=2",
             f'other_config:vf-0="mac={MAC} trust=on spoofchk=off driver=vfio-pci"')
    topic.check("a function that kept its settings is still a port", host.heard, "guest", WIRE, 40)


def hostdev(topic):
    """The long form: a guest holds the function, which is no port; the database sets it up all the same."""
    if not topic.is_long:
        return
    host = topic.host
    settings = f"mac={OTHER_MAC} driver=vfio-pci"
    host.set("set", "Interface", "pf0", f'other_config:vf-1="{settings}"')
    topic.check("a function is given to vfio-pci for a guest", eventually, 30,
                lambda: driver(host, OTHER) == "vfio-pci")
    guest = Nested(host, OTHER)
    topic.check("a guest that holds a function finds the address that was set", eventually, BOOT_SECONDS,
                guest.says, f"holds {OTHER_MAC}")
    topic.check("and is heard on the wire", host.heard, "wire", NESTED, 60)
    topic.check("and by another function, a port of the switch", host.heard, "guest", NESTED, 60)
    host.run("ip -n wire addr add 198.51.100.1/24 dev v10")
    host.set("set", "Interface", "pf0", f'other_config:vf-1="{settings} vlan=10 max-rate=50"')
    topic.check("what is set while it runs is the kernel's", eventually, 20, has, host, 1, OTHER_MAC,
                "vlan 10", "max_tx_rate 50Mbps")
    topic.check("and in the status, with who holds it", eventually, 20, lambda: re.search(
        f'vf-1="{OTHER} mac={OTHER_MAC} vlan=10 .*max-rate=50 .*driver=vfio-pci"',
        host.get("pf0", "status")))
    topic.check("it is in that VLAN", host.heard, "wire", f"-I v10 {NESTED}", 60)
    topic.check("and no longer outside", host.is_deaf, "wire", f"-I wire0 {NESTED}")
    topic.check("the switch goes on beside it", host.heard, "guest", WIRE)
    host.end_switch("KILL")
    host.start_switch()
    topic.check("killed and started: the guest has what it held", host.heard, "wire", f"-I v10 {NESTED}", 60)
    host.run("ip -n wire addr flush dev v10")
    host.set("set", "Interface", "pf0", f'other_config:vf-1="{settings}"')
    topic.check("it is back when the VLAN is removed", host.heard, "wire", NESTED, 60)
    guest.end()


def leaves(topic):
    """The function goes while it is a port: the kernel waits until the switch has let go of it."""
    host = topic.host
    host.set("set", "Interface", "pf0", "other_config:sriov-vfs=0")
    topic.check("a function that goes is let go of", eventually, 40, lambda: not host.functions())
    topic.check("the port says so", eventually, 20, lambda: "vf0" in host.get("vf0", "error"))
    topic.check("the switch goes on", host.heard, "wire", NIC)
    host.set("set", "Interface", "pf0", "other_config:sriov-vfs=2")
    topic.check("when it is there again it is a port again", host.heard, "guest", WIRE, 60)
    host.run(f"echo {FUNCTION} >/sys/bus/pci/drivers/vfio-pci/unbind", seconds=60)
    topic.check("one that is taken from its driver comes back too", host.heard, "guest", WIRE, 60)
    host.run(f"echo 1 >/sys/bus/pci/devices/{FUNCTION}/reset; ip link set pf0 down; ip link set pf0 up",
             check=False)
    topic.check("resets do not end the switch", host.is_alive)
    host.set("set", "Interface", "vf0", "options:n_rxq_desc=1024")
    topic.check("a port that is opened anew works again", host.heard, "guest", WIRE, 60)


def unplugged(topic):
    """The whole NIC goes, with the port and the functions that are on it."""
    host = topic.host
    host.run("echo 1 >/sys/class/net/pf0/device/remove", seconds=60)
    topic.check("a NIC that is unplugged takes its function from the port", eventually, 20,
                lambda: "vf0" in host.get("vf0", "error"))
    host.run("echo 1 >/sys/bus/pci/rescan", seconds=60)
    host.run("ip link set eth0 name pf0; ip link set pf0 up")
    topic.check("a NIC that is plugged in has its functions and the port back", host.heard, "guest",
                WIRE, 60)


def main():
    return Topic("vf").run([start, made, normal, rules, others, restarts, removed, hostdev, leaves,
                            unplugged])


if __name__ == "__main__":
    sys.exit(main())
