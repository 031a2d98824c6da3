# SPDX-License-Identifier: Apache-2.0
"""Reads the descriptions of OpenFlow's bytes. messages.of explains the language."""

import re

ALL = (10, 11, 12, 13, 14, 15)
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "mac": 6, "port16": 2, "match10": 40}
KINDS = ("type", "request", "reply", "nx", "onf", "nxrequest", "nxreply", "onfrequest",
         "onfreply")
MATCHES = ("match10", "oxm", "nxm")
# What OpenFlow 1.5's statistics are spread over.
OXS_MEMBERS = (("duration_sec", "u32"), ("duration_nsec", "u32"), ("packet_count", "u64"),
               ("byte_count", "u64"), ("flow_count", "u32"))

# Where the cookie that an NXM match may carry goes: a flow_mod's own cookie is another one.
COOKIES = {"flow_mod": ("match_cookie", "match_cookie_mask"),
           "flow_stats_request": ("cookie", "cookie_mask")}


class DescriptionError(Exception):
    pass


class Item:
    def __init__(self, name, kind, **extra):
        self.name = name
        self.kind = kind
        self.size = extra.get("size")
        self.of = extra.get("of")
        self.length = extra.get("length")
        self.value = extra.get("value")
        self.match = None  # of actions: the match they belong to
        self.is_length = extra.get("is_length", False)
        self.cookie = None  # of an NXM match: the members that a cookie in it goes to

    def fixed_size(self, layout):
        """Bytes on the wire; None when it depends."""
        if self.kind in ("pad", "str"):
            return self.size
        if self.kind == "port":
            return 2 if layout.versions[0] == 10 else 4
        if self.kind in ("const",):
            return 0
        return SIZES.get(self.kind)


class Layout:
    def __init__(self, versions, kind, number, items):
        self.versions = versions
        self.kind = kind
        self.number = number
        self.items = items

    def min_size(self):
        """The least a structure has: fixed items; a match counts 8 with its padding."""
        return sum(8 if i.kind in ("oxm", "oxs") else i.fixed_size(self) or 0
                   for i in self.items)

    def pads_self(self):
        return any(i.fixed_size(self) is None and i.kind != "struct" for i in self.items)


class Owner:
    def __init__(self, name, alias):
        self.name = name
        self.c_name = alias or name
        self.is_alias = alias is not None
        self.layouts = []
        self.aliases = []
        self.primary = self

    def all_layouts(self):
        for owner in [self] + self.aliases:
            yield from owner.layouts


def parse_versions(text):
    if text == "all":
        return ALL
    m = re.fullmatch(r"(\d\d)(-(\d\d)?)?", text)
    if not m or int(m[1]) not in ALL:
        raise DescriptionError(f"'{text}' is not a range of versions")
    first = int(m[1])
    last = int(m[3]) if m[3] else (15 if m[2] else first)
    return tuple(v for v in ALL if first <= v <= last)


def parse_item(word):
    m = re.fullmatch(r"pad(\d+)", word)
    if m:
        return Item(None, "pad", size=int(m[1]))
    m = re.fullmatch(r"(\w+)@(u\d+)", word)
    if m:
        return Item(m[1], m[2], is_length=True)
    m = re.fullmatch(r"(\w+)=(\w+)", word)
    if m:
        return Item(m[1], "const", value=m[2])
    m = re.fullmatch(r"(\w+):(str)(\d+)", word)
    if m:
        return Item(m[1], "str", size=int(m[3]))
    m = re.fullmatch(r"(\w+):(list|struct)\((\w+)(?:,(\w+))?\)", word)
    if m:
        return Item(m[1], m[2], of=m[3], length=m[4])
    m = re.fullmatch(r"(\w+):(\w+)(?:\((\w+)\))?", word)
    known = tuple(SIZES) + ("port", "oxm", "nxm", "actions", "instructions", "bytes", "oxs")
    if not m or m[2] not in known:
        raise DescriptionError(f"'{word}' is not an item")
    return Item(m[1], m[2], length=m[3])


