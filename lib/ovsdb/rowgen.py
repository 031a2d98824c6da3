#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the C names of a schema's tables and columns, and the schema itself as C text.

usage: rowgen.py SCHEMA.ovsschema OUTPUT.h OUTPUT.c

A column's index follows from the schema alone: columns are in the order of their names, behind
_uuid and _version (lib/ovsdb/schema/schema.h). Each table becomes an enum whose members are the
column indexes, TABLE_COLUMN, so that a misspelt column does not compile.
"""
import json
import sys


def header(schema):
    lines = [
        "/* SPDX-License-Identifier: Apache-2.0 */",
        "/* Made by rowgen.py from the schema. */",
        "#pragma once",
        "",
        "extern const char rows_schema_text[];",
        "",
    ]
    for table in sorted(schema["tables"]):
        lines.append("enum {")
        for index, column in enumerate(sorted(schema["tables"][table]["columns"]), start=2):
            lines.append(f"\t{table.upper()}_{column.upper()} = {index},")
        lines += ["};", ""]
    return lines


def text(schema, name):
    literal = json.dumps(schema, separators=(",", ":")).replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        "/* SPDX-License-Identifier: Apache-2.0 */",
        "/* Made by rowgen.py from the schema. */",
        f'#include "{name}"',
        "",
        "const char rows_schema_text[] =",
    ]
    at = 0
    while at < len(literal):
        end = at + 90
        while literal[end - 1 : end] == "\\":
            end += 1
        lines.append(f'\t"{literal[at:end]}"')
        at = end
    lines[-1] += ";"
    return lines + [""]


def main():
    source, target_h, target_c = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        schema = json.load(file)
    with open(target_h, "w", encoding="utf-8") as file:
        file.write("\n".join(header(schema)))
    with open(target_c, "w", encoding="utf-8") as file:
        file.write("\n".join(text(schema, target_h.rsplit("/", 1)[-1])))


if __name__ == "__main__":
    main()
