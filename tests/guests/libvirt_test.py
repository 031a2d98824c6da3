#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""libvirt, unpacked over this machine's folders in a mount namespace, starts guests whose interfaces
are taps that it adds to a bridge itself (virtualport type='openvswitch') and vhost-user ports, with
QEMU at either side of the socket. It knows the switch by the name of ovs-vsctl."""

import os
import re
import signal
import subprocess
import sys

from guest import Guest
from orders import Alive
from topic import PATIENCE, Topic, eventually
from traffic import serve, talks

ROOT = "build/libvirt/root"
URI = "qemu:///system"
VLAN, OTHER_VLAN = 10, 20
# Everybody is root here, and nothing is kept apart that the test has not kept apart.
QEMU_CONF = """user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
"""
USERS = "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin\n"
GROUPS = "libvirt-qemu:x:64055:\nkvm:x:64056:\n"
WRAPPER = """#!/bin/sh
echo "$*" >>{calls}
WEIR_RUNDIR={rundir} exec {build}/utilities/vsctl "$@"
"""
DOMAIN = """<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>192</memory>
  <vcpu>1</vcpu>
  <memoryBacking>
    <source type='memfd'/>
    <access mode='shared'/>
  </memoryBacking>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{image}/kernel</kernel>
    <initrd>{image}/initrd</initrd>
    <cmdline>console=ttyS0 quiet loglevel=4 panic=1 mitigations=off no_timer_check</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='maximum'>
    <numa><cell id='0' cpus='0' memory='192' unit='MiB' memAccess='shared'/></numa>
  </cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <serial type='file'><source path='{folder}/{name}.console'/><target port='0'/></serial>
    <serial type='unix'><source mode='bind' path='{folder}/{name}.orders'/><target port='1'/></serial>
    {interfaces}
    <memballoon model='none'/>
  </devices>
</domain>
"""
TAP = """<interface type='bridge'>
  <mac address='{mac}'/>
  <source bridge='br0'/>
  <vlan><tag id='{vlan}'/></vlan>
  <virtualport type='openvswitch'/>
  <target dev='tap-a'/>
  <model type='virtio'/>
  <rom enabled='no'/>
</interface>
"""
VHOST = """<interface type='vhostuser'>
  <mac address='{mac}'/>
  <source type='unix' path='{path}' mode='{mode}'>{reconnect}</source>
  <model type='virtio'/>
  {driver}
  <rom enabled='no'/>
</interface>
"""
RECONNECT = "<reconnect enabled='yes' timeout='1'/>"


def lay_over(topic, folder, lower=None):
    """The folder can be written to from now on, and has what is in 'lower' as well."""
    upper = topic.path("upper" + folder.replace("/", "-"))
    for name in ("files", "work"):
        os.makedirs(os.path.join(upper, name))
    lowers = ":".join(filter(None, (lower and os.path.abspath(lower), folder)))
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                    f"lowerdir={lowers},upperdir={upper}/files,workdir={upper}/work", folder],
                   check=True)
    topic.at_end.append(f"umount -l {folder}")


def write(path, text, mode=0o644, how="w"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, how, encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def add_names(path, lines):
    """Users and groups that an installation would have made."""
    with open(path, encoding="utf-8") as f:
        there = {line.split(":")[0] for line in f}
    write(path, "".join(line + "\n" for line in lines.splitlines()
                        if line.split(":")[0] not in there), how="a")


def virsh(*words, seconds=60):
    out = subprocess.run(["virsh", "-q", "-c", URI, *words], capture_output=True, text=True,
                         timeout=seconds * PATIENCE, check=False)
    if out.returncode:
        raise RuntimeError(f"virsh {' '.join(words)}: {out.stderr.strip()}")
    return out.stdout


def answers():
    return not subprocess.run(["virsh", "-c", URI, "version"], capture_output=True,
                              check=False).returncode


def libvirt_start(topic):
    """Mounts end with the test's namespace."""
    upper = topic.path("")
    subprocess.run(["mount", "-t", "tmpfs", "none", upper], check=True)
    topic.at_end.append(f"umount -l {upper}")
    lay_over(topic, "/usr", ROOT + "/usr")
    lay_over(topic, "/etc", ROOT + "/etc")
    lay_over(topic, "/var")
    for folder in ("/run", "/sys/fs/cgroup"):
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
        topic.at_end.append(f"umount -l {folder}")
    add_names("/etc/passwd", USERS)
    add_names("/etc/group", GROUPS)
    write("/etc/libvirt/qemu.conf", QEMU_CONF)
    topic.calls = topic.path("calls")
    write("/usr/bin/ovs-vsctl", WRAPPER.format(calls=topic.calls, rundir=topic.kit.rundir,
                                               build=os.path.abspath(topic.build)), 0o755)
    with open(topic.path("libvirtd.log"), "wb") as log:
        topic.libvirtd = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "libvirtd"],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return eventually(30, answers)


