using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Peers.Server;

/// <summary>nginx with one directory of static files on loopback, until it is disposed.</summary>
internal sealed class StaticServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private StaticServer(Process process, Uri url)
    {
        _process = process;
        Url = url;
    }

    /// <summary>Where the directory is.</summary>
    internal Uri Url { get; }

    /// <summary>Starts it.</summary>
    /// <param name="program">nginx.</param>
    /// <param name="root">The directory of the files.</param>
    /// <param name="work">A directory for its own files.</param>
    /// <exception cref="PeerException">It did not start.</exception>
    internal static async Task<StaticServer> StartAsync(string program, string root, string work)
    {
        var port = FreePort();
        var configuration = Path.Combine(work, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            user root;
            pid {{work}}/pid;
            error_log {{work}}/error.log;
            events { }
            http {
                access_log off;
                sendfile on;
                client_body_temp_path {{work}}/body;
                proxy_temp_path {{work}}/proxy;
                fastcgi_temp_path {{work}}/fastcgi;
                uwsgi_temp_path {{work}}/uwsgi;
                scgi_temp_path {{work}}/scgi;
                server {
                    listen 127.0.0.1:{{port}};
                    root {{root}};
                }
            }
            """).ConfigureAwait(false);
        var process = Process.Start(program, ["-c", configuration, "-e", Path.Combine(work, "error.log")]);
        var server = new StaticServer(process, new Uri($"http://127.0.0.1:{port}/"));
        var began = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(port).ConfigureAwait(false))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > s_patience)
            {
                await server.DisposeAsync().ConfigureAwait(false);
                throw new PeerException("nginx did not start");
            }
            await Task.Delay(20).ConfigureAwait(false);
        }
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Its workers end with it, unlike after SIGKILL.
        const int Terminate = 15;
        using var handle = PidFd.TryOpen(_process.Id);
        handle?.Send(Terminate);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            // Not listening yet.
            return false;
        }
    }
}
