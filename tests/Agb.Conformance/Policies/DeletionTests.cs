using System.Globalization;

namespace Agb.Conformance.Policies;

/// <summary>Tests of deletions: mirrored or not, of a whole mount, and above the caller's limit.</summary>
[RunsOn(Services.Overlay | Services.Copy)]
public sealed class DeletionTests : ServiceTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task Without_mirrored_deletions_what_is_deleted_stays_over_many_uploads()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d/e; echo 1 >a; echo 1 >d/b; echo 1 >d/e/c");
        var session = await StartAsync(context.At(Path, mirrorDeletions: false));
        await ShellAsync(session, "rm a; rm -r d/e", Path);
        (await UploadAsync(session)).Version.ShouldBeNull();
        await ShellAsync(session, "echo 2 >new; mkdir d/e; echo 2 >d/e/other", Path);
        await UploadAsync(session);
        await ShellAsync(session, "rm -r new d", Path);
        (await UploadAsync(session)).Version.ShouldBeNull();
        await ShellAsync(session, "echo 3 >a; echo 3 >last", Path);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(
            ["a=3", "d/", "d/b=1", "d/e/", "d/e/c=1", "d/e/other=2", "last=3", "new=2"]);
    }

    [Fact]
    public async Task Without_mirrored_deletions_a_session_that_empties_its_mount_changes_nothing()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >a");
        var session = await StartAsync(context.At(Path, mirrorDeletions: false));
        await ShellAsync(session, "rm a", Path);
        var task = await UploadAsync(session);
        task.Version.ShouldBeNull();
        task.Warnings.ShouldBeEmpty();
        (await StoredAsync(context, Path)).ShouldBe(["a=1"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mount_that_is_emptied_is_stored_so_with_a_warning(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 1 >a; echo 1 >d/b");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm -r a d", Path);
        await StoreAsync(session, onRelease);
        var task = (await Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token))
            .ShouldHaveSingleItem();
        task.Status.ShouldBe(AgbSyncTaskStatus.Success, task.ErrorMessage);
        var warning = task.Warnings.ShouldHaveSingleItem();
        warning.ShouldContain(Path);
        warning.ShouldContain("2 files");
        warning.ShouldContain("Version 1");
        (await StoredAsync(context, Path)).ShouldBeEmpty();
        (await VersionsAsync(context)).Select(v => v.Version).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task An_upload_that_leaves_something_has_no_warning()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >a; echo 1 >b");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm a", Path);
        (await UploadAsync(session)).Warnings.ShouldBeEmpty();
        await ShellAsync(session, "rm b; mkdir empty", Path);
        (await UploadAsync(session)).Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_upload_that_would_delete_more_than_allowed_is_refused_with_the_numbers()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; for i in 1 2 3 4 5 6 7 8; do echo $i >d/$i; done; echo 1 >kept");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm -r d; echo 2 >new", Path);
        var error = await RefusesAsync(AgbErrorIds.TooManyDeletions, () => StartAsync(session, 50));
        foreach (var part in (string[])["8 of 9", "88.89", "50", Path])
        {
            error.Message.ShouldContain(part);
        }
        (await Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token)).ShouldBeEmpty();
        await StartAsync(session, 90);
        var done = await Service.WaitSyncAsync(session, Patience, cancellationToken: Token);
        done.Single(t => t.TaskType == AgbSyncTaskType.Upload).Status.ShouldBe(AgbSyncTaskStatus.Success);
        (await StoredAsync(context, Path)).ShouldBe(["kept=1", "new=2"]);
    }

    [Fact]
    public async Task No_deletion_is_allowed_by_a_limit_of_zero_and_all_by_a_hundred()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >a; echo 1 >b");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 2 >c", Path);
        await StartAsync(session, 0);
        await Service.WaitSyncAsync(session, Patience, cancellationToken: Token);
        await ShellAsync(session, "rm a b c", Path);
        await RefusesAsync(AgbErrorIds.TooManyDeletions, () => StartAsync(session, 0));
        await RefusesAsync(AgbErrorIds.TooManyDeletions, () => StartAsync(session, 99.9));
        await StartAsync(session, 100);
        await Service.WaitSyncAsync(session, Patience, cancellationToken: Token);
        (await StoredAsync(context, Path)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100.5)]
    [InlineData(double.NaN)]
    public async Task A_limit_that_is_no_percentage_is_refused(double percent)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        var error = await RefusesAsync(AgbErrorIds.InvalidSessionOption, () => StartAsync(session, percent));
        error.Message.ShouldContain(percent.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_limit_for_a_download_is_refused()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await RefusesAsync(AgbErrorIds.InvalidSessionOption, () => Service.StartSyncAsync(
            session, new AgbSyncRequest { Mode = AgbSyncTaskType.Download, MaxDeletePercent = 5 }, Token));
    }

    private Task<IReadOnlyList<AgbSyncStatus>> StartAsync(AgbSession session, double percent) =>
        Service.StartSyncAsync(session, new AgbSyncRequest { MaxDeletePercent = percent }, Token);
}
