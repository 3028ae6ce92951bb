using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Files whose sizes are meant to confuse: as large as the file system lets them be though nothing is in them, growing while
/// they are read, or reached by names in several mounts.</summary>
public sealed class SizeTests : EngineTest
{
    private const long MiB = 1 << 20;

    // The largest that this host's file system takes, from the largest number on; a block of data lies at its end.
    private const string MakeHuge =
        "cd /data; for size in 9223372036854775807 17592186040320 2199023255552; do truncate -s $size huge 2>/dev/null && break; done;"
        + " printf end | dd of=huge bs=1 seek=$((size - 4096)) conv=notrunc status=none 2>/dev/null; stat -c %s huge";

    [Theory]
    [InlineData(MountKind.Auto)]
    [InlineData(MountKind.Copy)]
    public async Task A_file_of_exabytes_of_nothing_is_stored_compared_and_given_out_as_what_it_is(MountKind kind)
    {
        var service = Open(kind: kind);
        var context = await service.CreateContextAsync("sizes", cancellationToken: Token);
        var free = FreeBytes();
        var session = await MountAsync(service, context, "/data");
        var size = long.Parse(await ShellAsync(service, session, MakeHuge), System.Globalization.CultureInfo.InvariantCulture);
        size.ShouldBeGreaterThan(1L << 40);
        await UploadAsync(service, session);

        // Opened for writing but not written to: an overlay has a copy of it now, which is compared with what is stored.
        var other = await MountAsync(service, context, "/data");
        (await ShellAsync(service, other, "cd /data; : >> huge; touch -r huge mark; echo 1 > small; stat -c %s huge")).ShouldBe($"{size}");
        await UploadAsync(service, other);
        (await service.ListContextVersionsAsync(context, Token).ToListAsync(Token)).MaxBy(v => v.Version)!
            .ShouldSatisfyAllConditions(v => v.Bytes.ShouldBeLessThan(MiB), v => v.FilesAdded.ShouldBe(2), v => v.FilesChanged.ShouldBe(0));
        // And changed.
        await ShellAsync(service, other, "cd /data; echo x >> small; chmod 600 huge");
        await service.RemoveSessionAsync(other, cancellationToken: Token);
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        (await AskAsync(service, context, "/data", "stat -c '%s %a' huge; tail -c 4096 huge | head -c 3")).ShouldBe($"{size} 600\nend");
        (free - FreeBytes()).ShouldBeLessThan(512 * MiB);
        (await AgbStore.CheckAsync(Home.Path, new AgbStoreCheckOptions(), Token)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_too_large_for_an_archive_is_refused_and_nothing_is_left_of_the_try()
    {
        var service = Open();
        var context = await service.CreateContextAsync("sizes", cancellationToken: Token);
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest
            {
                ContextSyncs =
                [
                    new() { ContextId = context.Id, Path = "/data", Policy = new() { Upload = new() { UploadMode = AgbUploadMode.Archive } } },
                ],
            },
            Token);
        await ShellAsync(service, session, MakeHuge);
        await service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        var task = (await service.WaitSyncAsync(session, TimeSpan.FromMinutes(2), cancellationToken: Token)).Single(t => t.TaskType == AgbSyncTaskType.Upload);
        task.Status.ShouldBe(AgbSyncTaskStatus.Failed);
        task.ErrorMessage.ShouldNotBeNull().ShouldContain("can't be stored as an archive");
        Directory.EnumerateFileSystemEntries(InHome("staging")).ShouldBeEmpty();
        await ShellAsync(service, session, "rm /data/huge; echo 1 > /data/small");
        await UploadAsync(service, session);
    }

    [Theory]
    [InlineData(MountKind.Auto)]
    [InlineData(MountKind.Copy)]
    public async Task A_file_that_grows_and_shrinks_while_it_is_stored_ends_no_sync_and_fills_nothing(MountKind kind)
    {
        var service = Open(kind: kind);
        var context = await service.CreateContextAsync("sizes", cancellationToken: Token);
        var session = await MountAsync(service, context, "/data");
        await ShellAsync(
            service, session,
            "cd /data; (while :; do head -c 300000 /dev/zero | tr '\\0' 'a' >> log; echo >> count; [ $(stat -c %s log) -lt 8000000 ] || : > log; done) >/dev/null 2>&1 &"
            + " until [ -s /data/count ]; do sleep 0.01; done");
        for (var i = 0; i < 6; i++)
        {
            var before = await CountAsync();
            await UploadAsync(service, session);
            await Eventually.HoldsAsync("it writes on", async () => await CountAsync() > before);
        }
        // What was stored is a state of the file: nothing but what was written to it.
        (await AskAsync(service, context, "/data", "tr -d 'a' < log | tr -d '\\0' | wc -c")).ShouldBe("0");
        long.Parse(await AskAsync(service, context, "/data", "stat -c %s log"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThan(9_000_000);

        async Task<long> CountAsync() =>
            long.Parse(await ShellAsync(service, session, "wc -l < /data/count"), System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Hard_links_lead_out_of_no_mount()
    {
        var service = Open();
        var (one, two) = (await service.CreateContextAsync("one", cancellationToken: Token), await service.CreateContextAsync("two", cancellationToken: Token));
        await FillAsync(service, two, "/two", "echo two > f");
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new() { ContextId = one.Id, Path = "/one" }, new() { ContextId = two.Id, Path = "/two" }] }, Token);
        foreach (var target in new[] { "/two/f", "/etc/passwd", "/usr/bin/env", "/proc/self/status", "/dev/null", "/tmp/t" })
        {
            var result = await service.RunCommandAsync(session, new AgbCommandRequest { Command = $"touch /tmp/t; ln {target} /one/l" }, Token);
            result.ExitCode.ShouldNotBe(0, target);
        }
        await ShellAsync(service, session, "echo 1 > /one/f; ln /one/f /one/g");
        await service.RemoveSessionAsync(session, cancellationToken: Token);
        (await AskAsync(service, one, "/one", "ls; cat f g")).ShouldBe("f\ng\n1\n1");
        (await AskAsync(service, two, "/two", "ls; cat f")).ShouldBe("f\ntwo");
    }

    private static async Task UploadAsync(EmbeddedService service, AgbSession session)
    {
        await service.StartSyncAsync(session, new AgbSyncRequest(), Token);
        (await service.WaitSyncAsync(session, TimeSpan.FromMinutes(2), cancellationToken: Token))
            .Where(t => t.Status != AgbSyncTaskStatus.Success).Select(t => t.ErrorMessage).ShouldBeEmpty();
    }

    private long FreeBytes() => new DriveInfo(Home.Path).AvailableFreeSpace;
}
