# SPDX-License-Identifier: Apache-2.0
"""A vswitchd of a test's own: in a temporary run directory, with its control socket and vsctl."""

import atexit
import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

# How many times longer than usual things may take: more than one with sanitizers.
PATIENCE = int(os.environ.get("WEIR_PATIENCE", "1"))


def go_alone():
    """Calls the program again in a network of its own: its devices are not among the machine's, and
    what ports do to these ends with it. Not without root, who alone may do that."""
    if os.geteuid() or os.environ.get("WEIR_ALONE"):
        return
    os.environ["WEIR_ALONE"] = "1"
    alone = os.path.join(os.path.dirname(os.path.realpath(__file__)), "alone")
    os.execv(alone, [alone, sys.executable, *sys.argv])


class CommandError(Exception):
    """The daemon refused a command; the text says why."""


class Control:
    """The control socket: JSON-RPC, one command at a time."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30 * PATIENCE)
        self.socket.connect(path)
        self.decoder = json.JSONDecoder()
        self.text = ""
        self.n = 0

    def command(self, name, *args):
        self.n += 1
        call = {"id": self.n, "method": name, "params": list(args)}
        self.socket.sendall(json.dumps(call).encode())
        while True:
            try:
                reply, end = self.decoder.raw_decode(self.text)
            except ValueError:
                data = self.socket.recv(1 << 16)
                if not data:
                    raise ConnectionError("the daemon closed the control socket") from None
                self.text += data.decode()
                continue
            self.text = self.text[end:].lstrip()
            if reply.get("error") is not None:
                raise CommandError(str(reply["error"]).strip())
            return reply["result"]


class Daemon:
    is_peer = False

    def __init__(self, build, options=(), prefix=()):
        self.build = os.path.abspath(build)
        if not os.path.exists(os.path.join(self.build, "vswitchd", "vswitchd")):
            sys.exit(f"not ok - {os.path.relpath(build)} has no switch: './check unit' builds build, "
                     "'./check unit-asan' build-asan, too")
        self.options = list(options)
        self.prefix = list(prefix)  # a program that becomes the daemon, such as 'ip netns exec'
        self.rundir = tempfile.mkdtemp(prefix="weir-test-")
        self.log = os.path.join(self.rundir, "console.log")
        self.process = None
        self.control = None
        self.json = None  # a second connection, whose answers are JSON

    def start(self, seconds=20):
        program = os.path.join(self.build, "vswitchd", "vswitchd")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.prefix +
                                            [program, "--rundir", self.rundir] + self.options,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        atexit.register(self.kill)
        end = time.monotonic() + seconds * PATIENCE
        path = os.path.join(self.rundir, f"vswitchd.{self.process.pid}.ctl")
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.control = Control(path)
                self.json = Control(path)
                self.json.command("set-options", "--format", "json")
                return self
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("vswitchd did not start:\n" + self.console()[-2000:])

    def command(self, name, *args):
        return self.control.command(name, *args)

    def table(self, name, *args):
        """A command's answer as JSON."""
        answer = self.json.command(name, *args)
        return json.loads(answer) if isinstance(answer, str) else answer

    def port_words(self, name, number=None):
        """Columns of Interface that a port of the tests needs."""
        return []

    def receive(self, port, data, n):
        """Gives a dummy port a packet; returns when it was dealt with."""
        self.command("netdev-dummy/receive", port, data.hex())
        self.command("dummy/wait")

    def sent(self, port):
        """Packets the dummy port has sent since the last call."""
        return [bytes.fromhex(frame) for frame in self.table("dummy/sent", port)]

    def tool(self, name, *words, check=True):
        out = subprocess.run(
            [os.path.join(self.build, "utilities", name), *words], capture_output=True, text=True,
            env=dict(os.environ, WEIR_RUNDIR=self.rundir), timeout=60 * PATIENCE)
        if check and out.returncode:
            raise CommandError(f"{name} {' '.join(words)}: {out.stderr.strip()}")
        return out.stdout

    def vsctl(self, *words):
        return self.tool("vsctl", *words)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def console(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def stop(self, seconds=20):
        """Ends the daemon; returns what is wrong with how it ended, or None."""
        fault = None
        for control in filter(None, (self.control, self.json)):
            control.socket.close()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds * PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                fault = f"did not end within {seconds * PATIENCE} s"
        if not fault and self.process and self.process.returncode:
            fault = f"ended with status {self.process.returncode}"
        if not fault and "Sanitizer" in self.console():
            fault = "a sanitizer complained"
        left = glob.glob(os.path.join(self.rundir, "*.ctl"))
        if not fault and left:
            fault = f"left {', '.join(map(os.path.basename, left))} behind"
        return fault

    def kill(self):
        """Whatever happens to the test, its daemon does not outlive it."""
        if self.alive():
            self.process.kill()
            self.process.wait()

    def remove(self):
        shutil.rmtree(self.rundir, ignore_errors=True)
