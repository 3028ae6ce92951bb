using Agb.Engine.Tests.Conformance;
using Agb.Engine.Tests.Desktops;
using System.Diagnostics;

namespace Agb.Engine.Tests.Sessions;

/// <summary>Sessions belong to the home directory, not to the process that made them.</summary>
public sealed class OtherProcessTests : EngineTest
{
    private const string Path = "/home/data";

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_session_made_here_is_used_and_removed_by_another_process(MountKind kind)
    {
        var (service, context) = await OpenAsync(kind);
        var session = await MountAsync(service, context, Path);
        (await WorkerAsync(kind, "run", session.SessionId, $"echo 1 >{Path}/f; hostname")).ShouldBe(await ShellAsync(service, session, "hostname"));
        (await ShellAsync(service, session, $"cat {Path}/f")).ShouldBe("1");
        await WorkerAsync(kind, "remove", session.SessionId);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => service.GetSessionAsync(session, Token));
        (await AskAsync(service, context, Path, "cat f")).ShouldBe("1");
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_session_outlives_the_process_that_made_it(MountKind kind)
    {
        var (service, context) = await OpenAsync(kind);
        var id = await WorkerAsync(kind, "create", context.Id, Path);
        var session = await service.GetSessionAsync(new SessionId(id), Token);
        session.Status.ShouldBe(AgbSessionStatus.Running);
        await ShellAsync(service, session, $"echo 1 >{Path}/f; (while :; do sleep 1; done) >/dev/null 2>&1 &");
        (await WorkerAsync(kind, "run", id, $"cat {Path}/f")).ShouldBe("1");
        await service.RemoveSessionAsync(new SessionId(id), cancellationToken: Token);
        (await AskAsync(service, context, Path, "cat f")).ShouldBe("1");
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task Two_processes_that_remove_one_session_store_its_data_once(MountKind kind)
    {
        var (service, context) = await OpenAsync(kind);
        var session = await MountAsync(service, context, Path);
        await ShellAsync(service, session, $"cd {Path} && for i in $(seq 100); do echo 1 >f$i; done");
        using var first = StartWorker(kind, "remove", session.SessionId);
        using var second = StartWorker(kind, "remove", session.SessionId);
        var errors = await Task.WhenAll(ErrorAsync(first), ErrorAsync(second));
        errors.ShouldContain("");
        errors.ShouldAllBe(e => e.Length == 0 || e.StartsWith(AgbErrorIds.SessionNotFound));
        (await service.ListContextVersionsAsync(context, Token).CountAsync(Token)).ShouldBe(1);
        (await AskAsync(service, context, Path, "ls | wc -l")).ShouldBe("100");
    }

    private async Task<(EmbeddedService Service, AgbContext Context)> OpenAsync(MountKind kind)
    {
        if (kind == MountKind.Overlay)
        {
            var reason = await Home.WhyNotAsync(needsOverlay: true);
            Assert.SkipWhen(reason is not null, reason ?? "");
        }
        var service = Open(kind: kind);
        return (service, await service.CreateContextAsync("c", cancellationToken: Token));
    }

    [Fact]
    public async Task A_browser_and_a_desktop_outlive_the_kill_of_their_engine_and_end_with_the_session()
    {
        Assert.SkipWhen(await DesktopFixture.WhyNotAsync(Home) is not null, "This host has no desktops.");
        var service = Open();
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        using var worker = StartWorker(MountKind.Auto, "browse", context.Id, AgbBrowserRequest.ProfileDirectory);
        var id = new SessionId(await worker.StandardOutput.ReadToEndAsync(Token));
        await worker.WaitForExitAsync(Token);
        worker.ExitCode.ShouldBe(128 + PidFd.SIGKILL, await worker.StandardError.ReadToEndAsync(Token));

        (await service.GetBrowserAsync(id, Token)).Version.ShouldStartWith("Chrome/");
        (await service.ListWindowsAsync(id, Token)).ShouldNotBeEmpty();
        var tag = service.Parts.Catalog.Read(tx => SessionTable.Find(tx, id.Value)!.Handle()!).Tag;

        await service.RemoveSessionAsync(id, cancellationToken: Token);

        ProcessTable.ReadAll().Where(p => !p.HasEnded && ProcessTable.ReadLockLimit(p.Pid) == tag).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(System.IO.Path.Combine(Home.Path, "sessions")).ShouldBeEmpty();
        (await AskAsync(service, context, AgbBrowserRequest.ProfileDirectory, "test -s 'Local State' && echo kept; ls -A | grep Singleton; true")).ShouldBe("kept");
    }

    private async Task<string> WorkerAsync(MountKind kind, params string[] arguments)
    {
        using var worker = StartWorker(kind, arguments);
        var output = await worker.StandardOutput.ReadToEndAsync(Token);
        (await ErrorAsync(worker)).ShouldBe("");
        worker.ExitCode.ShouldBe(0);
        return output.TrimEnd('\n');
    }

    private Process StartWorker(MountKind kind, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])
            [System.IO.Path.Combine(AppContext.BaseDirectory, "Agb.Engine.Worker.dll"), Home.Path, kind.ToString(), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start) ?? throw new InvalidOperationException("The worker did not start.");
    }

    private static async Task<string> ErrorAsync(Process worker)
    {
        var error = await worker.StandardError.ReadToEndAsync(Token);
        await worker.WaitForExitAsync(Token);
        return error;
    }
}
