using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Store;

/// <summary>On a full disk an upload fails, changes nothing, and succeeds when there is space again.</summary>
public sealed class FullDiskTests : EngineTest
{
    private const string Path = "/home/data";

    private string _disk = "";

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        _disk = Directory.CreateTempSubdirectory("agb-disk-").FullName;
        if (await SmallDisk.MountAsync(_disk, Token) is { } error)
        {
            Directory.Delete(_disk);
            Assert.Skip($"No small disk can be mounted here: {error}");
        }
        try
        {
            Home = new TemporaryHome(_disk);
            await base.InitializeAsync();
        }
        catch
        {
            await RemoveDiskAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            File.Delete(Filler);
            await base.DisposeAsync();
        }
        finally
        {
            await RemoveDiskAsync();
        }
    }

    private async Task RemoveDiskAsync()
    {
        await SmallDisk.UnmountAsync(_disk);
        Directory.Delete(_disk);
    }

    private string Filler => System.IO.Path.Combine(_disk, "filler");

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_sync_fails_for_want_of_space_and_succeeds_after(MountKind kind)
    {
        var (service, context, session) = await BeginAsync(kind);
        Fill(leave: 1 << 20);
        var failed = await SyncAsync(service, session);
        failed.Status.ShouldBe(AgbSyncTaskStatus.Failed);
        failed.ErrorMessage.ShouldNotBeNull().ShouldContain("No space is left");
        failed.FinishTime.ShouldNotBeNull();
        await IsIntactAsync(service, context, session);

        await EmptyAsync();
        var again = await SyncAsync(service, session);
        again.Status.ShouldBe(AgbSyncTaskStatus.Success, again.ErrorMessage);
        (await AskAsync(service, context, Path, "cat old new.sum; sha256sum <new | cut -c1-64")).ShouldSatisfyAllConditions(
            t => t.ShouldStartWith("old\n"), t => t.Split('\n')[1].ShouldBe(t.Split('\n')[2]));
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_release_on_a_disk_without_a_byte_left_loses_nothing(MountKind kind)
    {
        var (service, context, session) = await BeginAsync(kind);
        Fill(leave: 0);
        AgbException? error = null;
        try
        {
            await service.RemoveSessionAsync(session, cancellationToken: Token);
        }
        catch (AgbException e)
        {
            error = e;
        }
        await EmptyAsync();
        if (error is not null)
        {
            error.Kind.ShouldBe(AgbErrorKind.ResourceExhausted, error.ToString());
            error.ErrorId.ShouldBeOneOf(AgbErrorIds.NoSpace, AgbErrorIds.SyncFailed);
            (await service.ListContextVersionsAsync(context, Token).CountAsync(Token)).ShouldBe(1, "nothing of it is seen");
            await service.RemoveSessionAsync(session, cancellationToken: Token);
        }
        await FailsAsync(AgbErrorIds.SessionNotFound, () => service.GetSessionAsync(session, Token));
        (await AskAsync(service, context, Path, "cat old; sha256sum <new | cut -c1-64 | cmp - new.sum && echo same")).ShouldBe("old\nsame");
        Directory.EnumerateFileSystemEntries(InHome("staging")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sync_fails_for_want_of_inodes_and_succeeds_after()
    {
        var (service, context, session) = await BeginAsync(MountKind.Auto);
        await ShellAsync(service, session, $"cd {Path} && for i in $(seq 200); do echo $i >n$i; done");
        var inodes = System.IO.Path.Combine(_disk, "inodes");
        Directory.CreateDirectory(inodes);
        try
        {
            // Until the disk has none left, less a hundred.
            var made = 0;
            Should.Throw<IOException>(() =>
            {
                for (; ; made++)
                {
                    File.Create(System.IO.Path.Combine(inodes, $"{made}")).Dispose();
                }
            });
            for (var i = 0; i < 100; i++)
            {
                File.Delete(System.IO.Path.Combine(inodes, $"{made - 1 - i}"));
            }
            var failed = await SyncAsync(service, session);
            failed.Status.ShouldBe(AgbSyncTaskStatus.Failed);
            failed.ErrorMessage.ShouldNotBeNull().ShouldContain("No space is left");
            await IsIntactAsync(service, context, session);
        }
        finally
        {
            Directory.Delete(inodes, recursive: true);
        }
        var again = await SyncAsync(service, session);
        again.Status.ShouldBe(AgbSyncTaskStatus.Success, again.ErrorMessage);
        (await AskAsync(service, context, Path, "ls | wc -l")).ShouldBe("203");
    }

    [Fact]
    public async Task A_change_of_files_fails_for_want_of_space_and_succeeds_after()
    {
        var service = Open();
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        await context.PutAsync(("/old", "old"));
        var large = new AgbContextFileChange.Put("/large", _ => Task.FromResult<Stream>(new MemoryStream(new byte[6_000_000])));
        Fill(leave: 2 << 20);
        var error = await FailsAsync(AgbErrorIds.NoSpace, () => context.ChangeAsync(ContextFiles.Put("/old", "new"), large));
        error.Kind.ShouldBe(AgbErrorKind.ResourceExhausted);
        (await context.TreeAsync()).ShouldBe(["/old=old"]);
        Directory.EnumerateFileSystemEntries(InHome("staging")).ShouldBeEmpty();
        Directory.EnumerateDirectories(InHome("layers")).Count().ShouldBe(1);
        Directory.EnumerateFiles(InHome("locks"), "files-*").ShouldBeEmpty();
        await EmptyAsync();
        (await context.ChangeAsync(ContextFiles.Put("/old", "new"), large)).ShouldNotBeNull().Version.ShouldBe(2);
        (await context.FileAsync("/large")).Size.ShouldBe(6_000_000);
    }

    [Fact]
    public async Task A_session_that_finds_no_space_is_not_created()
    {
        var service = Open(kind: MountKind.Copy);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        await FillAsync(service, context, Path, "head -c 8000000 /dev/urandom >large");
        Fill(leave: 2 << 20);
        var error = await FailsAsync(AgbErrorIds.NoSpace, () => MountAsync(service, context, Path));
        error.Kind.ShouldBe(AgbErrorKind.ResourceExhausted);
        (await service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        Directory.EnumerateFileSystemEntries(InHome("sessions")).ShouldBeEmpty();
        await EmptyAsync();
        (await AskAsync(service, context, Path, "stat -c %s large")).ShouldBe("8000000");
    }

    /// <summary>A context with one version, and a session that has changed it by 6 MB.</summary>
    private async Task<(EmbeddedService Service, AgbContext Context, AgbSession Session)> BeginAsync(MountKind kind)
    {
        var reason = await Home.WhyNotAsync(needsOverlay: kind == MountKind.Overlay);
        Assert.SkipWhen(reason is not null, reason ?? "");
        var service = Open(kind: kind);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        await FillAsync(service, context, Path, "echo old >old");
        var session = await MountAsync(service, context, Path);
        await ShellAsync(service, session, $"cd {Path} && head -c 6000000 /dev/urandom >new && sha256sum <new | cut -c1-64 >new.sum");
        return (service, context, session);
    }

    private async Task IsIntactAsync(EmbeddedService service, AgbContext context, AgbSession session)
    {
        (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        (await ShellAsync(service, session, $"cd {Path} && sha256sum <new | cut -c1-64 | cmp - new.sum && cat old")).ShouldBe("old");
        (await service.ListContextVersionsAsync(context, Token).CountAsync(Token)).ShouldBe(1);
        Directory.EnumerateFileSystemEntries(InHome("staging")).ShouldBeEmpty();
        Directory.EnumerateDirectories(InHome("layers")).Count().ShouldBe(1);
    }

    private static async Task<AgbSyncStatus> SyncAsync(EmbeddedService service, AgbSession session)
    {
        await service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        return (await service.WaitSyncAsync(session, TimeSpan.FromMinutes(1), cancellationToken: Token))
            .Single(t => t.TaskType == AgbSyncTaskType.Upload);
    }

    /// <summary>Empties the disk again. The kernel may take a moment to do it.</summary>
    private async Task EmptyAsync()
    {
        File.Delete(Filler);
        await Eventually.HoldsAsync("the disk has space again", () => new DriveInfo(_disk).AvailableFreeSpace > 8 << 20);
    }

    /// <summary>Fills the disk up to some bytes.</summary>
    private void Fill(long leave)
    {
        using var filler = File.Create(Filler);
        var free = new DriveInfo(_disk).AvailableFreeSpace - leave;
        var block = new byte[4096];
        try
        {
            for (; free > 0; free -= block.Length)
            {
                filler.Write(block);
                filler.Flush();
            }
        }
        catch (IOException) when (leave == 0)
        {
            // Full to the last block.
        }
    }
}
