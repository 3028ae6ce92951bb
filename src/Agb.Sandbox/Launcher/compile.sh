#!/bin/sh
# Compiles the launcher into the directory $1: for this machine's processor, and for the other one where a compiler for it is installed.
set -eu
cd "$(dirname "$0")"
compile() {
    out=$1/launcher-$2
    [ "$out" -nt launcher.c ] && [ "$out" -nt compile.sh ] && return
    "$3" -O2 -Wall -Wextra -Werror -static -s -Wl,--build-id=none -o "$out.$$" launcher.c
    mv "$out.$$" "$out"
}
case $(uname -m) in
    aarch64) own=arm64 other=x64 cross=x86_64-linux-gnu-gcc ;;
    *) own=x64 other=arm64 cross=aarch64-linux-gnu-gcc ;;
esac
command -v cc >/dev/null || { echo 'error: the launcher needs a C compiler: apt-get install gcc libc6-dev' >&2; exit 1; }
compile "$1" $own cc
if command -v $cross >/dev/null; then
    compile "$1" $other $cross
fi
