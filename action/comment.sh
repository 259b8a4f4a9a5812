#!/usr/bin/env bash
# Keeps one comment on a pull request: written when there is something to say, edited from then on.
#
# In: PULL_REQUEST, EXIT, FOLDER, NAME; gh with GH_TOKEN; GITHUB_REPOSITORY and the address of the run.
set -uo pipefail

# GitHub refuses more characters than 65,536; bytes are never fewer.
most=65000
mark="<!-- openapi-drift:$NAME -->"
run="${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/${GITHUB_RUN_ID:-}"
body="$(mktemp)"
trap 'rm -f "$body"' EXIT

# A pull request from a fork has a token that may not write. That is told, and fails nothing.
give_up() {
    echo "::notice title=openapi-drift::the comment could not be $1; the summary of this run says the same. A pull request from a fork has no right to write one"
    exit 0
}

comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
# Anybody can write the mark; only a comment of a bot is ours to edit.
if ! ids=$(gh api --paginate "$comments?per_page=100" \
    --jq ".[] | select(.user.type == \"Bot\") | select(.body | startswith(\"$mark\")) | .id"); then
    give_up "looked for"
fi
id=$(head -n 1 <<< "$ids")

{
    echo "$mark"
    case "$EXIT" in
        0 | 1) cat "$FOLDER/drift.md" ;;
        *)
            echo "## API drift: could not check"
            echo
            echo "Nothing was compared, so nothing is known: exit code ${EXIT:-none}. [The run]($run) says what stood in the way."
            ;;
    esac
    echo
    echo "[The whole report]($run)"
} > "$body"
if [ "$(wc -c < "$body")" -gt "$most" ]; then
    {
        echo "$mark"
        sed -n '1p' "$FOLDER/drift.md"
        echo
        echo "The report is longer than a comment can be: [the run]($run) has it."
    } > "$body"
fi

if [ -n "$id" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$body" || give_up "edited"
elif [ "$EXIT" != 0 ]; then
    gh api --silent --method POST "$comments" --field "body=@$body" || give_up "written"
fi
