using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Agb.Cloud;

namespace Agb.Soak.Server;

/// <summary>One client among many: it creates sessions, works in them with calls of every kind, checks what it gets, breaks off some calls,
/// sends wrong ones, and releases its sessions, or leaves them behind. It repeats nothing, so it sees each refusal.</summary>
internal sealed class SoakClient(Uri server, string key, string context, AgbCodeLanguage? language, int number, int seed, Tally tally) : IDisposable
{
    private const string Mount = "/home/data";
    private const int MaxAttempts = 20;

    private static readonly TimeSpan s_shortIdle = TimeSpan.FromSeconds(2);

    private readonly Random _random = new(seed);
    private readonly AgbCloudService _service = new(new AgbCloudOptions { Endpoint = server.ToString(), ApiKey = key, MaxRetries = 0, Timeout = TimeSpan.FromSeconds(120) });
    private readonly HttpClient _http = new() { BaseAddress = server };

    /// <summary>Works until the token is cancelled, and ends what it has begun.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await CreateAsync() is { } session)
            {
                for (var i = _random.Next(4, 12); i > 0 && !stop.IsCancellationRequested; i--)
                {
                    await WorkAsync(session);
                }
                await ReleaseAsync(session);
            }
        }
    }

    public void Dispose()
    {
        _service.Dispose();
        _http.Dispose();
    }

    private async Task<string?> CreateAsync()
    {
        // One that nobody releases, because its client is gone or never heard of it, ends when it was idle for so long.
        var request = new AgbSessionRequest { ContextSyncs = Mounts(), IdleTimeout = s_shortIdle };
        switch (_random.Next(12))
        {
            case 0:
                await BreakOffAsync("create", token => _service.CreateSessionAsync(request, token));
                return null;
            case 1:
                await CallAsync("create", () => _service.CreateSessionAsync(request));
                return null;
            default:
                string? session = null;
                await CallAsync("create", async () => session = (await _service.CreateSessionAsync(request with { IdleTimeout = null })).SessionId);
                return session;
        }
    }

    private AgbContextSync[] Mounts() => _random.Next(4) == 0 ? [] : [new AgbContextSync { ContextId = context, Path = Mount }];

    private Task WorkAsync(string session) => _random.Next(16) switch
    {
        < 4 => CommandAsync(session),
        4 => LargeOutputAsync(session),
        5 or 6 when language is not null => CodeAsync(session),
        7 => FileAsync(),
        8 => SyncAsync(session),
        9 => TerminalAsync(session),
        10 => BreakOffAsync("command", token => _service.RunCommandAsync(new SessionId(session), new AgbCommandRequest { Command = "sleep 30" }, token)),
        11 => LookAsync(session),
        12 => HangUpAsync(),
        13 => BadRequestAsync(),
        14 => RefusedAsync("a session that is not there", AgbErrorIds.SessionNotFound, () => _service.RunCommandAsync(new SessionId("s-none"), new AgbCommandRequest { Command = "true" })),
        _ => SlowCommandAsync(session),
    };

    private async Task ReleaseAsync(string session)
    {
        var discard = _random.Next(4) == 0;
        // Only too many requests a second are a reason for a refusal here.
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await CallAsync(discard ? "release without upload" : "release", () => _service.RemoveSessionAsync(new SessionId(session), discard ? AgbReleaseMode.Discard : AgbReleaseMode.Policy)))
            {
                return;
            }
        }
    }

    private async Task CommandAsync(string session)
    {
        var value = _random.Next();
        await CallAsync("command", async () =>
        {
            var result = await _service.RunCommandAsync(new SessionId(session), new AgbCommandRequest { Command = $"mkdir -p {Mount}/{number}; echo {value} > {Mount}/{number}/f; cat {Mount}/{number}/f" });
            Require(result.ExitCode == 0 && result.Stdout == $"{value}\n", $"exit code {result.ExitCode}, '{result.Output}'");
        });
    }

    private Task SlowCommandAsync(string session) => CallAsync("command of half a second", async () =>
    {
        var result = await _service.RunCommandAsync(new SessionId(session), new AgbCommandRequest { Command = "sleep 0.5; echo done" });
        Require(result.Stdout == "done\n", $"exit code {result.ExitCode}, '{result.Output}'");
    });

    private Task LargeOutputAsync(string session) => CallAsync("command with 1 MiB of output", async () =>
    {
        var result = await _service.RunCommandAsync(new SessionId(session), new AgbCommandRequest { Command = "head -c 1048576 /dev/zero | tr '\\0' x" });
        Require(result.Stdout.Length == 1024 * 1024, $"{result.Stdout.Length} characters");
    });

    private Task CodeAsync(string session) => CallAsync("code", async () =>
    {
        var code = language == AgbCodeLanguage.Python ? "print(6 * 7)" : "console.log(6 * 7)";
        var result = await _service.RunCodeAsync(new SessionId(session), new AgbCodeRequest { Code = code, Language = language!.Value });
        Require(result.Stdout == "42\n", $"'{result.Output}' {result.Error}");
    });

    /// <summary>A file of the context, up and down.</summary>
    private async Task FileAsync()
    {
        var content = new byte[_random.Next(1, 512 * 1024)];
        _random.NextBytes(content);
        var path = $"/files/{number}";
        AgbContextFileChange[] changes = [new AgbContextFileChange.Put(path, _ => Task.FromResult<Stream>(new MemoryStream(content)))];
        if (await CallAsync("file up", () => _service.ChangeContextFilesAsync(new ContextId(context), changes.ToAsyncEnumerable())))
        {
            await CallAsync("file down", async () =>
            {
                var file = await _service.OpenContextFileAsync(new ContextId(context), path);
                await using (file)
                {
                    using var read = new MemoryStream();
                    await file.Content.CopyToAsync(read);
                    Require(read.ToArray().AsSpan().SequenceEqual(content), "the file is another");
                }
            });
        }
    }

    private Task SyncAsync(string session) => CallAsync("sync", async () =>
    {
        await _service.StartSyncAsync(new SessionId(session), new AgbSyncRequest());
        var tasks = await _service.WaitSyncAsync(new SessionId(session), TimeSpan.FromMinutes(1));
        Require(tasks.All(t => t.Status == AgbSyncTaskStatus.Success), string.Join("; ", tasks.Select(t => t.ErrorMessage)));
    });

    private Task TerminalAsync(string session) => CallAsync("terminal", async () =>
    {
        var terminal = await _service.OpenTerminalAsync(new SessionId(session), new AgbTerminalRequest());
        await using (terminal)
        {
            await terminal.WriteAsync(Encoding.ASCII.GetBytes("echo a$((40+2))b; exit 3\r"));
            var (shown, buffer) = (new StringBuilder(), new byte[4096]);
            while (await terminal.ReadAsync(buffer) is > 0 and var count)
            {
                shown.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
            Require(shown.ToString().Contains("a42b", StringComparison.Ordinal), $"the terminal showed '{shown}'");
            Require(await terminal.ExitCode == 3, "the terminal's exit code");
        }
    });

    private async Task LookAsync(string session)
    {
        await CallAsync("status", () => _service.GetSessionAsync(new SessionId(session)));
        await CallAsync("list", async () => Require(await _service.ListSessionsAsync().AnyAsync(s => s.SessionId == session), "the session is not listed"));
        await CallAsync("health", async () => Require(await _http.GetStringAsync("/healthz") == "ok", "health"));
    }

    /// <summary>A connection that breaks in the middle of a request.</summary>
    private Task HangUpAsync() => CallAsync("connection broken off", async () =>
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port);
        var head = $"POST /agb/runCommand HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{\"session";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        // A reset, not an orderly end.
        socket.LingerState = new LingerOption(true, 0);
    });

    private async Task BadRequestAsync()
    {
        await RefusedAsync("no JSON", HttpStatusCode.BadRequest, key, "/mcp/getSession", "{");
        await RefusedAsync("a wrong key", HttpStatusCode.Unauthorized, "nobody's", "/mcp/getSession", "{}");
        await RefusedAsync("no such endpoint", HttpStatusCode.NotFound, key, "/none", "{}");
        await RefusedAsync("an unknown image", AgbErrorIds.ImageNotFound, () => _service.CreateSessionAsync(new AgbSessionRequest { ImageId = "none" }));
    }

    private Task RefusedAsync(string what, HttpStatusCode expected, string withKey, string path, string body) => CallAsync($"wrong: {what}", async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("authorization", "Bearer " + withKey);
        using var response = await _http.SendAsync(request);
        Require(response.StatusCode == expected || response.StatusCode == HttpStatusCode.TooManyRequests, $"HTTP status {(int)response.StatusCode}");
    });

    private Task RefusedAsync(string what, string errorId, Func<Task> call) => CallAsync($"wrong: {what}", async () =>
    {
        try
        {
            await call();
        }
        catch (AgbException e) when (e.ErrorId == errorId)
        {
            return;
        }
        throw new InvalidDataException("it was not refused");
    });

    private async Task BreakOffAsync(string kind, Func<CancellationToken, Task> call)
    {
        using var patience = new CancellationTokenSource(_random.Next(1, 80));
        await CallAsync($"{kind}, broken off", async () =>
        {
            try
            {
                await call(patience.Token);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                // So it was meant.
            }
        });
    }

    /// <summary>Makes a call and notes what became of it.</summary>
    /// <returns>Whether it was done.</returns>
    private async Task<bool> CallAsync(string kind, Func<Task> call)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await call();
            tally.Succeed(kind, Stopwatch.GetElapsedTime(began));
            return true;
        }
        catch (AgbException e) when (e is { ErrorId: AgbErrorIds.TooManyRequests or AgbErrorIds.TooManySessions or AgbErrorIds.HostExhausted, RetryAfter: { } wait })
        {
            tally.Refuse(kind, e.ErrorId, Stopwatch.GetElapsedTime(began));
            // A part of what was asked for, so that the server stays at its limit.
            await Task.Delay(wait * (0.1 + (_random.NextDouble() * 0.2)));
        }
        catch (Exception e)
        {
            tally.Fail(kind, e is AgbException agb ? $"{agb.ErrorId}: {agb.Message}" : $"{e.GetType().Name}: {e.Message}");
        }
        return false;
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException(what);
        }
    }
}
