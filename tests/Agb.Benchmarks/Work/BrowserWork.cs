using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers.Server;

namespace Agb.Benchmarks.Work;

/// <summary>A browser in a session, and calls to it, beside the same program by hand.</summary>
internal sealed class BrowserWork : Benchmark
{
    private const string ImageId = "agb-browser-use-1";

    // Notes the command line of the running browser, with another profile.
    private const string NoteCommand =
        "tr '\\0' '\\n' < /proc/$(pgrep -o chromium)/cmdline | sed 's|--user-data-dir=.*|--user-data-dir=/tmp/by-hand|' > /tmp/by-hand.args";

    // The same command line, and a wait for its DevTools.
    private const string ByHand =
        """
        mapfile -t line < /tmp/by-hand.args
        (setsid "${line[@]}" >/dev/null 2>&1 &)
        until exec 3<>/dev/tcp/127.0.0.1/9222; do sleep 0.01; done 2>/dev/null
        printf 'GET /json/version HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3; grep -q webSocketDebuggerUrl <&3
        """;

    /// <inheritdoc/>
    internal override string Name => "browser";

    /// <summary>Why the sessions of an image can't be measured; null if they can.</summary>
    internal static async Task<string?> WhyMissingAsync(TestStand stand, string imageId)
    {
        var image = (await stand.Service.ListImagesAsync().ConfigureAwait(false)).First(i => i.ImageId == imageId);
        return image.Missing.Count == 0 ? null : $"this host lacks {string.Join(", ", image.Missing)}";
    }

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var missing = await WhyMissingAsync(stand, ImageId).ConfigureAwait(false);
        if (missing is not null)
        {
            yield return new Row { Name = Name + "/start", Work = "the start of a browser", Peer = "chromium by hand", Missing = missing };
            yield break;
        }
        var session = await stand.Service.CreateSessionAsync(new AgbSessionRequest { ImageId = ImageId }).ConfigureAwait(false);
        var browsers = (IBrowserService)stand.Service;
        await browsers.StartBrowserAsync(session, new AgbBrowserRequest()).ConfigureAwait(false);
        await stand.CommandAsync(session, NoteCommand).ConfigureAwait(false);
        await browsers.StopBrowserAsync(session).ConfigureAwait(false);
        var start = new Comparison(
            Name + "/start", "the start of a browser, until its DevTools answer",
            new Side("agb", "Start-AgbBrowser", () => browsers.StartBrowserAsync(session, new AgbBrowserRequest()))
            {
                Before = () => stand.CommandAsync(session, $"rm -rf {AgbBrowserRequest.ProfileDirectory}"),
                After = () => browsers.StopBrowserAsync(session),
            },
            new Side("by-hand", "the same command line in the same session by a script", () => stand.CommandAsync(session, ByHand))
            {
                Before = () => stand.CommandAsync(session, "rm -rf /tmp/by-hand"),
                After = () => stand.CommandAsync(session, "pkill -INT -o chromium; while pgrep chromium; do sleep 0.02; done"),
                Target = 1.1,
            });
        foreach (var row in await start.RunAsync(stand.Quick ? 1 : 15, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
        {
            yield return row;
        }
        await stand.RemoveAsync(session, discard: true).ConfigureAwait(false);
        foreach (var row in await RoundTripsAsync(stand).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    /// <summary>An expression evaluated through a server's link, beside the same browser reached by the engine of the server's owner.</summary>
    private async Task<IReadOnlyList<Row>> RoundTripsAsync(TestStand stand)
    {
        var server = await LocalServer.StartAsync(stand.NewDirectory("browser-server")).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            using var service = server.Connect();
            var session = await service.CreateSessionAsync(new AgbSessionRequest { ImageId = ImageId }).ConfigureAwait(false);
            var remote = await ((IBrowserService)(IAgbService)service).StartBrowserAsync(session, new AgbBrowserRequest()).ConfigureAwait(false);
            var own = await stand.Service.CreateSessionAsync(new AgbSessionRequest { ImageId = ImageId }).ConfigureAwait(false);
            await ((IBrowserService)stand.Service).StartBrowserAsync(own, new AgbBrowserRequest()).ConfigureAwait(false);
            using var link = await Page.OpenAsync(new Uri(remote.Endpoint), null).ConfigureAwait(false);
            using var direct = await Page.OpenAsync(null, () => ((ISessionPortService)stand.Service).ConnectSessionPortAsync(own, 9222)).ConfigureAwait(false);
            var comparison = new Comparison(
                Name + "/round-trip", "20 calls to a page by the Chrome DevTools Protocol",
                new Side("agb", "the server's link", link.EvaluateAsync), new Side("direct", "the port in the session", direct.EvaluateAsync) { Target = 1.3 });
            var rows = await comparison.RunAsync(stand.ShortRuns * 3, stand.WarmUps * 5, stand.Stopping).ConfigureAwait(false);
            await service.RemoveSessionAsync(session, AgbReleaseMode.Discard).ConfigureAwait(false);
            await stand.RemoveAsync(own, discard: true).ConfigureAwait(false);
            return rows;
        }
    }

    /// <summary>A connection to the first page of a browser.</summary>
    private sealed class Page(WebSocket socket) : IDisposable
    {
        private readonly byte[] _buffer = new byte[1 << 16];
        private string _target = "";
        private int _last;

        internal static async Task<Page> OpenAsync(Uri? endpoint, Func<Task<Stream>>? connect)
        {
            var client = new ClientWebSocket();
            if (endpoint is not null)
            {
                await client.ConnectAsync(endpoint, CancellationToken.None).ConfigureAwait(false);
            }
            else
            {
                using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, _) => await connect!().ConfigureAwait(false) });
                using var version = JsonDocument.Parse(await http.GetStringAsync(new Uri("http://127.0.0.1:9222/json/version")).ConfigureAwait(false));
                await client.ConnectAsync(new Uri(version.RootElement.GetProperty("webSocketDebuggerUrl").GetString()!), http, CancellationToken.None).ConfigureAwait(false);
            }
            var page = new Page(client);
            var targets = await page.CallAsync("Target.getTargets", "{}").ConfigureAwait(false);
            var first = targets.GetProperty("targetInfos").EnumerateArray().First(t => t.GetProperty("type").GetString() == "page").GetProperty("targetId").GetString();
            var attached = await page.CallAsync("Target.attachToTarget", $$"""{"targetId":"{{first}}","flatten":true}""").ConfigureAwait(false);
            page._target = attached.GetProperty("sessionId").GetString()!;
            return page;
        }

