using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Browsers;

/// <summary>Tests with real browsers in sessions.</summary>
public abstract class BrowserTest : EngineTest
{
    /// <summary>The web server in a session: it tells the request, sets a cookie, and serves as a proxy.</summary>
    private const string Server =
        """
        cat >/tmp/server.py <<'E'
        import http.server
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = ("<!doctype html><title>page</title><pre id=path>%s</pre><pre id=head>%s</pre>" % (self.path, self.headers)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                if self.path.endswith("/login"):
                    self.send_header("Set-Cookie", "user=" + self.headers.get("User-Agent", "") .split("/")[0] + "; Max-Age=86400")
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *a): pass
        http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
        E
        setsid python3 /tmp/server.py </dev/null >/dev/null 2>&1 &
        until (: >/dev/tcp/127.0.0.1/8000) 2>/dev/null; do sleep 0.02; done
        """;

    /// <inheritdoc/>
    public override ValueTask InitializeAsync()
    {
        CdpPage.RequireBrowser();
        return base.InitializeAsync();
    }

    /// <summary>A browser image's session.</summary>
    protected static Task<AgbSession> CreateAsync(IAgbService service, params AgbContextSync[] syncs) =>
        service.CreateSessionAsync(new AgbSessionRequest { ImageId = "agb-browser-use-1", ContextSyncs = syncs }, Token);

    /// <summary>Serves pages on port 8000 of a session.</summary>
    protected static Task ServeAsync(IAgbService service, AgbSession session) => ShellAsync(service, session, Server);
}
