namespace Agb.Conformance.Sync;

/// <summary>Tests of incremental syncs: a sync stores only the changes since the last one.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.UserOverlay, Long = Services.Server | Services.UserCopy)]
public sealed class IncrementalSyncTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task A_second_sync_moves_only_what_changed()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "mkdir d; for i in $(seq 10); do printf %100s $i >d/f$i; done", Path);
        var first = await UploadAsync(session);
        (first.Files, first.Bytes, first.Version).ShouldBe((10, 1000, 1));
        await ShellAsync(session, "printf 123 >d/f1; rm d/f2; printf 12345 >new", Path);
        var second = await UploadAsync(session);
        (second.Files, second.Bytes, second.Version).ShouldBe((3, 8, 2));
        (await AskAsync(context, Path, "ls d | wc -l; cat d/f1 new")).ShouldBe("9\n12312345");
    }

    [Fact]
    public async Task A_sync_without_changes_makes_no_version()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "mkdir d; echo 1 >d/f; ln -s f d/l", Path);
        await UploadAsync(session);
        var again = await UploadAsync(session);
        (again.Files, again.Bytes, again.Version).ShouldBe((0, 0, null));
        await ReleaseAsync(session);
        (await VersionsAsync(context)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_session_that_changes_nothing_makes_no_version()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "ls -la; cat nothing 2>/dev/null || true", Path);
        (await UploadAsync(session)).Version.ShouldBeNull();
        await ReleaseAsync(session);
        (await VersionsAsync(context)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Opening_a_stored_file_for_writing_without_writing_makes_no_version()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 1 >d/f; chmod 640 d/f");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, ": >>d/f; chmod 640 d/f", Path);
        (await UploadAsync(session)).Version.ShouldBeNull();
        await ReleaseAsync(session);
        (await VersionsAsync(context)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_closed_file_that_did_not_change_makes_no_version()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "mkdir d; echo 1 >d/f; chmod 000 d/f d", Path);
        await UploadAsync(session);
        (await UploadAsync(session)).Version.ShouldBeNull();
        await ReleaseAsync(session);
        (await VersionsAsync(context)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_was_made_synced_and_deleted_is_gone()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "mkdir -p d/e; echo 1 >f; echo 1 >d/e/g; ln -s f l; echo 1 >kept", Path);
        await UploadAsync(session);
        await ShellAsync(session, "rm f l; rm -r d", Path);
        var task = await UploadAsync(session);
        task.Files.ShouldBe(3);
        (await StoredAsync(context, Path)).ShouldBe(["kept=1"]);
    }

    [Fact]
    public async Task What_was_made_synced_deleted_and_made_again_is_there()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "mkdir d; echo 1 >d/f; echo 1 >d/g", Path);
        await UploadAsync(session);
        await ShellAsync(session, "rm -r d", Path);
        await UploadAsync(session);
        await ShellAsync(session, "mkdir d; echo 2 >d/f", Path);
        await UploadAsync(session);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/f=2"]);
    }

    [Fact]
    public async Task A_renamed_file_is_one_deleted_and_one_added()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >a");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "mv a b", Path);
        (await UploadAsync(session)).Files.ShouldBe(2);
        var version = (await VersionsAsync(context))[0];
        (version.FilesAdded, version.FilesChanged, version.FilesDeleted).ShouldBe((1, 0, 1));
    }

    [Fact]
    public async Task A_file_written_in_place_with_its_size_and_time_unchanged_is_stored()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >f; touch -d '2001-02-03 UTC' f");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 2 >f; touch -d '2001-02-03 UTC' f", Path);
        await UploadAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["f=2"]);
        await ShellAsync(session, "echo 3 >f; touch -d '2001-02-03 UTC' f", Path);
        await UploadAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["f=3"]);
    }

    [Fact]
    public async Task Syncs_while_a_program_writes_lose_nothing_in_the_end()
    {
        var (context, session) = await MountedAsync();
        await ShellAsync(session, "(for i in $(seq 300); do echo $i >>log; echo $i >f$((i % 20)); mv f$((i % 20)) g$((i % 20)); done; touch /tmp/done) >/dev/null 2>&1 &", Path);
        for (var i = 0; i < 5; i++)
        {
            await UploadAsync(session);
        }
        await ShellAsync(session, "until [ -e /tmp/done ]; do sleep 0.02; done");
        var seen = await TreeAsync(session, Path);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(seen);
        seen.Count(l => l.StartsWith('g')).ShouldBe(20);
    }

    [Fact]
    public async Task Many_syncs_of_one_session_and_many_sessions_add_up()
    {
        // More versions than fit into a stack of layers without a merge.
        var context = await NewContextAsync();
        for (var round = 0; round < 3; round++)
        {
            var session = await StartAsync(context.At(Path));
            for (var i = 0; i < 15; i++)
            {
                await ShellAsync(session, $"echo {i} >n{round}-{i}; echo {round}-{i} >last; rm -f n{round}-{i - 2}; mkdir -p d{i % 3}; rm -rf d{(i + 1) % 3}", Path);
                await UploadAsync(session);
            }
            await ReleaseAsync(session);
        }
        (await StoredAsync(context, Path)).ShouldBe(
            ["d1/", "d2/", "last=2-14", "n0-13=13", "n0-14=14", "n1-13=13", "n1-14=14", "n2-13=13", "n2-14=14"]);
    }

    private async Task<(AgbContext Context, AgbSession Session)> MountedAsync()
    {
        var context = await NewContextAsync();
        return (context, await StartAsync(context.At(Path)));
    }
}
