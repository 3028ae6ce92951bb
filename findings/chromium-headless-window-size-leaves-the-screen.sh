#!/usr/bin/env bash
# Chromium 156 (Debian 12), headless.
# Expected: --window-size=W,H gives a page W x H, on a screen at least that large.
# Seen: the page is 87 pixels lower than the window (room for an address bar that nobody sees), and screen stays 800 x 600, smaller than the window.
#   --screen-info={WxH} sets the screen.
# For users: pages that look at screen.width take a small screen for a phone; layouts tested at 1080 are tested at 993.
set -u
chromium=/usr/lib/chromium/chromium
command -v setpriv >/dev/null && [ -x $chromium ] || exit 77
$chromium --version
work=$(mktemp -d); chmod 777 "$work"; trap 'rm -rf "$work"' EXIT
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$work" "$@"; else "$@"; fi; }
page='data:text/html,<p><script>document.querySelector("p").textContent=[innerWidth,innerHeight,screen.width,screen.height]</script>'
ask() { as $chromium --headless --no-first-run --user-data-dir="$work/p" --dump-dom --window-size=1920,1080 "$@" "$page" 2>/dev/null | sed -n 's/.*<p>\([0-9,]*\)<.*/\1/p'; }
plain=$(ask); set_screen=$(ask '--screen-info={1920x1080}')
echo "innerWidth,innerHeight,screen.width,screen.height: $plain; with --screen-info: $set_screen"
[ "$plain" = 1920,993,800,600 ] && [ "$set_screen" = 1920,993,1920,1080 ]