def domain(topic, name, interfaces):
    path = topic.path(f"{name}.xml")
    image = os.path.abspath(os.path.join(topic.build, "guests/image"))
    write(path, DOMAIN.format(name=name, image=image, folder=topic.folder,
                              interfaces="".join(interfaces)))
    virsh("create", path)
    guest = Guest(topic.folder, name, image)
    guest.process = Alive()
    guest.has_booted = True
    return guest


def mac(number, card):
    return f"02:00:00:00:{card:02x}:{number:02x}"


def vhost(number, card, path, mode, driver=""):
    return VHOST.format(mac=mac(number, card), path=path, mode=mode, driver=driver,
                        reconnect=RECONNECT if mode == "client" else "")


def guests_start(topic):
    kit = topic.kit
    for bridge in ("br0", "br1"):
        kit.vsctl("add-br", bridge)
    served = [topic.path(name) for name in ("va", "vb")]
    kit.vsctl("add-port", "br1", "va", "--", "set", "Interface", "va", "type=dpdkvhostuserclient",
              f"options:vhost-server-path={served[0]}")
    kit.vsctl("add-port", "br0", "vb", f"tag={VLAN}", "--", "set", "Interface", "vb",
              "type=dpdkvhostuserclient", f"options:vhost-server-path={served[1]}")
    kit.vsctl("add-port", "br1", "vc", "--", "set", "Interface", "vc", "type=dpdkvhostuser")
    topic.a = domain(topic, "a", [TAP.format(mac=mac(1, 0), vlan=VLAN),
                                  vhost(1, 1, served[0], "server")])
    topic.b = domain(topic, "b", [
        vhost(2, 0, served[1], "server", "<driver queues='2' rx_queue_size='1024'/>"),
        vhost(2, 1, os.path.join(kit.rundir, "vc"), "client")])
    for guest in (topic.a, topic.b):
        guest.ready()
    addresses(topic.a, 1)
    addresses(topic.b, 2)
    serve(topic.b)


def addresses(guest, number):
    for i in (0, 1):
        guest.address(f"eth{i}", f"192.0.{i}.{number}/24")


def hear(topic):
    return topic.a.hears("192.0.0.2") and topic.a.hears("192.0.1.2")


def start(topic):
    topic.kit = topic.switch()
    if not topic.check("libvirt starts", libvirt_start, topic):
        with open(topic.path("libvirtd.log"), encoding="utf-8", errors="replace") as f:
            print("  " + "\n  ".join(f.read().splitlines()[-20:]))
        raise RuntimeError("without it the rest makes no sense")
    guests_start(topic)


def ports(topic):
    kit, a, b = topic.kit, topic.a, topic.b
    topic.check("the tap's port is in its VLAN", kit.vsctl("get", "Port", "tap-a", "tag").strip()
                == str(VLAN))
    topic.check("and says whose it is", mac(1, 0) in
                kit.vsctl("get", "Interface", "tap-a", "external_ids:attached-mac"))
    topic.check("no port has an error", kit.vsctl(
        "--bare", "--columns=error", "list", "Interface").strip() == "")
    topic.check("and none a setting that is wrong", "config_error" not in kit.vsctl(
        "--columns=status", "list", "Interface"))
    topic.check("tap and vhost-user, QEMU listens: they hear each other", eventually, 10, a.hears,
                "192.0.0.2")
    topic.check("QEMU listens and QEMU connects: they hear each other", eventually, 10, a.hears,
                "192.0.1.2")
    topic.check("TCP and UDP arrive by tap", talks, a, b, "192.0.0.2", "eth0")
    topic.check("TCP and UDP arrive by vhost-user", talks, a, b, "192.0.1.2", "eth1")


