#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes what guests boot: a kernel, and an initial file system of busybox, a few programs with the
libraries they need, and the modules of the kernel that tests name.

usage: image.py --kernel FOLDER --out FOLDER [--program FILE]… [--driver FILE]… [--file FILE TARGET]…
"""

import argparse
import glob
import lzma
import os
import re
import shutil
import struct
import subprocess
import tempfile

PROGRAMS = ("/usr/sbin/ethtool", "/usr/bin/iperf3", "/usr/sbin/ip", "/usr/sbin/bridge")
# Loaded when a guest starts.
AT_BOOT = ("virtio_pci", "virtio_net")
# Loaded by 'load NAME'; what a kernel does not have as a module is left out.
ON_DEMAND = ("8021q", "bridge", "dummy", "geneve", "ip_gre", "ip6_gre", "vxlan", "igb", "igbvf",
             "vfio-pci", "vfio_iommu_type1", "tun")

INIT = """#!/bin/busybox sh
# The first process: devices, modules, then a shell that takes orders on the second serial line.
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm /dev/pts /run /tmp
mount -t tmpfs tmpfs /tmp
ln -s /tmp /run/lock
# DPDK takes no drivers from where everybody may put some.
chmod 755 /
echo 3 >/proc/sys/kernel/printk
for name in {at_boot}; do load $name; done
# Addresses are there at once, and nothing is sent that no test asked for.
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitations
ip link set lo up
while :; do
    setsid /bin/orders </dev/ttyS1 >/dev/ttyS1 2>&1
done
"""

LOAD = """#!/bin/busybox sh
# load MODULE…: with what it needs.
for module; do
    while read -r file; do
        name=${file%.ko}
        grep -q "^$(echo "$name" | tr - _) " /proc/modules || insmod "/lib/modules/$file" || exit
    done <"/lib/modules/$module.order"
done
"""

# An answer ends with a byte that no output has, and the status.
ORDERS = """#!/bin/busybox sh
stty raw -echo
while IFS= read -r line; do
    (eval "$line") </dev/null
    printf '\\001%d\\001' $?
done
"""


def module_files(kernel):
    files = glob.glob(os.path.join(kernel, "lib/modules/*/kernel/**/*.ko"), recursive=True)
    return {os.path.basename(f)[:-3].replace("-", "_"): f for f in files}


def needs(path):
    """What a module says it depends on."""
    with open(path, "rb") as f:
        m = re.search(rb"\0depends=([^\0]*)\0", f.read())
    return [name.replace("-", "_") for name in m[1].decode().split(",") if name] if m else []


def order(name, files, seen=None):
    """The modules to load for one, in order."""
    seen = [] if seen is None else seen
    if name in files and name not in seen:
        for other in needs(files[name]):
            order(other, files, seen)
        seen.append(name)
    return seen


def add_modules(root, kernel):
    files = module_files(kernel)
    folder = os.path.join(root, "lib/modules")
    os.makedirs(folder)
    for wanted in AT_BOOT + ON_DEMAND:
        loaded = order(wanted.replace("-", "_"), files)
        for name in loaded:
            shutil.copy(files[name], folder)
        with open(os.path.join(folder, wanted + ".order"), "w", encoding="utf-8") as f:
            f.writelines(os.path.basename(files[name]) + "\n" for name in loaded)


def libraries(program):
    out = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(?:=> )?(/\S+) \(0x", out)


def add_file(root, path, target=None):
    target = root + (target or path)
    if not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(os.path.realpath(path), target)


def add_program(root, path):
    add_file(root, path, "/bin/" + os.path.basename(path))
    for library in libraries(path):
        add_file(root, library)


def add_driver(root, path):
    """A driver of DPDK's, from the folder where DPDK looks for them. Others link to it there: one that
    exists twice is two."""
    folder = os.path.dirname(path)
    add_file(root, path)
    for library in libraries(path):
        real = os.path.realpath(library)
        if os.path.dirname(real) == folder:
            link = root + library
            os.makedirs(os.path.dirname(link), exist_ok=True)
            if not os.path.lexists(link):
                os.symlink(real, link)
        else:
            add_file(root, library)


def add_script(root, path, text):
    with open(os.path.join(root, path), "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(os.path.join(root, path), 0o755)


def fill(root, args):
    """The root file system."""
    for folder in ("bin", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sys", "tmp", "usr",
                   "var"):
        os.makedirs(os.path.join(root, folder))
    # Relative ones: this program follows them too.
    for link, target in (("sbin", "bin"), ("usr/bin", "../bin"), ("usr/sbin", "../bin"),
                         ("usr/lib", "../lib"), ("usr/lib64", "../lib64"), ("var/run", "../run")):
        os.symlink(target, os.path.join(root, link))
    for program in PROGRAMS + tuple(args.program):
        add_program(root, program)
    for driver in args.driver:
        add_driver(root, driver)
    for file, target in args.file:
        add_file(root, file, target)
    add_file(root, "/bin/busybox")
    applets = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True, check=True)
    for applet in applets.stdout.split():
        link = os.path.join(root, "bin", applet)
        if not os.path.lexists(link):
            os.symlink("busybox", link)
    add_modules(root, args.kernel)
    add_script(root, "init", INIT.format(at_boot=" ".join(AT_BOOT)))
    add_script(root, "bin/load", LOAD)
    add_script(root, "bin/orders", ORDERS)


def pack(root, out):
    names = subprocess.run(["find", ".", "-mindepth", "1", "-print0"], cwd=root,
                           capture_output=True, check=True).stdout
    with open(out + ".new", "wb") as f:
        subprocess.run(["cpio", "--null", "--create", "--format=newc", "--quiet", "--owner=0:0"],
                       cwd=root, input=names, stdout=f, check=True)
    os.rename(out + ".new", out)


def write_kernel(packed, out):
    """A kernel that is packed with xz takes an emulated machine long to unpack: it gets what is inside,
    which QEMU boots as well. Where that is, the head says (the kernel's x86 boot protocol)."""
    with open(packed, "rb") as f:
        data = f.read()
    sectors = data[0x1f1]
    offset, length = struct.unpack_from("<II", data, 0x248)
    inside = data[(sectors + 1) * 512 + offset:][:length]
    if inside.startswith(b"\xfd7zXZ\0"):
        data = lzma.LZMADecompressor().decompress(inside)
    with open(out, "wb") as f:
        f.write(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--program", action="append", default=[])
    parser.add_argument("--driver", action="append", default=[])
    parser.add_argument("--file", action="append", default=[], nargs=2, metavar=("FILE", "TARGET"))
    args = parser.parse_args()
    image = os.path.join(args.out, "initrd")
    kernel = glob.glob(os.path.join(args.kernel, "boot/vmlinuz-*"))[0]
    sources = [__file__, kernel, *PROGRAMS, *args.program, *args.driver,
               *(file for file, _ in args.file)]
    if os.path.exists(image) and all(
            os.path.getmtime(image) > os.path.getmtime(f) for f in sources):
        return
    os.makedirs(args.out, exist_ok=True)
    write_kernel(kernel, os.path.join(args.out, "kernel"))
    with tempfile.TemporaryDirectory() as root:
        fill(root, args)
        pack(root, image)


if __name__ == "__main__":
    main()
