#!/usr/bin/env bash
# Puts openapi-drift on the path: the binary of a release whose checksum is known here, else built from this very source.
#
# In: VERSION, the release, or empty; checksums.txt beside this script: `VERSION TARGET SHA256`, a line each.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder="${RUNNER_TEMP:-/tmp}/openapi-drift-bin"
mkdir -p "$folder"

target() {
    case "$(uname -s) $(uname -m)" in
        "Linux x86_64") echo x86_64-unknown-linux-musl ;;
        "Linux aarch64") echo aarch64-unknown-linux-musl ;;
        "Darwin arm64") echo aarch64-apple-darwin ;;
        "Darwin x86_64") echo x86_64-apple-darwin ;;
        MINGW*" x86_64" | MSYS*" x86_64") echo x86_64-pc-windows-msvc ;;
        *) return 1 ;;
    esac
}

fetched() {
    local target archive address expected
    [ -n "${VERSION:-}" ] || return 1
    target=$(target) || return 1
    expected=$(awk -v version="$VERSION" -v target="$target" '$1 == version && $2 == target { print $3 }' "$here/checksums.txt")
    if [ -z "$expected" ]; then
        echo "no checksum of $VERSION for $target is known: building it instead"
        return 1
    fi
    archive="$folder/openapi-drift.tar.gz"
    address="${RELEASES:-${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_ACTION_REPOSITORY:-}/releases/download}"
    address="$address/v$VERSION/openapi-drift-$target.tar.gz"
    if ! curl --fail --silent --show-error --location --max-time 120 --output "$archive" "$address"; then
        echo "$address cannot be fetched: building it instead"
        return 1
    fi
    # What was fetched and is something else is nothing to build around.
    if ! echo "$expected  $archive" | sha256sum --check --status 2>/dev/null \
        && ! echo "$expected  $archive" | shasum -a 256 --check --status 2>/dev/null; then
        echo "::error title=openapi-drift::the binary of $VERSION for $target is not the one that was released"
        exit 2
    fi
    tar -xzf "$archive" -C "$folder"
}

if command -v openapi-drift >/dev/null && [ -z "${VERSION:-}" ]; then
    openapi-drift --version
    exit 0
fi
if ! fetched; then
    cargo install --locked --quiet --path "$here/../crates/cli" --root "$folder/cargo"
    cp "$folder"/cargo/bin/openapi-drift* "$folder/"
fi
"$folder/openapi-drift" --version
if [ -n "${GITHUB_PATH:-}" ]; then echo "$folder" >> "$GITHUB_PATH"; fi
