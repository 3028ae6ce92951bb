namespace Agb.Engine.Store.Tests;

/// <summary>A mount's context is given by its id; names are resolved before.</summary>
public sealed class ContextIdTests
{
    [Fact]
    public async Task A_mount_by_a_name_is_refused()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Copy);
        var context = await engine.Service.CreateContextAsync("web", cancellationToken: TestContext.Current.CancellationToken);
        (await Should.ThrowAsync<AgbException>(() => engine.SessionAsync(context.Name))).ErrorId.ShouldBe(AgbErrorIds.ContextNotFound);
        (await engine.Service.GetContextAsync(context, TestContext.Current.CancellationToken)).LastUsedAt.ShouldBe(context.LastUsedAt);
    }
}
