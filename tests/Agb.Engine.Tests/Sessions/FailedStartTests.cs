using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>A sandbox that does not start leaves nothing behind when the caller waited, and a session that says why when it
/// did not.</summary>
public sealed class FailedStartTests : EngineTest
{
    [Fact]
    public async Task A_caller_that_waits_gets_the_error_and_nothing_is_left()
    {
        var (service, request) = await BeginAsync();
        var error = await FailsAsync(AgbErrorIds.SessionStartFailed, () => service.CreateSessionAsync(request, Token));
        error.Message.ShouldNotBeNullOrEmpty();
        (await service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        Home.Inventory().ShouldBeEmpty();
        await Eventually.HoldsAsync("no process is left", () => Home.Processes().Count == 0);
        await service.RemoveContextAsync(new ContextId(request.ContextSyncs[0].ContextId), Token);
    }

    [Fact]
    public async Task A_caller_that_does_not_wait_finds_a_failed_session_with_the_reason_and_removes_it()
    {
        var (service, request) = await BeginAsync();
        var created = await service.CreateSessionAsync(request with { NoWait = true }, Token);
        var session = await service.WaitSessionAsync(created, TimeSpan.FromMinutes(1), Token);
        session.Status.ShouldBe(AgbSessionStatus.Failed);
        session.FailureReason.ShouldNotBeNullOrEmpty();
        await FailsAsync(AgbErrorIds.SessionNotRunning, () => ShellAsync(service, session, "true"));
        var download = (await service.GetSyncStatusAsync(session, cancellationToken: Token)).ShouldHaveSingleItem();
        (download.TaskType, download.Status).ShouldBe((AgbSyncTaskType.Download, AgbSyncTaskStatus.Failed));
        download.ErrorMessage.ShouldNotBeNullOrEmpty();
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => service.GetSessionAsync(session, Token));
        Home.Inventory().ShouldBeEmpty();
        await service.RemoveContextAsync(new ContextId(request.ContextSyncs[0].ContextId), Token);
    }

    /// <summary>An image whose shell can't be started: its root has a bin/sh that is no program.</summary>
    private async Task<(EmbeddedService Service, AgbSessionRequest Request)> BeginAsync()
    {
        var service = Open();
        var root = InHome("bad-image");
        foreach (var directory in (string[])["bin", "usr/bin", "etc"])
        {
            Directory.CreateDirectory(Path.Combine(root, directory));
        }
        foreach (var shell in (string[])["bin/sh", "bin/bash", "usr/bin/env"])
        {
            await File.WriteAllTextAsync(Path.Combine(root, shell), "no program", Token);
            File.SetUnixFileMode(Path.Combine(root, shell), (UnixFileMode)0b111_101_101);
        }
        await File.WriteAllTextAsync(
            InHome("images.json"), $$"""{"images": [{"imageId": "bad", "root": "{{root}}", "homeDirectory": "/home/me"}]}""", Token);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        return (service, new AgbSessionRequest { ImageId = "bad", ContextSyncs = [context.At("/home/data")] });
    }
}
