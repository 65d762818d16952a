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

for example in "$examples"/*.toml; do
    name=$(basename "$example" .toml)
    value() { sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" "$example"; }
    set -- --profile "$(value profile)" --lang "$(value lang)"
    incoming=$(value incoming)
    [ -z "$incoming" ] || set -- "$@" --incoming "$examples/$incoming"
    for turn in "$examples/$name"-[0-9].flac; do
        set -- "$@" --input "$turn"
    done

    printf '\n== %s (%s)\n' "$(value title)" "$name"
    "$herald" contacts import "$examples/$(value contacts)" --data-dir "$data/$name" >/dev/null || exit
    "$herald" run --data-dir "$data/$name" --show --output "$spoken/$name.wav" "$@" || exit
    "$herald" inbox --data-dir "$data/$name" || exit
done

printf '\nWhat Herald said is in %s. With a microphone, `make run` listens: begin with "Herald".\n' "$spoken"
