using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Advice to clients names no cmdlets: they speak HTTP or MCP. Clients with words of their own get the key.</summary>
public sealed class AdviceTests
{
    [Fact]
    public async Task A_missing_context_is_reported_without_cmdlets()
    {
        await using var server = await TestServer.StartAsync();
        var envelope = await server.RefusesAsync(HttpMethod.Get, "/sdk/GetContext?name=nothing&allowCreate=false", null, AgbErrorIds.ContextNotFound);
        var error = envelope.AgbError.ShouldNotBeNull();
        error.Remedy.ShouldBe("List the contexts, or create one.");
        error.Advice.ShouldBe(nameof(AgbAdvice.ListContexts));
    }
}
