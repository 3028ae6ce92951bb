using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Agb.Engine;

/// <summary>The addresses of browsers for clients on this machine: one port of this process on the loopback address, and a secret
/// in the path for each session. They stay valid for restarts of a browser, and end with this process.</summary>
/// <param name="connect">Connects to a session's browser.</param>
/// <param name="describe">Describes a session's browser.</param>
internal sealed class BrowserEndpoints(
    Func<string, CancellationToken, Task<AgbBrowserConnection>> connect, Func<string, CancellationToken, Task<AgbBrowser>> describe) : IDisposable
{
    /// <summary>The number of clients at a time; others wait. Anyone on this machine can connect, and each takes descriptors.</summary>
    internal const int MostClients = 256;

    private const int SecretBytes = 24;

    // A client that went away, or no descriptor left for it.
    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, string> _secrets = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _starting = new();
    private readonly SemaphoreSlim _places = new(MostClients);
    private TcpListener? _listener;

    /// <summary>The address of a session's browser.</summary>
    internal string AddressOf(string sessionId)
    {
        var secret = _secrets.GetOrAdd(sessionId, _ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)));
        return $"ws://{Host()}/{secret}/devtools/browser";
    }

    /// <summary>Ends the address of a released session.</summary>
    internal void Forget(string sessionId) => _secrets.TryRemove(sessionId, out _);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_starting)
        {
            _closing.Cancel();
            _listener?.Dispose();
        }
    }

    private string Host()
    {
        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (_listener is null)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                _listener = listener;
                _ = AcceptAsync(listener);
            }
            return _listener.LocalEndpoint.ToString()!;
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                // Before the accept: clients that wait take no descriptor here.
                await _places.WaitAsync(_closing.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            try
            {
                socket = await listener.AcceptSocketAsync(_closing.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (_closing.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                _places.Release();
                await Task.Delay(s_acceptPause, TimeProvider.System).ConfigureAwait(false);
                continue;
            }
            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            await new BrowserRelay(new NetworkStream(socket, ownsSocket: true), FindSession, connect, describe).RunAsync(_closing.Token).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>The session of a secret, or null. Takes the same time for every wrong one.</summary>
    private string? FindSession(string secret)
    {
        var given = Encoding.UTF8.GetBytes(secret);
        string? found = null;
        foreach (var (sessionId, known) in _secrets)
        {
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(known)))
            {
                found = sessionId;
            }
        }
        return found;
    }
}
