using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>A session whose processes are gone, as after a restart of the host, is Failed and keeps its files.</summary>
public sealed class LostSessionTests : EngineTest
{
    private const string Path = "/home/data";

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task It_is_reported_and_its_data_is_stored_when_it_is_removed(MountKind kind)
    {
        var (service, context, session) = await LoseAsync(kind);
        var found = await service.GetSessionAsync(session, Token);
        found.Status.ShouldBe(AgbSessionStatus.Failed);
        found.FailureReason.ShouldNotBeNullOrEmpty();
        await FailsAsync(AgbErrorIds.SessionNotRunning, () => ShellAsync(service, session, "true"));
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        (await AskAsync(service, context, Path, "cat f")).ShouldBe("1");
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task Its_data_can_be_uploaded_by_a_sync(MountKind kind)
    {
        var (service, context, session) = await LoseAsync(kind);
        await service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        var task = (await service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: Token))
            .Single(t => t.TaskType == AgbSyncTaskType.Upload);
        task.Status.ShouldBe(AgbSyncTaskStatus.Success, task.ErrorMessage);
        (await AskAsync(service, context, Path, "cat f")).ShouldBe("1");
    }

    [Fact]
    public async Task Nothing_can_be_downloaded_into_it()
    {
        var (service, _, session) = await LoseAsync(MountKind.Auto);
        await FailsAsync(
            AgbErrorIds.SessionNotRunning,
            () => service.StartSyncAsync(session, new AgbSyncRequest { Mode = AgbSyncTaskType.Download }, Token));
    }

    [Fact]
    public async Task Its_changes_can_be_discarded()
    {
        var (service, context, session) = await LoseAsync(MountKind.Auto);
        await service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: Token);
        (await service.ListContextVersionsAsync(context, Token).CountAsync(Token)).ShouldBe(0);
        Home.Inventory().ShouldBeEmpty();
    }

    private async Task<(EmbeddedService Service, AgbContext Context, AgbSession Session)> LoseAsync(MountKind kind)
    {
        var reason = await Home.WhyNotAsync(needsOverlay: kind == MountKind.Overlay);
        Assert.SkipWhen(reason is not null, reason ?? "");
        var service = Open(kind: kind);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        var session = await MountAsync(service, context, Path);
        await ShellAsync(service, session, $"echo 1 >{Path}/f");
        var row = service.Parts.Catalog.Read(tx => SessionTable.Find(tx, session.SessionId)).ShouldNotBeNull();
        var sandbox = row.Handle().ShouldNotBeNull();
        Home.Processes().ShouldNotBeEmpty("otherwise the wait below would prove nothing");
        using (var init = System.Diagnostics.Process.GetProcessById(sandbox.InitPid))
        {
            init.Kill();
        }
        await Eventually.HoldsAsync("the session's processes are gone", () => Home.Processes().Count == 0);
        return (service, context, session);
    }
}
