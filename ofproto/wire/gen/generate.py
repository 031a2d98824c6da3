#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes C from the descriptions of OpenFlow's bytes (desc/*.of).

generate.py errors.of messages.of OUTDIR writes error_list.h, error_list.c, messages.h and
messages.c there. parse.py reads the language; this file only writes C.
"""

import os
import re
import sys

import parse

VERSIONS = {10: "OF10", 11: "OF11", 12: "OF12", 13: "OF13", 14: "OF14", 15: "OF15"}
NUMBERS = {"u8": ("uint8_t", 1), "u16": ("uint16_t", 2), "u32": ("uint32_t", 4),
           "u64": ("uint64_t", 8)}
HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by gen/generate.py from %s. */\n"


def c_type(item):
    """The C declaration of an item's member."""
    kind, name = item.kind, item.name
    if kind in NUMBERS:
        return f"{NUMBERS[kind][0]} {name}"
    if kind in ("port", "port16"):
        return f"uint32_t {name}"
    if kind == "mac":
        return f"struct mac {name}"
    if kind == "str":
        return f"char {name}[{item.size + 1}]"
    if kind in ("bytes", "list"):
        return f"struct wire_bytes {name}"
    if kind in ("match10", "oxm", "nxm"):
        return f"struct match {name}"
    if kind in ("actions", "instructions"):
        return f"struct action_list {name}"
    if kind == "struct":
        return f"struct of_{item.of} {name}"
    raise ValueError(kind)


def members(owner):
    """One C member for each name, the widest type of all layouts."""
    found = {}
    for layout in owner.primary.all_layouts():
        for item in layout.items:
            if item.kind == "oxs":
                for name, kind in parse.OXS_MEMBERS:
                    found.setdefault(name, parse.Item(name, kind))
            elif item.kind == "const":
                found.setdefault(item.name, None)
            elif item.cookie:
                found.setdefault(item.name, item)
                for name in item.cookie:
                    if found.get(name) is None:
                        found[name] = parse.Item(name, "u64")
            elif item.name and not item.is_length:
                old = found.get(item.name)
                if old is None or (old.kind in NUMBERS and item.kind in NUMBERS
                                   and NUMBERS[item.kind][1] > NUMBERS[old.kind][1]):
                    found[item.name] = item
    for name, item in list(found.items()):
        if item is None:
            found[name] = parse.Item(name, "u32")
    return found


def owns_memory(owner, structs):
    return any(item.kind in ("actions", "instructions") or
               (item.kind == "struct" and owns_memory(structs[item.of], structs))
               for item in members(owner).values())


def sizes(layout):
    """Bytes before each item that has a fixed place, from the start of the structure."""
    at = 0
    for item in layout.items:
        yield item, at
        at += item.fixed_size(layout) or 0


def decode_item(item, out):
    name, kind = item.name, item.kind
    span = f"{item.length}_" if item.length else "wire_left(in)"
    if item.is_length:
        if name != "self":
            out.append(f"\tsize_t {name}_ = wire_{kind}(in);")
        else:
            out.append(f"\twire_skip(in, {NUMBERS[kind][1]});")
    elif kind == "pad":
        out.append(f"\twire_skip(in, {item.size});")
    elif kind == "const":
        out.append(f"\tm->{name} = {item.value};")
    elif kind in NUMBERS or kind in ("port", "mac"):
        out.append(f"\tm->{name} = wire_{kind}(in);")
    elif kind == "port16":
        out.append(f"\tm->{name} = field_port_from16(wire_u16(in));")
    elif kind == "str":
        out.append(f"\twire_string(in, m->{name}, {item.size});")
    elif kind in ("bytes", "list"):
        out.append(f"\tm->{name} = wire_take(in, {span}, OF_BRC_BAD_LEN);")
    elif kind == "match10":
        out.append(f"\tmatch10_decode(in, &m->{name});")
    elif kind == "oxm":
        out.append(f"\toxm_decode_match(in, &m->{name});")
    elif kind == "nxm":
        cookie = "&m->{}, &m->{}".format(*(item.cookie)) if item.cookie else "NULL, NULL"
        out.append(f"\tnxm_decode_match(in, {span}, &m->{name}, {cookie});")
    elif kind == "actions":
        out.append(f"\tactions_decode(in, {span}, &m->{name});")
    elif kind == "instructions":
        out.append(f"\tinstructions_decode(in, {span}, &m->{name});")
    elif kind == "struct":
        out.append(f"\tof_{item.of}_decode(in, &m->{name});")
    elif kind == "oxs":
        out.append("\toxs_decode(in, &(struct oxs){" + ", ".join(
            f"&m->{n}" for n, _ in parse.OXS_MEMBERS) + "});")
    else:
        raise ValueError(kind)


