# Runs one attempt on the far side, needing nothing but a POSIX shell, /proc and the usual tools.
#
# It arrives on standard input behind the assignments that describe the attempt, and its last line calls `itops_main`:
# a text that was cut on the way does nothing. The shell that reads it stands in a session that the SSH server made for
# it, without a terminal, so it outlives its connection. The attempt's directory is claimed by `mkdir`, which succeeds
# once. `$mode` is run, void (see that it never starts, or stop it), stop, or forget.

say() {
  printf '\n%s %s\n' "$nonce" "$*"
  printf '\n%s\n' "$nonce" >&2
  exit 0
}

uptime_now() { # in hundredths of a second
  IFS=' ' read -r now _ </proc/uptime
  now=${now%.*}${now#*.}
}

start_of() { # when the process $1 began, in the kernel's ticks; empty where it is gone
  began='' line=''
  { IFS= read -r line </proc/"$1"/stat; } 2>/dev/null || return 0
  set -- ${line##*) }
  [ "$1" = Z ] || [ "$1" = X ] || began=${20}
}

rest() { # sleep for $1 seconds, where sleep knows parts of one
  sleep "$1" 2>/dev/null || sleep 1
}

members() { # the living processes of the command: in its session, or with the attempt's mark
  found=' ' session=''
  { read -r session <session; } 2>/dev/null
  for path in /proc/[0-9]*; do
    line=''
    { IFS= read -r line <"$path/stat"; } 2>/dev/null || continue
    set -- ${line##*) }
    [ "$1" != Z ] && [ "$4" = "${session:-none}" ] && found="$found${path#/proc/} "
  done
  for path in $(grep -l "ITOPS_ATTEMPT=$place/" /proc/[0-9]*/environ 2>/dev/null); do
    path=${path#/proc/} path=${path%/environ}
    case $found in *" $path "*) ;; *) found="$found$path " ;; esac
  done
  set -- $found
  count=$#
}

end_all() { # TERM, then KILL; `count` are those that could not be stopped
  members
  [ "$count" -eq 0 ] || kill -TERM $found 2>/dev/null
  uptime_now
  kill_at=$((now + grace)) give_up=$((now + grace + 200))
  while members && [ "$count" -gt 0 ]; do
    uptime_now
    [ "$now" -lt "$kill_at" ] || kill -KILL $found 2>/dev/null
    [ "$now" -lt "$give_up" ] || break
    rest 0.05
  done
}

is_active() { # whether anything was written since the last look; within one second some shells can't tell, and say yes
  for stream in stdout stderr stdout.new stderr.new exited; do
    [ -e "$stream" ] && ! [ looked -nt "$stream" ] && return 0
  done
  return 1
}

watch() { # holds the limits; wakes at each tick, and when it is asked to stop
  nap=''
  trap 'kill $nap 2>/dev/null; exit' TERM
  trap : USR1
  read -r watcher _ </proc/self/stat && printf '%s\n' "$watcher" >watcher
  uptime_now
  started=$now active=$now reason=''
  while [ -z "$reason" ]; do
    : >looked
    sleep "$tick" 2>/dev/null &
    nap=$!
    wait $nap || [ -e stop ] || kill -0 $nap 2>/dev/null || sleep 1
    uptime_now
    is_active && active=$now
    if [ -e exited ]; then
      [ $((now - active)) -lt 100 ] && [ $((now - started)) -lt "$whole" ] && continue
      : >lingering
      cut_off
      exit
    elif [ -e stop ]; then
      reason=stopped
    elif [ $((now - started)) -ge "$whole" ]; then
      reason=time_limit
    elif [ $((now - active)) -ge "$idle" ]; then
      reason=idle_limit
    fi
  done
  trap '' TERM
  kill $nap 2>/dev/null
  printf '%s 0\n' "$reason" >ended
  end_all
  printf '%s %s\n' "$reason" "$count" >ended
  [ "$count" -eq 0 ] || cut_off
}

cut_off() { # read no more of what others still hold open
  kill $keepers $(grep -l "ITOPS_KEEPER=$place/" /proc/[0-9]*/environ 2>/dev/null | tr -cd '0-9\n') 2>/dev/null
}

read_blocks() { # at most $2 pieces of standard input to the file $1; 1 where there are no more, 2 where it failed
  dd bs=32768 count="$2" >>"$1" 2>"$stream.log" || return 2
  while IFS=' +' read -r full part told; do
    case $told in 'records in')
      [ $((full + part)) -ge "$2" ]
      return
      ;;
    esac
  done <"$stream.log"
  return 2
}

keep() { # standard input to the file $1; of what is longer than the limit, head and tail, with length and digest
  ITOPS_KEEPER=$place/ stream=$1 size=0
  export ITOPS_KEEPER
  trap exit TERM
  while [ "$size" -lt "$limit" ]; do
    read_blocks "$1" "$blocks"
    case $? in
      1) return ;;
      2) break ;;
    esac
    size=$(wc -c <"$1")
  done
  [ "$size" -ge "$limit" ] && keep_more && return
  : >"$stream.lost"
  exec cat >/dev/null
}

