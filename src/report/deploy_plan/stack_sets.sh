
# Waits for an operation on a StackSet: StackSet, operation; what else there is goes to the command.
finished() {
  local set=$1 operation=$2 now
  shift 2
  while :; do
    now=$(aws cloudformation describe-stack-set-operation --stack-set-name "$set" --operation-id "$operation" "$@" \
      --query StackSetOperation.Status --output text)
    case $now in QUEUED | RUNNING | STOPPING) sleep "$poll_seconds" ;; *) break ;; esac
  done
  if [ "$now" != SUCCEEDED ]; then
    aws cloudformation list-stack-set-operation-results --stack-set-name "$set" --operation-id "$operation" "$@" \
      --query "Summaries[?Status != 'SUCCEEDED'].[Account, Region, Status, StatusReason]" --output text >&2
    fail "the operation on the StackSet $set is $now; the results above say why"
  fi
  say "  $now"
}

# Whether a StackSet is there: StackSet; what else there is goes to the command.
exists() {
  local set=$1 answer
  shift
  if answer=$(aws cloudformation describe-stack-set --stack-set-name "$set" "$@" 2>&1); then
    return 0
  fi
  case $answer in *StackSetNotFound*) return 1 ;; *) fail "$answer" ;; esac
}

# Whether a StackSet has an instance: StackSet, Region, account or nothing; what else there is goes to the command.
present() {
  local set=$1 region=$2 account=$3 found
  shift 3
  [ -z "$account" ] || set -- --stack-instance-account "$account" "$@"
  found=$(aws cloudformation list-stack-instances --stack-set-name "$set" --stack-instance-region "$region" "$@" \
    --query 'length(Summaries)' --output text)
  [ "$found" != 0 ]
}
