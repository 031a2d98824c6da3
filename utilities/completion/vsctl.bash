# SPDX-License-Identifier: Apache-2.0
# Completion of vsctl, ofctl and appctl for bash: source this file, or install it as
# /usr/share/bash-completion/completions/vsctl. The candidates come from the daemon.

# The words up to the cursor in weir_words. bash would split them at ':' and '=', which are parts of
# words here.
_weir_words() {
	local line=${COMP_LINE:0:COMP_POINT}
	read -ra weir_words <<<"$line"
	[[ $line == *[[:space:]] ]] && weir_words+=("")
	weir_words=("${weir_words[@]:1}")
}

# Offers the lines of stdin. bash replaces only what stands behind the last ':' or '=', so what stands
# before is taken off.
_weir_offer() {
	local word=${weir_words[-1]} head=""
	[[ $word == *[:=]* ]] && head=${word%"${word##*[:=]}"}
	mapfile -t COMPREPLY
	COMPREPLY=("${COMPREPLY[@]#"$head"}")
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:=] ]] && compopt -o nospace
}

_vsctl() {
	local weir_words
	_weir_words
	_weir_offer < <("${COMP_WORDS[0]}" --complete "${weir_words[@]}" 2>/dev/null)
}

_ofctl() {
	local weir_words
	_weir_words
	_weir_offer < <("${COMP_WORDS[0]}" --complete "${weir_words[@]}" 2>/dev/null)
}

# Options come first; behind a command come names of bridges and ports, as far as it takes any.
_appctl() {
	local weir_words options=() i=0 last word
	_weir_words
	last=$((${#weir_words[@]} - 1))
	word=${weir_words[last]}
	while [ $i -lt $last ]; do
		case ${weir_words[i]} in
		-[tTf] | --target | --rundir | --timeout | --format)
			options+=("${weir_words[i]}" "${weir_words[i + 1]}")
			i=$((i + 1))
			;;
		-*) options+=("${weir_words[i]}") ;;
		*) break ;;
		esac
		i=$((i + 1))
	done
	COMPREPLY=()
	if [ $i -gt "$last" ]; then
		return # the value of an option
	elif [ $i = "$last" ] && [[ $word == -* ]]; then
		_weir_offer < <(compgen -W "--target= --rundir= --timeout= --format= --pretty --help --version" \
			-- "$word")
	elif [ $i = "$last" ] || [ "${weir_words[i]}" = help ]; then
		_weir_offer < <("${COMP_WORDS[0]}" "${options[@]}" -j list-commands 2>/dev/null |
			grep -o '"name": *"[^"]*"' | cut -d'"' -f4 | grep "^$word")
	else
		_weir_offer < <("${COMP_WORDS[0]}" "${options[@]}" -j vsctl/complete list Interface \
			"$word" 2>/dev/null | grep -o '"[^"]*"' | tr -d '"')
	fi
}

complete -F _vsctl vsctl
complete -F _ofctl ofctl
complete -F _appctl appctl
