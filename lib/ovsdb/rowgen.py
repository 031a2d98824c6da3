#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes C for a schema: names of its columns, a struct for a row of each table, and its text.

usage: rowgen.py SCHEMA.ovsschema OUTPUT.h OUTPUT.c

A column's index follows from the schema alone: columns are in the order of their names, behind
_uuid and _version (lib/ovsdb/schema/schema.h). Each table becomes an enum whose members are the
column indexes, TABLE_COLUMN, so that a misspelt column does not compile; and a struct table_row
with a member of the fitting C type for each column, which table_row_read() fills.
"""
import json
import sys


C_TYPES = {"integer": "int64_t ", "real": "double ", "boolean": "bool ", "string": "const char *"}
FALLBACKS = {"integer": "0", "real": "0", "boolean": "false", "string": '""'}
MEMBER_NOTE = """/* A value that must be there is itself; one that may be missing is a pointer, NULL when it is; one
 * row referred to is that row; sets and maps are datums (lib/ovsdb/value/datum.h). All of it is the
 * row's own and lives until the next transaction. */"""


def shape(column):
    """The type of a column's value, and whether it is there "once", "maybe" or "many" times."""
    kind = column["type"]
    if isinstance(kind, str):
        return kind, None, "once"
    key = kind["key"]
    base = key if isinstance(key, str) else key["type"]
    target = key.get("refTable") if isinstance(key, dict) else None
    if "value" in kind or kind.get("max", 1) != 1:
        return base, target, "many"
    return base, target, "maybe" if kind.get("min", 1) == 0 else "once"


def member(column, name):
    """How a column is declared, and how it is read from 'row'."""
    base, target, times = shape(column)
    index = "%s"
    if times == "many" or base == "uuid" and not target:
        return f"const struct datum *{name};", f"db_row_get(row, {index})"
    if target:
        return f"struct db_row *{name}; /* {target} */", f"db_row_ref(row, {index})"
    if times == "once":
        return f"{C_TYPES[base]}{name};", f"db_row_{base}(row, {index}, {FALLBACKS[base]})"
    if base == "string":
        return f"const char *{name};", f"db_row_string(row, {index}, NULL)"
    return f"const {C_TYPES[base]}*{name};", f"db_row_{base}_or_null(row, {index})"


def columns_of(schema, table):
    return sorted(schema["tables"][table]["columns"].items())


def header(schema):
    lines = [
        "/* SPDX-License-Identifier: Apache-2.0 */",
        "/* Made by rowgen.py from the schema. */",
        "#pragma once",
        "",
        "#include <stdbool.h>",
        "#include <stdint.h>",
        "",
        "struct datum;",
        "struct db_row;",
        "",
        "extern const char rows_schema_text[];",
        "",
    ]
    for table in sorted(schema["tables"]):
        lines.append("enum {")
        for index, (column, _) in enumerate(columns_of(schema, table), start=2):
            lines.append(f"\t{table.upper()}_{column.upper()} = {index},")
        lines += ["};", ""]
    lines.append(MEMBER_NOTE)
    for table in sorted(schema["tables"]):
        name = table.lower() + "_row"
        lines += ["", f"struct {name} {{", "\tconst struct db_row *row;"]
        for column, value in columns_of(schema, table):
            lines.append("\t" + member(value, column)[0])
        lines += ["};", "", f"void {name}_read(struct {name} *out, const struct db_row *row);"]
    return lines + [""]


def readers(schema):
    lines = []
    for table in sorted(schema["tables"]):
        name = table.lower() + "_row"
        lines += ["", f"void {name}_read(struct {name} *out, const struct db_row *row)", "{",
                  "\tout->row = row;"]
        for column, value in columns_of(schema, table):
            index = f"{table.upper()}_{column.upper()}"
            lines.append(f"\tout->{column} = {member(value, column)[1] % index};")
        lines.append("}")
    return lines + [""]


def text(schema, name):
    literal = json.dumps(schema, separators=(",", ":")).replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        "/* SPDX-License-Identifier: Apache-2.0 */",
        "/* Made by rowgen.py from the schema. */",
        f'#include "{name}"',
        "",
        "#include <stddef.h>",
        "",
        '#include "lib/ovsdb/db_row.h"',
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
    return lines + readers(schema)


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