        internal async Task EvaluateAsync()
        {
            for (var i = 0; i < 20; i++)
            {
                await CallAsync("Runtime.evaluate", """{"expression":"6 * 7","returnByValue":true}""").ConfigureAwait(false);
            }
        }

        public void Dispose() => socket.Dispose();

        private async Task<JsonElement> CallAsync(string method, string parameters)
        {
            var id = ++_last;
            var session = _target.Length > 0 ? $",\"sessionId\":\"{_target}\"" : "";
            await socket.SendAsync(
                Encoding.UTF8.GetBytes($$"""{"id":{{id}},"method":"{{method}}","params":{{parameters}}{{session}}}"""), WebSocketMessageType.Text, true, CancellationToken.None)
                .ConfigureAwait(false);
            while (true)
            {
                var count = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await socket.ReceiveAsync(_buffer.AsMemory(count), CancellationToken.None).ConfigureAwait(false);
                    count += received.Count;
                }
                while (!received.EndOfMessage);
                using var message = JsonDocument.Parse(_buffer.AsMemory(0, count));
                if (message.RootElement.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
                {
                    return message.RootElement.TryGetProperty("result", out var result)
                        ? result.Clone()
                        : throw new InvalidOperationException(message.RootElement.GetRawText());
                }
            }
        }
    }
}