def encode_item(item, out):
    name, kind = item.name, item.kind
    start = len(out)
    if item.is_length:
        out.append(f"\tsize_t {name}_at = out->n;")
        out.append(f"\twire_put_{kind}(out, 0);")
        return
    if kind == "const":
        return
    if item.length:
        out.append(f"\tsize_t {name}_start = out->n;")
        start += 1
    if kind == "pad":
        out.append(f"\twire_put_zeros(out, {item.size});")
    elif kind in NUMBERS:
        out.append(f"\twire_put_{kind}(out, ({NUMBERS[kind][0]})m->{name});")
    elif kind in ("port", "mac"):
        out.append(f"\twire_put_{kind}(out, m->{name});")
    elif kind == "port16":
        out.append(f"\twire_put_u16(out, field_port_to16(m->{name}));")
    elif kind == "str":
        out.append(f"\twire_put_string(out, m->{name}, {item.size});")
    elif kind in ("bytes", "list"):
        out.append(f"\twire_put_bytes(out, &m->{name});")
    elif kind == "match10":
        out.append(f"\tmatch10_encode(out, &m->{name});")
    elif kind == "oxm":
        out.append(f"\toxm_encode_match(out, &m->{name});")
    elif kind == "nxm":
        cookie = "m->{}, m->{}".format(*item.cookie) if item.cookie else "0, 0"
        out.append(f"\tnxm_encode_match(out, &m->{name}, {cookie});")
        out.append(f"\twire_patch_u16(out, {item.length}_at, {name}_start);")
        out.append(f"\twire_pad8(out, {name}_start);")
        return
    elif kind in ("actions", "instructions"):
        if item.match:
            out.append(f"\tout->match = &m->{item.match};")
        out.append(f"\t{kind}_encode(out, &m->{name});")
        if item.match:
            out.append("\tout->match = NULL;")
    elif kind == "struct":
        out.append(f"\tof_{item.of}_encode(out, &m->{name});")
    elif kind == "oxs":
        out.append("\toxs_encode(out, &(const struct oxs){" + ", ".join(
            f"(void *)&m->{n}" for n, _ in parse.OXS_MEMBERS) + "});")
    if item.length:
        out.append(f"\twire_patch_u16(out, {item.length}_at, {name}_start);")


def struct_decoder(owner, layout, tag):
    """decode and encode of one layout, as static functions."""
    cname = f"struct of_{owner.c_name}"
    out = [f"static void decode_{owner.name}_{tag}(struct wire_in *in, {cname} *m)", "{"]
    self_at = next((at for item, at in sizes(layout) if item.name == "self"), None)
    if self_at is not None:
        out += ["\tstruct wire_in whole = *in, *outer = in;", "",
                f"\twire_skip(&whole, {self_at});",
                "\tuint16_t length = wire_u16(&whole);",
                f"\tif (whole.error || length < {layout.min_size()} || "
                "length > wire_left(in)) {",
                "\t\twire_fail(in, OF_BRC_BAD_LEN);", "\t\treturn;", "\t}",
                "\twhole = wire_sub(outer, length, OF_BRC_BAD_LEN);",
                "\tin = &whole;"]
    if not layout.items:
        out.append("\t(void)in;")
    if all(i.kind == "pad" or i.is_length for i in layout.items):
        out.append("\t(void)m;")
    for item in layout.items:
        decode_item(item, out)
    if self_at is not None:
        out += ["\tif (whole.error)", "\t\twire_fail(outer, whole.error);"]
    out += ["}", "", f"static void encode_{owner.name}_{tag}(struct wire_out *out, "
            f"const {cname} *m)", "{"]
    if self_at is not None:
        out.append("\tsize_t start_ = out->n;\n")
    if not layout.items:
        out.append("\t(void)out;")
    if all(i.kind in ("pad", "const") or i.is_length for i in layout.items):
        out.append("\t(void)m;")
    for item in layout.items:
        encode_item(item, out)
    if self_at is not None:
        if layout.pads_self():
            out.append("\twire_pad8(out, start_);")
        out.append("\twire_patch_u16(out, self_at, start_);")
    out += ["}", ""]
    return out


