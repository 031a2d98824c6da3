# SPDX-License-Identifier: Apache-2.0
"""A guest: QEMU with virtio cards on vhost-user sockets, and a shell on its second serial line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from daemon import PATIENCE  # noqa: E402

# The guests emulate a machine without KVM, which nested machines seldom have; boots take 5 to 10 s.
BOOT_SECONDS = 120
# QEMU's emulation loses an interrupt's end now and then when the machine is very busy: a processor of the
# guest then never hears its timer again, and the boot does not come to its end. Or, with two processors, it
# finds its own map of the memory amiss while that changes (iotlb_to_section), and aborts.
BOOTS = 3
# A kernel that looks whether its timer works finds that it does not when the machine is busy, and panics.
KERNEL_WORDS = "console=ttyS0 quiet loglevel=4 panic=1 mitigations=off no_timer_check"
END = "\001"


class GuestError(Exception):
    """A command failed in a guest, or the guest does not answer."""


class GuestTimeout(GuestError):
    """There was no answer in time."""


class Line:
    """One of QEMU's sockets: text until a mark. All seconds are those of a machine that is not busy."""

    def __init__(self, path, seconds, process):
        end = time.monotonic() + seconds * PATIENCE
        self.text = ""
        while True:
            if process.poll() is not None:
                raise GuestError(f"{path}: QEMU has ended with {process.returncode}")
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                return
            except OSError:
                self.socket.close()
                if time.monotonic() > end:
                    raise GuestError(f"{path}: nobody listens") from None
                time.sleep(0.05)

    def until(self, mark, seconds):
        end = time.monotonic() + seconds * PATIENCE
        while mark not in self.text:
            self.socket.settimeout(max(end - time.monotonic(), 0.01))
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError:
                raise GuestTimeout(f"no answer in {seconds * PATIENCE} s; so far"
                                   f" {self.text[-200:]!r}") from None
            except OSError as error:
                raise GuestError(f"the guest is gone: {error.strerror}") from None
            if not data:
                raise GuestError("the guest is gone")
            self.text += data.decode(errors="replace")
        found, self.text = self.text.split(mark, 1)
        return found


class Card:
    """A virtio card. 'qemu_listens': QEMU makes the socket, for a dpdkvhostuserclient port."""

    def __init__(self, socket_path, mac, qemu_listens=True, queues=1, **properties):
        self.socket = socket_path
        self.mac = mac
        self.qemu_listens = qemu_listens
        self.queues = queues
        self.properties = {key: str(value) for key, value in properties.items()}

    def words(self, i):
        role = "server=on,wait=on" if self.qemu_listens else "reconnect-ms=200"
        device = f"virtio-net-pci,netdev=n{i},mac={self.mac},romfile=,id=card{i}"
        if self.queues > 1:
            device += f",mq=on,vectors={2 * self.queues + 2}"
        device += "".join(f",{key}={value}" for key, value in self.properties.items())
        return ["-chardev", f"socket,id=c{i},path={self.socket},{role}",
                "-netdev", f"vhost-user,id=n{i},chardev=c{i},queues={self.queues}",
                "-device", device]


