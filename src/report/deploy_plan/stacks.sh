
# An output of a stack that is deployed already: stack, Region, output.
output() {
  local found
  found=$(aws cloudformation describe-stacks --region "$2" --stack-name "$1" \
    --query "Stacks[0].Outputs[?OutputKey=='$3'].OutputValue | [0]" --output text)
  [ -n "$found" ] && [ "$found" != None ] || fail "the stack $1 in $2 has no output $3; it is deployed before"
  printf '%s' "$found"
}

# Sets stack_status, NONE where there is no stack: stack, Region.
look() {
  local answer
  if answer=$(aws cloudformation describe-stacks --region "$2" --stack-name "$1" \
    --query 'Stacks[0].StackStatus' --output text 2>&1); then
    stack_status=$answer
  else
    case $answer in *'does not exist'*) stack_status=NONE ;; *) fail "$answer" ;; esac
  fi
}

# Sets stack_status once nothing is under way: stack, Region; a third argument names one more status that does not last.
settle() {
  look "$1" "$2"
  while [[ $stack_status == *_IN_PROGRESS && $stack_status != REVIEW_IN_PROGRESS || $stack_status == "${3-under way}" ]]; do
    sleep "$poll_seconds"
    look "$1" "$2"
  done
}

# Decides on the kind of change set: stack, Region. An operation that is under way is waited for, and what is left of a
# first deployment that failed is cleared away, since CloudFormation deploys nothing into it.
prepare() {
  settle "$1" "$2"
  if [ "$stack_status" = ROLLBACK_COMPLETE ]; then
    say "  $1 in $2 was never deployed successfully; what is left of it is deleted"
    aws cloudformation delete-stack --region "$2" --stack-name "$1"
    settle "$1" "$2" ROLLBACK_COMPLETE
  fi
  case $stack_status in
    NONE | DELETE_COMPLETE | REVIEW_IN_PROGRESS) change_set_type=CREATE ;;
    CREATE_COMPLETE | UPDATE_COMPLETE | UPDATE_ROLLBACK_COMPLETE | IMPORT_COMPLETE | IMPORT_ROLLBACK_COMPLETE)
      change_set_type=UPDATE
      ;;
    UPDATE_ROLLBACK_FAILED)
      fail "the stack $1 in $2 is $stack_status: mend the cause, then run aws cloudformation continue-update-rollback" \
        "--region $2 --stack-name $1"
      ;;
    *) fail "the stack $1 in $2 is $stack_status, from which nothing can be deployed" ;;
  esac
  change_set=keyprint-$(date -u +%Y%m%dT%H%M%SZ)-$$
}

# Waits for the change set, carries it out and waits for the stack: stack, Region.
execute() {
  local now reason
  while :; do
    now=$(aws cloudformation describe-change-set --region "$2" --stack-name "$1" --change-set-name "$change_set" \
      --query Status --output text)
    case $now in CREATE_PENDING | CREATE_IN_PROGRESS) sleep "$poll_seconds" ;; *) break ;; esac
  done
  if [ "$now" != CREATE_COMPLETE ]; then
    reason=$(aws cloudformation describe-change-set --region "$2" --stack-name "$1" --change-set-name "$change_set" \
      --query StatusReason --output text)
    aws cloudformation delete-change-set --region "$2" --stack-name "$1" --change-set-name "$change_set"
    case $reason in
      *"didn't contain changes"* | *'No updates are to be performed'*)
        say "  unchanged"
        return
        ;;
      *) fail "the change set of $1 in $2 cannot be made: $reason" ;;
    esac
  fi
  aws cloudformation execute-change-set --region "$2" --stack-name "$1" --change-set-name "$change_set"
  settle "$1" "$2" REVIEW_IN_PROGRESS
  case $stack_status in
    CREATE_COMPLETE | UPDATE_COMPLETE | IMPORT_COMPLETE) say "  $stack_status" ;;
    *)
      aws cloudformation describe-stack-events --region "$2" --stack-name "$1" --output text --query \
        "StackEvents[?ends_with(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatus, ResourceStatusReason]" >&2
      fail "the stack $1 in $2 is $stack_status; the events above say why"
      ;;
  esac
}
