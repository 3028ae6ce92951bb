#!/usr/bin/env bash
# Chromium 156 (Debian 12), headless.
# Expected: SIGTERM, the usual request to end, lets a browser store its cookies, as closing it does; SIGINT is for terminals.
# Seen: after SIGTERM a persistent cookie set moments before is not in the profile's database; after SIGINT it is. Chromium writes cookies up to
#   30 s late. After SIGTERM it ends without that write.
# For users: service managers and containers stop programs by SIGTERM. Close the browser by Browser.close (CDP) or SIGINT, wait, then stop the rest.
set -u
chromium=/usr/lib/chromium/chromium
for need in python3 setpriv; do command -v $need >/dev/null || exit 77; done
[ -x $chromium ] || exit 77
$chromium --version
work=$(mktemp -d); [ "$(id -u)" != 0 ] || chown 65534:65534 "$work"
as=(); [ "$(id -u)" != 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$work")
cat >"$work/page.py" <<'P'
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Set-Cookie", "kept=yes; Max-Age=86400"); self.end_headers()
        open("seen", "w").close()
    def log_message(self, *a): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Page); open("port", "w").write(str(server.server_port)); server.serve_forever()
P
chmod 755 "$work"; cd "$work" || exit 1
"${as[@]}" python3 page.py & server=$!
trap 'kill $server 2>/dev/null; cd /; rm -rf "$work"' EXIT
until [ -s port ]; do sleep 0.1; done
kept() {
    rm -f seen; profile=$work/$1
    "${as[@]}" $chromium --headless --no-first-run --user-data-dir="$profile" "http://127.0.0.1:$(cat port)/" >/dev/null 2>&1 & browser=$!
    for _ in $(seq 300); do [ -e seen ] && break; sleep 0.1; done
    sleep 2; kill -s "$1" $browser; wait $browser 2>/dev/null
    python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("select count(*) from cookies").fetchone()[0])' "$profile/Default/Cookies" 2>/dev/null || echo 0
}
term=$(kept TERM); int=$(kept INT)
echo "cookies stored after SIGTERM: $term, after SIGINT: $int"
[ "$term" = 0 ] && [ "$int" = 1 ]