class Guest:
    def __init__(self, folder, name, image, cards=(), memory=192, smp=1, boot="",
                 extra=()):
        self.folder, self.name, self.image = folder, name, image
        self.cards = list(cards)
        self.memory, self.smp, self.boot, self.extra = memory, smp, boot, list(extra)
        self.process = self.orders = self.qmp_line = None
        self.has_booted = False
        self.n_asked = 0
        self.owes_answer = False  # to an order that took too long

    def path(self, what):
        return os.path.join(self.folder, f"{self.name}.{what}")

    def words(self, incoming):
        words = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-machine", "q35",
                 "-nodefaults", "-no-user-config", "-display", "none",
                 "-m", str(self.memory), "-smp", str(self.smp),
                 "-object", f"memory-backend-memfd,id=mem,size={self.memory}M,share=on",
                 "-numa", "node,memdev=mem",
                 "-kernel", os.path.join(self.image, "kernel"),
                 "-initrd", os.path.join(self.image, "initrd"),
                 "-append", f"{KERNEL_WORDS} {self.boot}",
                 "-serial", f"file:{self.path('console')}",
                 "-serial", f"unix:{self.path('orders')},server=on,wait=off",
                 "-qmp", f"unix:{self.path('qmp')},server=on,wait=off"]
        for i, card in enumerate(self.cards):
            words += card.words(i)
        if incoming:
            words += ["-incoming", incoming]
        return words + self.extra

    def start(self, incoming=None):
        """Starts QEMU; 'ready' waits for the guest. It does not outlive this process."""
        self.has_booted = incoming is not None
        for what in ("orders", "qmp"):
            if os.path.exists(self.path(what)):
                os.unlink(self.path(what))
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.words(incoming)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.orders = self.qmp_line = None
        return self

    def ready(self, seconds=BOOT_SECONDS):
        """Waits until the guest takes orders: at first, after a reboot, after a migration."""
        for _ in range(1, 1 if self.has_booted else BOOTS):
            try:
                return self.listen(seconds)
            except GuestError as error:
                if not isinstance(error, GuestTimeout) and not self.has_aborted():
                    raise
                print(f"# {self.name}: {error}: its QEMU is started again", flush=True)
                self.kill()
                self.start()
        return self.listen(seconds)

    def has_aborted(self):
        """Whether QEMU, which is gone, has ended itself."""
        try:
            return self.process.wait(10 * PATIENCE) == -signal.SIGABRT
        except subprocess.TimeoutExpired:
            return False

    def listen(self, seconds):
        """What is said to the guest too early is lost, so it is asked again, with ever more patience."""
        end = time.monotonic() + seconds * PATIENCE
        self.orders = self.orders or Line(self.path("orders"), seconds, self.process)
        for turn in range(1, seconds):
            try:
                self.catch_up(turn)
                self.has_booted = True
                return self
            except GuestTimeout:
                if time.monotonic() > end:
                    break
        raise GuestTimeout(f"{self.name} takes no orders {seconds * PATIENCE} s after its start")

    def catch_up(self, seconds):
        """Waits for the answer to a question that was never asked before: those to earlier orders, which
        nobody waits for any more, come first."""
        self.n_asked += 1
        self.orders.socket.sendall(f"echo turn-{self.n_asked}\n".encode())
        self.orders.until(f"turn-{self.n_asked}\n{END}0{END}", seconds)
        self.owes_answer = False

    def run(self, command, seconds=30, check=True):
        """Runs a line of shell in the guest and returns what it printed."""
        if self.owes_answer:
            self.catch_up(seconds)
        self.owes_answer = True
        self.orders.socket.sendall(command.replace("\n", ";").encode() + b"\n")
        text = self.orders.until(END, seconds)
        status = int(self.orders.until(END, seconds))
        self.owes_answer = False
        if check and status:
            raise GuestError(f"{self.name}: '{command}' ended with {status}: {text.strip()[-300:]}")
        return text

    def does(self, command, seconds=30):
        """Whether a command succeeds."""
        try:
            self.run(command, seconds)
        except GuestError:
            return False
        return True

    def address(self, device, address, mtu=None):
        self.run(f"ip link set {device} up {f'mtu {mtu}' if mtu else ''};"
                 f" ip addr add {address} dev {device}")

    def hears(self, address, options=""):
        """A ping is answered (the first may be spent on learning)."""
        return self.does(f"ping -c 3 -i 0.2 -W 2 {options} {address} >/dev/null")

    def reboot(self):
        self.orders.socket.sendall(b"reboot -f\n")

    def qmp(self, command, **arguments):
        """A command of QEMU's own."""
        if not self.qmp_line:
            self.qmp_line = Line(self.path("qmp"), 20, self.process)
            self.qmp_line.until("\n", 20)
            self.qmp("qmp_capabilities")
        call = {"execute": command, "arguments": arguments}
        self.qmp_line.socket.sendall(json.dumps(call).encode() + b"\n")
        while True:
            answer = json.loads(self.qmp_line.until("\n", 30))
            if "error" in answer:
                raise GuestError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def migrate(self, arrived, path):
        """Begins to move to the QEMU that waits at a socket; it does when it takes commands."""
        arrived.qmp("query-status")
        self.qmp("migrate", uri=f"unix:{path}")

    def has_moved(self):
        status = self.qmp("query-migrate").get("status")
        if status == "failed":
            raise GuestError(f"{self.name} could not move: {self.qmp('query-migrate')}")
        return status == "completed"

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()
