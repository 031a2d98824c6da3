#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The daemon's sockets with many clients, with hostile ones, with TLS, and after a kill.
. tests/system/lib.sh

switch_start

# exits STATUS COMMAND…
exits() {
	local wanted=$1
	shift
	"$@"
	[ $? = "$wanted" ]
}
check "appctl ends with 0 when done" exits 0 appctl version
check "appctl ends with 1 without a daemon" exits 1 appctl --rundir /nonexistent version
check "appctl ends with 2 when the daemon refuses" exits 2 appctl no/such-command
check "appctl -j prints JSON" eval 'appctl -j memory/show | /usr/bin/python3 -m json.tool'

# client WORDS…: plays a client of the database's socket; see below.
client() {
	/usr/bin/python3 - "$rundir" "$@" <<'END'
import json, socket, ssl, sys

rundir, what, *rest = sys.argv[1:]
ECHO = b'{"method":"echo","params":[],"id":1}'


def unix():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(rundir + "/db.sock")
    return s


def ask(s):
    s.sendall(ECHO)
    assert b'"result":[]' in s.recv(4096)


def closed(s):
    while s.recv(65536):
        pass


def many(n):
    clients = [unix() for _ in range(int(n))]
    for s in clients:
        s.sendall(ECHO)
    for s in clients:
        assert b'"result":[]' in s.recv(4096)


def nested():
    s = unix()
    s.sendall(b"[" * 10000)
    closed(s)
    ask(unix())


def garbage():
    s = unix()
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    answer = s.recv(4096)
    assert b"malformed JSON" in answer, answer
    closed(s)
    ask(unix())


def halves():
    silent = [unix() for _ in range(100)]
    for s in silent:
        s.sendall(b'{"method":"transact","params":["' + b"x" * 100000)
    ask(unix())
    silent[0].sendall(b'"],"id":1}')
    assert json.loads(silent[0].recv(65536))["id"] == 1


def huge():
    s = unix()
    where = [["name", "!=", ""]]
    for number, wanted in (("9223372036854775808", "syntax error"), ("1e999", "syntax error"),
                           ("5", "count")):
        op = {"op": "update", "table": "Port", "where": where, "row": {"tag": "NUMBER"}}
        text = json.dumps({"method": "transact", "params": ["Open_vSwitch", op], "id": 1})
        s.sendall(text.replace('"NUMBER"', number).encode())
        answer = s.recv(65536)
        assert wanted.encode() in answer, answer
    ask(s)


def patient(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    s.settimeout(1)
    try:
        raise AssertionError(s.recv(4096))
    except TimeoutError:
        ask(s)


def refused(method):
    s = unix()
    s.sendall(json.dumps({"method": method, "params": [], "id": 1}).encode())
    assert json.loads(s.recv(4096))["error"] == "unknown method"


def tls(port, key, cert):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(rundir + "/ca.pem")
    if key != "none":
        context.load_cert_chain(f"{rundir}/{cert}.pem", f"{rundir}/{key}.key")
    with socket.create_connection(("127.0.0.1", int(port)), 10) as s:
        ask(context.wrap_socket(s))


{"many": many, "nested": nested, "garbage": garbage, "halves": halves, "tls": tls, "refused": refused,
 "huge": huge, "patient": patient}[what](*rest)
END
}

check "500 clients at once are answered" client many 500
check "10,000 nested arrays end that connection only" client nested
check "garbage is told what is wrong with it" client garbage
check "a number that is too large is told of, and the session goes on" client huge
# Milliseconds that do not fit 32 bits; 2^32 + 1 must not be 1.
must vsctl set-manager "punix:$rundir/probed.sock" \
	-- set Manager . inactivity_probe=4294967297 max_backoff=4294967297
must eventually 5 test -S "$rundir/probed.sock"
check "who is given endless time to answer is not asked at once" client patient "$rundir/probed.sock"
must vsctl del-manager
check "half messages keep nobody else waiting" client halves

# identity NAME ISSUER: NAME.key and NAME.pem; its own issuer if that is the same name.
identity() {
	local new=(openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes
		-keyout "$rundir/$1.key" -subj "/CN=$1")
	if [ "$1" = "$2" ]; then
		"${new[@]}" -x509 -days 2 -out "$rundir/$1.pem"
	else
		"${new[@]}" -out "$rundir/$1.csr" &&
			openssl x509 -req -days 2 -in "$rundir/$1.csr" -out "$rundir/$1.pem" \
				-CA "$rundir/$2.pem" -CAkey "$rundir/$2.key" -CAcreateserial
	fi 2>/dev/null
}
must identity ca ca
must identity switch ca
must identity friend ca
must identity stranger stranger
must vsctl set-ssl "$rundir/switch.key" "$rundir/switch.pem" "$rundir/ca.pem" \
	-- set-manager pssl:26640:127.0.0.1
check "TLS with a certificate of our authority" eventually 10 client tls 26640 friend friend
check "TLS with a stranger's certificate is refused" not client tls 26640 stranger stranger
check "TLS without a certificate is refused" not client tls 26640 none none

# vsctl asks where the database is served, as it does on this host.
far() {
	vsctl --db=ssl:127.0.0.1:26640 --timeout=20 --private-key="$rundir/$1.key" -c "$rundir/$1.pem" \
		-C "$rundir/ca.pem" "${@:2}"
}
near() {
	vsctl --db=tcp:127.0.0.1:26641 --timeout=20 "$@"
}
# says WORDS COMMAND…: it fails, and says so.
says() {
	local words=$1 out
	shift
	out=$("$@" 2>&1) && return 1
	grep -q -- "$words" <<<"$out"
}
must vsctl -- --id=@m create Manager 'target="ptcp:26641:127.0.0.1"' \
	-- add Open_vSwitch . manager_options @m >/dev/null
check "vsctl over TCP waits until the bridge is there" \
	eventually 10 near --may-exist add-br br-near -- set Bridge br-near external_ids:a=b
check "and it is" test -e "$rundir/br-near.mgmt"
check "over TLS it prints what it prints here" \
	eval '[ "$(far friend list-br)" = "$(vsctl list-br)" ]'
check "and ends as here" exits 2 far friend br-exists nothing
check "a stranger is refused" says "" far stranger list-br
check "so is one without files" says "TLS needs --private-key" vsctl --db=ssl:127.0.0.1:26640 list-br
check "nobody is there" says "nobody listens there" vsctl --db=tcp:127.0.0.1:26642 list-br
check "vsctl does not listen itself" says "nobody listens here" vsctl --db=ptcp:26643 list-br
check "trace is for this host" says "asks the daemon on this host" near trace br-near in_port=1
check "sessions of the database run nothing else" client refused exit
check "an option without a letter is no option" says "unknown" vsctl - list-br
check "a bridge goes over TCP" near del-br br-near
check "and the log says so" grep -q 'refused: TLS' "$rundir/vswitchd.log"

# A target that makes no sense, or is not possible yet.
must vsctl add-br br0
# warns WORDS COMMAND…: it is done, but something is wrong with it.
warns() {
	local words=$1 out
	shift
	out=$("$@" 2>&1) && grep -q "^vsctl: warning: .*$words" <<<"$out"
}
# status_says TABLE WORDS
status_says() {
	vsctl --bare --columns=status list "$1" | grep -q "$2"
}
check "a manager's target that makes no sense is told of" \
	warns 'Manager: ptcp:abc: "abc" is not a port' vsctl set-manager ptcp:abc
check "in its row too" eventually 5 status_says Manager '"abc" is not a port'
check "so is a controller's" \
	warns 'Controller: tcp:300.1.1.1: "300.1.1.1" is not an IP address' vsctl set-controller br0 tcp:300.1.1.1
check "in its row too" eventually 5 status_says Controller '"300.1.1.1" is not an IP address'
check "and of one that is set later" \
	warns 'tpc:10.0.0.1: not an address' vsctl set Controller br0 'target="tpc:10.0.0.1"'
check "a controller's address that this host has not got is told of" \
	eval 'vsctl set-controller br0 ptcp:6653:192.0.2.7 &&
		eventually 5 status_says Controller "cannot listen"'
must ip addr add 192.0.2.7/32 dev lo
check "and listened at as soon as it has" eventually 10 status_says Controller "state=LISTENING"
must vsctl del-manager -- del-controller br0

# One that waits for an answer when the daemon is killed: told of it, soon.
waits() {
	timeout 60 "$@" >/dev/null 2>"$rundir/waits.$1.${#waiting[@]}" &
	waiting+=($!)
}
waiting=()
waits vsctl wait-until Bridge nosuch
waits ofctl monitor br0 watch:
waits vsctl capture br0
old=$(switch_pid)
switch_stop KILL
all_end() {
	local pid status
	for pid in "${waiting[@]}"; do
		wait "$pid"
		status=$?
		[ $status != 0 ] && [ $status != 124 ] || return
	done
	[ "$(grep -lE 'daemon|switch' "$rundir"/waits.* | wc -l)" = ${#waiting[@]} ]
}
check "whoever waits for an answer of a daemon that is killed is told" all_end
for command in "vsctl show" "vsctl capture br0" "ofctl show br0" "appctl fdb/show br0"; do
	# shellcheck disable=SC2086 # words
	check "after a kill $command says so" is_told 'daemon|switch' $command
done
check "a killed daemon is told from a running one" \
	eval 'appctl version 2>&1 | grep -q "left behind by a daemon that is gone"'
switch_start
check "its successor serves" appctl version
check "and clears its socket away" test ! -e "$rundir/vswitchd.$old.ctl"
