#!/usr/bin/env bash
# Compares, and says in GITHUB_OUTPUT how it ended: the job goes on, so that a comment can tell it.
#
# In: BASE, REVISION, ARGUMENTS (a line each), FAIL_ON, POLICY, NAME.
# Out: exit, folder, and breaking and risky where documents were compared.
set -uo pipefail

case "$NAME" in
    "" | *[!A-Za-z0-9-]*)
        echo "::error title=openapi-drift::the input name is made of letters, digits and dashes"
        echo "exit=2" >> "$GITHUB_OUTPUT"
        exit 0
        ;;
esac
folder="${RUNNER_TEMP:-/tmp}/openapi-drift-$NAME"
rm -rf "$folder"
mkdir -p "$folder"

arguments=()
while IFS= read -r argument; do
    if [ -n "$argument" ]; then arguments+=("$argument"); fi
done <<< "${ARGUMENTS:-}"
if [ -n "${POLICY:-}" ]; then arguments+=(--policy "$POLICY"); fi

code=0
openapi-drift --fail-on "$FAIL_ON" --format github \
    --report "json=$folder/drift.json" --report "markdown=$folder/drift.md" \
    --report "html=$folder/drift.html" --report "sarif=$folder/drift.sarif" \
    ${arguments[@]+"${arguments[@]}"} -- "$BASE" "$REVISION" 2> >(tee "$folder/said.txt" >&2) || code=$?

{
    echo "exit=$code"
    echo "folder=$folder"
    if [ -f "$folder/drift.json" ]; then
        # The JSON has a line for each of its parts.
        for level in breaking risky; do
            sed -n "s/^  \"counts\": .*\"$level\":\([0-9]*\).*/$level=\1/p" "$folder/drift.json"
        done
    fi
} >> "$GITHUB_OUTPUT"