def by_version(owner, what, args, fallback):
    """A public function that picks the layout of the version."""
    out = ["{", f"\tswitch ({args[0]}->version) {{"]
    for n, layout in enumerate(owner.layouts):
        for version in layout.versions:
            out.append(f"\tcase {VERSIONS[version]}:")
        out += [f"\t\t{what}_{owner.name}_{n}({', '.join(args)});", "\t\tbreak;"]
    out += ["\tdefault:", f"\t\t{fallback}", "\t\tbreak;", "\t}", "}", ""]
    return out


def field_rows(owner):
    """The members for printing, in wire order of the latest layout that has them."""
    kinds = {"u8": "U8", "u16": "U16", "u32": "U32", "u64": "U64", "port": "PORT",
             "port16": "PORT", "mac": "MAC", "str": "STRING", "bytes": "BYTES",
             "match10": "MATCH", "oxm": "MATCH", "nxm": "MATCH", "actions": "ACTIONS",
             "instructions": "ACTIONS", "list": "LIST", "struct": "STRUCT"}
    ports = ("out_port", "in_port", "watch_port", "port_no")
    own_lists = {i.name: i for layout in owner.layouts for i in layout.items}
    for name, item in members(owner).items():
        kind = "PORT" if name in ports else kinds[item.kind]
        if item.kind == "list":
            item = own_lists.get(name, item)
        of = f", .of = &of_{item.of}_type" if item.kind in ("list", "struct") else ""
        yield (f'\t{{.kind = MESSAGE_{kind}, .name = "{name}", '
               f".offset = offsetof(struct of_{owner.c_name}, {name}){of}}},")


def header(structs, messages):
    out = [HEAD % "messages.of" + "#pragma once\n", '#include <stdbool.h>',
           '#include <stdint.h>\n', '#include "lib/flow/match.h"',
           '#include "ofproto/wire/action.h"', '#include "ofproto/wire/message.h"',
           '#include "ofproto/wire/wire.h"\n']
    done = set()

    def declare(owner):
        if owner.c_name in done or owner.is_alias:
            return
        done.add(owner.c_name)
        for item in members(owner).values():
            if item.kind == "struct":
                declare(structs[item.of])
        out.append(f"struct of_{owner.name} {{")
        found = members(owner)
        out.extend(f"\t{c_type(item)};" for item in found.values())
        if not found:
            out.append("\tchar nothing;")
        out.append("};\n")

    for owner in list(structs.values()) + list(messages.values()):
        declare(owner)
    for owner in list(structs.values()) + list(messages.values()):
        out.append(f"void of_{owner.name}_decode(struct wire_in *in, "
                   f"struct of_{owner.c_name} *m);")
        out.append(f"void of_{owner.name}_encode(struct wire_out *out, "
                   f"const struct of_{owner.c_name} *m);")
        if not owner.is_alias:
            out.append(f"void of_{owner.name}_fini(struct of_{owner.name} *m);")
    out.append("")
    for owner in structs.values():
        out.append("/* The next one of a list; false at the end or when it is malformed "
                   "(list->error). */")
        out.append(f"bool of_{owner.name}_next(struct wire_in *list, "
                   f"struct of_{owner.c_name} *m);")
    out.append("\nenum message_id {")
    out.extend(f"\tMESSAGE_{m.name.upper()}," for m in messages.values())
    out.append("\tMESSAGES\n};\n\nunion message_body {")
    out.extend(f"\tstruct of_{m.name} {m.name};" for m in messages.values() if not m.is_alias)
    out.append("};\n")
    for m in messages.values():
        out.append(f"extern const struct message_type of_{m.name}_type;")
    out.append("extern const struct message_type *const message_types[MESSAGES];")
    return "\n".join(out) + "\n"


def wrappers(owner):
    """Type-erased functions for the table."""
    cname = f"struct of_{owner.c_name}"
    return [f"static void decode_{owner.name}(struct wire_in *in, void *m)", "{",
            f"\tof_{owner.name}_decode(in, m);", "}", "",
            f"static void encode_{owner.name}(struct wire_out *out, const void *m)", "{",
            f"\tof_{owner.name}_encode(out, m);", "}", "",
            f"static void fini_{owner.name}(void *m)", "{",
            f"\tof_{owner.c_name}_fini(({cname} *)m);", "}", ""]