def change_vlan(topic, old, new):
    text = re.search("<interface type='bridge'>.*?</interface>", virsh("dumpxml", "a"), re.DOTALL)[0]
    write(topic.path("tap.xml"), text.replace(f"<tag id='{old}'/>", f"<tag id='{new}'/>"))
    virsh("update-device", "a", topic.path("tap.xml"), "--live")


def has_packets(name, device):
    """The database is told of statistics every 5 seconds."""
    counts = re.findall(r"rx_packets (\d+)", virsh("domifstat", name, device))
    return any(map(int, counts))


def life(topic):
    kit = topic.kit
    topic.check("libvirt finds the name of each vhost-user port", {"va", "tap-a"} <= set(
        virsh("domiflist", "a").split()) and {"vb", "vc"} <= set(virsh("domiflist", "b").split()))
    for name, device in (("a", "tap-a"), ("a", "va"), ("b", "vb"), ("b", "vc")):
        topic.check(f"and reads the statistics of {device}", eventually, 20, has_packets, name,
                    device)
    change_vlan(topic, VLAN, OTHER_VLAN)
    topic.check("a VLAN that is changed by libvirt is the port's", kit.vsctl(
        "get", "Port", "tap-a", "tag").strip() == str(OTHER_VLAN))
    topic.check("and the guest is among others then", not topic.a.does(
        "ping -c 1 -W 1 192.0.0.2 >/dev/null"))
    change_vlan(topic, OTHER_VLAN, VLAN)
    topic.check("and back", eventually, 10, topic.a.hears, "192.0.0.2")
    virsh("domiftune", "a", "tap-a", "--inbound", "2000,4000,512", "--outbound", "2000,4000,512")
    topic.check("limits of bandwidth become policing and QoS", int(kit.vsctl(
        "get", "Interface", "tap-a", "ingress_policing_rate")) > 0 and
        "linux-htb" in kit.vsctl("--bare", "--columns=type", "list", "QoS"))
    topic.check("with which the guest is heard", eventually, 10, topic.a.hears, "192.0.0.2")


def restarts(topic):
    for words, number in (("is killed", signal.SIGKILL), ("is stopped", signal.SIGTERM)):
        topic.kit.process.send_signal(number)
        topic.kit.process.wait(20 * PATIENCE)
        topic.kit.start()
        topic.check(f"when the switch {words} and starts again, all hear each other", eventually,
                    20, hear, topic)
    if topic.is_long:
        virsh("reset", "b")
        topic.b.ready()
        addresses(topic.b, 2)
        topic.check("a guest that libvirt resets is heard again", eventually, 10, hear, topic)
    virsh("destroy", "b")
    topic.check("a guest that ends leaves the ports that the operator made", {"vb", "vc"} <= set(
        topic.kit.vsctl("list-ports", "br0").split() + topic.kit.vsctl("list-ports", "br1").split()))
    virsh("destroy", "a")
    topic.check("and its tap's port goes", "tap-a" not in topic.kit.vsctl("list-ports", "br0"))
    with open(topic.calls, encoding="utf-8") as f:
        for call in f.read().splitlines():
            print(f"# libvirt ran: ovs-vsctl {call}", flush=True)


def bury():
    """The first process of a namespace of processes: all that ends, libvirt's QEMUs among them, is
    buried by it. Returns in the child that runs the test."""
    test = os.fork()
    if not test:
        return
    while True:
        pid, status = os.wait()
        if pid == test:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)


def main():
    if not os.path.exists("build/libvirt/done"):
        why = "build/libvirt/why"
        with open(why if os.path.exists(why) else os.devnull, encoding="utf-8") as f:
            print(f"ok - libvirt # SKIP {f.read().strip() or 'it is not unpacked'}")
        return 0
    if os.getpid() == 1:
        bury()
    else:
        # QEMU is libvirt's, and has to end with this test whatever happens.
        os.execvp("unshare", ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                              sys.executable, *sys.argv])
    return Topic("libvirt").run([start, ports, life, restarts])


if __name__ == "__main__":
    sys.exit(main())
