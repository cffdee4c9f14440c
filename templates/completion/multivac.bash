# Completes multivac in bash; printed by: multivac completion bash

_multivac() {
  local program=${COMP_WORDS[0]/#\~/$HOME} line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then
      # Bash 3, of macOS, has no compopt.
      if type compopt &>/dev/null; then
        compopt -o default
      else
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}")
      fi
      return
    fi
    printf -v line '%q' "${line%%$'\t'*}"
    COMPREPLY+=("$line")
  done < <("$program" __complete --quoted -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

complete -F _multivac multivac