def type_row(owner, is_message):
    out = [f"static const struct message_field fields_{owner.name}[] = {{"]
    rows = list(field_rows(owner))
    out += rows or ["\t{.kind = MESSAGE_NOTHING},"]
    out += ["};", ""]
    if is_message:
        out.append(f"static const struct message_wire wires_{owner.name}[] = {{")
        for layout in owner.layouts:
            out.append(f"\t{{.first = {VERSIONS[layout.versions[0]]}, "
                       f".last = {VERSIONS[layout.versions[-1]]}, "
                       f".kind = MESSAGE_KIND_{layout.kind.upper()}, .number = {layout.number}, "
                       f".min_size = {layout.min_size()}}},")
        out += ["};", ""]
    out.append(f"const struct message_type of_{owner.name}_type = {{")
    out.append(f'\t.name = "{owner.name}",')
    if is_message:
        out.append(f"\t.id = MESSAGE_{owner.name.upper()},")
        out.append(f"\t.wires = wires_{owner.name},")
        out.append(f"\t.n_wires = sizeof(wires_{owner.name}) / sizeof(wires_{owner.name}[0]),")
    out += [f"\t.size = sizeof(struct of_{owner.c_name}),",
            f"\t.decode = decode_{owner.name},", f"\t.encode = encode_{owner.name},",
            f"\t.fini = fini_{owner.name},", f"\t.fields = fields_{owner.name},",
            f"\t.n_fields = {len(rows)},", "};", ""]
    return out


def fini(owner, structs):
    out = [f"void of_{owner.name}_fini(struct of_{owner.name} *m)", "{"]
    n = len(out)
    for item in members(owner).values():
        if item.kind in ("actions", "instructions"):
            out.append(f"\taction_list_fini(&m->{item.name});")
        elif item.kind == "struct":
            out.append(f"\tof_{structs[item.of].c_name}_fini(&m->{item.name});")
    if len(out) == n:
        out.append("\t(void)m;")
    return out + ["}", ""]


def source(structs, messages):
    out = [HEAD % "messages.of", '#include "messages.h"\n', '#include <stddef.h>\n',
           '#include "lib/flow/field.h"', '#include "ofproto/wire/oxm.h"\n']
    for owner in structs.values():
        out.append(f"extern const struct message_type of_{owner.name}_type;")
    out.append("")
    for owner in list(structs.values()) + list(messages.values()):
        for n, layout in enumerate(owner.layouts):
            out += struct_decoder(owner, layout, n)
        cname = f"struct of_{owner.c_name}"
        out.append(f"void of_{owner.name}_decode(struct wire_in *in, {cname} *m)")
        out += by_version(owner, "decode", ["in", "m"], "wire_fail(in, OF_BRC_BAD_VERSION);")
        out.append(f"void of_{owner.name}_encode(struct wire_out *out, const {cname} *m)")
        out += by_version(owner, "encode", ["out", "m"], "/* Not in this version. */")
        if not owner.is_alias:
            out += fini(owner, structs)
        if owner.name in structs:
            out += [f"bool of_{owner.name}_next(struct wire_in *list, {cname} *m)", "{",
                    "\tif (list->error || !wire_left(list))", "\t\treturn false;",
                    f"\tof_{owner.name}_decode(list, m);", "\treturn !list->error;", "}", ""]
        out += wrappers(owner)
    for owner in structs.values():
        out += type_row(owner, False)
    for owner in messages.values():
        out += type_row(owner, True)
    out.append("const struct message_type *const message_types[MESSAGES] = {")
    out.extend(f"\t&of_{m.name}_type," for m in messages.values())
    out.append("};")
    return "\n".join(out) + "\n"


def error_enum(name):
    return re.sub("^OFP|^(?=NX)", "OF_", name)


def errors_header(errors):
    out = [HEAD % "errors.of" + "#pragma once\n", "enum of_error {", "\tOF_OK,"]
    out += [f"\t{error_enum(name)}," for name, _ in errors]
    return "\n".join(out + ["\tOF_ERRORS", "};"]) + "\n"


def errors_source(errors):
    out = [HEAD % "errors.of", '#include "ofproto/wire/error.h"\n',
           "const struct error_row error_rows[OF_ERRORS] = {",
           '\t[OF_OK] = {"OK", {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}},']
    for name, codes in errors:
        row = ", ".join("{%d, %d}" % code for code in codes)
        out.append(f'\t[{error_enum(name)}] = {{"{name}", {{{row}}}}},')
    return "\n".join(out + ["};"]) + "\n"


def main():
    errors_of, messages_of, outdir = sys.argv[1:]
    errors = parse.read_errors(errors_of)
    structs, messages = parse.read_messages(messages_of)
    made = {"error_list.h": errors_header(errors), "error_list.c": errors_source(errors),
            "messages.h": header(structs, messages), "messages.c": source(structs, messages)}
    for name, text in made.items():
        with open(os.path.join(outdir, name), "w", encoding="utf-8") as f:
            f.write(text)


if __name__ == "__main__":
    main()
