using Agb.Testing;
using Agb.Engine;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Warnings of the store and the engine in the server's log.</summary>
public sealed class EngineLogTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failure_of_the_store_in_the_background_is_logged_with_its_event_and_owner()
    {
        await using var server = await TestServer.StartAsync(useEngine: true);
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=damaged&allowCreate=true")).DataAs(WireJson.Default.ContextData)!;
        var url = (await server.CallAsync(HttpMethod.Post, $"/sdk/GetContextFileUploadUrl?contextId={context.Id}&filePath=/a")).DataAs(WireJson.Default.FileUrlData)!.Url!;
        (await server.Client.PutAsync(url, new StringContent("x"), Token)).EnsureSuccessStatusCode();
        foreach (var layer in Directory.GetDirectories(Path.Combine(server.Data, "owners", "default", "layers")))
        {
            Directory.Delete(layer, recursive: true);
        }

        await server.CallAsync(HttpMethod.Post, $"/sdk/ClearContext?id={context.Id}");

        var line = $"Warning Agb.Store.default 1002 The clear of the context {context.Id} failed.";
        await Eventually.HoldsAsync("the failure is logged", () => server.Log.Any(l => l.StartsWith(line, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_line_has_the_event_the_message_and_the_reason()
    {
        var lines = new List<string>();
        var log = new EmbeddedOptions().WithLog(lines.Add).LoggerFactory.CreateLogger("Agb.Engine");

        log.ManifestsKept("/store", new IOException("Busy."));
        log.DiskLimitExceeded("s", 5);

        lines.ShouldBe(
        [
            "event 2003: Old manifests in /store could not be removed. IOException: Busy.",
            "event 2006: The session s exceeds its disk limit of 5 bytes; its processes were ended.",
        ]);
    }
}
