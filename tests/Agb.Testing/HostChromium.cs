using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agb.Testing;

/// <summary>The host's Chromium, started for the tests of a class, and a web server of two pages.</summary>
public sealed class HostChromium : IAsyncLifetime
{
    private const string Program = "/usr/lib/chromium/chromium";

    private readonly string _profile = Directory.CreateTempSubdirectory("agb-chromium-").FullName;
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private Process? _process;

    /// <summary>The browser; skips the test where none is installed.</summary>
    public AgbBrowser Browser
    {
        get
        {
            Assert.SkipUnless(File.Exists(Program), $"{Program} is missing: install chromium");
            return field!;
        }

        private set;
    }

    /// <summary>The address of the web server: <c>page</c> answers, <c>never</c> does not.</summary>
    public string Site { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
        {
            return;
        }
        _server.Start();
        Site = $"http://{_server.LocalEndpoint}/";
        _ = AnswerAsync();
        // The superuser has no sandbox of Chromium outside a session.
        string[] arguments = ["--headless", "--no-first-run", "--no-sandbox", "--remote-debugging-port=0", $"--user-data-dir={_profile}", "about:blank"];
        _process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        var file = Path.Combine(_profile, "DevToolsActivePort");
        await Eventually.HoldsAsync("Chromium listens", () => File.Exists(file) && File.ReadAllLines(file).Length == 2);
        var lines = await File.ReadAllLinesAsync(file);
        Browser = new AgbBrowser { SessionId = "session-test", Endpoint = $"ws://127.0.0.1:{lines[0]}{lines[1]}" };
    }

    /// <summary>Ends the browser, as a crash does.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }
        _process?.Dispose();
        await Eventually.HoldsAsync("the profile is removed", () =>
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
                return true;
            }
            catch (IOException)
            {
                // A process of the browser still writes.
                return false;
            }
        });
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _server.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test ends.
                return;
            }
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, leaveOpen: true);
            if ((await reader.ReadLineAsync())?.StartsWith("GET /page ", StringComparison.Ordinal) == true)
            {
                const string page = "<title>Found</title><body>text";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n{page}"));
                client.Close();
            }
        }
    }
}
