using System.Diagnostics;

namespace Agb.Engine.Store.Tests;

/// <summary>The device fails to write while a session runs, and works again: the kernel tells of it once, and takes what was lost for
/// written. The device is a loop device whose image lies in a file system in memory that is full for a while.</summary>
public sealed class FailedDeviceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_failed_write_tore_is_not_uploaded(bool syncsFirst)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root makes devices.");
        await using (await EngineFixture.CreateAsync(MountKind.Overlay))
        {
            // Skips where no session can run.
        }
        var directory = Directory.CreateTempSubdirectory("agb-failed-device-").FullName;
        var (outer, disk) = (Path.Combine(directory, "outer"), Path.Combine(directory, "disk"));
        try
        {
            Directory.CreateDirectory(outer);
            Directory.CreateDirectory(disk);
            Run("mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", outer);
            Run("truncate", "-s", "256M", Path.Combine(outer, "image"));
            // Without a journal, so that only data is lost.
            Run("mkfs.ext4", "-q", "-O", "^has_journal", "-E", "lazy_itable_init=0", Path.Combine(outer, "image"));
            Assert.SkipUnless(TryRun("mount", "-o", "loop,errors=continue", Path.Combine(outer, "image"), disk), "No loop device can be mounted here.");
            await PlayAsync(Path.Combine(disk, "home"), disk, Path.Combine(outer, "filler"), syncsFirst);
        }
        finally
        {
            TryRun("umount", "-l", disk);
            TryRun("umount", "-l", outer);
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task PlayAsync(string home, string disk, string filler, bool syncsFirst)
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home, MountKind = MountKind.Overlay });
        var context = await service.CreateContextAsync("torn", cancellationToken: Token);
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = "/data" }] }, Token);
        try
        {
            await CommandAsync(service, session, "echo first > /data/f");
            (await SyncAsync(service, session)).Status.ShouldBe(AgbSyncTaskStatus.Success);
            Run("sync", "-f", disk);
            Run("sh", "-c", $"dd if=/dev/zero of={filler} bs=64k 2>/dev/null; test -s {filler}");
            await CommandAsync(service, session, "head -c 4M /dev/urandom > /data/f");
            TryRun("sync", "-f", disk).ShouldBeFalse("the device was to fail");
            File.Delete(filler);
            // What the kernel still has of the file in memory goes: now it is what the device has.
            Run("dd", $"if={home}/sessions/{session.SessionId}/m0/upper/f", "iflag=nocache", "count=0");

            if (syncsFirst)
            {
                var sync = await SyncAsync(service, session);
                sync.Status.ShouldBe(AgbSyncTaskStatus.Success);
                sync.Skipped.ShouldHaveSingleItem().ShouldStartWith("f: not provably whole");
                sync.Warnings.ShouldHaveSingleItem().ShouldContain("failed write");
            }
            else
            {
                var error = await Should.ThrowAsync<AgbException>(() => service.RemoveSessionAsync(session, cancellationToken: Token));
                error.ErrorId.ShouldBe(AgbErrorIds.SyncFailed);
                error.Message.ShouldContain("of 'torn' 1");
                (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Failed);
            }
            ShouldHoldFirst(service, context);
        }
        finally
        {
            await service.RemoveSessionAsync(session, cancellationToken: Token);
        }
        ShouldHoldFirst(service, context);
    }

    private static void ShouldHoldFirst(EmbeddedService service, AgbContext context) =>
        ContextSnapshot.Read(service, context.Id).ShouldContainKeyAndValue("/data/f", ContextSnapshot.File("first\n"));

    private static async Task CommandAsync(EmbeddedService service, AgbSession session, string command)
    {
        var result = await service.RunCommandAsync(session, new AgbCommandRequest { Command = command }, Token);
        result.ExitCode.ShouldBe(0, result.Output);
    }

    private static async Task<AgbSyncStatus> SyncAsync(EmbeddedService service, AgbSession session)
    {
        await service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        return (await service.WaitSyncAsync(session, TimeSpan.FromMinutes(2), cancellationToken: Token))
            .Single(t => t.TaskType == AgbSyncTaskType.Upload);
    }

    private static void Run(string program, params string[] arguments) =>
        TryRun(program, arguments).ShouldBeTrue($"{program} {string.Join(' ', arguments)}");

    private static bool TryRun(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
