#!/bin/sh
# The last step of `make run`: listens if there is a microphone, otherwise replays the example conversations.
#   tests/examples/run.sh HERALD
set -u
herald=$1
examples=$(dirname "$0")

"$herald" run --show
status=$?
# 69: no microphone (or no model, which the replay would say again).
[ "$status" -eq 69 ] || exit "$status"

echo
echo "There is no microphone here: replaying the example conversations instead."
spoken=${CARGO_TARGET_DIR:-target}/examples
mkdir -p "$spoken"
data=$(mktemp -d) || exit 74
trap 'rm -rf "$data"' EXIT

for example in "$examples"/*/; do
    name=$(basename "$example")
    profile=home
    [ ! -f "$example/profile" ] || profile=$(cat "$example/profile")
    set --
    for turn in "$example"*.flac; do
        [ ! -f "$turn" ] || set -- "$@" --input "$turn"
    done
    [ $# -gt 0 ] || continue

    printf '\n== %s (%s)\n' "$name" "$profile"
    "$herald" contacts import "$examples/contacts.vcf" --data-dir "$data/$name" >/dev/null || exit
    "$herald" run --data-dir "$data/$name" --profile "$profile" --show --output "$spoken/$name.wav" "$@" || exit
    "$herald" inbox --data-dir "$data/$name" || exit
done

printf '\nWhat Herald said is in %s. With a microphone, `make run` listens: begin with "Herald".\n' "$spoken"
