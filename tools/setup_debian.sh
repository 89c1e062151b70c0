#!/usr/bin/env bash
# Installs the Debian packages that tests need. Where it may not or cannot, it says so and the tests skip.
set -uo pipefail

packages=(bubblewrap busybox chromium openssh-server postgresql procps)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null)
  [ "$status" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

leave_out() {
  echo "Not installed: ${missing[*]} ($1). Tests that need them are skipped."
  exit 0
}
command -v apt-get >/dev/null || leave_out "no apt-get here"
[ "$(id -u)" = 0 ] || leave_out "needs root: apt-get install ${missing[*]}"

echo "Installing Debian packages for the tests: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log" ${policy:+"$policy"}' EXIT
# Tests start servers of their own: no package may start or enable one for the whole machine.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  policy=/usr/sbin/policy-rc.d
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 \
    -o Acquire::http::Timeout=30 "$@" </dev/null >>"$log" 2>&1
}
apt update || leave_out "apt-get update failed: $(tail -n 1 "$log")"
apt --no-install-recommends install "${missing[@]}" || leave_out "apt-get install failed: $(tail -n 1 "$log")"
case " ${missing[*]} " in
  *" openssh-server "*) [ ! -d /run/systemd/system ] || systemctl --quiet disable ssh.service ssh.socket 2>/dev/null ;;
esac
exit 0
