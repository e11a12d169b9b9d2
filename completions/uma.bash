# bash completion for uma: eval "$(uma completion bash)"
_uma() {
  local -a words
  local i at glue word current quoted
  # bash ends a word at : and =, where a scope or --flag=value does not end.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ ( $word == [:=] || -n $glue ) && ${#words[@]} -gt 0 ]]; then
      at=$((${#words[@]} - 1))
      words[at]+=$word
    else
      words+=("$word")
    fi
    [[ $word == [:=] ]] && glue=1 || glue=
  done
  current=${words[${#words[@]} - 1]}
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    word=${word#"${current%"${current##*[:=]}"}"}
    printf -v quoted %q "$word"
    [[ $current == [\"\']* ]] && quoted=$word
    COMPREPLY+=("$quoted")
  done < <(uma __complete "${words[@]}" 2>/dev/null)
}
complete -o default -F _uma uma
