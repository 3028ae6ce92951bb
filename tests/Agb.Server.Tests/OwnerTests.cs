using Agb.Server;
using Agb.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agb.Server.Tests;

public sealed class OwnerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-owner-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_key_file_that_can_not_be_read_does_not_end_the_server()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "keys.json"), "{", Token);
        await using var server = await TestServer.StartAsync(data: _directory);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!server.Log.Any(l => l.Contains("The keys can't be read", StringComparison.Ordinal)))
        {
            await Task.Delay(10, patience.Token);
        }

        (await server.Client.GetStringAsync("/healthz", Token)).ShouldBe("ok");
        server.Server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public void A_lock_that_another_keeps_is_an_error_in_the_end()
    {
        var path = Path.Combine(_directory, "lock");
        using (PrivateFile.Lock(path))
        {
            Should.Throw<IOException>(() => PrivateFile.Lock(path, TimeSpan.FromMilliseconds(30)));
        }
        PrivateFile.Lock(path).Dispose();
    }

    [Fact]
    public void All_that_is_kept_of_sessions_is_known_and_can_be_forgotten()
    {
        var notes = new SessionMetadata(_directory, NullLogger.Instance);
        notes.KeepPaths("in-memory", ["/p"]);
        notes.KeepPaths("on-disk", ["/p/"]);

        notes.Sessions().Order().ShouldBe(["in-memory", "on-disk"]);
        new SessionMetadata(_directory, NullLogger.Instance).Sessions().ShouldBe(["on-disk"]);
        notes.Remove("in-memory");
        notes.Remove("on-disk");

        notes.Sessions().ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(_directory).ShouldBeEmpty();
    }
}
