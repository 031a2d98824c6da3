# SPDX-License-Identifier: Apache-2.0
"""A guest inside the guest that is a host: it holds a function of the host's NIC by vfio, as hostdev gives
it to a virtual machine. What runs in it is nested.c."""

import shlex

CONSOLE = "/tmp/nested.console"
# Emulated by a machine that is emulated itself, it is slow.
BOOT_SECONDS = 240
QEMU = ("qemu-system-x86_64", "-accel", "tcg,thread=single", "-machine", "pc", "-m", "32", "-nodefaults",
        "-no-user-config", "-display", "none", "-kernel", "/boot/nested", "-serial", f"file:{CONSOLE}")


class Nested:
    def __init__(self, host, function):
        self.host = host
        host.run(shlex.join([*QEMU, "-device", f"vfio-pci,host={function},rombar=0"])
                 + " >/tmp/nested.log 2>&1 & echo $! >/tmp/nested.pid")

    def says(self, words):
        return self.host.does(f"grep -q {shlex.quote(words)} {CONSOLE}")

    def end(self):
        self.host.run("pid=$(cat /tmp/nested.pid); kill -9 $pid;"
                      " while kill -0 $pid 2>/dev/null; do usleep 50000; done", seconds=60)
