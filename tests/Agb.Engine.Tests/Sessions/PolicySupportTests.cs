using Agb.Conformance;
using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>A policy that the engine does not carry out is refused, never ignored.</summary>
public sealed class PolicySupportTests : EngineTest
{
    [Fact]
    public Task The_upload_mode_Archive_is_refused() =>
        RefusesAsync("Archive", new() { Upload = new AgbUploadPolicy { UploadMode = AgbUploadMode.Archive } });

    private async Task RefusesAsync(string named, AgbSyncPolicy policy)
    {
        var service = Open();
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var error = await FailsAsync(
            AgbErrorIds.PolicyNotSupported,
            () => service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At("/home/data", policy)] }, Token));
        error.Message.ShouldContain(named);
        error.Remedy.ShouldNotBeNullOrEmpty();
        (await service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        Home.Inventory().ShouldBeEmpty();
    }
}