keep_more() { # the rest of it, piece by piece
  mkfifo "$stream.sum" && tail -c "$limit" "$stream" >"$stream.tail" || return
  sha256sum <"$stream.sum" >"$stream.sha" 2>/dev/null &
  summer=$!
  exec 5>"$stream.sum"
  trap '' PIPE
  cat "$stream" >&5 2>/dev/null
  more=0
  while [ "$more" -eq 0 ]; do
    : >"$stream.new" || return
    read_blocks "$stream.new" 512
    more=$?
    [ "$more" -ne 2 ] || return
    piece=$(wc -c <"$stream.new")
    size=$((size + piece))
    cat "$stream.new" >&5 2>/dev/null
    if [ "$piece" -lt "$limit" ]; then
      { tail -c "$limit" "$stream.tail" && cat "$stream.new"; } >"$stream.joint" &&
        mv "$stream.joint" "$stream.tail" || return
    else
      mv "$stream.new" "$stream.tail" || return
    fi
  done
  exec 5>&-
  wait "$summer"
  sum=''
  read -r sum _ <"$stream.sha"
  { head -c "$half" "$stream" && tail -c $((limit - half)) "$stream.tail"; } >"$stream.joint" &&
    printf '%s %s\n' "$size" "${sum:--}" >"$stream.facts" && mv "$stream.joint" "$stream" || return
  rm -f "$stream.tail" "$stream.new" "$stream.sum" "$stream.sha"
}

facts() { # what is known of the stream $1 beyond what is kept
  length=- sum=-
  { read -r length sum <"$1.facts"; } 2>/dev/null
  [ ! -e "$1.lost" ] && [ ! -e "$1.tail" ] || length=lost
  printf '%s' "$length $sum"
}

answer() { # the outcome and what was kept, on two streams
  printf '\n%s outcome %s %s\n' "$nonce" "$1" "$place/"
  printf '\n%s\n' "$nonce" >&2
  [ ! -s stdout ] || cat stdout
  [ ! -s stderr ] || cat stderr >&2
  exit 0
}

serve_password() { # to the helper that sudo asks, from memory: one line for each one who reads
  mkfifo -m 600 ask && printf '#!/bin/sh\nread -r line <%s/ask && printf "%%s\\n" "$line"\n' "'$place'" >askpass &&
    chmod 700 askpass || return
  trap '' PIPE
  while [ -p ask ]; do printf '%s\n' "$password" >ask; done 2>/dev/null &
  server=$!
}

command_itself() {
  { IFS=' ' read -r session _ </proc/self/stat && printf '%s\n' "$session" >session; } 2>/dev/null
  umask 022
  cd "$HOME" 2>/dev/null || cd /
  exec $setsid env -i PATH="$PATH" HOME="$HOME" USER="$USER" LOGNAME="$USER" ${TZ:+TZ="$TZ"} SHELL=/bin/bash \
    LANG=C.UTF-8 LC_ALL=C.UTF-8 TERM=dumb NO_COLOR=1 PAGER=cat GIT_PAGER=cat MANPAGER=cat SYSTEMD_PAGER= AWS_PAGER= \
    DEBIAN_FRONTEND=noninteractive ITOPS_ATTEMPT="$place/" ${server:+SUDO_ASKPASS="$place/askpass"} \
    $interpreter "$place/$name" >"$place/out" 2>"$place/err"
}

