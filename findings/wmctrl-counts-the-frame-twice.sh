#!/usr/bin/env bash
# wmctrl 1.07 and xdotool 3.20160805.1 (Debian 12), with openbox 3.6.1.
# Expected: wmctrl -lG and xdotool getwindowgeometry give the place of a window's content, as xwininfo does.
# Seen: both add the frame once more: under openbox's default theme x and y are off by the frame's left and top width.
# For users: a click at a place computed from them misses. Ask xwininfo ("Absolute upper-left"), which translates coordinates.
set -u
for need in Xvfb openbox wmctrl xdotool xwininfo xterm xprop; do command -v $need >/dev/null || exit 77; done
wmctrl --version; xdotool version; openbox --version | head -n 1
work=$(mktemp -d); exec 5>"$work/display"
Xvfb -displayfd 5 -screen 0 1024x768x24 -nolisten tcp >/dev/null 2>&1 & x=$!
end() { kill $x; rm -rf "$work"; } 2>/dev/null
trap end EXIT
until [ -s "$work/display" ]; do sleep 0.1; done
export DISPLAY=:$(cat "$work/display") HOME=$work
openbox >/dev/null 2>&1 &
until xprop -root _NET_CLIENT_LIST 2>/dev/null | grep -q '#\|= *$'; do sleep 0.1; done
xterm -T probe -geometry 40x10+100+100 & term=$!
until id=$(xdotool search --onlyvisible --name '^probe$' 2>/dev/null | head -n 1) && [ -n "$id" ]; do sleep 0.1; done
sleep 1
true_place=$(xwininfo -id "$id" | awk '/Absolute upper-left/ {printf "%s ", $NF}')
by_wmctrl=$(wmctrl -lG | awk '/probe/ {print $3, $4, ""}' | head -n 1)
by_xdotool=$(xdotool getwindowgeometry "$id" | sed -n 's/.*Position: \([0-9]*\),\([0-9]*\).*/\1 \2 /p')
frame=$(xprop -id "$id" _NET_FRAME_EXTENTS | sed 's/.*= //')
echo "xwininfo: $true_place wmctrl: $by_wmctrl xdotool: $by_xdotool frame (left, right, top, bottom): $frame"
left=${frame%%,*}; top=$(echo "$frame" | cut -d, -f3 | tr -d ' ')
set -- $true_place
[ "$by_wmctrl" = "$(($1 + left)) $(($2 + top)) " ] && [ "$by_xdotool" = "$(($1 + left)) $(($2 + top)) " ]
