#!/bin/sh
# Makes the audio of the example conversations again: one FLAC a turn, spoken by the neural voices.
#   tests/examples/make.sh HERALD [NAME...]
# Needs sox, flac and the kokoro models. Each turn of NAME.toml becomes NAME-1.flac, NAME-2.flac ...: 16 kHz mono, with
# 300 ms of silence before and 200 ms after. The same program and models give the same files.
set -eu
herald=$1
shift
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- *.toml

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for name; do
    name=${name%.toml}
    lang=$(sed -n 's/^lang = "\(.*\)"$/\1/p' "$name.toml")
    rm -f "$name"-[0-9]*.flac
    turn=0
    # One line a turn: its voice, its speaking rate, its text.
    awk -F'"' '/^\[\[turn\]\]/ { rate = "1.0" }
        /^voice = / { voice = $2 }
        /^rate = / { rate = $2 }
        /^text = / { print voice "|" rate "|" $2 }' "$name.toml" >"$work/turns"
    while IFS='|' read -r voice rate text; do
        turn=$((turn + 1))
        # Standard input is the list of turns: nobody else may read from it.
        HERALD_SPEECH_RATE=$rate "$herald" --data-dir "$work/data" --lang "$lang" --voice "$voice" \
            say --output "$work/turn.wav" -- "$text" </dev/null
        sox -D "$work/turn.wav" -r 16000 -b 16 "$work/padded.wav" pad 0.3 0.2
        flac --best --silent --force --no-padding -o "$name-$turn.flac" "$work/padded.wav"
    done <"$work/turns"
done
