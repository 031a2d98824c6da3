#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a Tab brings in bash and in zsh, with candidates from the running switch.
. tests/system/lib.sh

folder=$PWD/utilities/completion
switch_options=(--enable-dummy)
switch_start
must vsctl add-br br0 -- add-port br0 port-one -- set Interface port-one type=dummy

# The words on a line of bash's, and what it is offered.
in_bash() {
	bash --norc -c '
		. "$1/vsctl.bash"
		COMP_LINE=$2 COMP_POINT=${#2}
		read -ra COMP_WORDS <<<"$2"
		"_${COMP_WORDS[0]}" 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' bash "$folder" "$1"
}
offers() {
	"$1" "$2" | grep -qF -- "$3"
}
check "bash: a verb" offers in_bash "vsctl add-p" add-port
check "bash: a port that is there" offers in_bash "vsctl get Interface port-" port-one
check "bash: a column" offers in_bash "vsctl get Interface port-one ofp" ofport
check "bash: a reason to capture" offers in_bash "vsctl capture port-one --dropped=no_ru" no_rule
check "bash: a reason of drops" offers in_bash "vsctl drops any no_ou" no_output
check "bash: the next packet" offers in_bash "vsctl trace br0 in_port=port-one n" next
check "bash: what the doctor can do" offers in_bash "vsctl doctor --dr" --dry-run
check "bash: a command of appctl" offers in_bash "appctl fdb/sh" fdb/show
check "bash: a bridge behind it" offers in_bash "appctl fdb/show b" br0
check "and no other command" not offers in_bash "appctl fdb/show b" bridge/dump-flows
check "bash: an option of appctl" offers in_bash "appctl --pre" --pretty
check "bash: a command behind options" offers in_bash "appctl -T 5 --pretty fdb/sh" fdb/show
check "bash: a bridge behind both" offers in_bash "appctl -j fdb/show b" br0
check "bash: of the daemon that they name" eval \
	'offers in_bash "appctl --rundir=$rundir fdb/show b" br0 && ! offers in_bash "appctl --rundir /none fdb/show b" br0'
check "bash: what help is about" offers in_bash "appctl help fdb/sh" fdb/show
check "bash: a switch in another run directory" \
	not offers in_bash "ofctl --rundir=/none dump-flows b" br0
check "bash: an option of ofctl" offers in_bash "ofctl --vers" --version
check "bash: a command of ofctl" offers in_bash "ofctl dump-fl" dump-flows

if ! command -v zsh >/dev/null; then
	echo "ok - $topic: zsh # SKIP zsh is not installed"
	exit
fi
# A real zsh on a terminal of its own: types the line and a Tab, and prints what the line becomes.
cat >"$rundir/tab.zsh" <<-'END'
	zmodload zsh/zpty
	zpty tty zsh -f -i
	zpty -w tty "PS1='> ' fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; print rea''dy"
	zpty -r tty out '*ready*'
	zpty -w -n tty "$2"$'\t'
	repeat 200; do
		while zpty -r -t tty chunk 2>/dev/null; do out+=$chunk; done
		[[ ${out//$'\a'/} == *"$3"* ]] && exit 0
		sleep 0.1
	done
	print -r -- "${(V)out}"
	exit 1
END
check "zsh: a verb" timeout 60 zsh -f "$rundir/tab.zsh" "$folder" "vsctl add-p" add-port
check "zsh: a port that is there" \
	timeout 60 zsh -f "$rundir/tab.zsh" "$folder" "vsctl get Interface port-" port-one
check "zsh: a key" timeout 60 zsh -f "$rundir/tab.zsh" "$folder" \
	"vsctl set Bridge br0 other_config:mac-ag" other_config:mac-aging-time=
check "zsh: a reason to capture" timeout 60 zsh -f "$rundir/tab.zsh" "$folder" \
	"vsctl capture port-one --dropped=no_ru" --dropped=no_rule
check "zsh: a command of appctl" \
	timeout 60 zsh -f "$rundir/tab.zsh" "$folder" "appctl fdb/sh" fdb/show
check "zsh: a port behind it" \
	timeout 60 zsh -f "$rundir/tab.zsh" "$folder" "appctl qos/show port-" port-one
check "zsh: an option of appctl" \
	timeout 60 zsh -f "$rundir/tab.zsh" "$folder" "appctl --pre" --pretty
check "zsh: a command behind options" \
	timeout 60 zsh -f "$rundir/tab.zsh" "$folder" "appctl -T 5 fdb/sh" fdb/show
check "zsh: also where they ask for JSON" \
	timeout 60 zsh -f "$rundir/tab.zsh" "$folder" "appctl -j fdb/sh" fdb/show
check "zsh: a command of ofctl" \
	timeout 60 zsh -f "$rundir/tab.zsh" "$folder" "ofctl dump-fl" dump-flows
