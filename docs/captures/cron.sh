#!/bin/sh
# Makes cron.txt: the crontab line of ../cron.md, letter by letter, under `env -i` with what cron gives to a job.
# Usage: docs/captures/cron.sh > docs/captures/cron.txt      (after npm run build; takes about a minute)
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
line=$(sed -n 's/^30 19 \* \* \* //p' docs/cron.md)
home=$(mktemp -d)
chmod 711 "$home"
mkdir -p "$home/bin" "$home/.config/erpmax"
ln -s "$root/bin/run.js" "$home/bin/erpmax"
path=$home/bin:$(dirname "$(command -v node)"):/usr/bin:/bin

# Cron: the user's home as the working folder, and these variables alone.
cron() { (cd "$home" && env -i HOME="$home" LOGNAME=erpmax USER=erpmax SHELL=/bin/sh PATH="$path" "$@"); }
job() { cron /bin/sh -c "$line"; }
erpmax() { ERPMAX_HOME="$home" ERPMAX_ENV=test ERPMAX_PG_IDLE=0 "$root/bin/run.js" "$@"; }
end() { erpmax db stop >/dev/null 2>&1 || true; rm -rf "$home"; }
trap end EXIT

# What differs from run to run, and the folder of this recording.
shown() { sed -e "s#$home#/var/lib/erpmax#g" -e 's/process [0-9]* on [^ ]*/process 4711 on db1/g'; }
# The new lines of the log, cut.
seen=0
log() {
  tail -n +$((seen + 1)) "$home/log/billing.jsonl" | cut -c 1-150 | sed 's/^\(.\{149\}\).*/\1.../' | shown
  seen=$(wc -l <"$home/log/billing.jsonl")
}

erpmax db start >/dev/null 2>&1
umask 077
{
  echo "ERPMAX_ENV=test"
  echo "ERPMAX_OPERATOR=cron"
  echo "DATABASE_URL=$(erpmax db url 2>/dev/null)"
} >"$home/.config/erpmax/config.env"
umask 022
erpmax billing supplier set --legal-name "Acme Private Limited" --address-line1 "1 MG Road" --city Mumbai \
  --gstin 27AAPFU0939F1ZV >/dev/null 2>&1
tenant() { erpmax tenant create "$1" --name "$2" --admin-email "admin@$1.test" --modules finance --trial-days 0 --json "$3" "$4" >/dev/null 2>&1; }
tenant umbrella Umbrella --country IN
tenant hooli Hooli --country IN

echo '# The line of cron.md, as cron runs it'
echo "$ env -i HOME=/var/lib/erpmax LOGNAME=erpmax USER=erpmax SHELL=/bin/sh PATH=/usr/local/bin:/usr/bin:/bin /bin/sh -c '"
echo "$line'"
ls -l "$home/.config/erpmax/config.env" | awk '{print "# settings: " $1 " ~/.config/erpmax/config.env"}'
echo
echo '# Two tenants are due. Nothing is printed, so cron sends no mail; the log, its lines cut here:'
job 2>&1 | shown
log
echo
echo '# The same line once more: nothing is billed twice.'
job 2>&1 | shown
log
echo
echo '# A third tenant is to be billed in dollars, and there is no rate on file: cron mails this.'
tenant globex Globex --country US
job 2>&1 | shown
log
echo
echo '# A run that hangs (a failpoint of the tests, in its environment), and the command beside it, without --wait:'
cron ERPMAX_FAILPOINT=billing.begun:hang erpmax billing run --json >/dev/null 2>&1 &
sleep 4
held=$(cron erpmax billing status --json | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1)
echo '$ erpmax billing run'
set +e
cron erpmax billing run 2>&1 | shown
cron erpmax billing run --json >/dev/null 2>&1
echo "exit $?"
set -e
echo
echo '# The line itself waits, and goes on once the other is gone (kill -9, five seconds later):'
(sleep 5 && kill -9 "$held") &
job 2>&1 | shown
log
wait 2>/dev/null || true
echo
echo '$ erpmax billing runs list'
cron COLUMNS=80 erpmax billing runs list 2>/dev/null | shown
echo
echo '$ erpmax billing status --check'
set +e
cron COLUMNS=80 erpmax billing status --check 2>&1 | shown
cron erpmax billing status --check >/dev/null 2>&1
echo "exit $?"
