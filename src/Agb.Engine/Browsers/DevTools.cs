using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Agb.Engine;

/// <summary>The DevTools port of a session's browser. The session may answer in the browser's place, so its answers are
/// bounded and checked.</summary>
/// <param name="connect">Connects to the port.</param>
internal sealed partial class DevTools(Func<CancellationToken, Task<Stream>> connect) : IDisposable
{
    /// <summary>The port in the session's own network.</summary>
    internal const int Port = 9222;

    /// <summary>The browser's name for itself on the port.</summary>
    internal static readonly string Host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    private const int MostBytes = 64 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = async (_, cancellationToken) => await connect(cancellationToken).ConfigureAwait(false),
    })
    {
        MaxResponseContentBufferSize = MostBytes,
    };

    /// <summary>Asks for the version.</summary>
    /// <exception cref="HttpRequestException">No answer, or an unusable one.</exception>
    internal async Task<DevToolsVersion> GetVersionAsync(CancellationToken cancellationToken)
    {
        // Bytes: an answer as text names its own encoding, possibly an unknown one.
        var answer = await _http.GetByteArrayAsync(new Uri($"http://{Host}/json/version"), cancellationToken).ConfigureAwait(false);
        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            var path = new Uri(root.GetProperty("webSocketDebuggerUrl").GetString()!).AbsolutePath;
            return PathPattern().IsMatch(path)
                ? new DevToolsVersion(root.GetProperty("Browser").GetString() ?? "", path)
                : throw new HttpRequestException($"The browser's address is '{path}'.");
        }
        catch (Exception e) when (IsForeign(e))
        {
            throw new HttpRequestException("The DevTools port's answer is not a browser's.", e);
        }
    }

    /// <summary>Opens a connection for commands.</summary>
    /// <param name="version">The browser's answer about itself.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<DevToolsSocket> OpenAsync(DevToolsVersion version, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{Host}{version.Path}"), _http, cancellationToken).ConfigureAwait(false);
            return new DevToolsSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether an error means a missing, ended or foreign browser on the port.</summary>
    internal static bool IsSilence(Exception e) => e is HttpRequestException or WebSocketException or IOException or SocketException;

    /// <summary>Whether an error of reading an answer means that no browser wrote it.</summary>
    internal static bool IsForeign(Exception e) =>
        e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or OverflowException;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    [GeneratedRegex(@"^/devtools/browser/[0-9A-Za-z-]{1,64}\z")]
    private static partial Regex PathPattern();
}

/// <summary>A browser's answer about itself.</summary>
/// <param name="Browser">Name and version.</param>
/// <param name="Path">The path of its WebSocket.</param>
internal sealed record DevToolsVersion(string Browser, string Path);