def check_layout(owner, layout, structs):
    lengths = set()
    for item in layout.items:
        if item.is_length:
            lengths.add(item.name)
        if item.length and item.length not in lengths:
            raise DescriptionError(f"{owner.name}: no length '{item.length}' before {item.name}")
        if item.of and item.of not in structs:
            raise DescriptionError(f"{owner.name}: no struct '{item.of}'")
    names = {i.name for i in layout.items if i.kind != "const"}
    match = next((i.name for i in layout.items if i.kind in MATCHES), None)
    for item in layout.items:
        if item.kind in ("actions", "instructions") and match:
            item.match = match
        if item.kind == "nxm":
            item.cookie = COOKIES.get(owner.c_name)
        if item.kind == "const" and item.name in names:
            raise DescriptionError(f"{owner.name}: {item.name} is both on the wire and constant")


def parse_layout(line, is_message):
    m = re.fullmatch(r"(\S+?)(?: (\w+) (\d+))?:(.*)", line)
    if not m:
        raise DescriptionError("expected VERSIONS [KIND NUMBER]: ITEMS")
    if is_message != bool(m[2]) or (m[2] and m[2] not in KINDS):
        raise DescriptionError("a message's layout needs a kind and number, a struct's has none")
    return Layout(parse_versions(m[1]), m[2], int(m[3] or 0),
                  [parse_item(w) for w in m[4].split()])


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            line = line.split("#")[0].strip()
            if line:
                yield n, line


def read_messages(path):
    """({name: Owner of a struct}, {name: Owner of a message}); the order is the file's."""
    structs, messages = {}, {}
    owner, is_message = None, False
    for n, line in read_lines(path):
        try:
            m = re.fullmatch(r"(struct|message) (\w+)(?: as (\w+))?", line)
            if m:
                is_message = m[1] == "message"
                owner = Owner(m[2], m[3])
                place = messages if is_message else structs
                if m[2] in structs or m[2] in messages:
                    raise DescriptionError(f"{m[2]} is there twice")
                place[m[2]] = owner
                if m[3]:
                    if m[3] not in place:
                        raise DescriptionError(f"no {m[1]} '{m[3]}' before this")
                    place[m[3]].aliases.append(owner)
                    owner.primary = place[m[3]]
            elif owner is None:
                raise DescriptionError("a layout before any struct or message")
            else:
                owner.layouts.append(parse_layout(line, is_message))
        except DescriptionError as e:
            raise DescriptionError(f"{path}:{n}: {e}") from None
    check_all(path, structs, messages)
    return structs, messages


def check_all(path, structs, messages):
    taken = {}
    for owner in list(structs.values()) + list(messages.values()):
        seen = set()
        for layout in owner.layouts:
            check_layout(owner, layout, structs)
            for version in layout.versions:
                if version in seen:
                    raise DescriptionError(f"{path}: {owner.name}: two layouts for {version}")
                seen.add(version)
                key = (version, layout.kind, layout.number)
                if layout.kind and key in taken:
                    raise DescriptionError(f"{path}: {owner.name} and {taken[key]} are both "
                                           f"{layout.kind} {layout.number} in {version}")
                taken[key] = owner.name


def error_type(word):
    """The number that stands for an error's type: wire/error.h explains the negative ones."""
    if word in ("onf", "nx"):
        return {"onf": -2, "nx": -3}[word]
    return -100 - int(word[2:]) if word.startswith("nx") else int(word)


def read_errors(path):
    """[(name, [(type, code) for 1.0, 1.2, 1.3, 1.4, 1.5])]; (-1, -1) where there is none."""
    errors = []
    for n, line in read_lines(path):
        words = line.split()
        codes = []
        for word in words[1:]:
            m = re.fullmatch(r"(\d+|onf|nx\d*),(\d+)", word)
            if not m and word != "-":
                raise DescriptionError(f"{path}:{n}: '{word}' is not TYPE,CODE")
            if m:
                codes.append((error_type(m[1]), int(m[2])))
            else:
                codes.append((-1, -1))
        if len(codes) != 5:
            raise DescriptionError(f"{path}:{n}: five columns are needed")
        errors.append((words[0], codes))
    return errors
