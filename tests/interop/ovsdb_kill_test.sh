#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 at random moments under load: what was acknowledged is there, nothing is there by half.
. tests/interop/lib.sh

rounds=20
[ -z "${WEIR_LONG:-}" ] || rounds=200
check "$rounds kills lose nothing" /usr/bin/python3 tests/interop/ovsdb_kill.py \
	"$build/utilities/dbserver" "$rundir" "$rounds"
check "ovsdb-tool finds no fault in the journal" ovsdb-tool show-log "$rundir/conf.db"
