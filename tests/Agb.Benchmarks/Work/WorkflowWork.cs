using System.Globalization;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers.Server;

namespace Agb.Benchmarks.Work;

/// <summary>The guide's workflow over HTTP: data written in one session, read under another path in the next.</summary>
internal sealed class WorkflowWork : Benchmark
{
    private const string Origin = "/tmp/mapping", Target = "/home/data";
    private const string Write = "echo data > /tmp/mapping/file", Read = "grep data /home/data/file";
    private const string FirstImage = "agb-browser-use-1", SecondImage = "agb-code-space-1";

    private int _count;

    /// <inheritdoc/>
    internal override string Name => "workflow";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var server = await LocalServer.StartAsync(stand.NewDirectory("workflow-server")).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            using var service = server.Connect();
            var sdk = new SdkClient(server.Url);
            var ours = new Side("agb", "the module's client", () => OursAsync(service));
            // The server holds its answers until there is nothing to pause for, so that both make about the same requests.
            var theirs = new Side("sdk", "the SDKs' requests and pauses, same server", () => TheirsAsync(sdk)) { Target = 1.25 };
            var embedded = new Side("embedded", "the embedded service", () => OursAsync(stand.Service));
            var comparison = new Comparison(Name, "the guide's whole workflow through a server", ours, theirs, embedded);
            foreach (var row in await comparison.RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false))
            {
                yield return row;
            }
        }
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"workflow-{++_count}");

    private async Task OursAsync(IAgbService service)
    {
        var context = await service.CreateContextAsync(NextName(), getExisting: true).ConfigureAwait(false);
        var first = await CreateAsync(service, FirstImage, context.Id, Origin, new AgbSyncPolicy()).ConfigureAwait(false);
        await RunAsync(service, first, Write).ConfigureAwait(false);
        await service.StartSyncAsync(new SessionId(first), new AgbSyncRequest()).ConfigureAwait(false);
        await service.WaitSyncAsync(new SessionId(first), TimeSpan.FromMinutes(1)).ConfigureAwait(false);
        await service.RemoveSessionAsync(new SessionId(first)).ConfigureAwait(false);
        var second = await CreateAsync(service, SecondImage, context.Id, Target, MappedPolicy()).ConfigureAwait(false);
        await RunAsync(service, second, Read).ConfigureAwait(false);
        await service.RemoveSessionAsync(new SessionId(second)).ConfigureAwait(false);
    }

    private async Task TheirsAsync(SdkClient sdk)
    {
        var context = await sdk.ContextAsync(NextName()).ConfigureAwait(false);
        var first = await sdk.CreateSessionAsync(FirstImage, context, Origin, new AgbSyncPolicy()).ConfigureAwait(false);
        await sdk.ShellAsync(first, Write).ConfigureAwait(false);
        await sdk.SyncAsync(first).ConfigureAwait(false);
        await sdk.DeleteAsync(first).ConfigureAwait(false);
        var second = await sdk.CreateSessionAsync(SecondImage, context, Target, MappedPolicy()).ConfigureAwait(false);
        await sdk.ShellAsync(second, Read).ConfigureAwait(false);
        await sdk.DeleteAsync(second).ConfigureAwait(false);
    }

    private static AgbSyncPolicy MappedPolicy() => new() { Mapping = new AgbMappingPolicy { Path = Origin } };

    private static async Task<string> CreateAsync(IAgbService service, string image, string contextId, string path, AgbSyncPolicy policy) =>
        (await service.CreateSessionAsync(new AgbSessionRequest
        {
            ImageId = image,
            ContextSyncs = [new AgbContextSync { ContextId = contextId, Path = path, Policy = policy }],
        }).ConfigureAwait(false)).SessionId;

    private static async Task RunAsync(IAgbService service, string session, string command)
    {
        var result = await service.RunCommandAsync(new SessionId(session), new AgbCommandRequest { Command = command }).ConfigureAwait(false);
        if (!result.Success)
        {
            throw new InvalidOperationException($"'{command}' ended with {result.ExitCode}: {result.Output}");
        }
    }
}