run_claimed() {
  setsid=$(command -v setsid)
  uptime_now
  if [ "$now" -lt "$age" ]; then # it was started anew since the attempt may first have been here
    printf 'void rebooted 0 0 0 - - - - done\n' >outcome
    say void rebooted
  fi
  begun=$now
  (keep stdout) <out >/dev/null 2>&1 &
  keepers=$!
  (keep stderr) <err >/dev/null 2>&1 &
  keepers="$keepers $!"
  (watch) >/dev/null 2>&1 &
  watcher=$!
  server=''
  [ -z "$password" ] || serve_password
  if [ -n "$stdin" ]; then
    printf '%s' "$stdin" | (command_itself)
  else
    (command_itself)
  fi
  code=$?
  : >exited
  wait $keepers
  [ -z "$server" ] || { kill "$server"; rm -f ask askpass; }
  kill "$watcher" 2>/dev/null
  wait "$watcher"
  ended=exited count=0 lingering=0
  { read -r ended count <ended; } 2>/dev/null
  [ ! -e lingering ] || lingering=1
  uptime_now
  line="$ended $code $((now - begun)) $count $lingering $(facts stdout) $(facts stderr) done"
  printf '%s\n' "$line" 1<>outcome
  answer "$line"
}

claim() { # the claim, and all that it needs on the disk; where that fails nothing runs, and nothing is left
  [ -d "$root" ] || mkdir -p "$root" || say trouble unwritable "$(mkdir -p "$root" 2>&1)"
  mkdir "$place" || return
  cd "$place" && start_of $$ && read -r boot </proc/sys/kernel/random/boot_id &&
    printf '%2048s' '' >outcome && printf '%s' "$text" >"$name" &&
    printf '%s\n' "$digest $boot $$ $began" >order && mkfifo out err && return
  cd /
  rm -rf "$place"
  say trouble unwritable "$root has no room, or can't be written"
} 2>/dev/null

attach() { # wait for the one who runs it, and read what came of it
  cd "$place" 2>/dev/null || say trouble unwritable "$place can't be read"
  [ ! -e forgotten ] || say forgotten
  tries=0 whose=''
  until { read -r whose boot pid start <order; } 2>/dev/null; do
    tries=$((tries + 1))
    [ -d "$place" ] || say trouble unwritable "$root has no room, or can't be written"
    [ "$tries" -lt 50 ] || say killed 0
    rest 0.1
  done
  [ "$whose" = "$digest" ] || say other
  read -r here </proc/sys/kernel/random/boot_id
  pause=0.05
  while :; do
    is_there='' line=''
    [ "$boot" != "$here" ] || { start_of "$pid" && [ "$began" = "$start" ] && is_there=yes; }
    { read -r line <outcome; } 2>/dev/null
    case $line in 'void '*) say ${line%% [0-9]*} ;; *' done') answer "$line" ;; esac
    [ -n "$is_there" ] || break
    [ "$mode" = run ] || ask_to_stop
    rest $pause
    pause=0.5
  done
  [ ! -e forgotten ] || say forgotten
  [ "$boot" = "$here" ] || say_early rebooted 0
  members
  [ "$count" -eq 0 ] || kill -KILL $found 2>/dev/null
  say_early killed "$count"
}

say_early() { # the outcome is not known; what had reached the disk is
  printf '\n%s %s\n' "$nonce" "$*"
  printf '\n%s\n' "$nonce" >&2
  head -c "$half" stdout 2>/dev/null
  { head -c "$half" stderr >&2; } 2>/dev/null
  exit 0
}

ask_to_stop() {
  : >stop
  { read -r watcher <watcher && kill -USR1 "$watcher"; } 2>/dev/null
}

forget() {
  cd "$place" 2>/dev/null || say cleared
  : >forgotten && for file in *; do
    [ "$file" = forgotten ] || rm -rf "$file"
  done
  cd "$root" && find . -name forgotten -mtime +"$days" 2>/dev/null | while read -r file; do
    rm -rf "${file%/forgotten}"
  done
  say cleared
}

itops_main() {
  LC_ALL=C
  export LC_ALL
  trap : HUP PIPE
  umask 077
  HOME=${HOME:-/} USER=${USER:-$(id -un)}
  PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  root=$HOME/.itops/attempts
  place=$root/$attempt
  [ "$mode" != forget ] || forget
  if [ ! -d "$place" ]; then
    program=${interpreter%% *}
    [ -z "$stdin$password" ] || [ "$(command -v printf)" = printf ] || say trouble shell
    [ "$mode" != run ] || command -v "$program" >/dev/null || say trouble interpreter "$program"
    claim && case $mode in
      run) run_claimed ;;
      *)
        printf 'void stopped 0 0 0 - - - - done\n' 1<>outcome
        say void stopped
        ;;
    esac
    [ -d "$place" ] || say trouble unwritable "$(mkdir "$place" 2>&1)"
  fi
  attach
}
