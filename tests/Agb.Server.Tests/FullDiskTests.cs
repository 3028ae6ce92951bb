using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>A server whose disk is full refuses what needs space, and does all else.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private string _disk = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Filler => Path.Combine(_disk, "filler");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        _disk = Directory.CreateTempSubdirectory("agb-server-disk-").FullName;
        if (await SmallDisk.MountAsync(_disk, Token) is { } error)
        {
            Directory.Delete(_disk);
            _disk = "";
            Assert.Skip($"No small disk can be mounted here: {error}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disk.Length > 0)
        {
            File.Delete(Filler);
            await RemoveSessionsAsync(Path.Combine(_disk, "data", "owners", "default"));
            await SmallDisk.UnmountAsync(_disk);
            Directory.Delete(_disk);
        }
    }

    [Fact]
    public async Task It_refuses_what_needs_space_and_loses_nothing()
    {
        await using var server = await TestServer.StartAsync(data: Path.Combine(_disk, "data"), useEngine: true);
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=full&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id!;
        var body = $$$"""{"persistenceDataList":[{"contextId":"{{{context}}}","path":"/home/data","policy":"{}"}]}""";
        var session = (await server.CreateSessionAsync(body)).SessionId!;
        await RunAsync(server, session, "cd /home/data; echo old > old; head -c 6000000 /dev/zero > new");
        Fill();

        await RefusesAsync(server, HttpMethod.Get, "/sdk/GetContext?name=another&allowCreate=true");
        await RefusesAsync(server, HttpMethod.Post, "/mcp/createSession?imageId=agb-code-space-1", body);
        await RefusesAsync(server, HttpMethod.Post, $"/sdk/SyncContext?sessionId={session}");
        (await server.CallAsync(HttpMethod.Get, "/sdk/ListSession?labels={}")).Count.ShouldBe(1);
        (await RunAsync(server, session, "cat /home/data/old")).ShouldBe("old\n");

        File.Delete(Filler);
        await server.CallAsync(HttpMethod.Post, $"/sdk/SyncContext?sessionId={session}");
        await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=another&allowCreate=true");
        var other = (await server.CreateSessionAsync()).SessionId!;
        foreach (var release in (string[])[session, other])
        {
            await server.CallAsync(HttpMethod.Post, "/mcp/releaseSession", $$"""{"sessionId":"{{release}}"}""");
        }
        var reader = (await server.CreateSessionAsync(body)).SessionId!;
        (await RunAsync(server, reader, "cd /home/data; cat old; stat -c %s new")).ShouldBe("old\n6000000\n");
        await server.CallAsync(HttpMethod.Post, "/mcp/releaseSession", $$"""{"sessionId":"{{reader}}"}""");
    }

    private static async Task<string> RunAsync(TestServer server, string session, string command)
    {
        var result = await server.CallToolAsync(session, "command", $$"""{"command":"{{command}}"}""");
        result.IsError.ShouldBeFalse(result.JoinText());
        return result.JoinText();
    }

    private static async Task RefusesAsync(TestServer server, HttpMethod method, string path, string? body = null)
    {
        var (status, envelope, _) = await TestServer.SendAsync(server.Client, method, path, body);
        envelope.Success.ShouldBeFalse($"{method} {path}");
        status.ShouldBe(507, envelope.Message);
        var error = envelope.ToException(status);
        error.ErrorId.ShouldBe(AgbErrorIds.NoSpace, envelope.Message);
        error.Kind.ShouldBe(AgbErrorKind.ResourceExhausted);
    }

    /// <summary>Those that a test which failed has left.</summary>
    private static async Task RemoveSessionsAsync(string home)
    {
        if (!Directory.Exists(home))
        {
            return;
        }
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home });
        foreach (var session in await service.ListSessionsAsync().ToListAsync())
        {
            await service.RemoveSessionAsync(session, AgbReleaseMode.Discard);
        }
    }

    /// <summary>To the last block.</summary>
    private void Fill()
    {
        var block = new byte[4096];
        Should.Throw<IOException>(() =>
        {
            using var filler = new FileStream(Filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
            {
                filler.Write(block);
            }
        });
    }
}
