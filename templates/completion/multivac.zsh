#compdef multivac
# Completes multivac in zsh; printed by: multivac completion zsh

_multivac() {
  local line
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compset -P '--*='
      _files
      return
    fi
    if [[ $line == *$'\t'* ]]; then
      found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    else
      found+=("${line//:/\\:}")
    fi
  done < <(${~words[1]} __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
  _describe -V multivac found
}

# Run by zsh's own loader, or sourced.
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
  _multivac "$@"
else
  compdef _multivac multivac
fi
