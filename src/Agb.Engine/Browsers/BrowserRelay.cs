using System.Text.Json.Nodes;

namespace Agb.Engine;

/// <summary>Passes one client of an endpoint on to the browser that runs now.</summary>
/// <param name="client">The client's connection; closed at the end.</param>
/// <param name="findSession">The session of a secret, or null.</param>
/// <param name="connect">Connects to a session's browser.</param>
/// <param name="describe">Describes a session's browser.</param>
internal sealed class BrowserRelay(
    Stream client, Func<string, string?> findSession, Func<string, CancellationToken, Task<AgbBrowserConnection>> connect,
    Func<string, CancellationToken, Task<AgbBrowser>> describe)
{
    private static readonly TimeSpan s_headLimit = TimeSpan.FromSeconds(10);

    /// <summary>Serves the connection until one side ends it. Never throws.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await using (client.ConfigureAwait(false))
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(s_headLimit);
                if (await RequestHead.ReadAsync(client, limit.Token).ConfigureAwait(false) is not { } head)
                {
                    await AnswerAsync("400 Bad Request", "The request can't be read.").ConfigureAwait(false);
                }
                else
                {
                    await ServeAsync(head, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The client or the browser is gone, or the service closes.
            }
        }
    }

    private async Task ServeAsync(RequestHead head, CancellationToken cancellationToken)
    {
        var path = head.Target.Split('?')[0].Trim('/').Split('/');
        if (findSession(path[0]) is not { } sessionId)
        {
            await AnswerAsync("403 Forbidden", "The address is not one of this service.").ConfigureAwait(false);
        }
        else if (head.Method != "GET" || path[1..] is not (["devtools", "browser"] or ["devtools", "browser", _] or ["json", "version"]))
        {
            await AnswerAsync("404 Not Found", "There is nothing at this address.").ConfigureAwait(false);
        }
        else
        {
            try
            {
                await (path[1] == "json" ? DescribeAsync(sessionId, cancellationToken) : PassOnAsync(head, sessionId, cancellationToken)).ConfigureAwait(false);
            }
            catch (AgbException e)
            {
                await AnswerAsync("502 Bad Gateway", e.Message).ConfigureAwait(false);
            }
        }
    }

    private async Task DescribeAsync(string sessionId, CancellationToken cancellationToken)
    {
        var browser = await describe(sessionId, cancellationToken).ConfigureAwait(false);
        var version = new JsonObject { ["Browser"] = browser.Version, ["Protocol-Version"] = "1.3", ["webSocketDebuggerUrl"] = browser.Endpoint };
        await AnswerAsync("200 OK", version.ToJsonString(), "application/json").ConfigureAwait(false);
    }

    private async Task PassOnAsync(RequestHead head, string sessionId, CancellationToken cancellationToken)
    {
        var (server, host, path) = await connect(sessionId, cancellationToken).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            await server.WriteAsync(head.For(path, host), cancellationToken).ConfigureAwait(false);
            await server.WriteAsync(head.Rest, cancellationToken).ConfigureAwait(false);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task[] ways = [client.CopyToAsync(server, ended.Token), server.CopyToAsync(client, ended.Token)];
            await Task.WhenAny(ways).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(ways).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(string status, string text, string type = "text/plain; charset=utf-8")
    {
        var body = Encoding.UTF8.GetBytes(text);
        var head = $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\nConnection: close\r\n\r\n";
        using var limit = new CancellationTokenSource(s_headLimit);
        await client.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body], limit.Token).ConfigureAwait(false);
    }
}
