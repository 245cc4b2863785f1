set -euo pipefail

# Throttled requests are sent again, with growing pauses.
export AWS_RETRY_MODE=${AWS_RETRY_MODE:-standard} AWS_MAX_ATTEMPTS=${AWS_MAX_ATTEMPTS:-10}
# What the commands print is read here: no pager, no table.
export AWS_PAGER='' AWS_DEFAULT_OUTPUT=json
poll_seconds=${POLL_SECONDS:-5}
ambient_profile=${AWS_PROFILE-}
known_accounts=' '

say() { printf '%s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

command -v aws >/dev/null || fail 'the AWS CLI is not installed'

cd -- "$templates" >/dev/null || fail "the directory $templates is not there; the first argument names another"

# A template has to be the one that was reviewed when the plan was made: digest, path.
unchanged() {
  local found
  [ -f "$2" ] || fail "$templates/$2 is not there; the first argument names another directory"
  if command -v sha256sum >/dev/null; then found=$(sha256sum <"$2"); else found=$(shasum -a 256 <"$2"); fi
  [ "${found%% *}" = "$1" ] || fail "$templates/$2 was changed after the plan was made"
}

# Takes the credentials of an account, asked in a Region: of the profile that PROFILE_<account> names, else those at hand,
# which have to be of that account.
account() {
  local named="PROFILE_$1" profile found
  profile=${!named:-$ambient_profile}
  if [ -n "$profile" ]; then export AWS_PROFILE=$profile; else unset AWS_PROFILE; fi
  case $known_accounts in *" $1 "*) return ;; esac
  found=$(aws sts get-caller-identity --region "$2" --query Account --output text)
  [ "$found" = "$1" ] || fail "the credentials are of account $found and not of $1; PROFILE_$1 names a profile for it"
  known_accounts="$known_accounts$1 "
}

# A value in the quotes of the AWS CLI's shorthand.
shorthand() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}
