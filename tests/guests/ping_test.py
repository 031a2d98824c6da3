#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two guests boot, each with cards of every kind, and hear each other."""

import sys

from topic import Topic

# (name, QEMU is the client, queues, what the card can do)
KINDS = (
    ("split", True, 1, {}),
    ("packed", True, 1, {"packed": "on"}),
    ("server", False, 1, {}),
)


def cards(topic, switch, guest, number):
    return [topic.port(switch, f"br{i}", f"{guest}-{name}", f"02:00:00:00:{i:02x}:{number:02x}",
                       is_client, queues=queues, **properties)
            for i, (name, is_client, queues, properties) in enumerate(KINDS)]


def run(topic):
    switch = topic.switch()
    a, b = (topic.guest(name, cards(topic, switch, name, i)) for i, name in ((1, "a"), (2, "b")))
    a.ready()
    b.ready()
    for i, (name, *_) in enumerate(KINDS):
        for number, guest in ((1, a), (2, b)):
            guest.address(f"eth{i}", f"192.0.{i}.{number}/24")
        topic.check(f"guests with {name} rings hear each other", a.hears, f"192.0.{i}.2")


if __name__ == "__main__":
    sys.exit(Topic("ping").run([run]))
